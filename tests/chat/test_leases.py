"""Which process has a turn: claims, leases that need no clock on the wall, and what a process leaves behind."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from chat.house import KERNEL, ME, House, new_id
from histories import check_history
from sqlalchemy import Connection, update

from jupyter_mlchat.chat import leases, threads
from jupyter_mlchat.chat.leases import Elsewhere, Leases, Superseded
from jupyter_mlchat.chat.threads import Call, Pending
from jupyter_mlchat.protocol.commands import ConversationOpen, FeedbackGive, TurnCancel
from jupyter_mlchat.protocol.events import Accepted, FeedbackGiven, Notice
from jupyter_mlchat.protocol.faults import Code, Fault
from jupyter_mlchat.protocol.records import CommandId, Context, ConversationId, TurnId
from jupyter_mlchat.store.tables import turns

LEASE_S = 0.9


@pytest.fixture
def house(tmp_path: Path, jp_asyncio_loop: asyncio.AbstractEventLoop) -> Iterator[House]:
    house = House(tmp_path, rate_limit=0, lease=LEASE_S)
    jp_asyncio_loop.run_until_complete(house.open())
    yield house
    jp_asyncio_loop.run_until_complete(house.close())


def test_a_lease_expires_when_it_was_not_renewed_for_so_long_by_our_own_clock() -> None:
    now = [0.0]
    kept = Leases(30, lambda: now[0])
    a, b, free = TurnId("a"), TurnId("b"), TurnId("free")
    assert kept.expired({a: 5.0, b: 9e9, free: 0.0}) == {free}
    now[0] = 29.0
    assert kept.expired({a: 5.0, b: 9e9}) == set()
    now[0] = 31.0
    # `a` was renewed, by a clock that had gone back; `b` was not, though its lease lies far ahead.
    assert kept.expired({a: 4.0, b: 9e9}) == {b}
    now[0] = 45.0
    assert kept.expired({a: 4.0}) == set()
    now[0] = 62.0
    assert kept.expired({a: 4.0, b: 9e9}) == {a}


async def left_behind(house: House, **values: Any) -> TurnId:
    """A turn as a process left it that is gone."""
    info = await house.service.conversations.continued(None, ME, Context(kernel=KERNEL, notebook="n.ipynb"))
    turn = TurnId(new_id())
    call = Call("1", "add", {"a": 1.0})

    def write(tx: Connection, seq: int) -> None:
        threads.add_turn(tx, turn, info.id, "", Context(kernel=KERNEL), "", call, "elsewhere:1")
        threads.set_turn(tx, turn, **values)

    await house.service.journal.append(info.id, [Notice(turn=turn, text="asked")], write)
    return turn


async def test_a_turn_is_taken_once_and_only_when_no_other_runs(house: House) -> None:
    first = await left_behind(house, lease=9e9)
    second = await left_behind(house, lease=9e9)

    def claim(turn: TurnId, tx: Connection) -> Any:
        return leases.claim(tx, turn, "me:1", LEASE_S)

    taken = await house.database.run(lambda tx: claim(first, tx))
    assert (taken.id, taken.state, taken.attempts) == (first, "queued", 0)
    assert await house.database.run(lambda tx: claim(first, tx)) is None
    with pytest.raises(Elsewhere):
        await house.database.run(lambda tx: claim(second, tx))
    await house.database.run(lambda tx: leases.check_held(tx, first, 1))
    with pytest.raises(Superseded):
        await house.database.run(lambda tx: leases.check_held(tx, first, 2))
    await house.database.run(lambda tx: threads.set_turn(tx, first, state="abandoned"))
    with pytest.raises(Superseded):
        await house.database.run(lambda tx: leases.check_held(tx, first, 1))
    assert (await house.database.run(lambda tx: claim(second, tx))).id == second
    assert await house.database.run(lambda tx: claim(TurnId("erased"), tx)) is None


async def reaches(house: House, turn: TurnId, *states: str, seconds: float = 20) -> None:
    began = time.monotonic()
    while await house.state(turn) not in states:
        assert time.monotonic() - began < seconds, await house.state(turn)
        await asyncio.sleep(0.02)


async def test_a_lease_that_lies_far_ahead_expires_all_the_same(house: House) -> None:
    """The process that is gone had a clock that was ahead, or ours was set back."""
    began = time.monotonic()
    turn = await left_behind(house, state="active", attempts=1, lease=time.time() + 3600)
    await reaches(house, turn, "abandoned")
    assert time.monotonic() - began > LEASE_S / 3


async def test_what_stands_in_line_here_and_was_begun_by_a_process_that_is_gone_holds_up_nobody(house: House) -> None:
    """It was taken while this process stood still: to keep its lease would be to wait for it for ever."""
    asked = await left_behind(house, state="queued", lease=9e9)
    begun = await left_behind(house, state="active", attempts=1, lease=9e9)
    conversation = (await house.service.turn(begun, ME)).conversation
    for turn in (asked, begun):
        house.service._queue.add(turn, conversation)
    await reaches(house, begun, "abandoned")
    await reaches(house, asked, "completed")


async def test_a_process_whose_clock_goes_back_keeps_its_turns(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hour = [0.0]
    monkeypatch.setattr(leases, "clock", lambda connection: time.time() - hour[0])
    running = await house.call("slow", seconds=3 * LEASE_S)
    assert running.turn is not None
    await reaches(house, running.turn, "active")
    hour[0] = 3600.0
    other = await House(tmp_path, rate_limit=0, lease=LEASE_S).open()
    await reaches(house, running.turn, "completed", "abandoned")
    assert await house.state(running.turn) == "completed"
    await other.close()


async def test_what_waits_for_a_cell_is_left_to_the_process_that_has_the_kernel(house: House) -> None:
    pending = Pending("cell", "p", Call("1", "add", {"a": 1.0}))
    values = {"state": "waiting", "attempts": 1, "pending": pending}
    theirs = await left_behind(house, lease=9e9, **values)

    async def renews() -> None:
        for step in range(10):
            await asyncio.sleep(LEASE_S / 4)
            row = update(turns).where(turns.c.id == theirs).values(lease=9e9 + step)
            await house.database.run(lambda tx, row=row: tx.execute(row))

    await renews()
    assert await house.state(theirs) == "waiting"
    # From here on nobody renews it: we wait for the cell, and it is over.
    await reaches(house, theirs, "completed")


async def test_who_closes_leaves_its_queue_to_whoever_comes_next(house: House, tmp_path: Path) -> None:
    running = await house.call("slow", seconds=30)
    assert running.turn is not None
    await reaches(house, running.turn, "active")
    queued = await house.call("add", a=1.0)
    await house.close()
    await house.open()
    assert queued.turn is not None
    await reaches(house, queued.turn, "completed")
    assert await house.state(running.turn) == "cancelled"
    assert check_history(await house.events(running.conversation))


# -- the same command again ---------------------------------------------------------------------------------


async def test_every_command_that_comes_again_is_answered_as_before_and_does_nothing(house: House) -> None:
    opened = ConversationOpen(id=new_id(), new=True, context=Context(notebook="other.ipynb"))
    assert (await house.send(opened)).conversation == (await house.send(opened)).conversation
    asked = await house.call("add", a=1.0)
    await house.settle(asked)
    assert asked.turn is not None
    given = FeedbackGive(id=new_id(), turn=asked.turn, score=1)
    first, second = await asyncio.gather(house.send(given), house.send(given))
    assert first.seq == second.seq
    assert len([e for e in await house.events(asked.conversation) if isinstance(e, FeedbackGiven)]) == 1
    running = await house.call("slow", seconds=30)
    assert running.turn is not None
    cancel = TurnCancel(id=new_id(), turn=running.turn)
    answers: list[Accepted] = [await house.send(cancel) for _ in range(2)]
    assert answers[0].seq == answers[1].seq
    await reaches(house, running.turn, "cancelled")


async def test_an_id_that_is_too_long_is_refused(house: House) -> None:
    with pytest.raises(Fault) as caught:
        await house.send(ConversationOpen(id=CommandId("x" * 65), new=True))
    assert (caught.value.code, caught.value.record.about) == (Code.MALFORMED, "id")


async def test_a_resume_from_beyond_the_end_still_hears_what_comes(house: House) -> None:
    asked = await house.call("add", a=1.0)
    await house.settle(asked)
    told: list[int] = []
    await house.service.follow(ConversationId(asked.conversation), 9_999, ME, lambda event: told.append(event.seq))
    [new] = await house.service.journal.append(asked.conversation, [Notice(text="x")])
    assert told == [new.seq]
