"""Calling the experts: what happens to a request is recorded, and who could come hears of it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import suppress
from types import MappingProxyType

from sqlalchemy import Connection

from ...observe.records import HelpAction, HelpRecord
from ...protocol.events import Notice
from ...protocol.faults import Fault
from ..means import Means
from ..notify.notification import Kind, Notification
from ..notify.notifier import Notifier, channels_of
from . import requests
from .requests import Request

TOLD: Mapping[HelpAction, Kind] = MappingProxyType(
    {"requested": "requested", "released": "returned", "lost": "returned", "assigned": "assigned"}
)
"""What of all that happens to a request the experts hear of, and as what."""


class Calling:
    """Nothing here waits for a receiver. A request that nobody could be told of stays where it is, in the queue."""

    def __init__(self, means: Means) -> None:
        self._means, self._journal = means, means.journal
        self._notifier = Notifier(channels_of(means.settings, means.log), self._settled, means.log)

    async def open(self) -> None:
        """Tell what an earlier process did not get to tell. A store that refuses is asked another time."""
        with suppress(Fault):
            for request in await self._means.database.read(requests.untold):
                await self._notify(request, "requested")

    async def close(self) -> None:
        await self._notifier.close()

    async def tell(self, request: Request, action: HelpAction, by: str) -> None:
        """`request` as it is afterwards, `by` is who did it, "" for the service."""
        self._record(request, action, by)
        if action in TOLD:
            # What was done is done: a store that refuses now does not take it back.
            with suppress(Fault):
                await self._notify(request, TOLD[action])

    def _record(self, request: Request, action: HelpAction, by: str, channel: str = "") -> None:
        record = HelpRecord(
            actor=by,
            conversation=request.conversation,
            action=action,
            mode=request.mode,
            expert=request.expert if request.state == "claimed" else "",
            channel=channel,
        )
        self._means.observer.tell(record)

    async def _notify(self, request: Request, kind: Kind) -> None:
        content = self._means.settings.notify_content
        self._notifier.send(
            Notification(
                id=request.id,
                kind=kind,
                time=time.time(),
                conversation=request.conversation,
                owner=request.owner,
                mode=request.mode,
                queue=await self._means.database.read(requests.length),
                expert=request.expert,
                title=request.title if content else "",
                note=request.note if content else "",
            )
        )

    async def _settled(self, notification: Notification, silent: list[str]) -> None:
        """Who asked hears which ways to the experts have failed for good."""

        def write(connection: Connection) -> Request | None:
            requests.told(connection, notification.id)
            return requests.find(connection, notification.conversation)

        try:
            request = await self._journal.transact(write)
            if not silent or request is None or request.id != notification.id:
                return
            for channel in silent:
                self._record(request, "not_told", "", channel)
            if request.state == "closed" or (request.state == "claimed" and notification.kind != "assigned"):
                # Somebody has found it without being told, or nobody needs to.
                return
            stays = " The request stays in their queue." if request.state == "queued" else ""
            text = f"The experts could not be told by {' and '.join(silent)}.{stays}"
            await self._journal.append(notification.conversation, [Notice(text=text, code="not_told")])
        except Fault as fault:
            self._means.log.warning("mlchat: a request for a person: %s", fault.record.message)
