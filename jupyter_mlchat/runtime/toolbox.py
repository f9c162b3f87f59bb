"""`@tool`: a typed function becomes a tool with a JSON Schema, an effect and guidance. Also what a tool returns.

A tool of ours takes a `ToolContext` first; a user's own `@tool` takes just its arguments. Both return plain
Python values, a dict, or an `Outcome`. What may not leave for a provider is wrapped in `Local`.
"""

from __future__ import annotations

import inspect
import json
import math
import re
import sys
import types
import typing
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypeVar

from .shell import Shell
from .wire import Effect, EvidenceDict, FormDict, IssueDict, ToolDict

MAX_STRING = 2_000
Lane = Literal["reader", "job", "main"]
F = TypeVar("F", bound=Callable[..., Any])


class ToolError(Exception):
    """A tool's own refusal. `code` is one of `protocol.faults.Code`; the message holds no cell values or paths."""

    def __init__(self, code: str, message: str, hint: str = "", about: str = "") -> None:
        super().__init__(message)
        self.code, self.message, self.hint, self.about = code, message, hint, about


class UnknownInputs(ToolError):
    """The model doesn't say what it takes. Where there is data, the person is asked to tell."""


class NeedsIdle(ToolError):
    """Not beside a running cell: the bridge runs the tool again on the main thread, when that is free."""


class Local:
    """A value that stays with the person: a provider sees `public` in its place (the key vanishes if None)."""

    __slots__ = ("public", "value")

    def __init__(self, value: Any, public: Any = None) -> None:
        self.value, self.public = value, public


@dataclass
class Outcome:
    """What a tool found. `total` counts what there was when `data` shows only `shown` of it."""

    data: dict[str, Any] = field(default_factory=dict)
    issues: list[IssueDict] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    """Warnings of whether the answer can be trusted; a turn tells one. Remarks about the answer are `warnings`."""
    warnings: list[str] = field(default_factory=list)
    evidence: list[EvidenceDict] = field(default_factory=list)
    shown: int | None = None
    total: int | None = None
    form: FormDict | None = None
    code: str = ""
    revision: str = ""


class ToolContext(Protocol):
    """What a tool may use of the kernel. Nothing else of the process is its business."""

    @property
    def user_ns(self) -> dict[str, Any]:
        """The live namespace. Read it through `names()`; only `write` tools, on the main thread, assign to it."""

    def names(self) -> dict[str, Any]:
        """A copy of the namespace without private names, IPython's own, and what the person has hidden."""

    def cells(self) -> dict[int, str]:
        """Source of every executed cell by its number, as in `In`."""

    @property
    def busy(self) -> bool:
        """True while a cell of the user runs."""

    @property
    def running_cell(self) -> int | None: ...

    @property
    def elapsed_s(self) -> float | None:
        """Seconds that the running cell has taken so far; None when idle."""

    @property
    def shell(self) -> Shell:
        """The interpreter. Only tools about the notebook itself look at it; only `execute` tools use it."""

    @property
    def state(self) -> dict[str, Any]:
        """A private store that lives as long as the bridge: caches, registered facts."""

    def progress(self, done: float, total: float, text: str = "") -> None: ...

    def cancelled(self) -> bool: ...


@dataclass(frozen=True)
class Tool:
    name: str
    run: Callable[..., Any]
    description: str
    parameters: dict[str, Any]
    effect: Effect = "read"
    lane: Lane = "reader"
    guidance: str = ""
    example: str = ""
    origin: str = "jupyter_mlchat"
    wants_context: bool = False

    def describe(self) -> ToolDict:
        return {
            "name": self.name,
            "description": self.description,
            "parameters": self.parameters,
            "effect": self.effect,
            "guidance": self.guidance,
            "example": self.example,
            "origin": self.origin,
        }


def tool(
    *,
    effect: Effect = "read",
    lane: Lane | None = None,
    guidance: str = "",
    example: str = "",
) -> Callable[[F], F]:
    """Make a typed function a tool. The docstring's first paragraph describes it, `Args:` its parameters.

    `write`, `disclose` and `execute` tools run only after an approval; `write` and `execute` on the main thread.
    """

    def mark(function: F) -> F:
        on_main = effect in ("write", "execute")
        vars(function)["__mlchat_tool__"] = {
            "effect": effect,
            "lane": lane or ("main" if on_main else "reader"),
            "guidance": guidance,
            "example": example,
        }
        return function

    return mark


def make_tool(function: Callable[..., Any], origin: str = "jupyter_mlchat") -> Tool:
    """A `Tool` from a function marked with `@tool`. Raises TypeError that names the parameter without a type."""
    marks = vars(function)["__mlchat_tool__"]
    hints = typing.get_type_hints(function)
    parameters = list(inspect.signature(function).parameters.values())
    wants_context = bool(parameters) and hints.get(parameters[0].name) is ToolContext
    if wants_context:
        parameters = parameters[1:]
    summary, arguments = _read_docstring(function)
    properties: dict[str, Any] = {}
    required: list[str] = []
    for parameter in parameters:
        if parameter.name not in hints:
            raise TypeError(f"Parameter {parameter.name!r} of tool {function.__name__!r} needs a type hint.")
        schema = schema_of(hints[parameter.name])
        if parameter.name in arguments:
            schema = {**schema, "description": arguments[parameter.name]}
        if parameter.default is inspect.Parameter.empty:
            required.append(parameter.name)
        elif parameter.default is not None:
            schema = {**schema, "default": parameter.default}
        properties[parameter.name] = schema
    return Tool(
        name=function.__name__,
        run=function,
        description=summary,
        parameters={
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": False,
        },
        origin=origin,
        wants_context=wants_context,
        **marks,
    )


def tools_in(module: types.ModuleType) -> list[Tool]:
    return [
        make_tool(value)
        for value in vars(module).values()
        if isinstance(value, types.FunctionType)
        and value.__module__ == module.__name__
        and "__mlchat_tool__" in vars(value)
    ]


_PRIMITIVES: dict[Any, dict[str, Any]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    Any: {},
    type(None): {"type": "null"},
    dict: {"type": "object"},
    list: {"type": "array"},
}


def schema_of(hint: Any) -> dict[str, Any]:
    """The JSON Schema of a type hint. Raises TypeError for what JSON can't say."""
    if hint in _PRIMITIVES:
        return dict(_PRIMITIVES[hint])
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin is Literal:
        return {"enum": list(args)}
    if origin in (typing.Union, types.UnionType):
        options = [schema_of(arg) for arg in args if arg is not type(None)]
        return options[0] if len(options) == 1 else {"anyOf": options}
    if origin is list:
        return {"type": "array", "items": schema_of(args[0])} if args else {"type": "array"}
    if origin is dict:
        return {"type": "object"}
    raise TypeError(f"A tool's argument can't be {hint!r}: use str, int, float, bool, list, dict or Literal.")


def _read_docstring(function: Callable[..., Any]) -> tuple[str, dict[str, str]]:
    text = inspect.getdoc(function) or ""
    head, _, tail = text.partition("\nArgs:\n")
    arguments: dict[str, str] = {}
    current = ""
    for line in tail.splitlines():
        match = re.match(r"\s{2,8}(\w+)(?: \([^)]*\))?:\s*(.*)", line)
        if match and not line.startswith(" " * 9):
            current = match.group(1)
            arguments[current] = match.group(2).strip()
        elif line.strip() and line.startswith("  ") and current:
            arguments[current] += " " + line.strip()
        elif line.strip():
            break
    return " ".join(head.split()), arguments


def plain(value: Any, *, local: bool) -> Any:
    """JSON for people (`local=True`) or for a provider. Numpy and pandas scalars become numbers, NaN null.

    Raises ToolError `tool_result_invalid` that names the type JSON can't hold.
    """
    if isinstance(value, Local):
        return plain(value.value if local else value.public, local=local)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        text = str(value)
        return text if len(text) <= MAX_STRING else text[:MAX_STRING] + "..."
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, Mapping):
        kept = ((k, v) for k, v in value.items() if local or not (isinstance(v, Local) and v.public is None))
        return {str(k): plain(v, local=local) for k, v in kept}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(item, local=local) for item in value]
    return _plain_scalar(value, local=local)


def _plain_scalar(value: Any, *, local: bool) -> Any:
    roots = {(kind.__module__ or "").partition(".")[0] for kind in type(value).__mro__}
    if "numpy" in roots:
        return plain(value.tolist(), local=local)
    if type(value).__name__ in ("NAType", "NaTType"):
        return None
    if roots & {"pandas", "datetime"} and hasattr(type(value), "isoformat"):
        return str(value.isoformat())
    raise ToolError(
        "tool_result_invalid",
        f"The tool returned a {type(value).__module__}.{type(value).__qualname__}, which is not JSON.",
        "Return numbers, strings, lists or dicts.",
    )


def holds_local(value: Any) -> bool:
    if isinstance(value, Local):
        return True
    if isinstance(value, Mapping):
        return any(holds_local(item) for item in value.values())
    return isinstance(value, (list, tuple)) and any(holds_local(item) for item in value)


def size_of(data: Any) -> int:
    return len(json.dumps(data, ensure_ascii=False).encode())


class Toolbox:
    """All tools of one kernel: ours, imported when first needed, `others` of installed packages, and the user's."""

    def __init__(self, modules: Iterable[str], others: Callable[[], Iterable[Tool]] = tuple) -> None:
        self._modules = list(modules)
        self._others = others
        self._tools: dict[str, Tool] = {}

    def add(self, function: Callable[..., Any], origin: str) -> None:
        self.put(make_tool(function, origin))

    def put(self, made: Tool) -> None:
        """In place of one of that name."""
        self._tools[made.name] = made

    def _load(self) -> None:
        for name in self._modules:
            __import__(name)
            for made in tools_in(sys.modules[name]):
                self._tools.setdefault(made.name, made)
        self._modules = []
        for made in self._others():
            # They never replace ours or the person's own.
            self._tools.setdefault(made.name, made)
        self._others = tuple

    def get(self, name: str) -> Tool:
        """Raises ToolError `unknown_tool` with close names."""
        self._load()
        found = self._tools.get(name)
        if found is None:
            import difflib

            close = difflib.get_close_matches(name, self._tools, 3)
            hint = f"Did you mean {', '.join(close)}?" if close else "`%chat help` lists what there is."
            raise ToolError("unknown_tool", f"There is no tool {name!r}.", hint, about=name)
        return found

    def all(self) -> list[Tool]:
        self._load()
        return list(self._tools.values())
