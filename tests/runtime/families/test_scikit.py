"""Every public scikit-learn estimator: found, its task, its inputs, and exactly its own answers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from runtime.context import Context
from runtime.families.every import AMOUNT, FRAME, LABEL, estimators, fitted
from runtime.families.invariance import Case, assert_invariant
from runtime.people import ROWS, outcome, people, shuffled
from sklearn import calibration, compose, ensemble, linear_model, model_selection, pipeline, preprocessing, tree
from sklearn.base import is_classifier, is_clusterer, is_outlier_detector, is_regressor
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.model_selection import HalvingGridSearchCV, HalvingRandomSearchCV

from jupyter_mlchat.runtime.asking.prediction import squeeze
from jupyter_mlchat.runtime.catalog import find_model


def task_of(model: Any) -> str:
    for says, task in (
        (is_classifier, "classification"),
        (is_regressor, "regression"),
        (is_outlier_detector, "outlier_detection"),
        (is_clusterer, "clustering"),
    ):
        if says(model):
            return task
    return "clustering"  # mixtures have no tag


@pytest.mark.parametrize(("name", "cls"), estimators(), ids=lambda value: value if type(value) is str else "")
@pytest.mark.filterwarnings("ignore::UserWarning:sklearn", "ignore::FutureWarning:sklearn")
def test_every_estimator(name: str, cls: type) -> None:
    model, X = fitted(name, cls)
    context = Context({"model": model, "X_train": X})
    found = find_model(context, "model")
    assert (found.status, found.task) == ("fitted", task_of(model))
    info = context.data("get_model_info", model_id="model")
    sample = X.tail(ROWS)
    if not hasattr(model, "feature_names_in_") and not hasattr(model, "estimators_"):
        X = X.rename(columns={"age": "x0"})  # an isotonic regression keeps no name
    assert info["feature_names"] == list(X.columns) and info["n_features"] == X.shape[1]
    assert set(info) >= {"task", "classes", "steps", "parameters"}
    if not hasattr(model, "predict"):
        result = context.run("make_prediction", model_id="model", features=shuffled(sample))
        assert result["fault"]["code"] == "unsupported"
        return
    data = context.data("make_prediction", model_id="model", features=shuffled(X.tail(ROWS)))
    assert data["prediction"] == squeeze(np.asarray(model.predict(sample))).tolist()
    if info["classes"] is not None:
        assert data["n"] == ROWS and len(info["classes"]) >= 2


def importance(model: Any) -> dict[str, float]:
    told = Context({"model": model}).data("get_feature_importance", model_id="model")
    return {one["feature"]: one["importance"] for one in told["features"]}


def test_importance_of_ensembles_is_the_mean_of_their_members() -> None:
    trees = [("a", tree.DecisionTreeRegressor(max_depth=3)), ("b", tree.DecisionTreeRegressor(max_depth=1))]
    voting = ensemble.VotingRegressor(trees, weights=[3, 1]).fit(FRAME, AMOUNT)
    first, second = (one.feature_importances_ for one in voting.estimators_)
    assert list(importance(voting).values()) == pytest.approx(sorted((3 * first + second) / 4, reverse=True))
    bagged = ensemble.BaggingRegressor(tree.DecisionTreeRegressor(), 3, max_features=2, random_state=0)
    bagged.fit(FRAME, AMOUNT)
    expected = np.zeros(3)
    for one, places in zip(bagged.estimators_, bagged.estimators_features_, strict=True):
        expected[places] += one.feature_importances_ / 3
    assert importance(bagged) == pytest.approx(dict(zip(FRAME.columns, expected, strict=True)))
    calibrated = calibration.CalibratedClassifierCV(linear_model.LogisticRegression(), cv=2).fit(FRAME, LABEL)
    mean = np.mean([np.abs(one.estimator.coef_[0]) for one in calibrated.calibrated_classifiers_], axis=0)
    assert importance(calibrated) == pytest.approx(dict(zip(FRAME.columns, mean, strict=True)))
    piped = pipeline.make_pipeline(preprocessing.StandardScaler(), bagged).fit(FRAME, AMOUNT)
    assert set(importance(piped)) == set(FRAME.columns)


def test_importance_is_refused_where_members_measure_differently() -> None:
    mixed = [("tree", tree.DecisionTreeRegressor()), ("line", linear_model.Ridge())]
    lines = [("one", linear_model.Ridge()), ("two", linear_model.Ridge(alpha=9))]
    for members in (mixed, lines):
        context = Context({"model": ensemble.VotingRegressor(members).fit(FRAME, AMOUNT)})
        assert context.run("get_feature_importance", model_id="model")["fault"]["code"] == "unsupported"


def test_a_search_without_refit_is_listed_but_refuses() -> None:
    search = model_selection.GridSearchCV(linear_model.Ridge(), {"alpha": [1, 2]}, cv=2, refit=False)
    context = Context({"model": search.fit(FRAME, AMOUNT)})
    assert context.data("list_models")["models"][0]["status"] == "fitted"
    fault = context.run("make_prediction", model_id="model", features={"age": 1})["fault"]
    assert fault["code"] == "unsupported" and "refit=True" in fault["hint"]


def test_halving_searches_too() -> None:
    for search in (HalvingGridSearchCV, HalvingRandomSearchCV):
        model = search(linear_model.Ridge(), {"alpha": [0.1, 0.5, 1.0, 2.0]}, cv=2, random_state=0, min_resources=20)
        context = Context({"model": model.fit(FRAME, AMOUNT)})
        data = context.data("make_prediction", model_id="model", features=shuffled(FRAME.tail(ROWS)))
        assert data["prediction"] == model.predict(FRAME.tail(ROWS)).tolist()


MIXED = people()


def numbers_first() -> Any:
    columns = [
        ("numbers", preprocessing.StandardScaler(), ["monthly fee", "age"]),
        ("plan", preprocessing.OneHotEncoder(handle_unknown="ignore"), ["plan"]),
    ]
    return compose.ColumnTransformer(columns)


@pytest.mark.parametrize(
    "last",
    [
        linear_model.LogisticRegression(),
        ensemble.RandomForestClassifier(5, random_state=0),
        model_selection.GridSearchCV(linear_model.LogisticRegression(), {"C": [1, 2]}, cv=2),
        ensemble.StackingClassifier([("a", linear_model.LogisticRegression())], cv=2),
        calibration.CalibratedClassifierCV(linear_model.LogisticRegression(), cv=2),
    ],
    ids=lambda model: type(model).__name__,
)
def test_invariance_of_pipelines(last: Any) -> None:
    frame = MIXED[["age", "monthly fee", "plan"]]
    model = pipeline.make_pipeline(numbers_first(), last)
    case = Case(
        model, frame, lambda X: model.predict(X), "classification", "monthly fee", "plan", "model.fit(X_train, y)"
    )
    case.names["y"] = outcome(MIXED)
    assert_invariant(case)
