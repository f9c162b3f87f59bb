"""Answers of a model of tensors or images beside the true ones: a data set, a loader, or tensors with their targets."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from .. import frames, leaving, peek, references
from ..adapters.base import Output, Shape
from ..asking import items, outputs, tensor_answers, tensors
from ..asking.items import Items
from ..asking.outputs import place_of
from ..asking.prediction import require_method, steadily
from ..catalog import Found, walk
from ..signature import Signature
from ..toolbox import ToolContext, ToolError
from .evaluation import Assessed, assess, places
from .matching import HELD_OUT, SWAPS, Labelled, labelled, require_truth
from .seen import Seen

MAX_BATCHES = 32
_NETWORKS = ("pytorch", "keras", "onnxruntime")
_IMAGES = (("images", "labels"), ("imgs", "labels"), ("inputs", "labels"))
MAX_LOOPS = 200


def assessed(
    ctx: ToolContext, found: Found, sig: Signature, data: str | None, target: str | None, most: int = MAX_BATCHES
) -> Assessed:
    """Of rows of a frame, or of items where the model takes tensors or one is named; of a loader `most` batches.

    Raises ToolError as `labelled` does.
    """
    if sig.container == "tensor" or (data is not None and _is_of_items(ctx, found, sig, data)):
        return assess_items(ctx, found, sig, data, target, most)
    try:
        rows = labelled(ctx, found, sig, data, target)
    except ToolError:
        if data is not None or found.adapter.family not in _NETWORKS or _suitable(ctx) is None:
            raise
        return assess_items(ctx, found, sig, None, target, most)
    return assess(ctx, found, sig, rows)


def _is_of_items(ctx: ToolContext, found: Found, sig: Signature, data: str) -> bool:
    return sig.container == "array" and found.adapter.family in _NETWORKS and tensors.is_tensor(ctx, data)


def assess_items(
    ctx: ToolContext, found: Found, sig: Signature, data: str | None, target: str | None, most: int
) -> Assessed:
    require_truth(found)
    require_method(found)
    ref, value = _named(ctx, found, data)
    shape = sig.shape or Shape((None, len(sig.columns)), "float32")
    given = items.items_of(ctx, shape, ref, value)
    named = None
    if target is not None or tensors.kind_of(value) in ("tensor", "array"):
        named = _target(ctx, ref, target, given.count)
    of_batches = tensors.kind_of(value) in ("dataset", "loader")
    asked = min(given.count, max(1, most) * given.size if of_batches else tensors.MAX_ITEMS, tensors.MAX_ITEMS)
    output, own, sample = _asked(ctx, found, given, asked)
    if named is None and own is None:
        raise ToolError(
            "invalid_input", f"No true answers for `{ref}` were found.",
            "Name them as `target`, or a data set whose items are pairs of an input and its answer.", about="target",
        )  # fmt: skip
    truth = list(own or ()) if named is None else named.values[:asked]
    source = given.answers.format(n=asked) if named is None else f"{named.source}[:{asked}]"
    note = f"Only the first {asked:,} of {given.count:,} items were asked." if asked < given.count else ""
    seen, why = _seen(ctx, found, ref)
    about = Labelled(
        ref, None, "its own labels" if named is None else named.name, None, seen, why,
        given.source.format(n=asked), source, note, sample,
    )  # fmt: skip
    return _beside(found, sig, given, output, truth, about)


def _named(ctx: ToolContext, found: Found, data: str | None) -> tuple[str, Any]:
    """Raises ToolError `unknown_frame`, or `invalid_input` that says what to name."""
    if data is None:
        chosen = _suitable(ctx)
        if chosen is None:
            raise ToolError(
                "invalid_input", f"No data set or loader to measure `{found.ref}` on was found.",
                "Name a loader or data set as `data`, or tensors with their answers as `target`.", about="data",
            )  # fmt: skip
        return chosen
    ref, value, place = tensors.find(ctx, data)
    if place is not None or tensors.kind_of(value) == "image":
        text = "A single item is nothing to measure by."
        raise ToolError("invalid_input", text, f"Name the whole, such as `{ref}`.", about=data[:80])
    return ref, value


def _suitable(ctx: ToolContext) -> tuple[str, Any] | None:
    """The loader or data set that is named as held-out ones are; else the only one there is."""
    every = [(ref, value) for ref, value in walk(ctx.names()) if tensors.kind_of(value) in ("loader", "dataset")]
    held = [pair for pair in every if HELD_OUT.search(pair[0])]
    loaders = [pair for pair in held or every if tensors.kind_of(pair[1]) == "loader"]
    chosen = loaders or held or every
    return chosen[0] if held or len(chosen) == 1 else None


@dataclass(frozen=True)
class _Target:
    name: str
    values: list[Any]
    source: str


def _target(ctx: ToolContext, ref: str, target: str | None, count: int) -> _Target | None:
    """What is named, else the answers that are called so beside `ref`. Raises ToolError `invalid_input`."""
    held = {name: value for name, value in walk(ctx.names()) if _listable(value)}
    if target is None:
        known = [ref.replace(old, new, 1) for old, new in (*SWAPS, *_IMAGES) if old in ref]
        target = next((name for name in known if name in held and name != ref), None)
        if target is None:
            return None
    name = references.canonical(target) or target
    if name not in held:
        raise ToolError("invalid_input", f"`{target[:80]}` holds no answers.", "Name a tensor or series.", "target")
    numpy: Any = peek.library("numpy")
    values = held[name]
    values = values.detach().cpu().numpy() if hasattr(values, "detach") else numpy.asarray(values)
    source = f"np.asarray({name})"
    if values.ndim == 2 and values.shape[1] == 1:
        values, source = values[:, 0], f"{source}[:, 0]"
    elif values.ndim == 2 and bool(((values == 0) | (values == 1)).all()) and bool((values.sum(axis=1) == 1).all()):
        values, source = values.argmax(axis=1), f"{source}.argmax(axis=1)"
    if values.ndim != 1 or len(values) != count:
        text = f"`{name}` has the shape {tuple(values.shape)} and `{ref}` {count:,} items."
        raise ToolError("invalid_input", text, "Name those that belong together.", about="target")
    return _Target(name, values.tolist(), source)


def _listable(value: Any) -> bool:
    kind = tensors.kind_of(value)
    return kind in ("tensor", "array") or frames.kind_of(value) in ("pandas_series", "polars_series")


def _asked(ctx: ToolContext, found: Found, given: Items, asked: int) -> tuple[Output, list[Any] | None, Any]:
    """The answers of the first so many items as one, the items' own labels if all have one, and the first batch."""
    numpy: Any = peek.library("numpy")
    told: list[Output] = []
    own: list[Any] | None = []
    sample, done = None, 0
    for batch, answers in given.batches(asked):
        if ctx.cancelled():
            raise ToolError("tool_timeout", "It was stopped.", "Ask for fewer batches.")
        told.append(steadily(ctx, found, partial(found.adapter.predict, found.model, batch, details=True), [None]))
        own = None if own is None or answers is None else own + answers
        sample = batch if sample is None else sample
        done += len(told[-1].label)
        ctx.progress(done, asked, f"{done:,} of {asked:,} items")

    def whole(name: str) -> Any:
        parts = [getattr(one, name) for one in told]
        return None if any(part is None for part in parts) else numpy.concatenate([numpy.asarray(p) for p in parts])

    return Output(whole("label"), whole("probability"), whole("score")), own, sample


def _beside(found: Found, sig: Signature, given: Items, output: Output, truth: list[Any], about: Labelled) -> Assessed:
    """Answers and truth in the same spelling. Raises ToolError `unsupported` or `invalid_input`."""
    numpy: Any = peek.library("numpy")
    table = output.probability if output.probability is not None else output.label
    width = table.shape[1] if table.ndim == 2 else 1
    if any(isinstance(value, (list, dict)) or hasattr(value, "shape") for value in truth):
        raise ToolError(
            "unsupported", f"Each item of `{about.ref}` has several answers.", "Name one as `target`.", "target"
        )
    rows = numpy.arange(len(truth))
    if width < 2:
        if sig.returns == "logits" and set(truth) <= {0, 1} and all(type(value) is int for value in truth):
            raise ToolError(
                "unsupported", f"`{found.ref}` answers one number an item; whether it stands for a class is unknown.",
                "Give it a last layer with one output for each class, or a Sigmoid.", about=found.ref,
            )  # fmt: skip
        numbers = numpy.asarray(_floats(truth, about))
        scored = outputs.read(found, replace(sig, classes=None, returns="label"), numpy, Output(output.label))
        labelled_ = replace(about, truth=numbers)
        return Assessed(found, sig, labelled_, scored, [], numbers, scored.labels.astype(float), rows, 0)
    names = tensor_answers.classes_of(sig, given.classes, width) or tuple(range(width))
    found_places, by_place = _placed(list(names), truth, found)
    leave = sig.classes_leave and leaving.classes_may_leave(names, None)
    sig = replace(sig, classes=(names,), class_names=None, task="classification", classes_leave=leave)
    scored = outputs.read(found, sig, numpy, output)
    if by_place and about.target_source and list(names) != list(range(width)):
        about = replace(about, target_source=f"np.array({list(names)!r})[{about.target_source}]")
    truth_places = numpy.array(found_places)
    about = replace(about, truth=numpy.array(names)[truth_places])
    predicted = places(numpy, scored.labels, list(names))
    return Assessed(found, sig, about, scored, list(names), truth_places, predicted, rows, 0)


def _placed(names: list[Any], truth: list[Any], found: Found) -> tuple[list[int], bool]:
    """Where each answer is among the outputs: by its name, else by its number; and whether it was by number."""
    known = {repr(value): value for value in truth}
    by_name = {key: place_of(names, value) for key, value in known.items()}
    if all(place is not None for place in by_name.values()):
        return [by_name[repr(value)] or 0 for value in truth], False
    if all(type(value) is int and 0 <= value < len(names) for value in known.values()):
        return truth, True
    raise ToolError(
        "invalid_input", f"The true answers aren't the {len(names)} classes of `{found.ref}`.",
        "Name the data that it was made for.", about="target",
    )  # fmt: skip


def _floats(truth: list[Any], about: Labelled) -> list[float]:
    try:
        return [float(value) for value in truth]
    except (TypeError, ValueError):
        text = f"The answers of `{about.ref}` are no numbers, which the model predicts."
        raise ToolError("invalid_input", text, "Name another target.", about="target") from None


def _seen(ctx: ToolContext, found: Found, ref: str) -> tuple[Seen, str]:
    """From the call or the loop that trained it. Of other data nobody can say whether it holds the same items."""
    if found.fit is not None:
        if ref == found.fit.data:
            return "training", f"`{ref}` is what In[{found.fit.cell}] fitted it on"
        return "unknown", ""
    for number, source in sorted(ctx.cells().items(), reverse=True)[:MAX_LOOPS]:
        if any(ref in loop for loop in _loops(source, found.ref)):
            return "training", f"`{ref}` is what the loop of In[{number}] trained it on"
    return "unknown", ""


def _loops(source: str, model: str) -> Iterator[set[str]]:
    """The references that each loop goes over that asks the model and calls `.backward()`."""
    if "backward" not in source:
        return
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return
    for loop in (node for node in ast.walk(tree) if isinstance(node, ast.For)):
        inside = list(ast.walk(loop))
        called = {references.of_node(node.func) for node in inside if isinstance(node, ast.Call)}
        trains = any(isinstance(node, ast.Attribute) and node.attr == "backward" for node in inside)
        if trains and model in called:
            yield {name for node in ast.walk(loop.iter) if (name := references.of_node(node)) is not None}
