"""Bytes to records and back. Strict: an unknown type, a missing or an extra field is a fault that names it."""

from __future__ import annotations

import re
from functools import cache

import msgspec

from .commands import COMMANDS, AnyCommand, TurnStart
from .events import AnyEvent, Event
from .faults import Code, Fault

MAX_COMMAND_BYTES = 1 << 20
MAX_PICTURES = 4
MAX_PICTURE_BYTES = 1 << 20
MAX_FRAME_BYTES = MAX_COMMAND_BYTES + MAX_PICTURES * MAX_PICTURE_BYTES
"""Of a command with its pictures, which do not count as its own bytes."""
MAX_EVENT_BYTES = 256 * 1024
UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError)
"""What decoding a stored event that is damaged raises."""

_encoder = msgspec.json.Encoder()


@cache
def _commands() -> msgspec.json.Decoder[AnyCommand]:
    """Made when the first command comes: of that many types it takes a fifth of our part of a server's start."""
    return msgspec.json.Decoder(AnyCommand)


@cache
def _events() -> msgspec.json.Decoder[AnyEvent]:
    return msgspec.json.Decoder(AnyEvent)


def decode_command(frame: bytes | str) -> AnyCommand:
    """One JSON object to a command. Raises `Fault` `too_large`, `malformed` or `unknown_command`."""
    raw = frame.encode("utf-8", "replace") if isinstance(frame, str) else frame
    if len(raw) > MAX_FRAME_BYTES:
        raise _too_large(len(raw))
    try:
        command = _commands().decode(raw)
    except msgspec.ValidationError as error:
        text = str(error)
        if text.startswith("Invalid value") and "$.type" in text:
            raise Fault(
                Code.UNKNOWN_COMMAND, text, f"Known types: {', '.join(sorted(COMMANDS))}.", about="type"
            ) from None
        raise Fault(Code.MALFORMED, text, "Compare the field with openapi.json.", about=path_of(text)) from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Fault(Code.MALFORMED, "The message is not one JSON object.", "Send one JSON object a frame.") from None
    if (size := len(raw) - bytes_of_pictures(command)) > MAX_COMMAND_BYTES:
        raise _too_large(size)
    return command


def bytes_of_pictures(command: msgspec.Struct) -> int:
    """What of a command are pictures: these have limits of their own."""
    return sum(len(picture.data) for picture in command.images) if isinstance(command, TurnStart) else 0


def _too_large(size: int) -> Fault:
    return Fault(
        Code.TOO_LARGE,
        f"The message has {size:,} bytes; at most {MAX_COMMAND_BYTES:,} are taken.",
        "Upload large inputs as a file, or refer to a variable by its name.",
    )


def encode_event(event: Event) -> bytes:
    return _encoder.encode(event)


def decode_event(frame: bytes | str) -> AnyEvent:
    return _events().decode(frame)


def path_of(message: str) -> str:
    """The field in question: `$.text` out of msgspec's "... - at `$.text`", `id` out of "... field `id`"."""
    named = re.findall(r"(?: at|field) `([^`]+)`", message)
    return named[-1] if named else ""
