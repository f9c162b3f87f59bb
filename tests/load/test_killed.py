"""`kill -9` of a service at any moment, again and again on one store: what was accepted is there, once."""

from __future__ import annotations

import asyncio
import json
import math
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from chat.house import House
from histories import OVER, check_history
from postgres import Postgres
from sqlalchemy import select

from jupyter_mlchat.chat.journal import Journal
from jupyter_mlchat.protocol.records import ConversationId
from jupyter_mlchat.store.database import open_database
from jupyter_mlchat.store.tables import commands

TESTS = Path(__file__).resolve().parent.parent
MOMENTS = 15


class Victims:
    """Services that are forked of one process, which has imported everything."""

    def __init__(self) -> None:
        environment = {**os.environ, "PYTHONPATH": str(TESTS)}
        command = [sys.executable, "-m", "load.victim"]
        self._parent = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1, env=environment
        )
        assert self._read() == ["ready"]

    def _read(self) -> list[str]:
        assert self._parent.stdout is not None
        return self._parent.stdout.readline().strip().split(" ", 1)

    def _write(self, line: str) -> None:
        assert self._parent.stdin is not None
        self._parent.stdin.write(line + "\n")

    def kill_one(self, folder: Path, url: str, after_s: float) -> list[tuple[str, str, str, int]]:
        """Returns what it had accepted: (command, conversation, turn, number)."""
        self._write(f"{folder} {url}")
        kind, pid = self._read()
        assert kind == "pid"
        taken = [json.loads(self._read()[1])]
        time.sleep(after_s)
        os.kill(int(pid), signal.SIGKILL)
        while Path(f"/proc/{pid}").exists():
            time.sleep(0.001)
        self._write("")
        while (line := self._read())[0] != "idle":
            assert line[0] == "taken", line
            taken.append(json.loads(line[1]))
        return [tuple(one) for one in taken]

    def close(self) -> None:
        assert self._parent.stdin is not None and self._parent.stdout is not None
        self._parent.stdin.close()
        self._parent.wait(10)
        self._parent.stdout.close()


@pytest.fixture
def victims() -> Iterator[Victims]:
    made = Victims()
    yield made
    made.close()


async def check_store(url: str, folder: Path, taken: list[tuple[str, str, str, int]]) -> None:
    """All that was ever accepted is there, and the histories are whole."""
    database = await open_database(url, folder)
    if url.startswith("sqlite"):
        assert await database.read(lambda tx: tx.exec_driver_sql("PRAGMA integrity_check").scalars().all()) == ["ok"]
    rows = await database.read(lambda tx: tx.execute(select(commands).where(commands.c.principal == "me")).all())
    stored = {row.id: (row.conversation, row.turn, row.seq) for row in rows}
    assert {command: stored.get(command) for command, *_ in taken} == {one[0]: tuple(one[1:]) for one in taken}
    journal = Journal(database)
    for conversation in {one[1] for one in taken}:
        history = await journal.read(ConversationId(conversation))
        assert (await journal.info(ConversationId(conversation))).last_seq == len(history)
        states = check_history(history)
        assert {one[2] for one in taken if one[1] == conversation} <= set(states)
    database.close()


async def bring_to_an_end(url: str, folder: Path, conversations: set[str]) -> None:
    """A service that is let live sees to everything that the killed ones have left."""
    house = await House(folder, db_url=url, lease=0.5, rate_limit=0).open()
    for conversation in conversations:
        fewest, end = math.inf, 0.0
        while True:
            states = list(check_history(await house.events(ConversationId(conversation))).values())
            unended = sum(state in ("active", "queued") for state in states)
            if not unended:
                break
            if unended < fewest:
                # Hundreds may be left: it is the next one that must not take for ever.
                fewest, end = unended, time.monotonic() + 30
            assert time.monotonic() < end, set(states)
            await asyncio.sleep(0.05)
        assert set(states) <= {*OVER, "waiting"}
        assert "abandoned" in states and "completed" in states
    await house.close()


def killed(victims: Victims, url: str, folder: Path, moments: int, seed: int) -> None:
    dice, taken = random.Random(seed), []
    for _ in range(moments):
        taken += victims.kill_one(folder, url, dice.uniform(0, 0.3))
        asyncio.run(check_store(url, folder, taken))
    assert len({command for command, *_ in taken}) == len(taken) > 2 * moments
    asyncio.run(bring_to_an_end(url, folder, {one[1] for one in taken}))


def test_fifteen_deaths_lose_nothing_and_corrupt_nothing(victims: Victims, tmp_path: Path) -> None:
    killed(victims, f"sqlite:///{tmp_path / 'store'}", tmp_path, MOMENTS, seed=7)


def test_nor_do_they_on_postgresql(victims: Victims, postgres: Postgres, tmp_path: Path) -> None:
    killed(victims, postgres.new(), tmp_path, 4, seed=8)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_two_hundred_deaths_lose_nothing_and_corrupt_nothing(db_url: str, victims: Victims, tmp_path: Path) -> None:
    killed(victims, db_url, tmp_path, 200, seed=int(time.time()))
