"""What the events of a turn add up to."""

from __future__ import annotations

from jupyter_mlchat.observe.records import (
    Evaluated,
    EventStored,
    FirstWord,
    LlmUsed,
    Record,
    ReviewRecord,
    SteppedIn,
    ToolRecord,
    TurnRecord,
)
from jupyter_mlchat.observe.story import REMEMBERED, Story
from jupyter_mlchat.protocol.evaluations import Check
from jupyter_mlchat.protocol.events import (
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
from jupyter_mlchat.protocol.faults import Code, FaultRecord
from jupyter_mlchat.protocol.records import ConversationId, ToolResult, TurnId, Usage

C, T = ConversationId("c"), TurnId("t")


class Told:
    """A story, and what it told."""

    def __init__(self) -> None:
        self.now = 100.0
        self.records: list[Record] = []
        self.story = Story(self.records.append, clock=lambda: self.now, now=lambda: self.now)

    def hear(self, event: Event, after: float = 0.0) -> list[Record]:
        """What it tells of an event, `after` seconds later; how long the store took is left out."""
        self.now += after
        before = len(self.records)
        self.story.hear(event)
        return [record for record in self.records[before:] if not isinstance(record, EventStored)]


def started(llm: str = "openai/one") -> TurnStarted:
    return TurnStarted(conversation=C, turn=T, llm=llm, time=100.0)


def test_a_turn_with_a_tool_and_an_answer() -> None:
    told = Told()
    told.story.runs(T, "ann")
    place = {"actor": "ann", "conversation": C, "turn": T}
    assert told.hear(started(), after=1) == [TurnRecord(**place, action="started", llm="openai/one")]
    assert told.hear(ToolCalled(conversation=C, turn=T, call="1", tool="run_code", effect="execute"), after=1) == []
    result = ToolResult(ok=False, fault={"code": "tool_failed", "message": "secret 4711"})
    assert told.hear(ToolReturned(conversation=C, turn=T, call="1", tool="run_code", result=result), after=0.5) == [
        ToolRecord(**place, tool="run_code", effect="execute", ok=False, fault="tool_failed", elapsed_ms=500.0)
    ]
    assert told.hear(TextDelta(conversation=C, turn=T, offset=0, text="4711"), after=0.5) == [
        FirstWord(llm="openai/one", elapsed_s=2.0)
    ]
    assert told.hear(TextDelta(conversation=C, turn=T, offset=4, text="!")) == []
    used = Usage("openai/one", 10, 2, 0.25)
    assert told.hear(UsageReported(conversation=C, turn=T, usage=used)) == [
        LlmUsed(llm="openai/one", prompt_tokens=10, completion_tokens=2, cost=0.25)
    ]
    assert told.hear(TurnEnded(conversation=C, turn=T, state="completed"), after=1) == [
        TurnRecord(**place, action="ended", state="completed", llm="openai/one", elapsed_ms=3000.0)
    ]
    assert "4711" not in repr(told.records)


def test_who_steps_in_has_the_last_word() -> None:
    told = Told()
    told.hear(started())
    assert told.hear(Notice(conversation=C, turn=T, text="down", code="fallback", llm="groq/two")) == [
        SteppedIn(llm="groq/two")
    ]
    assert told.hear(Notice(conversation=C, turn=T, text="again", code="retry")) == []
    fault = FaultRecord(Code.LLM_QUOTA, "no money")
    [ended] = told.hear(TurnEnded(conversation=C, turn=T, state="failed", fault=fault))
    assert isinstance(ended, TurnRecord)
    assert (ended.llm, ended.state, ended.fault) == ("groq/two", "failed", "llm_quota")


def test_a_turn_that_waits_begins_anew_and_one_that_never_ran_has_no_time() -> None:
    told = Told()
    told.hear(started())
    [waits] = told.hear(TurnWaiting(conversation=C, turn=T, waits_for="approval"), after=2)
    assert isinstance(waits, TurnRecord) and (waits.action, waits.elapsed_ms) == ("waiting", 2000.0)
    [ended] = told.hear(TurnEnded(conversation=C, turn=T, state="cancelled"), after=500)
    assert isinstance(ended, TurnRecord) and (ended.state, ended.elapsed_ms) == ("cancelled", 0.0)


def test_a_call_that_was_denied_was_no_call() -> None:
    told = Told()
    told.hear(started())
    assert told.hear(ToolReturned(conversation=C, turn=T, call="1", tool="x", result=ToolResult(ok=False))) == []


def test_a_reviewer_is_named_and_checks_go_to_the_llm_that_answered() -> None:
    told = Told()
    told.story.runs(T, "ann", "teacher")
    told.hear(started())
    told.hear(TurnEnded(conversation=C, turn=T, state="completed"))
    checks = [Check("grounded", "rules", 1.0), Check("safety", "rules", 0.0, failed=True), Check("quality", "judge")]
    assert told.hear(Evaluation(conversation=C, turn=T, checks=checks)) == [
        Evaluated(check=name, outcome=outcome, llm="openai/one", prompt="teacher")
        for name, outcome in (("grounded", "passed"), ("safety", "failed"), ("quality", "unknown"))
    ]
    place = {"conversation": C, "turn": T}
    assert told.hear(ReviewClosed(**place, review="r", outcome="corrected", text="better", by="eve")) == [
        ReviewRecord(**place, actor="eve", decision="corrected", review="r")
    ]


def test_how_long_the_store_took_and_never_less_than_nothing() -> None:
    told = Told()
    told.now = 100.25
    told.story.hear(started())
    told.now = 90.0
    told.story.hear(started())
    lags = [record.lag_s for record in told.records if isinstance(record, EventStored)]
    assert lags == [0.25, 0.0]


def test_of_old_turns_nothing_is_kept() -> None:
    told = Told()
    for number in range(REMEMBERED + 5):
        told.story.runs(str(number), "ann")
    [ended] = told.hear(TurnEnded(conversation=C, turn=TurnId("0"), state="abandoned"))
    assert ended.actor == ""
    [ended] = told.hear(TurnEnded(conversation=C, turn=TurnId("5"), state="abandoned"))
    assert ended.actor == "ann"
