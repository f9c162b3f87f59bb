"""The log as one JSON object a line, for machines that collect logs."""

from __future__ import annotations

import json
import logging
from datetime import datetime, timezone

import msgspec

from .records import Record

FIELD = "mlchat"
"""Where a log record carries what was observed."""


class JsonLines(logging.Formatter):
    """`{"time", "level", "logger", "message"}` and the fields of what was observed. A trace only at level DEBUG."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, timezone.utc).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **vars(record).get(FIELD, {}),
        }
        if record.exc_info and record.levelno <= logging.DEBUG:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


class LogLines:
    """Writes what is audited into the log as well, at level INFO."""

    def __init__(self, log: logging.Logger) -> None:
        self._log = log

    def take(self, record: Record) -> None:
        if record.schema:
            fields = {"kind": record.schema, **msgspec.to_builtins(record)}
            self._log.info("mlchat: %s", record.schema, extra={FIELD: fields})


def as_json_lines(log: logging.Logger) -> None:
    """Have every handler of this one logger write JSON lines."""
    for handler in log.handlers:
        handler.setFormatter(JsonLines())
