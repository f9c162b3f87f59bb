"""How far a running fit is, read from the main thread's frames by another thread."""

from __future__ import annotations

import threading
import time
from typing import Any

import numpy as np
import pytest
from runtime.context import Context
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from jupyter_mlchat.runtime import running
from jupyter_mlchat.runtime.bridge import Bridge
from jupyter_mlchat.runtime.chat import Chat
from jupyter_mlchat.runtime.shell import Shell
from jupyter_mlchat.runtime.toolbox import Toolbox

X = np.random.default_rng(0).normal(size=(1_500, 12))
Y = (X[:, 0] + X[:, 1] > 0).astype(int)


def looks_during(work: Any) -> list[running.Progress]:
    """What a second thread sees while `work` runs on this one."""
    seen: list[running.Progress] = []
    stop = threading.Event()

    def look() -> None:
        while not stop.is_set():
            seen.append(running.progress())
            time.sleep(0.01)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        work()
    finally:
        stop.set()
        thread.join()
    return seen


@pytest.mark.parametrize(
    ("model", "inside", "total", "unit"),
    [
        (RandomForestClassifier(60), "RandomForestClassifier.fit", 60, "trees"),
        (GradientBoostingClassifier(n_estimators=60), "GradientBoostingClassifier.fit", 60, "stages"),
        (HistGradientBoostingClassifier(max_iter=60), "HistGradientBoostingClassifier.fit", 60, "iterations"),
        (
            GridSearchCV(RandomForestClassifier(5), {"max_depth": [2, 3, 4, 5, 6]}, cv=4),
            "GridSearchCV.fit", 20, "fits",
        ),
        (make_pipeline(StandardScaler(), RandomForestClassifier(60)), "Pipeline.fit", 60, "trees"),
    ],
    ids=["forest", "boosting", "hist", "grid", "pipeline"],
)  # fmt: skip
def test_a_fit_shows_how_far_it_is(model: Any, inside: str, total: int, unit: str) -> None:
    seen = looks_during(lambda: model.fit(X, Y))
    assert {look.inside for look in seen} - {""} == {inside}
    counted = [look for look in seen if look.total is not None and look.done is not None]
    assert counted, seen
    refit = {(5, "trees")} if inside == "GridSearchCV.fit" else set()
    assert {(look.total, look.unit) for look in counted} - refit == {(total, unit)}
    done = [look.done for look in counted if look.unit == unit]
    assert done == sorted(done) and 0 <= done[0] <= done[-1] <= total  # type: ignore[operator,type-var]


def test_nothing_is_seen_outside_a_fit() -> None:
    assert running.progress() == running.Progress()


def test_the_tool_counts_and_estimates() -> None:
    context = Context({})
    assert context.data("get_running_cell")["busy"] is False
    context.running, context.elapsed_s = 4, 10.0
    answers: list[Any] = []
    model = RandomForestClassifier(80)
    stop = threading.Event()

    def ask() -> None:
        while not stop.is_set():
            answers.append(context.data("get_running_cell"))
            time.sleep(0.01)

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        model.fit(X, Y)
    finally:
        stop.set()
        thread.join()
    halfway = [answer for answer in answers if answer["done"]]
    assert halfway and all(answer["cell"] == 4 and answer["elapsed_s"] == 10.0 for answer in answers)
    one = halfway[-1]
    assert one["eta_s"] == pytest.approx(10 * (80 - one["done"]) / one["done"], abs=0.06)


class LookingHost:
    """Answers a question with what a tool would see while the cell that asked it waits."""

    name = "test"

    def __init__(self, bridge: Bridge) -> None:
        self.bridge = bridge
        self.seen: list[bool] = []

    def send(self, command: dict[str, Any], channel: str) -> None:
        def answer() -> None:
            until = time.monotonic() + 20
            while time.monotonic() < until and not running.waits_for_us():
                time.sleep(0.001)
            self.seen.append(running.waits_for_us())
            events = [{"type": "accepted", "turn": "1"}, {"type": "turn.ended", "turn": "1", "state": "completed"}]
            self.bridge.deliver(channel, events)

        threading.Thread(target=answer).start()


def test_a_cell_of_ours_that_waits_is_not_the_persons_code() -> None:
    bridge = Bridge(Shell(None, {}), Toolbox([]))
    host = LookingHost(bridge)
    reply = Chat(open_host=lambda namespace: (bridge, lambda: host)).ask("anything")
    assert reply.status == "completed" and host.seen == [True]


def test_whether_the_main_thread_waits_for_us() -> None:
    seen: list[bool] = []
    thread = threading.Thread(target=lambda: seen.append(running.waits_for_us()))
    thread.start()
    while thread.is_alive():
        time.sleep(0.001)
    assert seen == [False]
    assert running.waits_for_us(), "on the main thread nothing of the person's runs beside us"
