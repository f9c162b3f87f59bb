"""A running cell prints, warns, draws, plots and waits for input while every tool is called: it notices nothing."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from frontends.conftest import SETUP
from kernels import RunningKernel, start_kernel, stop_kernel

ROW = {"sepal_length": 5.0, "sepal_width": 3.0, "petal_length": 1.5, "species": "setosa"}
# Every tool of the kernel with arguments that make it do its work. A new tool without a line here is a red test.
ARGUMENTS: dict[str, list[dict[str, Any]]] = {
    "list_models": [{}],
    "get_model_info": [{"model_id": m, "detail": d} for m in ("pipe", "rf") for d in ("summary", "feature_mapping")],
    "make_prediction": [
        {"model_id": "pipe", "features": ROW},
        {"model_id": "pipe", "features": {}},
        {"model_id": "pipe", "data": "X"},
        {"model_id": "pipe", "row": "X[3]"},
        {"model_id": "rf", "features": {"alcohol": "much"}},
        {"model_id": "texts", "features": "a good day"},
        {"model_id": "texts", "data": "reviews"},
    ],
    "validate_features": [{"model_id": "pipe", "features": {**ROW, "species": "rose", "extra": 1}}],
    "get_feature_importance": [
        {"model_id": "pipe"},
        {"model_id": "rf"},
        {"model_id": "pipe", "data": "X", "target": "y"},
    ],
    "list_dataframes": [{}, {"model_id": "pipe"}],
    "describe_dataframe": [{"data": "flowers"}, {"data": "flowers", "columns": ["petal_length"]}],
    "get_running_cell": [{}],
    "read_notebook": [{}, {"part": "errors"}, {"part": "definitions"}],
    "propose_cell": [
        {"code": "flowers.head()"},
        {"kind": "scoring_function", "model_id": "pipe"},
        {"kind": "batch_script", "model_id": "rf"},
    ],
    "get_system_status": [{}],
    "explain_prediction": [
        {"model_id": "pipe", "row": "X[3]"},
        {"model_id": "rf", "row": "wine_frame[3]"},
        {"model_id": "texts", "row": "reviews[1]"},
    ],
    "get_partial_dependence": [{"model_id": "rf", "features": ["alcohol"], "data": "wine_frame", "grid": 3}],
    "what_if": [{"model_id": "pipe", "row": "X[3]", "changes": {"petal_length": "doubled"}}],
    "find_counterfactual": [{"model_id": "pipe", "row": "X[3]", "at_least": 1.0}],
    "find_similar_examples": [{"model_id": "pipe", "row": "X[3]"}],
    "suggest_inputs": [{"model_id": "pipe"}],
    "evaluate_model": [{"model_id": "pipe", "data": "X", "target": "y"}],
    "compare_models": [{"models": ["rf", "two"], "data": "wine_frame", "target": "first"}],
    "analyze_errors": [{"model_id": "pipe", "data": "X", "target": "y"}],
    "check_fairness": [{"model_id": "pipe", "data": "X", "target": "y", "group": "species"}],
    "get_threshold_curve": [{"model_id": "two", "data": "wine_frame", "target": "first"}],
    "get_prediction_interval": [{"model_id": "pipe", "row": "X[3]", "data": "X", "target": "y"}],
    "get_search_results": [{"model_id": "grid"}],
    "check_drift": [{"model_id": "rf", "data": "late", "reference": "wine_frame"}],
    "check_leakage": [{"model_id": "pipe", "data": "X", "target": "y"}],
    "check_freshness": [{"model_id": "pipe"}],
    "make_batch_prediction": [{"model_id": "pipe", "data": "X", "into": "scores.parquet", "chunk_rows": 40}],
    "cancel_job": [{}],
    "sample_rows": [{"data": "X"}],
    "list_model_files": [{}],
    "inspect_model_file": [{"path": "rf.joblib"}, {"path": "wine.csv"}],
    "validate_dataset_file": [{"path": "wine.csv", "model_id": "rf"}, {"path": "wine.parquet"}],
}
NOT_READING = {
    "delete_model",
    "undo_last_change",
    "run_code",
    "register_model",
    "load_model",
    "save_model",
    "load_dataset",
    "write_model_card",
}

PREPARE = (
    SETUP
    + """
%matplotlib inline
import random, time, warnings
import numpy as np, matplotlib.pyplot as plt
wine_frame, first = wine.data, (wine.target == 0).astype(int)
late = wine_frame.tail(60)
import os, tempfile, joblib
os.chdir(tempfile.mkdtemp())
joblib.dump(rf, "rf.joblib"), late.to_csv("wine.csv"), late.to_parquet("wine.parquet")
from sklearn.model_selection import GridSearchCV
grid = GridSearchCV(Ridge(), {"alpha": [0.1, 1.0]}, cv=2).fit(wine_frame, first)
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
reviews = ["a good day", "an awful day"] * 20
texts = Pipeline([("words", TfidfVectorizer()), ("last", LogisticRegression())]).fit(reviews, [1, 0] * 20)
two = RandomForestClassifier(5, random_state=0).fit(wine_frame, first)
"""
)
SEED = "random.seed(1); np.random.seed(1); 41 + 1"
CELL = """
figure, axes = plt.subplots()
draws = []
for n in range(12):
    print("line", n)
    warnings.warn(f"warning {n}", UserWarning)
    draws += [random.random(), float(np.random.rand())]
    axes.plot([0, n])
    time.sleep(0.08)
name = input("name? ")
print(name, len(axes.lines), plt.get_fignums(), draws)
"""
AFTER = """
print(sorted(n for n in globals() if not n.startswith("_")), len(In), len(Out), _, random.random(), np.random.rand())
print(warnings.filters[:3], plt.rcParams["figure.dpi"], pd.get_option("display.max_rows"), np.geterr())
"""


@pytest.fixture(
    params=[
        "7-imported",
        pytest.param("7-source", marks=pytest.mark.long),
        pytest.param("6-imported", marks=pytest.mark.long),
        pytest.param("6-source", marks=pytest.mark.long),
    ]
)
def kernels(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    jp_asyncio_loop: asyncio.AbstractEventLoop,
) -> Iterator[list[RunningKernel]]:
    monkeypatch.chdir(tmp_path)
    started = [
        jp_asyncio_loop.run_until_complete(start_kernel(request.param, tmp_path / str(number))) for number in range(2)
    ]
    yield started
    for kernel in started:
        jp_asyncio_loop.run_until_complete(stop_kernel(kernel))


async def call_everything(kernel: RunningKernel) -> int:
    """Every reading tool with all its arguments; returns how many calls were answered."""
    offered = {tool.name for tool in await kernel.link.tools()}
    assert offered - NOT_READING == set(ARGUMENTS)
    calls = 0
    for name, cases in ARGUMENTS.items():
        for args in cases:
            result = await kernel.link.call(name, args, request_id=os.urandom(8).hex(), timeout_s=30)
            assert result.fault is None or result.fault["code"] not in ("tool_failed", "internal"), (name, result)
            calls += 1
    return calls


async def story(kernel: RunningKernel, asked: bool) -> dict[str, Any]:
    """Run the cells; with `asked` everything is called while the long one runs and while it waits for input."""
    if asked:
        await kernel.link.attach()
    assert (await kernel.run(PREPARE))["status"] == "ok"
    await kernel.run(SEED)
    told: dict[str, Any] = {"stdout": "", "stderr": "", "images": 0, "statuses": []}
    calls = 0

    def take(message: dict[str, Any]) -> None:
        kind, content = message["header"]["msg_type"], message["content"]
        if kind == "stream":
            told[content["name"]] += content["text"]
        elif kind == "display_data":
            told["images"] += "image/png" in content["data"]
        elif kind == "status":
            told["statuses"].append(content["execution_state"])

    async def answer(message: dict[str, Any]) -> None:
        nonlocal calls
        if asked:
            # Not `calls += await ...`: that reads the sum before it waits, and the first round may still run.
            answered = await call_everything(kernel)
            calls += answered
        kernel.client.input("Ada")

    waiting: list[asyncio.Task[None]] = []
    running = asyncio.ensure_future(
        kernel.client.execute_interactive(
            CELL,
            output_hook=take,
            stdin_hook=lambda message: waiting.append(asyncio.ensure_future(answer(message))),
            allow_stdin=True,
            timeout=120,
        )
    )
    if asked:
        await asyncio.sleep(0.3)
        answered = await call_everything(kernel)
        calls += answered
    reply = await running
    for task in waiting:
        await task
    after = await kernel.run(AFTER)
    told["stderr"] = re.sub(r"ipykernel_\d+/\d+\.py", "cell.py", told["stderr"])
    return {**told, "count": reply["content"]["execution_count"], "after": after["streams"], "calls": calls}


async def test_a_running_cell_does_not_notice_the_tools(kernels: list[RunningKernel]) -> None:
    without, with_us = [await story(kernel, asked) for kernel, asked in zip(kernels, (False, True), strict=True)]
    assert with_us.pop("calls") == 2 * sum(map(len, ARGUMENTS.values()))
    without.pop("calls")
    assert "line 11" in without["stdout"]
    assert "Ada 12 [1]" in without["stdout"]
    assert "warning 11" in without["stderr"]
    assert without["images"] == 1
    assert with_us == without
