"""What turns work with."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from ..kernel.port import KernelPort
from ..llm.base import Llm
from ..llm.catalogue import Catalogue
from ..observe.observer import Observer
from ..protocol.records import KernelId
from ..settings import MLChat
from ..store.database import Database
from .evaluating.foreign import Foreign
from .journal import Journal


async def _unknown(notebook: str) -> KernelId | None:
    return None


@dataclass(frozen=True)
class Means:
    """`port` raises Fault for a kernel it can't reach; `llm` for an unknown name."""

    journal: Journal
    database: Database
    settings: MLChat
    port: Callable[[KernelId], Awaitable[KernelPort]]
    llm: Callable[[str], Awaitable[Llm]]
    catalogue: Catalogue
    log: logging.Logger
    kernel_of: Callable[[str], Awaitable[KernelId | None]] = _unknown
    """The kernel that a notebook runs in, for a question from a page that does not know it yet."""
    observer: Observer = field(default_factory=Observer)
    """Told what happens. By itself it tells nobody."""
    foreign: Foreign = field(default_factory=Foreign)
    """Other packages' evaluators of answers."""
