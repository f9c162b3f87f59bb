"""What would have to change for another answer, and which known rows are like this one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .. import budget, frames, peek
from ..asking import containers, given, outputs, prediction_recipes, recipes, tables
from ..asking.given import Given
from ..asking.outputs import Aim, aim, answer_card, score
from ..asking.prediction import steadily
from ..catalog import Found, find_frame
from ..evaluating.matching import labelled
from ..evidence import evidence_of
from ..explaining import grids, mixing, similar
from ..explaining.changed import require_valid
from ..explaining.changes import column_of
from ..explaining.counterfactual import Option, Search
from ..signature import Column, Signature
from ..toolbox import Local, Outcome, ToolContext, ToolError, tool
from .evaluate import ready

MAX_COLUMNS = 40
GRID = 9
MAX_SIMILAR = 20
MAX_WRITTEN = 200
"""Of a row of more columns a cell writes the changes alone."""
_SHOWN_CELLS = 25


@tool(
    effect="predict",
    lane="job",
    guidance="For the smallest change of a row that leads to another prediction. Name as immutable what can't change.",
    example="what would have to change so that X_test[3] stays?",
)
def find_counterfactual(
    ctx: ToolContext,
    model_id: str,
    features: dict[str, Any] | None = None,
    row: str | None = None,
    output: str | None = None,
    at_least: float | None = None,
    at_most: float | None = None,
    immutable: list[str] | None = None,
    max_changes: int = 3,
) -> Outcome:
    """Find the fewest and smallest changes of one row after which the model predicts something else.

    Args:
        model_id: A reference as `list_models` shows it.
        features: Column names with values. With `row`, the values to change in it first.
        row: One row of a frame by position, such as `X_test[3]`.
        output: The class that is wanted; without it the most probable other one.
        at_least: For numbers, the least prediction that is wanted.
        at_most: For numbers, the greatest prediction that is wanted.
        immutable: Inputs that must stay as they are.
        max_changes: How many inputs may change at once.
    """
    found, sig = ready(ctx, model_id)
    asked = given.read_one(ctx, found, sig, features, row, "find_counterfactual")
    if isinstance(asked, Outcome):
        return asked
    if sig.container == "text":
        raise given.not_for_text(sig, "a search for other rows")
    training = find_frame(ctx, sig.frame)[1] if sig.frame else None
    first = score(ctx, found, sig, containers.build(sig, [asked.values], training))
    at = _wanted(sig, first, output, at_least, at_most)
    fixed = {column_of(sig, name).name for name in immutable or []}
    search = _search(ctx, found, sig, asked, fixed)

    rows_of = _mixer(sig, search, training)

    def ask(tries: list[dict[str, Any]]) -> Any:
        scored = score(ctx, found, sig, rows_of(tries))
        if at.label is None:
            told = at.of(scored)
            return told - at_least if at_least is not None else (at_most or 0.0) - told
        said = scored.labels == at.label
        return said.astype(float) - 1 + (0 if at.scale == "label" else 1e-3 * (~said) * _share(at, scored))

    options, closest = search.run(ask, max(1, min(max_changes, 5)))
    cards = [_card(ctx, found, sig, asked, at, training, option) for option in options]
    data: dict[str, Any] = {
        "model_id": found.ref,
        "before": answer_card(sig, first, 0, at),
        "wanted": outputs.named(sig, at.label) if at.label is not None else {"at_least": at_least, "at_most": at_most},
        "found": bool(options),
        "options": budget.fitting(cards, 5_500),
        "closest": None if closest is None else _card(ctx, found, sig, asked, at, training, closest),
        "searched": {"inputs": len(search.columns), "of": len(sig.columns), "immutable": sorted(fixed)[:20],
                     "max_changes": max_changes},
        "features": Local(asked.values),
    }  # fmt: skip
    return Outcome(
        data, evidence=evidence_of(found, sig), code=_code(sig, found, asked, options), revision=found.revision
    )


def _wanted(sig: Signature, first: Any, output: str | None, at_least: float | None, at_most: float | None) -> Aim:
    """Raises ToolError `invalid_input` when nothing, or what is so already, is wished for."""
    classes = outputs.classes_of(sig, first)
    if not classes or first.scale == "prediction":
        if (at_least is None) == (at_most is None):
            raise ToolError("invalid_input", "Say which number is wanted.", "Give `at_least` or `at_most`.", "at_least")
        at = aim(sig, first, None)
        value = float(at.of(first)[0])
        if (at_least is not None and value >= at_least) or (at_most is not None and value <= at_most):
            raise ToolError(
                "invalid_input", "The prediction is like that already.", "Wish for something else.", "at_least"
            )
        return at
    own = outputs.place_of(classes, first.labels[0])
    if output is None:
        others = [i for i in range(len(classes)) if i != own]
        if first.values.shape[1] == len(classes):
            others.sort(key=lambda i: -float(first.values[0, i]))
        return aim(sig, first, classes[others[0]])
    at = aim(sig, first, output)
    if own is not None and at.label == classes[own]:
        raise ToolError("invalid_input", "The model predicts that already.", "Name another class.", about="output")
    return at


def _mixer(sig: Signature, search: Search, training: Any) -> Callable[[list[dict[str, Any]]], Any]:
    """Changes to rows as the model wants them: values of the grid from a pool, which is quick for wide rows."""
    numpy: Any = peek.library("numpy")
    longest = max(map(len, search.candidates.values()))
    rows = [
        {
            **search.start,
            **{name: values[min(k, len(values) - 1)] for name, values in search.candidates.items() if values},
        }
        for k in range(longest)
    ]
    pool = mixing.pool(sig, [search.start, *rows], training)
    places = {name: i for i, name in enumerate(pool.names)}
    numbers = {
        (name, repr(value)): k for name, values in search.candidates.items() for k, value in enumerate(values, 1)
    }

    def build(tries: list[dict[str, Any]]) -> Any:
        cells = [(i, name, value) for i, one in enumerate(tries) for name, value in one.items()]
        if any((name, repr(value)) not in numbers for _, name, value in cells):
            return containers.build(sig, [{**search.start, **one} for one in tries], training)
        index = numpy.zeros((len(tries), len(pool.names)), dtype=int)
        for i, name, value in cells:
            index[i, places[name]] = numbers[name, repr(value)]
        return pool.mix(index)

    return build


def _share(at: Aim, scored: Any) -> Any:
    """How near a row is to the wished class, squeezed between 0 and 1."""
    told = at.of(scored)
    return told if at.scale == "probability" else 1 / (1 + abs(told.clip(max=0)))


def _search(ctx: ToolContext, found: Found, sig: Signature, asked: Given, fixed: set[str]) -> Search:
    usual = mixing.background(ctx, sig, None, 300) if sig.frame else None
    columns = [c for c in sig.columns if c.name not in fixed and c.name in asked.values]
    if len(columns) > MAX_COLUMNS:
        names = [column.name for column in sig.columns]
        known = steadily(ctx, found, lambda: found.adapter.importance(found.model, names))
        weight = dict(zip(known.names, known.values, strict=True)) if known is not None else {}
        columns = sorted(columns, key=lambda column: -weight.get(column.name, 0.0))[:MAX_COLUMNS]
    candidates = {}
    for column in columns:
        sample = [row.get(column.name) for row in usual.rows] if usual is not None else []
        candidates[column.name] = grids.grid_of(column, sample, GRID)
    columns = [column for column in columns if candidates[column.name]]
    if not columns:
        text = "None of the inputs that may change has a known range."
        raise ToolError("unsupported", text, "Fit the model on a frame, or free an input.", about=found.ref)
    widths = {c.name: (c.p99 - c.p01) if c.p99 is not None and c.p01 is not None else 0.0 for c in columns}
    return Search(columns, asked.values, candidates, widths)


def _card(
    ctx: ToolContext, found: Found, sig: Signature, asked: Given, at: Aim, training: Any, option: Option
) -> dict[str, Any]:
    row = require_valid(sig, {**asked.values, **option.changes}, frozenset()).rows[0]
    scored = score(ctx, found, sig, containers.build(sig, [row], training))
    changes = []
    for name, value in option.changes.items():
        column = column_of(sig, name)
        old = asked.values.get(name)
        changes.append({"column": budget.short(name), "from": old if name in asked.typed else Local(old),
                        "to": grids.told(column, value)})  # fmt: skip
    distance = budget.figure(option.distance)
    # Of a row that was pointed at, the way to a known value tells where it began.
    private = not asked.typed.issuperset(option.changes)
    return {"changes": changes, "after": answer_card(sig, scored, 0, at),
            "distance": Local(distance) if private else distance}  # fmt: skip


def _code(sig: Signature, found: Found, asked: Given, options: list[Option]) -> str:
    if not options:
        return ""
    if len(asked.values) > MAX_WRITTEN:
        return _of_wide(sig, found, asked, options)
    rows = [{**asked.values, **option.changes} for option in options]
    lines, shown = recipes.row_expression(sig, rows, None)
    return prediction_recipes.of_rows(found, sig, lines, shown, rows)


def _of_wide(sig: Signature, found: Found, asked: Given, options: list[Option]) -> str:
    """Only the changes are written down."""
    if asked.untouched is None or tables.words_of(sig) != "pandas":
        return ""
    changes = [option.changes for option in options]
    made = f"pd.concat([row.assign(**one) for one in {changes!r}])"
    return prediction_recipes.of_table(found, sig, [f"row = {asked.untouched}"], made)


@tool(
    effect="disclose",
    guidance="Shows raw rows. Only when the person asks for examples or similar cases.",
    example="show rows similar to X_test[3]",
)
def find_similar_examples(
    ctx: ToolContext,
    model_id: str,
    features: dict[str, Any] | None = None,
    row: str | None = None,
    data: str | None = None,
    k: int = 5,
) -> Outcome:
    """Show the rows of a frame that are most like one row, with their true answers where they are known.

    Args:
        model_id: A reference as `list_models` shows it; its inputs are compared.
        features: Column names with values. With `row`, the values to change in it first.
        row: One row of a frame by position, such as `X_test[3]`.
        data: The frame to look in; without it the training data.
        k: How many rows.
    """
    found, sig = ready(ctx, model_id)
    asked = given.read_one(ctx, found, sig, features, row, "find_similar_examples")
    if isinstance(asked, Outcome):
        return asked
    if sig.container == "text":
        raise given.not_for_text(sig, "likeness of rows")
    if data is None and not sig.frame:
        raise ToolError("invalid_input", "There is no data with its columns.", "Name a frame as `data`.", about="data")
    ref, frame = find_frame(ctx, data or sig.frame)
    mixing.require_columns(sig, ref, frame)
    step = max(1, -(-frames.rows_of(frame) // similar.MAX_ROWS))
    sample = frames.strided(frame, similar.MAX_ROWS)
    apart = similar.distances(sig.columns, asked.values, sample)
    order = apart.argsort(kind="stable")[: max(1, min(k, MAX_SIMILAR))]
    nearest = _rows(sample, order)
    said = score(ctx, found, sig, containers.fitting(sig, nearest))
    rows = outputs.frame_rows(sig, nearest)
    truth = _truth(ctx, found, sig, ref)
    cards = []
    for i, place in enumerate(order):
        position = int(place) * step
        card: dict[str, Any] = {
            "row": position,
            "distance": budget.figure(float(apart[place])),
            "prediction": outputs.named(sig, said.labels[i]),
            "values": _cells(sig.columns, rows[i], asked.values),
        }
        if truth is not None:
            card["truth"] = truth[position]
        cards.append(card)
    shown = budget.fitting(cards, 7_000)
    return Outcome(
        {"model_id": found.ref, "data": ref, "examples": shown, "features": Local(asked.values)},
        warnings=[] if step == 1 else [f"Every {step}th row of `{ref}` was looked at."],
        evidence=[*evidence_of(found), {"kind": "data", "text": f"rows of `{ref}`", "ref": ref, "cell": None}],
        shown=len(shown),
        total=len(cards),
        code=_shown(ref, frame, [card["row"] for card in cards]),
        revision=found.revision,
    )


def _shown(ref: str, frame: Any, rows: list[int]) -> str:
    kind = frames.kind_of(frame)
    if kind in ("arrow", "records"):
        return f"{ref}.take({rows})" if kind == "arrow" else f"[{ref}[i] for i in {rows}]"
    return "" if frames.is_lazy(frame) else f"{ref}{'.iloc' if hasattr(frame, 'iloc') else ''}[{rows}]"


def _rows(sample: Any, order: Any) -> Any:
    return frames.taken(sample, order)


def _truth(ctx: ToolContext, found: Found, sig: Signature, ref: str) -> Any | None:
    try:
        return labelled(ctx, found, sig, ref).truth
    except ToolError:
        return None


def _cells(columns: tuple[Column, ...], values: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """Of many columns those that differ from the asked row."""
    names = [column.name for column in columns if column.name in values]
    if len(names) > _SHOWN_CELLS:
        names = [name for name in names if values[name] != own.get(name)][:_SHOWN_CELLS]
    return {budget.short(name): values[name] for name in names}
