"""An llm that is real but for what it says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from provider import Provider, running

from jupyter_mlchat.llm.background import Background
from jupyter_mlchat.llm.base import CancelToken, LlmRequest, Part
from jupyter_mlchat.llm.hosted import HostedLlm
from jupyter_mlchat.protocol.faults import Fault, FaultRecord

KEY = "sk-scripted-0123456789abcdefghijklmnop"


@pytest.fixture
def provider() -> Iterator[Provider]:
    with running() as provider:
        yield provider


@pytest.fixture
def make(provider: Provider, background: Background) -> Callable[..., HostedLlm]:
    """A `HostedLlm` at the scripted provider; keywords replace what it is made with."""

    def made(name: str = "openai/gpt-4.1-mini", **changes: Any) -> HostedLlm:
        arguments: dict[str, Any] = {
            "api_key": KEY,
            "api_base": provider.url,
            "temperature": 0.1,
            "max_tokens": 100,
            "timeout_s": 5.0,
            "first_chunk_timeout_s": 60.0,
            "background": background,
        }
        return HostedLlm(name, **{**arguments, **changes})

    return made


@pytest.fixture
def heard() -> Callable[..., tuple[list[Part], FaultRecord | None]]:
    """Everything an llm says to a question, and how it failed."""

    def heard(llm: HostedLlm, request: LlmRequest | None = None) -> tuple[list[Part], FaultRecord | None]:
        parts: list[Part] = []
        asked = request or LlmRequest([{"role": "user", "content": "hi"}])
        try:
            for part in llm.stream(asked, CancelToken()):
                parts.append(part)
        except Fault as fault:
            return parts, fault.record
        return parts, None

    return heard
