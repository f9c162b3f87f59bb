"""What a client is sent while it is behind, while a command of it is under way, and when it is too far behind."""

from __future__ import annotations

import json
from typing import Any

from jupyter_mlchat.connections.outbox import MERGE_LENGTH, Outbox, frame_of
from jupyter_mlchat.protocol.codec import MAX_EVENT_BYTES
from jupyter_mlchat.protocol.events import Accepted, Notice, Pong, TextDelta, TurnEnded, TurnStarted
from jupyter_mlchat.protocol.records import AttemptId, CommandId, ConversationId, TurnId

C, T, A = ConversationId("c"), TurnId("t"), AttemptId("a")


def delta(text: str, offset: int, attempt: AttemptId = A) -> TextDelta:
    return TextDelta(conversation=C, turn=T, attempt=attempt, offset=offset, text=text)


def notice(text: str, turn: str | None = None) -> Notice:
    return Notice(conversation=C, turn=TurnId(turn) if turn else None, text=text)


async def sent(outbox: Outbox) -> list[dict[str, Any]]:
    outbox.finish()
    frames = []
    while (frame := await outbox.next()) is not None:
        frames.append(json.loads(frame))
    return frames


def never() -> None:
    raise AssertionError("it overflowed")


async def test_deltas_merge_only_where_they_continue():
    outbox = Outbox(never)
    for event in (delta("ab", 0), delta("cd", 2), notice("between"), delta("ef", 4), delta("x", 9), delta("y", 10)):
        outbox.put(event)
    outbox.put(delta("other", 11, AttemptId("b")))
    texts = [(event["text"], event.get("offset")) for event in await sent(outbox)]
    assert texts == [("abcd", 0), ("between", None), ("ef", 4), ("xy", 9), ("other", 11)]


async def test_a_reader_that_keeps_up_gets_every_delta_by_itself():
    outbox = Outbox(never)
    for offset in range(3):
        outbox.put(delta("x", offset))
        assert json.loads(await outbox.next() or b"")["offset"] == offset


async def test_merged_deltas_stay_small_enough_for_a_frame():
    outbox = Outbox(never, max_bytes=10**9)
    for number in range(100):
        outbox.put(delta("x" * 4096, 4096 * number))
    frames = await sent(outbox)
    assert max(len(event["text"]) for event in frames) < MERGE_LENGTH + 4096
    assert sum(len(event["text"]) for event in frames) == 100 * 4096


async def test_too_many_frames_or_bytes_are_given_up_once():
    for bounds, event in (({"max_frames": 3}, notice("x")), ({"max_bytes": 300}, notice("x" * 100))):
        told: list[bool] = []
        outbox = Outbox(lambda told=told: told.append(True), **bounds)
        for _ in range(9):
            outbox.put(event)
        assert told == [True]
        assert await sent(outbox) == []


async def test_text_that_nobody_reads_counts_too():
    told: list[bool] = []
    outbox = Outbox(lambda: told.append(True), max_bytes=1000)
    for number in range(20):
        outbox.put(delta("x" * 100, 100 * number))
    assert told == [True]


async def test_a_long_past_is_not_the_readers_fault():
    outbox = Outbox(never, max_frames=3)

    async def follow() -> str:
        for number in range(50):
            outbox.put(notice(str(number)))
        return "following"

    assert await outbox.replay(follow()) == "following"
    for text in "abc":
        outbox.put(notice(text))
    assert len(await sent(outbox)) == 53


async def test_a_past_that_is_asked_for_in_batches_comes_in_full_frames_before_what_happens_now():
    outbox = Outbox(never, max_frames=10)
    half = "x" * (MAX_EVENT_BYTES // 2)

    async def follow() -> None:
        for text in ["a", "b", half, half, "c"]:
            outbox.put(notice(text))

    outbox.put(notice("before"))
    await outbox.replay(follow(), batched=True)
    outbox.put(notice("now"))
    frames = await sent(outbox)
    batches = [[event["text"][:1] for event in frame.get("events", [])] for frame in frames]
    assert batches == [[], ["a", "b", "x"], ["x", "c"], []]
    assert [frame.get("more", False) for frame in frames] == [False, True, False, False]
    assert (frames[0]["text"], frames[-1]["text"]) == ("before", "now")


async def test_the_answer_to_a_command_comes_before_what_it_causes():
    outbox = Outbox(never)
    outbox.put(TurnStarted(conversation=C, turn=T, llm="builtin"))
    release = outbox.hold(None)
    new = TurnId("new")
    for event in (
        TurnStarted(conversation=C, turn=new, llm="x"),
        delta("runs on", 0),
        notice("of nobody"),
        notice("n", "new"),
    ):
        outbox.put(event)
    outbox.put(Pong(command=CommandId("2")))
    release(Accepted(command=CommandId("1"), turn=new))
    words = [event.get("text", event["type"]) for event in await sent(outbox)]
    assert words == ["turn.started", "runs on", "pong", "accepted", "turn.started", "of nobody", "n"]


async def test_two_commands_under_way_release_each_its_own():
    outbox = Outbox(never)
    first, second = TurnId("1"), TurnId("2")
    for turn in (first, second):
        outbox.put(TurnStarted(conversation=C, turn=turn, llm="x"))
    release_first, release_second = outbox.hold(first), outbox.hold(second)
    for turn in (first, second):
        outbox.put(TurnEnded(conversation=C, turn=turn, state="cancelled"))
    release_second(Accepted(command=CommandId("b"), turn=second))
    release_first(Accepted(command=CommandId("a"), turn=first))
    told = [(event["type"], event["turn"]) for event in await sent(outbox)][2:]
    assert told == [("accepted", "2"), ("turn.ended", "2"), ("accepted", "1"), ("turn.ended", "1")]


async def test_only_what_is_stored_is_sent_by_reference():
    large = "x" * MAX_EVENT_BYTES
    stored = json.loads(frame_of(Notice(conversation=C, seq=7, time=1.0, text=large)))
    assert stored == {
        "type": "referenced", "conversation": "c", "seq": 7, "time": 1.0, "ref": "c-7", "stands_for": "notice",
        "bytes": stored["bytes"],
    }  # fmt: skip
    assert json.loads(frame_of(delta(large, 0)))["text"] == large
