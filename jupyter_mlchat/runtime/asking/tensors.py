"""Tensors, images and data sets by reference: `batch`, `X_test[3]`, `dataset[17]`, `loader`. Nothing is prepared.

Only what is certain is done: a single item gets its batch dimension. Layout, type and scale must be right.
"""

from __future__ import annotations

from typing import Any, Literal

from .. import peek, references
from ..adapters.base import Shape
from ..catalog import walk
from ..toolbox import ToolContext, ToolError

TensorKind = Literal["tensor", "array", "image", "dataset", "loader"]
MAX_ITEMS = 10_000
BATCH = 32
"""Items of a data set that are asked about together."""

_KINDS: dict[str, TensorKind] = {
    "torch.Tensor": "tensor",
    "numpy.ndarray": "array",
    "PIL.Image.Image": "image",
    "torch.utils.data.dataset.Dataset": "dataset",
    "datasets.arrow_dataset.Dataset": "dataset",
    "torch.utils.data.dataloader.DataLoader": "loader",
}


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


def joined(parts: list[Any]) -> Any:
    """Batches as one."""
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
