"""What evaluations add up to, for each llm, prompt or day."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import Connection, case, func, select

from ...protocol.evaluations import EvaluationBy, EvaluationReport, EvaluationRow
from ...store.evaluating import evaluations, scores
from ..journal import Journal


async def evaluation_report(journal: Journal, owner: str, by: EvaluationBy, days: int) -> EvaluationReport:
    """Of the answers that `owner` got in the last `days` days, today among them."""
    since = (date.today() - timedelta(days=days - 1)).isoformat()
    mine = (scores.c.owner == owner) & (scores.c.day >= since)
    grouped = (scores.c[by], scores.c.name, scores.c.source)
    sums = select(
        *grouped,
        func.count().label("answers"),
        func.count(scores.c.score).label("scored"),
        func.sum(case((scores.c.failed, 1), else_=0)).label("failed"),
        func.avg(scores.c.score).label("mean"),
    )

    def read(connection: Connection) -> EvaluationReport:
        due = (evaluations.c.owner == owner) & (evaluations.c.state == "due")
        waiting = connection.execute(select(func.count()).select_from(evaluations).where(due)).scalar_one()
        rows = [
            EvaluationRow(
                key=row[0],
                name=row.name,
                by=row.source,
                answers=row.answers,
                scored=row.scored,
                failed=row.failed,
                mean=None if row.mean is None else round(float(row.mean), 4),
            )
            for row in connection.execute(sums.where(mine).group_by(*grouped).order_by(*grouped))
        ]
        return EvaluationReport(by=by, since=since, waiting=waiting, rows=rows)

    return await journal.query(read)
