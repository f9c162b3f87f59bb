"""Asking a model: forms, referenced rows, refusals, models that change meanwhile, and recipes."""

from __future__ import annotations

import threading
import time
from typing import Any

import numpy as np
import pytest
from runtime.context import Context
from runtime.people import METAS, NUMBERS, PEOPLE, outcome, shuffled, spending
from sklearn import (
    cluster,
    ensemble,
    linear_model,
    model_selection,
    pipeline,
    preprocessing,
)

from jupyter_mlchat.runtime.toolbox import NeedsIdle


def test_a_missing_feature_becomes_a_form() -> None:
    context = Context({"model": METAS["pipeline"], "PEOPLE": PEOPLE})
    result = context.run("make_prediction", model_id="model", features={"age": 30, "plan": "pro"})
    assert result["ok"] and result["data"]["prediction"] is None
    assert result["data"]["missing_features"] == ["monthly fee", "region", "vip", "visits"]
    form = result["form"]
    assert form["tool"] == "make_prediction" and form["target"] == "features"
    fields = {field["name"]: field for field in form["fields"]}
    assert fields["plan"]["value"] == "Pro" and set(fields["plan"]["options"]) == {
        "basic",
        "Pro",
        "enterprise",
    }
    assert fields["age"]["kind"] == "integer" and fields["age"]["maximum"] == PEOPLE["age"].max()
    assert fields["vip"]["kind"] == "boolean"


def test_a_referenced_row_with_a_change() -> None:
    context = Context({"model": METAS["pipeline"], "PEOPLE": PEOPLE})
    data = context.data("make_prediction", model_id="model", row="PEOPLE[4]", features={"age": 70})
    expected = METAS["pipeline"].predict_proba(PEOPLE.iloc[[4]].assign(age=70))[0]
    assert list(data["probability"].values()) == expected.tolist()
    assert data["features"]["age"] == 70


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"row": "PEOPLE[9999]"}, "invalid_input"),
        ({"row": "PEOPLE.head()"}, "invalid_input"),
        ({"row": "missing[1]"}, "unknown_frame"),
        ({"data": "nothing"}, "unknown_frame"),
        ({"data": "PEOPLE", "features": {"age": 1}}, "invalid_input"),
        ({"data": "small"}, "invalid_input"),
        ({"data": "empty"}, "invalid_input"),
        ({"features": []}, "invalid_input"),
        ({"features": [{"age": 1}, {"age": 2}]}, "invalid_input"),
        ({"features": [{"age": 1}, 5]}, "invalid_input"),
        ({"features": [{"age": 1}] * 1001}, "invalid_input"),
    ],
    ids=str,
)
def test_bad_requests_are_refused_by_name(arguments: dict[str, Any], code: str) -> None:
    context = Context({"model": METAS["pipeline"], "PEOPLE": PEOPLE, "small": PEOPLE[["age"]], "empty": PEOPLE.head(0)})
    result = context.run("make_prediction", model_id="model", **arguments)
    assert not result["ok"] and result["fault"]["code"] == code
    assert result["fault"]["message"]


def test_a_model_without_columns_says_so() -> None:
    class Guess:
        def predict(self, X: Any) -> Any:
            return [0] * len(X)

    result = Context({"guess": Guess()}).run("make_prediction", model_id="guess", features={"a": 1})
    assert result["fault"]["code"] == "unsupported"


def test_an_unfitted_model_and_one_that_only_labels_its_own_data() -> None:
    context = Context({"new": linear_model.Ridge(), "own": cluster.DBSCAN().fit(NUMBERS)})
    assert context.run("make_prediction", model_id="new", features={})["fault"]["code"] == "not_fitted"
    row = shuffled(NUMBERS.tail(1))[0]
    assert context.run("make_prediction", model_id="own", features=row)["fault"]["code"] == "unsupported"


def test_the_models_own_error_is_told_without_values() -> None:
    class Picky(linear_model.Ridge):
        def predict(self, X: Any) -> Any:
            raise ValueError(f"can't take {X.iloc[0, 0]}")

    model = Picky().fit(NUMBERS, spending(PEOPLE))
    result = Context({"model": model}).run("make_prediction", model_id="model", features=shuffled(NUMBERS.tail(1))[0])
    assert result["fault"]["code"] == "model_error"
    assert "ValueError" in result["fault"]["message"] and "can't take" not in result["fault"]["message"]


def test_a_library_error_keeps_its_words_but_no_value() -> None:
    model = linear_model.Ridge().fit(NUMBERS, spending(PEOPLE))
    broken = NUMBERS.assign(age=NUMBERS["age"].astype(object))
    broken.iloc[3, 0] = "CANARY text"
    result = Context({"model": model, "broken": broken}).run("make_prediction", model_id="model", data="broken")
    assert result["fault"]["code"] == "model_error"
    assert "could not convert string" in result["fault"]["message"]
    assert "CANARY" not in str(result)


def test_a_model_with_own_python_waits_for_the_running_cell() -> None:
    shift = preprocessing.FunctionTransformer(lambda X: X * 2)
    model = pipeline.make_pipeline(shift, linear_model.Ridge()).fit(NUMBERS, spending(PEOPLE))
    library = pipeline.make_pipeline(preprocessing.FunctionTransformer(np.cbrt), linear_model.Ridge())
    context = Context({"model": model, "library": library.fit(NUMBERS, spending(PEOPLE))})
    row = shuffled(NUMBERS.tail(1))[0]
    found: list[Any] = []

    def ask() -> None:
        context.running = 12
        with pytest.raises(NeedsIdle, match=r"In\[12\]") as caught:
            context.run("make_prediction", model_id="model", features=row)
        found.append(caught.value.code)
        found.append(context.run("make_prediction", model_id="library", features=row))
        context.running = None
        found.append(context.run("make_prediction", model_id="model", features=row))

    run_beside(ask)
    assert found[0] == "kernel_busy"
    assert found[1]["ok"] and found[2]["ok"]


def run_beside(work: Any) -> None:
    """In a thread, while the main thread is in code of the person."""
    thread = threading.Thread(target=work)
    thread.start()
    while thread.is_alive():
        time.sleep(0.01)


def test_a_model_that_is_being_refitted_is_not_answered_wrongly() -> None:
    model = ensemble.RandomForestClassifier(30, random_state=0).fit(NUMBERS, outcome(PEOPLE))
    expected = model.predict_proba(NUMBERS.tail(1))[0].tolist()
    context = Context({"model": model})
    context.running = 3
    stop = threading.Event()

    def refit() -> None:
        while not stop.is_set():
            model.fit(NUMBERS, outcome(PEOPLE))

    row = shuffled(NUMBERS.tail(1))[0]
    results = []
    thread = threading.Thread(target=refit)
    thread.start()
    try:
        until = time.monotonic() + 10
        while time.monotonic() < until and (len(results) < 12 or all(result["ok"] for result in results)):
            results.append(context.run("make_prediction", model_id="model", features=row))
            time.sleep(0.005)
    finally:
        stop.set()
        thread.join()
    for result in results:
        if result["ok"]:
            assert list(result["data"]["probability"].values()) == expected
        else:
            assert result["fault"]["code"] == "model_changing"
    assert any(not result["ok"] for result in results)


def test_a_long_frame_can_be_stopped_and_reports_its_progress(monkeypatch: pytest.MonkeyPatch) -> None:
    from jupyter_mlchat.runtime.asking import prediction

    monkeypatch.setattr(prediction, "CHUNK_ROWS", 100)
    model = linear_model.Ridge().fit(NUMBERS, spending(PEOPLE))
    context = Context({"model": model, "NUMBERS": NUMBERS})
    assert context.data("make_prediction", model_id="model", data="NUMBERS")["n"] == len(NUMBERS)
    assert [report[0] for report in context.reports] == [100, 200, 240]
    context.stop.set()
    assert context.run("make_prediction", model_id="model", data="NUMBERS")["fault"]["code"] == "tool_timeout"


@pytest.mark.parametrize("name", ["pipeline", "search", "target"])
def test_the_recipe_reproduces_the_answer(name: str) -> None:
    context = Context({"model": METAS[name], "PEOPLE": PEOPLE})
    for arguments in ({"features": shuffled(PEOPLE.tail(2))}, {"row": "PEOPLE[5]"}):
        result = context.run("make_prediction", model_id="model", **arguments)
        *lines, last = result["code"].splitlines()
        space = dict(context.user_ns)
        exec("\n".join(lines), space)
        told = result["data"]["prediction"]
        assert eval(last, space).tolist() == (told if isinstance(told, list) else [told])


def test_a_search_without_refit_kept_nothing_to_ask() -> None:
    search = model_selection.GridSearchCV(linear_model.Ridge(), {"alpha": [1, 2]}, cv=2, refit=False)
    context = Context({"search": search.fit(NUMBERS, spending(PEOPLE))})
    for name, arguments in (("make_prediction", {"features": {"age": 1}}), ("get_feature_importance", {})):
        fault = context.run(name, model_id="search", **arguments)["fault"]
        assert fault["code"] == "unsupported" and "refit" in fault["hint"]
