"""What holds for a model of any library: the same answers however inputs are written, every wrong one named."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from runtime.context import Context, cell
from runtime.people import plain

from jupyter_mlchat.runtime.asking.containers import chunks
from jupyter_mlchat.runtime.asking.prediction import predict_frame
from jupyter_mlchat.runtime.catalog import find_model
from jupyter_mlchat.runtime.registered import STATE_KEY, facts_of
from jupyter_mlchat.runtime.signature import signature

ROWS = 20


@dataclass
class Case:
    """`direct` answers for a frame with the columns in the order of the fit: the library's own way of asking."""

    model: Any
    X: Any
    direct: Callable[[pd.DataFrame], Any]
    task: str
    numeric: str
    """A column of fractions."""
    category: str | None = None
    fit: str = ""
    """The cell that fitted it, if it was fitted by `fit`."""
    names: dict[str, Any] = field(default_factory=dict)
    far: float = 900.0
    """More than any value of the numeric column."""
    registered: bool = False
    """Whether the person told which columns it was fitted on."""

    def context(self) -> Context:
        context = Context({"model": self.model, "X_train": self.X, **self.names})
        if self.fit:
            cell(context, self.fit)
        if self.registered:
            context.kept[STATE_KEY] = {"model": facts_of("model", self.model, X=self.X)}
        return context


def rows_of(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """As JSON would bring them, with the keys in reverse."""
    return [
        {name: _null(plain(row[name])) for name in reversed(list(row))}
        for row in frame.astype(object).to_dict("records")
    ]


def _null(value: Any) -> Any:
    return None if value is pd.NA or value is pd.NaT or value != value else value


def same(told: Any, direct: Any) -> None:
    direct = np.asarray(direct)
    direct = direct[:, 0] if direct.ndim == 2 and direct.shape[1] == 1 else direct
    assert told == direct.tolist()


def assert_invariant(case: Case) -> None:
    context = case.context()
    found = find_model(context, "model")
    assert found.status in ("fitted", "unknown") and found.task == case.task
    frame = case.X if isinstance(case.X, pd.DataFrame) else case.X.to_pandas()
    sample = frame.tail(ROWS)
    told = context.data("make_prediction", model_id="model", features=rows_of(sample))
    same(told["prediction"], case.direct(sample))
    _shuffled_frame(case, context, frame)
    _chunked(case, context, frame)
    _int_for_double(case, context, sample)
    _as_told(case, context, sample)
    _issues(case, context, rows_of(sample)[0])


def _shuffled_frame(case: Case, context: Context, frame: pd.DataFrame) -> None:
    moved = frame[[*frame.columns[1:], frame.columns[0]]].iloc[:, ::-1]
    context.user_ns["moved"] = moved.assign(another=1)
    found = find_model(context, "model")
    labels = predict_frame(context, found, signature(context, found), context.user_ns["moved"])  # type: ignore[arg-type]
    same(labels.tolist(), case.direct(frame))


def _chunked(case: Case, context: Context, frame: pd.DataFrame) -> None:
    """In pieces of seven rows: the same, up to the order in which a library sums."""
    found = find_model(context, "model")
    sig = signature(context, found)  # type: ignore[arg-type]
    parts = [found.adapter.predict(found.model, piece, details=False).label for piece in chunks(sig, frame, 7)]
    whole = np.asarray(predict_frame(context, found, sig, frame))  # type: ignore[arg-type]
    joined = np.concatenate([np.asarray(part).reshape(-1, *whole.shape[1:]) for part in parts])
    assert len(parts) > 1
    if whole.dtype.kind == "f":
        np.testing.assert_allclose(joined, whole, rtol=1e-5, atol=1e-7)
    else:
        assert joined.tolist() == whole.tolist()


def _as_told(case: Case, context: Context, sample: pd.DataFrame) -> None:
    """What the model is said to do with an empty cell, it does."""
    empty = sample.head(1).assign(**{case.numeric: float("nan")})
    row = {**rows_of(sample)[0], case.numeric: None}
    issues = context.run("validate_features", model_id="model", features=row)["issues"]
    said = next(issue["model_behaviour"] for issue in issues if issue["code"] == "null_value")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            answer = np.asarray(case.direct(empty))
    except Exception:
        assert "raises an error" in said or "not known" in said, said
    else:
        isnan = answer.dtype.kind == "f" and bool(np.isnan(answer).all())
        assert ("NaN" if isnan else "own way") in said or "not known" in said, (said, answer)


def _int_for_double(case: Case, context: Context, sample: pd.DataFrame) -> None:
    row = rows_of(sample)[0]
    whole = sample.head(1).assign(**{case.numeric: float(int(row[case.numeric]))})
    told = context.data("make_prediction", model_id="model", features={**row, case.numeric: int(row[case.numeric])})
    same([told["prediction"]], case.direct(whole))


def _issues(case: Case, context: Context, row: dict[str, Any]) -> None:
    wrong = {
        "missing_column": {name: value for name, value in row.items() if name != case.numeric},
        "null_value": {**row, case.numeric: None},
        "type_error": {**row, case.numeric: "many"},
        "out_of_range": {**row, case.numeric: case.far},
    }
    if case.category is not None:
        wrong["unknown_category"] = {**row, case.category: "gold"}
    for code, features in wrong.items():
        result = context.run("validate_features", model_id="model", features=features)
        assert result["ok"], result["fault"]
        issues = {issue["code"]: issue for issue in result["issues"]}
        assert code in issues, (code, issues)
        assert issues[code]["suggestion"] and issues[code]["model_behaviour"]
        if result["data"]["valid"]:
            asked = context.run("make_prediction", model_id="model", features=features)
            assert asked["ok"], (code, asked["fault"])
