"""A view of a panel as a front end holds it: the widget's messages, over the kernel's own channels."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Callable
from queue import Empty
from typing import Any

from kernels import own_client


class Views:
    """Everything one front end hears of the widgets of a kernel."""

    def __init__(self, manager: Any) -> None:
        self._client = own_client(manager)
        self._client.start_channels()
        self.state: dict[str, dict[str, Any]] = {}
        self.messages: list[dict[str, Any]] = []

    async def begin(self) -> None:
        """Hear all from now on."""
        await self._client.wait_for_ready(timeout=60)

    def close(self) -> None:
        self._client.stop_channels()

    async def hear(self, seconds: float = 0.05) -> None:
        try:
            message = await self._client.get_iopub_msg(timeout=seconds)
        except Empty:
            return
        content, kind = message["content"], message["header"]["msg_type"]
        if kind == "comm_open" and content["target_name"] == "jupyter.widget":
            self.state[content["comm_id"]] = content["data"]["state"]
        elif kind == "comm_msg" and content["comm_id"] in self.state:
            data = content["data"]
            if data["method"] == "update":
                self.state[content["comm_id"]].update(data["state"])
            elif data["method"] == "custom":
                self.messages.append({"at": time.monotonic(), **data["content"]})

    async def panel(self) -> str:
        """The id of the newest panel's model."""
        while True:
            found = [key for key, state in self.state.items() if state["_model_module"] == "anywidget"]
            if found:
                return found[-1]
            await self.hear()

    def send(self, panel: str, content: dict[str, Any]) -> None:
        body = {"comm_id": panel, "data": {"method": "custom", "content": content}}
        self._client.shell_channel.send(self._client.session.msg("comm_msg", body))


class View:
    """One view of one panel."""

    def __init__(self, views: Views, panel: str) -> None:
        self._views, self._panel = views, panel
        self.name = uuid.uuid4().hex

    def say(self, kind: str, **content: Any) -> None:
        self._views.send(self._panel, {"kind": kind, "view": self.name, **content})

    def command(self, kind: str, **content: Any) -> str:
        command = uuid.uuid4().hex
        self.say("command", command={"id": command, "type": kind, **content})
        return command

    @property
    def messages(self) -> list[dict[str, Any]]:
        return [message for message in self._views.messages if message["view"] == self.name]

    @property
    def events(self) -> list[dict[str, Any]]:
        return [e for message in self.messages if message["kind"] == "events" for e in message["events"]]

    async def until(self, wanted: Callable[[dict[str, Any]], bool], timeout: float = 30) -> dict[str, Any]:
        """The first event or message like that, heard or still to come."""
        deadline = time.monotonic() + timeout
        while True:
            for item in [*self.events, *self.messages]:
                if wanted(item):
                    return item
            assert time.monotonic() < deadline, [item.get("type") for item in self.events]
            await self._views.hear()
            await asyncio.sleep(0)

    async def event(self, kind: str, **values: Any) -> dict[str, Any]:
        def wanted(item: dict[str, Any]) -> bool:
            return item.get("type") == kind and all(item.get(key) == value for key, value in values.items())

        return await self.until(wanted)

    async def message(self, kind: str) -> dict[str, Any]:
        return await self.until(lambda item: item.get("kind") == kind and "view" in item)

    async def open(self, **values: Any) -> str:
        """Join and open a conversation: its id."""
        self.say("join")
        await self.message("joined")
        command = self.command("conversation.open", **values)
        accepted = await self.event("accepted", command=command)
        return str(accepted["conversation"])
