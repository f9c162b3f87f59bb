"""A real kernel with our link to it, for the benchmarks."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from jupyter_client.manager import AsyncKernelManager
from jupyter_client.session import Session

from jupyter_mlchat.kernel.link import KernelLink
from jupyter_mlchat.protocol.records import KernelId


async def _ignore(link: object, up: object) -> None:
    return None


@asynccontextmanager
async def linked_kernel() -> AsyncIterator[tuple[KernelLink, Any]]:
    """An attached link, and a client that runs cells."""
    manager = AsyncKernelManager(kernel_name="python3")
    await manager.start_kernel()
    link = KernelLink(KernelId("k"), manager, _ignore)
    await link.start()
    session = Session(key=manager.session.key, signature_scheme=manager.session.signature_scheme)
    client = manager.client(session=session)
    client.start_channels()
    await client.wait_for_ready(timeout=60)
    try:
        yield link, client
    finally:
        await link.close()
        client.stop_channels()
        await manager.shutdown_kernel(now=True)
