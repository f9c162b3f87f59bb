"""Conditions on columns: what they select, and that nothing else can be said with them."""

from __future__ import annotations

from typing import Any

import pytest
from runtime.context import Context, cell
from runtime.people import PEOPLE, logistic, outcome
from runtime.reproduce import reproduced

from jupyter_mlchat.runtime.asking import conditions
from jupyter_mlchat.runtime.toolbox import ToolError

P = PEOPLE
CASES: list[tuple[str, Any]] = [
    ("age > 40", P["age"] > 40),
    ("age > 40 and plan == 'Pro'", (P["age"] > 40) & (P["plan"] == "Pro")),
    ("AGE>=40 or `monthly fee` < 10.5", (P["age"] >= 40) | (P["monthly fee"] < 10.5)),
    ("plan = 'pro'", P["plan"] == "Pro"),
    ("plan in ['pro', 'basic'] and not vip", P["plan"].isin(["Pro", "basic"]) & ~P["vip"]),
    ("region not in ('north',)", ~P["region"].isin(["north"])),
    ("20 < age <= 30", (P["age"] > 20) & (P["age"] <= 30)),
    ("age - visits * 2 > 60 / 2", (P["age"] - P["visits"] * 2) > 30),
    ("-age < -40", P["age"] > 40),
    ("visits is not None", P["visits"].notna()),
    ("monthly_fee > 50", P["monthly fee"] > 50),
    ("joined >= '2021-01-01'", P["joined"] >= "2021-01-01"),
]


@pytest.mark.parametrize(("text", "wanted"), CASES, ids=[text for text, _ in CASES])
def test_what_a_condition_selects(text: str, wanted: Any) -> None:
    found = conditions.read(text, "people", PEOPLE)
    assert found.mask.tolist() == wanted.to_numpy(dtype=bool).tolist() and found.mask.sum() > 0
    assert eval(found.source, {"people": PEOPLE}).to_numpy(dtype=bool).tolist() == found.mask.tolist()


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('true')", "age.max() > 3", "[x for x in age]", "age", "age + 1", "(lambda: 1)()",
        "1 == 1", "age > plan", "age is 3", "plan in age", "", "age > (", "age if vip else age", "f'{age}'",
        "nothing > 3", "not 3", "~age > 3", "age[0] > 1", "age ** 2 > 4", "'x' * 10**9 == plan",
    ],
)  # fmt: skip
def test_what_is_no_condition(text: str) -> None:
    with pytest.raises(ToolError) as refused:
        conditions.read(text, "people", PEOPLE)
    assert refused.value.code == "invalid_input"


def test_predicting_the_rows_of_a_condition() -> None:
    context = Context({"pipe": logistic(), "people": PEOPLE, "y": outcome(PEOPLE)})
    cell(context, "pipe.fit(people, y)")
    result = context.run("make_prediction", model_id="pipe", data="people", where="age > 40 and plan == 'pro'")
    part = PEOPLE[(PEOPLE["age"] > 40) & (PEOPLE["plan"] == "Pro")]
    labels = context.user_ns["pipe"].predict(part)
    assert result["data"]["n"] == len(part)
    assert result["data"]["counts"] == {label: int((labels == label).sum()) for label in result["data"]["counts"]}
    assert reproduced(context, result["code"]).tolist() == labels.tolist()
    assert context.run("make_prediction", model_id="pipe", where="age > 4")["fault"]["about"] == "where"


def test_few_rows_of_a_condition_are_not_counted_for_a_provider() -> None:
    context = Context({"pipe": logistic(), "people": PEOPLE, "y": outcome(PEOPLE)})
    cell(context, "pipe.fit(people, y)")
    told = []
    for text in (f"age == {PEOPLE['age'][0]} and `monthly fee` == {PEOPLE['monthly fee'][0]}", "age > 1000"):
        result = context.run("make_prediction", model_id="pipe", data="people", where=text)
        told.append({key: value for key, value in result["data"].items() if key != "where"})
        assert result["local"]["n"] in (0, 1)
    assert told[0] == told[1] and told[0]["n"] == "fewer than 10"
