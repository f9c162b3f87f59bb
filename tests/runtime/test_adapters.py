"""Which adapter answers for an object, others' adapters included."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from runtime.context import Context
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.preprocessing import StandardScaler

from jupyter_mlchat.runtime.adapters import Registry
from jupyter_mlchat.runtime.catalog import find_model

SOURCE = """
from jupyter_mlchat.runtime.adapters.duck import DuckAdapter

class Net:
    def forecast(self, X):
        return [len(X)] * len(X)
    predict = forecast

class NetAdapter(DuckAdapter):
    family = "nets"
    def task(self, model):
        return "regression"
"""


class Rule:
    """Hand-written, with the names that scikit-learn would give."""

    def fit(self, X: pd.DataFrame) -> Rule:
        self.feature_names_in_ = np.array(X.columns)
        self.classes_ = np.array(["low", "high"])
        return self

    def predict(self, X: pd.DataFrame) -> Any:
        return np.where(X["a"] > 0, "high", "low")

    def predict_proba(self, X: pd.DataFrame) -> Any:
        return np.column_stack([X["a"] <= 0, X["a"] > 0]).astype(float)


class Own(ClassifierMixin, BaseEstimator):
    """Derived from scikit-learn in a notebook."""

    def fit(self, X: Any, y: Any) -> Own:
        self.n_features_in_ = X.shape[1]
        self.classes_ = np.unique(y)
        return self

    def predict(self, X: Any) -> Any:
        return self.classes_[(np.asarray(X)[:, 0] > 0).astype(int)]


def test_anything_with_a_predict_and_names_can_be_asked() -> None:
    context = Context({"rule": Rule().fit(pd.DataFrame({"a": [1.0], "b": [2.0]}))})
    assert find_model(context, "rule").adapter.family == "other"
    data = context.data("make_prediction", model_id="rule", features={"b": 1, "A": 3})
    assert data["prediction"] == "high" and data["confidence"] == 1.0


def test_an_own_class_of_scikit_learn() -> None:
    context = Context({"own": Own().fit(np.zeros((4, 2)), [0, 1, 0, 1]), "new": Own()})
    assert find_model(context, "own").status == "fitted" and find_model(context, "new").status == "unfitted"
    assert context.data("make_prediction", model_id="own", features={"x0": 2, "x1": 0})["prediction"] == 1


def test_what_is_no_model() -> None:
    registry = Registry()
    for thing in (pd.DataFrame({"predict": [1]}), StandardScaler(), Rule, Own, object(), "text", len):
        assert registry.of(thing) is None


def test_others_add_theirs_by_an_entry_point(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "netlib.py").write_text(SOURCE)
    info = tmp_path / "netlib-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: netlib\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[jupyter_mlchat.adapters]\nnetlib.Net = netlib:NetAdapter\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    import netlib  # type: ignore[import-not-found]

    try:
        found = find_model(Context({"net": netlib.Net()}), "net")
        assert (found.adapter.family, found.task) == ("nets", "regression")
    finally:
        del sys.modules["netlib"]


def test_looking_needs_no_library() -> None:
    """The runtime imports nothing that the person has not imported."""
    import subprocess

    code = (
        "import sys; sys.path[:0] = sys.argv[1:]\n"
        "from context import Context\n"
        "c = Context({'x': 1})\n"
        "for t in ('list_models', 'list_dataframes', 'get_system_status', 'get_running_cell'): assert c.run(t)['ok']\n"
        "heavy = {'numpy', 'pandas', 'sklearn', 'joblib', 'msgspec', 'IPython'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    here = Path(__file__).parent
    done = subprocess.run([sys.executable, "-c", code, str(here), str(here.parents[1])], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
