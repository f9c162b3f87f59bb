"""ONNX Runtime sessions of converted scikit-learn models."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnxruntime
import pandas as pd
import pytest
from onnx import TensorProto, helper
from runtime.context import Context
from runtime.families.invariance import Case, assert_invariant
from runtime.reproduce import reproduced
from skl2onnx import convert_sklearn, to_onnx
from skl2onnx.common.data_types import DoubleTensorType, StringTensorType
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import log_loss
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

RNG = np.random.default_rng(2)
FRAME = pd.DataFrame({"x0": RNG.uniform(5, 90, 60), "x1": RNG.uniform(18, 80, 60)})
LABEL = np.where(FRAME["x0"] > FRAME["x1"], "more", "less")


def session(model: Any) -> Any:
    return onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])


def test_invariance_of_a_regression() -> None:
    model = session(to_onnx(LinearRegression().fit(FRAME, FRAME["x0"] * 2), FRAME.to_numpy(np.float32)[:1]))

    def direct(frame: pd.DataFrame) -> Any:
        return model.run(None, {"X": frame.to_numpy(np.float32)})[0][:, 0].astype(float)

    assert_invariant(Case(model, FRAME, direct, "unknown", "x0", registered=True))


@pytest.mark.long
@pytest.mark.parametrize("zipmap", [True, False])
def test_a_classifier_has_labels_and_probabilities(zipmap: bool) -> None:
    inner = LogisticRegression().fit(FRAME, LABEL)
    options = {id(inner): {"zipmap": zipmap}}
    model = session(to_onnx(inner, FRAME.to_numpy(np.float32)[:1], options=options))
    context = Context({"model": model})
    told = context.data("make_prediction", model_id="model", features={"x1": 20, "x0": 60})
    label, chances = model.run(None, {"X": np.array([[60, 20]], np.float32)})
    assert told["prediction"] == label[0] == "more"
    if zipmap:
        assert told["probability"] == chances[0]
    else:
        assert told["probability"] == chances[0].astype(float).tolist()


@pytest.mark.long
def test_one_input_for_each_column() -> None:
    frame = FRAME.assign(plan=RNG.choice(["basic", "pro"], 60))
    hot = ColumnTransformer([("hot", OneHotEncoder(), ["plan"])], remainder="passthrough")
    inner = make_pipeline(hot, LinearRegression()).fit(frame, FRAME["x0"])
    types = [
        ("x0", DoubleTensorType([None, 1])),
        ("x1", DoubleTensorType([None, 1])),
        ("plan", StringTensorType([None, 1])),
    ]
    model = session(convert_sklearn(inner, initial_types=types))
    context = Context({"model": model})
    told = context.data("make_prediction", model_id="model", features={"plan": "pro", "x1": 20, "x0": 60})
    feed = {"x0": [[60.0]], "x1": [[20.0]], "plan": [["pro"]]}
    direct = model.run(None, {k: np.array(v, object if k == "plan" else float) for k, v in feed.items()})[0]
    assert told["prediction"] == float(direct[0, 0])


@pytest.mark.long
def test_measures_of_a_converted_classifier() -> None:
    inner = LogisticRegression().fit(FRAME.to_numpy(), LABEL)
    context = Context({"model": session(to_onnx(inner, FRAME.to_numpy(np.float32)[:1])), "X": FRAME.to_numpy()})
    context.user_ns["label"] = pd.Series(LABEL)
    result = context.run("evaluate_model", model_id="model", data="X", target="label")
    told = result["data"]["metrics"]
    chances = inner.predict_proba(FRAME.to_numpy())
    assert told["log_loss"]["value"] == pytest.approx(log_loss(LABEL, chances, labels=inner.classes_), rel=1e-3)
    again = reproduced(context, result["code"])
    assert {name: again[name][0] for name in told} == pytest.approx(
        {name: card["value"] for name, card in told.items()}, rel=1e-4
    )


@pytest.mark.long
def test_a_network_of_images_with_a_second_output() -> None:
    """Two outputs of numbers are no labels with probabilities: the first is what the network says."""
    nodes = [
        helper.make_node("GlobalAveragePool", ["image"], ["mean"]),
        helper.make_node("Flatten", ["mean"], ["scores"]),
        helper.make_node("Relu", ["scores"], ["features"]),
    ]
    given = helper.make_tensor_value_info("image", TensorProto.FLOAT, [None, 3, 8, 8])
    found = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [None, 3]) for name in ("scores", "features")]
    made = helper.make_model(
        helper.make_graph(nodes, "net", [given], found), opset_imports=[helper.make_opsetid("", 17)]
    )
    made.ir_version = 9
    batch = RNG.random((2, 3, 8, 8)).astype(np.float32)
    context = Context({"model": session(made), "batch": batch})
    told = context.data("make_prediction", model_id="model", data="batch[1]")
    assert told["prediction"][0] == pytest.approx(batch[1].mean(axis=(1, 2)).tolist(), rel=1e-5)
    shown = context.run("explain_prediction", model_id="model", row="batch[1]", output="2")
    covered = batch[1].copy()
    covered[:, :1, :1] = batch[1].mean(axis=(1, 2), keepdims=True)
    drop = batch[1, 2].mean() - covered[2].mean()
    assert shown["data"]["map"][0][0] == pytest.approx(drop, rel=1e-2, abs=1e-6)
    assert np.allclose(reproduced(context, shown["code"]), shown["data"]["map"], atol=1e-6)
