"""Conversations as files, out and in; what was said in them, found again; what of them is left to take up."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from sqlalchemy import Connection, select

from ...guard.access import Caller
from ...llm.parameters import changed
from ...observe.records import ConversationRecord, Done
from ...protocol import codec
from ...protocol.exports import FORMAT, ConversationExport, ExportedCall, ExportedTurn
from ...protocol.faults import Fault
from ...protocol.messages import MessageInfo, MessageList
from ...protocol.records import (
    AS_CONFIGURED,
    NO_PARAMETERS,
    Context,
    ConversationId,
    ConversationInfo,
    ExportFormat,
    Found,
    TurnId,
    TurnState,
)
from ...store.tables import events, turns
from .. import threads
from ..choices import Chooser
from ..means import Means
from ..remembering import changed_memory
from .importing import add_import, read_import, too_deep
from .listing import messages_of
from .markdown import as_markdown
from .notebooks import as_notebook
from .search import find


class Archive:
    """`may_use` raises Fault for an llm that a person may not choose."""

    def __init__(self, means: Means, chooser: Chooser, may_use: Callable[[str], Awaitable[None]]) -> None:
        self._means, self._journal = means, means.journal
        self._chooser, self._may_use = chooser, may_use

    async def export(self, conversation: ConversationId, caller: Caller, format: ExportFormat) -> str:
        """The content of a file. Raises Fault `not_found` for what is not the caller's."""
        whole = await self._means.database.read(lambda tx: exported(tx, caller, conversation))
        self._tell("exported", conversation, caller, format)
        return await asyncio.to_thread(content_of, whole, format)

    async def import_file(self, raw: bytes, caller: Caller, notebook: str = "") -> ConversationInfo:
        """A new conversation of the caller's, about `notebook` where one is given, and not about that of the file.

        Raises Fault `malformed`; then nothing of it is stored.
        """
        export, kind = await asyncio.to_thread(read_import, raw, caller.principal)
        if notebook:
            here = msgspec.structs.replace(export.conversation, notebook=notebook, kernel=None)
            export = msgspec.structs.replace(export, conversation=here)
        chosen = await self._choices(export.conversation, caller)

        def write(connection: Connection) -> ConversationInfo:
            new = add_import(connection, export, kind, caller.principal, chosen)
            return threads.own_conversation(connection, caller, new)

        try:
            info = await self._journal.transact(write)
        except RecursionError:
            # What could just be read can't be written: that takes more room for the same depth.
            raise too_deep() from None
        self._tell("imported", info.id, caller, kind)
        return info

    def _tell(self, action: Done, conversation: str, caller: Caller, detail: str) -> None:
        actor = caller.principal
        self._means.observer.tell(
            ConversationRecord(actor=actor, conversation=conversation, action=action, detail=detail)
        )

    async def _choices(self, info: ConversationInfo, caller: Caller) -> dict[str, str]:
        """What the file has chosen, as far as this person may choose it here; wishes for the system prompt never."""
        kept = {"reviewing": info.reviewing}
        given = {name: value for name, value in msgspec.structs.asdict(info.parameters).items() if name != "system"}
        numbers = {name: value for name, value in given.items() if value is not None}
        memory = {name: value for name, value in msgspec.structs.asdict(info.memory).items() if value is not None}
        steps: list[tuple[str, Callable[[], Awaitable[str]]]] = [
            ("llm", lambda: self._llm(info.llm)),
            ("route", lambda: self._chosen(info.route, "", caller, 0)),
            ("prompt", lambda: self._chosen("", info.prompt, caller, 1)),
            ("parameters", lambda: self._parameters(numbers, info.llm)),
            ("memory", lambda: self._memory(memory)),
        ]
        for name, choose in steps:
            try:
                kept[name] = await choose()
            except Fault as fault:
                # It is left to the settings then, as it is for a new conversation.
                self._means.log.debug("mlchat: an import's %s: %s", name, fault.record.message)
        return kept

    async def _llm(self, name: str) -> str:
        if name:
            await self._may_use(name)
        return name

    async def _chosen(self, route: str, prompt: str, caller: Caller, which: int) -> str:
        return (await self._chooser.may_choose(route, prompt, caller))[which]

    async def _parameters(self, numbers: dict[str, Any], llm: str) -> str:
        if numbers:
            self._chooser.check_open("parameters")
        return msgspec.json.encode(changed(NO_PARAMETERS, numbers, llm)).decode()

    async def _memory(self, given: dict[str, Any]) -> str:
        if given:
            self._chooser.check_open("memory")
        return msgspec.json.encode(changed_memory(AS_CONFIGURED, given)).decode()

    async def find(self, caller: Caller, query: str, limit: int) -> list[Found]:
        """What was said in the caller's conversations, newest first. No query is wrong."""
        return await find(self._means.database, caller, query, limit)

    async def messages(self, conversation: ConversationId, caller: Caller, after: int, limit: int) -> MessageList:
        """What was said above the number `after`, oldest first."""

        def read(connection: Connection) -> list[MessageInfo]:
            whole = exported(connection, caller, conversation)
            return messages_of(conversation, whole.events, {turn.id: turn.state for turn in whole.turns})

        said = [message for message in await self._means.database.read(read) if message.seq > after]
        return MessageList(said[:limit], said[limit - 1].seq if len(said) > limit else None)

    async def turns(
        self, conversation: ConversationId, caller: Caller, state: TurnState | None, limit: int
    ) -> list[threads.Turn]:
        """Those of a conversation, newest first; with a `state` those that are in it."""

        def read(connection: Connection) -> list[threads.Turn]:
            info = threads.own_conversation(connection, caller, conversation)
            query = select(turns.c.id).where(turns.c.conversation == info.id).order_by(turns.c.created.desc())
            if state is not None:
                query = query.where(turns.c.state == state)
            ids = connection.execute(query.limit(limit)).scalars().all()
            return [threads.load_turn(connection, TurnId(one)) for one in ids]

        return await self._means.database.read(read)


def exported(
    connection: Connection, caller: Caller, conversation: ConversationId, *, deleted: bool = False
) -> ConversationExport:
    """Everything of it; of a `deleted` one too, while it can still be restored. Raises Fault `not_found`."""
    info = threads.own_conversation(connection, caller, conversation, deleted=deleted)
    of_turns = select(turns).where(turns.c.conversation == info.id).order_by(turns.c.created, turns.c.id)
    of_events = select(events.c.body).where(events.c.conversation == info.id).order_by(events.c.seq)
    return ConversationExport(
        format=FORMAT,
        version=1,
        conversation=info,
        turns=[_turn(row) for row in connection.execute(of_turns)],
        events=[codec.decode_event(body) for body in connection.execute(of_events).scalars()],
    )


def _turn(row: Any) -> ExportedTurn:
    return ExportedTurn(
        id=TurnId(row.id),
        state=row.state,
        text=row.text,
        created=row.created,
        context=msgspec.json.decode(row.context, type=Context),
        llm=row.llm,
        route=row.route,
        prompt=row.prompt,
        tool=msgspec.json.decode(row.tool, type=ExportedCall) if row.tool else None,
        attempts=row.attempts,
        author=row.author,
        run=row.run,
        answer_of=row.answer_of,
    )


def content_of(export: ConversationExport, format: ExportFormat) -> str:
    if format == "markdown":
        return as_markdown(export)
    if format == "notebook":
        return as_notebook(export)
    return msgspec.json.format(msgspec.json.encode(export), indent=1).decode() + "\n"
