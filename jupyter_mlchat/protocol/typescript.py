"""The same records, commands, events and faults as TypeScript, written from their type hints."""

from __future__ import annotations

import inspect
import json
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Literal, NewType, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec.structs import FieldInfo

from . import answers, cards, choices, codec, evaluations, records
from .commands import COMMANDS, Command
from .events import EVENTS, Event
from .faults import Close, Code, FaultRecord

HEADER = """\
// Written by `python -m jupyter_mlchat.protocol` from jupyter_mlchat/protocol. Do not edit.
/* eslint-disable */
"""
_PLAIN = {str: "string", int: "number", float: "number", bool: "boolean", NoneType: "null", Any: "unknown"}
# What is JSON already, in an event, is events.
_PLAIN[msgspec.Raw] = "ServerEvent"


def source() -> str:
    """The whole file, the same for the same protocol."""
    parts = [HEADER, *_ids(), *_words(), _constants(Code), _constants(Close)]
    parts += [_interface(kind) for module in (records, choices, cards, evaluations) for kind in _structs(module)]
    parts.append(_interface(FaultRecord))
    for base, kinds, union in ((Command, COMMANDS, "Command"), (Event, EVENTS, "ServerEvent")):
        parts.append(_interface(base))
        parts += [_interface(kind, base) for kind in kinds.values()]
        parts.append(_union(union, [kind.__name__ for kind in kinds.values()]))
    parts += [_interface(kind) for kind in _structs(answers)]
    parts.append(_durable())
    limits = ("MAX_COMMAND_BYTES", "MAX_PICTURES", "MAX_PICTURE_BYTES")
    parts.append("".join(f"export const {name} = {getattr(codec, name)};\n" for name in limits))
    parts.append(f"/** Of a conversation's title, in characters. */\nexport const MAX_TITLE = {records.MAX_TITLE};\n")
    return "\n".join(parts)


def _structs(module: Any) -> list[type[msgspec.Struct]]:
    """The records that a module defines and that have fields."""
    found = [kind for kind in vars(module).values() if isinstance(kind, type) and issubclass(kind, msgspec.Struct)]
    return [kind for kind in found if kind.__module__ == module.__name__ and kind.__struct_fields__]


def _ids() -> list[str]:
    kinds = [kind for kind in vars(records).values() if isinstance(kind, NewType)]
    return ["".join(f"export type {kind.__name__} = {_type(kind.__supertype__)};\n" for kind in kinds)]


def _words() -> list[str]:
    return [_union(name, [json.dumps(word) for word in get_args(kind)]) for kind, name in _aliases().items()]


def _aliases() -> dict[Any, str]:
    """The named sets of words."""
    return {
        kind: name
        for module in (records, choices, cards, evaluations, answers)
        for name, kind in vars(module).items()
        if get_origin(kind) is Literal
    }


def _constants(kind: type[Enum]) -> str:
    members = "".join(f"  {member.name}: {json.dumps(member.value)},\n" for member in kind)
    name = kind.__name__
    return (
        f"{_comment(kind)}export const {name} = {{\n{members}}} as const;\n"
        f"export type {name} = (typeof {name})[keyof typeof {name}];\n"
    )


def _interface(kind: type[msgspec.Struct], base: type[msgspec.Struct] | None = None) -> str:
    inherited = base.__struct_fields__ if base is not None else ()
    name, extends = kind.__name__, ""
    if kind in (Command, Event):
        name += "Base"
    elif base is not None:
        extends = f" extends {base.__name__}Base"
    tag = kind.__struct_config__.tag if base is not None else None
    lines = [f"  type: {json.dumps(tag)};\n"] if tag is not None else []
    hints = get_type_hints(kind)
    for field in msgspec.structs.fields(kind):
        if field.name not in inherited:
            lines.append(f"  {field.encode_name}{_mark(field)}: {_type(hints[field.name])};\n")
    return f"{_comment(kind)}export interface {name}{extends} {{\n{''.join(lines)}}}\n"


def _mark(field: FieldInfo) -> str:
    """Defaults are not sent, so what has one may be absent."""
    return "" if field.required else "?"


def _type(hint: Any) -> str:
    named = _aliases()
    if hint in named:
        return named[hint]
    if hint in _PLAIN:
        return _PLAIN[hint]
    origin, args = get_origin(hint), get_args(hint)
    if origin is Literal:
        return " | ".join(json.dumps(word) for word in args)
    if origin is list:
        item = _type(args[0])
        return f"({item})[]" if " " in item else f"{item}[]"
    if origin is dict:
        return f"{{ [name: string]: {_type(args[1])} }}"
    if origin in (Union, UnionType):
        if set(args) == set(EVENTS.values()):
            return "ServerEvent"
        return " | ".join(_type(part) for part in args)
    name: str = hint.__name__
    return name


def _union(name: str, members: list[str]) -> str:
    return f"export type {name} =\n" + "".join(f"  | {member}\n" for member in members).rstrip() + ";\n"


def _durable() -> str:
    stored = [json.dumps(name) for name, kind in EVENTS.items() if kind.durable]
    words = "".join(f"  {name},\n" for name in stored)
    kind = 'ReadonlySet<ServerEvent["type"]>'
    comment = "/** Events that are stored and numbered; the others are live only. */\n"
    return f"{comment}export const DURABLE: {kind} = new Set([\n{words}] as const);\n"


def _comment(kind: type) -> str:
    text = inspect.cleandoc(kind.__doc__ or "") if "__doc__" in vars(kind) else ""
    if not text:
        return ""
    lines = text.splitlines()
    if len(lines) == 1:
        return f"/** {text} */\n"
    return "/**\n" + "".join(f" * {line}".rstrip() + "\n" for line in lines) + " */\n"
