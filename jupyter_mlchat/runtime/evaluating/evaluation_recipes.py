"""Cells that measure a model again, with scikit-learn's own measures."""

from __future__ import annotations

from ..asking import recipes
from .evaluation import Assessed
from .scores import MAX_BOOTSTRAP_ROWS, REPEATS

_BOTH = "metrics.{name}(y, said, sample_weight=w)"
_MEASURES = {
    "accuracy": _BOTH.format(name="accuracy_score"),
    "balanced_accuracy": _BOTH.format(name="balanced_accuracy_score"),
    "precision": "metrics.precision_score(y, said, pos_label=classes[1], sample_weight=w)",
    "recall": "metrics.recall_score(y, said, pos_label=classes[1], sample_weight=w)",
    "f1": "metrics.f1_score(y, said, pos_label=classes[1], sample_weight=w)",
    "roc_auc": "metrics.roc_auc_score(y == classes[1], ranked, sample_weight=w)",
    "average_precision": "metrics.average_precision_score(y == classes[1], ranked, sample_weight=w)",
    "f1_macro": 'metrics.f1_score(y, said, average="macro", sample_weight=w)',
    "roc_auc_ovr": 'metrics.roc_auc_score(y, chances, multi_class="ovr", sample_weight=w)',
    "log_loss": "metrics.log_loss(y, chances, labels=classes, sample_weight=w)",
    "brier": "np.average(((chances - (y[:, None] == classes)) ** 2).sum(axis=1), weights=w)",
    "r2": _BOTH.format(name="r2_score"),
    "rmse": "metrics.mean_squared_error(y, said, sample_weight=w) ** 0.5",
    "mae": _BOTH.format(name="mean_absolute_error"),
    "bias": "np.average(said - y, weights=w)",
}


def asked(assessed: Assessed) -> list[str] | None:
    """Lines that give `y`, `said` and what the measures need; None for models that are asked otherwise."""
    found, sig, data = assessed.found, assessed.sig, assessed.labelled
    said = recipes.labels_expression(found, sig, "X")
    chances = recipes.chances_expression(found, sig, "X") if assessed.scored.scale == "probability" else ""
    if not said or len(data.truth) != assessed.n or (assessed.scored.scale == "probability" and not chances):
        return None
    lines = [
        "import numpy as np", "import pandas as pd", "from sklearn import metrics", f"X = {data.source}",
        f"y = np.asarray({data.target_source})",
    ]  # fmt: skip
    lines += [line for line in recipes.imports(said) if line not in lines]
    if assessed.classes:
        lines.append(f"classes = np.array({assessed.classes!r})")
    if chances:
        lines.append(f"chances = {chances}")
    lines.append(f"said = {said}")
    if assessed.ranked is not None:
        lines.append(f"ranked = {'chances[:, 1]' if chances else recipes.ranked_expression(found, sig, 'X')}")
    return lines


def measures(assessed: Assessed, *, bootstrap: bool = True) -> str:
    """Shows {measure: (value, low, high)}, or {measure: value} of long frames."""
    lines = asked(assessed)
    if lines is None:
        return ""
    names = list(assessed.measures())
    chosen = {name: _MEASURES[name] for name in names}
    if len(assessed.classes) == 2 and "brier" in chosen:
        chosen["brier"] += " / 2"
    listed = ",\n".join(f"    {name!r}: lambda w: {text}" for name, text in chosen.items())
    lines += ["measures = {", f"{listed},", "}"]
    if not bootstrap or assessed.n > MAX_BOOTSTRAP_ROWS:
        return "\n".join([*lines, "{name: measure(np.ones(len(y))) for name, measure in measures.items()}"])
    return "\n".join(
        [
            *lines, "rng = np.random.default_rng(0)",
            f"draws = [np.bincount(rng.integers(0, len(y), len(y)), minlength=len(y)) for _ in range({REPEATS})]",
            "def interval(measure):",
            "    return np.quantile([measure(w) for w in draws], [0.025, 0.975])",
            "{name: (measure(np.ones(len(y))), *interval(measure)) for name, measure in measures.items()}",
        ]
    )  # fmt: skip
