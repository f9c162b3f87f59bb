"""The questions of `utterances/` and the namespaces in which they are asked, as the kernel's catalogue tells them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

UTTERANCES = Path(__file__).with_name("utterances")

CUSTOMERS = ["tenure", "monthly_fee", "total_charges", "plan", "contract", "support_calls", "senior"]
HOUSES = ["area_sqm", "rooms", "year_built", "district", "has_garage", "condition"]
FLOWERS = ["sepal_length", "sepal_width", "petal_length", "petal_width"]
LEVELS = {
    "plan": ["basic", "family", "pro"],
    "contract": ["monthly", "yearly"],
    "senior": ["no", "yes"],
    "district": ["center", "harbor", "north", "south"],
    "has_garage": ["no", "yes"],
}


CLASSES = {"clf": ["setosa", "versicolor", "virginica"], "sentiment": ["neg", "pos"]}


def _model(ref: str, class_name: str, features: list[str], estimator: str = "", task: str = "") -> dict[str, Any]:
    return {
        "ref": ref,
        "aliases": [],
        "class_name": class_name,
        "estimator": estimator or class_name,
        "task": task or "classification",
        "fitted": True,
        "features": features,
        "categories": {column: LEVELS[column] for column in features if column in LEVELS},
        "classes": CLASSES.get(ref, ["no", "yes"] if features == CUSTOMERS else []),
    }


ROWS = {
    "df": 7043,
    "X_train": 5634,
    "X_test": 1409,
    "new_customers": 300,
    "homes": 5000,
    "reviews": 2000,
    "iris_df": 150,
}


def _frame(ref: str, columns: list[str]) -> dict[str, Any]:
    shape = [ROWS.get(ref, 1000), len(columns)]
    return {"ref": ref, "class_name": "DataFrame", "shape": shape, "columns": columns, "dtypes": []}


NAMESPACES: dict[str, dict[str, Any]] = {
    "A": {
        "models": [
            _model("pipe", "Pipeline", CUSTOMERS, "LogisticRegression"),
            _model("rf", "RandomForestClassifier", CUSTOMERS),
            _model("xgb_tuned", "XGBClassifier", CUSTOMERS),
            _model("search", "GridSearchCV", CUSTOMERS, "LogisticRegression"),
        ],
        "frames": [
            _frame("df", [*CUSTOMERS, "churn"]),
            *(_frame(ref, CUSTOMERS) for ref in ("X_train", "X_test", "new_customers")),
        ],
        "others": {"y_train": "Series", "y_test": "Series"},
    },
    "B": {
        "models": [
            _model("price_model", "GradientBoostingRegressor", HOUSES, task="regression"),
            _model("lin", "Pipeline", HOUSES, "LinearRegression", "regression"),
            _model("kmeans", "KMeans", HOUSES, task="clustering"),
        ],
        "frames": [_frame(ref, [*HOUSES, "price"]) for ref in ("homes", "test_homes", "sold_2024")],
        "others": {},
    },
    "C": {
        "models": [
            _model("clf", "RandomForestClassifier", FLOWERS),
            _model("sentiment", "Pipeline", ["text"], "LogisticRegression"),
        ],
        "frames": [_frame("iris_df", [*FLOWERS, "species"]), _frame("reviews", ["text", "label"])],
        "others": {},
    },
}


def utterances(*, tuned: bool) -> Iterator[dict[str, Any]]:
    """One half, in the order of the files."""
    for path in sorted(UTTERANCES.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            read = json.loads(line)
            if (int(hashlib.sha1(read["text"].encode()).hexdigest()[-1], 16) % 2 == 0) is tuned:
                yield read
