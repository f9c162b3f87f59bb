"""A small mixed frame, and models of many kinds fitted on it."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pandas as pd
from sklearn import (
    calibration,
    cluster,
    compose,
    discriminant_analysis,
    dummy,
    ensemble,
    frozen,
    gaussian_process,
    impute,
    linear_model,
    model_selection,
    naive_bayes,
    neighbors,
    neural_network,
    pipeline,
    preprocessing,
    svm,
    tree,
)

ROWS = 20


def people(rows: int = 240) -> pd.DataFrame:
    rng = np.random.default_rng(7)
    return pd.DataFrame(
        {
            "age": rng.integers(18, 80, rows),
            "monthly fee": rng.uniform(5, 90, rows).round(2),
            "plan": rng.choice(["basic", "Pro", "enterprise"], rows),
            "region": pd.Categorical(rng.choice(["north", "south", "east"], rows)),
            "vip": rng.random(rows) > 0.5,
            "visits": pd.array(rng.integers(0, 9, rows), dtype="Int64"),
            "joined": pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 900, rows), "D"),
        }
    )


def outcome(frame: pd.DataFrame) -> pd.Series:
    noise = np.random.default_rng(8).normal(0, 8, len(frame))
    return pd.Series(np.where(frame["age"] + noise > 50, "stays", "leaves"), name="outcome")


def spending(frame: pd.DataFrame) -> pd.Series:
    return (frame["age"] * 0.7 + frame["monthly fee"] * 2.0).rename("spending")


PEOPLE = people()
NUMBERS = PEOPLE[["age", "monthly fee"]].assign(score=np.random.default_rng(9).normal(size=len(PEOPLE)))

CLASSIFIERS = [
    linear_model.LogisticRegression(max_iter=500),
    linear_model.RidgeClassifier(),
    linear_model.SGDClassifier(random_state=0),
    svm.SVC(),
    svm.LinearSVC(dual=False),
    tree.DecisionTreeClassifier(random_state=0),
    ensemble.RandomForestClassifier(8, random_state=0),
    ensemble.ExtraTreesClassifier(8, random_state=0),
    ensemble.GradientBoostingClassifier(n_estimators=8, random_state=0),
    ensemble.HistGradientBoostingClassifier(max_iter=8, random_state=0),
    ensemble.AdaBoostClassifier(n_estimators=8, random_state=0),
    neighbors.KNeighborsClassifier(),
    naive_bayes.GaussianNB(),
    discriminant_analysis.LinearDiscriminantAnalysis(),
    neural_network.MLPClassifier((4,), solver="lbfgs", max_iter=2_000, random_state=0, tol=1e-2),
    dummy.DummyClassifier(),
]
REGRESSORS = [
    linear_model.LinearRegression(),
    linear_model.Ridge(),
    linear_model.ElasticNet(),
    linear_model.BayesianRidge(),
    svm.SVR(),
    tree.DecisionTreeRegressor(random_state=0),
    ensemble.RandomForestRegressor(8, random_state=0),
    ensemble.HistGradientBoostingRegressor(max_iter=8, random_state=0),
    neighbors.KNeighborsRegressor(),
    gaussian_process.GaussianProcessRegressor(alpha=1.0, optimizer=None),
]
OTHERS = [
    cluster.KMeans(3, n_init=1, random_state=0),
    ensemble.IsolationForest(n_estimators=8, random_state=0),
]


def prepared(*, dense: bool = False) -> compose.ColumnTransformer:
    numbers = pipeline.make_pipeline(impute.SimpleImputer(), preprocessing.StandardScaler())
    hot = preprocessing.OneHotEncoder(handle_unknown="ignore", sparse_output=not dense)
    return compose.ColumnTransformer(
        [
            ("numbers", numbers, ["age", "monthly fee", "visits"]),
            ("hot", hot, ["plan"]),
            ("codes", preprocessing.OrdinalEncoder(), ["region"]),
            ("flag", "passthrough", ["vip"]),
        ]
    )


def logistic() -> pipeline.Pipeline:
    return pipeline.make_pipeline(prepared(), linear_model.LogisticRegression(max_iter=500))


def metas() -> dict[str, Any]:
    """Fitted on the mixed frame."""
    y = outcome(PEOPLE)
    grid = {"logisticregression__C": [0.1, 1.0]}
    base = logistic().fit(PEOPLE, y)
    two = [
        ("one", logistic()),
        ("two", pipeline.make_pipeline(prepared(dense=True), naive_bayes.GaussianNB())),
    ]
    half = {"logisticregression__C": [0.5]}
    return {
        "pipeline": base,
        "search": model_selection.GridSearchCV(logistic(), grid, cv=2).fit(PEOPLE, y),
        "voting": ensemble.VotingClassifier(two).fit(PEOPLE, y),
        "soft": ensemble.VotingClassifier(two, voting="soft").fit(PEOPLE, y),
        "stacking": ensemble.StackingClassifier(two, cv=2).fit(PEOPLE, y),
        "calibrated": calibration.CalibratedClassifierCV(logistic(), cv=2).fit(PEOPLE, y),
        "frozen": frozen.FrozenEstimator(base),
        "tuned": model_selection.TunedThresholdClassifierCV(logistic(), cv=2).fit(PEOPLE, y == "stays"),
        "fixed": model_selection.FixedThresholdClassifier(logistic(), threshold=0.8).fit(PEOPLE, y == "stays"),
        "nested": model_selection.RandomizedSearchCV(logistic(), half, n_iter=1, cv=2).fit(PEOPLE, y),
        "target": compose.TransformedTargetRegressor(
            pipeline.make_pipeline(prepared(), linear_model.Ridge()), func=np.log1p, inverse_func=np.expm1
        ).fit(PEOPLE, spending(PEOPLE)),
    }


METAS = metas()


def shuffled(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as a front end would send them, keys in any order."""
    rng = random.Random(3)
    rows = []
    for row in frame.astype(object).to_dict("records"):
        names = list(row)
        rng.shuffle(names)
        rows.append({name: plain(row[name]) for name in names})
    return rows


def plain(value: Any) -> Any:
    value = value.item() if hasattr(value, "item") else value
    return value.isoformat() if hasattr(value, "isoformat") else value
