"""Several llms in a row: the next one steps in where one fails before its first word."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain

from ..protocol.faults import Code, Fault
from .base import CancelToken, Llm, LlmRequest, Part, RetryPart, TextPart, speaks
from .breaker import DOWN, FAILURES, Breakers
from .providers import about, provider_of

FINAL = frozenset({Code.LLM_REFUSED, Code.LLM_BUDGET, Code.STORE_UNAVAILABLE})
"""Nobody steps in: what was refused is the question's affair, what was spent the person's."""
BUILTIN_TITLE = "The built-in engine, without a language model,"


class Chain:
    """`links` in the order they are asked; `last` steps in only when the others are down and it can read the question.

    One for each attempt of a turn: who has stepped in stays, so that no answer changes hands to and fro, and what
    only an llm of this machine may see never reaches another one. `name` and `local` are those of who speaks now.
    """

    def __init__(self, links: Sequence[Llm], breakers: Breakers, last: Llm | None = None) -> None:
        self.links, self.last, self._breakers = list(links), last, breakers
        self._at = 0

    @property
    def _speaker(self) -> Llm:
        return [*self.links, self.last][self._at] or self.links[-1]

    @property
    def name(self) -> str:
        return self._speaker.name

    @property
    def local(self) -> bool:
        return self._speaker.local

    def each(self, wrap: Callable[[Llm], Llm]) -> Chain:
        """The same row of wrapped llms, from its beginning."""
        last = wrap(self.last) if self.last is not None else None
        return Chain([wrap(link) for link in self.links], self._breakers, last)

    def stream(self, request: LlmRequest, cancel: CancelToken) -> Iterator[Part]:
        """Parts as they come. Raises the first llm's `Fault` when nobody can step in, or `Cancelled`."""
        faults: list[Fault] = []
        while self._at < len(self.links):
            spoke = False
            try:
                for part in self._guarded(self.links[self._at], request, cancel):
                    spoke = spoke or speaks(part)
                    yield part
                return
            except Fault as fault:
                if spoke or fault.code in FINAL:
                    raise
                faults.append(fault)
            if self._at + 1 == len(self.links):
                break
            self._at += 1
            yield _stepping_in(self._at, faults[-1], self.links[self._at])
        if self.last is not None:
            yield from self._at_last(self.last, request, cancel, faults)
        elif faults:
            raise faults[0]

    def _at_last(self, last: Llm, request: LlmRequest, cancel: CancelToken, faults: Sequence[Fault]) -> Iterator[Part]:
        if not faults:
            yield from last.stream(request, cancel)
            return
        if faults[0].code not in DOWN or not request.tools:
            raise faults[0]
        parts = last.stream(request, cancel)
        try:
            said = _begun(parts)
        except Fault:
            raise faults[0] from None
        if not _results_are_there(request) and all(isinstance(part, TextPart) for part in said):
            # It only has words of apology: the fault says more, and can be retried.
            self._at = 0
            raise faults[0]
        self._at = len(self.links)
        yield _stepping_in(self._at, faults[-1], last)
        yield from chain(said, parts)

    def _guarded(self, llm: Llm, request: LlmRequest, cancel: CancelToken) -> Iterator[Part]:
        """`llm`, as far as its provider may be asked now."""
        if llm.local:
            yield from llm.stream(request, cancel)
            return
        provider = provider_of(llm.name)
        rests = self._breakers.ask(provider)
        if rests:
            raise _resting(llm.name, rests)
        known = False
        try:
            for part in llm.stream(request, cancel):
                if not known and speaks(part):
                    known = True
                    self._breakers.answered(provider)
                yield part
        except Fault as fault:
            if not known:
                (self._breakers.failed if fault.code in DOWN else self._breakers.left)(provider)
                known = True
            raise
        finally:
            if not known:
                self._breakers.left(provider)


def _begun(parts: Iterator[Part]) -> list[Part]:
    """The parts of `parts` up to the first that is more than words."""
    said: list[Part] = []
    for part in parts:
        said.append(part)
        if not isinstance(part, TextPart):
            break
    return said


def _results_are_there(request: LlmRequest) -> bool:
    """Whether what is wanted are words for what tools have found."""
    spoken = [m["role"] for m in request.messages if m.get("role") in ("user", "tool")]
    return spoken[-1:] == ["tool"]


def _stepping_in(number: int, trouble: Fault, llm: Llm) -> RetryPart:
    who = llm.name if provider_of(llm.name) else BUILTIN_TITLE
    return RetryPart(number, f"{trouble.record.message} {who} answers instead.", llm.name)


def _resting(llm: str, seconds: float) -> Fault:
    message = f"{about(llm).title} failed at least {FAILURES} times in a row: it rests for another {seconds:.0f} s."
    hint = "Ask again then, or choose another llm."
    return Fault(Code.LLM_UNAVAILABLE, message, hint, retryable=True, about=llm)
