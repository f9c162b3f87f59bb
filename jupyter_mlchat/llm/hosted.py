"""An llm behind HTTP, through litellm. The only user of litellm, which is imported at the first question.

litellm runs in a background asyncio loop and hands its chunks to the worker thread over a queue: stopping
cancels the task, which closes the connection whether it streams, stalls or has not even answered yet.
"""

from __future__ import annotations

import asyncio
import copy
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any
from urllib.parse import urlsplit

from ..protocol.faults import Code
from ..protocol.records import Usage
from .background import Background
from .base import (
    Cancelled,
    CancelToken,
    LlmRequest,
    NoticePart,
    Part,
    RetryPart,
    UsagePart,
    speaks,
)
from .caching import marked
from .chunks import function_of, parts_of
from .parameters import sent_to
from .providers import about, provider_of
from .quiet import hush
from .trouble import (
    Place,
    Trouble,
    cut,
    extra_missing,
    filtered,
    no_key,
    timed_out,
    too_short,
    trouble_of,
    unavailable,
)
from .whole import Whole, in_words, whole_of

LOADING_S = 3.0
LONGEST_WAIT_S = 20.0
OLLAMA_CONTEXT = 16_384
"""Tokens. Ollama's own default (4,096) would silently lose the tools' descriptions."""
TOLD = frozenset(
    """
    model messages tools tool_choice stream stream_options num_ctx temperature max_tokens max_completion_tokens top_p
    top_k stop reasoning_effort
    """.split()
)
"""What of litellm's arguments becomes the body of a request."""
RETRIED = {Code.LLM_RATE_LIMITED, Code.LLM_UNAVAILABLE, Code.LLM_TIMEOUT}


class _End:
    """The stream came to its end; `finished` is the provider's reason, "" when it gave none."""

    def __init__(self, finished: str) -> None:
        self.finished = finished


class HostedLlm:
    """`name` as litellm writes it, `provider/name`. Safe to use from several threads at once.

    `timeout_s` is the longest silence between two chunks, `first_chunk_timeout_s` the one before the first.
    Until its first words a call is tried `retries` times more; later it is not: what has been said stays.
    An llm that refuses tools is asked once more without. `background` is the loop to share with other llms,
    `passed` are further arguments of litellm's, such as `api_version`, `names` the llms its provider is known to have.
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
        retries: int = 2,
        background: Background | None = None,
        passed: Mapping[str, str] | None = None,
        names: Callable[[], Sequence[str]] = tuple,
    ) -> None:
        self._place = Place(name, api_base or "", api_key or "", names)
        self._passed = dict(passed or {})
        self._temperature, self._max_tokens = temperature, max_tokens
        self._timeout_s, self._first_chunk_timeout_s = timeout_s, first_chunk_timeout_s
        self._retries = retries
        self._background = background or Background()
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
                    spoke = spoke or speaks(part)
                    yield part
                return
            except Trouble as trouble:
                if spoke:
                    raise trouble.fault from None
                if trouble.about_tools and request.tools:
                    request = replace(request, tools=())
                    words = f"{self.name} can't call tools: it answers in words only, without a look at your data."
                    yield NoticePart(words, "words_only")
                    continue
                tries += 1
                wait, message = self._pause(trouble, tries), trouble.fault.record.message
                if wait is None:
                    raise trouble.fault from None
                yield RetryPart(tries, f"{message} Trying again in {wait:g} s.")
                _sleep(wait, cancel)

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
        cancel.on_cancel(partial(inbox.put, Cancelled()))
        began, usage, due = False, None, time.monotonic() + self._first_chunk_timeout_s
        try:
            while True:
                try:
                    item = inbox.get(timeout=self._timeout_s if began else max(0.0, due - time.monotonic()))
                except Empty:
                    limit = self._timeout_s if began else self._first_chunk_timeout_s
                    raise Trouble(timed_out(self._place, limit, began=began)) from None
                cancel.check()
                if isinstance(item, RetryPart):
                    yield item
                elif isinstance(item, _End):
                    if usage is not None and item.finished:
                        yield self._usage(usage)
                    self._judge(item.finished, began, self._worded(request)["max_tokens"])
                    return
                elif isinstance(item, BaseException):
                    raise trouble_of(item, self._place, began=began) from None
                else:
                    usage = getattr(item, "usage", None) or usage
                    for part in item.parts if isinstance(item, Whole) else parts_of(item):
                        began = True
                        yield from in_words(part, cancel)
        finally:
            task.cancel()

    async def _pump(self, request: LlmRequest, inbox: SimpleQueue[Any]) -> None:
        """Everything that comes, into `inbox`; last an `_End` or an error."""
        stream: Any = None
        notice: asyncio.TimerHandle | None = None
        try:
            litellm = _import_litellm(self.name)
            arguments = marked(self._arguments(request), litellm)
            self._check_key(litellm)
            if self._near:
                loading = RetryPart(0, f"{self.name} is loading.")
                notice = asyncio.get_running_loop().call_later(LOADING_S, inbox.put, loading)
            stream = await litellm.acompletion(**arguments)
            if (whole := await whole_of(stream)) is not None:
                inbox.put(whole)
                inbox.put(_End(whole.finished))
                return
            async for chunk in stream:
                if notice is not None:
                    notice.cancel()
                inbox.put(chunk)
            # litellm ends a stream that was cut like any other; only this tells them apart.
            inbox.put(_End(getattr(stream, "received_finish_reason", "stop") or ""))
        except asyncio.CancelledError:
            inbox.put(Cancelled())
            raise
        except Exception as error:
            inbox.put(error)
        finally:
            if notice is not None:
                notice.cancel()
            response = getattr(getattr(stream, "completion_stream", None), "response", None)
            if response is not None:
                await response.aclose()

    def _arguments(self, request: LlmRequest) -> dict[str, Any]:
        longest = self._timeout_s + self._first_chunk_timeout_s  # ours end first, and tell which one it was
        arguments: dict[str, Any] = {
            "model": self.name,
            "messages": copy.deepcopy(list(request.messages)),  # litellm rewrites some in place
            "stream": True,
            "stream_options": {"include_usage": True},
            **self._worded(request),
            "timeout": longest,
            "num_retries": 0,
            "max_retries": 0,
            "drop_params": True,
            "_skip_mcp_handler": True,  # some releases import `mcp` as soon as there are tools
        }
        arguments.update(self._passed)
        if self._place.url:
            arguments["api_base"] = self._place.url
        if self._place.key or self._place.url:
            arguments["api_key"] = self._place.key or "none"  # SDKs want one even where servers don't
        if provider_of(self.name) == "ollama_chat":
            arguments["num_ctx"] = OLLAMA_CONTEXT
        if request.tools:
            arguments["tools"] = [function_of(tool) for tool in request.tools]
            arguments["tool_choice"] = request.tool_choice
        return arguments

    def told(self, request: LlmRequest) -> dict[str, Any]:
        """The body of the request as litellm is given it: all but the key, the address and how long it may take."""
        return {name: value for name, value in self._arguments(request).items() if name in TOLD}

    def _worded(self, request: LlmRequest) -> dict[str, Any]:
        return sent_to(self.name, request.parameters, self._temperature, self._max_tokens)

    def _check_key(self, litellm: Any) -> None:
        """Providers without a key answer in many ways. Where credentials may lie elsewhere, let them try."""
        if self._place.key or self._place.url or self._near:
            return
        missing = litellm.validate_environment(self.name)["missing_keys"]
        if missing and all(name.endswith(("_KEY", "_TOKEN")) for name in missing):
            raise no_key(self._place, missing)

    def _judge(self, finished: str, began: bool, max_tokens: int) -> None:
        if not finished:
            raise Trouble(cut(self._place, "broke off") if began else unavailable(self._place))
        if finished == "length":
            raise Trouble(too_short(self._place, max_tokens))
        if finished == "content_filter":
            raise Trouble(filtered(self._place))

    def _usage(self, usage: Any) -> UsagePart:
        prompt, completion = usage.prompt_tokens or 0, usage.completion_tokens or 0
        return UsagePart(Usage(self.name, prompt, completion, self.cost(prompt, completion)))

    def cost(self, prompt: int, completion: int) -> float | None:
        """US dollars of so many tokens by litellm's own price list, never the network's.

        0 where nothing is paid per token, None where there is no price, as for servers of one's own.
        """
        if about(self.name).local:
            return 0.0
        if self._place.url:
            return None
        if "litellm" not in sys.modules:
            self._background.run(self._load()).result()
        import litellm

        try:
            prices = litellm.cost_per_token(model=self.name, prompt_tokens=prompt, completion_tokens=completion)
            return float(sum(prices))
        except Exception:  # litellm raises a bare Exception for an llm it has no price of
            return None

    async def _load(self) -> None:
        _import_litellm(self.name)


def _import_litellm(llm: str) -> Any:
    """Raises Fault `llm_extra_missing`. Called in the background loop only, so by one thread at a time."""
    try:
        with _environment_of_import():
            import litellm
    except ImportError as error:
        raise extra_missing(llm, None if error.name == "litellm" else error) from None
    litellm.suppress_debug_info = True  # else it prints advice to stdout at every error
    hush()
    return litellm


@contextmanager
def _environment_of_import() -> Iterator[None]:
    """litellm reads these once, while it is imported. Kernels started later must not inherit them.

    Without them it loads the `.env` of the working directory, anybody's perhaps, and fetches a price list.
    """
    wanted = {
        "LITELLM_MODE": "PRODUCTION",
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        "LITELLM_LOG": "ERROR",
    }
    added = [] if "litellm" in sys.modules else [name for name in wanted if name not in os.environ]
    os.environ.update({name: wanted[name] for name in added})
    try:
        yield
    finally:
        for name in added:
            os.environ.pop(name, None)


def _sleep(seconds: float, cancel: CancelToken) -> None:
    """Wait, or raise `Cancelled` at once when the token is used."""
    awake = threading.Event()
    cancel.on_cancel(awake.set)
    awake.wait(seconds)
    cancel.check()
