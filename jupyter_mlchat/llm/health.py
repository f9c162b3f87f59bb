"""Where the llms of a provider are listed, and how it stands, by how it answered. No key is in any of the words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec

from ..protocol.faults import Fault
from ..protocol.records import LlmInfo, ProviderStatus
from . import compatible, ollama
from .fetch import TIMEOUT_S, FetchError, checked_url
from .providers import PROVIDERS, Provider
from .registry import LlmSettings
from .trouble import PIP, Place


@dataclass(frozen=True)
class Source:
    """Who is asked at `url`, and with which key. `variable` is where the address was set."""

    provider: str
    url: str
    variable: str
    key: str = field(default="", repr=False)

    @property
    def title(self) -> str:
        """As in the faults of a question to it."""
        return Place(f"{self.provider}/", self.url if self.variable else "").title


@dataclass(frozen=True)
class Standing:
    """`error` is "" when it is healthy, or not asked."""

    status: ProviderStatus
    error: str = ""


@dataclass(frozen=True)
class Told:
    """What came of asking."""

    standing: Standing
    llms: Sequence[LlmInfo] = ()
    embeds: bool = False


def source_of(name: str, settings: LlmSettings) -> Source | None:
    """None for a provider that can't be asked, or not yet: its key or address is missing."""
    provider = PROVIDERS.get(name)
    if provider is None:
        return None
    key = settings.keys.get(name, "")
    if name == ollama.PROVIDER:
        return Source(name, settings.ollama_base_url, "OLLAMA_BASE_URL")
    if name == "openai" and settings.base_url:
        return Source(name, settings.base_url, "LLM_BASE_URL", key)
    own = settings.passed.get(name, {}).get("api_base", "")
    if not provider.path or not (own or provider.url) or not (key or own):
        return None
    return Source(name, own or provider.url, provider.base if own else "", key)


def ask(source: Source) -> Told:
    """Ask for the list. Never raises; blocks for some seconds at most."""
    try:
        url = checked_url(source.url, source.variable).rstrip("/")
        if source.provider == ollama.PROVIDER:
            llms, embeds = ollama.llms_at(url)
        else:
            path = PROVIDERS[source.provider].path
            llms, embeds = compatible.llms_at(url + path, source.key, source.provider)
    except Fault as fault:
        return Told(Standing("error", f"{fault.record.message} {fault.record.hint}"))
    except FetchError as error:
        return Told(_failed(error, source))
    return Told(Standing("healthy"), llms, embeds)


def unasked(name: str, settings: LlmSettings) -> Standing:
    """How a provider stands of which only the settings are known."""
    provider = PROVIDERS.get(name)
    if provider is not None and find_spec("litellm") is None:
        return Standing("error", f"It needs litellm, which is not installed here. Run `{PIP}`.")
    if provider is None or is_set_up(name, settings):
        return Standing("unknown")
    if provider.key:
        return Standing("no_key", f"Set {provider.key} in the environment or settings of the server.")
    if provider.base:
        return Standing("unknown", f"Set {provider.base} to where it listens.")
    if provider.further:
        return Standing("unknown", f"Its account is not in the settings ({', '.join(provider.further)}).")
    return Standing("unknown")


def is_set_up(name: str, settings: LlmSettings) -> bool:
    """Whether the settings hold what a question to it needs, as far as we know what that is."""
    if name in settings.keys or name in settings.passed:
        return True
    return name == ollama.PROVIDER or (name == "openai" and bool(settings.base_url)) or name not in PROVIDERS


def _failed(error: FetchError, source: Source) -> Standing:
    provider, title = PROVIDERS[source.provider], source.title
    host = Place(f"{source.provider}/", source.url).host
    check = f"Check {source.variable}." if source.variable else "Check the network, proxy and firewall of the server."
    if error.kind == "unreachable":
        ours = source.provider == ollama.PROVIDER
        start = "Is Ollama running? Start it with `ollama serve`, or set OLLAMA_BASE_URL."
        return Standing("unhealthy", f"Can't reach {host}. {start if ours else check}")
    if error.kind == "slow":
        return Standing("unhealthy", f"{title} did not answer within {TIMEOUT_S:g} s.")
    if error.kind == "certificate":
        return Standing("error", f"The certificate of {host} is not trusted here. {check}")
    if error.kind == "redirected":
        return Standing("error", f"{title} points to another address, which is not followed. {check}")
    if error.kind in ("garbled", "too_large"):
        return Standing("error", f"What {title} answered is no list of llms. {check}")
    return _refused(error.status, title, source, provider)


def _refused(status: int, title: str, source: Source, provider: Provider) -> Standing:
    if status == 401:
        hint = f"Set a valid {provider.key or 'API key'} in the environment or settings of the server."
        return Standing("error", f"{title} rejected the API key. {hint}")
    if status == 403:
        return Standing("error", f"{title} does not let this key see its llms.")
    if status in (404, 405):
        hint = f"Does {source.variable} end as it should, for most servers in /v1?" if source.variable else ""
        return Standing("error", f"{title} has no list of llms at this address. {hint}".strip())
    if status == 429:
        return Standing("unhealthy", f"{title} is getting too many requests. Try again in a moment.")
    return Standing("unhealthy" if status >= 500 else "error", f"{title} answered with error {status}.")
