"""Evaluators of other packages: real entry points, and everything they may do wrong."""

from __future__ import annotations

import asyncio
import math
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from chat.evaluating.measured import install

from jupyter_mlchat.chat.evaluating.answered import Answered, Verdict
from jupyter_mlchat.chat.evaluating.foreign import Foreign, read

SOURCE = """
import sys, time

def polite(answer):
    return 1.0 if answer.text.endswith("please.") else {"score": 0.25, "reason": "no please", "details": [answer.llm]}

def raising(answer):
    raise ValueError("the answer was " + answer.text)

def leaving(answer):
    sys.exit(3)

def hanging(answer):
    time.sleep(answer.marks[0].start if answer.marks else 3600)
    return 1

def nonsense(answer):
    return "very good"
"""
ANSWER = Answered("why?", "Because.", "openai/x")


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    return tmp_path / "site"


async def test_each_is_asked_and_none_of_them_harms_another(packages: Path) -> None:
    doors = {name: name for name in ("polite", "raising", "leaving", "hanging", "nonsense")}
    doors |= {"grounded": "polite", "gone": "not_there"}
    install(packages, "mlchat_test_evaluators", SOURCE, doors)
    foreign = Foreign()
    began = time.monotonic()
    verdicts = {name: verdict for (name, by), verdict in (await foreign.evaluate(ANSWER, 2.0)).items()}
    assert time.monotonic() - began < 30
    assert "grounded" not in verdicts, "ours can't be replaced"
    assert verdicts["polite"] == Verdict(0.25, "no please", ["openai/x"])
    assert verdicts["raising"] == Verdict(None, "It failed (ValueError)."), "its words may quote the answer"
    assert verdicts["leaving"] == Verdict(None, "It failed (SystemExit).")
    assert verdicts["gone"] == Verdict(None, "It failed (AttributeError).")
    assert verdicts["nonsense"] == Verdict(None, "It returned no score from 0 to 1.")
    assert verdicts["hanging"] == Verdict(None, "It gave no score within 2 s.")
    again = await foreign.evaluate(ANSWER, 2.0)
    assert again["hanging", "mlchat_test_evaluators"].reason.startswith("It still hangs")
    hanging = [thread for thread in threading.enumerate() if thread.name == "mlchat-evaluator-hanging"]
    assert len(hanging) == 1 and hanging[0].daemon, "one that hangs is not asked again, and keeps nothing from ending"


async def test_nobody_installed_is_nothing_measured(packages: Path) -> None:
    assert await Foreign(list).evaluate(ANSWER, 1) == {}


@pytest.mark.parametrize(
    ("given", "score"),
    [
        (0, 0.0),
        (1, 1.0),
        (0.5, 0.5),
        (None, None),
        ({"score": 0.5}, 0.5),
        (Verdict(0.5, "so"), 0.5),
    ],
)
def test_what_is_a_score(given: Any, score: float | None) -> None:
    assert read(given).score == score


@pytest.mark.parametrize(
    "given",
    [True, 1.01, -0.1, math.nan, math.inf, "1", [1], {"score": "1"}, {"score": True}, {}, object(), {"reason": 3}],
)
def test_what_is_none(given: Any) -> None:
    assert read(given) == Verdict(None, "It returned no score from 0 to 1.")


def test_words_of_strangers_are_plain_and_short() -> None:
    verdict = read({"score": 1, "reason": "a\x1b[31m\n" + "b" * 9999, "details": ["x" * 9999, 5, "y"] + ["z"] * 99})
    assert len(verdict.reason) <= 300 and "\x1b" not in verdict.reason and "\n" not in verdict.reason
    assert len(verdict.details) <= 20 and max(map(len, verdict.details)) <= 300


async def test_a_service_that_closes_meanwhile_is_no_trouble(packages: Path) -> None:
    source = "import time\ndef late(answer):\n    time.sleep(0.2)\n    return 1\n"
    install(packages, "mlchat_test_late", source, {"late": "late"})
    foreign = Foreign()
    asking = asyncio.ensure_future(foreign.evaluate(ANSWER, 5))
    await asyncio.sleep(0.05)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    await asyncio.sleep(0.3)
