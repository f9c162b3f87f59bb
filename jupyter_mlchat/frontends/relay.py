"""One view of a panel that has no socket of its own: its commands go to the kernel's host, events come back."""

from __future__ import annotations

import contextvars
import threading
import time
import uuid
from collections.abc import Callable
from typing import Any

from ..runtime.bridge import Bridge
from ..runtime.chat import Host

PACE_S = 1 / 30
"""Messages leave for the view at most this often, each with all that has come."""

_STOP: tuple[str, dict[str, Any]] = ("stop", {})


class Relay:
    """`post` takes one message for the view, from a thread of this relay's own."""

    def __init__(self, bridge: Bridge, host: Host, post: Callable[[dict[str, Any]], None]) -> None:
        self._bridge, self._post = bridge, post
        self.host = host
        self._channel = uuid.uuid4().hex
        self._ready = threading.Event()
        # In the context of the view's message: ipykernel sends a widget's next message to the subshell from
        # which the last one came, and without it to the main thread, where it would wait for the cell.
        carry = contextvars.copy_context().run
        threading.Thread(target=carry, args=(self._carry,), name="mlchat-panel", daemon=True).start()
        self._ready.wait()
        host.join(self._channel)

    def send(self, command: dict[str, Any]) -> None:
        self.host.send(command, self._channel)

    def close(self) -> None:
        self.host.leave(self._channel)
        self._inbox.put(_STOP)

    def _carry(self) -> None:
        # An inbox that the main thread opens is taken for a cell that waits, and is given jobs.
        self._inbox = self._bridge.open_inbox(self._channel)
        self._ready.set()
        try:
            while True:
                items = [self._inbox.get()]
                while not self._inbox.empty():
                    items.append(self._inbox.get())
                events = [item for what, item in items if what == "event"]
                kept = [event for event in events if event["type"] != "left"]
                if kept:
                    self._post({"kind": "events", "events": kept})
                if len(kept) < len(events):
                    self._post({"kind": "left"})
                if _STOP in items:
                    return
                time.sleep(PACE_S)
        finally:
            self._bridge.close_inbox(self._channel)
