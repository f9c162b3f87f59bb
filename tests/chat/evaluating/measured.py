"""Waiting for what comes after a turn's end, and packages with evaluators."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from chat.house import House

from jupyter_mlchat.protocol.evaluations import Check
from jupyter_mlchat.protocol.events import Accepted, AnyEvent, Evaluation


async def evaluated(house: House, accepted: Accepted, seconds: float = 60) -> Evaluation:
    """The evaluation of a turn's answer."""
    assert accepted.turn is not None
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        told: list[AnyEvent] = await house.service.journal.read_turn(accepted.turn)
        found = [event for event in told if isinstance(event, Evaluation)]
        if found:
            assert len(found) == 1
            return found[0]
        await asyncio.sleep(0.02)
    raise AssertionError("the answer was not evaluated")


def check(evaluation: Evaluation, name: str, by: str = "rules") -> Check:
    [found] = [one for one in evaluation.checks if (one.name, one.by) == (name, by)]
    return found


def install(folder: Path, name: str, source: str, doors: dict[str, str]) -> None:
    """A package `name` with entry points `doors` (name to function) below `folder`, as pip would leave it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.py").write_text(source)
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    lines = [f"{door} = {name}:{function}" for door, function in doors.items()]
    (info / "entry_points.txt").write_text("\n".join(["[jupyter_mlchat.evaluators]", *lines, ""]))
