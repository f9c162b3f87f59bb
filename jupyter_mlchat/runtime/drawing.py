"""Draws a `Figure` with matplotlib's objects, which are imported when a person opens a figure, and only then.

Never `pyplot`: it keeps figures and a backend for the whole process, and those are the person's.
"""

from __future__ import annotations

import io
from importlib import import_module
from typing import Any

from .figures import Bars, Dots, Figure, Heat, Lines

INK = "#4c78a8"
AGAINST = "#c44e52"
GREY = "#888888"
MOST_TICKS = 12


def png(figure: Figure) -> bytes:
    """On white, 4 inches wide: legible in a narrow panel. Raises ImportError where there is no matplotlib."""
    matplotlib = import_module("matplotlib.figure")
    shape = figure.shape
    height = max(1.6, 0.8 + 0.24 * len(shape.names)) if isinstance(shape, (Bars, Dots)) else 2.8
    canvas = matplotlib.Figure(figsize=(4, height), layout="constrained")
    axes = canvas.add_subplot()
    if isinstance(shape, Lines):
        _lines(axes, shape)
    elif isinstance(shape, Bars):
        _bars(axes, shape)
    elif isinstance(shape, Dots):
        _dots(axes, shape)
    else:
        canvas.colorbar(_heat(axes, shape), ax=axes)
    # Names come from data: a dollar sign in one is no formula.
    axes.set_title(figure.title, fontsize=10, parse_math=False)
    axes.set_xlabel(figure.x, fontsize=9, parse_math=False)
    axes.set_ylabel(figure.y, fontsize=9, parse_math=False)
    axes.tick_params(labelsize=8)
    for label in (*axes.get_xticklabels(), *axes.get_yticklabels()):
        label.set_parse_math(False)
    file = io.BytesIO()
    canvas.savefig(file, format="png", dpi=160, facecolor="white")
    return file.getvalue()


def _lines(axes: Any, shape: Lines) -> None:
    numbers = all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in shape.x)
    x = shape.x if numbers else range(len(shape.x))
    if shape.band is not None:
        axes.fill_between(x, *shape.band, color=INK, alpha=0.15, label="10 % to 90 %")
    for name, values in shape.curves.items():
        axes.plot(x, values, marker=".", label=name, color=INK if len(shape.curves) == 1 else None)
    if shape.diagonal:
        axes.plot([0, 1], [0, 1], color=GREY, linewidth=0.8, linestyle="--")
    if not numbers:
        axes.set_xticks(list(x), [str(value)[:24] for value in shape.x], rotation=30, ha="right")
    if len(shape.curves) > 1 or shape.band is not None:
        axes.legend(fontsize=8)


def _bars(axes: Any, shape: Bars) -> None:
    places = range(len(shape.names))
    axes.barh(places, shape.values, color=[INK if value >= 0 else AGAINST for value in shape.values])
    axes.set_yticks(list(places), [name[:40] for name in shape.names])
    axes.invert_yaxis()
    axes.axvline(0, color=GREY, linewidth=0.8)


def _dots(axes: Any, shape: Dots) -> None:
    places = list(range(len(shape.names)))
    # What was rounded for telling may lie a hair outside of its own interval.
    below = [max(0.0, value - low) for value, (low, _) in zip(shape.values, shape.bounds, strict=True)]
    above = [max(0.0, high - value) for value, (_, high) in zip(shape.values, shape.bounds, strict=True)]
    axes.errorbar(shape.values, places, xerr=[below, above], fmt="o", color=INK, ecolor=INK, capsize=3)
    axes.set_yticks(places, [name[:40] for name in shape.names])
    axes.set_ylim(len(places) - 0.5, -0.5)
    if shape.line is not None:
        axes.axvline(shape.line, color=GREY, linewidth=0.8)


def _heat(axes: Any, shape: Heat) -> Any:
    image = axes.imshow(shape.values, cmap="Blues", aspect="auto")
    for ticks, names in ((axes.set_xticks, shape.columns), (axes.set_yticks, shape.rows)):
        step = 1 + (len(names) - 1) // MOST_TICKS
        ticks(list(range(0, len(names), step)), [name[:24] for name in names[::step]])
    if shape.told:
        middle = (image.norm.vmax + image.norm.vmin) / 2
        for row, values in enumerate(shape.values):
            for column, value in enumerate(values):
                ink = "white" if value > middle else "black"
                axes.text(column, row, f"{value:g}", ha="center", va="center", color=ink, fontsize=8)
    return image
