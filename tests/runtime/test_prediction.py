"""JSON rows with shuffled keys give exactly the direct `.predict` answers, for many kinds of models."""

from __future__ import annotations

import random
import threading
import time
from typing import Any

import numpy as np
import pandas as pd
import pytest
from context import Context, cell
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
    multiclass,
    multioutput,
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
        found.append(context.run("make_prediction", model_id="model", features=row))
        found.append(context.run("make_prediction", model_id="library", features=row))
        context.running = None
        found.append(context.run("make_prediction", model_id="model", features=row))

    run_beside(ask)
    assert found[0]["fault"]["code"] == "kernel_busy" and "In[12]" in found[0]["fault"]["message"]
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
    from jupyter_mlchat.runtime import prediction

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
