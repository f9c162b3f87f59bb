"""JSON rows with shuffled keys give exactly the direct `.predict` answers, for many kinds of models."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from runtime.context import Context, cell
from runtime.people import CLASSIFIERS, METAS, NUMBERS, OTHERS, PEOPLE, REGRESSORS, ROWS, outcome, shuffled, spending
from sklearn import (
    ensemble,
    linear_model,
    multiclass,
    multioutput,
    naive_bayes,
    pipeline,
    preprocessing,
    svm,
    tree,
)


def assert_same(model: Any, frame: pd.DataFrame, data: dict[str, Any]) -> None:
    direct = np.asarray(model.predict(frame))
    assert data["prediction"] == direct.tolist()
    if hasattr(model, "predict_proba"):
        told = [list(one.values()) for one in data["probability"]]
        assert told == model.predict_proba(frame).tolist()


@pytest.mark.parametrize("estimator", [*CLASSIFIERS, *REGRESSORS, *OTHERS], ids=lambda e: type(e).__name__)
def test_rows_give_the_direct_answers(estimator: Any) -> None:
    target = outcome(PEOPLE) if estimator in CLASSIFIERS else spending(PEOPLE)
    model = estimator.fit(NUMBERS, target)
    sample = NUMBERS.tail(ROWS)
    data = Context({"model": model}).data("make_prediction", model_id="model", features=shuffled(sample))
    assert_same(model, sample, data)
    assert data["n"] == ROWS


@pytest.mark.parametrize("name", METAS)
def test_pipelines_and_meta_estimators_too(name: str) -> None:
    model = METAS[name]
    sample = PEOPLE.tail(ROWS)
    context = Context({"model": model, "PEOPLE": PEOPLE})
    data = context.data("make_prediction", model_id="model", features=shuffled(sample))
    assert_same(model, sample, data)


@pytest.mark.parametrize("reverse", [False, True])
def test_a_whole_frame_in_any_order_counts_what_predict_says(reverse: bool) -> None:
    frame = PEOPLE[list(reversed(PEOPLE.columns))].assign(extra=1) if reverse else PEOPLE
    context = Context({"model": METAS["pipeline"], "frame": frame})
    result = context.run("make_prediction", model_id="model", data="frame")
    expected = pd.Series(METAS["pipeline"].predict(PEOPLE)).value_counts().to_dict()
    assert result["data"]["counts"] == expected
    assert [issue["code"] for issue in result["issues"]] == (["wrong_order"] if reverse else [])


def test_a_whole_frame_for_a_regressor_answers_quantiles() -> None:
    model = linear_model.Ridge().fit(NUMBERS, spending(PEOPLE))
    data = Context({"model": model, "NUMBERS": NUMBERS}).data("make_prediction", model_id="model", data="NUMBERS")
    direct = model.predict(NUMBERS)
    assert data["n"] == len(NUMBERS)
    assert data["quantiles"]["median"] == pytest.approx(np.median(direct))
    assert data["mean"] == pytest.approx(direct.mean())


def test_category_columns_are_built_with_the_training_categories() -> None:
    frame = PEOPLE[["region", "age"]]
    model = ensemble.HistGradientBoostingClassifier(max_iter=5, categorical_features="from_dtype", random_state=0)
    model.fit(frame, outcome(PEOPLE))
    context = Context({"model": model, "frame": frame})
    data = context.data("make_prediction", model_id="model", features=shuffled(frame.tail(ROWS)))
    assert_same(model, frame.tail(ROWS), data)


def test_datetime_columns_come_from_iso_text() -> None:
    def days(frame: pd.DataFrame) -> pd.DataFrame:
        return frame.assign(joined=(frame["joined"] - pd.Timestamp("2020-01-01")).dt.days)

    frame = PEOPLE[["joined", "age"]]
    model = pipeline.make_pipeline(preprocessing.FunctionTransformer(days), linear_model.Ridge())
    model.fit(frame, spending(PEOPLE))
    context = Context({"model": model, "frame": frame})
    data = context.data("make_prediction", model_id="model", features=shuffled(frame.tail(ROWS)))
    assert_same(model, frame.tail(ROWS), data)


def test_a_model_fitted_on_an_array_takes_positions() -> None:
    model = linear_model.Ridge().fit(NUMBERS.to_numpy(), spending(PEOPLE))
    data = Context({"model": model}).data("make_prediction", model_id="model", features={"x2": 0.5, "x0": 30, "x1": 9})
    assert data["prediction"] == model.predict([[30, 9, 0.5]])[0]


def test_a_model_fitted_on_values_of_a_frame_takes_its_names() -> None:
    context = Context({"np": np})
    context.user_ns.update(frame=NUMBERS, y=spending(PEOPLE), Ridge=linear_model.Ridge)
    cell(context, "model = Ridge().fit(frame.values, y)")
    row = {"age": 30, "score": 0.5, "monthly fee": 9}
    data = context.data("make_prediction", model_id="model", features=row)
    assert data["prediction"] == context.user_ns["model"].predict([[30, 9, 0.5]])[0]


def test_several_outputs_give_a_list_for_each_row() -> None:
    labels = np.column_stack([outcome(PEOPLE), PEOPLE["plan"]]).astype(str)
    model = multioutput.MultiOutputClassifier(tree.DecisionTreeClassifier(max_depth=3)).fit(NUMBERS, labels)
    data = Context({"model": model}).data("make_prediction", model_id="model", features=shuffled(NUMBERS.tail(3)))
    assert data["prediction"] == model.predict(NUMBERS.tail(3)).tolist()
    direct = model.predict_proba(NUMBERS.tail(3))
    assert list(data["probability"][0][1].values()) == direct[1][0].tolist()
    assert data["confidence"][0] == [max(one) for one in (direct[0][0], direct[1][0])]


def test_a_chain_and_several_regression_targets() -> None:
    targets = np.column_stack([spending(PEOPLE), PEOPLE["age"]])
    model = multioutput.RegressorChain(linear_model.Ridge()).fit(NUMBERS, targets)
    data = Context({"model": model}).data("make_prediction", model_id="model", features=shuffled(NUMBERS.tail(3)))
    assert data["prediction"] == model.predict(NUMBERS.tail(3)).tolist()


def test_the_decision_function_is_a_score_and_no_confidence() -> None:
    model = svm.SVC().fit(NUMBERS, outcome(PEOPLE))
    data = Context({"model": model}).data("make_prediction", model_id="model", features=shuffled(NUMBERS.tail(1))[0])
    assert data["score"] == model.decision_function(NUMBERS.tail(1))[0]
    assert data["confidence"] is None and data["probability"] is None


def test_the_interval_is_the_models_own() -> None:
    model = linear_model.BayesianRidge().fit(NUMBERS, spending(PEOPLE))
    data = Context({"model": model}).data("make_prediction", model_id="model", features=shuffled(NUMBERS.tail(1))[0])
    mean, std = model.predict(NUMBERS.tail(1), return_std=True)
    assert data["interval"]["high"] == pytest.approx(np.asarray(mean)[0] + 1.959964 * np.asarray(std)[0])
    assert data["interval"]["level"] == 0.95


def test_confidence_is_of_the_predicted_class_even_below_a_threshold() -> None:
    model = METAS["fixed"]
    probabilities = model.predict_proba(PEOPLE)[:, 1]
    between = PEOPLE[(probabilities > 0.5) & (probabilities < 0.8)].head(1)
    context = Context({"model": model, "PEOPLE": PEOPLE})
    data = context.data("make_prediction", model_id="model", features=shuffled(between)[0])
    assert data["prediction"] is False
    assert data["confidence"] == model.predict_proba(between)[0][0] < 0.5
    assert data["threshold"] == 0.8


def test_several_labels_at_once() -> None:
    labels = np.column_stack([PEOPLE["age"] > 40, PEOPLE["vip"]]).astype(int)
    model = multiclass.OneVsRestClassifier(tree.DecisionTreeClassifier(max_depth=3)).fit(NUMBERS, labels)
    data = Context({"model": model}).data("make_prediction", model_id="model", features=shuffled(NUMBERS.tail(4)))
    direct, chances = model.predict(NUMBERS.tail(4)), model.predict_proba(NUMBERS.tail(4))
    assert data["prediction"] == direct.tolist()
    assert data["probability"][0] == [{"1": chance} for chance in chances[0]]
    assert data["confidence"] == np.where(direct == 1, chances, 1 - chances).tolist()


def test_arrays_serve_a_model_that_knows_names_and_frames_one_that_does_not() -> None:
    named = linear_model.Ridge().fit(NUMBERS, spending(PEOPLE))
    plain_model = linear_model.Ridge().fit(NUMBERS.to_numpy(), spending(PEOPLE))
    context = Context({"named": named, "plain": plain_model, "array": NUMBERS.to_numpy(), "frame": NUMBERS})
    expected = named.predict(NUMBERS)
    for model, data in (("named", "array"), ("plain", "frame"), ("plain", "array")):
        told = context.data("make_prediction", model_id=model, data=data)
        assert told["mean"] == pytest.approx(expected.mean())
    for model in ("named", "plain"):
        told = context.data("make_prediction", model_id=model, row="array[-1]")
        assert told["prediction"] == pytest.approx(expected[-1])
    narrow = Context({"named": named, "array": NUMBERS.to_numpy()[:, :2]})
    for arguments in ({"row": "array[0]"}, {"data": "array"}):
        assert narrow.run("make_prediction", model_id="named", **arguments)["fault"]["code"] == "invalid_input"


def test_whole_columns_of_text_and_of_several_outputs() -> None:
    from sklearn.feature_extraction.text import CountVectorizer

    texts = pd.Series(["good day", "bad day", "good work", "bad work"] * 5)
    model = pipeline.make_pipeline(CountVectorizer(), naive_bayes.MultinomialNB()).fit(texts, [1, 0, 1, 0] * 5)
    context = Context({"model": model, "texts": texts})
    assert context.data("make_prediction", model_id="model", data="texts")["counts"] == {"0": 10, "1": 10}
    assert context.data("make_prediction", model_id="model", row="texts[1]")["prediction"] == 0
    targets = np.column_stack([spending(PEOPLE), PEOPLE["age"]]).astype(float)
    both = linear_model.Ridge().fit(NUMBERS, targets)
    told = Context({"both": both, "NUMBERS": NUMBERS}).data("make_prediction", model_id="both", data="NUMBERS")
    assert [round(one["mean"], 6) for one in told["outputs"]] == np.round(targets.mean(axis=0), 6).tolist()


def test_texts_are_a_list() -> None:
    from sklearn.feature_extraction.text import TfidfVectorizer

    texts = ["good day", "bad day", "good work", "bad work"] * 5
    model = pipeline.make_pipeline(TfidfVectorizer(), linear_model.LogisticRegression()).fit(texts, [1, 0, 1, 0] * 5)
    data = Context({"model": model}).data("make_prediction", model_id="model", features={"text": "good"})
    assert data["prediction"] == 1
