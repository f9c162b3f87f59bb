"""What Jupyter's event logger gets to see."""

from __future__ import annotations

import io
import json
import logging
from typing import Any, Literal, get_args, get_origin, get_type_hints

import msgspec
import pytest
import yaml
from jupyter_events import EventLogger
from traitlets.config import Config

from jupyter_mlchat.frontends.local import local_takers
from jupyter_mlchat.observe.audit import ROOT, SCHEMAS, Audit, schema_id
from jupyter_mlchat.observe.records import AUDITED, ApprovalRecord, FirstWord, Record, SettingsRecord, ToolRecord
from jupyter_mlchat.settings import MLChat

JSON_TYPES = {str: "string", bool: "boolean", int: "integer", float: "number"}


def described(kind: type[Record]) -> dict[str, Any]:
    return yaml.safe_load((SCHEMAS / f"{kind.schema}.yaml").read_text())


@pytest.mark.parametrize("kind", AUDITED, ids=lambda kind: kind.schema)
def test_a_schema_says_what_its_record_has_and_marks_who_it_is_about(kind: type[Record]) -> None:
    schema = described(kind)
    assert schema["$id"] == schema_id(kind.schema) and schema["additionalProperties"] is False
    assert schema["personal-data"] is True
    fields = msgspec.structs.fields(kind)
    assert set(schema["properties"]) == {field.name for field in fields}
    assert set(schema.get("required", [])) == {field.name for field in fields if field.required}
    hints = get_type_hints(kind)
    for field in fields:
        told, hint = schema["properties"][field.name], hints[field.name]
        options = [part for part in get_args(hint) if part is not type(None)] if get_origin(hint) is not list else []
        words = [w for part in options for w in (get_args(part) if get_origin(part) is Literal else [part])]
        if get_origin(hint) is list:
            assert told["type"] == "array"
        elif words:
            assert told["enum"] == words, field.name
        else:
            assert told["type"] == JSON_TYPES[hint], field.name
        assert told.get("personal-data", False) is (field.name in ("actor", "owner", "expert")), field.name


def test_there_is_no_schema_without_a_record() -> None:
    assert {path.stem for path in SCHEMAS.iterdir()} == {kind.schema for kind in AUDITED}


def emitting() -> tuple[EventLogger, io.StringIO]:
    stream = io.StringIO()
    return EventLogger(handlers=[logging.StreamHandler(stream)]), stream


def test_what_is_audited_is_emitted_and_the_rest_is_not() -> None:
    events, stream = emitting()
    audit = Audit(events)
    audit.take(ApprovalRecord(actor="ann", turn="t", outcome="allowed", tool="run_code", effect="execute"))
    audit.take(FirstWord(llm="builtin", elapsed_s=1.0))
    audit.take(SettingsRecord(locked=["llm"]))
    first, second = map(json.loads, stream.getvalue().splitlines())
    assert first["__schema__"] == f"{ROOT}/approval/v1"
    kept = {name: value for name, value in first.items() if not name.startswith("__") and name != "taskName"}
    assert kept == {"actor": "ann", "turn": "t", "outcome": "allowed", "tool": "run_code", "effect": "execute"}
    assert second["locked"] == ["llm"]


def test_a_second_start_with_the_same_logger_goes_on() -> None:
    events, stream = emitting()
    for _ in range(2):
        Audit(events).take(ToolRecord(tool="list_models", effect="read", ok=True))
    assert len(stream.getvalue().splitlines()) == 2


def test_a_kernel_that_hosts_itself_tells_the_handlers_of_its_own_configuration() -> None:
    stream = io.StringIO()
    named = MLChat(config=Config({"EventLogger": {"handlers": [logging.StreamHandler(stream)]}}), environment={})
    for take in local_takers(named):
        take(ToolRecord(tool="list_models", effect="read", ok=True))
    assert "list_models" in stream.getvalue()
    assert local_takers(MLChat(environment={})) == []


def test_an_administrator_can_leave_out_who_it_was() -> None:
    events, stream = emitting()
    audit = Audit(events)

    def nameless(schema_id: str, data: dict[str, Any]) -> dict[str, Any]:
        personal = [n for n, told in events.schemas.get(schema_id).properties.items() if told.get("personal-data")]
        return {name: value for name, value in data.items() if name not in personal}

    events.add_modifier(modifier=nameless)
    audit.take(ToolRecord(actor="ann", tool="list_models", effect="read", ok=True))
    assert "ann" not in stream.getvalue() and "list_models" in stream.getvalue()
