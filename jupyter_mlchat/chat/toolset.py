"""Which tools a request to a language model carries: a core, and what `find_tools` adds for this turn."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import msgspec

from ..guard.access import Levels, decide
from ..guard.features import permits_tool
from ..llm.builtin.ranker import load_ranker
from ..protocol.records import Effect, ToolInfo
from ..settings import MLChat

MAX_TOOLS = 12
MAX_SCHEMA_BYTES = 10_000
FOUND_AT_ONCE = 4
FIND_TOOLS = "find_tools"
LIFTED = 0.05
LIKELY = 4.0
"""What the ranker's certainty counts for beside words in common; for a tool of one's own, its whole name does."""

CORE = (
    "make_prediction",
    "list_models",
    "get_model_info",
    "validate_features",
    "explain_prediction",
    "get_feature_importance",
    "what_if",
    "evaluate_model",
    "compare_models",
    "list_dataframes",
    "describe_dataframe",
)

_WORD = re.compile(r"[a-z]{3,}")
_COMMON = frozenset("the and for with what which how does model tool get list thi that from are was".split())


class Toolset:
    """`available` may all be called; `offered` is what the next request carries: read it anew for each."""

    def __init__(self, available: Sequence[ToolInfo], *, limited: bool) -> None:
        """`limited`: requests have room for few tools. Without `find_tools` among them all are offered."""
        self.available = [tool for tool in available if tool.name != FIND_TOOLS]
        self.offered = list(self.available)
        find_tools = next((tool for tool in available if tool.name == FIND_TOOLS), None)
        few = len(self.offered) <= MAX_TOOLS and self._fits(self.offered)
        self._all = find_tools is None or not limited or few
        if find_tools is None or self._all:
            return
        own = [tool.name for tool in self.available if tool.origin == "notebook"][:20]
        told = f"{find_tools.description} The person's own tools: {', '.join(own)}." if own else find_tools.description
        by_name = {tool.name: tool for tool in self.available}
        core = [by_name[name] for name in CORE if name in by_name]
        self.offered = [*core, msgspec.structs.replace(find_tools, description=told)]

    def effect(self, name: str) -> Effect | None:
        """What the tool of that name does; None where there is none."""
        known = {tool.name: tool.effect for tool in [*self.available, *self.offered]}
        return known.get(name)

    def find(self, query: str) -> list[ToolInfo]:
        """The tools nearest to `query`, nearest first; from now on requests carry them."""
        wanted = _stems(query)
        likely = _likely(query)
        scored = [(_nearness(wanted, tool) + LIKELY * likely.get(tool.name, 0.0), tool) for tool in self.available]
        near = [tool for score, tool in sorted(scored, key=lambda pair: -pair[0]) if score > 0][:FOUND_AT_ONCE]
        # What was added first makes room first.
        self.add(reversed(near))
        return near

    def add(self, tools: Iterable[ToolInfo]) -> None:
        """Offer these too; what was added first makes room when the schemas grow too large."""
        if self._all:
            return
        names = {tool.name for tool in self.offered}
        self.offered += [tool for tool in tools if tool.name not in names]
        while len(self.offered) > MAX_TOOLS and not self._fits(self.offered):
            del self.offered[MAX_TOOLS]

    def _fits(self, tools: Sequence[ToolInfo]) -> bool:
        return sum(map(schema_bytes, tools)) <= MAX_SCHEMA_BYTES


def permitted(tools: Iterable[ToolInfo], settings: MLChat, levels: Sequence[Levels]) -> list[ToolInfo]:
    """Those that neither the administrator nor a level of the policy forbids."""
    return [tool for tool in tools if permits_tool(settings, tool) and decide(tool.effect, levels) != "deny"]


def _likely(query: str) -> dict[str, float]:
    """How likely the ranker finds each tool, where the words make it likelier than no words do."""
    ranker = load_ranker()
    usual = ranker.chances("")
    return {name: chance for name, chance in ranker.chances(query.lower()).items() if chance > usual[name] + LIFTED}


def schema_bytes(tool: ToolInfo) -> int:
    """Of the tool as a request carries it."""
    function = {"name": tool.name, "description": tool.description, "parameters": tool.parameters}
    return len(msgspec.json.encode({"type": "function", "function": function}))


def _nearness(wanted: set[str], tool: ToolInfo) -> float:
    """How many of the words the tool has, in its name most of all."""
    name, rest = _stems(tool.name.replace("_", " ")), _stems(f"{tool.description} {tool.guidance} {tool.example}")
    whole = LIKELY if tool.origin != "jupyter_mlchat" and name and name <= wanted else 0.0
    return whole + sum(3.0 if word in name else 1.0 for word in wanted & (name | rest)) / (1 + len(wanted))


def _stems(text: str) -> set[str]:
    """Words without their common endings."""
    words = _WORD.findall(text.lower())
    return {re.sub(r"(ations?|ing|ed|es|s|e|ly)$", "", word)[:9] for word in words} - _COMMON
