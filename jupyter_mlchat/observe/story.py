"""What the events of a turn add up to: how long it took, when its first word came, which tools it used."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from msgspec.structs import replace

from ..protocol.events import (
    Evaluation,
    Event,
    Notice,
    ReviewClosed,
    TextDelta,
    ToolCalled,
    ToolReturned,
    TurnEnded,
    TurnStarted,
    TurnWaiting,
    UsageReported,
)
from ..protocol.records import Effect, Usage
from .records import (
    Evaluated,
    EventStored,
    FirstWord,
    LlmUsed,
    Outcome,
    Record,
    ReviewRecord,
    SteppedIn,
    ToolRecord,
    TurnRecord,
)

REMEMBERED = 1_000
"""Turns whose owner and llm are known after their end: an evaluation comes later."""


@dataclass
class _Turn:
    owner: str = ""
    prompt: str = ""
    llm: str = ""


@dataclass
class _Attempt:
    llm: str
    route: str
    began: float
    spoke: bool = False
    calls: dict[str, tuple[Effect, float]] = field(default_factory=dict)
    """When each open call began, and what it does."""


class Story:
    """`clock` in seconds, for durations alone. Call it in the service's loop."""

    def __init__(
        self,
        tell: Callable[[Record], None],
        clock: Callable[[], float] = time.perf_counter,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._tell, self._clock, self._now = tell, clock, now
        self._attempts: dict[str, _Attempt] = {}
        self._known: dict[str, _Turn] = {}

    def runs(self, turn: str, owner: str, prompt: str = "") -> None:
        """Whose turn it is that the next events come from, and the prompt it is answered with."""
        self._known.pop(turn, None)
        while len(self._known) >= REMEMBERED:
            self._known.pop(next(iter(self._known)))
        self._known[turn] = _Turn(owner, prompt)

    def hear(self, event: Event) -> None:
        if event.durable:
            self._tell(EventStored(lag_s=max(0.0, self._now() - event.time)))
        turn = event.turn or ""
        if isinstance(event, TurnStarted):
            attempt = self._attempts[turn] = _Attempt(event.llm, event.route, self._clock())
            self._tell(self._of_turn(event, attempt, TurnRecord(action="started")))
        elif isinstance(event, (TurnWaiting, TurnEnded)):
            self._rest(event, self._attempts.pop(turn, None))
        elif isinstance(event, UsageReported):
            self._tell(_used(event.usage))
        elif isinstance(event, (Evaluation, ReviewClosed)):
            self._judged(event, self._known.get(turn, _Turn()))
        elif turn in self._attempts:
            self._go_on(event, self._attempts[turn])

    def _go_on(self, event: Event, attempt: _Attempt) -> None:
        if isinstance(event, TextDelta) and not attempt.spoke:
            attempt.spoke = True
            self._tell(FirstWord(llm=attempt.llm, elapsed_s=self._clock() - attempt.began))
        elif isinstance(event, ToolCalled):
            attempt.calls[event.call] = event.effect, self._clock()
        elif isinstance(event, ToolReturned):
            called = attempt.calls.pop(event.call, None)
            if called is None:
                # Of another attempt, and not run in this one: the approval has said so, or the form.
                return
            (effect, began), result = called, event.result
            self._tell(
                ToolRecord(
                    actor=self._known.get(event.turn or "", _Turn()).owner,
                    conversation=event.conversation,
                    turn=event.turn or "",
                    tool=event.tool,
                    effect=effect,
                    ok=result.ok,
                    fault=str((result.fault or {}).get("code", "")),
                    elapsed_ms=round(1e3 * (self._clock() - began), 3),
                )
            )
        elif isinstance(event, Notice) and event.code == "fallback":
            attempt.llm = event.llm
            self._tell(SteppedIn(llm=event.llm))

    def _judged(self, event: Evaluation | ReviewClosed, turn: _Turn) -> None:
        if isinstance(event, ReviewClosed):
            place = {"conversation": event.conversation, "turn": event.turn or ""}
            self._tell(ReviewRecord(decision=event.outcome, review=event.review, actor=event.by, **place))
            return
        for check in event.checks:
            outcome: Outcome = "failed" if check.failed else "unknown" if check.score is None else "passed"
            llm, prompt = event.llm or turn.llm, event.prompt or turn.prompt
            self._tell(Evaluated(check=check.name, outcome=outcome, llm=llm, prompt=prompt))
        if event.usage is not None:
            self._tell(_used(event.usage))

    def _rest(self, event: TurnWaiting | TurnEnded, attempt: _Attempt | None) -> None:
        if isinstance(event, TurnWaiting):
            record = TurnRecord(action="waiting")
        else:
            code = event.fault.code.value if event.fault is not None else ""
            record = TurnRecord(action="ended", state=event.state, fault=code)
        self._tell(self._of_turn(event, attempt, record))

    def _of_turn(self, event: Event, attempt: _Attempt | None, record: TurnRecord) -> TurnRecord:
        turn = event.turn or ""
        known = self._known.get(turn, _Turn())
        whole = replace(record, actor=known.owner, conversation=event.conversation, turn=turn)
        if attempt is None:
            return whole
        known.llm = attempt.llm
        elapsed_ms = round(1e3 * (self._clock() - attempt.began), 3) if record.action != "started" else 0.0
        return replace(whole, llm=attempt.llm, route=attempt.route, elapsed_ms=elapsed_ms)


def _used(used: Usage) -> LlmUsed:
    return LlmUsed(
        llm=used.llm,
        prompt_tokens=used.prompt_tokens,
        completion_tokens=used.completion_tokens,
        cost=used.cost,
    )
