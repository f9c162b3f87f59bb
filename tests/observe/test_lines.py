"""The log as JSON lines."""

from __future__ import annotations

import io
import json
import logging

from jupyter_mlchat.observe.lines import LogLines, as_json_lines
from jupyter_mlchat.observe.records import FirstWord, ToolRecord


def written(level: int) -> tuple[logging.Logger, io.StringIO]:
    stream = io.StringIO()
    log = logging.Logger("mlchat.test", level)
    log.addHandler(logging.StreamHandler(stream))
    as_json_lines(log)
    return log, stream


def test_a_record_is_one_line_of_ids_and_what_is_not_audited_is_none() -> None:
    log, stream = written(logging.INFO)
    lines = LogLines(log)
    lines.take(ToolRecord(actor="ann", turn="t", tool="run_code", effect="execute", ok=True, elapsed_ms=2.0))
    lines.take(FirstWord(llm="builtin", elapsed_s=1.0))
    [line] = map(json.loads, stream.getvalue().splitlines())
    assert line.pop("time").endswith("+00:00")
    assert line == {
        "level": "INFO", "logger": "mlchat.test", "message": "mlchat: tool", "kind": "tool", "actor": "ann",
        "turn": "t", "tool": "run_code", "effect": "execute", "ok": True, "elapsed_ms": 2.0,
    }  # fmt: skip


def test_every_message_is_one_line_and_a_trace_is_for_whoever_debugs() -> None:
    log, stream = written(logging.DEBUG)
    try:
        raise ValueError("the value 4711")
    except ValueError:
        log.error("it failed\nbadly", exc_info=True)
        log.debug("it failed here", exc_info=True)
    first, second = map(json.loads, stream.getvalue().splitlines())
    assert first["message"] == "it failed\nbadly" and "4711" not in json.dumps(first)
    assert "4711" in second["trace"]
