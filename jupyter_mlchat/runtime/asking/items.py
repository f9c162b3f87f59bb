"""What a model of tensors is asked of, item by item: tensors, arrays, images, data sets and loaders, with answers.

Batches are made one at a time, so that a data set larger than memory can be gone through.
"""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from .. import peek, running
from ..adapters.base import Shape
from ..toolbox import NeedsIdle, ToolContext, ToolError
from . import tensors

ROWS = 64
"""Of what has no batches of its own."""
_INPUTS = ("pixel_values", "image", "img", "input", "x")
_ANSWERS = ("label", "labels", "target", "targets", "y", "class")


@dataclass(frozen=True)
class Items:
    """`read(start, stop)` gives the inputs of these items, batch first, and the answer of each, None where there is
    none. `source` is the expression of the inputs of the first `{n}` items, `answers` that of their answers."""

    ref: str
    count: int
    size: int
    read: Callable[[int, int], tuple[Any, list[Any] | None]]
    classes: tuple[str, ...] | None = None
    """As the data set names them."""
    source: str = ""
    answers: str = ""

    def batches(self, asked: int) -> Iterator[tuple[Any, list[Any] | None]]:
        """Of the first so many items."""
        for start in range(0, asked, self.size):
            yield self.read(start, min(asked, start + self.size))


@dataclass(frozen=True)
class Given:
    """What was named. `batches` have the batch first; images are a list of one."""

    ref: str
    batches: tuple[Any, ...]
    classes: tuple[str, ...] | None = None
    """As the data set names them."""
    cut: bool = False
    """Whether there was more than was asked for."""
    source: str = ""
    """The whole as a cell would write it, with the batch first; "" where it can't be written in short."""


def items_of(ctx: ToolContext, shape: Shape, ref: str, value: Any) -> Items:
    """Raises ToolError `unsupported` for a data set without a length, `invalid_input`, or `NeedsIdle` beside a cell."""
    kind = tensors.kind_of(value)
    if kind in ("dataset", "loader"):
        if ctx.busy and not running.waits_for_us():
            raise NeedsIdle("kernel_busy", f"`{ref}` runs its own Python.", "Ask again when the cell has ended.", ref)
        return _of_dataset(ref, value, shape)
    whole = tensors.checked(shape, value, ref)
    source = f"{ref}[:{{n}}]" if whole is value else f"{ref}[None]"
    return Items(ref, len(whole), ROWS, lambda start, stop: (whole[start:stop], None), source=source)


def _of_dataset(ref: str, value: Any, shape: Shape) -> Items:
    """A loader's own iteration draws from the global random state and starts workers: its data set is read instead."""
    loader = tensors.kind_of(value) == "loader"
    dataset = value.dataset if loader else value
    if peek.class_attribute(type(dataset), "__len__") is None:
        raise ToolError("unsupported", f"`{ref}` has no length.", "Take a batch of it in a cell.", about=ref)
    collate = value.collate_fn if loader else None
    size = (value.batch_size or 1) if loader else tensors.BATCH

    def read(start: int, stop: int) -> tuple[Any, list[Any] | None]:
        with same_random_state():
            found = [dataset[i] for i in range(start, stop)]
            if collate is not None:
                batch = tensors.checked(shape, input_of(collate(found)), ref)
            else:
                batch = tensors.joined([tensors.checked(shape, input_of(item), ref) for item in found])
        answers = [answer_of(item) for item in found]
        return batch, None if any(one is None for one in answers) else answers

    names = peek.attribute(dataset, "classes")
    classes = tuple(map(str, names)) if type(names) in (list, tuple) else None
    return Items(ref, len(dataset), size, read, classes, *_written(ref, dataset, size, collate, loader=loader))


def _written(ref: str, dataset: Any, size: int, collate: Any, *, loader: bool) -> tuple[str, str]:
    """Expressions of the inputs and of the answers; "" for items that are no pairs."""
    with same_random_state():
        first = dataset[0] if len(dataset) else None
    if type(first) not in (tuple, list):
        return "", ""
    item = f"{ref}.dataset[i]" if loader else f"{ref}[i]"
    source = f"np.stack([np.asarray({item}[0]) for i in range({{n}})])"
    if collate is not None and getattr(collate, "__name__", "") != "default_collate":
        chunk = f"{ref}.collate_fn([{item} for i in range(start, min({{n}}, start + {size}))])[0]"
        source = f"np.concatenate([np.asarray({chunk}) for start in range(0, {{n}}, {size})])"
    return source, f"np.array([np.asarray({item}[1]).item() for i in range({{n}})])"


def given(ctx: ToolContext, shape: Shape, text: str, max_batches: int) -> Given:
    """Checked against what the model takes. Raises ToolError `unknown_frame` or `invalid_input`, or `NeedsIdle`."""
    ref, value, place = tensors.find(ctx, text)
    kind = tensors.kind_of(value)
    if kind in ("dataset", "loader"):
        return _given_of(ctx, ref, value, place, shape, max_batches)
    if place is not None:
        if kind == "image" or not -value.shape[0] <= place < value.shape[0]:
            raise ToolError("invalid_input", f"`{ref}` has no item {place}.", about=ref)
        value = value[place]
    named = ref if place is None else f"{ref}[{place}]"
    batch = tensors.checked(shape, value, ref)
    source = "" if kind == "image" else named if batch is value else f"{named}[None]"
    return Given(named, (batch,), source=source)


def _given_of(ctx: ToolContext, ref: str, value: Any, place: int | None, shape: Shape, most: int) -> Given:
    found = items_of(ctx, shape, ref, value)
    loader = tensors.kind_of(value) == "loader"
    if place is not None and not loader:
        if not -found.count <= place < found.count:
            raise ToolError("invalid_input", f"`{ref}` has {found.count} items; there is no item {place}.", about=ref)
        with same_random_state():
            item = value[place]
        given = input_of(item)
        batch = tensors.checked(shape, given, f"{ref}[{place}]")
        part = "" if item is given else "[0]" if isinstance(item, (tuple, list)) else None
        added = "" if batch is given else "[None]"
        source = "" if part is None or type(batch) is list else f"{ref}[{place}]{part}{added}"
        return Given(f"{ref}[{place}]", (batch,), found.classes, source=source)
    if place is not None:
        raise ToolError("invalid_input", f"`{ref}` has no positions.", "Name an item of its data set.", about=ref)
    asked = min(found.count, max(1, most) * found.size, tensors.MAX_ITEMS)
    batches = tuple(batch for batch, _ in found.batches(asked))
    return Given(ref, batches, found.classes, asked < found.count)


def input_of(item: Any) -> Any:
    """The first of an (input, target) pair; of a dict of columns its picture or input."""
    if isinstance(item, (tuple, list)):
        return item[0]
    if isinstance(item, dict):
        for name in _INPUTS:
            if name in item:
                return item[name]
        raise ToolError("invalid_input", "An item of the data set names its columns, but none of them as the input.")
    return item


def answer_of(item: Any) -> Any:
    """The second of an (input, target) pair, or what a dict names so, as a plain value; None where there is none."""
    found = None
    if isinstance(item, (tuple, list)) and len(item) > 1:
        found = item[1]
    elif isinstance(item, dict):
        found = next((item[name] for name in _ANSWERS if name in item), None)
    return plain(found)


def plain(value: Any) -> Any:
    """A number or text out of its tensor or array; what holds several stays as it is."""
    return value.item() if hasattr(value, "item") and getattr(value, "ndim", 0) == 0 else value


@contextlib.contextmanager
def same_random_state() -> Iterator[None]:
    """A data set's own transforms may draw; the notebook's next draw must stay what it was."""
    torch, numpy = peek.library("torch"), peek.library("numpy")
    before = random.getstate()
    array_state = None if numpy is None else numpy.random.get_state()
    tensor_state = None if torch is None else torch.get_rng_state()
    try:
        yield
    finally:
        random.setstate(before)
        if numpy is not None:
            numpy.random.set_state(array_state)
        if torch is not None:
            torch.set_rng_state(tensor_state)
