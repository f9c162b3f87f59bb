"""Tensors, images and data sets by reference: `batch`, `X_test[3]`, `dataset[17]`, `loader`. Nothing is prepared.

Only what is certain is done: a single item gets its batch dimension. Layout, type and scale must be right.
"""

from __future__ import annotations

import contextlib
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from .. import peek, references, running
from ..adapters.base import Shape
from ..catalog import walk
from ..toolbox import NeedsIdle, ToolContext, ToolError

TensorKind = Literal["tensor", "array", "image", "dataset", "loader"]
MAX_ITEMS = 10_000

_KINDS: dict[str, TensorKind] = {
    "torch.Tensor": "tensor",
    "numpy.ndarray": "array",
    "PIL.Image.Image": "image",
    "torch.utils.data.dataset.Dataset": "dataset",
    "datasets.arrow_dataset.Dataset": "dataset",
    "torch.utils.data.dataloader.DataLoader": "loader",
}


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


def kind_of(value: object) -> TensorKind | None:
    for base in peek.mro(type(value)):
        kind = _KINDS.get(peek.class_name(base))
        if kind is not None:
            return kind
    return None


def find(ctx: ToolContext, text: str) -> tuple[str, Any, int | None]:
    """The reference, the object, and the position in it. Raises ToolError `unknown_frame`."""
    parsed = references.row_of(text)
    wanted = references.canonical(text)
    for name, value in walk(ctx.names()):
        if kind_of(value) is not None and name == wanted:
            return name, value, None
        if kind_of(value) is not None and parsed is not None and name == parsed[0]:
            return name, value, parsed[1]
    raise ToolError(
        "unknown_frame",
        f"There is no tensor, image or data set `{text[:80]}` in this notebook.",
        "Name one, such as `batch`, `X_test[3]` or `dataset[17]`.",
        about=text[:80],
    )


def is_tensor(ctx: ToolContext, text: str) -> bool:
    """Whether a reference names what only a model of tensors takes."""
    try:
        _, value, _ = find(ctx, text)
    except ToolError:
        return False
    return kind_of(value) != "array" or getattr(value, "ndim", 0) > 2


def given(ctx: ToolContext, shape: Shape, text: str, max_batches: int) -> Given:
    """Checked against what the model takes. Raises ToolError `unknown_frame` or `invalid_input`, or `NeedsIdle`."""
    ref, value, place = find(ctx, text)
    kind = kind_of(value)
    if kind in ("dataset", "loader"):
        if ctx.busy and not running.waits_for_us():
            raise NeedsIdle("kernel_busy", f"`{ref}` runs its own Python.", "Ask again when the cell has ended.", ref)
        with _same_random_state():
            return _of_dataset(ref, value, place, shape, max_batches)
    if place is not None:
        if kind == "image" or not -value.shape[0] <= place < value.shape[0]:
            raise ToolError("invalid_input", f"`{ref}` has no item {place}.", about=ref)
        value = value[place]
    named = ref if place is None else f"{ref}[{place}]"
    batch = checked(shape, value, ref)
    source = "" if kind == "image" else named if batch is value else f"{named}[None]"
    return Given(named, (batch,), source=source)


def _of_dataset(ref: str, value: Any, place: int | None, shape: Shape, max_batches: int) -> Given:
    loader = kind_of(value) == "loader"
    dataset = value.dataset if loader else value
    if peek.class_attribute(type(dataset), "__len__") is None:
        raise ToolError("unsupported", f"`{ref}` has no length.", "Take a batch of it in a cell.", about=ref)
    names = peek.attribute(dataset, "classes")
    classes = tuple(map(str, names)) if type(names) in (list, tuple) else None
    count = len(dataset)
    if place is not None and not loader:
        if not -count <= place < count:
            raise ToolError("invalid_input", f"`{ref}` has {count} items; there is no item {place}.", about=ref)
        item = dataset[place]
        value = _input(item)
        batch = checked(shape, value, f"{ref}[{place}]")
        part = "" if item is value else "[0]" if isinstance(item, (tuple, list)) else None
        added = "" if batch is value else "[None]"
        source = "" if part is None or type(batch) is list else f"{ref}[{place}]{part}{added}"
        return Given(f"{ref}[{place}]", (batch,), classes, source=source)
    if place is not None:
        raise ToolError("invalid_input", f"`{ref}` has no positions.", "Name an item of its data set.", about=ref)
    # A loader's own iteration draws from the global random state and starts workers.
    size = (value.batch_size or 1) if loader else 32
    asked = min(count, max(1, max_batches) * size, MAX_ITEMS)
    batches = []
    for start in range(0, asked, size):
        items = [dataset[i] for i in range(start, min(asked, start + size))]
        if loader and value.collate_fn is not None:
            batches.append(checked(shape, _input(value.collate_fn(items)), ref))
        else:
            parts = [checked(shape, _input(item), ref) for item in items]
            batches.append(_joined(parts))
    return Given(ref, tuple(batches), classes, asked < count)


def _input(item: Any) -> Any:
    """The first of an (input, target) pair; of a dict of columns its picture or input."""
    if isinstance(item, (tuple, list)):
        return item[0]
    if isinstance(item, dict):
        for name in ("pixel_values", "image", "img", "input", "x"):
            if name in item:
                return item[name]
        raise ToolError("invalid_input", "An item of the data set names its columns, but none of them as the input.")
    return item


def _joined(parts: list[Any]) -> Any:
    first = parts[0]
    if type(first) is list:
        return [image for part in parts for image in part]
    library: Any = peek.library("torch" if kind_of(first) == "tensor" else "numpy")
    return library.concatenate(parts)


def checked(shape: Shape, value: Any, ref: str) -> Any:
    """With the batch first. Raises ToolError `invalid_input` that says what is wrong and the line that mends it."""
    kind = kind_of(value)
    if shape.dtype == "image":
        if kind != "image":
            raise ToolError("invalid_input", f"`{ref}` is not an image.", "Give a PIL image.", about=ref)
        return [value]
    if kind not in ("tensor", "array"):
        raise ToolError(
            "invalid_input",
            f"`{ref}` is not a tensor, and how it was prepared for training is not known.",
            "Apply the transform of the training data first, or name an item of a data set that does.",
            about=ref,
        )
    sizes = tuple(int(size) for size in value.shape)
    wanted = shape.sizes
    if wanted and len(sizes) == len(wanted) - 1:
        value, sizes = value[None], (1, *sizes)
    if wanted and not _fits(sizes, wanted):
        raise ToolError(
            "invalid_input",
            f"`{ref}` has the shape {sizes}; the model takes {_told(wanted)}{', ' * bool(shape.layout)}{shape.layout}.",
            _mended(sizes, wanted, ref),
            about=ref,
        )
    _check_type(shape, value, ref)
    return value


def _fits(sizes: tuple[int, ...], wanted: tuple[int | None, ...]) -> bool:
    return len(sizes) == len(wanted) and all(b is None or a == b for a, b in zip(sizes, wanted, strict=True))


def _told(wanted: tuple[int | None, ...]) -> str:
    return f"({', '.join('any' if size is None else str(size) for size in wanted)})"


def _mended(sizes: tuple[int, ...], wanted: tuple[int | None, ...], ref: str) -> str:
    if len(sizes) == 4 and len(wanted) == 4:
        first, last = (sizes[0], sizes[3], *sizes[1:3]), (sizes[0], *sizes[2:4], sizes[1])
        if _fits(first, wanted):
            return f"Its channels are last: `{ref}.permute(0, 3, 1, 2)`, or `transpose` of an array."
        if _fits(last, wanted):
            return f"Its channels are first: `{ref}.permute(0, 2, 3, 1)`, or `transpose` of an array."
    return "Give it as the training data was, with the batch first."


def _check_type(shape: Shape, value: Any, ref: str) -> None:
    dtype = str(value.dtype).removeprefix("torch.")
    fraction = "float" in shape.dtype
    if ("float" in dtype) == fraction or not shape.dtype:
        return
    hint = "Scale and convert it as the training data was." if fraction else f"Give it as {shape.dtype}."
    raise ToolError("invalid_input", f"`{ref}` is {dtype}; the model takes {shape.dtype}.", hint, about=ref)


@contextlib.contextmanager
def _same_random_state() -> Iterator[None]:
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
