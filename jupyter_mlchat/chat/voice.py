"""Who speaks in an attempt, and what stands between it and the rest: the record, the budgets, and what only we see."""

from __future__ import annotations

import asyncio
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, insert

from ..guard.budgets import Price, Purse, Scope, Spent, budgets_of
from ..guard.levels import level_of
from ..guard.presidio import words_of
from ..guard.privacy import Ledger, Rules, Sent
from ..llm.base import Around, CancelToken, Llm, LlmRequest, Part
from ..llm.chain import Chain
from ..llm.meter import Meter
from ..llm.pictures import Eyes
from ..observe.observer import Observer
from ..observe.records import LlmFailed, SentRecord
from ..protocol.faults import Fault
from ..protocol.records import AttemptId, ToolInfo
from ..store.tables import sent
from .means import Means
from .spending import spent_for
from .threads import Turn, load_turn


class Insider(Around):
    """An llm of this process: it sees the namespace, and where it may call tools, it may call all."""

    def __init__(self, llm: Llm, catalogue: dict[str, Any] | None, tools: Sequence[ToolInfo]) -> None:
        super().__init__(llm)
        self._catalogue, self._tools = catalogue, tools

    def stream(self, request: LlmRequest, cancel: CancelToken) -> Iterator[Part]:
        tools = self._tools if request.tools else ()
        return self._llm.stream(replace(request, catalogue=self._catalogue, tools=tools), cancel)


class Watched(Around):
    """An llm whose failures are told to the observer, in the thread that reads its answer."""

    def __init__(self, llm: Llm, observer: Observer) -> None:
        super().__init__(llm)
        self._observer = observer

    def stream(self, request: LlmRequest, cancel: CancelToken) -> Iterator[Part]:
        try:
            yield from self._llm.stream(request, cancel)
        except Fault as fault:
            self._observer.tell(LlmFailed(llm=self._llm.name, fault=fault.code.value))
            raise


def voice_of(
    llm: Llm,
    turn: Turn,
    attempt: AttemptId,
    means: Means,
    meter: Meter,
    catalogue: dict[str, Any] | None,
    tools: Sequence[ToolInfo],
    hidden: Sequence[str] = (),
    sees: Container[str] = (),
) -> Llm:
    """`llm`, or every link of its chain: what isn't local is recorded and paid for, what is sees everything.

    `tools` are all there are, `catalogue` as in `LlmRequest`, `hidden` what no provider hears of, `sees` who is shown
    pictures. Call it in the service's loop.
    """
    loop = asyncio.get_running_loop()
    settings = means.settings
    level = level_of(settings)
    rules = Rules(level, hidden, words_of(settings.presidio))

    def record(what: Sent) -> None:
        """In the worker thread, before anything leaves: what can't be recorded is not sent."""

        def write(connection: Connection) -> None:
            # Of a conversation that was erased nothing is recorded, and so nothing sent.
            load_turn(connection, turn.id)
            row = {"turn": turn.id, "attempt": attempt, "time": what.time, "llm": what.llm}
            connection.execute(insert(sent).values(body=what.body, **row))

        asyncio.run_coroutine_threadsafe(means.journal.transact(write), loop).result()
        told = SentRecord(
            actor=turn.owner,
            conversation=turn.conversation,
            turn=turn.id,
            llm=what.llm,
            bytes=len(what.body),
            level=level,
        )
        loop.call_soon_threadsafe(means.observer.tell, told)

    def spent() -> Mapping[Scope, Spent]:
        return asyncio.run_coroutine_threadsafe(means.journal.query(lambda tx: spent_for(tx, turn)), loop).result()

    def wrapped(link: Llm) -> Llm:
        return Eyes(known(link), sees)

    def known(link: Llm) -> Llm:
        if link.local:
            return Insider(link, catalogue, tools)
        price: Price = getattr(link, "cost", _unknown)
        announce = settings.announce_tokens or None
        watched = Watched(link, means.observer)
        ledger = Ledger(watched, record, rules, getattr(link, "told", None))
        return Purse(ledger, price, budgets_of(settings), spent, meter, announce)

    return llm.each(wrapped) if isinstance(llm, Chain) else wrapped(llm)


def _unknown(prompt: int, completion: int) -> None:
    """The price of an llm that names none."""
