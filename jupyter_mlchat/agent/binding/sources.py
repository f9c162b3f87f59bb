"""What a number may come from: every value of a tool's result and of its arguments, with what it stands for."""

from __future__ import annotations

import math
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from . import vocabulary as v

MAX_SOURCES = 20_000
MAX_NAME = 60
_NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?:e[+-]?\d+)?(?![\w])", re.I)
_PERCENTILE = re.compile(r"p(\d{1,2})$|(\d{1,2}(?:\.\d+)?)%$")

Words = frozenset[str]
Name = tuple[str, Words]
"""Its role, and its words."""
Names = frozenset[Name]
NOTHING: Words = frozenset()
NOBODY: Names = frozenset()


@dataclass(frozen=True)
class Source:
    """One value. `kind` are the words of its key, `about` names beside it, each as its words, `counts` what it is
    a number of.

    `call` is the tool call it came of, "" for what the person said or the kernel is known to hold. Values with
    the same `path` mean the same of different things.
    """

    value: float
    call: str
    kind: Words = NOTHING
    about: Names = NOBODY
    counts: Words = NOTHING
    path: str = ""
    place: int = 0
    turn: int = 0
    said: bool = False


@dataclass
class Sources:
    """Everything a text may rest on. `add_*` may be called at any time; the newest call wins."""

    all: list[Source] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    texts: list[tuple[str, str]] = field(default_factory=list)
    longest: dict[str, int] = field(default_factory=dict)
    """The length of the longest list of each call."""
    kinds: set[str] = field(default_factory=set)
    abouts: set[Name] = field(default_factory=set)
    counted: set[str] = field(default_factory=set)
    turn: int = 0
    """Counts the questions; what is added belongs to the last one."""
    now: set[str] = field(default_factory=set)
    """The kinds that this turn's results have."""
    _sorted: list[tuple[float, int]] | None = None
    _place: int = 0
    _words: dict[str, Words] = field(default_factory=dict)
    _spoken: dict[Words, dict[str, Names]] = field(default_factory=dict)

    def add_said(self, text: str) -> None:
        """What the person has said: a turn begins."""
        self.turn += 1
        self.now = set()
        self._read_text(text, "", NOTHING, said=True)
        self.names.setdefault(text.strip().lower(), "")
        for word in re.findall(r"[^\s`\"',;:()?!]+|`[^`]+`", text):
            self.names.setdefault(word.strip("`.").lower(), "")

    def add_call(self, call: str, tool: str, args: Mapping[str, Any]) -> None:
        self.names.setdefault(tool.lower(), call)
        self._walk(args, call, ("args",), NOTHING, NOBODY)

    def add_result(self, call: str, data: Mapping[str, Any], told: Iterable[str] = ()) -> None:
        """`told` are sentences of the result: issues, warnings, evidence."""
        self._walk(data, call, (), NOTHING, NOBODY)
        for text in told:
            self._read_text(text, call, frozenset(v.words_of(text)))

    def add_catalogue(self, catalogue: Mapping[str, Any]) -> None:
        self._walk({key: value for key, value in catalogue.items() if key != "fault"}, "", (), NOTHING, NOBODY)

    # -- looking up ------------------------------------------------------------------------------------

    def near(self, low: float, high: float) -> Iterator[Source]:
        """Sources from `low` to `high`, the newest first."""
        if self._sorted is None:
            self._sorted = sorted((source.value, number) for number, source in enumerate(self.all))
        first = bisect_left(self._sorted, (low, -1))
        last = bisect_right(self._sorted, (high, len(self.all)))
        for number in sorted((number for _, number in self._sorted[first:last]), reverse=True):
            yield self.all[number]

    def spoken(self, words: Words) -> dict[str, Names]:
        """The things that these words name, by their role."""
        if words not in self._spoken:
            found: dict[str, set[Name]] = {}
            for name in self.abouts:
                if name[1] <= words:
                    found.setdefault(name[0], set()).add(name)
            self._spoken[words] = {role: frozenset(names) for role, names in found.items()}
        return self._spoken[words]

    def beside(self, one: Source, low: float, high: float) -> Iterator[Source]:
        """Those from `low` to `high` that may be set against `one`: of the same call, or of the same place in
        another one's result."""
        for other in self.near(low, high):
            if other is not one and not other.said and (other.call == one.call or other.path == one.path):
                yield other

    def name(self, text: str) -> str | None:
        """The call in which a name occurs, "" for one that was there before any call, or None."""
        wanted = text.strip().lower()
        if wanted in self.names:
            return self.names[wanted]
        return next((call for told, call in reversed(self.texts) if wanted in told), None)

    # -- reading results -------------------------------------------------------------------------------

    def _add(
        self,
        value: float,
        call: str,
        kind: Words = NOTHING,
        about: Names = NOBODY,
        counts: Words = NOTHING,
        path: str = "",
        said: bool = False,
    ) -> None:
        if len(self.all) >= MAX_SOURCES or not math.isfinite(value):
            return
        self._sorted, self._spoken = None, {}
        self.all.append(Source(value, call, kind, about, counts, path, self._place, self.turn, said))
        self.kinds |= kind
        self.now |= kind
        self.abouts |= about
        self.counted |= counts

    def _read(self, text: str) -> Words:
        """Its words; keys and names come again and again."""
        if text not in self._words:
            self._words[text] = frozenset(v.words_of(text))
        return self._words[text]

    def _walk(self, value: Any, call: str, path: tuple[str, ...], kind: Words, about: Names) -> None:
        if isinstance(value, Mapping):
            self._object(value, call, path, kind, about)
        elif isinstance(value, (list, tuple)):
            self._list(value, call, path, kind, about)
        elif isinstance(value, bool) or value is None:
            return
        elif isinstance(value, (int, float)):
            # A row's number is a name, not a number of rows.
            is_count = float(value).is_integer() and path[-1] not in ("row", "rank")
            own = kind if path[-1] == "total" else self._read(path[-1].removeprefix("n_"))
            counts = own if is_count else NOTHING
            plain = kind - v.GENERIC
            self._add(float(value), call, plain, about, counts, "/".join(path))
        elif isinstance(value, str):
            self.names[value.lower()] = call
            self._read_text(value, call, kind - v.GENERIC, about)

    def _object(self, value: Mapping[str, Any], call: str, path: tuple[str, ...], kind: Words, about: Names) -> None:
        if path:
            about = about | {
                (v.ROLES.get(str(key), str(key)), words)
                for key, one in value.items()
                if key not in v.ATTRIBUTES
                and isinstance(one, str)
                and len(one) <= MAX_NAME
                and (words := self._read(one) - v.GENERIC)
            }
        lists = frozenset(word for key, one in value.items() if isinstance(one, list) for word in self._read(str(key)))
        self._place += 1
        place = self._place
        for name, inner in value.items():
            key = str(name)
            self.names.setdefault(key.lower(), call)
            words = self._read(key.removeprefix("n_")) - {"from", "to"}
            if key == "total" and isinstance(inner, int):
                words = lists
            level = _PERCENTILE.match(key)
            if words & {"class"} and isinstance(inner, list):
                words |= {"prediction"}
            if level:
                words |= {"percentile", level[1] or level[2]}
            # Under an object the key above says what is meant: `accuracy: {value, low, high}`.
            above = kind if path and path[-1] != "[]" else NOTHING
            self._walk(inner, call, (*path, key), words | above, about)
            self._place = max(self._place, place)
            self._percentile(key, inner, call, words | kind, about)
        self._confusion(value, call, about)

    def _list(self, value: Sequence[Any], call: str, path: tuple[str, ...], kind: Words, about: Names) -> None:
        self.longest[call] = max(self.longest.get(call, 0), len(value))
        self._add(float(len(value)), call, NOTHING, about, kind, "/".join((*path, "#")))
        numbers = [one for one in value if isinstance(one, (int, float)) and not isinstance(one, bool)]
        for one in value:
            self._walk(one, call, (*path, "[]"), kind if len(numbers) == len(value) else NOTHING, about)

    def _percentile(self, key: str, inner: Any, call: str, words: Words, about: Names) -> None:
        """A key such as `p99` or `25%` holds a number too, and with its mirror image the share between them."""
        match = _PERCENTILE.match(key)
        if match is None or inner is None or isinstance(inner, (Mapping, list)):
            return
        at = float(match[1] or match[2])
        told = words | {"percentile"}
        self._add(at, call, told, NOBODY, frozenset({"percentile"}), "percentile")
        self._add(abs(100 - 2 * at) / 100, call, told, NOBODY, NOTHING, "central share")

    def _confusion(self, value: Mapping[str, Any], call: str, about: Names) -> None:
        """Of a table of truths and answers people tell how many are right and wrong."""
        counts = value.get("counts")
        if not isinstance(counts, list) or not all(isinstance(row, list) and len(row) == len(counts) for row in counts):
            return
        right = sum(row[number] for number, row in enumerate(counts))
        whole = sum(map(sum, counts))
        for number, words in ((right, {"accuracy"}), (whole - right, {"wrong"}), (whole, {"row"})):
            told = frozenset(words)
            self._add(float(number), call, told, about, told | {"row"}, "confusion")

    def _read_text(self, text: str, call: str, kind: Words, about: Names = NOBODY, said: bool = False) -> None:
        """Numbers and names inside of a sentence."""
        told = text[:4000]
        self.texts.append((told.lower(), call))
        for match in _NUMBER.finditer(told):
            near = kind
            if len(told) > MAX_NAME:
                near = frozenset(v.words_of(told[max(0, match.start() - 40) : match.end() + 40])) - v.GENERIC
            self._add(float(match[0]), call, near, about, near, "text", said)
        for inside in re.findall(r"`([^`]+)`", told):
            self.names.setdefault(inside.lower(), call)
