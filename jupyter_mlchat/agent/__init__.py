"""How an answer comes about: what an llm is sent, the rounds it takes, the tools it calls."""
