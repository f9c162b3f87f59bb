"""What other libraries keep to themselves, and reading leaves alone: flags, threads, options, random states."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from kernels import RunningKernel, start_kernel, stop_kernel

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]

COMMON = """
import os, random, tempfile, time, warnings
os.chdir(tempfile.mkdtemp())
import numpy as np, pandas as pd
dice = np.random.default_rng(0)
frame = pd.DataFrame({"fee": dice.uniform(5, 90, 60), "age": dice.uniform(18, 80, 60), "score": dice.normal(size=60)})
target = (frame["fee"] > frame["age"]).astype(int)
"""
CELL = """
draws = []
for n in range(12):
    print("line", n)
    draws += [random.random(), float(np.random.rand()), STATE()]
    time.sleep(0.08)
name = input("name? ")
print(name, draws, STATE())
"""
AFTER = """
print(sorted(n for n in globals() if not n.startswith("_")), len(In), len(Out), random.random(), np.random.rand())
print(STATE(), warnings.filters[:3], pd.get_option("display.max_rows"), np.geterr())
"""


@dataclass(frozen=True)
class Family:
    """`prepare` makes `models` and `STATE`, a function that tells what could have been changed, and draws."""

    name: str
    models: tuple[str, ...]
    prepare: str


FAMILIES = (
    Family(
        "boosters",
        ("xgb", "lgb", "cat", "booster"),
        """
import xgboost, lightgbm, catboost
xgb = xgboost.XGBClassifier(n_estimators=5, n_jobs=1).fit(frame, target)
lgb = lightgbm.LGBMClassifier(n_estimators=5, n_jobs=1, verbose=-1).fit(frame, target)
cat = catboost.CatBoostClassifier(iterations=5, verbose=0, thread_count=1, allow_writing_files=False).fit(frame, target)
booster = xgb.get_booster()
def STATE():
    return xgboost.get_config(), xgb.get_params()["n_jobs"], len(booster.get_dump())
""",
    ),
    Family(
        "statsmodels",
        ("ols", "logit"),
        """
import statsmodels.formula.api as smf
table = frame.assign(target=target)
ols = smf.ols("fee ~ age + score", table).fit()
logit = smf.logit("target ~ age + score", table).fit(disp=0)
def STATE():
    # What statsmodels computes when it is first asked it keeps, whoever asked.
    return ols.params.round(6).tolist(), sorted(vars(ols.model)), sorted(vars(logit.model))
""",
    ),
    Family(
        "torch",
        ("net",),
        """
import torch
torch.manual_seed(3)
net = torch.nn.Sequential(torch.nn.Linear(3, 8), torch.nn.Dropout(0.5), torch.nn.BatchNorm1d(8), torch.nn.Linear(8, 1))
# One that trains is asked when the cell has ended.
net.eval()
other = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.Dropout(0.5)).train()
def STATE():
    running = net[2].running_mean.sum().item(), net[2].num_batches_tracked.item()
    flags = net.training, net[1].training, other.training, other[1].training, net[0].weight.grad is None
    options = torch.is_grad_enabled(), torch.get_num_threads()
    hooks = len(net._forward_hooks), torch.get_default_dtype(), torch.are_deterministic_algorithms_enabled()
    return running, flags, options, hooks, torch.rand(1).item()
""",
    ),
    Family(
        "keras",
        ("dense",),
        """
os.environ["KERAS_BACKEND"] = "torch"
import keras
keras.utils.set_random_seed(3)
dense = keras.Sequential([keras.Input((3,)), keras.layers.Dense(4), keras.layers.Dropout(0.5), keras.layers.Dense(1)])
def STATE():
    import torch
    options = keras.config.floatx(), keras.config.is_interactive_logging_enabled()
    return options, dense.compiled, dense.predict_function is None, torch.is_grad_enabled(), torch.rand(1).item()
""",
    ),
    Family(
        "onnx",
        ("session",),
        """
import onnxruntime
from skl2onnx import to_onnx
from sklearn.linear_model import LinearRegression
fitted = to_onnx(LinearRegression().fit(frame, frame["fee"] * 2), frame.to_numpy(np.float32)[:1])
session = onnxruntime.InferenceSession(fitted.SerializeToString(), providers=["CPUExecutionProvider"])
def STATE():
    return session.get_providers(), session.get_session_options().intra_op_num_threads
""",
    ),
    Family(
        "mlflow",
        ("loaded",),
        """
import mlflow
from sklearn.linear_model import LinearRegression
warnings.simplefilter("ignore")
inner = LinearRegression().fit(frame, frame["fee"] * 2)
signature = mlflow.models.infer_signature(frame, inner.predict(frame))
mlflow.sklearn.save_model(inner, "model", signature=signature, serialization_format="cloudpickle")
loaded = mlflow.pyfunc.load_model("model")
def STATE():
    return mlflow.active_run(), mlflow.get_tracking_uri()[:7]
""",
    ),
)


def calls_of(family: Family) -> list[tuple[str, dict[str, Any]]]:
    made: list[tuple[str, dict[str, Any]]] = [("list_models", {}), ("list_dataframes", {}), ("get_system_status", {})]
    for model in family.models:
        of = {"model_id": model}
        made += [("get_model_info", {**of, "detail": detail}) for detail in ("summary", "signature", "parameters")]
        made += [
            ("make_prediction", {**of, "features": {"fee": 20.0, "age": 30.0, "score": 0.1}}),
            ("make_prediction", {**of, "data": "frame"}),
            ("make_prediction", {**of, "row": "frame[3]"}),
            ("validate_features", {**of, "features": {"fee": "much"}}),
            ("suggest_inputs", of),
            ("get_feature_importance", of),
            ("get_feature_importance", {**of, "data": "frame", "target": "target"}),
            ("explain_prediction", {**of, "row": "frame[3]"}),
            ("get_partial_dependence", {**of, "features": ["age"], "data": "frame", "grid": 3}),
            ("what_if", {**of, "row": "frame[3]", "changes": {"age": "doubled"}}),
            ("evaluate_model", {**of, "data": "frame", "target": "target"}),
            ("analyze_errors", {**of, "data": "frame", "target": "target"}),
            ("check_drift", {**of, "data": "frame", "reference": "frame"}),
            ("check_freshness", of),
            ("make_batch_prediction", {**of, "data": "frame", "into": f"{model}.parquet", "chunk_rows": 40}),
        ]
    return made


@pytest.fixture(params=FAMILIES, ids=lambda family: family.name)
def family(request: pytest.FixtureRequest) -> Family:
    found: Family = request.param
    return found


@pytest.fixture
def kernels(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jp_asyncio_loop: asyncio.AbstractEventLoop
) -> Iterator[list[RunningKernel]]:
    monkeypatch.chdir(tmp_path)
    started = [
        jp_asyncio_loop.run_until_complete(start_kernel("7-imported", tmp_path / str(number))) for number in range(2)
    ]
    yield started
    for kernel in started:
        jp_asyncio_loop.run_until_complete(stop_kernel(kernel))


async def story(kernel: RunningKernel, family: Family, asked: bool) -> dict[str, Any]:
    """The cells of a family; with `asked` every tool is called while the long one runs and waits for input."""
    if asked:
        await kernel.link.attach()
    assert (await kernel.run(COMMON + family.prepare))["status"] == "ok"
    await kernel.run("random.seed(1); np.random.seed(1)")
    told = {"stdout": "", "stderr": ""}
    done: list[str] = []

    async def call_all() -> None:
        for name, args in calls_of(family):
            result = await kernel.link.call(name, args, request_id=os.urandom(8).hex(), timeout_s=60)
            assert result.fault is None or result.fault["code"] not in ("tool_failed", "internal"), (name, args, result)
            done.append(name if result.ok else "")

    async def answer() -> None:
        if asked:
            await call_all()
        kernel.client.input("Ada")

    def take(message: dict[str, Any]) -> None:
        if message["header"]["msg_type"] == "stream":
            told[message["content"]["name"]] += message["content"]["text"]

    waiting: list[asyncio.Task[None]] = []
    running = asyncio.ensure_future(
        kernel.client.execute_interactive(
            CELL,
            output_hook=take,
            stdin_hook=lambda message: waiting.append(asyncio.ensure_future(answer())),
            allow_stdin=True,
            timeout=300,
        )
    )
    if asked:
        await asyncio.sleep(0.3)
        await call_all()
        # Most of it has an answer; a tool that is not for such a model says so.
        assert {"list_models", "get_model_info", "make_prediction", "validate_features"} <= set(done), done
    await running
    for task in waiting:
        await task
    return {**told, "after": (await kernel.run(AFTER))["streams"]}


async def test_a_running_cell_does_not_notice_the_tools(family: Family, kernels: list[RunningKernel]) -> None:
    without, with_us = [
        await story(kernel, family, asked) for kernel, asked in zip(kernels, (False, True), strict=True)
    ]
    assert "line 11" in without["stdout"] and "Ada [" in without["stdout"]
    assert with_us == without
