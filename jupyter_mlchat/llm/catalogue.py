"""The providers and language models that there are, as far as is known. Asking is done in threads of its own.

What is known is answered at once: first a short list, soon litellm's price list, then what each provider tells
of itself. Nothing is read or asked before somebody looks.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Mapping, Sequence, Set
from concurrent.futures import Future
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import partial
from importlib.metadata import entry_points

from ..protocol.faults import Code, Fault
from ..protocol.records import LlmInfo, ProviderInfo
from ..settings import MLChat
from .curated import BUILTIN_INFO, CURATED
from .health import Source, Standing, Told, ask, is_set_up, source_of, unasked
from .names import close_names
from .ollama import PROVIDER as OLLAMA
from .price_map import read_price_map
from .providers import ALIASES, PROVIDERS, Provider
from .registry import BUILTIN, GROUP, LlmSettings, permitted
from .told import filled

FRESH_S = 300.0
FAILED_FRESH_S = 30.0
PATIENCE_S = 8.0
"""The longest that anybody waits for providers to answer. They have five seconds each, and are asked at once."""


@dataclass(frozen=True)
class _Heard:
    """What a source told. `asked` in seconds of the catalogue's clock, `checked` since the epoch."""

    source: Source
    told: Told
    asked: float
    checked: float


@dataclass(frozen=True)
class _Files:
    """What is known without asking anybody: llms by provider and id, who also embeds, providers of other packages."""

    listed: Mapping[str, Mapping[str, LlmInfo]]
    embed: Set[str] = frozenset()
    doors: Sequence[str] = ()
    read: bool = False


class Catalogue:
    """One for a service. Settings are read anew at every look. Safe to use from several threads.

    `clock` in seconds that only go on.
    """

    def __init__(self, traits: MLChat, clock: Callable[[], float] = time.monotonic) -> None:
        self._traits, self._clock = traits, clock
        self._lock = threading.Lock()
        self._files = _Files(_by_provider(CURATED))
        self._heard: dict[str, _Heard] = {}
        self._asking: dict[str, Future[None]] = {}

    # -- what is known ---------------------------------------------------------------------------------

    def providers(self) -> list[ProviderInfo]:
        """Those that can be used first."""
        settings = LlmSettings.of(self._traits)
        found = [self._provider(name, settings) for name in self._names()]
        return sorted(found, key=lambda info: not info.usable)

    def meant(self) -> list[ProviderInfo]:
        """Those that are meant to be used. Where nobody asked for an Ollama, one that doesn't run is no loss."""
        settings = LlmSettings.of(self._traits)
        chosen = f"{settings.default_llm} {settings.default_provider} {settings.fallback_provider}"
        idle = set() if "ollama" in chosen else {"unhealthy", "unknown"}
        set_up = {name for name in self._names() if is_set_up(name, settings) and _may_ask(name, settings)}
        found = [info for info in self.providers() if info.usable or info.name in set_up]
        return [info for info in found if info.name != OLLAMA or info.status not in idle]

    def llms(self, provider: str = "") -> list[LlmInfo]:
        """All, or those of `provider`, that are permitted here. Raises Fault `not_found` with close names."""
        settings = LlmSettings.of(self._traits)
        names = [self._known(provider)] if provider else self._names()
        return [info for name in names for info in self._llms_of(name, settings)]

    def usable(self) -> list[LlmInfo]:
        """Those that a question can go to now."""
        return [info for one in self.providers() if one.usable for info in self.llms(one.name)]

    def one(self, provider: str, name: str) -> LlmInfo:
        """Raises Fault `not_found` with close names, or `llm_blocked`."""
        settings, provider = LlmSettings.of(self._traits), self._known(provider)
        known = {info.name: info for info in self._all_of(provider, settings)}
        if name not in known:
            close = close_names(name, (own for own, info in known.items() if permitted(info.id, settings)))
            hint = f"Did you mean {' or '.join(close)}?" if close else "Its provider may know it all the same: try it."
            raise Fault(Code.NOT_FOUND, f"No llm {name!r} is known at {provider}.", hint, about=name)
        if not permitted(known[name].id, settings):
            hint = "Choose another one; your administrator decides with allowed_llms and blocked_llms."
            raise Fault(Code.LLM_BLOCKED, f"{known[name].id} is not permitted here.", hint, about=known[name].id)
        return known[name]

    def search(self, words: str) -> list[LlmInfo]:
        """Those that have every one of the words, in their name first. Raises Fault `invalid_input` for no words."""
        wanted = words.lower().split()[:10]
        if not wanted:
            raise Fault(
                Code.INVALID_INPUT, "There is nothing to search for.", "Give a word, as in `q=mini`.", about="q"
            )
        usable = {info.name for info in self.providers() if info.usable}
        found = [(rank, info) for info in self.llms() if (rank := _rank(info, wanted)) is not None]
        order = {name: place for place, name in enumerate(self._names())}
        found.sort(key=lambda pair: (pair[0], pair[1].provider not in usable, order[pair[1].provider], pair[1].id))
        return [info for _, info in found]

    def close(self, name: str) -> list[str]:
        """Ids that were perhaps meant by `name`, those that can be used first."""
        settings = LlmSettings.of(self._traits)
        ids = [info.id for each in self.providers() for info in self._llms_of(each.name, settings)]
        return close_names(name, ids)

    async def sees(self, llm: str) -> bool:
        """Whether it is known to take pictures, or the administrator says so. Its provider is waited for where neither
        the settings nor the lists do."""
        provider, settings = llm.partition("/")[0], LlmSettings.of(self._traits)
        if any(fnmatchcase(llm, pattern) for pattern in settings.vision_llms):
            return True
        if provider not in PROVIDERS:
            return False
        self.refresh(only=provider)
        for source in ("", provider):
            if asking := self._asking.get(source):
                await asyncio.wait([asyncio.wrap_future(asking)], timeout=PATIENCE_S)
            if any(one.id == llm and "vision" in one.capabilities for one in self._all_of(provider, settings)):
                return True
        return False

    def names(self, provider: str) -> list[str]:
        """What the permitted llms of a provider are called there."""
        settings = LlmSettings.of(self._traits)
        return [info.name for info in self._llms_of(provider, settings)] if provider in self._names() else []

    @property
    def complete(self) -> bool:
        """Nobody is being asked."""
        return self._files.read and not self._asking

    # -- asking ----------------------------------------------------------------------------------------

    def refresh(self, *, force: bool = False, only: str = "") -> None:
        """Have asked whatever was not asked in the last five minutes, or all of it. Returns at once."""
        settings = LlmSettings.of(self._traits)
        with self._lock:
            if not self._files.read and "" not in self._asking:
                self._start("", self._read_files)
            for name in [only] if only else PROVIDERS:
                source = source_of(name, settings)
                if source is None or name in self._asking or not _may_ask(name, settings):
                    continue
                if force or not _fresh(self._heard.get(name), source, self._clock()):
                    self._start(name, partial(self._ask, source))

    async def refreshed(self, *, force: bool = False, patience_s: float = PATIENCE_S) -> None:
        """`refresh`, and wait until it is done, or as long as patience lasts. The loop goes on meanwhile."""
        self.refresh(force=force)
        waiting = [asyncio.wrap_future(future) for future in tuple(self._asking.values())]
        if waiting:
            await asyncio.wait(waiting, timeout=patience_s)

    def _start(self, name: str, work: Callable[[], None]) -> None:
        """Under the lock. Daemons: a provider that stalls keeps no process from ending."""
        future: Future[None] = Future()
        self._asking[name] = future
        threading.Thread(target=self._run, args=(name, future, work), name="mlchat-llms", daemon=True).start()

    def _run(self, name: str, future: Future[None], work: Callable[[], None]) -> None:
        try:
            work()
        finally:
            with self._lock:
                self._asking.pop(name, None)
            future.set_result(None)

    def _read_files(self) -> None:
        doors = [door.name for door in entry_points(group=GROUP) if door.name not in PROVIDERS]
        prices = read_price_map()
        known = {id: filled(info, prices.llms.get(id)) for id, info in CURATED.items()}
        self._files = _Files(_by_provider({**known, **_without(prices.llms, known)}), prices.embed, doors, read=True)

    def _ask(self, source: Source) -> None:
        asked = self._clock()
        told = ask(source)
        before = self._heard.get(source.provider)
        if not told.llms and told.standing.status != "healthy" and before is not None and before.source == source:
            # A provider that is down for a moment has not lost its llms.
            told = Told(told.standing, before.told.llms, before.told.embeds)
        self._heard[source.provider] = _Heard(source, told, asked, time.time())

    # -- putting together ------------------------------------------------------------------------------

    def _names(self) -> list[str]:
        return [BUILTIN, *PROVIDERS, *self._files.doors]

    def _known(self, provider: str) -> str:
        name = ALIASES.get(provider.lower(), provider.lower())
        if name not in self._names():
            close = close_names(name, self._names())
            hint = f"Did you mean {' or '.join(close)}?" if close else "`providers` lists them all."
            raise Fault(Code.NOT_FOUND, f"There is no provider {provider!r}.", hint, about=provider)
        return name

    def _last(self, name: str, settings: LlmSettings) -> _Heard | None:
        """What was heard from where the settings point now."""
        heard = self._heard.get(name)
        return heard if heard is not None and heard.source == source_of(name, settings) else None

    def _all_of(self, name: str, settings: LlmSettings) -> list[LlmInfo]:
        if name == BUILTIN:
            return [BUILTIN_INFO]
        heard = self._last(name, settings)
        # At a server of one's own, a name says nothing about what it costs or can.
        known = {} if name == "openai" and settings.base_url else self._files.listed.get(name, {})
        if heard is None or not heard.told.llms:
            return list(known.values())
        return [filled(info, known.get(info.id)) for info in heard.told.llms]

    def _llms_of(self, name: str, settings: LlmSettings) -> list[LlmInfo]:
        return [info for info in self._all_of(name, settings) if permitted(info.id, settings)]

    def _provider(self, name: str, settings: LlmSettings) -> ProviderInfo:
        provider = PROVIDERS.get(
            name, Provider("The built-in engine" if name == BUILTIN else name, local=name == BUILTIN)
        )
        llms, heard = self._llms_of(name, settings), self._last(name, settings)
        standing = self._standing(name, settings, heard)
        ids = [info.id for info in llms]
        default = BUILTIN if name == BUILTIN else provider.default
        if not permitted(default, settings) or (heard is not None and ids and default not in ids):
            default = ""
        set_up = name == BUILTIN or is_set_up(name, settings)
        allowed = bool(ids) or (name != BUILTIN and _may_ask(name, settings))
        return ProviderInfo(
            name=name,
            title=provider.title,
            status=standing.status,
            models_count=len(llms),
            supports_streaming=True,
            supports_tools=not llms or any("tools" in info.capabilities for info in llms),
            supports_embeddings=name in self._files.embed or (heard is not None and heard.told.embeds),
            default_model=default or next(iter(ids if name == OLLAMA else ()), ""),
            error=standing.error,
            key=provider.key,
            has_key=name in settings.keys,
            local=provider.local,
            usable=allowed and (standing.status == "healthy" or (standing.status == "unknown" and set_up)),
            checked=heard.checked if heard is not None else 0.0,
        )

    def _standing(self, name: str, settings: LlmSettings, heard: _Heard | None) -> Standing:
        if name == BUILTIN:
            return Standing("healthy")
        before = unasked(name, settings)
        return heard.told.standing if heard is not None and before.status == "unknown" else before


def _by_provider(llms: Mapping[str, LlmInfo]) -> dict[str, dict[str, LlmInfo]]:
    grouped: dict[str, dict[str, LlmInfo]] = {}
    for id, info in llms.items():
        grouped.setdefault(info.provider, {})[id] = info
    return grouped


def _without(llms: Mapping[str, LlmInfo], known: Mapping[str, LlmInfo]) -> dict[str, LlmInfo]:
    return {id: info for id, info in llms.items() if id not in known}


def _fresh(heard: _Heard | None, source: Source, now: float) -> bool:
    if heard is None or heard.source != source:
        return False
    lasts = FRESH_S if heard.told.standing.status == "healthy" else FAILED_FRESH_S
    return now - heard.asked < lasts


def _may_ask(name: str, settings: LlmSettings) -> bool:
    """Whether an llm of the provider could be permitted: one that is blocked as a whole is not even asked."""
    anything = f"{name}/\0"
    if any(fnmatchcase(anything, pattern) for pattern in settings.blocked_llms):
        return False
    allowed = settings.allowed_llms
    named = any(fnmatchcase(anything, pattern) or pattern.startswith(f"{name}/") for pattern in allowed)
    return not allowed or named or any(permitted(id, settings) for id, i in CURATED.items() if i.provider == name)


def _rank(info: LlmInfo, wanted: Sequence[str]) -> int | None:
    """0 for the name itself, 1 for words in the id, 2 for words anywhere; None when one is missing."""
    title = PROVIDERS[info.provider].title if info.provider in PROVIDERS else info.provider
    text = f"{title} {info.description} {info.parameters} {info.family} {' '.join(info.capabilities)}".lower()
    id = info.id.lower()
    if not all(word in id or word in text for word in wanted):
        return None
    if " ".join(wanted) in (id, info.name.lower()):
        return 0
    return 1 if all(word in id for word in wanted) else 2
