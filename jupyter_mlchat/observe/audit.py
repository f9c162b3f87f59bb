"""The audit: records as Jupyter Events, for whichever handlers and listeners the administrator has configured."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from .records import AUDITED, Record

if TYPE_CHECKING:
    from jupyter_events import EventLogger

SCHEMAS = Path(__file__).parent / "schemas"
ROOT = "https://events.jupyter.org/jupyter_mlchat"


def schema_id(schema: str) -> str:
    """What `EventLogger.add_listener` takes for the schema of that name."""
    return f"{ROOT}/{schema}/v1"


class Audit:
    """Emits in the thread of whoever calls it: that of the event loop, where there are listeners."""

    def __init__(self, events: EventLogger) -> None:
        """The schemas are known from now on. A logger that knows them already, of a start before, stays as it is."""
        self._events = events
        for kind in AUDITED:
            if schema_id(kind.schema) not in events.schemas:
                events.register_event_schema(SCHEMAS / f"{kind.schema}.yaml")

    def take(self, record: Record) -> None:
        """Emit what is audited, and nothing else. Raises what a handler or the schema's check raised."""
        if record.schema:
            self._events.emit(schema_id=schema_id(record.schema), data=msgspec.to_builtins(record))
