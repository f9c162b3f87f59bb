"""A function that scores one row: a typed parameter for each input, the prediction and its probabilities back."""

from __future__ import annotations

import re

from ..catalog import Found
from ..evidence import evidence_of
from ..signature import Column, Signature
from ..toolbox import Local, Outcome, ToolContext
from .writing import call_of, casts_of, imports_of, laid_out, needed, parameters_of, type_of


def function(ctx: ToolContext, found: Found, sig: Signature) -> Outcome:
    """Raises ToolError `unsupported` for a model that is asked in another way."""
    columns = needed(sig)
    names = parameters_of(columns)
    call = call_of(found, sig, found.ref)
    title = "score_" + (re.sub(r"\W+", "_", found.ref).strip("_").lower() or "row")
    parameters = [f"{name}: {type_of(column)}" for name, column in zip(names, columns, strict=True)]
    if sig.container == "tensor":
        parameters, about = ["item: object"], "one item as it was trained on, without the batch"
    else:
        about = "one row"
    body = [
        f'"""Ask {found.ref} for {about}. `probability` is by class, None where the model has none."""',
        *_row(ctx, sig, columns, names),
        *_answer(sig, call.told.format(X="row"), call.chances.format(X="row"), by_chances=call.by_chances),
    ]
    head = laid_out(f"def {title}(", parameters, ") -> dict[str, object]:")
    text = "\n".join([*head, *(f"    {line}" for line in body if line)])
    code = "\n".join([*imports_of(text), "", "", text]).lstrip("\n")
    cards = [
        {"parameter": name, "column": column.name[:80], "type": type_of(column)}
        for name, column in zip(names[:60], columns, strict=False)
    ]
    data = {"kind": "scoring_function", "model_id": found.ref, "function": title, "parameters": cards}
    return Outcome(
        {**data, "n_parameters": len(columns), "probability": bool(call.chances), "code": Local(code)},
        evidence=evidence_of(found, sig),
        shown=len(cards),
        total=len(columns),
        code=code,
        revision=found.revision,
    )


def _row(ctx: ToolContext, sig: Signature, columns: list[Column], names: list[str]) -> list[str]:
    if sig.container == "tensor":
        return [
            "row = [item]" if sig.shape is not None and sig.shape.dtype == "image" else "row = np.asarray(item)[None]"
        ]
    if sig.container == "text":
        return [f"row = [{names[0]}]"]
    if sig.container == "array":
        numbers = all(column.role in ("numeric", "boolean", None) for column in columns)
        return [f"row = np.array([[{', '.join(names)}]], dtype={'float' if numbers else 'object'})"]
    frame = "pl" if sig.engine == "polars" else "pd"
    cells = []
    for column, name in zip(columns, names, strict=True):
        text = frame == "pd" and column.nullable and column.role != "numeric" and column.dtype != "category"
        cells.append(
            f"{column.name!r}: [np.nan if {name} is None else {name}]" if text else f"{column.name!r}: [{name}]"
        )
    return [*laid_out(f"row = {frame}.DataFrame({{", cells, "})"), *casts_of(ctx, sig, columns, "row")]


def _answer(sig: Signature, told: str, chances: str, *, by_chances: bool) -> list[str]:
    plain = "np.squeeze(np.asarray({0})[0]).tolist()"
    if not chances:
        return [f'return {{"prediction": {plain.format(told)}, "probability": None}}']
    labels = list(sig.classes[0]) if sig.classes else None
    shown = sig.class_names or labels
    lines = [f"chances = np.asarray({chances})[0].tolist()"]
    probability = "chances" if shown is None else f"dict(zip({list(map(str, shown))!r}, chances))"
    if not by_chances:
        return [*lines, f'return {{"prediction": {plain.format(told)}, "probability": {probability}}}']
    place = "int(np.argmax(chances))" if sig.threshold is None else f"int(chances[1] >= {sig.threshold!r})"
    prediction = place if labels is None else f"{labels!r}[{place}]"
    return [*lines, f'return {{"prediction": {prediction}, "probability": {probability}}}']
