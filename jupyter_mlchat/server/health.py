"""REST of how the service stands, and of what happened in it."""

from __future__ import annotations

from ..protocol.answers import Health, HealthStatus, PartHealth
from ..protocol.faults import record_of
from .handler import MLChatHandler, permitted

DAYS = 30
MOST_DAYS = 3660


class HealthCheck(MLChatHandler):
    """503 when the store does not answer: nothing can be asked then. What is degraded is told with 200."""

    @permitted("read")
    async def get(self) -> None:
        from .. import __version__

        parts = self.parts
        try:
            standing = await parts.standing()
        except Exception as error:
            told = record_of(error)
            standing = {"store": PartHealth("failed", f"{told.message} {told.hint}".strip())}
        words = {part.status for part in standing.values()}
        status: HealthStatus = "failed" if "failed" in words else "degraded" if "degraded" in words else "ok"
        health = Health(
            status=status,
            version=__version__,
            sockets=len(parts.sockets),
            parts=standing,
            experts=bool(parts.settings.experts),
            disabled_features=list(parts.settings.disabled_features),
        )
        self.answer(health, 503 if status == "failed" else 200)


class MetricsOverview(MLChatHandler):
    """Everybody's figures for an admin who asks for `scope=all`."""

    @permitted("read")
    async def get(self) -> None:
        service = await self.service()
        from ..chat.summary import summary
        from ..guard.access import check_admin
        from ..observe.records import AccessRecord

        days = self.number("days", DAYS, 1, MOST_DAYS)
        everybody = self.choice("scope", ("own", "all")) == "all"
        caller = self.caller
        if everybody:
            check_admin(caller)
            self.parts.observer.tell(AccessRecord(role="admin", action="metrics", actor=caller.principal))
        found = await summary(service.means, None if everybody else caller.principal, days)
        self.answer(found)
