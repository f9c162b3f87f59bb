"""The route `auto` beside `agent`: time to the first word, requests that leave, and what `auto` takes rightly.

The provider is scripted: it answers at once, or half a second after each request, as hosted ones do at best.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import pandas as pd
from sklearn.linear_model import LogisticRegression

from jupyter_mlchat.protocol.events import Event, TextDelta, TurnEnded
from jupyter_mlchat.runtime.toolbox import Toolbox
from jupyter_mlchat.runtime.tools import MODULES
from training.corpus import utterances

from .builtin import KNOWN, answer_to, verdict
from .table import median, p, show

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))
from chat.house import ME, House
from provider import Provider, calls, running, says, slow

QUESTION = "what does clf need?"
RUNS = 10
ANSWER_S = 0.5


async def first_word(house: House, route: str) -> float:
    """Milliseconds from the question to the first word of its answer."""
    told: list[tuple[float, Event]] = []
    ended = asyncio.Event()

    def hear(event: Event) -> None:
        told.append((time.perf_counter(), event))
        if isinstance(event, TurnEnded):
            ended.set()

    began = time.perf_counter()
    accepted = await house.ask(QUESTION, route=route)
    stop = await house.service.follow(accepted.conversation, accepted.seq, ME, hear)
    await ended.wait()
    stop()
    return 1e3 * (next(at for at, event in told if isinstance(event, TextDelta)) - began)


async def timed(house: House, provider: Provider, route: str, wait_s: float) -> tuple[list[float], float]:
    """Of `RUNS` turns: the times, and requests to the provider each."""
    times, before = [], len(provider.requests)
    for _ in range(RUNS + 1):
        if route == "agent":
            call = calls(("get_model_info", {"model_id": "clf"}))
            provider.enqueue(slow(call, wait_s), slow(says("It needs ", "age and income."), wait_s))
        times.append(await first_word(house, route))
    return times[1:], (len(provider.requests) - before) / (RUNS + 1)


async def measure(provider: Provider, folder: Path) -> None:
    environment = {"OPENAI_API_KEY": "none", "LLM_BASE_URL": provider.url}
    house = House(folder, llm="openai/gpt-4.1-mini", environment=environment, rate_limit=0)
    frame = pd.DataFrame({"age": [20, 30, 40, 50] * 6, "income": [1.0, 2.0, 3.0, 4.0] * 6})
    house.namespace.update(clf=LogisticRegression().fit(frame, [0, 0, 1, 1] * 6), X=frame)
    house.bridge.toolbox = Toolbox(MODULES)
    await house.open()
    rows = []
    for label, route, wait_s in (
        ("auto, read exactly", "auto", 0.0),
        ("agent, answers at once", "agent", 0.0),
        (f"agent, answers after {ANSWER_S:g} s", "agent", ANSWER_S),
    ):
        times, requests = await timed(house, provider, route, wait_s)
        rows.append((label, median(times), p(times, 95), requests))
    show(("route", "first word, median ms", "p95 ms", "requests to the provider"), rows)
    await house.close()


def taken() -> None:
    rows = []
    for label, tuned in (("tuned", True), ("held out", False)):
        said: Counter[str] = Counter()
        questions = 0
        for line in utterances(tuned=tuned):
            if line["tool"] not in KNOWN and line["tool"] != "decline":
                continue
            questions += 1
            heard, _ = answer_to(line)
            if heard.calls:
                said[verdict(line, heard)] += 1
        exact = sum(said.values())
        rows.append((label, questions, exact, exact / questions, said["right"] / exact, exact - said["right"]))
    print()
    show(("half", "questions", "taken by auto", "share", "rightly", "wrongly"), rows)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, running() as provider:
        asyncio.run(measure(provider, Path(folder)))
    taken()


if __name__ == "__main__":
    main()
