"""Agents elsewhere that take a whole turn: an OpenAI-compatible URL under a name of the settings."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ..protocol.faults import Code, Fault
from ..settings import MLChat
from .background import Background
from .base import Llm

if TYPE_CHECKING:
    from .registry import LlmSettings

EXTERNAL = "external"


@dataclass(frozen=True)
class ExternalAgent:
    """`url` is what `/chat/completions` is put after; `key` goes there and nowhere else."""

    name: str
    url: str
    key: str = field(default="", repr=False)

    @property
    def llm(self) -> str:
        return f"{EXTERNAL}/{self.name}"

    def address(self) -> str:
        """Raises Fault `invalid_input` for a URL that is not http(s), has no host, or holds a password."""
        try:
            parts = urlsplit(self.url.strip())
            usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
            bare = not (parts.username or parts.password or parts.query or parts.fragment)
        except ValueError:
            usable, bare = None, True
        if usable and bare:
            return self.url.strip().rstrip("/")
        what = "is no http(s) address" if not usable else "has more in it than an address"
        hint = f"Write it in `external_agents` as https://host/v1; a key belongs into {key_variable(self.name)}."
        raise Fault(
            Code.INVALID_INPUT, f"The URL of the external agent `{self.name}` {what}.", hint, about="external_agents"
        )


def key_variable(agent: str) -> str:
    return f"MLCHAT_AGENT_{re.sub(r'[^A-Za-z0-9]', '_', agent).upper()}_KEY"


def agents_in(settings: MLChat) -> Mapping[str, ExternalAgent]:
    urls = dict(settings.external_agents)
    return {name: ExternalAgent(name, url, settings.variable(key_variable(name))) for name, url in urls.items()}


def find_agent(wanted: str, agents: Mapping[str, ExternalAgent]) -> ExternalAgent:
    """Of `external/NAME`, or of `external` when there is one alone. Raises Fault `llm_unknown` with close names."""
    name = wanted.partition("/")[2]
    if not agents:
        hint = "Name one in the setting `external_agents`, as {'name': 'https://host/v1'}."
        raise Fault(Code.LLM_UNKNOWN, "There is no external agent here.", hint, about=EXTERNAL)
    if not name and len(agents) == 1:
        return next(iter(agents.values()))
    if name in agents:
        return agents[name]
    close = difflib.get_close_matches(name, agents, 3)
    listed = ", ".join(f"`{EXTERNAL}/{one}`" for one in close or agents)
    said = f"There is no external agent {name[:40]!r}." if name else "There are several external agents."
    raise Fault(Code.LLM_UNKNOWN, said, f"{'Did you mean' if close else 'There are'}: {listed}", about=EXTERNAL)


def external_llm(agent: ExternalAgent, settings: LlmSettings, background: Background | None) -> Llm:
    """It thinks, and calls tools of its own, for as long as a local llm may take to load before its first word."""
    from .hosted import HostedLlm

    return HostedLlm(
        agent.llm,
        api_key=agent.key or None,
        api_base=agent.address(),
        passed={"model": f"openai/{agent.name}"},
        temperature=settings.temperature,
        max_tokens=settings.max_tokens,
        timeout_s=settings.timeout_s,
        first_chunk_timeout_s=max(settings.timeout_s, settings.local_first_chunk_s),
        background=background,
    )
