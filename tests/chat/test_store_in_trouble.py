"""A service whose store is damaged or full: what can be read is read, nothing is overwritten, and people know."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from chat.house import KERNEL, ME, House, new_id
from store.test_database import no_room, room

from jupyter_mlchat.protocol.commands import ToolCall
from jupyter_mlchat.protocol.events import Event, Notice, TurnEnded
from jupyter_mlchat.protocol.faults import Code, Fault
from jupyter_mlchat.protocol.records import Context, ConversationId
from jupyter_mlchat.store.database import NO_ROOM, READ_ONLY
from jupyter_mlchat.store.sqlite import FILE

PAGE = 4096
CONTEXT = Context(kernel=KERNEL, notebook="n.ipynb")


@pytest.fixture
def house(tmp_path: Path, jp_asyncio_loop: asyncio.AbstractEventLoop) -> Iterator[House]:
    house = House(tmp_path, rate_limit=0, lease=0.6)
    jp_asyncio_loop.run_until_complete(house.open())
    yield house
    jp_asyncio_loop.run_until_complete(house.close())


async def with_a_long_past(house: House) -> ConversationId:
    accepted = await house.call("add", a=1.0)
    await house.settle(accepted)
    notices = [Notice(text=f"number {n:03d} " + "x" * 300) for n in range(200)]
    await house.service.journal.append(accepted.conversation, notices)
    return accepted.conversation


def damage(path: Path, where: bytes) -> bytes:
    """Overwrite the page in which `where` stands."""
    content = bytearray(path.read_bytes())
    page = content.index(where) // PAGE
    content[page * PAGE : (page + 1) * PAGE] = b"\xff" * PAGE
    path.write_bytes(content)
    return bytes(content)


async def test_of_a_damaged_store_is_told_what_can_be_read_and_nothing_is_written(house: House, tmp_path: Path) -> None:
    conversation = await with_a_long_past(house)
    whole = await house.events(conversation)
    await house.close()
    content = damage(tmp_path / FILE, b"number 100 ")
    await house.open()
    told: list[Event] = []
    await house.service.follow(conversation, 0, ME, told.append)
    assert isinstance(told[-1], Notice) and told[-1].text == READ_ONLY and told[-1].seq == 0
    history = told[:-1]
    assert [event.seq for event in history] == list(range(1, len(whole) + 1))
    lost = [event.seq for event, before in zip(history, whole, strict=True) if event != before]
    assert 1 <= len(lost) <= 20
    assert {event.code for event in history if event.seq in lost and isinstance(event, Notice)} == {"damaged"}
    page = await house.service.journal.read(conversation, lost[0] - 3, 6)
    assert [event.seq for event in page] == list(range(lost[0] - 2, lost[0] + 4))
    with pytest.raises(Fault, match="damaged") as caught:
        await house.call("add", a=1.0)
    assert caught.value.code is Code.STORE_UNAVAILABLE
    await house.close()
    assert (tmp_path / FILE).read_bytes() == content
    await house.open()


async def test_an_event_that_is_no_event_any_more_does_not_hide_the_others(house: House) -> None:
    conversation = await with_a_long_past(house)
    sql = "UPDATE mlchat_events SET body = x'00ff' WHERE seq = 100"
    await house.database.run(lambda tx: tx.exec_driver_sql(sql))
    history = await house.events(conversation)
    assert [event.seq for event in history if isinstance(event, Notice) and event.code == "damaged"] == [100]
    assert house.database.trouble == ""


async def test_while_there_is_no_room_people_can_read_and_are_told(house: House) -> None:
    conversation = await with_a_long_past(house)
    running = await house.call("slow", seconds=0.3)
    while await house.state(running.turn) != "active":
        await asyncio.sleep(0.01)
    told: list[Event] = []
    await house.service.follow(conversation, 0, ME, told.append)
    before = len(told)
    await house.database.run(no_room)
    refused = ToolCall(id=new_id(), tool="add", args={"a": 1.0, "b": 2.0}, context=CONTEXT, conversation=conversation)
    with pytest.raises(Fault, match="the disk is full"):
        for _ in range(200):
            await house.send(ToolCall(id=new_id(), tool="x" * 2000, args={}, context=CONTEXT))
    again: list[Event] = []
    await house.service.follow(conversation, 0, ME, again.append)
    assert isinstance(again[-1], Notice) and again[-1].text == NO_ROOM
    assert [event.seq for event in again[:-1]] == list(range(1, len(again)))
    # What ran ends, also for who listens, though it can't be stored.
    for _ in range(300):
        if any(isinstance(event, TurnEnded) and event.turn == running.turn for event in told[before:]):
            break
        await asyncio.sleep(0.02)
    assert any(isinstance(event, TurnEnded) and event.turn == running.turn for event in told[before:])
    await house.database.run(room)
    taken = await house.send(refused)
    assert taken.seq > 0
    while await house.state(running.turn) not in ("abandoned", "completed", "failed"):
        await asyncio.sleep(0.05)
