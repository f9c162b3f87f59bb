"""What a pickle would do, without doing it: its opcodes are followed on a stack of mere descriptions.

Every import, by whichever opcode, and every call is noted. Anything that isn't understood to the last byte
raises Broken: a pickle that can't be followed is not one to load.
"""

from __future__ import annotations

import pickletools
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from .streams import MAX_KEPT, Broken, Reader

MAX_OPCODES = 20_000_000
MAX_IMPORTS = 2_000
MAX_STACK = 5_000_000
_CHECK_EVERY = 20_000
_KEPT_ITEMS = 64
_MAX_TEXT = 4_096
_VERSION_KEY = "_sklearn_version"

Import = tuple[str, str]


class Opaque:
    """A value nobody needs to know."""


OPAQUE = Opaque()
_MARK = Opaque()


@dataclass
class Made:
    """What a call gives: `call` is None when it calls what an earlier call gave; `state` as it was set last."""

    call: Import | None
    args: Any = OPAQUE
    state: dict[Any, Any] | tuple[Any, ...] | None = None


@dataclass
class Found:
    imports: Counter[Import] = field(default_factory=Counter)
    calls: Counter[Import] = field(default_factory=Counter)
    calls_results: int = 0
    """Calls of what another call gave: of what, can't be seen."""
    unnamed: int = 0
    """Imports whose name is only made while loading, or comes from a table of this process."""
    scikit_versions: set[str] = field(default_factory=set)
    persistent: bool = False
    pickles: int = 0
    trailing: bool = False
    """Whether anything follows the last pickle."""


@dataclass(frozen=True)
class _Name:
    where: Import


class Walker:
    """Follows pickles that stand one after another in a stream."""

    def __init__(self, reader: Reader, found: Found | None = None) -> None:
        self.reader, self.found = reader, found or Found()
        self._opcodes = 0

    def all(self) -> Found:
        """Of every pickle in the stream: the first is what loading runs, others may be asked for later."""
        first = self.reader.next()
        while first:
            if self.found.pickles and first != b"\x80":
                self.found.trailing = True
                break
            try:
                self.one(first)
            except Broken:
                if not self.found.pickles:
                    raise
                self.found.trailing = True
                break
            first = self.reader.next()
        return self.found

    def one(self, first: bytes) -> None:
        """One pickle whose first byte was read already."""
        stack: list[Any] = []
        memo: dict[int, Any] = {}
        code = first
        while True:
            self._opcodes += 1
            if self._opcodes > MAX_OPCODES or len(stack) > MAX_STACK:
                raise Broken("it has more steps than are followed")
            if self._opcodes % _CHECK_EVERY == 0:
                self.reader.within_time()
            opcode = _OPCODES.get(code.decode("latin-1"))
            if opcode is None:
                raise Broken("it has a step that pickles don't have" if code else "it ends too early")
            if opcode.name == "STOP":
                self.found.pickles += 1
                return
            try:
                self._step(opcode.name, self._argument(opcode), stack, memo)
            except (IndexError, KeyError, TypeError, ValueError, AttributeError):
                raise Broken("its steps don't fit together") from None
            code = self.reader.next()

    def _argument(self, opcode: Any) -> Any:
        kind = opcode.arg
        if kind is None:
            return None
        if kind.n < -1:
            width = {pickletools.TAKEN_FROM_ARGUMENT1: 1, pickletools.TAKEN_FROM_ARGUMENT8U: 8}.get(kind.n, 4)
            size = int.from_bytes(self.reader.read(width), "little")
            if size > (_MAX_TEXT if "unicode" in kind.name else MAX_KEPT):
                self.reader.skip(size)
                return OPAQUE
            data = self.reader.read(size)
            return data.decode("utf-8", "surrogatepass") if "unicode" in kind.name else data
        if kind.n == pickletools.UP_TO_NEWLINE:
            lines = [self.reader.line() for _ in range(2 if opcode.name in ("GLOBAL", "INST") else 1)]
            return tuple(OPAQUE if line is None else line[:-1].decode("utf-8", "replace") for line in lines)
        data = self.reader.read(kind.n)
        if opcode.name in ("BINFLOAT",):
            return OPAQUE
        return int.from_bytes(data, "little", signed=opcode.name == "BININT")

    def _step(self, name: str, argument: Any, stack: list[Any], memo: dict[int, Any]) -> None:
        if name in _PUSHES:
            stack.append(_PUSHES[name])
        elif name in ("GLOBAL", "INST"):
            callee = self._import(*argument)
            if name == "INST":
                stack.append(self._call(callee, tuple(_to_mark(stack))))
            else:
                stack.append(callee)
        elif name == "STACK_GLOBAL":
            attribute, module = stack.pop(), stack.pop()
            stack.append(self._import(module, attribute))
        elif name in ("EXT1", "EXT2", "EXT4"):
            self.found.unnamed += 1
            stack.append(OPAQUE)
        elif name == "REDUCE" or name == "NEWOBJ":
            args, callee = stack.pop(), stack.pop()
            stack.append(self._call(callee, args))
        elif name == "NEWOBJ_EX":
            _, args, callee = stack.pop(), stack.pop(), stack.pop()
            stack.append(self._call(callee, args))
        elif name == "OBJ":
            callee, *args = _to_mark(stack)
            stack.append(self._call(callee, tuple(args)))
        elif name == "BUILD":
            self._build(stack)
        elif name in ("PERSID", "BINPERSID"):
            if name == "BINPERSID":
                stack.pop()
            self.found.persistent = True
            stack.append(OPAQUE)
        elif name in ("PUT", "BINPUT", "LONG_BINPUT", "MEMOIZE"):
            place = len(memo) if name == "MEMOIZE" else int(argument[0]) if name == "PUT" else argument
            memo[place] = stack[-1]
        elif name in ("GET", "BINGET", "LONG_BINGET"):
            stack.append(memo[int(argument[0]) if name == "GET" else argument])
        elif name in _TUPLES:
            size = _TUPLES[name]
            stack[len(stack) - size :] = [tuple(stack[-size:])]
        else:
            self._collect(name, argument, stack)

    def _collect(self, name: str, argument: Any, stack: list[Any]) -> None:
        """Values, and the containers they are put into."""
        if name == "MARK":
            stack.append(_MARK)
        elif name == "POP":
            stack.pop()
        elif name == "POP_MARK":
            _to_mark(stack)
        elif name == "DUP":
            stack.append(stack[-1])
        elif name in ("TUPLE", "LIST", "FROZENSET"):
            items = _to_mark(stack)
            stack.append(tuple(items) if name == "TUPLE" and len(items) <= _KEPT_ITEMS else OPAQUE)
        elif name in ("DICT", "SETITEMS"):
            items = _to_mark(stack)
            target = stack[-1] if name == "SETITEMS" else {}
            self._fill(target, items)
            if name == "DICT":
                stack.append(target)
        elif name == "SETITEM":
            value, key = stack.pop(), stack.pop()
            self._fill(stack[-1], [key, value])
        elif name == "EMPTY_DICT":
            stack.append({})
        elif name in ("APPENDS", "ADDITEMS"):
            _to_mark(stack)
        elif name == "APPEND":
            stack.pop()
        elif name in _TEXTS:
            stack.append(argument if isinstance(argument, str) else OPAQUE)
        elif name in ("STRING", "UNICODE"):
            text = argument[0]
            known = isinstance(text, str) and "\\" not in text
            stack.append(OPAQUE if not known else text if name == "UNICODE" else text[1:-1])
        elif name in ("SHORT_BINSTRING", "BINSTRING"):
            stack.append(argument.decode("latin-1") if isinstance(argument, bytes) else OPAQUE)
        elif name in ("BININT", "BININT1", "BININT2"):
            stack.append(argument)
        elif name in ("INT", "LONG"):
            stack.append({"00": False, "01": True}.get(argument[0], OPAQUE) if name == "INT" else OPAQUE)
        elif name in ("LONG1", "LONG4"):
            known = isinstance(argument, bytes)
            stack.append(int.from_bytes(argument, "little", signed=True) if known and len(argument) <= 16 else OPAQUE)
        elif name in ("FLOAT", "BINFLOAT", "BINBYTES", "SHORT_BINBYTES", "BINBYTES8", "BYTEARRAY8", "NEXT_BUFFER"):
            stack.append(OPAQUE)
        elif name not in ("PROTO", "FRAME", "READONLY_BUFFER"):
            raise Broken("it has a step that is not known")

    def _fill(self, target: Any, items: list[Any]) -> None:
        for key, value in zip(items[::2], items[1::2], strict=True):
            if key == _VERSION_KEY and isinstance(value, str) and len(self.found.scikit_versions) < 20:
                self.found.scikit_versions.add(value[:40])
            if isinstance(target, dict) and isinstance(key, str) and (key in target or len(target) < _KEPT_ITEMS):
                target[key] = value

    def _import(self, module: Any, attribute: Any) -> Any:
        if not isinstance(module, str) or not isinstance(attribute, str):
            self.found.unnamed += 1
            return OPAQUE
        where = (module, attribute)
        if where not in self.found.imports and len(self.found.imports) >= MAX_IMPORTS:
            raise Broken("it imports more than is followed")
        self.found.imports[where] += 1
        return _Name(where)

    def _call(self, callee: Any, args: Any) -> Made:
        if isinstance(callee, _Name):
            self.found.calls[callee.where] += 1
            if callee.where in _BY_CLASS and isinstance(args, tuple) and args and isinstance(args[0], _Name):
                return Made(args[0].where, args[1:])
            return Made(callee.where, args)
        if callee is OPAQUE or isinstance(callee, Made):
            self.found.calls_results += 1
            return Made(None, args)
        raise Broken("it calls what can't be called")

    def _build(self, stack: list[Any]) -> None:
        state = stack.pop()
        target = stack[-1]
        if not isinstance(target, Made):
            return
        if isinstance(state, (dict, tuple)):
            both = isinstance(target.state, dict) and isinstance(state, dict)
            target.state = {**target.state, **state} if both else state  # type: ignore[dict-item]
        else:
            target.state = None
        if target.call == _ARRAY:
            self._array(target)
            stack[-1] = OPAQUE

    def _array(self, wrapper: Made) -> None:
        """Joblib writes an array's own bytes, or a pickle of its objects, right behind its wrapper."""
        from .arrays import layout_of

        layout = layout_of(wrapper.state)
        if layout is None:
            self.one(self.reader.next())
            return
        if layout.padded:
            self.reader.skip(self.reader.read(1)[0])
        self.reader.skip(layout.size)


def _to_mark(stack: list[Any]) -> list[Any]:
    items: list[Any] = []
    while (top := stack.pop()) is not _MARK:
        items.append(top)
    return items[::-1]


_OPCODES = {opcode.code: opcode for opcode in pickletools.opcodes}
_ARRAY = ("joblib.numpy_pickle", "NumpyArrayWrapper")
_BY_CLASS = frozenset({("copyreg", "_reconstructor"), ("copy_reg", "_reconstructor"), ("copyreg", "__newobj__")})
"""Calls that make an object of the class that is their first argument."""
_PUSHES: dict[str, Any] = {
    "NONE": None, "NEWTRUE": True, "NEWFALSE": False, "EMPTY_TUPLE": (), "EMPTY_LIST": OPAQUE, "EMPTY_SET": OPAQUE,
}  # fmt: skip
_TUPLES = {"TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}
_TEXTS = ("BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8")
