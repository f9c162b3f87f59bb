"""A kernel port without a wire: the bridge lives in this process."""

from __future__ import annotations

import asyncio
from typing import Any

from ..protocol.records import KernelId
from ..runtime.bridge import Bridge
from ..runtime.wire import PROGRESS, REPLY, Reply, Request
from .patience import Headway, patient
from .port import KernelPort, OnProgress


class InProcessPort(KernelPort):
    def __init__(self, bridge: Bridge, kernel_id: KernelId) -> None:
        self._bridge = bridge
        self.kernel_id, self.run = kernel_id, bridge.run

    async def request(self, request: Request, on_progress: OnProgress | None = None) -> Reply:
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Reply] = loop.create_future()

        headway = Headway()

        def settle(reply: Reply) -> None:
            if not answer.done():
                answer.set_result(reply)

        def emit(message_type: str, content: Any) -> None:
            if loop.is_closed():
                # The service went away while a tool still ran: nobody waits for its answer any more.
                return
            if message_type == REPLY:
                loop.call_soon_threadsafe(settle, content)
            elif message_type == PROGRESS:
                if content.get("main_needed"):
                    self._bridge.shell.when_free(lambda: self._bridge.run_on_main(request["request_id"]))
                loop.call_soon_threadsafe(headway.hear, content)
                if on_progress is not None:
                    loop.call_soon_threadsafe(on_progress, content)

        self._bridge.submit(request, emit)
        return await patient(answer, request.get("timeout_s"), headway)
