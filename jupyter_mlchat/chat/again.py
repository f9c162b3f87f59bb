"""The same question again: an answer that was given before is told without its llm, where everything agrees.

What must agree: the question, who is asked and how, and what came before it in this run of the kernel (together
the digest it is kept by), and the results of its own calls, which are run again here.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, select

from ..llm.base import Message, TextPart
from ..protocol.events import AnyEvent, Notice, TurnStarted
from ..protocol.records import ToolInfo, TurnId
from ..store.tables import turns
from .kept_answers import KeptAnswers
from .means import Means
from .narrator import Narrator
from .remembering import earlier_turns
from .repeatable import REPEATABLE, answer_of, calls_of, content_of, digest, read, tells_a_moment, why_not
from .summaries import summary_of
from .threads import Call, Turn
from .toolcalls import ToolCalls
from .toolset import Toolset


@dataclass(frozen=True)
class Told:
    """An answer that was told again: who worded it then, and since when it is frozen, if it is."""

    llm: str
    frozen: date | None = None

    def __str__(self) -> str:
        return f"frozen on {self.frozen}" if self.frozen else ""


class Again:
    """Of one attempt. `run` names the kernel's process, "" where there is none."""

    def __init__(self, turn: Turn, means: Means, narrator: Narrator, calls: ToolCalls, run: str) -> None:
        self._turn, self._means, self._narrator, self._calls, self._run = turn, means, narrator, calls, run
        self._kept = KeptAnswers(means.journal)
        self._question = ""
        self._before: list[list[AnyEvent]] = []
        self._summary = ""
        self.ran = False
        """Calls of an earlier answer were run again in this turn."""

    async def frozen(self) -> Told | None:
        """Tell the answer that was frozen for this question, if there is one."""
        found = await self._kept.frozen(self._turn) if self._turn.attempts == 0 else None
        if found is None:
            return None
        earlier, since = found
        told = await self._means.journal.read_turn(earlier)
        notice = f"Frozen on {since}: nothing was asked or looked up again. `%chat unfreeze` ends it."
        return await self._tell(earlier, told, notice, since)

    async def same(self, llm: str, system: Message, toolset: Toolset) -> Told | None:
        """Tell the answer kept for this question if its calls find the same now.

        `system` is what `llm` would be told first. Calls up to the first that finds something else have then been
        run and told: the llm goes on from them. Raises `Waits` as they do.
        """
        if self._turn.attempts:
            return None
        self._before, self._summary = await self._earlier(), await summary_of(self._turn, self._means)
        self._question = self._digest(llm, system, toolset.offered)
        earlier = await self._kept.find(self._turn.owner, self._question)
        if earlier is None:
            return None
        told = await self._means.journal.read_turn(earlier)
        count = 0
        for call, result in calls_of(told):
            if result is None or toolset.effect(call.tool) not in REPEATABLE:
                return None
            self.ran = True
            now = await self._calls.run(Call(uuid.uuid4().hex[:9], call.tool, call.args))
            if read(now) != read(result):
                return None
            count += 1
        return await self._tell(earlier, told, _agreement(count))

    def _digest(self, llm: str, system: Message, tools: Sequence[ToolInfo]) -> str:
        """Of the question and all that an answer to it depends on, but for what its own calls find."""
        turn, settings = self._turn, self._means.settings
        asked = [turn.text, turn.context.notebook, [content_of(one) for one in self._before], self._summary]
        how = [
            llm,
            turn.route or settings.route,
            turn.parameters,
            settings.temperature,
            settings.max_tokens,
            settings.llm_base_url,
        ]
        sees = [system["content"], [(t.name, t.description, t.parameters) for t in tools], settings.privacy_floor]
        return digest(asked, how, sees)

    async def keep(self, text: str) -> None:
        """The llm has answered with `text`: keep it, where it could be told again."""
        mine = await self._means.journal.read_turn(self._turn.id)
        known = [event for one in [*self._before, mine] for event in one]
        if self._question and text and not why_not(mine) and not tells_a_moment(text, known):
            await self._kept.keep(self._turn, self._question)

    async def _tell(self, earlier: TurnId, told: Sequence[AnyEvent], notice: str, frozen: date | None = None) -> Told:
        llm = next(event.llm for event in told if isinstance(event, TurnStarted))
        await self._kept.told_again(self._turn, earlier)
        await self._narrator.tell(self._narrator.event(Notice, text=notice, code="kept", llm=llm))
        self._narrator.take(TextPart(answer_of(told)))
        await self._narrator.caught_up()
        return Told(llm, frozen)

    async def _earlier(self) -> list[list[AnyEvent]]:
        """The turns before this one in its conversation and run, as far back as an llm is told; of those that got an
        answer again, the turn they got it from."""
        window = earlier_turns(self._turn.memory, self._means.settings)

        def work(connection: Connection) -> list[TurnId]:
            mine = select(turns.c.created).where(turns.c.id == self._turn.id).scalar_subquery()
            before = (
                select(turns.c.id, turns.c.answer_of)
                .where(turns.c.conversation == self._turn.conversation, turns.c.run == self._run)
                .where(turns.c.created < mine)
                .order_by(turns.c.created.desc())
                .limit(window)
            )
            return [TurnId(row.answer_of or row.id) for row in reversed(connection.execute(before).all())]

        journal = self._means.journal
        return [await journal.read_turn(turn) for turn in await journal.query(work)]


def _agreement(count: int) -> str:
    checked = f"its {count} tool calls were run again and agree"
    told = {0: "it rests on no tool call", 1: "its tool call was run again and agrees"}.get(count, checked)
    return f"The same answer as before; {told}."
