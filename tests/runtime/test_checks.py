"""Drift, leakage and freshness: found where they are, and not cried where they are not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from runtime.context import Context, cell
from runtime.reproduce import reproduced
from scipy import stats
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris, load_wine
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from jupyter_mlchat.runtime.evaluating import drift
from jupyter_mlchat.runtime.toolbox import size_of


def frame(seed: int, rows: int = 500) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {"fee": rng.normal(50, 10, rows), "age": rng.integers(18, 80, rows), "plan": rng.choice(["basic", "pro"], rows)}
    )


def target(data: pd.DataFrame) -> pd.Series:
    noise = np.random.default_rng(1).normal(0, 10, len(data))
    return (data["fee"] + noise > 50).map({True: "yes", False: "no"}).rename("churn")


def notebook(**more: Any) -> Context:
    from sklearn.compose import make_column_transformer

    prepare = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore"), ["plan"]), (StandardScaler(), ["fee", "age"])
    )
    context = Context({"pipe": make_pipeline(prepare, LogisticRegression()), "X_train": frame(0), **more})
    context.user_ns["y_train"] = target(context.user_ns["X_train"])
    cell(context, "pipe.fit(X_train, y_train)")
    return context


def test_the_same_kind_of_data_has_not_drifted() -> None:
    for seed in range(1, 21):
        result = notebook(X_new=frame(seed, 300)).run("check_drift", model_id="pipe", data="X_new")
        assert result["data"]["drifted"] == 0 and result["warnings"] == [], seed


def test_moved_numbers_new_categories_and_empty_cells_are_found() -> None:
    new = frame(3)
    new["fee"] += 12
    new.loc[:40, "plan"] = "gold"
    new["age"] = new["age"].astype(float)
    new.loc[100:180, "age"] = np.nan
    context = notebook(X_new=new[["fee", "plan", "age"]].fillna({"age": 40}), X_gaps=new)
    result = context.run("check_drift", model_id="pipe", data="X_new")
    told = {card["feature"]: card for card in result["data"]["features"]}
    old = context.user_ns["X_train"]
    assert told["fee"]["drifted"] == ["distribution"] and told["fee"]["psi"] > 0.5
    assert told["fee"]["mean_shift_in_std"] == pytest.approx(
        (new["fee"].mean() - old["fee"].mean()) / old["fee"].std(ddof=0), rel=1e-4
    )
    assert "new_categories" in told["plan"]["drifted"] and told["plan"]["n_unseen"] == 1
    assert told["plan"]["unseen"] == {"gold": 41} and "`fee`" in result["warnings"][0]
    assert result["data"]["predictions"]["drifted"] is True
    shown = reproduced(context, result["code"])
    assert shown["fee"] == pytest.approx(told["fee"]["psi"], rel=1e-4)
    gaps = drift.of_columns("age", old["age"], new["age"])
    assert gaps is not None and "empty_cells" in gaps.flagged(3)


def test_distances_and_their_chances_are_those_of_scipy() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=400), rng.normal(0.15, 1, 300)
    told = drift.of_numbers("x", a, b)
    wanted = stats.ks_2samp(a, b, method="asymp")
    assert (
        told is not None
        and told.distance == pytest.approx(wanted.statistic)
        and told.p == pytest.approx(wanted.pvalue, abs=0.02)
    )
    one, two = rng.choice(["u", "v", "w"], 400), rng.choice(["u", "v", "w"], 300, p=[0.4, 0.3, 0.3])
    levels = drift.of_columns("x", pd.Series(one), pd.Series(two))
    table = pd.crosstab(np.r_[one, two], np.r_[np.zeros(400), np.ones(300)])
    assert levels is not None and levels.p == pytest.approx(stats.chi2_contingency(table).pvalue, abs=0.02)


def test_what_cannot_be_compared_is_refused() -> None:
    context = notebook()
    same = context.run("check_drift", model_id="pipe", data="X_train")
    assert same["fault"]["code"] == "invalid_input" and "itself" in same["fault"]["message"]
    texts = Context(
        {
            "m": make_pipeline(CountVectorizer(), MultinomialNB()).fit(["good film", "bad film"], [0, 1]),
            "t": pd.Series(["x"]),
        }
    )
    assert texts.run("check_drift", model_id="m", data="t")["fault"]["code"] == "unsupported"


def leaky(make: str) -> list[dict[str, Any]]:
    data = frame(5)
    context = Context({"df": data.assign(churn=target(data)), "model": RandomForestClassifier(5, random_state=0)})
    context.user_ns.update(pd=pd, train_test_split=train_test_split, StandardScaler=StandardScaler)
    cell(context, make)
    cell(context, "X_train, X_test, y_train, y_test = train_test_split(X, df['churn'], random_state=0)")
    cell(context, "model.fit(X_train, y_train)")
    result = context.run("check_leakage", model_id="model")
    assert result["ok"], result["fault"]
    findings: list[dict[str, Any]] = result["data"]["findings"]
    assert result["data"]["clear"] is not bool(findings)
    return findings


def test_inputs_that_tell_the_target_are_found() -> None:
    copy = leaky("X = df[['fee', 'age']].assign(cancelled=(df['churn'] == 'yes') * 1)")
    assert [(one["kind"], one["severity"], one["column"]) for one in copy] == [
        ("input_tells_target", "high", "cancelled")
    ]
    near = leaky("X = df[['fee', 'age']].assign(late=(df['churn'] == 'yes') * 50 + df['fee'] * .2)")
    assert near[0]["column"] == "late"
    number = leaky("X = df[['fee']].assign(customer_id=range(1000, 1500))")
    assert [one["kind"] for one in number] == ["identifier"]


def test_rows_in_both_parts_and_early_fits_are_found() -> None:
    twice = leaky("X = pd.concat([df[['fee', 'age']]] * 1)\nX.iloc[250:] = X.iloc[:250].to_numpy()")
    assert twice == []  # half of the training rows are not unique, so nothing is proven
    context = Context({"df": frame(5), "model": RandomForestClassifier(5, random_state=0), "pd": pd})
    context.user_ns["y_train"] = target(context.user_ns["df"])[:300]
    cell(context, "X_train = df[['fee', 'age']][:300]\nX_test = df[['fee', 'age']][200:].reset_index(drop=True)")
    cell(context, "model.fit(X_train, y_train)")
    found = context.run("check_leakage", model_id="model")["data"]["findings"]
    assert [one["kind"] for one in found] == ["rows_in_both"] and found[0]["value"] == pytest.approx(1 / 3)
    early = leaky("X = pd.DataFrame(StandardScaler().fit_transform(df[['fee', 'age']]), columns=['fee', 'age'])")
    assert [one["kind"] for one in early] == ["fitted_before_split"] and "In[1]" in early[0]["text"]


@pytest.mark.parametrize(
    "load", [load_iris, load_wine, load_breast_cancer, load_diabetes], ids=lambda load: load.__name__
)
def test_clean_data_has_no_leak(load: Any) -> None:
    data = load(as_frame=True)
    model = LinearRegression() if load is load_diabetes else RandomForestClassifier(5, random_state=0)
    context = Context({"X": data.data, "y": data.target, "model": model, "train_test_split": train_test_split})
    cell(context, "X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)")
    cell(context, "model.fit(X_train, y_train)")
    result = context.run("check_leakage", model_id="model")
    assert result["warnings"] == []
    drifted = context.run("check_drift", model_id="model", data="X_test")
    assert drifted["warnings"] == []
    assert context.run("check_freshness", model_id="model")["data"]["fresh"] is True


CELLS = [
    "import numpy as np",
    "X_train = df[['fee', 'age']].copy()\ny_train = (df['fee'] > 50) * 1",
    "model = LogisticRegression(max_iter=500)\nmodel.fit(X_train, y_train)",
]


@pytest.mark.parametrize(
    ("later", "fresh", "kinds", "words"),
    [
        ([], True, [], ""),
        (["print(X_train.shape)", "Z = X_train * 2"], True, [], ""),
        (["X_train = df[['fee', 'age']] * 2"], False, ["data_replaced"], "In[4]"),
        (["y_train = y_train + 0"], False, ["data_replaced"], "`y_train`"),
        (["X_train['age'] = 1"], False, ["data_edited"], "In[4]"),
        ([CELLS[1]], False, ["run_again", "run_again"], "ran the cell of In[2] again"),
        (["df = df.dropna()"], True, ["source_replaced"] * 2, "`df`, of which In[2] made"),
        (["model.set_params(C=3)"], False, ["settings_changed"], "In[4]"),
        (["X_train = X_train * 2", "model.fit(X_train, y_train)"], True, [], ""),
    ],
)  # fmt: skip
def test_what_happened_since_the_fit(later: list[str], fresh: bool, kinds: list[str], words: str) -> None:
    context = Context({"df": frame(0), "LogisticRegression": LogisticRegression})
    for source in [*CELLS, *later]:
        cell(context, source)
    result = context.run("check_freshness", model_id="model")
    assert result["data"]["fresh"] is fresh and [one["kind"] for one in result["data"]["findings"]] == kinds
    assert words in " ".join(one["text"] for one in result["data"]["findings"])
    assert bool(result["warnings"]) is not fresh
    assert result["data"]["fitted_in"] == (5 if len(later) == 2 and "fit" in later[1] else 3)


def test_models_that_no_cell_fitted() -> None:
    model = LogisticRegression().fit(frame(0)[["fee", "age"]], target(frame(0)))
    context = Context({"joblib": type("joblib", (), {"load": staticmethod(lambda path: model)})})
    cell(context, "model = joblib.load('model.joblib')")
    loaded = context.run("check_freshness", model_id="model")["data"]
    assert (
        loaded["fresh"] is None
        and loaded["findings"][0]["kind"] == "loaded"
        and "In[1]" in loaded["findings"][0]["text"]
    )
    assert "joblib" not in str(loaded)
    bare = Context({"model": model}).run("check_freshness", model_id="model")["data"]
    assert bare["findings"][0]["kind"] == "unknown_origin" and bare["fitted_in"] is None


def test_wide_frames_stay_small() -> None:
    rng = np.random.default_rng(0)
    names = [f"a rather long name of column number {i}" for i in range(2_000)]
    wide = pd.DataFrame(rng.normal(size=(150, 2_000)), columns=names)
    context = Context({"model": LinearRegression(), "X_train": wide, "y_train": wide.sum(axis=1), "new": wide + 3})
    cell(context, "model.fit(X_train, y_train)")
    for name, args in (("check_drift", {"data": "new"}), ("check_leakage", {}), ("check_freshness", {})):
        result = context.run(name, model_id="model", **args)
        assert result["ok"] and size_of(result["data"]) <= 8_000, result.get("fault")
