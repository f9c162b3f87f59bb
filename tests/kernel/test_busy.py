"""Kernels that are really busy: ten fits and loops, polled while they run."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from kernels import KINDS, RunningKernel, kinds, start_kernel, stop_kernel

from jupyter_mlchat.protocol.faults import Code, Fault

DATA = """
import numpy as np, pandas as pd, time, warnings
from sklearn.datasets import make_classification
X, y = make_classification(4000, 20, random_state=0)
"""
FITS = {
    "forest n_jobs=-1": """
from sklearn.ensemble import RandomForestClassifier
RandomForestClassifier(600, n_jobs=-1, random_state=0).fit(X, y)""",
    "HistGB": """
from sklearn.ensemble import HistGradientBoostingClassifier
HistGradientBoostingClassifier(max_iter=1500, early_stopping=False).fit(X, y)""",
    "GradientBoosting": """
from sklearn.ensemble import GradientBoostingClassifier
GradientBoostingClassifier(n_estimators=120).fit(X, y)""",
    "SVC": """
from sklearn.svm import SVC
XX, yy = np.tile(X, (4, 1)) + np.random.default_rng(0).normal(size=(16000, 20)), np.tile(y, 4)
SVC(max_iter=20000).fit(XX, yy)""",
    "GridSearchCV on loky": """
from sklearn.model_selection import GridSearchCV
from sklearn.tree import DecisionTreeClassifier
GridSearchCV(DecisionTreeClassifier(), {"max_depth": list(range(2, 14))}, cv=5, n_jobs=2).fit(X, y)""",
    "xgboost": """
import xgboost
xgboost.XGBClassifier(n_estimators=1500, max_depth=6).fit(X, y)""",
    "lightgbm": """
import lightgbm
lightgbm.LGBMClassifier(n_estimators=1500, verbose=-1).fit(X, y)""",
    "pandas groupby": """
frame = pd.DataFrame({"k": np.arange(1_500_000) % 400_000, "v": np.arange(1_500_000.0)})
frame.groupby("k").v.apply(lambda v: v.iloc[0]) if len(frame) < 10 else frame.groupby("k").v.agg(["mean", "std"])
for _ in range(15): frame.groupby("k").v.agg(["mean", "std", "median"])""",
    "numpy loop": """
a = np.random.default_rng(0).normal(size=(900, 900))
for _ in range(60): a = a @ a; a /= np.abs(a).max()""",
    "C call that holds the GIL": """
import ctypes
ctypes.PyDLL(None).sleep(3)""",
}


@pytest.fixture(params=kinds(*KINDS))
def kernel(
    request: pytest.FixtureRequest, tmp_path: Path, jp_asyncio_loop: asyncio.AbstractEventLoop
) -> Iterator[RunningKernel]:
    running = jp_asyncio_loop.run_until_complete(start_kernel(request.param, tmp_path / "environment"))
    yield running
    jp_asyncio_loop.run_until_complete(stop_kernel(running))


async def poll(kernel: RunningKernel) -> tuple[str, float]:
    began = time.monotonic()
    try:
        state = await kernel.link.state()
        said = "busy" if state["busy"] else "idle"
    except Fault as fault:
        assert fault.code is Code.KERNEL_NOT_ANSWERING, fault.record
        assert "native code" in fault.record.message
        said = "silent"
    return said, time.monotonic() - began


@pytest.mark.parametrize("name", FITS)
async def test_a_busy_kernel_answers_or_says_that_it_does_not(kernel: RunningKernel, name: str) -> None:
    await kernel.link.attach()
    assert (await kernel.run(DATA))["status"] == "ok"
    cell = asyncio.ensure_future(kernel.run(FITS[name], timeout=120))
    await asyncio.sleep(0.2)
    heard = []
    while not cell.done():
        heard.append(await poll(kernel))
        await asyncio.sleep(0.2)
    done = await cell
    assert done["status"] == "ok", done["streams"]
    # 1 s is the goal, measured in benchmarks; here only ten times that fails.
    assert max(seconds for _, seconds in heard) < 10
    assert {said for said, _ in heard} & ({"silent"} if "holds the GIL" in name else {"busy"})
    for _ in range(50):
        if (await poll(kernel))[0] == "idle":
            return
        await asyncio.sleep(0.1)
    raise AssertionError("the kernel never answered again")
