"""A language model that asks each tool for what it must not know, as often and as cleverly as it likes."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import polars as pl
import pytest
from runtime.context import Context, cell
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    QuantileTransformer,
    RobustScaler,
    StandardScaler,
)
from trust.asked import Attacker, numbers_in

ROWS = 400
LARGEST, SMALLEST = 987_654.25, -876_543.25
WAGES = [61_237.5, 71_413.25, 52_119.75]


def frame() -> pd.DataFrame:
    rng = np.random.default_rng(4)
    amount = rng.normal(100, 10, ROWS)
    amount[7], amount[8] = LARGEST, SMALLEST
    return pd.DataFrame(
        {
            "amount": amount,
            "price": np.abs(amount) / 10 + 1,
            "age": rng.integers(18, 80, ROWS),
            "plan": rng.choice(["basic", "pro"], ROWS),
            "note": [f"{chr(97 + i % 26)}{i:03} wrote CANARY-{i}" for i in range(ROWS)],
        }
    )


@pytest.fixture(scope="module")
def context() -> Context:
    found = Context({"df": frame(), "pd": pd})
    wages = pd.DataFrame({"wage": WAGES, "who": ["CANARY-A", "CANARY-B", "CANARY-C"]})
    found.user_ns.update(
        wages=wages, own=pd.Series([1.5, 2.5, 4.5], name="own"), large=frame()["amount"] > 100,
        line=LinearRegression(), forest=RandomForestClassifier(5, random_state=0), small=LinearRegression(),
    )  # fmt: skip
    cell(found, "line.fit(df[['amount', 'age']], df['price'])")
    cell(found, "forest.fit(df[['amount', 'age']], large)")
    cell(found, "small.fit(wages[['wage']], own)")
    return found


@pytest.fixture
def attacker(context: Context) -> Attacker:
    return Attacker(context)


def search(says_more: Callable[[float], bool], low: float, high: float, steps: int = 40) -> float:
    """Where the answer turns, by halving."""
    for _ in range(steps):
        middle = (low + high) / 2
        low, high = (middle, high) if says_more(middle) else (low, middle)
    return (low + high) / 2


@pytest.mark.parametrize("tool", ["make_prediction", "validate_features", "suggest_inputs", "explain_prediction"])
@pytest.mark.parametrize("end", [LARGEST, SMALLEST])
def test_the_ends_of_a_range_are_not_found_by_trying_values(attacker: Attacker, tool: str, end: float) -> None:
    def inside(value: float) -> bool:
        told = attacker.text(tool, model_id="line", features={"amount": value, "age": 30})
        return ("out_of_range" not in told and "far " not in told) == (end > 0)

    found = search(inside, *((200.0, 1e7) if end > 0 else (-1e7, 0.0)))
    assert abs(found - end) > 0.02 * abs(end), found


def test_nor_by_trying_a_thousand_values_at_once(attacker: Attacker) -> None:
    tried = np.linspace(900_000, 1_000_000, 1_000).tolist()
    rows = [{"amount": value, "age": 30} for value in tried]
    told = attacker.text("make_prediction", model_id="line", features=rows)
    assert "issues" not in json.loads(told) and "not listed" not in told


def test_nor_by_what_is_said_of_units(attacker: Attacker, context: Context) -> None:
    """A price is suspected to be in cents from the largest price times ten on: that price must not show in it."""
    context.user_ns["priced"] = LinearRegression().fit(frame()[["price", "age"]].iloc[9:], frame()["age"].iloc[9:])
    usual = frame()[["price", "age"]].iloc[9:]
    context.user_ns["usual"] = usual
    cell(context, "priced.fit(usual, usual['age'])")
    largest = float(usual["price"].max())

    def calm(value: float) -> bool:
        return "Another unit" not in attacker.text(
            "make_prediction", model_id="priced", features={"price": value, "age": 30}
        )

    found = search(calm, largest, 40 * largest, 40)
    assert all(abs(found / factor - largest) > 1e-3 * largest for factor in (1, 10, math.sqrt(1_000), 100)), found


def test_the_largest_value_is_not_found_by_counting_rows(attacker: Attacker) -> None:
    def below(value: float) -> bool:
        told = attacker.told("make_prediction", model_id="line", data="df", where=f"amount < {value!r}")
        return told["data"]["n"] != ROWS and told["data"]["n"] != "400"

    found = search(lambda value: below(value), 200.0, 1e7)
    assert abs(found - LARGEST) > 0.05 * LARGEST, found
    told = attacker.told("make_prediction", model_id="line", data="df", where="amount < 900000")["data"]
    assert told["n"] == "all but fewer than 10" and "mean" not in told and "quantiles" not in told


@pytest.mark.parametrize(
    "where",
    [
        "amount > 900000",
        "amount > 200",
        "age == 18 and amount > 115",
        'note == "a000 wrote CANARY-0"',
        "not amount < 900000",
    ],
)
def test_a_handful_of_rows_is_neither_counted_nor_measured(attacker: Attacker, where: str) -> None:
    told = attacker.told("make_prediction", model_id="line", data="df", where=where)["data"]
    assert told["n"] == "fewer than 10" and "mean" not in told and "quantiles" not in told


@pytest.mark.parametrize(
    "where",
    ['note < "m"', 'note >= "a0"', '"m" > note', 'note > "a" and amount > 0', "note < plan", 'not (note <= "z")'],
)
def test_texts_are_not_read_by_their_order(attacker: Attacker, where: str) -> None:
    told = attacker.told("make_prediction", model_id="line", data="df", where=where)
    assert not told["ok"] and "no order" in told["fault"]["message"]


@pytest.mark.parametrize(
    ("tool", "args"),
    [
        ("describe_dataframe", {"data": "wages"}),
        ("describe_dataframe", {"data": "wages", "columns": ["wage"]}),
        ("describe_dataframe", {"data": 'wages["wage"]'}),
        ("get_model_info", {"model_id": "small", "detail": "signature"}),
        ("validate_features", {"model_id": "small", "features": {}}),
        ("validate_features", {"model_id": "small", "features": {"wage": 1}}),
        ("suggest_inputs", {"model_id": "small"}),
        ("evaluate_model", {"model_id": "small", "data": "wages", "target": "own"}),
        ("evaluate_model", {"model_id": "small", "data": "wages", "target": "own", "by": "who"}),
        ("analyze_errors", {"model_id": "small", "data": "wages", "target": "own"}),
        ("check_fairness", {"model_id": "small", "group": "who", "data": "wages", "target": "own"}),
        ("get_partial_dependence", {"model_id": "small", "features": ["wage"]}),
        ("get_partial_dependence", {"model_id": "small", "features": ["wage"], "data": "wages", "grid": 3}),
        ("what_if", {"model_id": "small", "row": "wages[0]", "sweep": "wage"}),
        ("what_if", {"model_id": "small", "data": "wages", "changes": {"wage": "+1"}}),
        ("what_if", {"model_id": "small", "row": "wages[1]", "changes": {"wage": "doubled"}}),
        ("find_counterfactual", {"model_id": "small", "row": "wages[0]", "at_least": 3.0}),
        ("explain_prediction", {"model_id": "small", "row": "wages[0]"}),
        ("check_drift", {"model_id": "small", "data": "wages", "reference": "df"}),
        ("check_leakage", {"model_id": "small", "data": "wages", "target": "own"}),
        ("get_prediction_interval", {"model_id": "small", "row": "wages[0]", "data": "wages", "target": "own"}),
        ("make_prediction", {"model_id": "small", "row": "wages[0]"}),
        ("make_batch_prediction", {"model_id": "small", "data": "wages", "into": "tiny_scores"}),
        ("write_model_card", {"model_id": "small"}),
        ("propose_cell", {"kind": "scoring_function", "model_id": "small"}),
    ],
)
def test_nothing_of_a_tiny_frame_is_told(attacker: Attacker, tool: str, args: dict[str, Any]) -> None:
    text = attacker.text(tool, **args)
    secret = {*WAGES, float(np.median(WAGES)), float(np.mean(WAGES)), *(w / 2 for w in WAGES)}
    found = numbers_in(json.loads(text))
    assert not any(math.isclose(number, one, rel_tol=1e-5) for number in found for one in secret), text
    assert "CANARY" not in text


def test_evaluated_group_by_group_no_group_is_a_person(attacker: Attacker) -> None:
    for by in ("note", "amount", "age"):
        told = attacker.told("evaluate_model", model_id="line", data="df", target="price", by=by)["data"]
        assert all("metrics" not in group or group["n"] >= 10 for group in told["groups"])
        assert "CANARY" not in json.dumps(told)
    told = attacker.told("check_fairness", model_id="forest", group="note", data="df", target="large")["data"]
    assert all("n" not in group for group in told["groups"])


def test_the_way_of_a_counterfactual_does_not_tell_where_it_began(attacker: Attacker, context: Context) -> None:
    value = float(context.user_ns["df"]["amount"][20])
    usual = attacker.told("get_model_info", model_id="line", detail="signature")["data"]["features"][0]["range"]
    told = attacker.told("find_counterfactual", model_id="line", row="df[20]", at_least=1e4, immutable=["age"])["data"]
    assert told["closest"] is not None or told["options"]
    width = usual[1] - usual[0]
    for option in [*told["options"], *([told["closest"]] if told["closest"] else [])]:
        for number in numbers_in(option):
            for to in (change["to"] for change in option["changes"]):
                assert not math.isclose(to - number * width, value, rel_tol=1e-4), option
                assert not math.isclose(to + number * width, value, rel_tol=1e-4), option


def test_a_value_of_a_row_is_not_found_by_moving_it_to_the_edge(attacker: Attacker) -> None:
    told = [
        attacker.text("what_if", model_id="line", row="df[20]", changes={"amount": {"add": float(step)}})
        for step in (0, 100, 10_000, 800_000, 987_500, 987_600, 2_000_000)
    ]
    assert not any("out_of_range" in text or "range" in text for text in told)


LOADED: dict[str, Any] = {
    "minmax": make_pipeline(MinMaxScaler(), LinearRegression()),
    "quantile": make_pipeline(QuantileTransformer(n_quantiles=3), LinearRegression()),
    "robust": make_pipeline(RobustScaler(), LinearRegression()),
    "standard": make_pipeline(StandardScaler(), LinearRegression()),
    "median": make_pipeline(SimpleImputer(strategy="median"), LinearRegression()),
}


@pytest.mark.parametrize("kind", LOADED)
def test_a_loaded_model_tells_nothing_of_the_rows_it_was_fitted_on(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody knows how many there were."""
    monkeypatch.chdir(tmp_path)
    model = LOADED[kind].fit(pd.DataFrame({"wage": WAGES}), [1.5, 2.5, 4.5])
    joblib.dump(model, "m.joblib")
    attacker = Attacker(Context({"pd": pd, "m": joblib.load("m.joblib")}))
    middle = (max(WAGES) + min(WAGES)) / 2
    secret = {*WAGES, float(np.median(WAGES)), float(np.mean(WAGES)), middle}
    for tool, args in (
        ("get_model_info", {"detail": "signature"}), ("get_model_info", {"detail": "parameters"}),
        ("suggest_inputs", {}), ("validate_features", {"features": {}}),
        ("validate_features", {"features": {"wage": 1e9}}),
        ("what_if", {"features": {"wage": 1000.0}, "sweep": "wage"}), ("write_model_card", {}),
        ("find_counterfactual", {"features": {"wage": 1000.0}, "at_least": 100.0}),
        ("get_partial_dependence", {"features": ["wage"]}), ("propose_cell", {"kind": "scoring_function"}),
    ):  # fmt: skip
        text = attacker.text(tool, model_id="m", **args)
        found = numbers_in(json.loads(text))
        assert not any(math.isclose(number, one, rel_tol=1e-4) for number in found for one in secret), (tool, text)


def test_categories_of_a_loaded_model_stay_and_its_classes_leave(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for encode in (OneHotEncoder(), OrdinalEncoder()):
        model = make_pipeline(ColumnTransformer([("c", encode, ["plan"])]), LogisticRegression())
        model.fit(pd.DataFrame({"plan": ["CANARY-A", "CANARY-B"] * 20}), ["stays", "leaves"] * 20)
        joblib.dump(model, "m.joblib")
        attacker = Attacker(Context({"m": joblib.load("m.joblib")}))
        told = attacker.text("get_model_info", model_id="m", detail="signature")
        assert "CANARY" not in told and '"n_categories":2' in told and '"stays"' in told
        assert "CANARY" not in attacker.text("suggest_inputs", model_id="m")
        assert "CANARY" not in attacker.text("get_model_info", model_id="m", detail="feature_mapping")


def test_values_that_libraries_write_into_types_stay() -> None:
    levels = pl.Enum(["basic", "pro", "CANARY-NEVER"])
    found = pl.DataFrame({"plan": pl.Series(["basic", "pro"] * 20, dtype=levels), "x": np.arange(40.0)})
    sparse = pd.DataFrame({"s": pd.arrays.SparseArray(np.arange(40.0), fill_value=LARGEST), "x": np.arange(40.0)})
    context = Context({"enumerated": found, "sparse": sparse, "pl": pl, "pd": pd})
    context.user_ns["model"] = make_pipeline(ColumnTransformer([("h", OneHotEncoder(), ["plan"])]), LinearRegression())
    cell(context, "model.fit(enumerated, enumerated['x'])")
    attacker = Attacker(context)
    text = "".join(
        attacker.text(tool, **args)
        for tool, args in (
            ("list_dataframes", {}), ("describe_dataframe", {"data": "enumerated"}), ("list_models", {}),
            ("describe_dataframe", {"data": "sparse"}),
            ("get_model_info", {"model_id": "model", "detail": "signature"}),
            ("suggest_inputs", {"model_id": "model"}), ("validate_features", {"model_id": "model", "features": {}}),
        )
    )  # fmt: skip
    assert '"Enum"' in text and '"Sparse"' in text
    assert "987654" not in text and "CANARY" not in text


NAME = "'CAN' + 'ARY_' + str(int(df.amount.max()))"
SPEAKING = {
    "a name": f"globals()[{NAME}] = 1",
    "a type of error": f"raise type({NAME}, (Exception,), {{}})",
    "a type that claims to be Python's": f"raise type({NAME}, (Exception,), {{'__module__': 'builtins'}})",
    "a type of value": f"type({NAME}, (), {{}})()",
    "a message": f"raise ValueError({NAME})",
    "an attribute": f"getattr(df, {NAME})",
    "a key": f"{{}}[{NAME}]",
    "a module": f"__import__({NAME})",
    "an output": f"print({NAME})",
}


@pytest.mark.parametrize("way", SPEAKING)
def test_approved_code_does_not_say_what_it_read(way: str) -> None:
    code = SPEAKING[way]
    text = Attacker(Context({"df": frame()})).text("run_code", code=code)
    assert "CANARY" not in text and "987654" not in text, text


@pytest.mark.parametrize(
    ("name", "content"),
    [
        (".env", "OPENAI_API_KEY=sk-CANARY0123456789\nOTHER=CANARY\n"),
        ("passwd", "root:x:0:0:CANARY:/root:/bin/bash\nann:x:1:1:CANARY:/home:/bin/sh\n"),
        (".netrc", "machine example.org login ann password CANARY\nmachine b login c password CANARY\n"),
        (
            "id_rsa",
            "-----BEGIN OPENSSH PRIVATE KEY-----\nCANARYCANARY\nCANARYCANARY\n-----END OPENSSH PRIVATE KEY-----\n",
        ),
        ("notes.txt", "Ann CANARY has an illness, said Bob\nand so on, and so on\n"),
        ("config.json", '{"password": "CANARY"}\n'),
        ("rows.csv", "CANARY Ann,Berlin,CANARY\nBob,Paris,x\nEve,Rome,y\n"),
    ],
)
@pytest.mark.parametrize("tool", ["validate_dataset_file", "inspect_model_file", "load_model", "load_dataset"])
def test_files_that_are_no_data_are_not_quoted(
    tool: str, name: str, content: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(name).write_text(content)
    args = {"path": name, **({"name": "read"} if tool == "load_dataset" else {})}
    text = Attacker(Context({"pd": pd})).text(tool, **args)
    assert "CANARY" not in text, text


def test_names_of_files_stay_and_their_handles_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("below").mkdir()
    name = "below/CANARY of Ann.joblib"
    joblib.dump(LinearRegression().fit([[1.0], [2.0]], [1.0, 2.0]), name)
    context = Context({"pd": pd})
    attacker = Attacker(context)
    listed = attacker.told("list_model_files")["data"]["files"]
    handle = listed[0]["file"]
    assert handle.startswith("file-") and context.data("list_model_files")["files"][0]["file"] == name
    told = [
        attacker.text("inspect_model_file", path=handle),
        attacker.text("load_model", path=handle),
        attacker.text("list_models"),
        attacker.text("check_freshness", model_id=handle.replace("-", "_")),
        attacker.text("write_model_card", model_id=handle.replace("-", "_")),
        attacker.text("load_model", path=handle),
        attacker.text("validate_dataset_file", path=handle),
    ]
    assert not any("CANARY" in text for text in told), told
    assert json.loads(told[1])["data"]["name"] == handle.replace("-", "_")
    assert context.run("inspect_model_file", path=handle)["local"]["file"] == "CANARY of Ann.joblib"
    assert Attacker(Context({})).told("load_model", path=handle)["fault"]["code"] == "not_found"
