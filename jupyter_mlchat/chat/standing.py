"""How the parts of the service stand: what is wrong, in words, and figures."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, select

from ..llm.catalogue import Catalogue
from ..protocol.answers import PartHealth
from ..protocol.faults import Fault
from ..settings import MLChat
from ..store.database import Database
from ..store.tables import schema

NEARLY = 0.8
"""From this part of `max_queued_turns` on the queue is too long."""


async def of_store(database: Database) -> PartHealth:
    """`failed` when it does not answer, `degraded` while it is damaged or full. The text may also be a mere notice."""

    def read(connection: Connection) -> int:
        return int(connection.execute(select(schema.c.version)).scalar_one())

    try:
        version = await database.read(read)
    except Fault as fault:
        return PartHealth("failed", f"{fault.record.message} {fault.record.hint}".strip())
    return PartHealth(
        "degraded" if database.trouble else "ok", database.trouble or database.notice, {"version": version}
    )


def of_providers(catalogue: Catalogue) -> PartHealth:
    """Those that are meant to be used, as far as is known now."""
    meant = catalogue.meant()
    ill = [info for info in meant if info.status in ("unhealthy", "error")]
    text = " ".join(info.error for info in ill)
    return PartHealth("degraded" if ill else "ok", text, {"meant": len(meant), "ill": len(ill)})


def of_queue(length: int, active: int, settings: MLChat) -> PartHealth:
    most = settings.max_queued_turns
    figures = {"queued": length, "active": active, "max_active": settings.max_active_turns}
    if most and length >= NEARLY * most:
        return PartHealth("degraded", f"{length} turns wait; from {most} on they are refused.", figures)
    return PartHealth("ok", "", figures)


def of_kernels(states: Mapping[str, int]) -> PartHealth:
    """`states` counts this server's kernels by how they stand."""
    dead = states.get("dead", 0)
    text = f"{dead} of {sum(states.values())} kernels died by themselves." if dead else ""
    return PartHealth("degraded" if dead else "ok", text, dict(states))
