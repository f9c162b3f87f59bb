"""A few llms that are known before anything is read or asked: the first list, and the one of Hugging Face."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ..protocol.records import Capability, LlmInfo
from .providers import PROVIDERS
from .told import parameters_in

BUILTIN_INFO = LlmInfo(
    id="builtin",
    name="builtin",
    provider="builtin",
    description="The built-in engine: no language model, no key, and nothing leaves this machine.",
    capabilities=["tools", "streaming"],
    price_in=0.0,
    price_out=0.0,
)

_TOOLS: list[Capability] = ["tools", "streaming"]
_WORDS: list[Capability] = ["streaming"]


def _hub(name: str, context: int, text: str, can: list[Capability], parameters: str = "") -> LlmInfo:
    return LlmInfo(
        id=f"huggingface/{name}",
        name=name,
        provider="huggingface",
        description=text,
        context_length=context,
        parameters=parameters or parameters_in(name),
        capabilities=can,
    )


def _default(provider: str) -> LlmInfo:
    name = PROVIDERS[provider].default
    title = PROVIDERS[provider].title
    own = name.partition("/")[2]
    return LlmInfo(id=name, name=own, provider=provider, description=f"The one taken for {title}.", capabilities=_TOOLS)


_HUB = (
    _hub("meta-llama/Llama-3.3-70B-Instruct", 131_072, "Meta's general llm, the one taken for Hugging Face.", _TOOLS),
    _hub("meta-llama/Llama-3.1-8B-Instruct", 131_072, "Meta's small general llm.", _TOOLS),
    _hub("openai/gpt-oss-120b", 131_072, "OpenAI's open llm, one that reasons.", [*_TOOLS, "reasoning"], "117B"),
    _hub("openai/gpt-oss-20b", 131_072, "OpenAI's small open llm, one that reasons.", [*_TOOLS, "reasoning"], "21B"),
    _hub("Qwen/Qwen2.5-72B-Instruct", 32_768, "Alibaba's general llm.", _TOOLS),
    _hub("Qwen/Qwen2.5-7B-Instruct", 32_768, "Alibaba's small general llm.", _TOOLS),
    _hub("Qwen/Qwen2.5-Coder-32B-Instruct", 32_768, "Alibaba's llm for code.", _TOOLS),
    _hub("Qwen/Qwen3-32B", 32_768, "Alibaba's llm that reasons.", [*_TOOLS, "reasoning"]),
    _hub("deepseek-ai/DeepSeek-R1", 131_072, "DeepSeek's llm that reasons.", [*_WORDS, "reasoning"], "671B"),
    _hub("mistralai/Mistral-7B-Instruct-v0.3", 32_768, "Mistral's small llm.", _TOOLS),
    _hub("google/gemma-2-9b-it", 8_192, "Google's small open llm.", _WORDS),
    _hub("microsoft/phi-4", 16_384, "Microsoft's small llm.", _WORDS, "14B"),
    _hub("HuggingFaceTB/SmolLM3-3B", 65_536, "Hugging Face's own small llm.", [*_TOOLS, "reasoning"]),
)
_DEFAULTS = (_default(name) for name, provider in PROVIDERS.items() if provider.default and name != "huggingface")

CURATED: Mapping[str, LlmInfo] = MappingProxyType({info.id: info for info in (*_DEFAULTS, *_HUB)})
