"""The input of a question: typed values, over those of a row of a frame that it names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .. import budget, frames, references
from ..catalog import Found, find_frame
from ..evidence import evidence_of
from ..signature import Signature
from ..toolbox import Local, Outcome, ToolContext, ToolError, UnknownInputs
from ..wire import KEPT_ISSUES
from . import containers, forms, recipes, starting, tables
from .validation import Checked, validate

SHORT = 20
"""Rows of more columns are written as what was changed in the row that was named."""
EMPTY = ("prediction", "probability", "confidence", "score", "interval")


@dataclass(frozen=True)
class Given:
    """`typed` names the columns whose values somebody wrote; the others are of the referenced row."""

    checked: Checked
    typed: frozenset[str]
    row: str | None
    """The referenced row as a cell writes it for the model; None where its frame is of another kind."""

    @property
    def values(self) -> dict[str, Any]:
        """Of the first row, by the signature's names."""
        return self.checked.rows[0]

    def written(self, sig: Signature) -> tuple[list[str], str]:
        """Lines to run first, and an expression for the row: of a wide one only what was changed in it."""
        if self.row is not None and self.typed and len(self.values) > SHORT:
            changed = recipes.changed_row(sig, self.row, {n: self.values[n] for n in self.typed if n in self.values})
            if changed is not None:
                return changed
        return recipes.row_expression(sig, [self.values], self.untouched)

    @property
    def untouched(self) -> str | None:
        """The row as a cell writes it, where nothing in it was changed."""
        return self.row if not self.typed else None


def read(ctx: ToolContext, sig: Signature, given: list[dict[str, Any]], row: str | None) -> Given:
    """Typed values over those of a referenced row; only what was typed may be quoted.

    Raises ToolError `invalid_input` for what is no row, `unknown_frame` for a row of nothing.
    """
    base, written = _referenced(ctx, sig, row) if row is not None else ({}, None)
    if not base:
        checked = validate(sig, given)
        return Given(checked, frozenset(checked.rows[0]), written)
    changed: set[str] = set()
    rows = []
    for one in given:
        alone = validate(sig, [one])
        named = set(alone.rows[0]) | ({name for _, name in alone.blocked} - set(alone.missing))
        changed |= named
        rows.append({**{name: value for name, value in base.items() if name not in named}, **one})
    checked = validate(sig, rows, typed=frozenset(changed))
    if row is not None and row.strip() == starting.MEDIAN:
        text = f"What was not given is that of {starting.named(sig, row)}."
        checked.add({"code": "starting_row", "message": text, "suggestion": "", "model_behaviour": ""})
    return Given(checked, frozenset(changed), written)


def read_one(
    ctx: ToolContext, found: Found, sig: Signature, features: dict[str, Any] | None, row: str | None, tool: str
) -> Given | Outcome:
    """One complete row, or the outcome whose form asks for what is missing of it."""
    given = read(ctx, sig, [features or {}], row)
    return given if given.checked.valid else asks(ctx, found, sig, given, tool, row)


def _referenced(ctx: ToolContext, sig: Signature, row: str) -> tuple[dict[str, Any], str | None]:
    """Its values, and how a cell writes it where its frame is of the kind that the model takes."""
    if row.strip() == starting.MEDIAN:
        return starting.median(sig), None
    parsed = references.row_of(row)
    if parsed is None:
        raise ToolError("invalid_input", f"`{row[:80]}` is not a row.", "Write it like `X_test[3]`.", about=row[:80])
    ref, frame = find_frame(ctx, parsed[0])
    values = containers.row_of(frame, parsed[1], sig, ref)
    kind = "pandas" if frames.kind_of(frame) == "arrow" else frames.kind_of(frame)
    if kind != tables.words_of(sig) or len(frames.shape_of(frame)) != 2:
        return values, None
    names = [column.name for column in sig.columns if column.required or column.name in values]
    return values, tables.one_row(sig, ref, frame, parsed[1], names)


def asks(ctx: ToolContext, found: Found, sig: Signature, given: Given, tool: str, row: str | None) -> Outcome:
    """No answer: a form for one row, a refusal (ToolError `invalid_input`) for several.

    Where too many values are missing to type them all, the form starts from the usual ones.
    """
    checked = given.checked
    if len(checked.rows) > 1:
        rows = len({number for number, _ in checked.blocked})
        columns = ", ".join(f"`{name[:40]}`" for name in dict.fromkeys(name for _, name in checked.blocked))
        raise ToolError(
            "invalid_input",
            f"{rows} of {len(checked.rows)} rows can't be predicted; look at {columns[:400]}.",
            "`validate_features` tells what is wrong with one row.",
            about=found.ref,
        )
    asked = [name for _, name in checked.blocked]
    title = f"{_TITLES.get(tool, 'Ask')} {found.ref}"
    if row is None and len(asked) > starting.ASKED and starting.usual(sig):
        form = forms.started(ctx, found, sig, title, tool, checked.rows[0], starting.MEDIAN, starting.usual(sig))
    else:
        form = forms.form_of(sig, title, tool, checked.rows[0], asked)
    data: dict[str, Any] = {
        "model_id": found.ref,
        "n": 0,
        **dict.fromkeys(EMPTY),
        "missing_features": budget.fitting([budget.short(name) for name in checked.missing], 3_000),
        "message": verdict(checked),
        "features": Local(checked.rows[0]),
    }
    if checked.suggestions:
        data["suggestions"] = Local(checked.suggestions)
    return Outcome(
        data,
        issues=checked.issues,
        warnings=unlisted(checked),
        evidence=evidence_of(found, sig),
        form=form,
        revision=found.revision,
    )


_TITLES = {"make_prediction": "Predict with", "explain_prediction": "Explain a prediction of"}


def known_signature(sig: Signature) -> Signature:
    """Raises ToolError `unsupported` for a model that doesn't say which columns it needs."""
    if not sig.known:
        raise UnknownInputs(
            "unsupported",
            f"`{sig.ref}` doesn't say which columns it needs, and no cell shows it.",
            f'Fit it on a frame with column names, or tell: `register_model("{sig.ref}", {sig.ref}, X=...)`.',
            about=sig.ref,
        )
    if sig.container == "tensor":
        raise ToolError(
            "unsupported",
            f"`{sig.ref}` takes tensors or images, which have no columns.",
            "`make_prediction` takes one by name, such as `batch` or `dataset[17]`.",
            about=sig.ref,
        )
    return sig


def not_for_text(sig: Signature, what: str) -> ToolError:
    """Refuses what needs columns, for a model that reads texts."""
    return ToolError(
        "unsupported",
        f"`{sig.ref}` reads texts; {what} is not for text.",
        "`explain_prediction` tells what each word of one text adds.",
        about=sig.ref,
    )


def verdict(checked: Checked) -> str:
    if checked.valid:
        said = any(issue["code"] not in KEPT_ISSUES for issue in checked.issues)
        return "Valid, with remarks." if said else "Valid."
    wrong = [name for name in dict.fromkeys(name for _, name in checked.blocked) if name not in checked.missing]
    lists = (("Missing", checked.missing), ("To correct", wrong))
    return " ".join(f"{what}: {_some(names)}." for what, names in lists if names)


def _some(names: list[str]) -> str:
    return ", ".join(f"`{name[:40]}`" for name in names[:10]) + (f" and {len(names) - 10} more" * (len(names) > 10))


def unlisted(checked: Checked) -> list[str]:
    return [f"{checked.unlisted} more issues are not listed."] if checked.unlisted else []
