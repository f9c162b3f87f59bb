"""REST of turns: beginning, stopping, retrying and answering them, and what was sent on their behalf."""

from __future__ import annotations

import msgspec

from ..protocol.answers import SentList, TurnInfo
from ..protocol.faults import Code, Fault
from ..protocol.records import TurnId
from .answering import TurnCommand
from .handler import MLChatHandler, permitted


class ConversationTurns(TurnCommand):
    @permitted("execute")
    async def post(self, conversation: str) -> None:
        await self.obey("turn.start", self.body(), conversation=conversation)


class TurnCancel(TurnCommand):
    @permitted("execute")
    async def post(self, turn: str) -> None:
        await self.obey("turn.cancel", self.body(), turn=turn)


class TurnRetry(TurnCommand):
    @permitted("execute")
    async def post(self, turn: str) -> None:
        await self.obey("turn.retry", self.body(), turn=turn)


class TurnForm(TurnCommand):
    """A form answered, or closed with `"dismiss": true`."""

    @permitted("execute")
    async def post(self, turn: str) -> None:
        body = self.body()
        dismiss = body.pop("dismiss", False)
        if not isinstance(dismiss, bool):
            raise Fault(Code.MALFORMED, "`dismiss` is true or false.", about="dismiss")
        await self.obey("form.dismiss" if dismiss else "form.submit", body, turn=turn)


class TurnApproval(TurnCommand):
    @permitted("execute")
    async def post(self, turn: str) -> None:
        await self.obey("approval.give", self.body(), turn=turn)


class TurnFeedback(TurnCommand):
    @permitted("execute")
    async def post(self, turn: str) -> None:
        await self.obey("feedback.give", self.body(), turn=turn)


class OneTurn(MLChatHandler):
    @permitted("read")
    async def get(self, turn: str) -> None:
        found = await (await self.service()).turn(TurnId(turn), self.caller)
        pending = found.pending if found.state == "waiting" else None
        info = {
            "turn": found.id,
            "conversation": found.conversation,
            "state": found.state,
            "text": found.text,
            "llm": found.llm,
            "attempts": found.attempts,
        }
        if pending is not None:
            info |= {"waits_for": pending.kind, "pending": pending.id, "expires": pending.expires}
        self.answer(msgspec.convert(info, TurnInfo))


class TurnSent(MLChatHandler):
    """Every byte that left for a provider on behalf of a turn."""

    @permitted("read")
    async def get(self, turn: str) -> None:
        self.answer(SentList(await (await self.service()).sent(TurnId(turn), self.caller)))
