"""Data told in numbers: correlations, one column closely, many columns in groups, and which data suits a model."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from runtime.context import Context
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from jupyter_mlchat.runtime import correlations, prefixes
from jupyter_mlchat.runtime.toolbox import size_of

RNG = np.random.default_rng(1)
AGE = RNG.normal(40, 12, 300)
FRAME = pd.DataFrame(
    {
        "age": AGE,
        "fee": 1_000_000 + 3 * AGE + RNG.normal(0, 5, 300),
        "visits": RNG.integers(0, 6, 300),
        "plan": RNG.choice(["basic", "pro"], 300),
        "joined": pd.Timestamp("2021-03-01") + pd.to_timedelta(RNG.integers(0, 700, 300), "D"),
        "empty": np.where(RNG.random(300) < 0.3, np.nan, -AGE),
        "same": 4.1,
        "vip": RNG.random(300) > 0.5,
    }
)


@pytest.mark.parametrize("kind", ["pandas", "polars", "arrow", "numpy"])
def test_correlations_are_those_of_pandas_whatever_holds_the_data(kind: str) -> None:
    numbers = FRAME[["age", "fee", "visits", "empty", "same"]]
    frame: Any = {
        "pandas": FRAME, "polars": pl.from_pandas(FRAME), "arrow": pa.Table.from_pandas(FRAME),
        "numpy": numbers.to_numpy(),
    }[kind]  # fmt: skip
    told = Context({"df": frame}).data("describe_dataframe", data="df")["correlations"]
    theirs = numbers.corr()
    if kind == "numpy":
        theirs.index = theirs.columns = [str(i) for i in range(5)]
    assert len(told) == 6, "a constant goes with nothing"
    for card in told:
        one, other = card["columns"]
        assert card["r"] == pytest.approx(theirs.loc[one, other], abs=1e-5)
    assert set(told[0]["columns"]) in ({"age", "empty"}, {"0", "3"}) and told[0]["rows"] < 300
    sizes = [abs(card["r"]) for card in told]
    assert sizes == sorted(sizes, reverse=True)


def test_correlated_needs_three_rows_and_something_that_varies() -> None:
    table = np.array([[1.0, 2.0, 0.1], [2.0, np.nan, 0.1], [3.0, 5.0, 0.1], [4.0, np.inf, 0.1]])
    r, rows = correlations.correlated(table)
    assert np.isnan(r[0, 1]) and rows[0, 1] == 2 and np.isnan(r[0, 2]) and r[0, 0] == pytest.approx(1)


def test_one_column_is_looked_at_closely() -> None:
    context = Context({"df": FRAME})
    (card,) = context.data("describe_dataframe", data="df", columns=["age"])["columns"]
    assert card["p25"] == pytest.approx(np.quantile(AGE, 0.25), rel=1e-5)
    assert card["skew"] == pytest.approx(float(((AGE - AGE.mean()) ** 3).mean() / AGE.std() ** 3), rel=1e-4)
    assert sum(one["n"] for one in card["histogram"]) == 300 and card["zeros"] == 0 and card["missing_share"] == 0
    related = context.data("describe_dataframe", data="df", columns=["age"])["correlations"]
    assert [pair["columns"][0] for pair in related] == ["age"] * 3 and related[0]["columns"][1] == "empty"
    (visits,) = context.data("describe_dataframe", data="df", columns=["visits"])["columns"]
    assert len(visits["histogram"]) == 6 and visits["zeros"] == int((FRAME["visits"] == 0).sum())
    (joined,) = context.data("describe_dataframe", data="df", columns=["joined"])["columns"]
    assert joined["earliest"] == str(FRAME["joined"].min()) and joined["days"] > 600
    (plan,) = context.data("describe_dataframe", data="df", columns=["plan"])["columns"]
    assert plan["missing_share"] == 0 and len(plan["top"]) == 2
    (same,) = context.data("describe_dataframe", data="df", columns=["same"])["columns"]
    assert same["histogram"] == [{"from": 4.1, "to": 4.1, "n": 300}] and same["skew"] is None


def test_what_stands_for_few_rows_or_for_one_person_stays_here() -> None:
    ids = pd.DataFrame({"customer_id": np.arange(777_000, 777_060), "wage": np.r_[np.ones(59), 99_999.5]})
    context = Context({"ids": ids, "few": pd.DataFrame({"a": [1.5, 2.5, 7.25], "b": [1.0, 2.0, 4.0]})})
    for data, columns in (("ids", ["customer_id"]), ("ids", ["wage"]), ("few", ["a"]), ("few", None)):
        result = context.run("describe_dataframe", data=data, columns=columns)
        left = json.dumps(result["data"])
        assert ("histogram" in left) == (columns == ["wage"]) and "99999" not in left and "777" not in left
        assert '"r"' not in left or data == "ids"


def test_frames_that_suit_a_model_are_found() -> None:
    X = FRAME[["age", "fee", "visits"]]
    model = LinearRegression().fit(X, FRAME["same"])
    context = Context(
        {
            "model": model, "X": X, "wide": FRAME, "other": FRAME[["age"]], "array": X.to_numpy(),
            "table": pl.from_pandas(X), "arrow": pa.Table.from_pandas(X[::-1]),
        }
    )  # fmt: skip
    told = context.run("list_dataframes", model_id="model")
    assert {card["id"] for card in told["data"]["dataframes"]} == {"X", "wide", "table", "arrow"}
    assert told["data"]["model_id"] == "model" and told["data"]["total"] == 4
    assert context.run("list_dataframes", model_id="nothing")["fault"]["code"] == "unknown_model"


def test_many_columns_are_told_in_groups() -> None:
    names = [f"sensor_{i}" for i in range(40)] + [f"age.{what}" for what in ("mean", "max")] + ["x1", "alone", "y z"]
    groups = prefixes.groups_of(names, ["float64"] * 42 + ["int64"] * 3)
    assert groups[0] == {"prefix": "sensor", "dtype": "float64", "n": 40, "first": "sensor_0", "last": "sensor_39"}
    assert {(one["prefix"], one["dtype"], one["n"]) for one in groups[1:]} == {("", "int64", 3), ("age", "float64", 2)}


def test_a_wide_frame_and_its_model_show_twenty_and_the_groups() -> None:
    wide = pd.DataFrame(
        {**{f"a_{i}": RNG.normal(size=50) for i in range(60)}, **{f"b_{i}": RNG.integers(0, 5, 50) for i in range(30)}}
    )
    context = Context({"wide": wide, "model": LinearRegression().fit(wide, wide["a_1"])})
    for name, args in (("describe_dataframe", {"data": "wide"}), ("get_model_info", {"model_id": "model"})):
        result = context.run(name, **args)
        assert result["truncated"] == {"shown": 20, "total": 90}, name
        groups = result["data"]["groups"]
        assert [(one["prefix"], one["n"]) for one in groups] == [("a", 60), ("b", 30)] and size_of(
            result["data"]
        ) < 8_000
    assert "groups" not in context.data("describe_dataframe", data="wide", columns=["a_1", "b_2"])


def test_what_becomes_of_each_column() -> None:
    prepare = make_column_transformer((OneHotEncoder(), ["plan"]), (StandardScaler(), ["age", "visits"]))
    pipe = make_pipeline(prepare, LogisticRegression()).fit(FRAME, FRAME["vip"])
    context = Context({"pipe": pipe, "plain": LogisticRegression().fit(FRAME[["age"]], FRAME["vip"])})
    result = context.run("get_model_info", model_id="pipe", detail="feature_mapping")
    by_name = {card["column"]: card for card in result["local"]["feature_mapping"]}
    assert by_name["plan"] == {
        "column": "plan",
        "n": 2,
        "names": ["onehotencoder__plan_basic", "onehotencoder__plan_pro"],
    }
    assert by_name["age"]["names"] == ["standardscaler__age"] and by_name["fee"]["n"] == 0
    assert result["data"]["n_made"] == 4
    assert "plan_pro" not in json.dumps(result["data"]["feature_mapping"]), "a category stays here"
    namespace = {"pipe": pipe}
    shown = eval(compile(result["code"].splitlines()[-1], "<cell>", "eval"), {**namespace, "pd": pd})
    assert shown.tolist() == ["plan", "plan", "age", "visits"] and list(shown.index)[2] == "standardscaler__age"
    assert context.data("get_model_info", model_id="plain", detail="feature_mapping")["feature_mapping"] == [
        {"column": "age", "n": 1, "names": ["age"]}
    ]
