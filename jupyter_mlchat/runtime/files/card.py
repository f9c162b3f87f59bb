"""A page about a model, each line of it from a fact. What is not known is said to be unknown.

Categories, ranges and classes are on it as far as they may leave for a provider; rows never are.
"""

from __future__ import annotations

import platform
from dataclasses import dataclass, field
from typing import Any

from .. import budget, leaving, peek
from ..asking.prediction import require_idle
from ..catalog import Found
from ..evaluating.evaluation import Assessed, assess, baseline, with_intervals
from ..evaluating.matching import labelled
from ..signature import Column, Signature
from ..toolbox import ToolContext, ToolError
from ..wire import EvidenceDict
from . import places, versions

SHOWN = 6_000
"""Bytes of it that an answer holds; a file holds all."""
_MAX_COLUMNS = 300
_UNKNOWN = "unknown"


@dataclass
class Card:
    text: str
    measured: bool
    unknown: list[str] = field(default_factory=list)
    evidence: list[EvidenceDict] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def write(ctx: ToolContext, found: Found, sig: Signature) -> Card:
    card = Card("", False)
    lines = [f"# {_cell(found.ref)}", "", *_about(card, found, sig), "", "## Inputs", "", *_inputs(card, sig), ""]
    lines += ["## Measures", "", *_measures(card, ctx, found, sig), "", "## Limits", "", *_limits(card, found, sig), ""]
    lines += ["## Versions", "", *_versions(found), ""]
    card.text = "\n".join(lines)
    return card


def _about(card: Card, found: Found, sig: Signature) -> list[str]:
    fitted = f"In[{found.fit.cell}]" if found.fit is not None else ""
    loaded = f"loaded from the file {_cell(found.file)}" if found.file else ""
    classes = _UNKNOWN
    if sig.classes is not None:
        flat = sig.flat_classes()
        classes = ", ".join(_cell(label) for label in flat[:50]) if sig.classes_leave else f"{len(flat)} classes"
    facts = {
        "Class": _cell(peek.class_name(type(found.model))),
        "Estimator": _cell(peek.short_name(type(found.adapter.estimator(found.model)))),
        "Task": found.task,
        "State": found.status,
        "Fitted in": fitted or loaded,
        "Training data": _training(sig),
        "Target": _cell(sig.target),
        "Threshold": "" if sig.threshold is None else f"{sig.threshold:g}",
    }
    if found.task == "classification":
        facts["Classes"] = classes
    optional = ("Threshold",)
    card.unknown += [name.lower() for name, value in facts.items() if value in ("", _UNKNOWN) and name not in optional]
    return [f"* {name}: {value or _UNKNOWN}" for name, value in facts.items() if value or name not in optional]


def _training(sig: Signature) -> str:
    if not sig.frame:
        return ""
    rows = f", {sig.rows:,} rows" if sig.rows is not None else ""
    return _cell(sig.frame_source.replace("`", "")) + rows


def _inputs(card: Card, sig: Signature) -> list[str]:
    if not sig.columns:
        shape = f"a tensor of the shape {sig.shape.sizes}, {sig.shape.dtype}" if sig.shape is not None else _UNKNOWN
        if sig.shape is None:
            card.unknown.append("inputs")
        return [f"* {shape}"]
    lines = ["| input | type | takes | empty |", "| --- | --- | --- | --- |"]
    lines += [_row(column) for column in sig.columns[:_MAX_COLUMNS]]
    if len(sig.columns) > _MAX_COLUMNS:
        lines += ["", f"and {len(sig.columns) - _MAX_COLUMNS:,} more."]
    return lines


def _row(column: Column) -> str:
    takes = _UNKNOWN
    if column.categories is not None:
        known = column.categories
        takes = ", ".join(_cell(level) for level in known) if column.categories_leave else f"{len(known)} categories"
    elif column.statistics_leave and column.p01 is not None and column.p99 is not None:
        takes = f"mostly {column.p01:.6g} to {column.p99:.6g}" + (f" {_cell(column.unit)}" if column.unit else "")
    elif column.role is not None:
        takes = column.role
    empty = {True: "allowed", False: "not allowed", None: _UNKNOWN}[column.nullable]
    return f"| {_cell(column.name)} | {_cell(column.dtype or _UNKNOWN)} | {takes} | {empty} |"


def _measures(card: Card, ctx: ToolContext, found: Found, sig: Signature) -> list[str]:
    """Of data that the fit has not seen; of other data there is nothing to tell."""
    try:
        require_idle(found, ctx)
        seen: Assessed | None = assess(ctx, found, sig, labelled(ctx, found, sig))
    except ToolError as error:
        card.unknown.append("measures")
        return [f"* {_UNKNOWN}: {error.message}"]
    if seen is None or seen.labelled.in_sample is not False or seen.n < leaving.MIN_ROWS:
        card.unknown.append("measures")
        return [f"* {_UNKNOWN}: no data was found of which it is known that the fit has not seen it"]
    card.measured = True
    card.evidence = seen.labelled.evidence
    source = f"Of {seen.n:,} rows of {_cell(seen.labelled.ref)} with {_cell(seen.labelled.target)}; 95 % intervals."
    lines = [source, "", "| measure | value | low | high |", "| --- | --- | --- | --- |"]
    for name, told in with_intervals(seen).items():
        lines.append(f"| {name} | {told['value']:.4g} | {told['low']:.4g} | {told['high']:.4g} |")
    known = {name: value for name, value in baseline(seen).items() if name != "always"}
    always = baseline(seen)["always"]
    lines += ["", *(f"* {name} of always answering {always}: {value:.4g}" for name, value in known.items())]
    return lines


def _limits(card: Card, found: Found, sig: Signature) -> list[str]:
    lines = []
    if sig.frame and "matched" in sig.frame_source:
        lines.append("* The training data is only matched by its columns, not proven.")
    hidden = [column.name for column in sig.columns if column.categories is not None and not column.categories_leave]
    if hidden:
        lines.append(f"* Categories of {len(hidden)} inputs are not listed: rare or personal ones may be among them.")
    words = {"error": "raises an error", "ignored": "is ignored", "own_group": "goes into a group of its own"}
    for one, said in words.items():
        count = sum(column.categories is not None and column.on_unknown == one for column in sig.columns)
        if count:
            lines.append(f"* An unknown category {said} in {count} of {len(sig.columns)} inputs.")
    if found.file:
        lines.append("* It came from a file; what it was fitted on is not known.")
    return lines or [f"* {_UNKNOWN}"]


def _versions(found: Found) -> list[str]:
    roots = dict.fromkeys([peek.root_of(type(found.model)), "numpy", "pandas"])
    lines = [f"* python {platform.python_version()}"]
    for root in roots:
        name = versions.distribution(root)
        version = versions.installed(name)
        if version is not None and peek.library(root) is not None:
            lines.append(f"* {name} {version}")
    return lines


def _cell(value: Any) -> str:
    """Untrusted text as one cell of a table: no markup, no line breaks."""
    text = places.told(budget.short(str(value)))
    for mark in "\\*_[]<>|#!":
        text = text.replace(mark, "\\" + mark)
    return text
