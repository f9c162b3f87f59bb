"""Evaluators of other packages, by entry point. One that raises, hangs or returns nonsense gives no score."""

from __future__ import annotations

import asyncio
import math
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from ...llm.told import text_of
from .answered import Answered, Verdict
from .rules import MOST_DETAILS, RULES

GROUP = "jupyter_mlchat.evaluators"
"""Entry points: `friendly = package:evaluate` measures `friendly`; see `Answered` and `Verdict`."""
LONGEST_NAME = 60


def installed() -> Iterable[EntryPoint]:
    return entry_points(group=GROUP)


@dataclass
class Foreign:
    """Those of one service, looked for once. Each runs in a thread of its own, that nothing waits for too long.

    Python can't end a thread: one that hangs keeps its evaluator from being asked again until it returns.
    """

    find: Callable[[], Iterable[EntryPoint]] = installed
    _doors: list[EntryPoint] | None = None

    def __post_init__(self) -> None:
        self._hanging: dict[str, threading.Thread] = {}

    async def evaluate(self, answer: Answered, seconds: float) -> dict[tuple[str, str], Verdict]:
        """By name and package, after at most `seconds`. Never raises."""
        if self._doors is None:
            self._doors = await asyncio.to_thread(_usable, self.find)
        asked = [self._ask(door, answer, seconds) for door in self._doors]
        verdicts = await asyncio.gather(*asked)
        return {(door.name, _package(door)): verdict for door, verdict in zip(self._doors, verdicts, strict=True)}

    async def _ask(self, door: EntryPoint, answer: Answered, seconds: float) -> Verdict:
        before = self._hanging.get(door.name)
        if before is not None and before.is_alive():
            return Verdict(None, "It still hangs on an earlier answer, and was not asked.")
        loop = asyncio.get_running_loop()
        told: asyncio.Future[Verdict] = loop.create_future()

        def tell(verdict: Verdict) -> None:
            if not told.done():
                told.set_result(verdict)

        def run() -> None:
            verdict = _verdict_of(door, answer)
            try:
                loop.call_soon_threadsafe(tell, verdict)
            except RuntimeError:
                # The service has closed meanwhile.
                return

        thread = threading.Thread(target=run, name=f"mlchat-evaluator-{door.name}", daemon=True)
        thread.start()
        try:
            return await asyncio.wait_for(told, seconds)
        except asyncio.TimeoutError:
            self._hanging[door.name] = thread
            return Verdict(None, f"It gave no score within {seconds:g} s.")


def _usable(find: Callable[[], Iterable[EntryPoint]]) -> list[EntryPoint]:
    """The first of each name; ours can't be replaced."""
    found = {door.name: door for door in find() if text_of(door.name, LONGEST_NAME) == door.name}
    return [door for name, door in sorted(found.items()) if name not in RULES]


def _package(door: EntryPoint) -> str:
    return door.dist.name if door.dist is not None else door.module.partition(".")[0]


def _verdict_of(door: EntryPoint, answer: Answered) -> Verdict:
    """In the evaluator's own thread."""
    try:
        return read(door.load()(answer))
    except BaseException as error:
        # Whatever a stranger raises, also what would end a program, is a missing score; it may quote the answer.
        return Verdict(None, f"It failed ({type(error).__name__}).")


def read(given: Any) -> Verdict:
    """A verdict out of what an evaluator returned: a number, a mapping with `score` and `reason`, or a `Verdict`."""
    if isinstance(given, Verdict):
        given = {"score": given.score, "reason": given.reason, "details": given.details}
    if not isinstance(given, Mapping):
        given = {"score": given}
    score = given.get("score", given)
    details = given.get("details", ())
    if score is not None and not _is_score(score):
        return Verdict(None, "It returned no score from 0 to 1.")
    named = [text_of(one) for one in details[:MOST_DETAILS]] if isinstance(details, (list, tuple)) else []
    return Verdict(None if score is None else float(score), text_of(given.get("reason", "")), [n for n in named if n])


def _is_score(score: Any) -> bool:
    if isinstance(score, bool) or not isinstance(score, (int, float)):
        return False
    return math.isfinite(score) and 0 <= score <= 1
