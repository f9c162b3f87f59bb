"""Which parts of an image or grid an answer rests on: how far it falls when a part is covered with the usual value."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from .. import peek
from ..adapters.base import Shape
from ..toolbox import ToolError

SIDE = 8
"""Cells of the map along the longer side."""
BATCH = 32


@dataclass(frozen=True)
class Grid:
    """Where the picture's axes are, and the edges of the cells along them: `edges[i]` to `edges[i + 1]` in pixels."""

    rows_axis: int
    columns_axis: int
    rows: tuple[int, ...]
    columns: tuple[int, ...]

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.rows) - 1, len(self.columns) - 1

    def boxes(self) -> Iterator[tuple[int, int, int, int]]:
        """Top, bottom, left, right of each cell, row by row."""
        for top, bottom in zip(self.rows, self.rows[1:], strict=False):
            for left, right in zip(self.columns, self.columns[1:], strict=False):
                yield top, bottom, left, right


@dataclass(frozen=True)
class Occlusion:
    """`drops[i, j]`: the answer less the answer with that cell covered. `total` is the answer to the whole."""

    grid: Grid
    drops: Any
    total: float

    def strongest(self, most: int) -> list[tuple[int, int]]:
        """Cells whose covering changes the answer most, strongest first."""
        columns = self.grid.shape[1]
        order = sorted(range(self.drops.size), key=lambda i: -abs(float(self.drops.flat[i])))
        return [divmod(place, columns) for place in order[:most]]


def grid_of(shape: Shape, item: Any, ref: str) -> Grid:
    """Of one item with its batch dimension, or of an image. Raises ToolError `unsupported` for what is no grid."""
    if type(item) is list:
        width, height = item[0].size
        return Grid(0, 1, _edges(height, max(height, width)), _edges(width, max(height, width)))
    sizes = tuple(int(size) for size in item.shape)
    axes = {"channels first": (2, 3), "channels last": (1, 2)}.get(shape.layout) if len(sizes) == 4 else None
    if len(sizes) == 3 and len(shape.sizes) == 3 and not shape.layout:
        axes = (1, 2)
    if axes is None or "int" in shape.dtype:
        raise ToolError(
            "unsupported",
            f"`{ref}` is no image whose rows and columns are known, so no part of it can be covered.",
            "Explained are images, and inputs of rows and columns.",
            about=ref,
        )
    longest = max(sizes[axis] for axis in axes)
    return Grid(axes[0], axes[1], _edges(sizes[axes[0]], longest), _edges(sizes[axes[1]], longest))


def _edges(size: int, longest: int) -> tuple[int, ...]:
    cells = min(size, max(1, round(SIDE * size / longest)))
    return tuple(round(i * size / cells) for i in range(cells + 1))


def occlusion(ask: Callable[[Any], Any], item: Any, grid: Grid, tell: Callable[[int, int], None]) -> Occlusion:
    """`ask` gives (n,) answers for n items with the batch first; it is asked for the item with each cell covered.

    The cover is the mean of the item, of each channel. `tell` hears how many of how many cells are done, and
    may raise to stop it.
    """
    numpy: Any = peek.library("numpy")
    total = float(ask(item)[0])
    boxes = list(grid.boxes())
    drops: list[float] = []
    for start in range(0, len(boxes), BATCH):
        tell(start, len(boxes))
        answers = ask(_covered(item, grid, boxes[start : start + BATCH]))
        drops += [total - float(answer) for answer in answers]
    return Occlusion(grid, numpy.array(drops).reshape(grid.shape), total)


def _covered(item: Any, grid: Grid, boxes: Sequence[tuple[int, int, int, int]]) -> Any:
    """One copy of the item for each box."""
    if type(item) is list:
        return [_painted(item[0], box) for box in boxes]
    axes = (grid.rows_axis, grid.columns_axis)
    tensor = hasattr(item, "detach")
    usual = item.mean(dim=axes, keepdim=True) if tensor else item.mean(axis=axes, keepdims=True)
    library: Any = peek.library("torch" if tensor else "numpy")
    copies = library.concatenate([item] * len(boxes))
    for i, (top, bottom, left, right) in enumerate(boxes):
        place = [slice(None)] * len(item.shape)
        place[0], place[axes[0]], place[axes[1]] = slice(i, i + 1), slice(top, bottom), slice(left, right)
        copies[tuple(place)] = usual
    return copies


def _painted(image: Any, box: tuple[int, int, int, int]) -> Any:
    numpy: Any = peek.library("numpy")
    copy = image.copy() if image.mode in ("L", "RGB", "RGBA") else image.convert("RGB")
    pixels = numpy.asarray(copy)
    usual = pixels.reshape(pixels.shape[0] * pixels.shape[1], -1).mean(axis=0).round().astype(int).tolist()
    top, bottom, left, right = box
    copy.paste(tuple(usual) if len(usual) > 1 else usual[0], (left, top, right, bottom))
    return copy
