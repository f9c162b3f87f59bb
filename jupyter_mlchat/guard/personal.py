"""What in a text identifies a person: patterns as data, each with the check that tells it from other numbers."""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Redact = Callable[[str], str]


@dataclass(frozen=True)
class Pattern:
    """`holds` looks closer at what was found: many numbers are long without being anybody's."""

    name: str
    found: re.Pattern[str]
    holds: Callable[[str], bool] = bool


def _luhn(text: str) -> bool:
    """The check digit of payment cards."""
    digits = [int(digit) for digit in text if digit.isdigit()]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def _iban(text: str) -> bool:
    """ISO 13616: the remainder of 97 is 1."""
    plain = re.sub(r"[\s-]", "", text).upper()
    moved = plain[4:] + plain[:4]
    return 15 <= len(plain) <= 34 and int("".join(str(int(char, 36)) for char in moved)) % 97 == 1


def _address(text: str) -> bool:
    """Of a network, and not the number of a version."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _social(text: str) -> bool:
    """Areas and groups that were never given out are other numbers."""
    area, group, serial = re.split(r"[- ]", text)
    return area not in ("000", "666") and area < "900" and group != "00" and serial != "0000"


PATTERNS = (
    Pattern("email", re.compile(r"(?<![\w.+%-])[\w.+%-]{1,64}@(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,63}\b")),
    Pattern("iban", re.compile(r"\b[A-Za-z]{2}\d{2}(?:[ -]?[A-Za-z0-9]{4}){2,7}(?:[ -]?[A-Za-z0-9]{1,3})?\b"), _iban),
    Pattern("card", re.compile(r"(?<![\d.])(?:\d[ -]?){12,18}\d(?![\d.]\d|\d)"), _luhn),
    Pattern("ssn", re.compile(r"(?<![\w-])\d{3}-\d{2}-\d{4}(?![\w-])|(?<![\w-])\d{3} \d{2} \d{4}(?![\w-])"), _social),
    Pattern("ip", re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?!\w|\.\d)"), _address),
    Pattern("ip", re.compile(r"(?<![\w:])(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{1,4}(?![\w:])"), _address),
    Pattern("mac", re.compile(r"(?<![\w:-])(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}(?![\w:-])")),
    Pattern("phone", re.compile(r"(?<![\w.])\+?\d{1,3}[ -]\(?\d{2,4}\)?(?:[ -]\d{2,4}){2,3}(?![\w.])")),
    Pattern("phone", re.compile(r"(?<![\w.])\(\d{3}\) ?\d{3}-\d{4}(?!\w)")),
    Pattern("phone", re.compile(r"(?<![\w.+-])\d{3}[.-]\d{3}[.-]\d{4}(?![\w.-])")),
    Pattern("phone", re.compile(r"(?<!\w)\+\d{8,15}(?!\w|\.\d)")),
)  # fmt: skip


def redact(text: str) -> str:
    """Replace what looks like an e-mail address, IBAN, card, social security or telephone number, or an address."""
    for pattern in PATTERNS:
        text = pattern.found.sub(lambda match, p=pattern: f"[{p.name}]" if p.holds(match[0]) else match[0], text)  # type: ignore[misc]
    return text


def redacted(content: str, words: Redact = redact) -> str:
    """A tool's result without them. JSON stays JSON: each text in it is looked at alone, and each whole number."""
    try:
        value = json.loads(content)
    except ValueError:
        return words(content)
    cleaned = _redacted(value, words)
    return content if cleaned == value else json.dumps(cleaned, ensure_ascii=False, separators=(",", ":"))


def _redacted(value: Any, words: Redact) -> Any:
    if isinstance(value, str):
        return words(value)
    if isinstance(value, dict):
        return {words(name): _redacted(item, words) for name, item in value.items()}
    if isinstance(value, list):
        return [_redacted(item, words) for item in value]
    if type(value) is int and value >= 10**12:
        marked = redact(str(value))
        return value if marked == str(value) else marked
    return value
