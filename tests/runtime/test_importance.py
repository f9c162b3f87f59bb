"""What matters to a model, by its own numbers and by shuffling: the method and the rows are always said."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from runtime.context import Context, cell
from runtime.reproduce import reproduced
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.inspection import permutation_importance
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.svm import SVC

from jupyter_mlchat.runtime import budget
from jupyter_mlchat.runtime.explaining import permutation

COLUMNS = ["mean radius", "mean texture", "mean smoothness", "mean symmetry"]
SPLIT = 400


@cache
def notebook(kind: str) -> Context:
    data = load_breast_cancer(as_frame=True)
    X, y = data.data[COLUMNS], data.target.map({0: "bad", 1: "good"}).rename("kind")
    size = (X["mean radius"] * 3 + X["mean texture"]).rename("size")

    def made(values: Any) -> Any:
        if kind == "numpy":
            return values.to_numpy()
        if kind == "polars":
            return pl.from_pandas(values)
        return values

    names = {"X_train": made(X[:SPLIT]), "X_test": made(X[SPLIT:])}
    for name, values in (("y", y), ("size", size)):
        names |= {f"{name}_train": values[:SPLIT].to_numpy(), f"{name}_test": values[SPLIT:].to_numpy()}
    context = Context(
        {
            **names, "near": KNeighborsClassifier(), "line": KNeighborsRegressor(), "svc": SVC(),
            "forest": RandomForestClassifier(5, random_state=0), "boosted": HistGradientBoostingClassifier(max_iter=5),
        }
    )  # fmt: skip
    for model, target in (("near", "y"), ("svc", "y"), ("forest", "y"), ("boosted", "y"), ("line", "size")):
        cell(context, f"{model}.fit(X_train, {target}_train)")
    return context


@pytest.mark.parametrize("kind", ["pandas", "numpy", "polars"])
@pytest.mark.parametrize("model", ["near", "line", "svc", "boosted"])
def test_a_model_without_importances_is_told_by_shuffling_and_the_cell_gives_the_same(kind: str, model: str) -> None:
    context = notebook(kind)
    result = context.run("get_feature_importance", model_id=model)
    assert result["ok"], result["fault"]
    data = result["data"]
    assert data["split"] == "held-out" and data["data"] == "X_test" and data["n"] == len(context.user_ns["X_test"])
    assert data["metric"] == ("r2" if model == "line" else "roc_auc") and data["metric"] in data["method"]
    shown = reproduced(context, result["code"])
    names = COLUMNS if kind != "numpy" else [f"x{i}" for i in range(4)]
    for card in data["features"]:
        assert card["importance"] == budget.figure(float(shown[card["feature"]]))
    assert {card["feature"] for card in data["features"]} == set(names)
    assert [card["rank"] for card in data["features"]] == [1, 2, 3, 4]


def test_it_agrees_with_scikit_learn() -> None:
    context = notebook("pandas")
    ns = context.user_ns
    theirs = permutation_importance(
        ns["near"], ns["X_test"], ns["y_test"], scoring="roc_auc", random_state=3, n_repeats=20
    )
    data = context.data("get_feature_importance", model_id="near")
    ours = {card["feature"]: card["importance"] for card in data["features"]}
    assert [ours[name] for name in COLUMNS] == pytest.approx(theirs.importances_mean.tolist(), abs=0.03)
    assert max(ours, key=lambda name: ours[name]) == COLUMNS[int(np.argmax(theirs.importances_mean))]


def test_own_importances_come_first_and_data_asks_for_shuffling() -> None:
    context = notebook("pandas")
    own = context.data("get_feature_importance", model_id="forest")
    assert (own["method"], own["split"]) == ("feature_importances", "training")
    for args in ({"data": "X_test"}, {"method": "permutation"}):
        told = context.data("get_feature_importance", model_id="forest", **args)
        assert told["method"].startswith("permutation") and told["split"] == "held-out"
    result = context.run("get_feature_importance", model_id="forest", data="X_train")
    assert result["data"]["split"] == "training" and "by heart" in result["warnings"][0]


def test_rows_whose_columns_were_picked_in_the_fit_are_known() -> None:
    context = Context({"df": notebook("pandas").user_ns["X_train"], "kind": notebook("pandas").user_ns["y_train"]})
    context.user_ns["near"] = KNeighborsClassifier()
    cell(context, "near.fit(df[['mean radius', 'mean texture']], kind)")
    told = context.data("get_feature_importance", model_id="near")
    assert (told["data"], told["target"], told["split"]) == ("df", "kind", "training")


def test_what_can_not_be_shuffled_is_refused() -> None:
    context = notebook("pandas")
    fault = context.run("get_feature_importance", model_id="near", method="own")["fault"]
    assert fault["code"] == "unsupported" and "Permutation" in fault["hint"]
    lonely = Context({"near": context.user_ns["near"]})
    assert lonely.run("get_feature_importance", model_id="near")["fault"]["code"] == "unsupported"
    few = Context({"near": context.user_ns["near"], "X_test": pd.DataFrame([[1.0] * 4] * 3, columns=COLUMNS)})
    few.user_ns["y_test"] = np.array(["bad", "bad", "bad"])
    fault = few.run("get_feature_importance", model_id="near", data="X_test", target="y_test")["fault"]
    assert fault["code"] == "unsupported" and "more rows" in fault["hint"]
    few.user_ns["y_test"] = np.array(["bad", "good", "bad"])
    result = few.run("get_feature_importance", model_id="near", data="X_test", target="y_test")
    assert "features" not in result["data"] and "features" in result["local"], "three rows stay with the person"


def wide(kind: str = "pandas", columns: int = 130) -> Context:
    """A signal in one of many columns. `near` tells nothing of what matters to it, `forest` does."""
    rng = np.random.default_rng(0)
    X: Any = pd.DataFrame(rng.normal(size=(120, columns)), columns=[f"c{i}" for i in range(columns)])
    X["c7"] *= 20
    y = (X["c7"] > 0).to_numpy()
    X = X.to_numpy() if kind == "numpy" else pl.from_pandas(X) if kind == "polars" else X
    forest, near = RandomForestClassifier(3, random_state=0), KNeighborsClassifier()
    return Context({"X": X, "y": y, "forest": forest.fit(X, y), "near": near.fit(X, y)})


ASKED = {"data": "X", "target": "y"}


def test_of_a_wide_model_the_columns_that_matter_to_it_are_shuffled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(permutation, "SECONDS", 0.0)
    context = wide()
    result = context.run("get_feature_importance", model_id="forest", **ASKED)
    data = result["data"]
    assert data["features"][0]["feature"] == "c7" and data["repeats"] == 1
    assert data["total"] == permutation.KEPT and result["truncated"]["total"] == 130
    assert "Of 130 columns the 12 that matter most to the model itself" in result["warnings"][0]
    assert "The method `exact` shuffles each of the 130 alone, in about " in result["warnings"][0]
    shown = reproduced(context, result["code"])
    assert shown["c7"] == pytest.approx(data["features"][0]["importance"], rel=1e-5)


@pytest.mark.parametrize("kind", ["pandas", "numpy", "polars"])
def test_a_wide_model_that_tells_nothing_is_measured_in_groups(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(permutation, "SECONDS", 0.0)
    context = wide(kind)
    result = context.run("get_feature_importance", model_id="near", top=40, **ASKED)
    data, name = result["data"], "x" if kind == "numpy" else "c"
    assert data["method"].endswith(", measured in groups") and "in groups of neighbours" in result["warnings"][0]
    first = data["features"][0]
    assert (first["feature"], first["columns"], first["rank"]) == (f"{name}0 … {name}8", 9, 1)
    assert result["truncated"] == {"shown": 12, "total": 130}
    shown = reproduced(context, result["code"])
    assert {card["feature"]: card["importance"] for card in data["features"]} == {
        part: budget.figure(float(value)) for part, value in shown.items()
    }


def test_each_column_alone_is_a_longer_job_that_tells_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(permutation, "SECONDS", 0.0)
    monkeypatch.setattr(permutation, "MAX_SECONDS", 0.0)
    context = wide(columns=40)
    result = context.run("get_feature_importance", model_id="near", method="exact", **ASKED)
    assert (result["data"]["total"], result["data"]["repeats"], result["warnings"][1:]) == (40, 1, [])
    assert result["data"]["features"][0]["feature"] == "c7" and "columns" not in result["data"]["features"][0]
    assert [done for done, _, _ in context.reports] == list(range(1, 41))


def test_groups_are_taken_apart_where_the_score_falls() -> None:
    asked: list[permutation.Unit] = []

    def fall(unit: permutation.Unit) -> float:
        asked.append(unit)
        return 0.3 * ("c1234" in unit) + 0.2 * ("c77" in unit)

    falls = permutation._searched([f"c{i}" for i in range(2_000)], fall, float("inf"))
    assert list(falls.items())[:2] == [(("c1234",), 0.3), (("c77",), 0.2)]
    assert len(asked) < 60 and len(falls) == permutation.KEPT
    assert len(permutation._searched([f"c{i}" for i in range(2_000)], fall, 0.0)) == permutation.KEPT
