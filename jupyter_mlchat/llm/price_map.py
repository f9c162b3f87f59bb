"""The llms that litellm has prices of, read from the file in its package: importing it would take seconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import msgspec

from ..protocol.records import Capability, LlmInfo
from .providers import PROVIDERS
from .told import LONGEST_NAME, MILLION, parameters_in, price, whole

FILE = "model_prices_and_context_window_backup.json"
_SPELLED = {"bedrock_converse": "bedrock"}


class _Entry(msgspec.Struct):
    """What is read of one entry."""

    litellm_provider: Any = ""
    mode: Any = ""
    max_input_tokens: Any = None
    max_output_tokens: Any = None
    input_cost_per_token: Any = None
    output_cost_per_token: Any = None
    supports_function_calling: Any = False
    supports_vision: Any = False
    supports_reasoning: Any = False


@dataclass(frozen=True)
class PriceMap:
    """Llms for chat by id, and the providers that also embed."""

    llms: Mapping[str, LlmInfo] = field(default_factory=dict)
    embed: frozenset[str] = frozenset()


def read_price_map() -> PriceMap:
    """Empty without litellm, or when its file is not what it was. Takes about 20 ms; nothing is imported."""
    spec = find_spec("litellm")
    if spec is None or spec.origin is None:
        return PriceMap()
    try:
        raw = (Path(spec.origin).parent / FILE).read_bytes()
        entries = msgspec.json.decode(raw, type=dict[str, _Entry])
    except (OSError, msgspec.MsgspecError):
        return PriceMap()
    named = [(name, entry, _provider_of(entry)) for name, entry in entries.items() if len(name) <= LONGEST_NAME]
    found = [_read(name, entry, provider) for name, entry, provider in named if provider and entry.mode == "chat"]
    embed = frozenset(provider for _, entry, provider in named if provider and entry.mode == "embedding")
    return PriceMap({info.id: info for info in found if info is not None}, embed)


def _provider_of(entry: _Entry) -> str:
    """Ours for theirs, "" for one that we don't name. A local provider has what is installed there, nothing else."""
    theirs = str(entry.litellm_provider)
    provider = "vertex_ai" if theirs.startswith("vertex_ai") else _SPELLED.get(theirs, theirs)
    return provider if provider in PROVIDERS and not PROVIDERS[provider].local else ""


def _read(name: str, entry: _Entry, provider: str) -> LlmInfo | None:
    own = name.removeprefix(f"{provider}/")
    # Some are prices of somebody's own fine-tuned llm, not names.
    if own.startswith("ft:"):
        return None
    can: dict[Capability, object] = {
        "tools": entry.supports_function_calling,
        "vision": entry.supports_vision,
        "reasoning": entry.supports_reasoning,
        "streaming": True,
    }
    return LlmInfo(
        id=f"{provider}/{own}",
        name=own,
        provider=provider,
        context_length=whole(entry.max_input_tokens),
        max_tokens=whole(entry.max_output_tokens),
        parameters=parameters_in(own),
        capabilities=[word for word, there in can.items() if there is True],
        price_in=price(entry.input_cost_per_token, MILLION),
        price_out=price(entry.output_cost_per_token, MILLION),
    )
