"""Cells that find the contributions of one prediction again, without us."""

from __future__ import annotations

from ..asking.recipes import cell
from ..asking.tables import words_of
from ..catalog import Found
from ..signature import Signature
from .contributions import Contributions
from .path import Path
from .shapley import Shares
from .words import Words

MAX_FEATURES = 500
_TREES = {
    "xgboost": (
        "import xgboost",
        "{booster}.predict(xgboost.DMatrix(features, enable_categorical=True{types}), pred_contribs=True)[0]",
    ),
    "lightgbm": ("", "{booster}.predict(features, pred_contrib=True)[0]"),
    "catboost": (
        "import catboost",
        "{final}.get_feature_importance(catboost.Pool(features, cat_features={final}.get_cat_feature_indices()), "
        'type="ShapValues")[0]',
    ),
    "shap": (
        "import shap",
        'shap.TreeExplainer({final}, feature_perturbation="tree_path_dependent")(features, check_additivity=False)'
        ".values[0]",
    ),
}


def of_trees(path: Path, told: Contributions, lines: list[str], row: str) -> str:
    library = told.method.rpartition(" ")[2]
    start, ask = _TREES[library]
    sklearn_api = hasattr(type(path.final), "get_params")
    boosters = {"xgboost": ".get_booster()", "lightgbm": ".booster_"} if sklearn_api else {}
    types = f", feature_types={path.final_source}.feature_types" if sklearn_api and library == "xgboost" else ""
    booster = path.final_source + boosters.get(library, "")
    index = _index(path, row)
    if index is None:
        return ""
    outputs = "values = values.reshape(-1, values.shape[-1])" if library == "catboost" else ""
    if library == "shap":
        picked = f"values.T[{told.place}]" if told.place else "(values if values.ndim == 1 else values.T[0])"
    elif library == "lightgbm":
        picked = f"values.reshape(-1, {len(path.origins) + 1})[{told.place}, :-1]"
    else:
        picked = f"np.atleast_2d(values)[{told.place}, :-1]"
    return cell(
        [
            *lines, "import numpy as np", "import pandas as pd", start,
            f"features = {path.features_source.format(X=row)}",
            f"values = {ask.format(booster=booster, final=path.final_source, types=types)}", outputs,
            f"pd.Series({_minus(told)}{picked}, index={index}).groupby(level=0).sum()",
        ]
    )  # fmt: skip


def of_coefficients(
    path: Path, told: Contributions, lines: list[str], row: str, usual: str, *, polars: bool = False
) -> str:
    index = _index(path, row)
    if index is None:
        return ""
    usual = f"{usual}.to_numpy()" if usual and polars and path.features_source == "{X}" else usual
    mean = f"np.asarray({path.features_source.format(X=usual)}.mean(axis=0)).ravel()" if usual else "0"
    return cell(
        [
            *lines, "import numpy as np", "import pandas as pd",
            f"features = {path.features_source.format(X=row)}",
            'features = np.ravel(features.toarray() if hasattr(features, "toarray") else features)',
            f"weights = np.atleast_2d({path.final_source}.coef_)[{told.place}]",
            f"pd.Series({_minus(told)}weights * (features - {mean}), index={index}).groupby(level=0).sum()",
        ]
    )  # fmt: skip


def of_shapley(
    shares: Shares, active: list[int], asks: str, lines: list[str], row: str, usual: str, sig: Signature
) -> str:
    polars = ["pool = pl.concat([usual, row], how='vertical_relaxed')", "names = pool.columns", "def ask(index):",
              "    X = pl.DataFrame([pool[name].gather(index[:, i]) for i, name in enumerate(names)])"]  # fmt: skip
    mixed = polars if words_of(sig) == "polars" else (
        ["pool = np.vstack([usual, row])", f"names = {[c.name for c in sig.columns]!r}",
         "def ask(index):", "    X = pool[index, np.arange(pool.shape[1])]"]
        if sig.container == "array"
        else ["pool = pd.concat([usual, row], ignore_index=True)", "names = list(pool)", "def ask(index):",
              "    X = pd.DataFrame({name: pool[name].array.take(index[:, i]) for i, name in enumerate(names)})"]
    )  # fmt: skip
    return cell(
        [
            *lines, "import itertools, math", "import numpy as np", "import pandas as pd",
            f"usual = {usual}", f"row = {row}", *mixed, f"    return {asks.format(X='X')}",
            f"active = {active!r}", *(_COUNTED if shares.errors is None else _DRAWN),
            f"pd.Series(shares({shares.pairs}), index=names)",
        ]
    )  # fmt: skip


_COUNTED = """
def worth(columns):
    index = np.repeat(np.arange(len(usual))[:, None], len(names), axis=1)
    index[:, list(columns)] = len(usual)
    return ask(index).mean()
def shares(_):
    found = np.zeros(len(names))
    for column in active:
        others = [one for one in active if one != column]
        for size in range(len(active)):
            weight = math.factorial(size) * math.factorial(len(others) - size) / math.factorial(len(active))
            for group in itertools.combinations(others, size):
                found[column] += weight * (worth((*group, column)) - worth(group))
    return found
""".strip().splitlines()
_DRAWN = """
def shares(pairs):
    found, rng = np.zeros(len(names)), np.random.default_rng(0)
    starts = rng.permutation(len(usual))
    for pair in range(pairs):
        order = rng.permutation(active)
        for way in (order, order[::-1]):
            index = np.full((len(way) + 1, len(names)), starts[pair % len(usual)])
            for step, column in enumerate(way):
                index[step + 1 :, column] = len(usual)
            found[way] += np.diff(ask(index)) / (2 * pairs)
    return found
""".strip().splitlines()


def of_words(found: Found, asks: str, path: Path | None, told: Words, place: int, sign: int, text: str) -> str:
    if told.base is None:
        if not asks:
            return ""
        return cell(
            [
                "import re", "import numpy as np", "import pandas as pd", f"text = {text!r}",
                f"words = {list(told.values)!r}", r"""found = re.compile(r"\w+(?:['’-]\w+)*")""", "def without(word):",
                '    return found.sub(lambda match: "" if match.group().casefold() == word else match.group(), text)',
                "texts = [text, *map(without, words)]",
                f"answers = {asks.format(X='texts')}",
                "pd.Series(answers[0] - answers[1:], index=words)",
            ]
        )  # fmt: skip
    assert path is not None, "coefficients have a path"
    minus = "-" if sign < 0 else ""
    return cell(
        [
            "import numpy as np", "import pandas as pd", f"vectorizer = {found.ref}[0]",
            f"features = {path.features_source.format(X=repr([text]))}.toarray()[0]",
            f"places = {{term: vectorizer.vocabulary_[term] for term in {list(told.values)!r}}}",
            f"weights = {minus}np.atleast_2d({path.final_source}.coef_)[{place}]",
            "pd.Series({term: weights[i] * features[i] for term, i in places.items()})",
        ]
    )  # fmt: skip


def _index(path: Path, row: str) -> str | None:
    if len(path.origins) > MAX_FEATURES:
        return f"list({row})" if path.features_source == "{X}" else None
    return repr(list(path.origins))


def _minus(told: Contributions) -> str:
    return "-" if told.sign < 0 else ""
