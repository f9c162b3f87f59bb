"""What is known of providers before litellm is imported. Names as litellm spells them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Provider:
    """`key` is the environment variable of its API key; `default` the llm taken when only it is named."""

    title: str
    key: str = ""
    default: str = ""
    local: bool = False
    """Runs on this machine or one nearby, may have to load the llm first, and costs nothing per token."""


PROVIDERS = {
    "openai": Provider("OpenAI", "OPENAI_API_KEY", "openai/gpt-4.1-mini"),
    "anthropic": Provider("Anthropic", "ANTHROPIC_API_KEY", "anthropic/claude-sonnet-4-6"),
    "huggingface": Provider("Hugging Face", "HUGGINGFACE_API_KEY", "huggingface/meta-llama/Llama-3.3-70B-Instruct"),
    "gemini": Provider("Google Gemini", "GEMINI_API_KEY", "gemini/gemini-flash-latest"),
    "mistral": Provider("Mistral", "MISTRAL_API_KEY", "mistral/mistral-medium-latest"),
    "groq": Provider("Groq", "GROQ_API_KEY"),
    "deepseek": Provider("DeepSeek", "DEEPSEEK_API_KEY", "deepseek/deepseek-chat"),
    "openrouter": Provider("OpenRouter", "OPENROUTER_API_KEY"),
    "together_ai": Provider("Together AI", "TOGETHERAI_API_KEY"),
    "xai": Provider("xAI", "XAI_API_KEY"),
    "azure": Provider("Azure OpenAI", "AZURE_API_KEY"),
    "ollama_chat": Provider("Ollama", local=True),
    "lm_studio": Provider("LM Studio", local=True),
    "hosted_vllm": Provider("vLLM", local=True),
    "llamafile": Provider("llamafile", local=True),
    "docker_model_runner": Provider("Docker Model Runner", local=True),
    "lemonade": Provider("Lemonade", local=True),
    "xinference": Provider("Xinference", local=True),
}

_OTHERS = """
    ai21 ai21_chat aiml amazon_nova azure_ai baseten bedrock cerebras chutes clarifai cloudflare
    codestral cohere cohere_chat cometapi dashscope databricks datarobot deepinfra featherless_ai
    fireworks_ai friendliai galadriel gigachat github github_copilot gradient_ai heroku hyperbolic
    infinity lambda_ai litellm_proxy meta_llama minimax moonshot morph nebius novita nscale
    nvidia_nim oci ovhcloud perplexity poe replicate sagemaker sagemaker_chat sambanova snowflake
    triton v0 vercel_ai_gateway vertex_ai volcengine wandb watsonx zai
"""
KNOWN = frozenset([*PROVIDERS, *_OTHERS.split()])
"""Every provider that can be named: ours, and those that litellm serves and of which we know no more."""

ALIASES = {"ollama": "ollama_chat", "hf": "huggingface", "google": "gemini", "claude": "anthropic"}
"""What people write. `ollama/` is litellm's older route, without native tool calls."""


def provider_of(llm: str) -> str:
    """`openai` of `openai/gpt-4.1-mini`; "" when there is no provider in the name."""
    provider, slash, _ = llm.partition("/")
    return provider if slash else ""


def about(llm: str) -> Provider:
    name = provider_of(llm)
    return PROVIDERS.get(name) or Provider(name or llm)
