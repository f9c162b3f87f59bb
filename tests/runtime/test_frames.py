"""Data of every library: found, described, asked by row and whole, and given back to models in their own kind."""

from __future__ import annotations

import sys
from typing import Any

import dask.dataframe as dd
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import scipy.sparse as sp
from lightgbm import LGBMRegressor
from runtime.context import Context, cell
from runtime.people import shuffled
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

from jupyter_mlchat.runtime import frames
from jupyter_mlchat.runtime.asking.prediction import predict_frame
from jupyter_mlchat.runtime.catalog import catalogue, find_model
from jupyter_mlchat.runtime.profile import profile, sample_of
from jupyter_mlchat.runtime.signature import signature

RNG = np.random.default_rng(4)
ROWS = 60
FRAME = pd.DataFrame(
    {
        "fee": RNG.uniform(5, 90, ROWS),
        "age": RNG.integers(18, 80, ROWS),
        "plan": RNG.choice(["basic", "pro"], ROWS),
        "vip": RNG.random(ROWS) > 0.5,
    }
)
Y = FRAME["fee"] * 2 + FRAME["age"]
NUMBERS = FRAME[["fee", "age"]]
KINDS: dict[str, tuple[frames.FrameKind, Any]] = {
    "pandas": ("pandas", FRAME),
    "nullable": ("pandas", FRAME.convert_dtypes()),
    "arrow dtypes": ("pandas", FRAME.convert_dtypes(dtype_backend="pyarrow")),
    "polars": ("polars", pl.DataFrame(FRAME.to_dict("list"))),
    "lazy": ("polars_lazy", pl.DataFrame(FRAME.to_dict("list")).lazy()),
    "arrow": ("arrow", pa.table(FRAME.to_dict("list"))),
    "dask": ("dask", dd.from_pandas(FRAME, npartitions=3)),
    "records": ("records", FRAME.to_dict("records")),
}


def pipeline() -> Any:
    hot = ColumnTransformer([("n", StandardScaler(), ["fee", "age"]), ("c", OneHotEncoder(), ["plan"])])
    return make_pipeline(hot, LinearRegression()).fit(FRAME, Y)


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_is_found_and_answers_whole(name: str) -> None:
    kind, data = KINDS[name]
    model = pipeline()
    context = Context({"model": model, "data": data})
    assert frames.kind_of(data) == kind
    (card,) = catalogue(context)["frames"]
    assert card["columns"] == list(FRAME.columns) and card["shape"][1] == 4 and len(card["dtypes"]) == 4
    rows = frames.UNKNOWN_ROWS if frames.is_lazy(data) else ROWS
    assert card["shape"][0] == rows and frames.memory_of(data) >= 0
    found = find_model(context, "model")
    labels = predict_frame(context, found, signature(context, found), data)  # type: ignore[arg-type]
    assert labels.tolist() == model.predict(FRAME).tolist()
    if not frames.is_lazy(data):
        one = context.data("make_prediction", model_id="model", row="data[-1]")
        assert one["prediction"] == model.predict(FRAME.tail(1))[0]
    else:
        assert context.run("make_prediction", model_id="model", row="data[0]")["fault"]["code"] == "invalid_input"


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_is_profiled_alike(name: str) -> None:
    _, data = KINDS[name]
    sample = sample_of(data)
    columns, dtypes = frames.columns_of(sample)
    seen = {c: profile(frames.values(sample, i), whole=True, dtype=dtypes[i]) for i, c in enumerate(columns)}
    assert {name: one.role for name, one in seen.items()} == {
        "fee": "numeric", "age": "numeric", "plan": "categorical", "vip": "boolean",
    }  # fmt: skip
    if name != "dask":  # of which the first partition is looked at
        assert seen["fee"].low == FRAME["fee"].min() and seen["fee"].rows == ROWS
        assert seen["plan"].counts == FRAME["plan"].value_counts().to_dict()


def test_samples_are_spread_evenly_in_every_kind() -> None:
    for _, data in KINDS.values():
        assert frames.rows_of(frames.strided(data, 20)) <= 20
    sparse = sp.csr_array(np.eye(50))
    assert frames.shape_of(frames.strided(sparse, 10)) == [10, 50]
    assert frames.values(sparse, 3).tolist() == np.eye(50)[3].tolist()


class PolarsOnly(FunctionTransformer):
    """A step that speaks polars."""

    def __init__(self) -> None:
        super().__init__(self.ratio)

    @staticmethod
    def ratio(frame: pl.DataFrame) -> Any:
        return frame.select(pl.col("fee") / pl.col("age"), pl.col("plan").str.len_chars()).to_numpy()


def test_a_model_fitted_on_polars_gets_polars() -> None:
    data = pl.DataFrame(FRAME.to_dict("list"))
    context = Context({"model": make_pipeline(PolarsOnly(), LinearRegression()), "X": data, "y": Y})
    cell(context, "model.fit(X, y)")
    model = context.user_ns["model"]
    told = context.data("make_prediction", model_id="model", features=shuffled(FRAME.tail(20)))
    assert told["prediction"] == model.predict(data.tail(20)).tolist()
    found = find_model(context, "model")
    for other in (FRAME.iloc[:, ::-1], data.select(data.columns[::-1]), pa.table(FRAME.to_dict("list"))):
        labels = predict_frame(context, found, signature(context, found), other)  # type: ignore[arg-type]
        assert labels.tolist() == model.predict(data).tolist()
    issues = context.run("validate_features", model_id="model", features={"fee": "x", "age": None, "plan": "gold"})
    assert {issue["code"] for issue in issues["issues"]} >= {"type_error", "missing_column", "null_value"}


def test_a_model_fitted_on_arrow_gets_arrow() -> None:
    table = pa.table(NUMBERS.to_dict("list"))
    context = Context({"model": LGBMRegressor(n_estimators=3, verbose=-1), "X": table, "y": Y})
    context.user_ns["model"].fit(NUMBERS, Y)
    found = find_model(context, "model")
    labels = predict_frame(context, found, signature(context, found), table.select(["age", "fee"]))  # type: ignore[arg-type]
    assert labels.tolist() == context.user_ns["model"].predict(NUMBERS).tolist()


def test_sparse_matrices_are_data_and_inputs() -> None:
    dense = np.where(RNG.random((80, 6)) > 0.6, RNG.normal(size=(80, 6)), 0)
    for matrix in (sp.csr_matrix(dense), sp.coo_array(dense)):
        context = Context({"model": LinearRegression(), "X": matrix, "y": dense.sum(axis=1)})
        cell(context, "model.fit(X, y)")
        model = context.user_ns["model"]
        found = find_model(context, "model")
        labels = predict_frame(context, found, signature(context, found), matrix)  # type: ignore[arg-type]
        assert labels.tolist() == model.predict(matrix).tolist()
        row = {f"x{i}": float(value) for i, value in enumerate(dense[3])}
        told = context.data("make_prediction", model_id="model", features=row)
        assert told["prediction"] == pytest.approx(model.predict(dense[3:4])[0])
        assert frames.memory_of(matrix) > 0


@pytest.mark.parametrize("dtype", ["string", "str", "category", "object"])
def test_text_columns_of_any_dtype(dtype: str) -> None:
    frame = FRAME.assign(plan=FRAME["plan"].astype(dtype), when=pd.Timestamp("2024-01-01", tz="UTC"))
    frame["age"] = frame["age"].astype("Int64")
    context = Context({"model": pipeline(), "X": frame, "y": Y})
    cell(context, "model.fit(X, y)")
    model = context.user_ns["model"]
    told = context.data("make_prediction", model_id="model", features=shuffled(frame.tail(20)))
    assert told["prediction"] == model.predict(frame.tail(20)).tolist()


def test_lists_that_are_not_records() -> None:
    for value in ([], [{}], [{"a": 1}], [{"a": 1}, {"b": 1}], [{"a": [1]}, {"a": [2]}], [1, 2], [{1: 2}, {1: 3}]):
        assert frames.kind_of(value) is None


def test_columns_are_counted_without_pandas(monkeypatch: pytest.MonkeyPatch) -> None:
    model = LinearRegression().fit(NUMBERS, Y)
    monkeypatch.delitem(sys.modules, "pandas")
    data = pl.DataFrame(FRAME.to_dict("list"))
    roles = []
    for place in range(4):
        values = frames.values(data, place)
        assert type(values) is np.ndarray
        roles.append(profile(values, whole=True).role)
    assert roles == ["numeric", "numeric", "categorical", "boolean"]
    context = Context({"model": model, "X_train": data})
    told = context.data("make_prediction", model_id="model", features={"age": 30, "fee": 9})
    assert told["prediction"] == model.predict(pl.DataFrame({"fee": [9.0], "age": [30]}))[0]


def test_texts_of_another_library_become_the_categories_of_the_fit() -> None:
    frame = FRAME[["fee", "plan"]].assign(plan=FRAME["plan"].astype("category"))
    context = Context({"model": LGBMRegressor(n_estimators=3, verbose=-1), "X": frame, "y": Y})
    cell(context, "model.fit(X, y)")
    found = find_model(context, "model")
    other = pl.DataFrame({"plan": ["gold", *FRAME["plan"][1:]], "fee": FRAME["fee"].to_list()})
    labels = predict_frame(context, found, signature(context, found), other)  # type: ignore[arg-type]
    assert labels.tolist()[1:] == context.user_ns["model"].predict(frame).tolist()[1:]
