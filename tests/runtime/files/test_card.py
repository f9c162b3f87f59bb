"""A card of facts about a model: what is known is on it, the rest is said to be unknown, and no rare value is."""

from __future__ import annotations

from pathlib import Path

import pytest
from runtime import people
from runtime.context import Context, cell
from runtime.reproduce import reproduced
from runtime.test_privacy import CANARIES, MODELS
from runtime.test_privacy import context as canaries
from sklearn import metrics


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def fitted() -> Context:
    context = Context(
        {"df": people.people(400), "label": people.outcome(people.people(400)), "pipe": people.logistic()}
    )
    cell(context, "X_train, X_test, y_train, y_test = df[:300], df[300:], label[:300], label[300:]")
    cell(context, "pipe.fit(X_train, y_train)")
    return context


def test_facts_and_measures_of_held_out_rows_are_on_it() -> None:
    context = fitted()
    made = context.run("write_model_card", model_id="pipe")
    text = made["data"]["text"]
    assert made["ok"] and made["data"]["measured"] and made["data"]["unknown"] == []
    assert "* Fitted in: In[2]" in text and "* Classes: leaves, stays" in text and "X\\_train of In\\[2\\], 300" in text
    ns = context.user_ns
    accuracy = metrics.accuracy_score(ns["y_test"], ns["pipe"].predict(ns["X_test"]))
    assert f"| accuracy | {accuracy:.4g} |" in text
    for column in ns["df"].columns:
        assert f"| {column} |" in text
    assert reproduced(context, made["code"]) == text


def test_a_file_is_new_and_holds_the_same_text() -> None:
    context = fitted()
    made = context.run("write_model_card", model_id="pipe", path="card.md")
    assert Path("card.md").read_text() == made["data"]["text"] and made["data"]["file"] == "card.md"
    assert context.run("write_model_card", model_id="pipe", path="card.md")["fault"]["code"] == "conflict"
    Path("card.md").unlink()
    reproduced(context, made["code"])
    assert Path("card.md").read_text() == made["data"]["text"]


def test_what_is_not_known_is_said() -> None:
    context = Context({"pipe": people.METAS["pipeline"]})
    told = context.data("write_model_card", model_id="pipe")
    assert not told["measured"] and set(told["unknown"]) == {"fitted in", "training data", "target", "measures"}
    assert "* Fitted in: unknown" in told["text"] and "* Target: unknown" in told["text"]


@pytest.mark.parametrize("model", MODELS)
def test_no_value_of_the_training_data_is_on_it(model: str) -> None:
    told = canaries().data("write_model_card", model_id=model)
    assert not [canary for canary in CANARIES if canary in told["text"].casefold()]
