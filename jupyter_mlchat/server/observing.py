"""Who is told what happens in this server: Jupyter's events, Prometheus, and the log; and how its parts stand."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..observe.audit import Audit
from ..observe.lines import LogLines, as_json_lines
from ..observe.metrics import Metrics
from ..observe.observer import Observer
from ..observe.records import SettingsRecord
from ..protocol.answers import PartHealth
from ..settings import LOCKS, MLChat

if TYPE_CHECKING:
    from ..chat.service import ChatService


class Observing:
    """`events` is the server's `EventLogger`, `kernels` counts its kernels by how they stand."""

    def __init__(
        self, events: Any, kernels: Callable[[], dict[str, int]], settings: MLChat, log: logging.Logger
    ) -> None:
        self._kernels, self._settings = kernels, settings
        # Now, so that a slip in one of them is an error of the start.
        self._decided = SettingsRecord(
            locked=[name for name in LOCKS if settings.locked(name)],
            disabled_features=list(settings.disabled_features),
            disabled_tools=list(settings.disabled_tools),
            max_effects=list(settings.max_effects),
            privacy_floor=settings.privacy_floor,
        )
        self._service: ChatService | None = None
        self.unopened = False
        """The service could not be opened when it was last asked for."""
        takers = [Audit(events).take]
        if settings.json_logs:
            as_json_lines(log)
            takers.append(LogLines(log).take)
        self._metrics = Metrics()
        self._metrics.watch_part("store", self._store_ails)
        self.observer = Observer([*takers, self._metrics.take], log)
        if not self._metrics.publish():
            log.debug("mlchat: another server of this process has its figures at /metrics")

    async def begin(self, service: ChatService) -> None:
        """The service is open."""
        from ..agent.shipped import SHIPPED
        from ..chat.facts import SERVICE_TOOLS
        from ..chat.standing import of_kernels, of_providers, of_queue

        settings, means = self._settings, service.means
        self._service, self.unopened = service, False
        tools = [*SERVICE_TOOLS, *await asyncio.to_thread(_of_kernels)]
        self._metrics.know([tool.name for tool in tools], [prompt.name for prompt in SHIPPED])
        self._metrics.watch_queue(service.line)
        self._metrics.watch_part("providers", lambda: of_providers(means.catalogue).status != "ok")
        self._metrics.watch_part("kernels", lambda: of_kernels(self._kernels()).status != "ok")
        self._metrics.watch_part("queue", lambda: of_queue(*service.line(), settings).status != "ok")
        self.observer.tell(self._decided)

    async def standing(self, service: ChatService) -> dict[str, PartHealth]:
        """Every part by its name."""
        from ..chat.standing import of_kernels, of_providers, of_queue, of_store

        return {
            "store": await of_store(service.means.database),
            "providers": of_providers(service.means.catalogue),
            "kernels": of_kernels(self._kernels()),
            "queue": of_queue(*service.line(), self._settings),
        }

    def _store_ails(self) -> bool:
        opened = self._service
        return self.unopened or (opened is not None and bool(opened.means.database.trouble))

    def close(self) -> None:
        self._metrics.withdraw()


def _of_kernels() -> list[Any]:
    """In a thread: it reads all tools."""
    from ..runtime.toolbox import Toolbox
    from ..runtime.tools import MODULES

    return Toolbox(MODULES).all()
