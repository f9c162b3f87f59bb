"""ONNX Runtime sessions of converted scikit-learn models."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnxruntime
import pandas as pd
import pytest
from runtime.context import Context
from runtime.families.invariance import Case, assert_invariant
from skl2onnx import convert_sklearn, to_onnx
from skl2onnx.common.data_types import DoubleTensorType, StringTensorType
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LinearRegression, LogisticRegression
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
