"""Two server processes on one store: both number, lease and follow, whichever of them a person talks to."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from chat.house import KERNEL, ME, House, new_id, only
from histories import check_history

from jupyter_mlchat.protocol import codec
from jupyter_mlchat.protocol.commands import AnyCommand, Resume, ToolCall, TurnCancel, TurnRetry
from jupyter_mlchat.protocol.events import Accepted, AnyEvent, Event, ToolReturned, TurnEnded, TurnStarted
from jupyter_mlchat.protocol.records import Context, ConversationId, TurnId

TESTS = Path(__file__).resolve().parent.parent
LEASE_S = 5.0
HERE = Context(kernel=KERNEL, notebook="n.ipynb")


class Neighbour:
    """The other process."""

    def __init__(self) -> None:
        self.heard: list[AnyEvent] = []
        self._accepted: asyncio.Queue[bytes] = asyncio.Queue()

    async def start(self, folder: Path, url: str) -> Neighbour:
        command = [sys.executable, "-m", "load.neighbour", str(folder), url, str(LEASE_S)]
        environment = {**os.environ, "PYTHONPATH": str(TESTS)}
        pipe = asyncio.subprocess.PIPE
        self.process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, env=environment)
        self._reading = asyncio.ensure_future(self._read())
        assert await self._accepted.get() == b"ready {}"
        return self

    async def _read(self) -> None:
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            kind, _, content = line.strip().partition(b" ")
            if kind == b"event":
                self.heard.append(codec.decode_event(content))
            else:
                self._accepted.put_nowait(line.strip())

    async def send(self, command: AnyCommand) -> Accepted:
        assert self.process.stdin is not None
        self.process.stdin.write(msgspec.json.encode(command) + b"\n")
        kind, _, content = (await asyncio.wait_for(self._accepted.get(), 30)).partition(b" ")
        assert kind in (b"accepted", b"followed"), content
        return msgspec.json.decode(content, type=Accepted) if kind == b"accepted" else Accepted(command=command.id)

    async def follow(self, conversation: ConversationId) -> None:
        await self.send(Resume(id=new_id(), conversation=conversation))

    async def is_warm(self, house: House) -> None:
        """What is imported with the first turn has been imported: that may take longer than so short a lease."""
        await reaches(house, (await self.send(add())).turn, "completed", "abandoned")
        await reaches(house, (await self.send(add())).turn, "completed")

    async def close(self) -> None:
        assert self.process.stdin is not None
        if self.process.returncode is None:
            self.process.stdin.close()
        await asyncio.wait_for(self.process.wait(), 30)
        await self._reading


@pytest.fixture
def house(db_url: str, tmp_path: Path, jp_asyncio_loop: asyncio.AbstractEventLoop) -> Iterator[House]:
    house = jp_asyncio_loop.run_until_complete(House(tmp_path, db_url=db_url, lease=LEASE_S, rate_limit=0).open())
    yield house
    jp_asyncio_loop.run_until_complete(house.close())


@pytest.fixture
def neighbour(
    house: House, db_url: str, tmp_path: Path, jp_asyncio_loop: asyncio.AbstractEventLoop
) -> Iterator[Neighbour]:
    neighbour = jp_asyncio_loop.run_until_complete(Neighbour().start(tmp_path, db_url))
    yield neighbour
    jp_asyncio_loop.run_until_complete(neighbour.close())


def slow(seconds: float, conversation: ConversationId | None = None) -> ToolCall:
    return ToolCall(id=new_id(), tool="slow", args={"seconds": seconds}, conversation=conversation, context=HERE)


def add(conversation: ConversationId | None = None) -> ToolCall:
    return ToolCall(id=new_id(), tool="add", args={"a": 1.0}, conversation=conversation, context=HERE)


async def reaches(house: House, turn: TurnId | None, *states: str, seconds: float = 30) -> str:
    end = time.monotonic() + seconds
    while (state := await house.state(turn)) not in states:
        assert time.monotonic() < end, f"the turn is {state}"
        await asyncio.sleep(0.02)
    return state


async def test_they_follow_number_take_turns_and_stop_each_other(house: House, neighbour: Neighbour) -> None:
    await neighbour.is_warm(house)
    first = await house.send(add())
    conversation = first.conversation
    ours: list[Event] = []
    await house.service.follow(conversation, 0, ME, ours.append)
    await neighbour.follow(conversation)
    # The same command on both at once is one turn.
    twice = add(conversation)
    here, there = await asyncio.gather(house.send(twice), neighbour.send(twice))
    assert here.turn == there.turn
    # One turn of a conversation runs at a time, wherever it was asked.
    running = await house.send(slow(0.8, conversation))
    await reaches(house, running.turn, "active", "completed")
    next_one = await neighbour.send(add(conversation))
    await reaches(house, next_one.turn, "completed")
    events = await house.events(conversation)
    ended = only([e for e in events if e.turn == running.turn], TurnEnded)
    assert only([e for e in events if e.turn == next_one.turn], TurnStarted).seq > ended.seq
    # Whoever is asked to stop a turn stops it, though it runs in the other process.
    running = await neighbour.send(slow(60, conversation))
    await reaches(house, running.turn, "active")
    await house.send(TurnCancel(id=new_id(), turn=running.turn))
    assert await reaches(house, running.turn, "cancelled", seconds=10) == "cancelled"
    running = await house.send(slow(60, conversation))
    await reaches(house, running.turn, "active")
    await neighbour.send(TurnCancel(id=new_id(), turn=running.turn))
    assert await reaches(house, running.turn, "cancelled", seconds=10) == "cancelled"
    # Everybody has heard everything once, in order.
    events = await house.events(conversation)
    check_history(events)
    for heard in (ours, neighbour.heard):
        end = time.monotonic() + 10
        while not heard or heard[-1].seq < events[-1].seq:
            assert time.monotonic() < end
            await asyncio.sleep(0.05)
        assert [event for event in heard if event.seq] == events


@pytest.mark.parametrize("db_url", ["postgresql"], indirect=True)
async def test_what_a_dead_process_had_is_seen_to_when_its_lease_has_expired(
    house: House, neighbour: Neighbour
) -> None:
    await neighbour.is_warm(house)
    running = await neighbour.send(slow(60))
    queued = await neighbour.send(add(running.conversation))
    await reaches(house, running.turn, "active")
    # It lives: nobody takes its turns, however long they last.
    await asyncio.sleep(LEASE_S * 1.2)
    assert await house.state(running.turn) == "active" and await house.state(queued.turn) == "queued"
    neighbour.process.kill()
    await neighbour.process.wait()
    assert await house.state(running.turn) == "active"
    await reaches(house, running.turn, "abandoned")
    await reaches(house, queued.turn, "completed")
    assert running.turn is not None
    await house.send(TurnRetry(id=new_id(), turn=running.turn))
    await reaches(house, running.turn, "active")
    await house.send(TurnCancel(id=new_id(), turn=running.turn))
    await reaches(house, running.turn, "cancelled")
    states = check_history(await house.events(running.conversation))
    assert states[running.turn] == "cancelled" and states[queued.turn] == "completed"


async def stop_between_transactions(house: House, neighbour: Neighbour) -> None:
    """Stopped inside of one, it would keep everybody out."""
    while True:
        neighbour.process.send_signal(signal.SIGSTOP)
        trying = asyncio.ensure_future(house.database.run(lambda tx: None))
        done, _ = await asyncio.wait([trying], timeout=0.3)
        if done:
            return
        neighbour.process.send_signal(signal.SIGCONT)
        await trying


@pytest.mark.parametrize("db_url", ["sqlite"], indirect=True)
async def test_a_process_that_was_taken_for_dead_adds_nothing_when_it_goes_on(
    house: House, neighbour: Neighbour
) -> None:
    await neighbour.is_warm(house)
    running = await neighbour.send(slow(1.0))
    await reaches(house, running.turn, "active")
    await stop_between_transactions(house, neighbour)
    await reaches(house, running.turn, "abandoned")
    neighbour.process.send_signal(signal.SIGCONT)
    # It is back when it obeys again, and the turn that it had is over by then.
    other = await neighbour.send(add(running.conversation))
    await reaches(house, other.turn, "completed")
    await asyncio.sleep(1.2)
    events = await house.events(running.conversation)
    states = check_history(events)
    assert states[running.turn] == "abandoned" and states[other.turn] == "completed"
    assert running.turn not in {e.turn for e in events if isinstance(e, ToolReturned)}
