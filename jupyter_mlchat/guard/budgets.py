"""How much may be spent: limits of tokens and US dollars that stop a call before it is made."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal, TypeVar

import msgspec

from ..llm.base import Around, CancelToken, Llm, LlmRequest, NoticePart, Part, UsagePart, speaks
from ..llm.meter import BYTES_A_TOKEN, Meter
from ..llm.pictures import pictures_in, without_pictures
from ..protocol.faults import Code, Fault
from ..settings import MLChat

Scope = Literal["turn", "conversation", "day"]
Unit = Literal["tokens", "usd"]
SCOPES: tuple[Scope, ...] = ("turn", "conversation", "day")
N = TypeVar("N", int, float)
PICTURE_TOKENS = 1_500
"""About what the larger providers count for a figure of a notebook, at most."""


@dataclass(frozen=True)
class Spent:
    """Calls of unknown price are in `tokens` alone."""

    tokens: int = 0
    usd: float = 0.0


@dataclass(frozen=True)
class Budget:
    """The most of one scope. None is no limit; 0 tokens no call at all, 0 dollars none that may cost anything."""

    scope: Scope
    tokens: int | None = None
    usd: float | None = None


def budgets_of(settings: MLChat) -> list[Budget]:
    """Those that are set. Raises Fault `invalid_input` for what is no number: a slip must not lift a limit."""
    found = [Budget(s, _limit(settings, s, "tokens", int), _limit(settings, s, "usd", float)) for s in SCOPES]
    return [budget for budget in found if (budget.tokens, budget.usd) != (None, None)]


def _limit(settings: MLChat, scope: Scope, unit: Unit, kind: type[N]) -> N | None:
    given, name = getattr(settings, f"budget_{scope}_{unit}"), variable_of(scope, unit)
    text = settings.variable(name) if given is None else str(given)
    if not text:
        return None
    with suppress(ValueError):
        limit = kind(text)
        if 0 <= limit < math.inf:
            return limit
    hint = f"Set it to 0 or more, such as {5000 if unit == 'tokens' else 2.5}, or leave it out for no limit."
    raise Fault(Code.INVALID_INPUT, f"The budget {name} is not a number that can be spent.", hint, about=name)


def variable_of(scope: Scope, unit: Unit) -> str:
    """The environment variable of a budget."""
    return f"AI_BUDGET_{scope}_{unit}".upper()


Price = Callable[[int, int], float | None]
"""US dollars of so many tokens in and out, None when nobody knows."""


def estimated_tokens(request: LlmRequest) -> int:
    """About how many tokens a request begins with. A picture is priced by its size on the screen, not by its bytes."""
    body = {"messages": without_pictures(request.messages), "tools": request.tools}
    words = -(-len(msgspec.json.encode(body)) // BYTES_A_TOKEN)
    return words + PICTURE_TOKENS * pictures_in(request.messages)


def check(budgets: Sequence[Budget], spent: Mapping[Scope, Spent], llm: str, tokens: int, usd: float | None) -> None:
    """Raises Fault `llm_budget` when a call that begins with about `tokens`, for `usd`, would pass a budget."""
    for budget in budgets:
        before = spent.get(budget.scope, Spent())
        if budget.tokens is not None and before.tokens + tokens > budget.tokens:
            limit, used = f"{budget.tokens:,} tokens", f"{before.tokens:,}"
            raise _over(budget, "tokens", limit, used, f"about {tokens:,}", llm)
        if budget.usd is None or usd == 0.0:
            continue
        if budget.usd == 0.0 or before.usd + (usd or 0.0) > budget.usd:
            about = "an unknown price" if usd is None else f"about {money(usd)}"
            raise _over(budget, "usd", money(budget.usd), money(before.usd), about, llm)


def money(usd: float) -> str:
    """Like `$0.0042`, as many digits as say something."""
    return f"${usd:.2f}" if usd == 0 or usd >= 1 else f"${usd:.2g}" if usd >= 0.0001 else "less than $0.0001"


def _over(budget: Budget, unit: Unit, limit: str, used: str, about: str, llm: str) -> Fault:
    variable = variable_of(budget.scope, unit)
    scope = {"turn": "a question", "conversation": "a conversation", "day": "a day"}[budget.scope]
    nothing = not (budget.tokens if unit == "tokens" else budget.usd)
    if nothing:
        what = "no language model" if unit == "tokens" else "nothing that may cost money"
        message = f"{llm} was not asked: the budget of {scope} is {limit}, so {what} is called."
    else:
        message = (
            f"{llm} was not asked: the budget of {scope} is {limit}, of which {used} are spent, and this call begins "
            f"with {about}."
        )
    instead = {
        "turn": "Ask for less at once",
        "conversation": "Begin a new conversation (`%chat new`)",
        "day": "Go on tomorrow",
    }
    first = "Use" if nothing else f"{instead[budget.scope]}, use"
    hint, wait = f"{first} the llm `builtin`, or raise {variable}.", 0.0
    if budget.scope == "day" and not nothing:
        wait = (
            datetime.combine(date.today() + timedelta(days=1), datetime.min.time()) - datetime.now()
        ).total_seconds()
    return Fault(Code.LLM_BUDGET, message, hint, about=variable, retry_after=math.ceil(wait))


class Purse(Around):
    """An llm that asks what is left before every call, says what a long one will cost, and counts what it took.

    `spent` is read anew for each call. `announce` is from how many tokens on a call is announced, None for never.
    """

    def __init__(
        self,
        llm: Llm,
        price: Price,
        budgets: Sequence[Budget],
        spent: Callable[[], Mapping[Scope, Spent]],
        meter: Meter,
        announce: int | None = None,
    ) -> None:
        super().__init__(llm)
        self._price, self._budgets, self._spent = price, budgets, spent
        self._meter, self._announce = meter, announce

    def stream(self, request: LlmRequest, cancel: CancelToken) -> Iterator[Part]:
        """As the llm itself. Raises Fault `llm_budget` before anything leaves."""
        tokens = estimated_tokens(request)
        announced = self._announce is not None and tokens >= self._announce
        priced = announced or any(budget.usd is not None for budget in self._budgets)
        usd = self._price(tokens, 0) if priced else None
        if self._budgets:
            check(self._budgets, self._spent(), self.name, tokens, usd)
        if announced:
            self._announce = None
            cost = f", {money(usd)}," if usd else ""
            words = f"This question goes to {self.name} with about {tokens:,} tokens{cost} before its answer."
            yield NoticePart(f"{words} `%chat new` begins without the earlier turns.", "estimate")
        self._meter.begin(self.name, tokens, self._price)
        yield from self._metered(self._llm.stream(request, cancel))

    def _metered(self, parts: Iterator[Part]) -> Iterator[Part]:
        """The parts; what an answer that began has taken is always among them, or open in the meter."""
        try:
            for part in parts:
                if isinstance(part, UsagePart):
                    part = UsagePart(self._meter.reported(part.usage))
                elif speaks(part):
                    self._meter.said(part)
                yield part
        except Fault:
            yield from self._rest()
            raise
        yield from self._rest()

    def _rest(self) -> Iterator[Part]:
        usage = self._meter.unreported()
        if usage is not None:
            yield UsagePart(usage)
