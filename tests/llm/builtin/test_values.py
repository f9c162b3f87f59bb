"""The ways in which people write the values of an input."""

from __future__ import annotations

import pytest
from llm.builtin.talk import KERNEL, Talk

from jupyter_mlchat.llm.builtin.changes import spoken_changes
from jupyter_mlchat.llm.builtin.names import feature_phrases, read_names
from jupyter_mlchat.llm.builtin.slots import read_slots
from jupyter_mlchat.llm.builtin.values import read_values

AREA = "living area (sqft)"
CASES = [
    ("pipe", "tenure=12, plan=pro", {"tenure": 12, "plan": "Pro"}),
    ("pipe", "tenure = 12 , plan = 'Pro'", {"tenure": 12, "plan": "Pro"}),
    ("pipe", "tenure: 3; monthly fee: $49.5", {"tenure": 3, "monthly_fee": 49.5}),
    ("pipe", "tenure is 3 and plan is basic", {"tenure": 3, "plan": "Basic"}),
    ("pipe", "tenure 7, monthly fee .5", {"tenure": 7, "monthly_fee": 0.5}),
    ("pipe", "a pro customer in New York", {"plan": "Pro", "city": "New York"}),
    ("pipe", "city=New York, tenure=1", {"city": "New York", "tenure": 1}),
    ("pipe", "plan gold", {"plan": "gold"}),
    ("pipe", 'plan="the best"', {"plan": "the best"}),
    ("pipe", "tenure=None, plan=basic", {"tenure": None, "plan": "Basic"}),
    ("pipe", "monthly_fee=-2.5e1", {"monthly_fee": -25.0}),
    ("pipe", '{"tenure": 4, "plan": "PRO"}', {"tenure": 4, "plan": "Pro"}),
    ("pipe", "{'tenure': 4, 'city': 'Oslo', 'monthly_fee': True}", {"tenure": 4, "city": "Oslo", "monthly_fee": True}),
    ("pipe", "(tenure=5, city='Oslo')", {"tenure": 5, "city": "Oslo"}),
    ("pipe", "`tenure`=5", {"tenure": 5}),
    ("pipe", "tenure='5'", {"tenure": "5"}),
    ("pipe", "twelve tenure", {"tenure": 12}),
    ("pipe", "monthly_fee=5 %", {"monthly_fee": 5}),
    ("house_knn", "living area 45,000, 3 rooms, built in 1995", {AREA: 45000, "n_rooms": 3, "year_built": 1995}),
    ("house_knn", "living area (sqft)=30k", {AREA: 30000}),
    ("house_knn", "living_area = 90, one room", {AREA: 90, "n_rooms": 1}),
    ('models["rf"]', "a=1, b = 2", {"a": 1, "b": 2}),
    ('models["rf"]', "a is 3 and b: 4.5", {"a": 3, "b": 4.5}),
    ('models["rf"]', "a house with a garden", {}),
    ("ship", "a 5 year old on deck B", {"age": 5, "deck": "B"}),
    ("ship", "someone aged 37", {"age": 37}),
    ("ship", "age is 3", {"age": 3}),
]


@pytest.mark.parametrize(("ref", "text", "expected"), CASES)
def test_values_are_read(ref, text, expected):
    names = read_names(KERNEL)
    found = read_values(read_slots(text, names), names, ref)
    assert found == expected
    assert {key: type(item) for key, item in found.items()} == {key: type(item) for key, item in expected.items()}


@pytest.mark.parametrize("number", ["1e999", "9" * 50, "1" + "0" * 400])
def test_numbers_beyond_a_float_stay_text(number):
    heard = Talk().ask(f"predict with pipe: tenure={number}")
    assert all(isinstance(args["features"].get("tenure"), (str, type(None))) for _, args in heard.calls)


@pytest.mark.parametrize("block", ["{" * 300, '{"tenure": NaN}', '{"tenure": 1e999}', '{"tenure": [1]}', "{1: 2", "{}"])
def test_odd_dicts_are_harmless(block):
    for _, args in Talk().ask(f"predict with pipe: {block}").calls:
        assert args["features"] in ({}, {"tenure": None}, {"tenure": 1})


def test_units_number_prefix_and_plural_do_not_matter():
    assert ("petal", "width") in feature_phrases("petal width (cm)")
    assert ("account",) in feature_phrases("n_accounts")
    assert ("debt", "ratio") in feature_phrases("debt_ratio")


def test_a_percentage_is_told_as_it_was_taken():
    heard = Talk().ask("predict with pipe: monthly_fee=5%")
    assert "taking 5 % as 5" in heard.reading


def test_reading_stays_quick_in_a_wide_kernel():
    """Counted, not timed: the phrases grow with the columns, not with columns times models."""
    columns = [f"sensor_{i}" for i in range(500)]
    wide = {
        "models": [dict(KERNEL["models"][0], ref=f"m_{i}", features=columns) for i in range(40)],
        "frames": [],
        "others": {},
    }
    names = read_names(wide)
    assert len(names.phrases) < 4 * len(columns)
    assert max(map(len, names.phrases.values())) < 100


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("would the wine in row 160 of X still be the same with half the alcohol?", "alcohol"),
        ("this wine with the alcohol doubled", "alcohol"),
        ("for this alcohol, halve the hue", "hue"),
    ],
)
def test_a_change_is_of_the_column_next_to_it(text: str, column: str) -> None:
    features = ["alcohol", "hue", "od280/od315_of_diluted_wines"]
    card = {"ref": "rf", "class_name": "RandomForestClassifier", "fitted": True, "features": features, "categories": {}}
    frame = {"ref": "X", "class_name": "DataFrame", "shape": [178, 3], "columns": features, "dtypes": []}
    names = read_names({"models": [card], "frames": [frame], "others": {}})
    assert list(spoken_changes(read_slots(text, names), names, "rf")) == [column]
