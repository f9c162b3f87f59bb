"""Each issue code, with what the model would do, and nothing filled in silently."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from runtime.context import Context
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, OrdinalEncoder, StandardScaler

from jupyter_mlchat.runtime.asking.validation import Checked, validate
from jupyter_mlchat.runtime.catalog import find_model
from jupyter_mlchat.runtime.signature import Signature, signature


def customers(rows: int = 200) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    return pd.DataFrame(
        {
            "tenure": rng.integers(0, 60, rows),
            "Monthly Fee": rng.uniform(5, 90, rows),
            "plan": rng.choice(["basic", "Pro", "enterprise"], rows),
            "region": rng.choice(["north", "south"], rows),
            "grade": rng.choice([1, 2, 3], rows),
            "vip": rng.random(rows) > 0.5,
            "joined": pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 900, rows), "D"),
        }
    )


FRAME = customers()


def fitted(on_region: str = "error") -> Any:
    prepare = ColumnTransformer(
        [
            ("tenure", make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), ["tenure"]),
            ("fee", StandardScaler(), ["Monthly Fee"]),
            ("hot", OneHotEncoder(handle_unknown="ignore"), ["plan", "grade"]),
            ("region", OneHotEncoder(handle_unknown=on_region), ["region"]),
            ("joined", FunctionTransformer(lambda frame: frame.astype("int64")), ["joined"]),
            ("vip", "passthrough", ["vip"]),
        ]
    )
    return make_pipeline(prepare, LogisticRegression()).fit(FRAME, FRAME["tenure"] > 30)


CONTEXT = Context({"model": fitted(), "FRAME": FRAME})
GOOD: dict[str, Any] = {
    "tenure": 10,
    "Monthly Fee": 50.5,
    "plan": "Pro",
    "region": "north",
    "grade": 2,
    "vip": True,
    "joined": "2021-05-31",
}


def sig() -> Signature:
    return signature(CONTEXT, find_model(CONTEXT, "model"))


def check(**changes: Any) -> Checked:
    row = {name: value for name, value in {**GOOD, **changes}.items() if value != "DROP"}
    return validate(sig(), [row])


def only(checked: Checked) -> Any:
    assert len(checked.issues) == 1, checked.issues
    issue = checked.issues[0]
    assert issue["message"] and issue["suggestion"]
    return issue


def test_a_good_row_has_nothing_to_say() -> None:
    checked = validate(sig(), [GOOD])
    assert checked.issues == [] and checked.valid
    assert checked.rows[0]["plan"] == "Pro" and checked.rows[0]["joined"].year == 2021


def test_missing_column() -> None:
    checked = check(plan="DROP")
    issue = only(checked)
    assert issue["code"] == "missing_column" and issue["column"] == "plan" and not checked.valid
    assert "raises an error" in issue["model_behaviour"]
    assert "Pro" in issue["suggestion"] and checked.missing == ["plan"]
    assert "plan" not in checked.rows[0]


def test_extra_column_with_the_near_name() -> None:
    issue = only(check(regionn="north"))
    assert issue["code"] == "extra_column" and "`region`" in issue["suggestion"]


@pytest.mark.parametrize(
    ("column", "blocks"), [("tenure", False), ("Monthly Fee", True), ("plan", False), ("region", True)]
)
def test_null_value_blocks_only_where_the_model_would_raise(column: str, blocks: bool) -> None:
    checked = check(**{column: None})
    issue = only(checked)
    assert issue["code"] == "null_value" and checked.valid is not blocks
    assert checked.rows[0].get(column) is None


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("tenure", "many"),
        ("tenure", [1]),
        ("tenure", {"a": 1}),
        ("Monthly Fee", "inf"),
        ("Monthly Fee", float("inf")),
        ("vip", "maybe"),
        ("joined", "someday"),
        ("Monthly Fee", object),
    ],
)
def test_type_error(column: str, value: Any) -> None:
    checked = check(**{column: value})
    assert only(checked)["code"] == "type_error" and not checked.valid
    assert column not in checked.rows[0]


@pytest.mark.parametrize(
    ("column", "value", "read"),
    [
        ("tenure", "12", 12),
        ("Monthly Fee", " 1e1 ", 10.0),
        ("tenure", "−0", 0),
        ("tenure", True, 1),
        ("vip", "yes", True),
        ("vip", 0, False),
        ("plan", "pro", "Pro"),
        ("plan", " ENTER-PRISE ", "enterprise"),
        ("grade", "2", 2),
    ],
)
def test_coerced(column: str, value: Any, read: Any) -> None:
    checked = check(**{column: value})
    assert only(checked)["code"] == "coerced" and checked.valid
    assert checked.rows[0][column] == read


def test_numbers_with_thousands_are_read_and_then_checked() -> None:
    checked = check(tenure="1,234")
    assert [issue["code"] for issue in checked.issues] == ["coerced", "out_of_range"]
    assert checked.rows[0]["tenure"] == 1234


def test_a_whole_number_in_another_type_is_the_same_category() -> None:
    checked = check(grade=2.0)
    assert checked.issues == [] and checked.rows[0]["grade"] == 2


@pytest.mark.parametrize(("value", "side"), [(-5, "below"), (900, "above")])
def test_out_of_range_tells_the_usual_range_not_the_extremes(value: int, side: str) -> None:
    checked = check(tenure=value)
    issue = only(checked)
    assert issue["code"] == "out_of_range" and checked.valid and side in issue["message"]
    assert "answers anyway" in issue["model_behaviour"]
    assert checked.suggestions["tenure"]["maximum"] == FRAME["tenure"].max()


@pytest.mark.parametrize(("column", "blocks"), [("plan", False), ("region", True)])
def test_unknown_category_blocks_only_where_the_model_would_raise(column: str, blocks: bool) -> None:
    checked = check(**{column: "entrprise" if column == "plan" else "nort"})
    issue = only(checked)
    assert issue["code"] == "unknown_category" and checked.valid is not blocks
    close = {"plan": "enterprise", "region": "north"}[column]
    assert close in issue["suggestion"] and checked.suggestions[column]["close"] == [close]
    assert ("raises" if blocks else "without an error") in issue["model_behaviour"]


@pytest.mark.parametrize("column", ["region", "plan"])
def test_what_is_said_of_unknown_categories_is_what_the_model_does(column: str) -> None:
    row = pd.DataFrame([{**GOOD, column: "elsewhere", "joined": pd.Timestamp("2021-05-31")}])
    model = CONTEXT.user_ns["model"]
    checked = check(**{column: "elsewhere"})
    if checked.valid:
        assert len(model.predict(row)) == 1
    else:
        with pytest.raises(ValueError, match="unknown categor"):
            model.predict(row)


def test_own_group_of_an_ordinal_encoder() -> None:
    encoder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    model = make_pipeline(ColumnTransformer([("plan", encoder, ["plan"])]), LogisticRegression())
    context = Context({"model": model.fit(FRAME, FRAME["vip"]), "FRAME": FRAME})
    checked = validate(signature(context, find_model(context, "model")), [{"plan": "gold"}])
    assert only(checked)["model_behaviour"].startswith("The model puts all unknown")
    assert checked.valid and checked.rows == [{"plan": "gold"}]


def test_duplicate_name() -> None:
    checked = check(Tenure=12)
    assert only(checked)["code"] == "duplicate_name" and not checked.valid


def test_names_in_another_spelling_are_matched_and_said() -> None:
    row = {**GOOD}
    row["monthly_fee"] = row.pop("Monthly Fee")
    checked = validate(sig(), [row])
    assert only(checked)["code"] == "coerced" and checked.rows[0]["Monthly Fee"] == 50.5


def test_the_unit_of_a_name_may_be_left_out_where_that_is_clear() -> None:
    frame = pd.DataFrame({"width (cm)": [1.0, 2.0], "height (cm)": [3.0, 1.0], "height (in)": [3.0, 4.0]})
    context = Context({"model": LogisticRegression().fit(frame, [0, 1])})
    checked = validate(signature(context, find_model(context, "model")), [{"Width": 1, "height": 2}])
    assert checked.rows == [{"width (cm)": 1}]
    assert checked.extra == ["height"] and checked.missing == ["height (cm)", "height (in)"]


def test_two_columns_of_one_folded_name_need_the_exact_one() -> None:
    frame = pd.DataFrame({"a b": [1.0, 2.0, 3.0], "a_b": [1.0, 0.0, 1.0]})
    context = Context({"model": LogisticRegression().fit(frame, [0, 1, 0])})
    found = signature(context, find_model(context, "model"))
    assert validate(found, [{"a b": 1, "a_b": 2}]).valid
    vague = validate(found, [{"AB": 1, "a_b": 2}])
    assert vague.missing == ["a b"] and vague.extra == ["AB"]


def test_nulls_where_the_model_has_its_own_way() -> None:
    model = HistGradientBoostingClassifier(max_iter=2).fit(FRAME[["tenure", "Monthly Fee"]], FRAME["vip"])
    context = Context({"model": model})
    checked = validate(signature(context, find_model(context, "model")), [{"tenure": None, "Monthly Fee": 3}])
    assert only(checked)["code"] == "null_value" and checked.valid


def test_rows_are_numbered_and_long_lists_are_cut() -> None:
    checked = validate(sig(), [{**GOOD, "tenure": 900}] * 80)
    assert len(checked.issues) == 50 and checked.unlisted == 30
    assert [issue["row"] for issue in checked.issues[:2]] == [0, 1]


def test_the_tool_says_what_is_missing_and_extra() -> None:
    row = {"tenure": 12, "plan": "pro", "colour": "red"}
    data = CONTEXT.data("validate_features", model_id="model", features=row)
    assert data["valid"] is False and data["extra_features"] == ["colour"]
    assert data["missing_features"] == ["Monthly Fee", "region", "grade", "vip", "joined"]
    assert "`Monthly Fee`" in data["message"]
    good = CONTEXT.data("validate_features", model_id="model", features=GOOD)
    assert good["valid"] is True and good["message"] == "Valid."
    remarks = CONTEXT.data("validate_features", model_id="model", features={**GOOD, "plan": "pro"})
    assert remarks["message"] == "Valid, with remarks."
