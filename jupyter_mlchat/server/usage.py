"""REST of what llms took and how they did, and of one question on two of them."""

from __future__ import annotations

from typing import cast, get_args

import msgspec

from ..protocol.answers import CompareRequest, UsageBy
from ..protocol.faults import Code, Fault
from .handler import MLChatHandler, permitted

DAYS = 30
MOST_DAYS = 3660


class UsageOverview(MLChatHandler):
    @permitted("read")
    async def get(self) -> None:
        by = self.get_query_argument("by", "llm")
        if by not in get_args(UsageBy):
            raise Fault(Code.MALFORMED, f"`by` is one of {', '.join(get_args(UsageBy))}.", about="by")
        days = self.number("days", DAYS, 1, MOST_DAYS)
        self.answer(await (await self.service()).usage(self.caller, cast("UsageBy", by), days))


class Comparing(MLChatHandler):
    feature = "compare"

    @permitted("execute")
    async def post(self) -> None:
        service = await self.service()
        from ..chat.comparison import compare

        try:
            asked = msgspec.convert(self.body(), CompareRequest)
        except msgspec.ValidationError as error:
            raise Fault(Code.MALFORMED, str(error), "Compare the field with openapi.json.") from None
        self.answer(await compare(service, self.caller, asked.text, asked.llms, asked.context))
