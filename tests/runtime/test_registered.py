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
from shells import new_shell
from sklearn.linear_model import LinearRegression

from jupyter_mlchat import register_model
from jupyter_mlchat.llm.builtin.replies import models
from jupyter_mlchat.runtime.catalog import find_model
from jupyter_mlchat.runtime.kept import on_registered, recall
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


@pytest.mark.parametrize(
    ("y", "counted"), [(LABEL, True), (LABEL == "yes", True), (FRAME["fee"].rename("left"), False)]
)
def test_the_record_survives_json(y: pd.Series, counted: bool) -> None:
    said: dict[str, Any] = {"classes": np.array([0, 1]), "threshold": 0.4, "units": {"fee": "EUR"}, "thread_safe": True}
    record = facts_of("model", Coded(), FRAME.assign(few=y), y, **said)
    assert Registered.from_dict(json.loads(json.dumps(record.to_dict()))) == record
    assert record.target == "left" and record.counts == (y.value_counts().to_dict() if counted else None)


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
    shell = new_shell()
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


# -- the tool ------------------------------------------------------------------------------------------


def test_the_tool_notes_what_a_hand_written_model_takes() -> None:
    found = Context({"model": Rule(), "data": FRAME.assign(left=LABEL), "label": LABEL})
    heard: list[dict[str, Any]] = []
    on_registered(found.kept, heard.append)
    names = dict(found.user_ns)
    told = found.run("register_model", model_id="model", data="data", target="left", units={"fee": "EUR"})
    assert told["ok"], told["fault"]
    assert told["data"]["feature_names"] == list(FRAME.columns) and told["data"]["target"] == "left"
    assert found.user_ns == names and [facts["name"] for facts in heard] == ["model"]
    answer = found.data("make_prediction", model_id="model", features={"fee": 2, "age": 1, "plan": "a"})
    assert answer["prediction"] == 5
    assert found.data("register_model", model_id="model", data="data", target="label")["n_features"] == 4


def test_classes_and_a_threshold_as_a_form_gives_them() -> None:
    found = Context({"model": Coded(), "array": FRAME[["fee", "age"]].to_numpy()})
    told = found.data(
        "register_model", model_id="model", data="array", classes="stays, leaves", threshold=0.3, target=""
    )
    assert told["n_classes"] == 2 and told["threshold"] == 0.3
    answer = found.data("make_prediction", model_id="model", features={"x0": 50, "x1": 1})
    assert answer["probability"] == {"stays": 0.5, "leaves": 0.5}
    found.run("register_model", model_id="model", data="array", classes="[0, 1]")
    assert found.data("get_model_info", model_id="model")["classes"] == [0, 1]


@pytest.mark.parametrize(
    ("args", "code"),
    [
        ({}, "invalid_input"),
        ({"data": "nothing"}, "unknown_frame"),
        ({"data": "data", "target": "nothing"}, "unknown_frame"),
        ({"data": "data", "threshold": 3}, "invalid_input"),
        ({"data": "data", "units": {"price": "EUR"}}, "invalid_input"),
        ({"data": "series"}, "invalid_input"),
    ],
)
def test_the_tool_refuses_what_does_not_fit(args: dict[str, Any], code: str) -> None:
    found = Context({"model": Rule(), "data": FRAME, "series": LABEL})
    assert found.run("register_model", model_id="model", **args)["fault"]["code"] == code
    assert STATE_KEY not in found.kept


def test_a_tool_that_lacks_the_inputs_asks_for_them_where_there_is_data() -> None:
    found = Context({"model": Rule(), "data": FRAME, "label": LABEL})
    for tool, args in (
        ("make_prediction", {"features": {"fee": 1}}),
        ("validate_features", {"features": {"fee": 1}}),
        ("explain_prediction", {"row": "data[0]"}),
    ):
        result = found.run(tool, model_id="model", **args)
        form = result["form"]
        assert result["ok"] and form["tool"] == "register_model" and form["args"] == {"model_id": "model"}
        assert form["fields"][0]["options"] == ["data"] and "label" not in str(form["fields"][0])
        assert "doesn't say which columns" in result["data"]["message"]


# -- in the next kernel --------------------------------------------------------------------------------


def earlier(model: Any, **facts: Any) -> list[dict[str, Any]]:
    """What a store gives back."""
    kept: list[dict[str, Any]] = json.loads(json.dumps([facts_of("model", model, **facts).to_dict()]))
    return kept


def test_it_is_used_again_and_says_so() -> None:
    found = Context({"model": Rule()})
    recall(found.kept, earlier(Rule(), X=FRAME, y=FRAME["fee"], units={"fee": "EUR"}))
    result = found.run("make_prediction", model_id="model", features={"fee": 2, "age": 1, "plan": "a"})
    assert result["data"]["prediction"] == 5 and result["warnings"] == []
    assert "in an earlier kernel: name, class and columns match" in str(result["evidence"])
    found.kept[STATE_KEY] = {"model": facts_of("model", Rule(), FRAME[["fee", "age"]])}
    again = found.run("make_prediction", model_id="model", features={"fee": 2, "age": 1})
    assert again["ok"] and "earlier" not in str(again["evidence"])


@pytest.mark.parametrize(
    ("model", "facts", "why"),
    [
        (Additive(), earlier(Rule(), X=FRAME), "of another class"),
        (Additive(), earlier(Additive(), X=FRAME), "has other columns"),
    ],
)
def test_what_does_not_match_any_more_is_not_used_and_said_once(
    model: Any, facts: list[dict[str, Any]], why: str
) -> None:
    found = Context({"model": model})
    recall(found.kept, facts)
    first = found.run("make_prediction", model_id="model", features={"x0": 1, "x1": 2})
    assert first["data"]["prediction"] == 3 and why in first["warnings"][0] and "earlier" not in str(first["evidence"])
    assert found.run("make_prediction", model_id="model", features={"x0": 1, "x1": 2})["warnings"] == []


@pytest.mark.parametrize("broken", [{}, {"stamp": "a"}, {"profiles": 3}, {"profiles": {}, "columns": 5}])
def test_what_another_release_wrote_is_as_good_as_not_there(broken: dict[str, Any]) -> None:
    found = Context({"model": Additive()})
    recall(found.kept, [{"name": "model", **broken}])
    assert found.data("get_model_info", model_id="model")["n_features"] == 2


# -- classes of y, units -------------------------------------------------------------------------------


class Silent:
    """Tells one of its labels, and nothing about itself."""

    def __init__(self, labels: list[Any]) -> None:
        self.labels = labels

    def predict(self, X: Any) -> Any:
        return np.asarray(self.labels)[(np.asarray(X)[:, 0] > 40).astype(int)]


Silent.__module__ = "__main__"
NUMBERS = FRAME[["fee", "age"]]


@pytest.mark.parametrize(
    ("y", "classes"),
    [
        (LABEL, ["no", "yes"]),
        (LABEL.to_numpy(), ["no", "yes"]),
        (LABEL.astype("category"), ["no", "yes"]),
        (LABEL == "yes", [False, True]),
        ((LABEL == "yes").astype(int), [0, 1]),
        (pd.Series([0, 1, 2] * 20), [0, 1, 2]),
        (pd.Series([3, 5, 9] * 20), None),  # may be counts
        (pd.Series([0.0, 1.0] * 30), None),
        (FRAME["fee"], None),
        (pd.Series(["only"] * 60), None),
    ],
)
def test_classes_are_those_of_y(y: Any, classes: list[Any] | None) -> None:
    found = context(Silent(classes or [1, 2]), X=NUMBERS, y=y)
    result = found.run("get_model_info", model_id="model")
    info = result["local"] or result["data"]
    assert info["classes"] == classes
    assert ("y" in " ".join(one["text"] for one in result["evidence"] if one["kind"] == "registered")) == bool(classes)
    if classes:
        assert info["task"] == "classification"
        said = found.data("make_prediction", model_id="model", features={"fee": 80, "age": 1})["prediction"]
        assert said == classes[1]


def test_named_classes_win_over_those_of_y_and_a_regressor_has_none() -> None:
    told = context(Silent(["b", "a"]), X=NUMBERS, y=LABEL, classes=["stays", "leaves"])
    assert told.data("get_model_info", model_id="model")["classes"] == ["stays", "leaves"]
    codes = pd.Series([0, 1] * 30)
    line = context(LinearRegression().fit(NUMBERS, codes), X=NUMBERS, y=codes)
    info = line.data("get_model_info", model_id="model")
    assert info["classes"] is None and info["task"] == "regression"


def test_classes_of_y_survive_json_and_older_records_have_none() -> None:
    record = facts_of("model", Silent([1, 2]), NUMBERS, LABEL)
    kept = json.loads(json.dumps(record.to_dict()))
    assert Registered.from_dict(kept) == record and record.levels == ("no", "yes")
    del kept["levels"]
    assert Registered.from_dict(kept).levels is None


def test_units_are_told_with_the_inputs() -> None:
    told = context(Rule(), X=FRAME, units={"fee": "EUR"}).data("get_model_info", model_id="model", detail="signature")
    assert [feature.get("unit") for feature in told["features"]] == ["EUR", None, None]
    said = models.info({"model_id": "model", "detail": "signature"}, told)
    assert "float64 in EUR" in said
