"""The list of a server that speaks OpenAI's protocol, `/v1/models`. Each adds fields of its own to it."""

from __future__ import annotations

from typing import Any

from ..protocol.records import Capability, LlmInfo
from .fetch import FetchError, fetch
from .told import (
    LONGEST_NAME,
    MILLION,
    MOST_LLMS,
    counted,
    embeds,
    is_for_chat,
    name_of,
    parameters_in,
    price,
    quantization_in,
    text_of,
    whole,
)


def llms_at(url: str, key: str, provider: str) -> tuple[list[LlmInfo], bool]:
    """The llms for chat, and whether there are others that embed. Raises FetchError. Blocks."""
    answer = fetch(url, _headers(key, provider))
    listed = answer.get("data", answer.get("models")) if isinstance(answer, dict) else answer
    if not isinstance(listed, list):
        raise FetchError("garbled")
    entries = [entry for entry in listed[:MOST_LLMS] if isinstance(entry, dict)]
    found = [info for entry in entries if (info := _read(entry, provider)) is not None]
    return found, any(embeds(text_of(entry.get("id"), LONGEST_NAME)) for entry in entries)


def _headers(key: str, provider: str) -> dict[str, str]:
    if not key:
        return {}
    if provider == "anthropic":
        return {"x-api-key": key, "anthropic-version": "2023-06-01"}
    return {"Authorization": f"Bearer {key}"}


def _read(entry: dict[str, Any], provider: str) -> LlmInfo | None:
    # Google writes `models/` before its own names.
    name = name_of(entry.get("id")).removeprefix("models/")
    can = _part(entry, "capabilities")
    kind = entry.get("type")
    other_work = isinstance(kind, str) and kind not in ("chat", "language", "model", "llm", "vlm")
    if not name or other_work or can.get("completion_chat") is False or not is_for_chat(name):
        return None
    meta, top = _part(entry, "meta"), _part(entry, "top_provider")
    tokens_in, tokens_out, factor = _prices(_part(entry, "pricing"))
    return LlmInfo(
        id=f"{provider}/{name}",
        name=name,
        provider=provider,
        description=text_of(entry.get("description") or entry.get("display_name")),
        context_length=whole(
            entry.get("context_length"),
            entry.get("max_model_len"),
            entry.get("max_context_length"),
            entry.get("context_window"),
            entry.get("max_input_tokens"),
            meta.get("n_ctx"),
            meta.get("n_ctx_train"),
            top.get("context_length"),
        ),
        max_tokens=whole(
            entry.get("max_completion_tokens"), entry.get("max_output_tokens"), top.get("max_completion_tokens")
        ),
        parameters=counted(whole(meta.get("n_params"))) or parameters_in(name),
        quantization=text_of(entry.get("quantization") or meta.get("ftype"), 20) or quantization_in(name),
        size=whole(meta.get("size")),
        capabilities=_capabilities(entry, can),
        price_in=price(tokens_in, factor),
        price_out=price(tokens_out, factor),
    )


def _prices(pricing: dict[str, Any]) -> tuple[object, object, float]:
    """OpenRouter says them for a token, Together AI for a million."""
    if "prompt" in pricing:
        return pricing["prompt"], pricing.get("completion"), MILLION
    return pricing.get("input"), pricing.get("output"), 1


def _capabilities(entry: dict[str, Any], can: dict[str, Any]) -> list[Capability]:
    takes = entry.get("supported_parameters")
    takes = takes if isinstance(takes, list) else []
    sees = _part(entry, "architecture").get("input_modalities")
    found: dict[Capability, bool] = {
        "tools": "tools" in takes or can.get("function_calling") is True,
        "vision": (isinstance(sees, list) and "image" in sees) or can.get("vision") is True,
        "reasoning": "reasoning" in takes or can.get("reasoning") is True,
        "streaming": True,
    }
    return [word for word, there in found.items() if there]


def _part(entry: dict[str, Any], name: str) -> dict[str, Any]:
    part = entry.get(name)
    return part if isinstance(part, dict) else {}
