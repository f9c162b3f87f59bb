"""Finding models by looking only: references, aliases, revisions, half-fitted ones, and a hostile namespace."""

from __future__ import annotations

import time
from typing import Any
from unittest import mock

import catboost
import dask.dataframe
import lightgbm
import numpy as np
import pandas as pd
import polars
import pyarrow
import pytest
import scipy.sparse
import statsmodels.api as sm
import torch
import xgboost
from runtime.context import Context, cell
from sklearn.datasets import load_wine
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    VotingClassifier,
)
from sklearn.linear_model import LinearRegression, LogisticRegression, SGDClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier
from statsmodels.tsa.arima.model import ARIMA

from jupyter_mlchat.runtime.catalog import catalog_of, catalogue, find_frame, find_model
from jupyter_mlchat.runtime.toolbox import ToolError

X = pd.DataFrame(np.random.default_rng(0).normal(size=(60, 3)), columns=list("abc"))
Y = (X["a"] > 0).astype(int)


class Experiment:
    """As a person would define it in a cell."""

    def __init__(self, best: Any) -> None:
        self.best = best


Experiment.__module__ = "__main__"


def refs(context: Context) -> list[str]:
    return [found.ref for found in catalog_of(context).models(context)]


def test_references_into_containers_and_own_objects() -> None:
    tree = DecisionTreeClassifier().fit(X, Y)
    context = Context(
        {
            "pipe": make_pipeline(StandardScaler(), LogisticRegression()),
            "models": {"rf": RandomForestClassifier(2), 7: LinearRegression()},
            "runs": [SVC(), {"inner": GaussianNB()}],
            "exp": Experiment(tree),
            "scaler": StandardScaler(),
            "preprocessing": make_pipeline(StandardScaler()),
            "_hidden": SVC(),
            "X": X,
            "number": 3,
        }
    )
    assert set(refs(context)) == {
        "pipe", 'models["rf"]', "models[7]", "runs[0]", 'runs[1]["inner"]', "exp.best",
    }  # fmt: skip
    for written in ("exp.best", "models['rf']", ' models[ "rf" ] ', "runs[0]"):
        assert find_model(context, written).model is not None


def test_aliases_are_one_model() -> None:
    rf = RandomForestClassifier(2).fit(X, Y)
    context = Context({"rf": rf, "best": rf, "models": {"rf": rf}})
    (found,) = catalog_of(context).models(context)
    assert (found.ref, found.aliases) == ("rf", ("best", 'models["rf"]'))
    assert find_model(context, "best").ref == "rf"


def test_what_the_person_hides_is_not_there() -> None:
    context = Context({"rf": RandomForestClassifier(2).fit(X, Y), "X": X})
    context.shell.hidden.add("rf")
    assert refs(context) == []
    with pytest.raises(ToolError, match="no model `rf`"):
        find_model(context, "rf")


@pytest.mark.parametrize("written", ["pip", "PIPE", "pipe.fit()", "__import__('os')", "models[rf]", "", "x" * 500])
def test_an_unknown_model_names_near_ones_and_evaluates_nothing(written: str) -> None:
    context = Context({"pipe": LogisticRegression()})
    with pytest.raises(ToolError) as caught:
        find_model(context, written)
    assert caught.value.code == "unknown_model" and len(caught.value.message) < 200
    assert "pipe" in caught.value.hint


def test_no_model_at_all() -> None:
    with pytest.raises(ToolError) as caught:
        find_model(Context({}), "pipe")
    assert "Fit one" in caught.value.hint


@pytest.mark.parametrize(
    ("model", "status", "task"),
    [
        (LinearRegression(), "unfitted", "regression"),
        (LinearRegression().fit(X, Y), "fitted", "regression"),
        (make_pipeline(StandardScaler(), SVC()), "unfitted", "classification"),
        (make_pipeline(StandardScaler(), SVC()).fit(X, Y), "fitted", "classification"),
        (GridSearchCV(SVC(), {"C": [1, 2]}, cv=2), "unfitted", "classification"),
        (GridSearchCV(SVC(), {"C": [1, 2]}, cv=2).fit(X, Y), "fitted", "classification"),
        (VotingClassifier([("a", SVC())]), "unfitted", "classification"),
    ],
)
def test_status_and_task(model: Any, status: str, task: str) -> None:
    found = find_model(Context({"model": model}), "model")
    assert (found.status, found.task) == (status, task)


class Interrupted(Exception):
    pass


def interrupt(model: Any, monkeypatch: pytest.MonkeyPatch, target: str) -> None:
    """Fit until `target` is called for the second time."""
    calls = []
    module, _, name = target.rpartition(".")
    owner = __import__("importlib").import_module(module)
    real = getattr(owner, name)

    def stop(*args: Any, **kwargs: Any) -> Any:
        calls.append(1)
        if len(calls) > 1:
            raise Interrupted
        return real(*args, **kwargs)

    monkeypatch.setattr(owner, name, stop)
    with pytest.raises(Interrupted):
        model.fit(X, Y)


@pytest.mark.parametrize(
    ("model", "target"),
    [
        (RandomForestClassifier(5), "sklearn.ensemble._forest._parallel_build_trees"),
        (GradientBoostingClassifier(n_estimators=5), "sklearn.ensemble._gb.DecisionTreeRegressor"),
        (
            HistGradientBoostingClassifier(max_iter=5),
            "sklearn.ensemble._hist_gradient_boosting.gradient_boosting.TreeGrower",
        ),
    ],
    ids=["forest", "boosting", "hist"],
)
def test_an_interrupted_fit_leaves_a_half_fitted_model(
    model: Any, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupt(model, monkeypatch, target)
    context = Context({"model": model})
    assert find_model(context, "model").status == "half_fitted"
    result = context.run("make_prediction", model_id="model", features={"a": 1, "b": 2, "c": 3})
    assert result["fault"]["code"] == "not_fitted" and "interrupted" in result["fault"]["message"]


def test_a_pipeline_whose_last_step_never_came() -> None:
    class Broken(LogisticRegression):
        def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Any:
            raise Interrupted

    pipe = Pipeline([("scale", StandardScaler()), ("last", Broken())])
    with pytest.raises(Interrupted):
        pipe.fit(X, Y)
    assert find_model(Context({"pipe": pipe}), "pipe").status == "half_fitted"


def revision(context: Context) -> str:
    return find_model(context, "model").revision


def test_the_revision_stays_while_nothing_changes() -> None:
    context = Context({"model": make_pipeline(StandardScaler(), RandomForestClassifier(3)).fit(X, Y)})
    first = revision(context)
    context.user_ns["model"].predict(X)
    assert revision(context) == first


@pytest.mark.parametrize(
    "model",
    [
        LinearRegression(),
        make_pipeline(StandardScaler(), LogisticRegression()),
        RandomForestClassifier(3, random_state=0),
        GridSearchCV(LogisticRegression(), {"C": [1]}, cv=2),
        GaussianNB(),
        DecisionTreeClassifier(random_state=0),
    ],
    ids=lambda model: type(model).__name__,
)
def test_the_revision_changes_with_every_refit_even_on_the_same_data(model: Any) -> None:
    context = Context({"model": model})
    seen = {revision(context)}
    for _ in range(6):
        model.fit(X, Y)
        seen.add(revision(context))
    assert len(seen) == 7


def test_refits_between_two_looks_are_seen_though_memory_is_used_again() -> None:
    model = LinearRegression().fit(X, Y)
    context = Context({"model": model})
    seen = {revision(context)}
    for times in range(2, 8):
        for _ in range(times):
            model.fit(X, Y)
        seen.add(revision(context))
    assert len(seen) == 7


def test_learning_in_place_changes_the_revision() -> None:
    online, bayes = SGDClassifier(random_state=0).fit(X, Y), GaussianNB().fit(X, Y)
    for model in (online, bayes):
        context = Context({"model": model})
        first = revision(context)
        model.partial_fit(X, Y)
        assert revision(context) != first
    context = Context({"model": online})
    first = revision(context)
    online.coef_[0, 0] += 1
    assert revision(context) != first


def test_reassignment_changes_the_revision() -> None:
    context = Context({"model": LinearRegression().fit(X, Y)})
    first = revision(context)
    context.user_ns["model"] = LinearRegression().fit(X, Y)
    assert revision(context) != first


def test_a_deleted_model_is_forgotten() -> None:
    context = Context({"model": LinearRegression().fit(X, Y)})
    catalog = catalog_of(context)
    catalog.models(context)
    del context.user_ns["model"]
    assert catalog.models(context) == []
    assert catalog._known == {}


TOUCHED: list[str] = []


class Trap(type):
    def __hash__(cls) -> int:
        TOUCHED.append("class hash")
        return 1

    def __eq__(cls, other: object) -> bool:
        TOUCHED.append("class eq")
        return False

    def __getattribute__(cls, name: str) -> Any:
        TOUCHED.append(f"class {name}")
        return super().__getattribute__(name)


class Hostile:
    """Whatever is done to it is written down."""

    def __getattribute__(self, name: str) -> Any:
        TOUCHED.append(name)
        raise RuntimeError("touched")

    def __repr__(self) -> str:
        TOUCHED.append("repr")
        raise RuntimeError("touched")

    def __len__(self) -> int:
        TOUCHED.append("len")
        raise RuntimeError("touched")

    def __bool__(self) -> bool:
        TOUCHED.append("bool")
        raise RuntimeError("touched")

    def __eq__(self, other: object) -> bool:
        TOUCHED.append("eq")
        raise RuntimeError("touched")

    def __hash__(self) -> int:
        TOUCHED.append("hash")
        raise RuntimeError("touched")

    def __iter__(self) -> Any:
        TOUCHED.append("iter")
        raise RuntimeError("touched")

    @property
    def classes_(self) -> Any:
        TOUCHED.append("property")
        raise RuntimeError("touched")

    predict = property(lambda self: TOUCHED.append("predict"))


class HostileMeta(metaclass=Trap):
    pass


class Slotted:
    __slots__ = ("best", "predict")


class FakeDict:
    @property
    def __dict__(self) -> Any:  # type: ignore[override]
        TOUCHED.append("__dict__")
        return {}

    @property
    def __class__(self) -> Any:  # type: ignore[override]
        TOUCHED.append("__class__")
        return dict


class Lazy(dict):  # type: ignore[type-arg]
    def items(self) -> Any:
        TOUCHED.append("items")
        return super().items()


for hostile in (Hostile, Slotted, FakeDict):
    hostile.__module__ = "__main__"


FAMILIES = ("booster", "trees", "boosted", "results", "spec", "arima", "net", "dense", "session")
DATA = ("table", "lazy_table", "arrow", "sparse", "parts", "records")


def many_families() -> dict[str, Any]:
    """A model of each library, and data of each."""
    series = ARIMA(np.cumsum(np.ones(30)) + X["a"].to_numpy()[:30], order=(1, 0, 0))
    return {
        "booster": xgboost.train({}, xgboost.DMatrix(X, label=Y), 2),
        "trees": lightgbm.train({"verbose": -1}, lightgbm.Dataset(X, label=Y), 2),
        "boosted": catboost.CatBoostClassifier(iterations=2, verbose=0, allow_writing_files=False).fit(X, Y),
        "results": sm.OLS(Y, X).fit(),
        "spec": sm.OLS(Y, X),
        "arima": series.fit(),
        "net": torch.nn.Sequential(*[torch.nn.Linear(3, 3) for _ in range(50)]),
        "dense": {"inner": Experiment(torch.nn.Linear(2, 1))}["inner"].best,
        "session": [RandomForestClassifier(2).fit(X, Y)][0],
        "table": polars.DataFrame({"a": [1.0, 2.0]}),
        "lazy_table": polars.LazyFrame({"a": [1.0, 2.0]}),
        "arrow": pyarrow.table({"a": [1.0, 2.0]}),
        "sparse": scipy.sparse.csr_array(np.eye(3)),
        "parts": dask.dataframe.from_pandas(X, npartitions=2),
        "records": [{"a": 1}, {"a": 2}],
        "hostile_records": [{"a": Hostile()}, {"a": Hostile()}],
    }


def hostile_namespace() -> dict[str, Any]:
    loop: list[Any] = []
    loop.append(loop)
    ring: dict[str, Any] = {}
    ring["ring"] = {"back": ring}
    names: dict[str, Any] = {
        "mock": mock.MagicMock(),
        "method_mock": mock.Mock(spec=["predict"]),
        "hostile": Hostile(),
        "nested": {"a": [Hostile()], Hostile.__name__: Hostile()},
        "own": Experiment(Hostile()),
        "metaclass": HostileMeta(),
        "slotted": Slotted(),
        "fake": FakeDict(),
        "lazy": Lazy(a=Hostile()),
        "loop": loop,
        "ring": ring,
        "frame": pd.DataFrame({"predict": [1]}),
        "model": LinearRegression().fit(X, Y),
        **many_families(),
    }
    for i in range(10_000):
        names[f"name{i}"] = [i, float(i), str(i), (i,), {"k": i}, object()][i % 6]
    return names


def test_a_hostile_namespace_is_looked_at_without_a_touch() -> None:
    context = Context(hostile_namespace())
    TOUCHED.clear()
    began = time.perf_counter()
    found = catalogue(context)
    cold = time.perf_counter() - began
    began = time.perf_counter()
    catalog_of(context).models(context)
    warm = time.perf_counter() - began
    for tool in ("list_models", "list_dataframes", "get_system_status"):
        assert context.run(tool)["ok"]
    assert TOUCHED == []
    assert [card["ref"] for card in found["models"]] == ["model", *FAMILIES]
    assert [card["ref"] for card in found["frames"]] == ["frame", *DATA]
    print(f"scan of 10,000 names: {1e3 * cold:.1f} ms cold, {1e3 * warm:.1f} ms warm")
    assert cold < 1.0 and warm < 0.5


def test_the_catalogue_for_the_service_has_the_levels_and_the_cells() -> None:
    context = Context({})
    cell(context, "import pandas as pd\nfrom sklearn.preprocessing import OrdinalEncoder")
    cell(context, "from sklearn.pipeline import make_pipeline\nfrom sklearn.tree import DecisionTreeClassifier")
    cell(context, "X = pd.DataFrame({'plan': ['a', 'b'] * 20})\ny = [0, 1] * 20")
    cell(context, "model = make_pipeline(OrdinalEncoder(), DecisionTreeClassifier()).fit(X, y)")
    (card,) = catalogue(context)["models"]
    assert card["ref"] == "model" and card["cell"] == 4 and card["fitted"] is True
    assert card["categories"] == {"plan": ["a", "b"]} and card["classes"] == [0, 1]
    assert card["estimator"] == "DecisionTreeClassifier" and card["library"] == "sklearn"
    others = catalogue(context)["others"]
    assert others == {"y": "list"}


def test_data_inside_of_what_sklearn_loads_is_found_by_its_reference() -> None:
    wine = load_wine(as_frame=True)
    ctx = Context({"wine": wine, "X": wine["data"]})
    ref, data = find_frame(ctx, "wine.data")
    assert ref == "wine.data" and data is wine["data"]
    assert find_frame(ctx, 'wine["target"]')[1] is wine["target"]
    with pytest.raises(ToolError, match=r"no data `wine\.DESCR`"):
        find_frame(ctx, "wine.DESCR")
    # It has many parts that nobody asks for: not listed.
    assert [card["ref"] for card in catalogue(ctx)["frames"]] == ["X"]
