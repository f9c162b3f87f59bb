"""REST of conversations and of what is stored in them."""

from __future__ import annotations

import msgspec

from ..connections.outbox import frame_of
from ..protocol.answers import ConversationList
from ..protocol.faults import Code, Fault
from ..protocol.records import ConversationId
from .handler import MLChatHandler, permitted

PAGE = 50
MAX_PAGE = 500
MAX_SEQ = 2**31 - 1


class Conversations(MLChatHandler):
    @permitted("read")
    async def get(self) -> None:
        limit = self.number("limit", PAGE, 1, MAX_PAGE)
        found = await (await self.service()).conversations.newest(self.caller, limit)
        self.answer(ConversationList(found))

    @permitted("execute")
    async def post(self) -> None:
        service = await self.service()
        fixed = {"conversation": None, "after": 0, "new": True}
        command = self.command("conversation.open", self.body(), **fixed)
        accepted = await service.submit(command, self.caller)
        self.answer(await service.conversations.own(accepted.conversation, self.caller), 201)


class OneConversation(MLChatHandler):
    @permitted("read")
    async def get(self, conversation: str) -> None:
        found = await (await self.service()).conversations.own(ConversationId(conversation), self.caller)
        self.answer(found)

    @permitted("execute")
    async def patch(self, conversation: str) -> None:
        service = await self.service()
        command = self.command("conversation.update", self.body(), conversation=conversation)
        accepted = await service.submit(command, self.caller)
        self.answer(await service.conversations.own(accepted.conversation, self.caller))

    @permitted("execute")
    async def delete(self, conversation: str) -> None:
        command = self.command("conversation.delete", {}, conversation=conversation)
        self.answer(await (await self.service()).submit(command, self.caller))


class ConversationEvents(MLChatHandler):
    """Durable events after a number, a page at a time; large ones by reference."""

    @permitted("read")
    async def get(self, conversation: str) -> None:
        after, limit = self.number("after", 0, 0, MAX_SEQ), self.number("limit", PAGE, 1, MAX_PAGE)
        service = await self.service()
        info = await service.conversations.own(ConversationId(conversation), self.caller)
        events = await service.journal.read(info.id, after, limit + 1)
        page = events[:limit]
        follows = page[-1].seq if len(events) > limit else None
        self.answer({"events": [msgspec.Raw(frame_of(event)) for event in page], "next": follows})


class Blob(MLChatHandler):
    """An event that was too large for a frame, by the `ref` of the one that stood for it."""

    @permitted("read")
    async def get(self, ref: str) -> None:
        conversation, _, seq = ref.rpartition("-")
        service = await self.service()
        info = await service.conversations.own(ConversationId(conversation), self.caller)
        number = int(seq) if seq.isdecimal() and len(seq) < 10 else 0
        found = await service.journal.read(info.id, number - 1, 1) if number else []
        if not found or found[0].seq != number:
            raise Fault(Code.NOT_FOUND, "There is no such event.", "`referenced` events hold the refs.", about="ref")
        self.answer(found[0])
