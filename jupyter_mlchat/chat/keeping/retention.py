"""How long conversations stay: by age and number, after deleting as long as that can be undone, and no longer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from sqlalchemy import Connection, func, select

from ...observe.records import ConversationRecord
from ...protocol.events import ConversationDeleted
from ...protocol.faults import Fault, record_of
from ...protocol.records import ConversationId
from ...store.search import merge_index
from ...store.tables import conversations, turns
from .. import threads
from ..kept_answers import forget_answers
from ..means import Means
from .erasing import erase, files_of

DAY_S = 24 * 3600.0
EVERY_S = 3600.0
AT_ONCE = 500
"""Conversations that one look takes on; the next one goes on."""
UPLOADS = "uploads"
"""The folder of the data directory in which their files lie, by id."""


class Retention:
    """`clock` gives seconds since the epoch."""

    def __init__(self, means: Means, clock: Callable[[], float] = time.time) -> None:
        self._means, self._clock = means, clock

    async def keep(self) -> None:
        """Look now and every hour, until cancelled."""
        while True:
            try:
                await self.look()
            except (Fault, OSError) as error:
                self._means.log.warning("mlchat: old conversations stay for now: %s", record_of(error).message)
            await asyncio.sleep(EVERY_S)

    async def look(self) -> None:
        """Delete what is too old or too much, and erase what was deleted too long ago to come back."""
        for conversation in await self._means.database.read(self._outlived):
            await self.delete(conversation)
            self._means.observer.tell(ConversationRecord(conversation=conversation, action="deleted"))
        await self.erase(await self._means.database.read(self._deleted))

    async def delete(self, conversation: ConversationId) -> int:
        """It can still be restored. Returns the number of the event that says so."""

        def write(connection: Connection, seq: int) -> None:
            threads.set_conversation(connection, conversation, deleted=True)
            forget_answers(connection, conversation)

        return (await self._means.journal.append(conversation, [ConversationDeleted()], write))[-1].seq

    async def erase(self, gone: list[ConversationId]) -> None:
        """Nothing is left of these: no row, no word of the index, no uploaded file, no free page of the database."""
        if not gone:
            return
        folder = Path(self._means.settings.data_dir) / UPLOADS
        for conversation in gone:
            files = await self._means.database.read(partial(files_of, conversation=conversation))
            if files is None:
                continue
            for file in files:
                await asyncio.to_thread((folder / file).unlink, missing_ok=True)
            await self._means.journal.transact(partial(erase, conversation=conversation))
            self._means.observer.tell(ConversationRecord(conversation=conversation, action="erased"))
        await self._means.journal.transact(merge_index)
        await self._means.database.sweep()

    def _outlived(self, connection: Connection) -> list[ConversationId]:
        """Older than `retention_days`, or not among the newest of their owner; not those in which a turn runs."""
        settings = self._means.settings
        if settings.retention_days <= 0 and settings.retention_conversations <= 0:
            return []
        newest_first = func.row_number().over(
            partition_by=conversations.c.owner, order_by=(conversations.c.updated.desc(), conversations.c.id)
        )
        ranked = (
            select(conversations.c.id, conversations.c.updated, newest_first.label("place"))
            .where(conversations.c.deleted.is_(False))
            .subquery()
        )
        too_old = ranked.c.updated < self._clock() - settings.retention_days * DAY_S
        too_many = ranked.c.place > settings.retention_conversations
        wanted = select(ranked.c.id)
        if settings.retention_days > 0 and settings.retention_conversations > 0:
            wanted = wanted.where(too_old | too_many)
        else:
            wanted = wanted.where(too_old if settings.retention_days > 0 else too_many)
        running = select(turns.c.conversation).where(turns.c.state.in_(("active", "queued")))
        found = connection.execute(wanted.where(ranked.c.id.not_in(running)).limit(AT_ONCE)).scalars()
        return [ConversationId(one) for one in found]

    def _deleted(self, connection: Connection) -> list[ConversationId]:
        """Deleted before `undo_days`. Nothing has been stored in them since."""
        before = self._clock() - max(0.0, self._means.settings.undo_days) * DAY_S
        query = select(conversations.c.id).where(conversations.c.deleted.is_(True), conversations.c.updated <= before)
        return [ConversationId(one) for one in connection.execute(query.limit(AT_ONCE)).scalars()]
