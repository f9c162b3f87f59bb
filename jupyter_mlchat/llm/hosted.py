"""An llm behind HTTP, through litellm. The only user of litellm, which is imported at the first question.

litellm runs in a background asyncio loop and hands its chunks to the worker thread over a queue: stopping cancels
the task, which closes the connection whether it streams, stalls or has not even answered yet.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from typing import Any
from urllib.parse import urlsplit

from ..protocol.faults import Code, Fault
from ..protocol.records import Usage
from .background import Background
from .base import (
    Cancelled,
    CancelToken,
    Llm,
    LlmRequest,
    Part,
    RetryPart,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    UsagePart,
)
from .providers import about, provider_of
from .trouble import Place, Trouble, cut, extra_missing, filtered, no_key, timed_out, too_short, trouble_of

LOADING_S = 3.0
LONGEST_WAIT_S = 20.0
OLLAMA_CONTEXT = 16_384
"""Tokens. Ollama's own default (4,096) would silently lose the tools' descriptions."""
RETRIED = {Code.LLM_RATE_LIMITED, Code.LLM_UNAVAILABLE, Code.LLM_TIMEOUT}


class _End:
    """The stream came to its end; `finished` is the provider's reason, "" when it gave none."""

    def __init__(self, finished: str) -> None:
        self.finished = finished


class HostedLlm:
    """`name` as litellm writes it, `provider/name`. Safe to use from several threads at once.

    `timeout_s` is the longest silence between two chunks, `first_chunk_timeout_s` the one before the first.
    Until its first words a call is tried `retries` times more, then handed to `fallback`; later it is not: what
    has been said and done stays. `background` is the loop to share with other llms.
    """

    def __init__(
        self,
        name: str,
        *,
        api_key: str | None,
        api_base: str | None,
        temperature: float,
        max_tokens: int,
        timeout_s: float,
        first_chunk_timeout_s: float,
        fallback: Llm | None = None,
        retries: int = 2,
        background: Background | None = None,
    ) -> None:
        self._place = Place(name, api_base or "", api_key or "")
        self._temperature, self._max_tokens = temperature, max_tokens
        self._timeout_s, self._first_chunk_timeout_s = timeout_s, first_chunk_timeout_s
        self._retries = retries
        self._background = background or Background()
        self.fallback = fallback
        hosted_near = urlsplit(api_base or "").hostname in ("localhost", "127.0.0.1", "::1")
        self._near = about(name).local or hosted_near

    @property
    def name(self) -> str:
        return self._place.llm

    @property
    def local(self) -> bool:
        """Never: even what goes to a server on this machine leaves our hands."""
        return False

    def stream(self, request: LlmRequest, cancel: CancelToken) -> Iterator[Part]:
        """Parts as they come. Raises `Fault` with an `llm_*` code, or `Cancelled`."""
        tries = 0
        while True:
            spoke = False
            try:
                for part in self._once(request, cancel):
                    spoke = spoke or not isinstance(part, RetryPart)
                    yield part
                return
            except Trouble as trouble:
                tries += 1
                wait = self._pause(trouble, tries)
                if not spoke and wait is not None:
                    message = trouble.fault.record.message
                    yield RetryPart(tries, f"{message} Trying again in {wait:g} s.")
                    _sleep(wait, cancel)
                elif not spoke and self.fallback is not None and trouble.fault.code != Code.LLM_REFUSED:
                    message = trouble.fault.record.message
                    yield RetryPart(tries, f"{message} {self.fallback.name} answers instead.")
                    yield from self.fallback.stream(request, cancel)
                    return
                else:
                    raise trouble.fault from None

    def _pause(self, trouble: Trouble, tries: int) -> float | None:
        """Seconds until the next try; None when another try is not worth it."""
        code = trouble.fault.code
        slow = code == Code.LLM_TIMEOUT and (tries > 1 or self._near)
        if code not in RETRIED or tries > self._retries or slow:
            return None
        wait = 0.5 * 2 ** (tries - 1) if trouble.retry_after_s is None else trouble.retry_after_s
        return wait if wait <= LONGEST_WAIT_S else None

    def _once(self, request: LlmRequest, cancel: CancelToken) -> Iterator[Part]:
        """One HTTP call. Raises `Trouble` or `Cancelled`."""
        cancel.check()
        inbox: SimpleQueue[Any] = SimpleQueue()
        task = self._background.run(self._pump(request, inbox))
        cancel.on_cancel(lambda: (inbox.put(Cancelled()), task.cancel()))
        began = False
        try:
            yield from self._until_first(inbox)
            while True:
                limit = self._timeout_s if began else max(0.0, self._first_chunk_timeout_s - self._notice_s)
                try:
                    item = inbox.get(timeout=limit)
                except Empty:
                    shown = self._timeout_s if began else self._first_chunk_timeout_s
                    raise Trouble(timed_out(self._place, shown, began=began)) from None
                cancel.check()
                if isinstance(item, _End):
                    self._judge_end(item.finished, began)
                    return
                if isinstance(item, BaseException):
                    raise trouble_of(item, self._place, began=began) from None
                for part in self._parts(item):
                    began = began or not isinstance(part, UsagePart)
                    yield part
        finally:
            task.cancel()
