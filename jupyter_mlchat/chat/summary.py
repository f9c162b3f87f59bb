"""What happened in the last days, added up from the store: for one person, or for all of them."""

from __future__ import annotations

import math
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, func, select

from ..protocol.answers import Elapsed, MetricsSummary, ProviderHealth
from ..store.tables import attempts, conversations, turns
from .means import Means
from .spending import usage_rows

MOST_TIMES = 10_000
"""Attempts whose times are looked at, the newest."""


async def summary(means: Means, owner: str | None, days: int) -> MetricsSummary:
    """Of the last `days` days, today among them. `owner` is None for everybody's."""
    first = date.today() - timedelta(days=days - 1)

    def read(connection: Connection) -> MetricsSummary:
        rows = usage_rows(connection, owner, "llm", first.isoformat())
        return MetricsSummary(
            scope="all" if owner is None else "own",
            since=first.isoformat(),
            turns=_turns(connection, owner, first),
            elapsed_ms=_elapsed(connection, owner, first),
            prompt_tokens=sum(row.prompt_tokens for row in rows),
            completion_tokens=sum(row.completion_tokens for row in rows),
            cost=sum(row.cost for row in rows),
            unpriced_calls=sum(row.unpriced_calls for row in rows),
            tool_calls=sum(row.tool_calls for row in rows),
            tools_failed=sum(row.tools_failed for row in rows),
            thumbs_up=sum(row.thumbs_up for row in rows),
            thumbs_down=sum(row.thumbs_down for row in rows),
            llms=rows,
            providers={i.name: ProviderHealth(i.status, i.error, i.checked) for i in means.catalogue.meant()},
        )

    return await means.database.read(read)


def _turns(connection: Connection, owner: str | None, first: date) -> dict[str, int]:
    since = datetime.combine(first, datetime.min.time()).timestamp()
    counted = select(turns.c.state, func.count()).where(turns.c.created >= since).group_by(turns.c.state)
    if owner is not None:
        counted = counted.join(conversations).where(conversations.c.owner == owner)
    return {state: int(count) for state, count in connection.execute(counted)}


def _elapsed(connection: Connection, owner: str | None, first: date) -> Elapsed:
    query: Select[Any] = select(attempts.c.elapsed_ms).where(attempts.c.day >= first.isoformat())
    if owner is not None:
        query = query.where(attempts.c.owner == owner)
    found = sorted(connection.execute(query.order_by(attempts.c.time.desc()).limit(MOST_TIMES)).scalars())
    if not found:
        return Elapsed()
    return Elapsed(count=len(found), mean=sum(found) / len(found), p50=_at(found, 0.5), p95=_at(found, 0.95))


def _at(ordered: list[float], part: float) -> float:
    """The smallest value that at least this part of them does not exceed."""
    return ordered[math.ceil(part * len(ordered)) - 1]
