"""What a person tells of a model: columns, classes, units, a threshold, and that it may be asked at any time."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pandas as pd
import pytest
from IPython.core.interactiveshell import InteractiveShell
from runtime.context import Context
from runtime.families.invariance import Case, assert_invariant

from jupyter_mlchat import register_model
from jupyter_mlchat.runtime.catalog import find_model
from jupyter_mlchat.runtime.registered import STATE_KEY, Registered, facts_of
from jupyter_mlchat.runtime.signature import signature
from jupyter_mlchat.runtime.toolbox import NeedsIdle

RNG = np.random.default_rng(1)
FRAME = pd.DataFrame(
    {"fee": RNG.uniform(5, 90, 60), "age": RNG.uniform(18, 80, 60), "plan": RNG.choice(["a", "b"], 60)}
)
LABEL = pd.Series(np.where(FRAME["fee"] > 40, "yes", "no"), name="left")


class Rule:
    """Hand-written: it declares nothing."""

    def predict(self, X: Any) -> Any:
        return np.asarray(X["fee"]) * 2 + np.asarray(X["age"])


class Coded:
    def predict(self, X: Any) -> Any:
        return (np.asarray(X)[:, 0] > 40).astype(int)

    def predict_proba(self, X: Any) -> Any:
        chance = np.clip(np.asarray(X)[:, 0] / 100, 0, 1)
        return np.column_stack([1 - chance, chance])


class Additive:
    """Keeps its width as generalised additive models of pygam do."""

    def __init__(self) -> None:
        self.statistics_ = {"m_features": 2}

    def predict(self, X: Any) -> Any:
        return X.sum(axis=1)


for own in (Rule, Coded):
    own.__module__ = "__main__"


def context(model: Any, **facts: Any) -> Context:
    found = Context({"model": model})
    found.kept[STATE_KEY] = {"model": facts_of("model", model, **facts)}
    return found


def test_without_it_a_hand_written_model_is_unknown_and_says_what_to_do() -> None:
    fault = Context({"model": Rule()}).run("make_prediction", model_id="model", features={"fee": 1})["fault"]
    assert fault["code"] == "unsupported" and 'register_model("model", model, X=...)' in fault["hint"]


def test_invariance() -> None:
    model = Rule()
    assert_invariant(Case(model, FRAME[["fee", "age"]], model.predict, "unknown", "fee", registered=True))


def test_the_facts_say_that_they_were_registered() -> None:
    found = context(Rule(), X=FRAME, y=FRAME["fee"], units={"fee": "EUR"})
    info = found.data("get_model_info", model_id="model")
    assert info["task"] == "regression" and info["feature_names"] == list(FRAME.columns)
    fee, _, plan = info["features"]
    assert "registered" in fee["source"] and fee["range"] == [FRAME["fee"].min(), FRAME["fee"].max()]
    assert set(plan["categories"]) == {"a", "b"} and info["target"] == "fee"
    column = signature(found, find_model(found, "model")).column("fee")  # type: ignore[arg-type]
    assert column is not None and column.unit == "EUR"
    issues = found.run("validate_features", model_id="model", features={"age": 30, "plan": "a"})["issues"]
    assert "EUR" in next(issue for issue in issues if issue["code"] == "missing_column")["suggestion"]
    form = found.run("make_prediction", model_id="model", features={"age": 3, "plan": "a"})["form"]
    assert form["fields"][0]["unit"] == "EUR"


def test_names_for_codes_and_a_threshold() -> None:
    found = context(Coded(), X=FRAME[["fee", "age"]].to_numpy(), classes=["stays", "leaves"], threshold=0.3)
    told = found.data("make_prediction", model_id="model", features={"x0": 50, "x1": 1})
    assert told["probability"] == {"stays": 0.5, "leaves": 0.5} and told["threshold"] == 0.3


def test_a_width_is_evidence() -> None:
    told = Context({"model": Additive()}).data("make_prediction", model_id="model", features={"x1": 2, "x0": 1})
    assert told["prediction"] == 3


def test_another_class_under_the_name_is_another_model() -> None:
    found = context(Rule(), X=FRAME)
    found.user_ns["model"] = Additive()
    assert found.data("get_model_info", model_id="model")["feature_names"] == ["x0", "x1"]


@pytest.mark.parametrize("safe", [True, False])
def test_thread_safe_lets_it_answer_beside_a_cell(safe: bool) -> None:
    found = context(Rule(), X=FRAME[["fee", "age"]], thread_safe=safe)
    found.running = 4
    with ThreadPoolExecutor(1) as reader:
        asked = reader.submit(found.run, "make_prediction", model_id="model", features={"fee": 1, "age": 1})
        if safe:
            assert asked.result()["data"]["prediction"] == 3
        else:
            with pytest.raises(NeedsIdle):
                asked.result()


def test_the_record_survives_json() -> None:
    record = facts_of("model", Coded(), FRAME, LABEL, ["no", "yes"], 0.4, {"fee": "EUR"}, True)
    assert Registered.from_dict(json.loads(json.dumps(record.to_dict()))) == record
    assert record.target == "left" and record.counts == LABEL.value_counts().to_dict()


@pytest.mark.parametrize(
    ("facts", "error", "says"),
    [
        ({"X": "text"}, TypeError, "X must be a frame"),
        ({"X": FRAME, "y": FRAME}, TypeError, "y must be one column"),
        ({"threshold": 2}, ValueError, "between 0 and 1"),
        ({"X": FRAME, "units": {"price": "EUR"}}, ValueError, "price"),
    ],
)
def test_what_does_not_fit_is_refused(facts: dict[str, Any], error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        facts_of("model", Rule(), **facts)


def test_the_public_function_keeps_it_in_this_kernel() -> None:
    with pytest.raises(RuntimeError, match="notebook"):
        register_model("model", Rule())
    shell = InteractiveShell.instance()
    try:
        shell.user_ns["models"] = {"rule": Rule()}
        with pytest.raises(ValueError, match="the name it has there"):
            register_model("rule", shell.user_ns["models"]["rule"])
        register_model("models['rule']", shell.user_ns["models"]["rule"], X=FRAME)
        bridge = vars(shell)["_mlchat_runtime"].bridge
        assert list(bridge.state[STATE_KEY]) == ['models["rule"]']
    finally:
        vars(shell)["_mlchat_runtime"].remove()
        InteractiveShell.clear_instance()
