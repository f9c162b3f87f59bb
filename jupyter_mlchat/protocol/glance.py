"""A kernel as a person sees it at a glance."""

from __future__ import annotations

from typing import ClassVar

from .cards import FrameGlance, ModelGlance, RunningNow
from .event import Event
from .records import CommandId, KernelId, ToolResult


class KernelGlance(Event, tag="kernel.view", kw_only=True, frozen=True):
    """What a kernel does, which names are `hidden`, and whether its tools are on.

    `run` is its process: another one after a restart. `models` and `frames`, the first of so many, are null where
    they were not asked for; `signature` is what `get_model_info` says of the model that was.
    """

    durable: ClassVar[bool] = False
    command: CommandId
    kernel: KernelId
    run: str = ""
    enabled: bool = True
    hidden: list[str] = []
    running: RunningNow | None = None
    models: list[ModelGlance] | None = None
    n_models: int = 0
    frames: list[FrameGlance] | None = None
    n_frames: int = 0
    signature: ToolResult | None = None
