"""What went wrong at a provider, in words that name the fix. Errors are told apart by their names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from ..protocol.faults import Code, Fault
from .names import close_names
from .providers import about, provider_of

PIP = 'pip install "jupyter-mlchat[llms]"'


@dataclass(frozen=True)
class Place:
    """Where an llm answers. `url` as configured; only its host and port are ever shown.

    `names` are the llms that are known to be there, without their provider.
    """

    llm: str
    url: str = field(default="", repr=False)
    key: str = field(default="", repr=False)
    names: Callable[[], Sequence[str]] = tuple

    @property
    def title(self) -> str:
        """Who answers: many others speak OpenAI's protocol."""
        return self.host if provider_of(self.llm) == "openai" else about(self.llm).title

    @property
    def host(self) -> str:
        parts = urlsplit(self.url)
        if not parts.hostname:
            return about(self.llm).title
        return f"{parts.hostname}:{parts.port}" if parts.port else parts.hostname


class Trouble(Exception):
    """A fault, how many seconds the provider asked us to wait, if it did, and whether it only refused tools."""

    def __init__(self, fault: Fault, retry_after_s: float | None = None, *, about_tools: bool = False) -> None:
        super().__init__(fault.record.message)
        self.fault, self.retry_after_s, self.about_tools = fault, retry_after_s, about_tools


def extra_missing(llm: str, error: ImportError | None = None) -> Fault:
    reason = "is not installed" if error is None else f"can't be imported ({type(error).__name__})"
    return Fault(
        Code.LLM_EXTRA_MISSING,
        f"{llm} needs litellm, which {reason} where the assistant runs.",
        f"Run `{PIP}` there and restart it, or use the llm `builtin`.",
        about="litellm",
    )


def no_key(place: Place, variables: list[str]) -> Fault:
    names = " or ".join(variables)
    hint = f"Set {names} in the environment or settings of the server, or choose another llm."
    return Fault(Code.LLM_NO_KEY, f"There is no API key for {place.title}.", hint, about=names)


def timed_out(place: Place, seconds: float, *, began: bool) -> Fault:
    if began:
        return cut(place, f"sent nothing more for {seconds:g} s")
    hint = "Try again, choose a smaller llm, or raise its timeout in the settings."
    message = f"{place.llm} did not begin to answer within {seconds:g} s."
    return Fault(Code.LLM_TIMEOUT, message, hint, retryable=True, about=place.llm)


def cut(place: Place, how: str) -> Fault:
    message = f"The answer of {place.llm} was cut: it {how}."
    return Fault(Code.LLM_CUT, message, "The text so far is kept. Ask again.", retryable=True, about=place.llm)


def unavailable(place: Place, how: str = "gave no answer that can be used") -> Fault:
    hint = "Try again in a moment."
    return Fault(Code.LLM_UNAVAILABLE, f"{place.host} {how}.", hint, retryable=True, about=place.llm)


def too_short(place: Place, max_tokens: int) -> Fault:
    message = f"The answer of {place.llm} was cut at the limit of {max_tokens:,} tokens."
    hint = "The text so far is kept. Ask for less, or raise AI_MAX_TOKENS."
    return Fault(Code.LLM_CUT, message, hint, about="AI_MAX_TOKENS")


def filtered(place: Place) -> Fault:
    message = f"{place.title} stopped the answer with its content filter."
    return Fault(Code.LLM_REFUSED, message, "Ask in other words, or choose another llm.", about=place.llm)


def trouble_of(error: BaseException, place: Place, *, began: bool) -> Trouble:
    """`error` of litellm or below as a fault. `began`: some of the answer had already come."""
    if isinstance(error, Fault):
        return Trouble(error)
    names = {kind.__name__ for link in _chain(error) for kind in type(link).__mro__}
    text = " ".join(str(link) for link in _chain(error)).lower()
    if began:
        return Trouble(cut(place, "broke off"))
    wait, status = _retry_after(error), _status(error)
    about_tools = (status in (400, 404, 422) or "UnsupportedParamsError" in names) and bool(_NO_TOOLS.search(text))
    return Trouble(_fault(names, text, status, place, wait), wait, about_tools=about_tools)


_UNREACHABLE = {
    "ConnectError",
    "ConnectTimeout",
    "ClientConnectorError",
    "gaierror",
    "ConnectionRefusedError",
}
_TOO_LONG = ("context length", "context window", "context_length", "too many tokens", "prompt is too long")
_NO_TOOLS = re.compile(
    r"(does not|doesn't|do not) support (tool|function)|support tool use|tool choice requires|"
    r"'(tools|tool_choice|functions)' is not supported|not support parameters: \[?'?tool|tools? (is|are) not supported"
)
"""What Ollama, OpenAI, OpenRouter, vLLM and litellm say of an llm that can't call any."""
_NO_MORE_MONEY = ("quota", "billing", "credit balance", "insufficient credit")


def _fault(names: set[str], text: str, status: int, place: Place, wait: float | None) -> Fault:
    llm, title = place.llm, place.title
    if names & _UNREACHABLE:
        return _unreachable(place)
    if "ContextWindowExceededError" in names or (status == 400 and any(words in text for words in _TOO_LONG)):
        hint = "Begin a new conversation (`%chat new`), or choose an llm with a larger context."
        return Fault(Code.LLM_CONTEXT_TOO_LONG, f"The conversation is too long for {llm}.", hint, about=llm)
    if status == 401 or "AuthenticationError" in names:
        hint = f"Set a valid {about(llm).key or 'API key'} in the environment or settings of the server."
        return Fault(Code.LLM_BAD_KEY, f"{title} rejected the API key.", hint, about=about(llm).key)
    per_minute = status == 429 and wait is not None
    if status == 402 or (status in (400, 403, 429) and not per_minute and any(w in text for w in _NO_MORE_MONEY)):
        hint = f"Check the plan and billing of your account at {title}, or choose another llm."
        return Fault(Code.LLM_QUOTA, f"The quota of your account at {title} is used up.", hint, about=llm)
    if status == 429:
        when = f"in {wait:g} s" if wait else "in a moment"
        message = f"{title} is getting too many requests."
        return Fault(Code.LLM_RATE_LIMITED, message, f"Try again {when}.", retryable=True, about=llm)
    if status == 403:
        hint = "Ask for access to it there, or choose another llm."
        return Fault(Code.LLM_NOT_ALLOWED, f"Your key may not use {llm} at {title}.", hint, about=llm)
    if status == 404:
        name = llm.partition("/")[2]
        pull = provider_of(llm) == "ollama_chat"
        hint = f"Run `ollama pull {name}`, or check the name." if pull else "Check the name."
        close = close_names(name, place.names())
        hint = f"Did you mean {' or '.join(close)}? {hint}" if close else hint
        return Fault(Code.LLM_UNKNOWN, f"There is no {name!r} at {title}.", hint, about=llm)
    if status == 408 or "Timeout" in names:
        return Fault(Code.LLM_TIMEOUT, f"{title} gave up waiting.", "Try again.", retryable=True, about=llm)
    if status in (400, 413, 422):
        said = _said(text, place)
        return Fault(Code.LLM_REFUSED, f"{title} refused the request{said}.", "Choose another llm.", about=llm)
    return unavailable(place, f"answered with error {status}") if status else unavailable(place)


def _unreachable(place: Place) -> Fault:
    if provider_of(place.llm) == "ollama_chat":
        hint = "Is Ollama running? Start it with `ollama serve`, or set OLLAMA_BASE_URL."
    elif place.url:
        hint = "Is the server running? Check LLM_BASE_URL."
    else:
        hint = "Check the network, proxy and firewall of the server, or use the llm `builtin`."
    return Fault(Code.LLM_UNREACHABLE, f"Can't reach {place.host}.", hint, retryable=True, about=place.llm)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and what caused it. SDKs hide a refused connection three levels down."""
    link: BaseException | None = error
    for _ in range(8):
        if link is None:
            return
        yield link
        link = link.__cause__ or link.__context__


def _status(error: BaseException) -> int:
    """What the server really said, 0 when it said nothing: litellm calls whatever it can't place a 500."""
    for link in _chain(error):
        if type(link).__name__ == "HTTPStatusError":
            return int(getattr(link, "response").status_code)  # noqa: B009
    status = getattr(error, "status_code", None)
    return status if isinstance(status, int) and status < 500 else 0


def _retry_after(error: BaseException) -> float | None:
    for link in _chain(error):
        headers = getattr(getattr(link, "response", None), "headers", None) or {}
        try:
            return max(0.0, float(headers.get("retry-after", "")))
        except ValueError:
            continue
    return None


_MOST_OF_A_REASON = 2_000
_PIECE = 6


def _without(key: str, text: str) -> str:
    """`text` without the words that hold some of the key."""
    if len(key) < _PIECE:
        return text
    pieces = {key[start : start + _PIECE] for start in range(len(key) - _PIECE + 1)}
    return re.sub(r"\S+", lambda word: "" if any(piece in word[0] for piece in pieces) else word[0], text)


def _said(text: str, place: Place) -> str:
    """The provider's own reason, without what could be a key or an address."""
    found = re.search(r"""["']message["']: ["'](.+?)["'][,}]""", text)
    if found is None:
        return ""
    reason = _without(place.key.lower(), found.group(1)[:_MOST_OF_A_REASON])
    reason = re.sub(r"https?:\S+|\S*[*@\\/]\S*|\S{24,}", "", reason)
    words = " ".join(re.sub(r"[^\w .,:'-]", " ", reason).split())[:160].strip(" .,:")
    return f": {words}" if words else ""
