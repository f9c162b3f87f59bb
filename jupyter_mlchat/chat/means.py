"""What turns work with."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from ..kernel.port import KernelPort
from ..llm.base import Llm
from ..llm.catalogue import Catalogue
from ..protocol.records import KernelId
from ..settings import MLChat
from ..store.database import Database
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
