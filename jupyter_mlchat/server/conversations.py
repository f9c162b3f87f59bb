"""REST of conversations and of what is stored in them."""

from __future__ import annotations

import msgspec

from ..connections.outbox import frame_of
from ..protocol.faults import Code, Fault
from ..protocol.records import ConversationId
from .files import holds_conversation
from .handler import MLChatHandler, permitted

PAGE = 50
MAX_PAGE = 500
MAX_SEQ = 2**31 - 1
FLAG = ("0", "1")


class Conversations(MLChatHandler):
    @permitted("read")
    async def get(self) -> None:
        limit, deleted = self.number("limit", PAGE, 1, MAX_PAGE), self.choice("deleted", FLAG) == "1"
        after = self.get_query_argument("after", "")
        self.answer(await (await self.service()).conversations.page(self.caller, limit, after, deleted))

    @permitted("execute")
    async def post(self) -> None:
        """Begin one, or take in one that was exported: its file is the body."""
        service = await self.service()
        if holds_conversation(self.request.body or b"", self.parts.settings.max_import_bytes):
            notebook = self.get_query_argument("notebook", "")
            self.answer(await service.archive.import_file(self.request.body, self.caller, notebook), 201)
            return
        fixed = {"conversation": None, "after": 0, "new": True}
        command = self.command("conversation.open", self.body(), **fixed)
        accepted = await service.submit(command, self.caller)
        self.answer(await service.conversations.own(accepted.conversation, self.caller), 201)


class OneConversation(MLChatHandler):
    @permitted("read")
    async def get(self, conversation: str) -> None:
        people = (await self.service()).people
        self.answer(await people.readable(ConversationId(conversation), self.caller, "conversation.read"))

    @permitted("execute")
    async def patch(self, conversation: str) -> None:
        service = await self.service()
        command = self.command("conversation.update", self.body(), conversation=conversation)
        accepted = await service.submit(command, self.caller)
        self.answer(await service.conversations.own(accepted.conversation, self.caller))

    @permitted("execute")
    async def delete(self, conversation: str) -> None:
        now = self.choice("now", FLAG) == "1"
        command = self.command("conversation.delete", {}, conversation=conversation, now=now)
        self.answer(await (await self.service()).submit(command, self.caller))


class ConversationRestore(MLChatHandler):
    @permitted("execute")
    async def post(self, conversation: str) -> None:
        service = await self.service()
        command = self.command("conversation.restore", self.body(), conversation=conversation)
        accepted = await service.submit(command, self.caller)
        self.answer(await service.conversations.own(accepted.conversation, self.caller))


class ConversationEvents(MLChatHandler):
    """Durable events after a number, a page at a time; large ones by reference."""

    @permitted("read")
    async def get(self, conversation: str) -> None:
        after, limit = self.number("after", 0, 0, MAX_SEQ), self.number("limit", PAGE, 1, MAX_PAGE)
        service = await self.service()
        info = await service.people.readable(ConversationId(conversation), self.caller, "conversation.read")
        events = await service.journal.read(info.id, after, limit + 1)
        page = events[:limit]
        follows = page[-1].seq if len(events) > limit else None
        self.answer({"events": [msgspec.Raw(frame_of(event)) for event in page], "next": follows})


class ConversationMessages(MLChatHandler):
    @permitted("read")
    async def get(self, conversation: str) -> None:
        after, limit = self.number("after", 0, 0, MAX_SEQ), self.number("limit", PAGE, 1, MAX_PAGE)
        archive = (await self.service()).archive
        self.answer(await archive.messages(ConversationId(conversation), self.caller, after, limit))


class Blob(MLChatHandler):
    """An event that was too large for a frame, by the `ref` of the one that stood for it."""

    @permitted("read")
    async def get(self, ref: str) -> None:
        conversation, _, seq = ref.rpartition("-")
        service = await self.service()
        info = await service.people.readable(ConversationId(conversation), self.caller, "conversation.read")
        number = int(seq) if seq.isdecimal() and len(seq) < 10 else 0
        found = await service.journal.read(info.id, number - 1, 1) if number else []
        if not found or found[0].seq != number:
            raise Fault(Code.NOT_FOUND, "There is no such event.", "`referenced` events hold the refs.", about="ref")
        self.answer(found[0])
