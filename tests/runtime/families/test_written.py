"""Functions, scripts and cells for inputs that are no pandas frames: they answer as the tools do."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import dask.dataframe
import numpy as np
import onnxruntime
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import torch
from runtime.context import Context, cell
from runtime.reproduce import reproduced
from skl2onnx import to_onnx
from sklearn.linear_model import LinearRegression, LogisticRegression
from torch import nn

from jupyter_mlchat.runtime.registered import STATE_KEY, facts_of

os.environ["KERAS_BACKEND"] = "torch"
import keras

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
RNG = np.random.default_rng(6)
NUMBERS = pd.DataFrame({"x0": RNG.normal(size=60), "x1": RNG.normal(size=60), "x2": RNG.normal(size=60)})
KIND = np.where(NUMBERS["x0"] > NUMBERS["x1"], "more", "less")


def models() -> dict[str, Any]:
    torch.manual_seed(0)
    keras.utils.set_random_seed(0)
    inner = LogisticRegression().fit(NUMBERS.to_numpy(np.float32), KIND)
    converted = to_onnx(inner, NUMBERS.to_numpy(np.float32)[:1], options={id(inner): {"zipmap": False}})
    return {
        "net": nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2)),
        "soft": nn.Sequential(nn.Linear(3, 2), nn.Softmax(-1)),
        "dense": keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, "softmax")]),
        "session": onnxruntime.InferenceSession(converted.SerializeToString(), providers=["CPUExecutionProvider"]),
    }


MODELS = models()


def context_of(name: str) -> Context:
    context = Context({name: MODELS[name]})
    if name != "session":
        context.kept[STATE_KEY] = {name: facts_of(name, MODELS[name], X=NUMBERS, classes=["less", "more"])}
    return context


@pytest.mark.parametrize("name", MODELS)
def test_a_scoring_function_of_a_network(name: str) -> None:
    context = context_of(name)
    result = context.run("propose_cell", kind="scoring_function", model_id=name)
    assert result["ok"], result["fault"]
    namespace: dict[str, Any] = {name: MODELS[name]}
    exec(compile(result["code"], "<cell>", "exec"), namespace)
    features = {"x0": 0.5, "x1": -1.0, "x2": 2.0}
    told = namespace[result["data"]["function"]](**features)
    direct = context.data("make_prediction", model_id=name, features=features)
    assert told["prediction"] == direct["prediction"]
    if name == "net":
        assert told["probability"] is None
    else:
        said = direct["probability"]
        ours = told["probability"]
        ours, said = (list(one.values()) if isinstance(one, dict) else one for one in (ours, said))
        assert ours == pytest.approx(said)


@pytest.mark.parametrize("name", MODELS)
def test_a_batch_script_of_a_network_loads_what_its_library_saved(name: str, tmp_path: Path) -> None:
    result = context_of(name).run("propose_cell", kind="batch_script", model_id=name)
    assert result["ok"], result["fault"]
    path, model = str(tmp_path / "saved.keras"), MODELS[name]
    if name == "dense":
        model.save(path)
    elif name != "session":
        torch.save(model, path)
    else:
        inner = LogisticRegression().fit(NUMBERS.to_numpy(np.float32), KIND)
        saved = to_onnx(inner, NUMBERS.to_numpy(np.float32)[:1], options={id(inner): {"zipmap": False}})
        Path(path).write_bytes(saved.SerializeToString())
    script: dict[str, Any] = {"__name__": "score"}
    exec(compile(result["code"], "score.py", "exec"), script)
    scored = script["score"](script["load"](path), NUMBERS)
    context = context_of(name)
    context.user_ns["rows"] = NUMBERS
    counts = context.data("make_prediction", model_id=name, data="rows")
    if name == "session" or name == "net":
        shown = {label: count for label, count in counts["counts"].items() if count}
        assert scored["prediction"].value_counts().to_dict() == shown
    if name != "net":
        assert scored.filter(like="probability").sum(axis=1).to_numpy() == pytest.approx(1, rel=1e-5)


def test_a_scoring_function_of_images_takes_one_item() -> None:
    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv2d(1, 2, 3), nn.Flatten(), nn.Linear(18, 3))
    context = Context({"net": net, "batch": torch.rand(2, 1, 5, 5)})
    made = context.run("propose_cell", kind="scoring_function", model_id="net")
    namespace: dict[str, Any] = {"net": net}
    exec(made["code"], namespace)
    direct = context.data("make_prediction", model_id="net", data="batch[1]")["prediction"]
    assert namespace["score_net"](context.user_ns["batch"][1])["prediction"] == pytest.approx(direct[0])
    assert context.run("propose_cell", kind="batch_script", model_id="net")["fault"]["code"] == "unsupported"


def notebook(kind: str) -> Context:
    frame = NUMBERS.assign(plan=RNG.choice(["basic", "pro"], 60), amount=NUMBERS["x0"] * 3)
    table: Any = {
        "arrow": lambda: pa.Table.from_pandas(frame), "polars": lambda: pl.from_pandas(frame),
        "records": lambda: frame.to_dict("records"), "pandas": lambda: frame,
    }[kind]()  # fmt: skip
    context = Context({"table": table, "line": LinearRegression()})
    columns = ["x0", "x1", "x2"]
    picked = table.select(columns) if kind in ("arrow", "polars") else frame[columns]
    context.user_ns["X"] = picked if kind != "records" else [dict(row) for row in picked.to_dict("records")]
    context.user_ns["target"] = frame["amount"].to_numpy()
    if kind == "records":
        context.user_ns["line"].fit(picked, frame["amount"])
    else:
        cell(context, "line.fit(X, target)")
    return context


@pytest.mark.parametrize("kind", ["arrow", "polars", "records", "pandas"])
def test_cells_of_other_tables_give_the_numbers_again(kind: str) -> None:
    context = notebook(kind)
    line = context.user_ns["line"]
    direct = line.predict(NUMBERS)
    one = context.run("make_prediction", model_id="line", row="table[4]")
    assert one["data"]["prediction"] == pytest.approx(direct[4])
    assert reproduced(context, one["code"])[0] == pytest.approx(direct[4])
    whole = context.run("make_prediction", model_id="line", data="table")
    assert whole["ok"] and whole["data"]["n"] == 60, whole["fault"]
    assert reproduced(context, whole["code"]) == pytest.approx(direct)
    some = context.run("make_prediction", model_id="line", data="table", where="x0 > 0 and plan == 'pro'")
    assert some["ok"], some["fault"]
    assert len(reproduced(context, some["code"])) == (some["local"] or some["data"])["n"]
    measured = context.run("evaluate_model", model_id="line", data="table", target="amount")
    assert measured["ok"], measured["fault"]
    assert reproduced(context, measured["code"])["mae"][0] == pytest.approx(measured["data"]["metrics"]["mae"]["value"])
    changed = context.run("what_if", model_id="line", data="table", changes={"x0": "+1"})
    assert changed["ok"], changed["fault"]
    before, after = reproduced(context, changed["code"])
    assert after - before == pytest.approx(changed["data"]["delta"])
    alike = context.run("find_similar_examples", model_id="line", row="table[4]", data="table", k=2)
    assert alike["ok"] and alike["data"]["examples"][0]["row"] == 4
    assert len(reproduced(context, alike["code"])) == 2


def test_what_is_not_computed_yet_is_computed_by_the_cell() -> None:
    context = notebook("pandas")
    frame = context.user_ns["table"]
    context.user_ns.update(lazy=pl.from_pandas(frame).lazy(), parts=dask.dataframe.from_pandas(frame, npartitions=2))
    for data in ("lazy", "parts"):
        told = context.run("make_prediction", model_id="line", data=data)
        assert told["ok"] and told["data"]["n"] == 60, told["fault"]
        assert reproduced(context, told["code"]) == pytest.approx(context.user_ns["line"].predict(NUMBERS))
        described = context.run("describe_dataframe", data=data)
        assert described["ok"] and described["data"]["rows"] is None and len(described["data"]["columns"]) == 5


@pytest.mark.parametrize("kind", ["pandas", "polars", "arrow", "numpy"])
def test_a_wide_row_is_written_as_what_was_changed_in_it(kind: str) -> None:
    wide = pd.DataFrame(RNG.normal(size=(50, 300)), columns=[f"c{i}" for i in range(300)])
    table = {
        "pandas": wide, "polars": pl.from_pandas(wide), "arrow": pa.Table.from_pandas(wide), "numpy": wide.to_numpy(),
    }[kind]  # fmt: skip
    context = Context({"wide": table, "line": LinearRegression()})
    context.user_ns["target"] = wide["c0"].to_numpy()
    cell(context, "line.fit(wide, target)")
    names = ["x7", "x8"] if kind == "numpy" else ["c7", "c8"]
    asked = {"model_id": "line", "row": "wide[3]"}
    told = context.run("make_prediction", **asked, features={names[0]: 9.5, names[1]: -2})
    assert told["ok"], told["fault"]
    assert len(told["code"]) < (12_000 if kind != "numpy" else 400)
    assert reproduced(context, told["code"])[0] == pytest.approx(told["data"]["prediction"])
    swept = context.run("what_if", **asked, features={names[0]: 9.5}, sweep=names[1], values=[0.0, 1.0])
    shown = [card["prediction"] for card in swept["data"]["sweep"]]
    assert reproduced(context, swept["code"]).tolist() == pytest.approx(shown)
