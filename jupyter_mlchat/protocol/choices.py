"""What a conversation chooses about its answers: the route, the prompt, the parameters, and what is permitted."""

from __future__ import annotations

from typing import Literal

from .records import AS_CONFIGURED, ConversationInfo, Decision, Effect, Memory, Record, TurnId

NumberName = Literal["temperature", "max_tokens", "top_p", "top_k"]
LockName = Literal["llm", "route", "prompt", "parameters", "memory", "policy"]


class RouteInfo(Record, frozen=True):
    """A way to an answer. `problem` says why it can't be taken now, "" when it can."""

    name: str
    description: str
    problem: str = ""


class Prompt(Record, frozen=True):
    """Wishes for answers under a name. `text` may hold placeholders such as `{models}`; `updated` in seconds.

    `shipped` ones belong to everybody and can't be changed.
    """

    name: str
    text: str
    description: str = ""
    shipped: bool = False
    updated: float = 0.0


class Bound(Record, frozen=True):
    """What a number of `Parameters` may be for one llm. `taken` is false where it is not sent to it."""

    name: NumberName
    minimum: float
    maximum: float
    whole: bool = False
    taken: bool = True


class BudgetState(Record, frozen=True, kw_only=True, omit_defaults=False):
    """The most `tokens` and US dollars of one scope, null for no limit, and what is spent where that is known."""

    scope: Literal["turn", "conversation", "day"]
    tokens: int | None = None
    usd: float | None = None
    spent: int | None = None
    spent_usd: float | None = None


class Synonym(Record, frozen=True):
    """What was meant by the question that `turn` asked; `synonym.delete` with that turn forgets it."""

    turn: TurnId
    said: str
    meant: str


class Choices(Record, frozen=True):
    """What can be chosen, and in `info` what the conversation has chosen; null when it is not asked about one.

    `bounds` are those of `llm`, "" when it could not be found out. `route`, `prompt`, `memory` and `policy` are what
    holds in fact. What is `locked` the administrator has fixed, and of the policy what is `capped`. `budgets` tell
    what the conversation and the person's day have taken, with or without a limit. `synonyms` are those of the
    conversation's notebook, the newest first.
    """

    routes: list[RouteInfo]
    prompts: list[Prompt]
    bounds: list[Bound]
    llm: str = ""
    info: ConversationInfo | None = None
    memory: Memory = AS_CONFIGURED
    route: str = ""
    prompt: str = ""
    policy: dict[Effect, Decision] = {}
    capped: list[Effect] = []
    locked: list[LockName] = []
    budgets: list[BudgetState] = []
    synonyms: list[Synonym] = []
