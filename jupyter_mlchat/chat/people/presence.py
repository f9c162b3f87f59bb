"""Who is there: front ends that follow a conversation, signs of typing, and experts who are gone for too long."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Literal

from sqlalchemy import Connection

from ...guard.access import Caller
from ...protocol.events import Presence
from ...protocol.faults import Fault
from ...protocol.records import ConversationId, ConversationInfo, PresenceState
from ..followers import Listener
from ..means import Means
from . import requests
from .requests import Request

ROUNDS = 4
"""How often one looks within `expert_gone_after`."""


class Presences:
    """`gone` hears of a request whose expert is not there any more. Lives in the service's loop."""

    def __init__(self, means: Means, gone: Callable[[Request], Awaitable[None]]) -> None:
        self._journal, self._read = means.journal, means.database.read
        self._log, self._gone = means.log, gone
        self._patience = means.settings.expert_gone_after
        self._there: Counter[tuple[ConversationId, str]] = Counter()
        self._task: asyncio.Task[None] | None = None

    def open(self) -> None:
        self._task = asyncio.ensure_future(self._look())

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def joined(self, info: ConversationInfo, caller: Caller, listener: Listener) -> Callable[[], None]:
        """A front end follows the conversation: it hears who else does, and they hear of it. Returns what ends it."""
        conversation, who = info.id, caller.principal
        for other in self._others(conversation, who):
            listener(self._event(info, other, "online"))
        self._there[conversation, who] += 1
        if self._there[conversation, who] == 1 and self._others(conversation, who):
            self.tell(info, who, "online")

        def left() -> None:
            self._there[conversation, who] -= 1
            if not self._there[conversation, who]:
                del self._there[conversation, who]
                if self._others(conversation, who):
                    self.tell(info, who, "away")

        return left

    def _others(self, conversation: ConversationId, who: str) -> list[str]:
        return [name for where, name in self._there if where == conversation and name != who]

    def tell(self, info: ConversationInfo, who: str, state: PresenceState) -> None:
        self._journal.live(info.id, self._event(info, who, state))

    def _event(self, info: ConversationInfo, who: str, state: PresenceState) -> Presence:
        role: Literal["user", "expert"] = "user" if who == info.owner else "expert"
        return Presence(conversation=info.id, who=who, role=role, state=state, time=time.time())

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(self._patience / ROUNDS)
            try:
                await self._look_once()
            except Fault as fault:
                # The store refuses, or somebody was faster: there is a next round.
                self._log.debug("mlchat: experts who are gone: %s", fault.record.message)

    async def _look_once(self) -> None:
        there, since = list(self._there), time.time() - self._patience
        if there:
            await self._journal.transact(lambda tx: _see(tx, there))
        for request in await self._read(lambda tx: requests.deserted(tx, since)):
            await self._gone(request)


def _see(connection: Connection, there: list[tuple[ConversationId, str]]) -> None:
    for conversation, who in there:
        requests.seen(connection, conversation, who)
