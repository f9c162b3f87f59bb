"""Models measured beside scikit-learn: data found by itself, in-sample said, intervals and groups."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from runtime.context import Context, cell
from runtime.reproduce import reproduced
from sklearn import metrics
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import LabelEncoder, StandardScaler
from sklearn.svm import LinearSVC
from xgboost import XGBClassifier

from jupyter_mlchat.runtime.toolbox import size_of

RNG = np.random.default_rng(21)
ROWS = 600
DF = pd.DataFrame(RNG.normal(size=(ROWS, 4)), columns=["a", "b", "c", "d"]).assign(
    shop=RNG.choice(["north", "south"], ROWS), age=RNG.integers(18, 90, ROWS)
)
NUMBERS = ["a", "b", "c", "d"]
CHURN = np.where(DF["a"] + DF["b"] + RNG.normal(0, 1, ROWS) > 0, "yes", "no")
MONEY = DF["a"] * 3 - DF["c"] + RNG.normal(0, 0.5, ROWS)


def split(model: Any, target: Any = CHURN, **more: Any) -> Context:
    """A notebook that splits, and fits on the one part."""
    frame = DF.assign(churn=target)
    context = Context({"df": frame, "model": model, "train_test_split": train_test_split, "names": NUMBERS, **more})
    cell(context, "X_train, X_test, y_train, y_test = train_test_split(df[names], df['churn'], random_state=0)")
    cell(context, "model.fit(X_train, y_train)")
    return context


def test_held_out_data_is_found_and_measured_as_scikit_learn_does() -> None:
    context = split(LogisticRegression())
    result = context.run("evaluate_model", model_id="model")
    data = result["data"]
    assert (data["data"], data["target"], data["in_sample"], data["n"]) == ("X_test", "y_test", False, 150)
    model, X, y = context.user_ns["model"], context.user_ns["X_test"], context.user_ns["y_test"]
    told = data["metrics"]
    assert told["accuracy"]["value"] == pytest.approx(metrics.accuracy_score(y, model.predict(X)))
    assert told["roc_auc"]["value"] == pytest.approx(metrics.roc_auc_score(y, model.predict_proba(X)[:, 1]))
    assert told["f1"]["value"] == pytest.approx(metrics.f1_score(y, model.predict(X), pos_label="yes"))
    assert all(one["low"] < one["value"] < one["high"] for one in told.values())
    assert data["baseline"]["accuracy"] == pytest.approx((y == y.mode()[0]).mean())
    table = metrics.confusion_matrix(y, model.predict(X), labels=["no", "yes"])
    assert data["confusion"] == {"labels": ["no", "yes"], "counts": table.tolist(), "classes": 2}
    bins = data["calibration"]
    assert sum(one["n"] for one in bins) == 150 and np.average([one["seen"] for one in bins], weights=[
        one["n"] for one in bins]) == pytest.approx((y == "yes").mean())  # fmt: skip
    assert result["warnings"] == [] and "none of its rows" in result["evidence"][-1]["text"]
    found = reproduced(context, result["code"])
    assert {name: value[0] for name, value in found.items()} == pytest.approx(
        {name: one["value"] for name, one in told.items()}
    )
    assert found["roc_auc"][1:] == pytest.approx([told["roc_auc"]["low"], told["roc_auc"]["high"]])
    assert context.run("evaluate_model", model_id="model")["data"] == data


@pytest.mark.parametrize(("frame", "seen", "words"), [
    ("X_train", True, "In-sample"), ("df", True, "75 %"), ("X_test", False, ""),
])  # fmt: skip
def test_what_the_fit_has_seen_is_said(frame: str, seen: bool, words: str) -> None:
    result = split(LogisticRegression()).run("evaluate_model", model_id="model", data=frame)
    assert result["data"]["in_sample"] is seen and words in " ".join(result["warnings"])
    assert bool(result["warnings"]) is seen


def test_in_sample_is_known_through_other_names_arrays_and_reassignment() -> None:
    context = split(LogisticRegression())
    cell(context, "copy = X_train.copy()\nlabels = y_train.copy()")
    again = context.run("evaluate_model", model_id="model", data="copy", target="labels")
    assert again["data"]["in_sample"] is True
    cell(context, "X_train = X_test")
    moved = context.run("evaluate_model", model_id="model", data="X_test")
    assert moved["data"]["in_sample"] is not True
    arrays = Context({"model": LinearRegression(), "A": DF[NUMBERS].to_numpy(), "money": MONEY.to_numpy()})
    cell(arrays, "A_train, A_test, m_train, m_test = A[:400], A[400:], money[:400], money[400:]")
    cell(arrays, "model.fit(A_train, m_train)")
    assert arrays.run("evaluate_model", model_id="model", data="A_test", target="m_test")["data"]["in_sample"] is False
    assert arrays.run("evaluate_model", model_id="model", data="A", target="money")["data"]["in_sample"] is True
    loaded = Context({"model": arrays.user_ns["model"], "A": DF[NUMBERS].to_numpy(), "money": MONEY.to_numpy()})
    unknown = loaded.run("evaluate_model", model_id="model", data="A", target="money")
    assert unknown["data"]["in_sample"] is None and unknown["warnings"] == []


def test_numbers_and_groups() -> None:
    context = split(RandomForestRegressor(10, random_state=0), MONEY)
    cell(context, "test = df.loc[X_test.index]")
    result = context.run("evaluate_model", model_id="model", data="test", target="churn", by="shop")
    data, model = result["data"], context.user_ns["model"]
    test = context.user_ns["test"]
    assert data["metrics"]["rmse"]["value"] == pytest.approx(
        metrics.root_mean_squared_error(test["churn"], model.predict(test[NUMBERS]))
    )
    for group in data["groups"]:
        part = test[test["shop"] == group["group"]]
        wanted = metrics.mean_absolute_error(part["churn"], model.predict(part[NUMBERS]))
        assert group["n"] == len(part) and group["metrics"]["mae"] == pytest.approx(wanted, rel=1e-4)
    ages = context.run("evaluate_model", model_id="model", data="test", target="churn", by="age")["data"]["groups"]
    assert len(ages) == 4 and sum(group["n"] for group in ages) == len(test)
    assert {name: value[0] for name, value in reproduced(context, result["code"]).items()} == pytest.approx(
        {name: one["value"] for name, one in data["metrics"].items()}
    )


def test_coded_labels_are_read_through_the_encoder() -> None:
    context = split(XGBClassifier(n_estimators=5), LabelEncoder().fit_transform(CHURN))
    context.user_ns["encoder"] = LabelEncoder().fit(CHURN)
    context.user_ns["words"] = pd.Series(CHURN, index=DF.index)[context.user_ns["X_test"].index]
    result = context.run("evaluate_model", model_id="model", data="X_test", target="words")
    plain = context.run("evaluate_model", model_id="model", data="X_test", target="y_test")
    assert result["data"]["metrics"] == plain["data"]["metrics"] and "`encoder`" in " ".join(result["warnings"])
    assert reproduced(context, result["code"])["accuracy"][0] == pytest.approx(
        plain["data"]["metrics"]["accuracy"]["value"]
    )
    del context.user_ns["encoder"]
    wrong = context.run("evaluate_model", model_id="model", data="X_test", target="words")
    assert wrong["fault"]["code"] == "invalid_input" and "yes" not in str(wrong["fault"])


def test_what_is_missing_is_named() -> None:
    context = split(LogisticRegression())
    del context.user_ns["y_test"], context.user_ns["y_train"], context.user_ns["df"]
    nothing = context.run("evaluate_model", model_id="model")
    assert nothing["fault"]["code"] == "invalid_input" and "`target`" in nothing["fault"]["hint"]
    short = context.run("evaluate_model", model_id="model", data="X_test", target="X_train")
    assert short["fault"]["code"] == "invalid_input"
    unknown = context.run("evaluate_model", model_id="model", data="X_tset")
    assert unknown["fault"]["code"] == "unknown_frame"


def test_where_the_notebook_leaves_it_open_the_person_says_which_rows_and_what_is_true() -> None:
    context = split(LogisticRegression())
    names = context.user_ns
    names["observed"] = np.asarray(names.pop("y_test"))
    del names["y_train"], names["df"]
    asked = context.run("evaluate_model", model_id="model")
    assert asked["ok"] and "metrics" not in asked["data"]
    data, target = asked["form"]["fields"]
    assert (asked["form"]["tool"], asked["form"]["target"]) == ("evaluate_model", "")
    assert (data["name"], set(data["options"]), data["value"]) == ("data", {"X_train", "X_test"}, None)
    assert (target["name"], target["options"], target["value"]) == ("target", ["observed"], "observed")
    named = context.run("evaluate_model", model_id="model", data="X_test")
    assert [field["options"] for field in named["form"]["fields"]] == [["X_test"], ["observed"]]
    filled = context.run("evaluate_model", model_id="model", data="X_test", target="observed")
    right = metrics.accuracy_score(names["observed"], names["model"].predict(names["X_test"]))
    assert filled["data"]["metrics"]["accuracy"]["value"] == pytest.approx(right, abs=1e-4)


def test_several_classes_scores_without_probabilities_and_texts() -> None:
    three = pd.cut(MONEY, [-99, -1, 1, 99], labels=["low", "middle", "high"]).astype(str)
    context = split(make_pipeline(StandardScaler(), LinearSVC(dual=False)), three)
    data = context.run("evaluate_model", model_id="model")["data"]
    model, X, y = (context.user_ns[name] for name in ("model", "X_test", "y_test"))
    assert data["metrics"]["f1_macro"]["value"] == pytest.approx(metrics.f1_score(y, model.predict(X), average="macro"))
    assert data["calibration"] is None and len(data["confusion"]["labels"]) == 3
    texts = pd.Series([f"{word} film" for word in ("good", "bad", "nice", "dull")] * 10)
    liked = pd.Series(["yes", "no", "yes", "no"] * 10)
    words = Context({"m": make_pipeline(CountVectorizer(), MultinomialNB()), "texts": texts, "liked": liked})
    cell(words, "m.fit(texts, liked)")
    said = words.run("evaluate_model", model_id="m", data="texts", target="liked")
    assert said["data"]["metrics"]["accuracy"]["value"] == 1.0 and said["data"]["in_sample"] is True


def test_long_frames_are_drawn_from_and_empty_answers_left_out() -> None:
    rng = np.random.default_rng(1)
    big = pd.DataFrame(rng.normal(size=(60_000, 2)), columns=["a", "b"])
    truth = big["a"] + rng.normal(size=60_000)
    truth[:100] = np.nan
    context = Context({"model": LinearRegression().fit(big, big["a"]), "big": big, "truth": truth})
    result = context.run("evaluate_model", model_id="model", data="big", target="truth")
    told = result["data"]["metrics"]["rmse"]
    assert result["data"]["n"] == 59_900 and "100 rows" in result["warnings"][-1]
    assert told["value"] == pytest.approx(1, abs=0.02) and 0.005 < told["high"] - told["low"] < 0.02


def test_models_are_compared_on_the_same_rows() -> None:
    forest = RandomForestClassifier(20, random_state=0, max_depth=2)
    context = split(LogisticRegression(), weak=make_pipeline(StandardScaler(), RandomForestClassifier(3, max_depth=1)))
    context.user_ns["forest"] = forest
    cell(context, "forest.fit(X_train, y_train)\nweak.fit(X_train, y_train)")
    result = context.run("compare_models", models=["weak", "model", "forest"])
    data = result["data"]
    X, y = context.user_ns["X_test"], context.user_ns["y_test"]
    for card in data["models"]:
        chance = context.user_ns[card["model_id"]].predict_proba(X)[:, 1]
        assert card["metrics"]["roc_auc"] == pytest.approx(metrics.roc_auc_score(y, chance), rel=1e-5)
        assert card["ms_one_row"] > 0 and card["size_bytes"] > 100 and card["in_sample"] is False
    aucs = [card["metrics"]["roc_auc"] for card in data["models"]]
    assert aucs == sorted(aucs, reverse=True) and data["best"] == data["models"][0]["model_id"]
    pair = data["differences"][-1]
    assert pair["low"] <= pair["difference"] <= pair["high"]
    one, two = (context.user_ns[name].predict(X) for name in (pair["model"], pair["other"]))
    assert pair["disagree"] == pytest.approx((one != two).mean())
    rows = [entry["row"] for entry in pair["furthest_apart"]]
    a, b = (context.user_ns[name].predict_proba(X)[:, 1] for name in (pair["model"], pair["other"]))
    assert rows[0] == int(np.abs(a - b).argmax())
    found = reproduced(context, result["code"])
    assert found == pytest.approx({card["model_id"]: card["metrics"]["roc_auc"] for card in data["models"]}, rel=1e-5)
    by_f1 = context.run("compare_models", models=["model", "forest"], metric="F1")["data"]
    assert by_f1["metric"] == "f1"
    assert context.run("compare_models", models=["model"])["fault"]["code"] == "invalid_input"
    assert "accuracy" in context.run("compare_models", models=["model", "forest"], metric="glory")["fault"]["hint"]


def test_a_paired_interval_is_narrower_than_chance_between_twins() -> None:
    context = split(LogisticRegression(), twin=LogisticRegression(C=0.999))
    cell(context, "twin.fit(X_train, y_train)")
    pair = context.run("compare_models", models=["model", "twin"])["data"]["differences"][0]
    assert abs(pair["low"]) < 1e-3 and pair["more_than_chance"] is False and pair["disagree"] == 0


def test_comparing_what_one_has_seen_and_the_other_not_is_said() -> None:
    context = split(LogisticRegression(), other=LogisticRegression())
    cell(context, "other.fit(X_test, y_test)")
    result = context.run("compare_models", models=["model", "other"], data="X_test")
    assert "no fair comparison" in result["warnings"][0]


def test_numbers_are_compared_by_their_error_and_wide_frames_stay_small() -> None:
    wide = pd.DataFrame(
        np.random.default_rng(0).normal(size=(200, 2_000)), columns=[f"column number {i}" for i in range(2_000)]
    )
    context = Context({"one": LinearRegression(), "two": LinearRegression(), "X": wide, "y": wide.iloc[:, 0]})
    cell(context, "one.fit(X[:100], y[:100])\ntwo.fit(X[50:150], y[50:150])")
    result = context.run("compare_models", models=["one", "two"], data="X", target="y")
    assert result["data"]["metric"] == "rmse" and result["data"]["lower_is_better"]
    assert result["data"]["differences"][0]["difference"] <= 0
    single = context.run("evaluate_model", model_id="one", data="X", target="y", by="column number 7")
    for one in (result, single):
        assert one["ok"] and size_of(one["data"]) <= 8_000
