"""REST of turns: beginning, stopping, retrying and answering them, and what was sent on their behalf."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast, get_args

import msgspec

from ..protocol.answers import SentList, TurnInfo, TurnList
from ..protocol.faults import Code, Fault
from ..protocol.records import ConversationId, TurnId, TurnState
from .answering import TurnCommand
from .handler import MLChatHandler, permitted

if TYPE_CHECKING:
    from ..chat.threads import Turn


class ConversationTurns(TurnCommand):
    @permitted("read")
    async def get(self, conversation: str) -> None:
        """Newest first; `?state=abandoned&limit=1` is what a window that opens again can take up."""
        state, limit = self.choice("state", ("", *get_args(TurnState))), self.number("limit", 50, 1, 500)
        wanted = cast("TurnState | None", state or None)
        found = await (await self.service()).archive.turns(ConversationId(conversation), self.caller, wanted, limit)
        self.answer(TurnList([told(turn) for turn in found]))

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


class TurnSynonym(MLChatHandler):
    @permitted("execute")
    async def post(self, turn: str) -> None:
        command = self.command("synonym.add", self.body(), turn=turn)
        self.answer(await (await self.service()).submit(command, self.caller), 202)

    @permitted("execute")
    async def delete(self, turn: str) -> None:
        await (await self.service()).submit(self.command("synonym.delete", {}, turn=turn), self.caller)
        self.set_status(204)
        self.finish()


class OneTurn(MLChatHandler):
    @permitted("read")
    async def get(self, turn: str) -> None:
        self.answer(told(await (await self.service()).turn(TurnId(turn), self.caller)))


class TurnSent(MLChatHandler):
    """Every byte that left for a provider on behalf of a turn."""

    @permitted("read")
    async def get(self, turn: str) -> None:
        self.answer(SentList(await (await self.service()).sent(TurnId(turn), self.caller)))


def told(turn: Turn) -> TurnInfo:
    """Where it stands."""
    pending = turn.pending if turn.state == "waiting" else None
    info = {
        "turn": turn.id,
        "conversation": turn.conversation,
        "state": turn.state,
        "text": turn.text,
        "llm": turn.llm,
        "attempts": turn.attempts,
    }
    if pending is not None:
        info |= {"waits_for": pending.kind, "pending": pending.id, "expires": pending.expires}
    return msgspec.convert(info, TurnInfo)
