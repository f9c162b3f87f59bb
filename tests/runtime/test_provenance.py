"""Where models come from, read from cells."""

from __future__ import annotations

import pytest

from jupyter_mlchat.runtime.provenance import Fit, History, read_cell


def history(*sources: str) -> History:
    found = History()
    found.read(dict(enumerate(sources, 1)))
    return found


def fit_of(ref: str, *sources: str) -> Fit | None:
    return history(*sources).fit_of([ref])


@pytest.mark.parametrize(
    ("source", "ref", "data", "frame", "plain", "target"),
    [
        ("pipe.fit(X_train, y_train)", "pipe", "X_train", "X_train", True, "y_train"),
        ("pipe = Pipeline(steps).fit(X, y)", "pipe", "X", "X", True, "y"),
        ("pipe = make().set_output(transform='pandas').fit(X, y)", "pipe", "X", "X", True, "y"),
        ("pipe.fit(X=X, y=y)", "pipe", "X", "X", True, "y"),
        ("pipe.fit(df[['a', 'b']], df['y'])", "pipe", "df[['a', 'b']]", "df", False, "df['y']"),
        ("pipe.fit(df.drop(columns='y').values, df.y)", "pipe", "df.drop(columns='y').values", "df", False, "df.y"),
        ("models['rf'].fit(X, y)", 'models["rf"]', "X", "X", True, "y"),
        ("models['rf'] = RandomForest().fit(X, y)", 'models["rf"]', "X", "X", True, "y"),
        ("for name, m in models.items():\n    m.fit(X, y)", 'models["rf"]', "X", "X", True, "y"),
        ("for m in models.values():\n    print(m.fit(X, y).score(X, y))", 'models["rf"]', "X", "X", True, "y"),
        ("models = {k: clone(m).fit(X, y) for k, m in all.items()}", 'models["rf"]', "X", "X", True, "y"),
        ("models = {'rf': RandomForest().fit(X, y)}", 'models["rf"]', "X", "X", True, "y"),
        ("with timer():\n    pipe.fit(X, y)", "pipe", "X", "X", True, "y"),
        ("if True:\n    model: Any = A().fit(X)", "model", "X", "X", True, ""),
        ("exp.best = A().fit(X, y)", "exp.best", "X", "X", True, "y"),
        ("sgd.partial_fit(X, y)", "sgd", "X", "X", True, "y"),
    ],
)  # fmt: skip
def test_fits_are_found(source: str, ref: str, data: str, frame: str, plain: bool, target: str) -> None:
    fit = fit_of(ref, "import x", source)
    assert fit is not None and fit.cell == 2
    assert (fit.data, fit.frame, fit.plain, fit.target) == (data, frame, plain, target)


@pytest.mark.parametrize(
    "source",
    [
        "def train():\n    pipe.fit(X, y)",
        "class T:\n    pipe.fit(X, y)",
        "train = lambda: pipe.fit(X, y)",
        "pipe.fit(X, y",
        "%matplotlib inline",
        "pipe = load()",
        "x" * 200_001,
    ],
    ids=range(7),
)
def test_what_is_no_fit_of_the_namespace_is_not_taken_for_one(source: str) -> None:
    assert fit_of("pipe", source) is None


def test_the_newest_fit_wins_and_aliases_count() -> None:
    found = history("pipe.fit(A, y)", "best = pipe\nbest.fit(B, y)")
    assert found.fit_of(["pipe", "best"]).data == "B"  # type: ignore[union-attr]


def test_a_name_assigned_anew_is_no_longer_what_was_fitted() -> None:
    assert fit_of("pipe", "pipe.fit(X, y)", "pipe = joblib.load('f')") is None
    assert fit_of('models["rf"]', "models['rf'].fit(X, y)", "models = {}") is None
    found = history("pipe.fit(X, y)", "pipe = joblib.load('f')")
    assert found.assigned(["pipe"]) == 2


def test_the_best_estimator_of_a_search_is_fitted_where_the_search_is() -> None:
    fit = fit_of("best", "grid = GridSearchCV(a, b)", "grid.fit(X, y)", "best = grid.best_estimator_")
    assert fit is not None and fit.cell == 2


def test_copies_lead_back_and_rings_end() -> None:
    fit = fit_of("b", "a.fit(X, y)", "b = a")
    assert fit is not None and fit.cell == 1
    assert fit_of("p", "p = q", "q = p") is None


def test_training_data_assigned_later_is_known_to_be_changed() -> None:
    found = history("X = 1", "pipe.fit(X, y)", "X, y = split(Z)")
    assert found.changed_after("X", 2) and not found.changed_after("X", 3)
    assert found.source_of("y") == ""


def test_cells_are_read_once_and_again_when_they_change() -> None:
    found = History()
    found.read({1: "a.fit(X, y)"})
    found.read({1: "a.fit(Z, y)"})
    assert found.fit_of(["a"]).data == "Z"  # type: ignore[union-attr]
    found.read({})
    assert found.fit_of(["a"]) is None


def test_a_cell_lists_what_it_assigns() -> None:
    assert read_cell(1, "a, (b, c) = f()\nd = e['k']").assigned == (
        ("a", ""), ("b", ""), ("c", ""), ("d", 'e["k"]'),
    )  # fmt: skip
