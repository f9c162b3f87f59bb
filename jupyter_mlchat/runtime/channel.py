"""The bridge on an ipykernel's sockets: requests come on control, jobs for the main thread on shell."""

from __future__ import annotations

import asyncio
from typing import Any

from .bridge import Bridge
from .kept import on_registered
from .wire import ACK, MAIN, REPLY, REQUEST, TOPIC, UP

ACK_AFTER_S = 0.1


def open_channel(bridge: Bridge) -> bool:
    """Bind the bridge to the kernel it runs in. False where there is no kernel to bind to."""
    kernel = bridge.shell.kernel
    if kernel is None or not hasattr(kernel, "control_handlers"):
        return False

    async def on_control(stream: Any, ident: Any, parent: dict[str, Any]) -> None:
        # The kernel holds its control lock until this returns: interrupt and shutdown wait behind us.
        loop = asyncio.get_running_loop()

        def send(message_type: str, content: Any) -> None:
            kernel.session.send(stream, message_type, content, parent, ident)

        # While a cell loops in Python each send waits for the GIL: an ack that its reply overtakes is not sent.
        ack: dict[str, Any] = {}
        late_ack: list[asyncio.TimerHandle] = []

        def tell(message_type: str, content: Any) -> None:
            if message_type == ACK:
                ack.update(content)
                late_ack.append(loop.call_later(ACK_AFTER_S, send, ACK, content))
                return
            for timer in late_ack:
                timer.cancel()
            send(message_type, {**content, "running": ack.get("running")} if message_type == REPLY else content)

        def emit(message_type: str, content: Any) -> None:
            if _running_loop() is loop:
                tell(message_type, content)
            else:
                loop.call_soon_threadsafe(tell, message_type, content)

        try:
            bridge.submit(parent["content"], emit)
        except Exception as error:
            # An unanswered request would hang its sender; ours is always answered.
            fault = {"code": "malformed", "message": f"The request failed with {type(error).__name__}."}
            request_id = str(parent["content"].get("request_id", ""))
            emit(REPLY, {"request_id": request_id, "ok": False, "fault": fault})

    async def on_shell(stream: Any, ident: Any, parent: dict[str, Any]) -> None:
        bridge.run_on_main(str(parent["content"].get("request_id", "")))

    def send_up(content: dict[str, Any]) -> None:
        kernel.session.send(kernel.iopub_socket, UP, content, parent=kernel.get_parent(), ident=TOPIC)

    kernel.control_handlers[REQUEST] = on_control
    kernel.shell_handlers[MAIN] = on_shell
    bridge.send_up = send_up
    bridge.tell_idle = lambda: send_up({"kind": "idle"})
    on_registered(bridge.state, lambda facts: send_up({"kind": "registered", "facts": facts}))
    return True


def close_channel(bridge: Bridge) -> None:
    kernel = bridge.shell.kernel
    if kernel is not None and hasattr(kernel, "control_handlers"):
        kernel.control_handlers.pop(REQUEST, None)
        kernel.shell_handlers.pop(MAIN, None)
    bridge.send_up = bridge.tell_idle = None
    on_registered(bridge.state, None)


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
