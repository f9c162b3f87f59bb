"""From a name, or from nothing, to an llm. No litellm is imported here, no engine before it is made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import partial
from importlib.metadata import entry_points
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ..protocol.faults import Code, Fault
from ..settings import MLChat
from .background import Background
from .base import Llm
from .breaker import Breakers
from .chain import Chain
from .external import EXTERNAL, ExternalAgent, agents_in, external_llm, find_agent
from .fetch import checked_url
from .keys import keys_in, passed_in
from .names import close_names
from .ollama import Ollama
from .providers import ALIASES, PROVIDERS, about, provider_of

if TYPE_CHECKING:
    from .catalogue import Catalogue

BUILTIN = "builtin"
GROUP = "jupyter_mlchat.llms"
"""Entry points: `acme = package:make` makes the llms named `acme/...`; `make` gets the whole name."""


@dataclass(frozen=True)
class LlmSettings:
    """What decides about llms. `keys` and what else is `passed` by provider, times in seconds, lists of patterns
    such as `openai/*`."""

    default_llm: str = ""
    default_provider: str = ""
    fallback_provider: str = ""
    keys: Mapping[str, str] = field(default_factory=dict, repr=False)
    passed: Mapping[str, Mapping[str, str]] = field(default_factory=dict, repr=False)
    agents: Mapping[str, ExternalAgent] = field(default_factory=dict)
    ollama_base_url: str = "http://127.0.0.1:11434"
    base_url: str = ""
    temperature: float = 0.1
    max_tokens: int = 4096
    timeout_s: float = 30.0
    local_first_chunk_s: float = 180.0
    allowed_llms: Sequence[str] = ()
    blocked_llms: Sequence[str] = ()
    vision_llms: Sequence[str] = ()

    @classmethod
    def of(cls, traits: MLChat) -> LlmSettings:
        return cls(
            default_llm=traits.llm,
            default_provider=traits.default_ai_provider,
            fallback_provider=traits.fallback_ai_provider,
            keys=keys_in(traits),
            passed=passed_in(traits),
            agents=agents_in(traits),
            ollama_base_url=traits.ollama_base_url,
            base_url=traits.llm_base_url,
            temperature=traits.temperature,
            max_tokens=traits.max_tokens,
            timeout_s=traits.llm_timeout,
            local_first_chunk_s=traits.local_first_chunk_timeout,
            allowed_llms=tuple(traits.allowed_llms),
            blocked_llms=tuple(traits.blocked_llms),
            vision_llms=tuple(traits.vision_llms),
        )


class Llms:
    """The llms of one service. Settings are read anew for every choice.

    litellm keeps HTTP clients of the loop they were made in: several services in one process share `background`.
    `catalogue` knows the names that a wrong one is close to.
    """

    def __init__(
        self, traits: MLChat, background: Background | None = None, catalogue: Catalogue | None = None
    ) -> None:
        self._traits = traits
        self._catalogue = catalogue
        self._ollama = Ollama()
        self._background = background or Background()
        self._breakers = Breakers()

    async def choose(self, name: str = "") -> Llm:
        """The llm `name`, or with "" what the settings and this machine offer, the built-in engine at last.

        Raises Fault `llm_unknown`, `llm_blocked`, or `llm_unreachable` for an Ollama that doesn't answer.
        """
        settings = LlmSettings.of(self._traits)
        wanted = name or settings.default_llm or await self.default(settings)
        wanted = await self._complete(wanted, settings)
        if self._catalogue is not None and settings.base_url:
            # By the time that server says it has no such llm, we know which ones it has.
            self._catalogue.refresh(only="openai")
        llm = make_llm(wanted, settings, background=self._background, catalogue=self._catalogue)
        if llm.local or provider_of(llm.name) == EXTERNAL:
            return llm
        links = [llm, *await self._fallbacks(llm.name, settings)]
        last = make_llm(BUILTIN, settings) if permitted(BUILTIN, settings) else None
        named = any(link.name == BUILTIN for link in links)
        return Chain(links, self._breakers, None if named else last)

    async def _fallbacks(self, first: str, settings: LlmSettings) -> list[Llm]:
        """Without those that can't be had: they must not keep the llm in use from answering."""
        found: dict[str, Llm] = {}
        for name in filter(None, (part.strip() for part in settings.fallback_provider.split(","))):
            with suppress(Fault):
                llm = make_llm(await self._complete(name, settings), settings, background=self._background)
                found.setdefault(llm.name, llm)
        return [llm for name, llm in found.items() if name != first]

    async def default(self, settings: LlmSettings) -> str:
        """With nothing named: the default provider, the first that has a key, a running Ollama, `builtin`."""
        if settings.default_provider:
            return settings.default_provider
        if settings.base_url:
            hint = "Set LLM_DEFAULT_MODEL to what the server at LLM_BASE_URL calls its llm."
            raise Fault(Code.LLM_UNKNOWN, "LLM_BASE_URL is set, but no llm is.", hint, about="LLM_DEFAULT_MODEL")
        if find_spec("litellm") is not None:
            offered = [p.default for name, p in PROVIDERS.items() if p.default and settings.keys.get(name)]
            offered += [] if offered else await self._ollama.llms(settings.ollama_base_url)
            for llm in offered:
                if permitted(llm, settings):
                    return llm
        return BUILTIN

    async def _complete(self, name: str, settings: LlmSettings) -> str:
        """A provider's own name becomes its default llm."""
        provider = ALIASES.get(name, name)
        if provider == "ollama_chat":
            found = await self._ollama.llms(settings.ollama_base_url)
            if not found:
                place = urlsplit(settings.ollama_base_url).netloc.rpartition("@")[2]
                message = f"No Ollama with a chat llm answers at {place}."
                hint = "Is Ollama running? Start it with `ollama serve`, and get an llm with `ollama pull`."
                raise Fault(Code.LLM_UNREACHABLE, message, hint, retryable=True, about=name)
            return found[0]
        known = PROVIDERS.get(provider)
        return known.default if known is not None and known.default else name

    def close(self) -> None:
        self._background.close()


def full_name(name: str, settings: LlmSettings, catalogue: Catalogue | None = None) -> str:
    """`provider/name` as litellm wants it. Raises Fault `llm_unknown` with close names."""
    if name == BUILTIN:
        return name
    if name.partition("/")[0] == EXTERNAL:
        return find_agent(name, settings.agents).llm
    provider, slash, rest = name.strip().partition("/")
    provider = ALIASES.get(provider.lower(), provider.lower())
    if slash and rest and (provider in PROVIDERS or provider in _doors()):
        return f"{provider}/{rest}"
    if settings.base_url:
        return f"openai/{name}"
    if not slash and settings.default_provider in PROVIDERS:
        return f"{settings.default_provider}/{name}"
    close = catalogue.close(name) if catalogue is not None else []
    raise _unknown(name, close or close_names(provider, [*PROVIDERS, *_doors(), BUILTIN]))


def permitted(name: str, settings: LlmSettings) -> bool:
    """`builtin` is permitted unless it is blocked by name: it sends nothing anywhere."""
    if any(fnmatchcase(name, pattern) for pattern in settings.blocked_llms):
        return False
    allowed = settings.allowed_llms
    return name == BUILTIN or not allowed or any(fnmatchcase(name, pattern) for pattern in allowed)


def make_llm(
    name: str, settings: LlmSettings, *, background: Background | None = None, catalogue: Catalogue | None = None
) -> Llm:
    """The llm `name`. Raises Fault `llm_unknown`, `llm_blocked`, or `llm_unreachable` for an address that is none.

    Nothing is sent or checked at it yet.
    """
    name = full_name(name, settings, catalogue)
    if not permitted(name, settings):
        hint = "Choose another one; your administrator decides with allowed_llms and blocked_llms."
        raise Fault(Code.LLM_BLOCKED, f"{name} is not permitted here.", hint, about=name)
    if name == BUILTIN:
        from .builtin import BuiltinLlm

        return BuiltinLlm()
    provider = provider_of(name)
    if provider == EXTERNAL:
        return external_llm(find_agent(name, settings.agents), settings, background)
    if provider not in PROVIDERS:
        made: Llm = _doors()[provider].load()(name)
        return made
    from .hosted import HostedLlm

    passed = settings.passed.get(provider, {})
    if "api_base" in passed:
        checked_url(passed["api_base"], PROVIDERS[provider].base)
    url, variable = _place(provider, settings)
    if url:
        checked_url(url, variable)
    near = about(name).local or urlsplit(url).hostname in ("localhost", "127.0.0.1", "::1")
    return HostedLlm(
        name,
        api_key=settings.keys.get(provider),
        api_base=url or None,
        passed=passed,
        names=partial(catalogue.names, provider) if catalogue is not None else tuple,
        temperature=settings.temperature,
        max_tokens=settings.max_tokens,
        timeout_s=settings.timeout_s,
        first_chunk_timeout_s=settings.local_first_chunk_s if near else settings.timeout_s,
        background=background,
    )


def _doors() -> dict[str, Any]:
    return {door.name: door for door in entry_points(group=GROUP)}


def _place(provider: str, settings: LlmSettings) -> tuple[str, str]:
    """The address that was set for a provider, and the variable that holds it."""
    if provider == "ollama_chat":
        return settings.ollama_base_url, "OLLAMA_BASE_URL"
    return (settings.base_url, "LLM_BASE_URL") if provider == "openai" else ("", "")


def _unknown(name: str, close: Sequence[str]) -> Fault:
    examples = "Write provider/name, such as openai/gpt-4.1-mini, or `builtin`."
    hint = f"Did you mean {' or '.join(close)}? {examples}" if close else examples
    return Fault(Code.LLM_UNKNOWN, f"There is no llm {name!r}.", hint, about=name)
