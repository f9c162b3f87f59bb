"""How good an answer is: rules, a judge, other packages' evaluators, and what follows where one of them fails it."""
