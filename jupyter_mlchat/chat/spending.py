"""What llms were paid and how they did: written with the events that say so, read for budgets and statistics."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, case, func, insert, select, update

from ..guard.budgets import SCOPES, Budget, Scope, Spent, budgets_of
from ..protocol.answers import UsageBy, UsageReport, UsageRow
from ..protocol.choices import BudgetState
from ..protocol.records import AttemptId, ConversationId, ToolResult, TurnId, Usage
from ..settings import MLChat
from ..store.tables import attempts, spending
from .journal import Journal
from .threads import Turn


def today() -> str:
    """The server's own day, like 2026-01-31."""
    return date.today().isoformat()


def add_usage(connection: Connection, turn: Turn, usage: Usage) -> None:
    """Count one llm call of a turn."""
    values = {
        name: getattr(usage, name) for name in ("llm", "prompt_tokens", "completion_tokens", "cost", "elapsed_ms")
    }
    connection.execute(insert(spending).values(**_whose(turn), **values))


def add_attempt(
    connection: Connection,
    turn: Turn,
    attempt: AttemptId,
    llm: str,
    state: str,
    began: float,
    results: list[ToolResult],
) -> None:
    """Count one attempt, which `llm` ended. `began` in seconds since the epoch; what a person denied counts nowhere."""
    run = [r for r in results if (r.fault or {}).get("code") != "denied"]
    now = time.time()
    values = {
        "id": attempt,
        "time": now,
        "llm": llm,
        "state": state,
        "elapsed_ms": 1e3 * max(0.0, now - began),
        "tool_calls": len(run),
        "tools_failed": sum(not r.ok for r in run),
    }
    connection.execute(insert(attempts).values(**_whose(turn), **values))


def rate(connection: Connection, turn: TurnId, score: int) -> None:
    """A person's thumb is for who had the last word."""
    last = select(attempts.c.id).where(attempts.c.turn == turn).order_by(attempts.c.time.desc()).limit(1)
    connection.execute(update(attempts).where(attempts.c.id == last.scalar_subquery()).values(score=score))


def spent_for(connection: Connection, turn: Turn) -> dict[Scope, Spent]:
    """What this turn, its conversation, and its owner's day have taken until now."""
    of: Mapping[Scope, ColumnElement[bool]] = {
        "turn": spending.c.turn == turn.id,
        "conversation": spending.c.conversation == turn.conversation,
        "day": (spending.c.owner == turn.owner) & (spending.c.day == today()),
    }
    return {scope: _spent(connection, of[scope]) for scope in SCOPES}


def _spent(connection: Connection, which: ColumnElement[bool]) -> Spent:
    tokens = func.sum(spending.c.prompt_tokens + spending.c.completion_tokens)
    row = connection.execute(select(tokens, func.sum(spending.c.cost)).where(which)).one()
    return Spent(int(row[0] or 0), float(row[1] or 0.0))


def _whose(turn: Turn) -> dict[str, Any]:
    return {"owner": turn.owner, "day": today(), "conversation": turn.conversation, "turn": turn.id}


def spent_here(
    connection: Connection, settings: MLChat, owner: str, conversation: ConversationId | None
) -> list[BudgetState]:
    """What a conversation and its owner's day have taken, beside the limits of all scopes that have one."""
    of: dict[Scope, ColumnElement[bool]] = {"day": (spending.c.owner == owner) & (spending.c.day == today())}
    if conversation is not None:
        of["conversation"] = spending.c.conversation == conversation
    spent = {scope: _spent(connection, which) for scope, which in of.items()}
    limits = {budget.scope: budget for budget in budgets_of(settings)}
    return [_state(scope, limits.get(scope), spent.get(scope)) for scope in SCOPES if scope in {**limits, **spent}]


def _state(scope: Scope, budget: Budget | None, spent: Spent | None) -> BudgetState:
    return BudgetState(
        scope=scope,
        tokens=budget.tokens if budget is not None else None,
        usd=budget.usd if budget is not None else None,
        spent=spent.tokens if spent is not None else None,
        spent_usd=spent.usd if spent is not None else None,
    )


# -- statistics ----------------------------------------------------------------------------------------------


async def usage_report(journal: Journal, settings: MLChat, owner: str, by: UsageBy, days: int) -> UsageReport:
    """What the last `days` days took, today among them, most tokens first."""
    since = (date.today() - timedelta(days=days - 1)).isoformat()

    def read(connection: Connection) -> tuple[list[UsageRow], Spent]:
        rows = usage_rows(connection, owner, by, since)
        mine = (spending.c.owner == owner) & (spending.c.day == today())
        return rows, _spent(connection, mine)

    rows, day = await journal.query(read)
    budgets = [_state(one.scope, one, day if one.scope == "day" else None) for one in budgets_of(settings)]
    rows.sort(key=lambda row: (-row.prompt_tokens - row.completion_tokens, row.key))
    return UsageReport(by=by, since=since, rows=rows, budgets=budgets)


def usage_rows(connection: Connection, owner: str | None, by: UsageBy, since: str) -> list[UsageRow]:
    """Of one person, or with None of everybody; `since` is a day like 2026-01-31."""
    calls = _grouped(connection, spending, by, owner, since, _OF_CALLS)
    tried = _grouped(connection, attempts, by, owner, since, _OF_ATTEMPTS)
    return [UsageRow(key=key, **calls.get(key, {}), **tried.get(key, {})) for key in {**calls, **tried}]


def _count(which: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((which, 1), else_=0))


_OF_CALLS: Mapping[str, ColumnElement[Any]] = {
    "calls": func.count(),
    "prompt_tokens": func.sum(spending.c.prompt_tokens),
    "completion_tokens": func.sum(spending.c.completion_tokens),
    "cost": func.coalesce(func.sum(spending.c.cost), 0.0),
    "unpriced_calls": _count(spending.c.cost.is_(None)),
    "llm_ms": func.sum(spending.c.elapsed_ms),
}
_OF_ATTEMPTS: Mapping[str, ColumnElement[Any]] = {
    "attempts": func.count(),
    "completed": _count(attempts.c.state == "completed"),
    "failed": _count(attempts.c.state == "failed"),
    "elapsed_ms": func.sum(attempts.c.elapsed_ms),
    "tool_calls": func.sum(attempts.c.tool_calls),
    "tools_failed": func.sum(attempts.c.tools_failed),
    "thumbs_up": _count(attempts.c.score > 0),
    "thumbs_down": _count(attempts.c.score < 0),
}


def _grouped(
    connection: Connection,
    table: Table,
    by: UsageBy,
    owner: str | None,
    since: str,
    sums: Mapping[str, ColumnElement[Any]],
) -> dict[str, dict[str, Any]]:
    key = table.c[by].label("key")
    labelled = [column.label(name) for name, column in sums.items()]
    query = select(key, *labelled).where(table.c.day >= since).group_by(key)
    if owner is not None:
        query = query.where(table.c.owner == owner)
    return {row.key: {name: getattr(row, name) for name in sums} for row in connection.execute(query)}
