"""One small HTTP request for JSON: a deadline, a cap, no redirects. What comes back is never quoted."""

from __future__ import annotations

import json
import ssl
import time
import urllib.request
from base64 import b64encode
from collections.abc import Mapping
from http.client import HTTPException
from typing import Any, Literal
from urllib.error import HTTPError, URLError
from urllib.parse import unquote, urlsplit, urlunsplit

from ..protocol.faults import Code, Fault

TIMEOUT_S = 5.0
MAX_BYTES = 8 * 1024 * 1024
NEAR = ("localhost", "127.0.0.1", "::1")
Kind = Literal["unreachable", "slow", "refused", "redirected", "certificate", "garbled", "too_large"]


class FetchError(Exception):
    """Why there is no JSON. `status` is the server's, where it answered with one."""

    def __init__(self, kind: Kind, status: int = 0) -> None:
        super().__init__(kind)
        self.kind, self.status = kind, status


def fetch(
    url: str,
    headers: Mapping[str, str],
    body: dict[str, Any] | None = None,
    *,
    timeout_s: float = TIMEOUT_S,
    direct: bool = False,
) -> Any:
    """What a GET of `url` answers, or a POST of `body`. Raises FetchError. Blocks for `timeout_s` or a little more.

    `direct`: no proxy stands between, as it never does on the way to this machine.
    """
    due = time.monotonic() + timeout_s
    place, credentials = _parted(url)
    raw = json.dumps(body).encode() if body is not None else None
    sent = {"Accept": "application/json", "User-Agent": "jupyter-mlchat", **credentials, **headers}
    if raw is not None:
        sent["Content-Type"] = "application/json"
    try:
        request = urllib.request.Request(place, raw, sent)
        with _opener(direct or near(url)).open(request, timeout=timeout_s) as answer:
            return json.loads(_read(answer, due))
    except HTTPError as error:
        status = error.code
        error.close()
        raise FetchError("redirected" if 300 <= status < 400 else "refused", status) from None
    except URLError as error:
        raise _of(error.reason) from None
    except (OSError, HTTPException) as error:
        raise _of(error) from None
    except (ValueError, RecursionError):
        raise FetchError("garbled") from None


def near(url: str) -> bool:
    """Whether it is this machine."""
    return urlsplit(url).hostname in NEAR


def checked_url(url: str, variable: str) -> str:
    """`url` as it is. Raises Fault when it is not an http(s) address; `variable` is where it was set."""
    try:
        parts = urlsplit(url)
        fine = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        fine = False
    if not fine or any(letter.isspace() for letter in url):
        hint = f"Set {variable} to an address like http://localhost:8000/v1."
        raise Fault(Code.LLM_UNREACHABLE, f"{variable} is not an http or https address.", hint, about=variable)
    return url


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect would carry the key to somebody else."""

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> None:
        return None


def _opener(direct: bool) -> urllib.request.OpenerDirector:
    proxies = [urllib.request.ProxyHandler({})] if direct else []
    return urllib.request.build_opener(_NoRedirect, *proxies)


def _parted(url: str) -> tuple[str, dict[str, str]]:
    """The address without `user:password@`, and the header that says the same."""
    parts = urlsplit(url)
    if parts.username is None:
        return url, {}
    named = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    place = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
    return place, {"Authorization": f"Basic {b64encode(named.encode()).decode()}"}


def _read(answer: Any, due: float) -> bytes:
    """The whole body. A server that sends a byte now and then is as slow as one that sends nothing."""
    pieces, size = [], 0
    while piece := answer.read1(65_536):
        pieces.append(piece)
        size += len(piece)
        if size > MAX_BYTES:
            raise FetchError("too_large")
        if time.monotonic() > due:
            raise FetchError("slow")
    return b"".join(pieces)


def _of(reason: object) -> FetchError:
    if isinstance(reason, TimeoutError):
        return FetchError("slow")
    if isinstance(reason, ssl.SSLError):
        return FetchError("certificate")
    return FetchError("garbled" if isinstance(reason, HTTPException) else "unreachable")
