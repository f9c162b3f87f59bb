"""What matters to a model, overall and for one prediction."""

from __future__ import annotations

from typing import Any, Literal

from .. import budget, leaving
from ..asking import containers, given, recipes, tables, typed
from ..asking.given import Given, known_signature
from ..asking.outputs import Aim, Scored, aim, answer_card, named, score
from ..asking.prediction import require_fitted, require_idle, steadily
from ..catalog import Found, find_frame, find_model
from ..evidence import evidence_of
from ..explaining import contribution_recipes, contributions, importances, mixing, pictures, shapley, words
from ..explaining.contributions import Contributions
from ..explaining.path import path_of
from ..signature import Signature, signature
from ..toolbox import Local, Outcome, ToolContext, ToolError, tool

MAX_TOP = 40


@tool(
    effect="predict",
    lane="job",
    guidance="For what matters overall, not for one prediction. `permutation` works for every model, on held-out rows.",
    example="what matters most to pipe?",
)
def get_feature_importance(
    ctx: ToolContext,
    model_id: str,
    top: int = 10,
    least: bool = False,
    method: Literal["auto", "own", "permutation", "exact"] = "auto",
    data: str | None = None,
    target: str | None = None,
) -> Outcome:
    """Rank the inputs of a model: by its own importances or coefficients, or by how much worse it is without each.

    Args:
        model_id: A reference as `list_models` shows it.
        top: How many to show.
        least: Begin with what matters least. Ranks still count from what matters most.
        method: `auto` permutes where it has none of its own or data is named; `exact` each column of a wide model.
        data: For permutation, rows with true answers, such as `X_test`; without it held-out ones.
        target: Their true answers: a column of it, or a series such as `y_test`.
    """
    found = find_model(ctx, model_id)
    require_fitted(found, ctx)
    sig = signature(ctx, found)
    if sig.container == "text":
        raise given.not_for_text(sig, "importance")
    named = data is not None or target is not None
    exact = method == "exact"
    if exact or method == "permutation" or (method == "auto" and named):
        return importances.by_permutation(ctx, found, sig, data, target, top, least=least, exact=exact)
    told = importances.of_model(ctx, found, sig, top, least=least)
    if told is None and method == "auto":
        told = importances.if_there_is_data(ctx, found, sig, top, least=least)
    if told is None:
        raise ToolError(
            "unsupported",
            f"`{found.ref}` has no importances or coefficients that lead back to its columns.",
            "Permutation importance works on rows with true answers: name them as `data` and `target`.",
            about=found.ref,
        )
    return told


@tool(
    effect="predict",
    lane="job",
    guidance="For why the model says what it says about one row. For what matters overall: get_feature_importance.",
    example="why does pipe say that about X_test[3]?",
)
def explain_prediction(
    ctx: ToolContext,
    model_id: str,
    features: dict[str, Any] | str | None = None,
    row: str | None = None,
    output: str | None = None,
    data: str | None = None,
    top: int = 10,
) -> Outcome:
    """Explain one prediction: how much each input moves it up or down from what is usual.

    Args:
        model_id: A reference as `list_models` shows it.
        features: Column names with values, or one text. With `row`, the values to change in it.
        row: One row of a frame by position, such as `X_test[3]`; an image, `batch[3]` or `dataset[17]`.
        output: The class to explain; without it the predicted one.
        data: A frame that shows what is usual; without it the training data.
        top: How many inputs to show.
    """
    found = find_model(ctx, model_id)
    require_fitted(found, ctx)
    require_idle(found, ctx)
    sig = signature(ctx, found)
    if sig.container == "tensor":
        return pictures.explain(ctx, found, sig, row, output, top)
    known_signature(sig)
    asked = given.read_one(ctx, found, sig, typed.row_of(ctx, sig, features), row, "explain_prediction")
    if isinstance(asked, Outcome):
        return asked
    training = find_frame(ctx, sig.frame)[1] if sig.frame else None
    X = containers.build(sig, [asked.values], training)
    scored = score(ctx, found, sig, X)
    at = aim(sig, scored, output)
    if sig.container == "text":
        return _of_text(ctx, found, sig, asked, scored, at, top)
    usual = mixing.background_if_any(ctx, sig, data)
    return _of_columns(ctx, found, sig, asked, scored, at, X, usual, training, top)


def _of_columns(
    ctx: ToolContext, found: Found, sig: Signature, asked: Given, scored: Scored, at: Aim,
    X: Any, usual: mixing.Background | None, training: Any, top: int,
) -> Outcome:  # fmt: skip
    told, notes, code = _explained(ctx, found, sig, asked, at, X, usual, training)
    ranked = sorted(told.values.items(), key=lambda pair: -abs(pair[1]))
    cards = []
    for name, value in ranked[: max(1, min(top, MAX_TOP))]:
        card: dict[str, Any] = {"feature": budget.short(name), "contribution": value}
        if name in asked.values:
            own = asked.values[name]
            card["value"] = own if name in asked.typed else Local(own)
        if told.errors is not None:
            card["error"] = budget.figure(told.errors.get(name))
        cards.append(card)
    shown = budget.fitting(cards, 5_500)
    few = usual is not None and len(usual.rows) < leaving.MIN_ROWS
    rest = sum(value for _, value in ranked[len(shown) :])
    data: dict[str, Any] = {
        "model_id": found.ref,
        **answer_card(sig, scored, 0, at),
        "explained": named(sig, at.label),
        "method": told.method,
        "scale": told.scale,
        "base": Local(told.base) if few and "Shapley" in told.method else told.base,
        "total": told.total,
        "contributions": shown,
        "others": {"n": len(ranked) - len(shown), "contribution": rest},
        "background": None if usual is None else {"data": usual.ref, "rows": len(usual.rows)},
        "features": Local(asked.values),
    }
    evidence = evidence_of(found)
    if usual is not None and not told.method.startswith("TreeSHAP"):
        kind = "matched_data" if "matched" in usual.source else "training_data" if usual.ref == sig.frame else "data"
        text = f"what is usual: {usual.source}"
        evidence.append({"kind": kind, "text": text, "ref": usual.ref, "cell": None})
    return Outcome(
        data,
        issues=asked.checked.issues,
        warnings=notes + given.unlisted(asked.checked),
        evidence=evidence,
        shown=len(shown),
        total=len(ranked),
        code=code,
        revision=found.revision,
    )


def _explained(
    ctx: ToolContext, found: Found, sig: Signature, asked: Given, at: Aim, X: Any,
    usual: mixing.Background | None, training: Any,
) -> tuple[Contributions, list[str], str]:  # fmt: skip
    """By the model's own trees or coefficients, else by Shapley values; with notes and a recipe."""
    names = tuple(column.name for column in sig.columns)
    path = path_of(found.model, names, found.ref)
    classes = len(sig.flat_classes())
    lines, row = asked.written(sig)
    if path is not None:
        trees = steadily(ctx, found, lambda: contributions.of_trees(path, X, at, names, classes), [None])
        if trees is not None:
            return trees, [], contribution_recipes.of_trees(path, trees, lines, row)
        table = containers.build(sig, usual.rows, training) if usual is not None else None
        linear = steadily(ctx, found, lambda: contributions.of_linear(path, X, table, at, names, classes), [None])
        if linear is not None:
            expression = mixing.expression(ctx, sig, usual)
            return (
                linear,
                [],
                contribution_recipes.of_coefficients(
                    path, linear, lines, row, expression, polars=tables.words_of(sig) == "polars"
                ),
            )
    if usual is None:
        raise ToolError(
            "unsupported",
            f"There is no data with the columns of `{found.ref}` to say what is usual.",
            "Name a frame with its columns as `data`.",
            about=found.ref,
        )
    mixed = mixing.pool(sig, [*usual.rows, asked.values], training)
    active = [i for i, name in enumerate(mixed.names) if _differs(usual.rows, asked.values, name)]
    shares = shapley.shapley(
        lambda index: at.of(score(ctx, found, sig, mixed.mix(index))), len(usual.rows), len(mixed.names), active
    )
    method = "Shapley values, all orders" if shares.errors is None else f"Shapley values, {2 * shares.pairs} orders"
    values = dict(zip(mixed.names, map(float, shares.values), strict=True))
    errors = None if shares.errors is None else dict(zip(mixed.names, map(float, shares.errors), strict=True))
    told = Contributions(method, at.scale, shares.base, shares.total, values, errors)
    notes = []
    if shares.errors is not None and shares.pairs < 20:
        notes.append(
            f"With {len(active)} inputs only {2 * shares.pairs} orders could be tried: small contributions are rough."
        )
    expression = mixing.expression(ctx, sig, usual)
    asks = recipes.score_expression(found, sig, at)
    return (
        told,
        notes,
        contribution_recipes.of_shapley(shares, active, asks, lines, row, expression, sig)
        if asks and expression
        else "",
    )


def _differs(rows: list[dict[str, Any]], row: dict[str, Any], name: str) -> bool:
    own = row.get(name)
    return any(not _same(other.get(name), own) for other in rows)


def _same(one: Any, other: Any) -> bool:
    try:
        return bool(one == other)
    except (TypeError, ValueError):  # pandas' NA is neither
        return False


def _of_text(
    ctx: ToolContext, found: Found, sig: Signature, asked: Given, scored: Scored, at: Aim, top: int
) -> Outcome:
    """Words of the asked text alone: never the model's vocabulary."""
    text = str(asked.values["text"])
    path = path_of(found.model, ("text",), found.ref)
    classes = len(sig.flat_classes())
    place, sign = contributions.output_of(1 if classes == 2 else max(1, classes), at, classes)
    told = None
    if path is not None and place is not None:
        told = steadily(ctx, found, lambda: words.by_coefficients(path, text, at, place, sign), [text])
    if told is None:
        told = words.by_leaving_out(lambda texts: at.of(score(ctx, found, sig, texts)), text)
    by_hand = "text" in asked.typed
    ranked = sorted(told.values.items(), key=lambda pair: -abs(pair[1]))
    cards = [
        {
            "word": word if by_hand else Local(word, public=f"word {list(told.values).index(word) + 1}"),
            "contribution": value,
        }
        for word, value in ranked[: max(1, min(top, MAX_TOP))]
    ]
    shown = budget.fitting(cards, 5_500)
    data: dict[str, Any] = {
        "model_id": found.ref,
        **answer_card(sig, scored, 0, at),
        "explained": named(sig, at.label),
        "method": told.method,
        "scale": at.scale if told.base is None or at.label is None else "decision score",
        "base": told.base,
        "total": told.total,
        "contributions": shown,
        "others": {"n": len(ranked) - len(shown), "contribution": sum(value for _, value in ranked[len(shown) :])},
        "features": Local(asked.values),
    }
    return Outcome(
        data,
        evidence=evidence_of(found),
        shown=len(shown),
        total=len(ranked),
        code=contribution_recipes.of_words(
            found, recipes.score_expression(found, sig, at), path, told, place or 0, sign, text
        ),
        revision=found.revision,
    )
