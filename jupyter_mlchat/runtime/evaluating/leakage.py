"""Signs that a model was shown what it should predict. Each is a finding with what it was seen from."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from .. import frames, leaving, peek
from . import scores

Severity = Literal["high", "check"]
PERFECT = 0.9995
NEAR = 0.99
MAX_COLUMNS = 500
MAX_ROWS = 20_000
DUPLICATES = 0.02


@dataclass(frozen=True)
class Finding:
    kind: str
    severity: Severity
    text: str
    column: str = ""
    value: float | None = None


def of_inputs(columns: Sequence[tuple[str, Any]], target: str, truth: Any) -> list[Finding]:
    """Inputs that are the target, or tell it alone; and inputs that number the rows."""
    numpy: Any = peek.library("numpy")
    found = []
    for name, values in columns[:MAX_COLUMNS]:
        if name == target:
            found.append(Finding("target_is_input", "high", f"The target `{name}` is itself an input.", name, 1.0))
            continue
        strength = _strength(numpy, values, truth)
        if strength is not None and strength >= NEAR:
            severity: Severity = "high" if strength >= PERFECT else "check"
            alone = "tells the target without fail" if severity == "high" else "alone almost tells the target"
            text = f"`{name[:80]}` {alone} ({strength:.3f}): is it known when a prediction is made?"
            found.append(Finding("input_tells_target", severity, text, name, strength))
        elif _numbers_rows(numpy, name, values):
            text = f"`{name[:80]}` looks like an identifier: a model can learn rows by heart with it."
            found.append(Finding("identifier", "check", text, name))
    return found


def _strength(numpy: Any, values: Any, truth: Any) -> float | None:
    """How well one column tells the target: a rank measure for numbers, purity for categories, in 0..1."""
    pandas: Any = peek.library("pandas")
    series = pandas.Series(values).reset_index(drop=True)
    numeric = pandas.api.types.is_numeric_dtype(series.dtype)
    continuous = truth.dtype.kind == "f" and len(numpy.unique(truth)) > 20
    if numeric:
        numbers = series.to_numpy(dtype=float, na_value=float("nan"))
        known = numpy.isfinite(numbers)
        if known.sum() < 50:
            return None
        numbers, true = numbers[known], truth[known]
        if continuous:
            return _correlation(numpy, numbers, true)
        labels = list(dict.fromkeys(true.tolist()))
        if len(labels) == 2:
            area = scores.auc(true == labels[1], numbers)(numpy.ones(len(true)))
            return max(area, 1 - area)
    if continuous:
        return None
    return _purity(pandas, series, truth)


def _correlation(numpy: Any, one: Any, other: Any) -> float | None:
    if one.std() == 0 or other.std() == 0:
        return None
    return float(abs(numpy.corrcoef(one, other)[0, 1]))


def _purity(pandas: Any, series: Any, truth: Any) -> float | None:
    """The share of rows whose class is the commonest one of their level; levels of a few rows prove nothing."""
    try:
        table = pandas.crosstab(series.astype(object), truth)
    except (TypeError, ValueError):
        return None
    counts = table.to_numpy()
    sizes = counts.sum(axis=1)
    if counts.shape[0] < 2 or counts.shape[1] < 2 or (sizes < leaving.MIN_ROWS).mean() > 0.2:
        return None
    return float(counts.max(axis=1).sum() / counts.sum())


def _numbers_rows(numpy: Any, name: str, values: Any) -> bool:
    pandas: Any = peek.library("pandas")
    series = pandas.Series(values)
    whole = pandas.api.types.is_integer_dtype(series.dtype)
    distinct = int(series.nunique()) if whole and len(series) >= 50 else 0
    return distinct == len(series) > 0 and not leaving.statistics_may_leave(name, len(series), distinct)


def of_rows(trained: Any, held: Any, names: Sequence[str], held_ref: str) -> list[Finding]:
    """Rows of the held-out data that are also in the training data, where equal rows are no chance."""
    pandas: Any = peek.library("pandas")
    if any(frames.kind_of(one) != "pandas" for one in (trained, held)):
        return []
    used = [name for name in names if name in trained.columns and name in held.columns]
    if not used or len(trained) > 10 * MAX_ROWS:
        return []
    try:
        parts = [trained[used], frames.strided(held, MAX_ROWS)[used]]
        if not (parts[0].dtypes == parts[1].dtypes).all() or "category" in set(map(str, parts[0].dtypes)):
            parts = [one.astype(object) for one in parts]  # so that 1 and 1.0 are the same
        known, asked = (pandas.util.hash_pandas_object(one, index=False, categorize=False) for one in parts)
    except (TypeError, ValueError):
        return []
    if known.nunique() < 0.98 * len(known):
        return []
    share = float(asked.isin(set(known.tolist())).mean())
    if share <= DUPLICATES:
        return []
    text = f"{share:.0%} of the rows of `{held_ref}` are also in the training data."
    return [Finding("rows_in_both", "high", text, "", share)]


def of_cells(cells: Mapping[int, str]) -> list[Finding]:
    """Something that was fitted on all rows before they were split."""
    found: list[Finding] = []
    fitted: dict[str, int] = {}
    for number in sorted(cells):
        try:
            tree = ast.parse(cells[number])
        except (SyntaxError, ValueError, RecursionError):
            continue
        for statement in tree.body:
            calls = [node for node in ast.walk(statement) if isinstance(node, ast.Call)]
            for call in calls:
                if _called(call) == "train_test_split":
                    used = {
                        node.id for argument in call.args for node in ast.walk(argument) if isinstance(node, ast.Name)
                    }
                    for name in sorted(used & set(fitted)):
                        text = (f"`{name}` was transformed by something fitted on all rows in In[{fitted[name]}], "
                                f"and split afterwards in In[{number}].")  # fmt: skip
                        found.append(Finding("fitted_before_split", "check", text))
            if isinstance(statement, ast.Assign):
                made = any(_called(call) == "fit_transform" for call in calls)
                names = {
                    node.id for target in statement.targets for node in ast.walk(target) if isinstance(node, ast.Name)
                }
                sources = {node.id for node in ast.walk(statement.value) if isinstance(node, ast.Name)}
                carried = next((fitted[name] for name in sources if name in fitted), None)
                splits = any(_called(call) == "train_test_split" for call in calls)
                for name in names:
                    fitted.pop(name, None)
                    if not splits and (made or carried is not None):
                        fitted[name] = number if made else carried or number
    return list({finding.text: finding for finding in found}.values())


def _called(call: ast.Call) -> str:
    return (
        call.func.attr
        if isinstance(call.func, ast.Attribute)
        else call.func.id
        if isinstance(call.func, ast.Name)
        else ""
    )
