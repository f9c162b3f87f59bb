"""How an llm is asked to word: the bounds of each parameter, and which of them a provider takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from ..protocol.choices import Bound
from ..protocol.faults import Code, Fault
from ..protocol.records import Parameters
from .base import Around, CancelToken, Llm, LlmRequest, Part
from .providers import provider_of

GENERAL: tuple[Bound, ...] = (
    Bound("temperature", 0, 2),
    Bound("max_tokens", 1, 200_000, whole=True),
    Bound("top_p", 0, 1),
    Bound("top_k", 1, 1_000, whole=True),
)
HOTTEST: Mapping[str, float] = {
    "anthropic": 1,
    "bedrock": 1,
    "cohere": 1,
    "cohere_chat": 1,
    "mistral": 1.5,
    "codestral": 1.5,
}
"""Where a provider refuses temperatures that others take: from their API references."""
TAKES_TOP_K = frozenset(
    """
    anthropic gemini vertex_ai ollama_chat lm_studio hosted_vllm llamafile openrouter together_ai fireworks_ai
    deepinfra cohere cohere_chat
    """.split()
)
"""It is no parameter of OpenAI's protocol, and others refuse requests that have it."""
MAX_SYSTEM = 8_000
"""Characters of a person's own wishes."""


def bounds(llm: str) -> list[Bound]:
    """Of every parameter that is a number, for the llm `provider/name`; the widest for one that is not known."""
    provider = provider_of(llm)
    return [_bound(one, provider, llm) for one in GENERAL]


def _bound(general: Bound, provider: str, llm: str) -> Bound:
    maximum = HOTTEST.get(provider, general.maximum) if general.name == "temperature" else general.maximum
    taken = llm != "builtin" and (general.name != "top_k" or provider in TAKES_TOP_K)
    return Bound(general.name, general.minimum, maximum, general.whole, taken)


def changed(now: Parameters, changes: Mapping[str, Any], llm: str) -> Parameters:
    """`now` with `changes`; None takes one back. Raises Fault `invalid_input` that names the bounds of `llm`."""
    known: dict[str, Bound] = {bound.name: bound for bound in bounds(llm)}
    values: dict[str, Any] = {name: getattr(now, name) for name in now.__struct_fields__}
    for name, value in changes.items():
        if name not in values:
            hint = f"There are: {', '.join(values)}."
            raise Fault(Code.INVALID_INPUT, f"There is no parameter {name[:40]!r}.", hint, about="parameters")
        values[name] = value if value is None else _checked(name, value, known.get(name), llm)
    return Parameters(**values)


def check(parameters: Parameters, llm: str) -> None:
    """Raises Fault `invalid_input` for what was chosen for another llm and is too much for this one."""
    for bound in bounds(llm):
        value = getattr(parameters, bound.name)
        if value is not None and bound.taken:
            _checked(bound.name, value, bound, llm)


def sent_to(llm: str, parameters: Parameters, temperature: float, max_tokens: int) -> dict[str, Any]:
    """What a request carries: what was chosen as far as the llm takes it, else the defaults that are given.

    A `top_p` alone is sent alone: some providers refuse both it and a temperature.
    """
    chosen: dict[str, Any] = {
        bound.name: value
        for bound in bounds(llm)
        if bound.taken and (value := getattr(parameters, bound.name)) is not None and _within(value, bound)
    }
    default: dict[str, Any] = {"max_tokens": max_tokens}
    if "top_p" not in chosen:
        default["temperature"] = temperature
    return {**default, **chosen}


def _checked(name: str, value: Any, bound: Bound | None, llm: str) -> Any:
    if bound is None:
        if isinstance(value, str) and value.strip() and len(value) <= MAX_SYSTEM:
            return value.strip()
        hint = f"A text of at most {MAX_SYSTEM:,} characters, or null to take it back."
        raise Fault(Code.INVALID_INPUT, f"`{name}` can't be that.", hint, about=name)
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if number and isinstance(value, float) and value.is_integer() and bound.whole:
        value = int(value)
    if not number or not _within(value, bound) or (bound.whole and not isinstance(value, int)):
        kind = "a whole number" if bound.whole else "a number"
        whose = f" for {llm}" if llm else ""
        message = f"`{name}` is {kind} from {bound.minimum:,g} to {bound.maximum:,g}{whose}."
        raise Fault(
            Code.INVALID_INPUT, message, f"Set it anew: `%chat set {name}=...` or `{name}=default`.", about=name
        )
    return value


def _within(value: float, bound: Bound) -> bool:
    return bound.minimum <= value <= bound.maximum


class Tuned(Around):
    """An llm that is asked with these parameters, whatever stands between it and the provider."""

    def __init__(self, llm: Llm, parameters: Parameters) -> None:
        super().__init__(llm)
        self._parameters = parameters

    def stream(self, request: LlmRequest, cancel: CancelToken) -> Iterator[Part]:
        return self._llm.stream(replace(request, parameters=self._parameters), cancel)
