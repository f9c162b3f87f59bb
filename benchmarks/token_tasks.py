"""Thirty questions about four real models, the calls that a competent llm makes for each, and what it then says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

FIND_TOOLS = "find_tools"


@dataclass(frozen=True)
class Task:
    """`calls` are made one after the other; `find` is what a tool outside of the usual ones is looked for with."""

    question: str
    calls: tuple[tuple[str, dict[str, Any]], ...]
    answer: str
    find: str = ""


def namespace() -> dict[str, Any]:
    """`rf` and `search` on wines, `churn` on customers, `reg` on patients, and their frames."""
    import numpy as np
    import pandas as pd
    from sklearn import compose, datasets, ensemble, linear_model, model_selection, pipeline, preprocessing

    rng = np.random.default_rng(0)
    wines = datasets.load_wine(as_frame=True).frame.rename(columns={"target": "cultivar"})
    patients = datasets.load_diabetes(as_frame=True, scaled=False).frame.rename(columns={"target": "progression"})
    customers = pd.DataFrame(
        {
            "age": rng.integers(18, 80, 600),
            "monthly_fee": rng.uniform(5, 90, 600).round(2),
            "plan": rng.choice(["basic", "pro", "enterprise"], 600),
            "tenure": rng.integers(0, 72, 600),
        }
    )
    noise = rng.normal(0, 15, 600)
    customers["leaves"] = np.where(customers["monthly_fee"] - customers["tenure"] + noise > 10, "yes", "no")
    inputs = customers.drop(columns="leaves")
    hot = compose.make_column_transformer(
        (preprocessing.OneHotEncoder(), ["plan"]), remainder=preprocessing.StandardScaler()
    )
    grid = {"n_estimators": [5, 10], "max_depth": [2, None]}
    forest = ensemble.RandomForestClassifier(n_estimators=20, random_state=0)
    grown = wines.drop(columns="cultivar")
    return {
        "wines": wines,
        "patients": patients,
        "customers": customers,
        "new_customers": inputs.sample(200, random_state=1).assign(monthly_fee=lambda frame: frame["monthly_fee"] + 20),
        "rf": forest.fit(grown, wines["cultivar"]),
        "search": model_selection.GridSearchCV(forest, grid, cv=3).fit(grown, wines["cultivar"]),
        "churn": pipeline.make_pipeline(hot, linear_model.LogisticRegression()).fit(inputs, customers["leaves"]),
        "reg": linear_model.Ridge().fit(patients.drop(columns="progression"), patients["progression"]),
    }


_CUSTOMER = {"age": 41, "monthly_fee": 62.5, "plan": "pro", "tenure": 7}
_ON_CUSTOMERS = {"data": "customers", "target": "leaves"}
_ON_WINES = {"data": "wines", "target": "cultivar"}

SINGLE = (
    Task(
        "Which models do I have?",
        (("list_models", {}),),
        "Four: `rf` and `search` tell cultivars of wine apart, `churn` says who leaves, `reg` predicts progression.",
    ),
    Task(
        "What does churn need as input?",
        (("get_model_info", {"model_id": "churn"}),),
        "`churn` takes `age`, `monthly_fee`, `plan` and `tenure`; `plan` is one of basic, enterprise and pro.",
    ),
    Task(
        "Will a 41 year old on pro who pays 62.50 and has been here for 7 months leave?",
        (("make_prediction", {"model_id": "churn", "features": _CUSTOMER}),),
        "Yes: `churn` predicts `yes`. The probability is beside it in the result.",
    ),
    Task(
        "Can I feed churn with age 200, plan gold and no tenure?",
        (("validate_features", {"model_id": "churn", "features": {"age": 200, "plan": "gold"}}),),
        "No: `tenure` and `monthly_fee` are missing, `gold` is no plan it knows, and nobody it saw was 200.",
    ),
    Task(
        "Which features matter most to rf?",
        (("get_feature_importance", {"model_id": "rf", "top": 5}),),
        "`proline`, `flavanoids` and `color_intensity` weigh most; the rest follows at a distance.",
    ),
    Task(
        "Why does churn say what it says for row 12?",
        (("explain_prediction", {"model_id": "churn", "row": "customers.iloc[12]"}),),
        "Mostly because of the tenure, then of the monthly fee. Plan and age hardly change anything.",
    ),
    Task(
        "What if this customer, 41, pro, 62.50, 7 months, stayed on for two years?",
        (("what_if", {"model_id": "churn", "features": _CUSTOMER, "changes": {"tenure": 24}}),),
        "The probability of leaving falls; before and after are in the result.",
    ),
    Task(
        "How good is churn on customers?",
        (("evaluate_model", {"model_id": "churn", **_ON_CUSTOMERS}),),
        "Good, but this is the data it was fitted on: expect less on new customers.",
    ),
    Task(
        "Is rf better than search on the wines?",
        (("compare_models", {"models": ["rf", "search"], **_ON_WINES}),),
        "They can't be told apart here: both have seen these wines.",
    ),
    Task(
        "Which dataframes are there, and what is in customers?",
        (("list_dataframes", {}), ("describe_dataframe", {"data": "customers"})),
        "Four frames. `customers` has 600 rows with age, fee, plan, tenure and whether they leave.",
    ),
    Task(
        "Which settings did the search try, and which won?",
        (("get_search_results", {"model_id": "search"}),),
        "Four settings; the best ones are first in the list, with their scores.",
        find="results of a hyperparameter search",
    ),
    Task(
        "Has the population shifted in new_customers?",
        (("check_drift", {"model_id": "churn", "data": "new_customers", "reference": "customers"}),),
        "Yes, in `monthly_fee`: it lies higher than when `churn` was fitted. The others are as they were.",
        find="drift between training data and new data",
    ),
    Task(
        "Could something leak the answer into churn?",
        (("check_leakage", {"model_id": "churn", **_ON_CUSTOMERS}),),
        "Nothing that I can find: no column gives the target away by itself.",
        find="target leakage",
    ),
    Task(
        "Where should I put the threshold if a missed leaver costs five times a false alarm?",
        (("get_threshold_curve", {"model_id": "churn", **_ON_CUSTOMERS, "cost_false_alarm": 1.0, "cost_miss": 5.0}),),
        "Lower than a half; the cheapest threshold and its costs are in the result.",
        find="decision threshold by cost",
    ),
    Task(
        "Where does reg go wrong?",
        (("analyze_errors", {"model_id": "reg", "data": "patients", "target": "progression"}),),
        "Its errors are largest for patients with a high body mass index, where it predicts too little.",
        find="error analysis by subgroup",
    ),
    Task(
        "How does progression depend on bmi according to reg?",
        (("get_partial_dependence", {"model_id": "reg", "features": ["bmi"], "data": "patients"}),),
        "It rises in a straight line with the body mass index, as it must for a linear model.",
        find="partial dependence of a feature",
    ),
)

CONVERSATIONS = (
    (
        Task(
            "What does churn need?",
            (("get_model_info", {"model_id": "churn"}),),
            "`age`, `monthly_fee`, `plan` and `tenure`.",
        ),
        Task(
            "Predict for 41, 62.50, pro, 7 months.",
            (("make_prediction", {"model_id": "churn", "features": _CUSTOMER}),),
            "It predicts `yes`: this customer leaves.",
        ),
        Task(
            "Why?",
            (("explain_prediction", {"model_id": "churn", "features": _CUSTOMER}),),
            "The short tenure and the high fee speak for it.",
        ),
        Task(
            "And at half the fee?",
            (("what_if", {"model_id": "churn", "features": _CUSTOMER, "changes": {"monthly_fee": 31.25}}),),
            "Then the probability falls; both are in the result.",
        ),
        Task(
            "What else would keep them?",
            (("what_if", {"model_id": "churn", "features": _CUSTOMER, "changes": {"tenure": 24}}),),
            "A longer tenure would: with two years the answer changes.",
        ),
    ),
    (
        Task(
            "Compare rf and search on the wines.",
            (("compare_models", {"models": ["rf", "search"], **_ON_WINES}),),
            "No difference that counts.",
        ),
        Task(
            "What matters to rf?",
            (("get_feature_importance", {"model_id": "rf"}),),
            "`proline` and `flavanoids` above all.",
        ),
        Task(
            "And to search?",
            (("get_feature_importance", {"model_id": "search"}),),
            "The same two, in another order.",
        ),
        Task(
            "How good is rf for each cultivar?",
            (("evaluate_model", {"model_id": "rf", **_ON_WINES}),),
            "Perfect on each, which only says that it has seen these wines.",
        ),
        Task(
            "Which wines are there, in short?",
            (("describe_dataframe", {"data": "wines"}),),
            "178 wines of three cultivars, with thirteen measurements each.",
        ),
    ),
    (
        Task(
            "How good is reg?",
            (("evaluate_model", {"model_id": "reg", "data": "patients", "target": "progression"}),),
            "It explains about half of the variance, on the data it was fitted on.",
        ),
        Task(
            "What does it look at?",
            (("get_feature_importance", {"model_id": "reg"}),),
            "At `bmi` and `s5` most of all.",
        ),
        Task(
            "Explain row 3.",
            (("explain_prediction", {"model_id": "reg", "row": "patients.iloc[3]"}),),
            "The serum values push it up, the rest pulls it down a little.",
        ),
        Task(
            "And row 4?",
            (("explain_prediction", {"model_id": "reg", "row": "patients.iloc[4]"}),),
            "Here nearly everything lies at the average, and so does the prediction.",
        ),
    ),
)
