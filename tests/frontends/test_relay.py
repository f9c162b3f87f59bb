"""What a view without a socket is told: everything, in order, and not one message for each event."""

from __future__ import annotations

import threading
import time
from typing import Any

from jupyter_mlchat.frontends.relay import Relay
from jupyter_mlchat.runtime.bridge import Bridge
from jupyter_mlchat.runtime.shell import Shell
from jupyter_mlchat.runtime.toolbox import Toolbox


class Echo:
    """A host that answers each command with `count` events, and remembers who came and went."""

    name = "echo"

    def __init__(self, bridge: Bridge, count: int = 1, between_s: float = 0.0) -> None:
        self._bridge, self._count, self._between_s = bridge, count, between_s
        self.said: list[str] = []

    def send(self, command: dict[str, Any], channel: str) -> None:
        for number in range(self._count):
            self._bridge.deliver(channel, [{"type": "text.delta", "offset": number, "text": command["text"]}])
            time.sleep(self._between_s)

    def join(self, channel: str) -> None:
        self.said.append(f"join {channel}")

    def leave(self, channel: str) -> None:
        self.said.append(f"leave {channel}")

    def end(self) -> None:
        """As the service does with a connection that it has given up."""
        self._bridge.deliver(self.said[0].split()[1], [{"type": "left"}])


class Heard:
    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []
        self._came = threading.Condition()

    def post(self, message: dict[str, Any]) -> None:
        with self._came:
            self.messages.append(message)
            self._came.notify()

    @property
    def offsets(self) -> list[int]:
        return [event["offset"] for m in self.messages if m["kind"] == "events" for event in m["events"]]

    def wait(self, events: int) -> None:
        with self._came:
            assert self._came.wait_for(lambda: len(self.offsets) >= events, 10)


def bridge() -> Bridge:
    return Bridge(Shell(None, {}), Toolbox([]))


def test_a_stream_comes_whole_and_in_order_in_at_most_thirty_messages_a_second() -> None:
    made, heard = bridge(), Heard()
    relay = Relay(made, Echo(made, count=400, between_s=0.002), heard.post)
    began = time.monotonic()
    relay.send({"type": "turn.start", "text": "a"})
    heard.wait(400)
    elapsed = time.monotonic() - began
    relay.close()
    assert heard.offsets == list(range(400))
    assert len(heard.messages) <= 30 * elapsed + 2


def test_a_closed_relay_has_left_and_leaves_no_thread() -> None:
    made, heard = bridge(), Heard()
    host, before = Echo(made), set(threading.enumerate())
    relay = Relay(made, host, heard.post)
    [thread] = set(threading.enumerate()) - before
    relay.close()
    thread.join(5)
    assert not thread.is_alive()
    assert [word.split()[0] for word in host.said] == ["join", "leave"]
    made.deliver(host.said[0].split()[1], [{"type": "text.delta", "offset": 0, "text": "late"}])
    assert heard.messages == []


def test_a_connection_that_the_service_ended_is_told_as_such() -> None:
    made, heard = bridge(), Heard()
    host = Echo(made)
    relay = Relay(made, host, heard.post)
    relay.send({"type": "turn.start", "text": "a"})
    heard.wait(1)
    host.end()
    end = time.monotonic() + 5
    while {"kind": "left"} not in heard.messages and time.monotonic() < end:
        time.sleep(0.01)
    relay.close()
    assert heard.messages[-1] == {"kind": "left"}
    assert heard.offsets == [0]


def test_jobs_for_the_main_thread_are_not_given_to_a_view() -> None:
    """A cell that waits takes them; a view never runs anything."""
    made = bridge()
    relay = Relay(made, Echo(made), Heard().post)
    assert made._mains == []
    relay.close()
