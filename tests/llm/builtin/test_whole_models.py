"""Each question about quality, causes and changes, answered by the kernel's own tools and worded."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from llm.builtin.talk import reply_to
from llm.builtin.test_real_models import Notebook
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler


@pytest.fixture(scope="module")
def names() -> dict[str, object]:
    rng = np.random.default_rng(3)
    count = 400
    df = pd.DataFrame(
        {
            "tenure": rng.integers(1, 60, count),
            "monthly_fee": rng.integers(10, 100, count),
            "plan": np.where(rng.random(count) < 0.5, "basic", "pro"),
        }
    )
    left = (df["monthly_fee"] - df["tenure"] + rng.normal(0, 20, count) > 20).map({True: "yes", False: "no"})
    X_train, X_test = df[:250], df[250:]
    y_train, y_test = left[:250], left[250:]
    columns = [("n", StandardScaler(), ["tenure", "monthly_fee"]), ("c", OneHotEncoder(), ["plan"])]
    pipe = Pipeline([("columns", ColumnTransformer(columns)), ("clf", LogisticRegression())]).fit(X_train, y_train)
    rf = Pipeline([("columns", ColumnTransformer(columns)), ("clf", RandomForestClassifier(10, random_state=0))])
    rf.fit(X_train, y_train)
    homes = pd.DataFrame({"area": rng.uniform(30, 200, count), "rooms": rng.integers(1, 8, count).astype(float)})
    homes["price"] = homes["area"] * 3000 + homes["rooms"] * 5000 + rng.normal(0, 9000, count)
    trained, houses = homes[:260], homes[260:]
    lin = RandomForestRegressor(10, random_state=0).fit(trained[["area", "rooms"]], trained["price"])
    grid = GridSearchCV(LogisticRegression(), {"C": [0.1, 1.0, 10.0]}, cv=3)
    grid.fit(X_train[["tenure", "monthly_fee"]], y_train)
    found = {"X_train": X_train, "X_test": X_test, "y_train": y_train, "y_test": y_test, "pipe": pipe, "rf": rf}
    return {**found, "houses": houses, "lin": lin, "grid": grid}


QUESTIONS = [
    (
        "how good is pipe on X_test?",
        "evaluate_model",
        ["`pipe` on 150 rows of `X_test`", "| accuracy |", "predicted no"],
    ),
    ("how good is rf on X_test, by plan?", "evaluate_model", ["| `plan` | rows |", "| basic |"]),
    ("rmse of lin on houses against price", "evaluate_model", ["| rmse |", "Who always says the mean gets"]),
    ("compare pipe and rf on X_test", "compare_models", ["Best by roc_auc (higher is better) is `", "minus `"]),
    ("where is pipe wrong on X_test?", "analyze_errors", ["Mean loss:", "The rows it is most wrong about"]),
    ("where is lin wrong on houses, against price?", "analyze_errors", ["Mean loss:", "| row | prediction | truth |"]),
    ("why does pipe say that about X_test[3]?", "explain_prediction", ["`pipe` predicts **", "| `monthly_fee` |"]),
    ("why does lin say that about houses[3]?", "explain_prediction", ["`lin` predicts **", "| `area` |"]),
    (
        "what if the fee of X_test[3] doubled with pipe?",
        "what_if",
        ["With the change `pipe`", "Changed: `monthly_fee`"],
    ),
    ("what if tenure were 20 % higher in X_test, with pipe?", "what_if", ["150 rows of `X_test`", "It rises in"]),
    ("how does tenure affect pipe?", "get_partial_dependence", ["How `tenure` acts on `pipe`", "The mean goes from"]),
    ("what would have to change for X_test[3] in pipe?", "find_counterfactual", ["Now `pipe` predicts **", "→ **"]),
    (
        "what would have to change so that lin goes over 900k for houses[2]?",
        "find_counterfactual",
        ["Now `lin` predicts", "at least 900,000"],
    ),
    ("80 % interval of lin for houses[3]", "get_prediction_interval", ["the spread is **", "How: "]),
    ("which threshold should pipe have?", "get_threshold_curve", ["The best F1, ", "| threshold | precision |"]),
    ("is pipe fair across plan?", "check_fairness", ["`plan` is one of its inputs", "gets it"]),
    ("has X_test drifted from what pipe was trained on?", "check_drift", ["inputs drifted", "| `tenure` |"]),
    ("does pipe have leakage?", "check_leakage", ["I looked at 3 inputs"]),
    ("is pipe up to date?", "check_freshness", ["`pipe`"]),
    ("what did grid find?", "get_search_results", ["`grid` (", "| rank | score |", "`C`"]),
    ("give me a form for pipe", "suggest_inputs", ["Here is a form for `pipe`"]),
    ("give me an example input for pipe", "suggest_inputs", ["`pipe` needs 3 inputs:", "For example: predict with"]),
    ("show rows similar to X_test[3] with pipe", "find_similar_examples", ["most like it, nearest first", "| row |"]),
    (
        "predict X_test with pipe for customers on the pro plan",
        "make_prediction",
        ['where `plan == "pro"`', "predicted"],
    ),
]


@pytest.mark.parametrize(("question", "tool", "words"), QUESTIONS, ids=[f"{q[1]}-{i}" for i, q in enumerate(QUESTIONS)])
def test_a_question_is_called_and_its_result_worded(names, question, tool, words):
    heard, said = Notebook(dict(names)).ask(question)
    assert [name for name, _ in heard.calls] == [tool]
    for word in words:
        assert word in said
    assert not re.search(r"\b(None|nan)\b|\{", said)


def test_warnings_are_said_first(names):
    _, said = Notebook(dict(names)).ask("what did grid find?")
    assert said.startswith("Note: The best value lies on the border")


def test_classes_that_cannot_be_ruled_out():
    told = {"model_id": "pipe", "level": 0.9, "prediction": "yes", "classes": ["no", "yes"], "method": "conformal",
            "held_out_rows": 150, "is_interval": True}  # fmt: skip
    said = reply_to("get_prediction_interval", {"model_id": "pipe", "row": "X_test[3]"}, {"ok": True, "data": told})
    assert "with 90% these can't be ruled out: **no**, **yes**." in said
    assert "How: conformal, from 150 held-out rows." in said


def test_findings_and_staleness_are_told():
    leak = {"kind": "target", "severity": "high", "text": "`fee` tells the target.", "column": "fee", "value": 1.0}
    data = {"model_id": "pipe", "data": "df", "target": "left", "inputs_checked": 3, "findings": [leak], "clear": False}
    said = reply_to("check_leakage", {"model_id": "pipe"}, {"ok": True, "data": data, "warnings": ["Look."]})
    assert said.startswith("Note: Look.")
    assert "1 sign of leakage in `pipe`:" in said and "- high: `fee` tells the target." in said
    stale = {"kind": "data", "cell": 7, "text": "`df` was made anew.", "stale": True}
    data = {"model_id": "pipe", "fresh": False, "fitted_in": 3, "fitted_on": "X", "findings": [stale]}
    said = reply_to("check_freshness", {"model_id": "pipe"}, {"ok": True, "data": data})
    assert "`pipe` is out of date. It was fitted in In\\[3\\] on `X`." in said and "- `df` was made anew." in said
