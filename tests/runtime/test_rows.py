"""`sample_rows`: the rows that a person allowed to be shown, and no others."""

from __future__ import annotations

import json
import random
from typing import Any

import dask.dataframe as dd
import numpy as np
import pandas as pd
import polars as pl
import pytest
from runtime.context import Context
from runtime.people import NUMBERS, PEOPLE
from runtime.reproduce import reproduced


@pytest.fixture
def context() -> Context:
    return Context({"df": PEOPLE, "polar": pl.from_pandas(NUMBERS), "array": NUMBERS.to_numpy(), "ages": PEOPLE.age})


@pytest.mark.parametrize("data", ["df", "polar", "array", "ages"])
def test_rows_are_as_they_are_in_the_frame(context: Context, data: str) -> None:
    result = context.run("sample_rows", data=data, n=4)
    rows = result["data"]["rows"]
    assert len(rows) == 4 and result["truncated"] == {"shown": 4, "total": 240}
    shown = reproduced(context, result["code"])
    first = pd.DataFrame(np.asarray(shown) if data == "array" else shown).iloc[0].tolist()
    assert first[:2] == [value for name, value in rows[0].items() if name != "row"][:2]


def test_the_same_rows_each_time_and_nobody_elses_dice_are_rolled(context: Context) -> None:
    random.seed(5)
    np.random.seed(5)
    before = random.getstate(), np.random.get_state()[1].tolist()  # type: ignore[index]
    first = context.data("sample_rows", data="df", n=20)["rows"]
    assert context.data("sample_rows", data="df", n=20)["rows"] == first
    assert (random.getstate(), np.random.get_state()[1].tolist()) == before  # type: ignore[index]
    assert len({row["row"] for row in first}) == 20


def test_only_what_was_asked_for_is_shown(context: Context) -> None:
    told = context.run("sample_rows", data="df", n=3, columns=["plan", "age"], where="age > 60 and plan == 'Pro'")
    assert told["data"]["columns"] == ["age", "plan"]
    assert all(set(row) == {"row", "age", "plan"} and row["age"] > 60 for row in told["data"]["rows"])
    shown = reproduced(context, told["code"])
    assert shown["age"].tolist() == [row["age"] for row in told["data"]["rows"]]


@pytest.mark.parametrize(
    ("args", "code"),
    [
        ({"n": 0}, "invalid_input"),
        ({"n": 21}, "invalid_input"),
        ({"columns": ["nothing"]}, "invalid_input"),
        ({"data": "nothing"}, "unknown_frame"),
        ({"data": "hidden"}, "unknown_frame"),
        ({"data": "lazy"}, "invalid_input"),
    ],
)
def test_what_is_not_shown(context: Context, args: dict[str, Any], code: str) -> None:
    context.user_ns.update(hidden=PEOPLE, lazy=dd.from_pandas(PEOPLE, npartitions=2))
    context.shell.hidden.add("hidden")
    assert context.run("sample_rows", **{"data": "df", **args})["fault"]["code"] == code


def test_long_texts_and_wide_frames_stay_within_their_bytes() -> None:
    wide = pd.DataFrame({f"column {number}": ["x" * 5_000] * 30 for number in range(60)})
    wide["when"] = pd.Timestamp("2024-01-01")
    wide.loc[0, "column 0"] = None
    result = Context({"wide": wide}).run("sample_rows", data="wide", n=20, columns=["column 0", "when"])
    assert result["ok"] and len(json.dumps(result["data"])) < 8_000
    assert all(len(row["column 0"]) <= 201 for row in result["data"]["rows"] if row["column 0"])
