"""REST of reviews, of corrections, of what evaluations add up to, and of experiments."""

from __future__ import annotations

from typing import cast, get_args

import msgspec

from ..protocol.evaluations import EvaluationBy, ExperimentList, ReviewList
from ..protocol.faults import Code, Fault
from .handler import MLChatHandler, permitted
from .usage import DAYS, MOST_DAYS

PAGE = 50
MAX_PAGE = 500
MOST_CORRECTIONS = 10_000
NDJSON = "application/x-ndjson"
LEFT_OUT = "Mlchat-Left-Out"
"""The header that says how many corrections may not leave."""


class Reviews(MLChatHandler):
    """The open ones; with `?state=all` the decided ones too."""

    @permitted("read")
    async def get(self) -> None:
        state = self.get_query_argument("state", "open")
        if state not in ("open", "all"):
            raise Fault(Code.MALFORMED, "`state` is open or all.", about="state")
        limit = self.number("limit", PAGE, 1, MAX_PAGE)
        found = await (await self.service()).reviews.list(self.caller, limit, state == "all")
        self.answer(ReviewList(found))


class OneReview(MLChatHandler):
    @permitted("read")
    async def get(self, review: str) -> None:
        self.answer(await (await self.service()).reviews.one(review, self.caller))

    @permitted("execute")
    async def post(self, review: str) -> None:
        service = await self.service()
        await service.submit(self.command("review.decide", self.body(), review=review), self.caller)
        self.answer(await service.reviews.one(review, self.caller))


class TurnReview(MLChatHandler):
    """The owner of an answer asks for a review of it."""

    @permitted("execute")
    async def post(self, turn: str) -> None:
        command = self.command("review.ask", self.body(), turn=turn)
        self.answer(await (await self.service()).submit(command, self.caller), 202)


class Corrections(MLChatHandler):
    """One chat pair a line."""

    @permitted("read")
    async def get(self) -> None:
        service = await self.service()
        from ..chat.evaluating.corrections import corrections

        limit = self.number("limit", MOST_CORRECTIONS, 1, MOST_CORRECTIONS)
        found, left_out = await corrections(service.means, self.caller, limit)
        self.set_header("Content-Type", NDJSON)
        self.set_header("Cache-Control", "no-store")
        self.set_header(LEFT_OUT, str(left_out))
        self.finish(b"".join(msgspec.json.encode(one) + b"\n" for one in found), set_content_type=NDJSON)


class Evaluations(MLChatHandler):
    @permitted("read")
    async def get(self) -> None:
        by = self.get_query_argument("by", "llm")
        if by not in get_args(EvaluationBy):
            raise Fault(Code.MALFORMED, f"`by` is one of {', '.join(get_args(EvaluationBy))}.", about="by")
        days = self.number("days", DAYS, 1, MOST_DAYS)
        service = await self.service()
        from ..chat.evaluating.results import evaluation_report

        principal = self.caller.principal
        self.answer(await evaluation_report(service.journal, principal, cast("EvaluationBy", by), days))


class Experiments(MLChatHandler):
    @permitted("read")
    async def get(self) -> None:
        self.answer(ExperimentList(await (await self.service()).experiments.results(self.caller)))


class OneExperiment(MLChatHandler):
    @permitted("read")
    async def get(self, experiment: str) -> None:
        self.answer(await (await self.service()).experiments.one(experiment, self.caller))
