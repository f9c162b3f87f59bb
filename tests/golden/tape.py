"""What one front end is sent: the service's own connection and outbox, without the wire below them."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any

from chat.house import KERNEL, ME, House, new_id

from jupyter_mlchat.connections.connection import Connection
from jupyter_mlchat.connections.outbox import Outbox
from jupyter_mlchat.guard.access import Caller
from jupyter_mlchat.protocol import commands as c
from jupyter_mlchat.protocol.events import Hello
from jupyter_mlchat.protocol.records import ConnectionId, Context, ConversationId

HERE = Context(notebook="work.ipynb", kernel=KERNEL)


class Tape:
    """`heard` is every event, over all connections of this front end, in order."""

    def __init__(self, house: House) -> None:
        self._house = house
        self.heard: list[dict[str, Any]] = []
        self._greet()

    def _greet(self) -> None:
        async def service() -> Any:
            return self._house.service

        self._outbox = Outbox(lambda: None)
        self._connection = Connection(service, ME, self._outbox, logging.getLogger("test"))
        self._outbox.put(Hello(connection=ConnectionId(new_id()), version="0", principal="me"))

    async def hang_up(self) -> None:
        self._connection.close()
        self._outbox.drop()
        await asyncio.sleep(0)

    async def come_back(self) -> None:
        """A new connection that goes on after the last number it has."""
        self._greet()
        last = max((event.get("seq", 0) for event in self.heard if event["type"] != "accepted"), default=0)
        conversation = ConversationId(next(e["conversation"] for e in self.heard if "conversation" in e))
        self._connection.take(c.Resume(id=new_id(), conversation=conversation, after=last))

    async def until(self, *kinds: str, seconds: float = 30) -> dict[str, Any]:
        """Listen up to the first event of one of `kinds`."""
        while True:
            frame = await asyncio.wait_for(self._outbox.next(), seconds)
            assert frame is not None, "hung up"
            self.heard.append(json.loads(frame))
            if self.heard[-1]["type"] in kinds:
                return self.heard[-1]

    async def decides(self, **fields: Any) -> None:
        """What somebody else, who may review, says to the service."""
        reviewer = Caller("ann", roles=frozenset({"expert"}))
        await self._house.service.submit(c.ReviewDecide(id=new_id(), **fields), reviewer)

    async def helps(self, kind: type[c.Command], **fields: Any) -> None:
        """What an expert who was asked for says to the service."""
        expert = Caller("ann", roles=frozenset({"expert"}))
        await self._house.service.submit(kind(id=new_id(), **fields), expert)  # type: ignore[arg-type]

    def ask(self, text: str) -> None:
        self._connection.take(c.TurnStart(id=new_id(), text=text, context=HERE))

    def say(self, kind: type[c.Command], **fields: Any) -> None:
        self._connection.take(kind(id=new_id(), **fields))  # type: ignore[arg-type]
