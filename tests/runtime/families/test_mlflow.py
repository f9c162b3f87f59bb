"""MLflow's pyfunc models, loaded from a folder: no server, no database."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pandas as pd
import pytest
from runtime.context import Context
from runtime.families.invariance import Case, assert_invariant
from sklearn.linear_model import LinearRegression, LogisticRegression

RNG = np.random.default_rng(2)
FRAME = pd.DataFrame({"fee": RNG.uniform(5, 90, 60), "age": RNG.uniform(18, 80, 60), "visits": RNG.integers(0, 9, 60)})
pytestmark = pytest.mark.filterwarnings("ignore")


def logged(model: Any, folder: Path, example: pd.DataFrame) -> Any:
    signature = mlflow.models.infer_signature(example, model.predict(example))
    mlflow.sklearn.save_model(model, str(folder / "model"), signature=signature, serialization_format="cloudpickle")
    return mlflow.pyfunc.load_model(str(folder / "model"))


@pytest.mark.long
def test_invariance_with_the_logged_types(tmp_path: Path) -> None:
    inner = LinearRegression().fit(FRAME, FRAME["fee"] * 2 + FRAME["age"])
    model = logged(inner, tmp_path, FRAME)
    assert_invariant(Case(model, FRAME, inner.predict, "regression", "fee"))


def test_a_whole_number_goes_into_a_double(tmp_path: Path) -> None:
    inner = LogisticRegression().fit(FRAME, np.where(FRAME["fee"] > 40, "yes", "no"))
    model = logged(inner, tmp_path, FRAME)
    with pytest.raises(Exception, match="int64"):
        model.predict(pd.DataFrame({"fee": [5], "age": [30], "visits": [1]}))
    context = Context({"model": model})
    told = context.data("make_prediction", model_id="model", features={"visits": 1, "age": 30, "fee": 5})
    row = pd.DataFrame({"fee": [5.0], "age": [30.0], "visits": [1]})
    assert told["prediction"] == inner.predict(row)[0]
    assert list(told["probability"].values()) == inner.predict_proba(row)[0].tolist()
    features = context.data("get_model_info", model_id="model")["features"]
    assert [one["dtype"] for one in features] == ["float64", "float64", "int64"]
    issue = context.run("validate_features", model_id="model", features={"visits": None, "age": 30, "fee": 5})["issues"]
    assert [one["code"] for one in issue] == ["null_value"]


@pytest.mark.long
def test_without_a_signature_nothing_is_guessed(tmp_path: Path) -> None:
    inner = LinearRegression().fit(FRAME, FRAME["fee"])
    mlflow.sklearn.save_model(inner, str(tmp_path / "bare"), serialization_format="cloudpickle")
    context = Context({"model": mlflow.pyfunc.load_model(str(tmp_path / "bare"))})
    assert context.run("make_prediction", model_id="model", features={"fee": 5})["fault"]["code"] == "unsupported"
