"""Notifications as signed HTTP posts."""

from __future__ import annotations

import hmac
import time
import urllib.error
import urllib.request
from http.client import HTTPException
from typing import Any
from urllib.parse import urlsplit

import msgspec

from .notification import NotDelivered, Notification

TIMEOUT_S = 10.0
PASSING = frozenset({408, 425, 429})
"""Statuses below 500 that may be others later."""


class Webhook:
    """Posts JSON with the headers `X-MLChat-Timestamp` and `X-MLChat-Signature`.

    The signature is `sha256=` and the HMAC-SHA256 of timestamp, a dot and the body, in hex. Redirects are not
    followed. Raises ValueError for an address that is not http or https.
    """

    name = "webhook"

    def __init__(self, url: str, secret: str) -> None:
        if urlsplit(url).scheme not in ("http", "https"):
            raise ValueError("`notify_webhook` is not an http or https address.")
        self._url, self._secret = url, secret.encode()
        self._opener = urllib.request.build_opener(_Straight)

    def send(self, notification: Notification) -> None:
        body, stamp = msgspec.json.encode(notification), str(int(time.time()))
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "jupyter-mlchat",
            "X-MLChat-Timestamp": stamp,
            "X-MLChat-Signature": f"sha256={signature(self._secret, stamp, body)}",
        }
        request = urllib.request.Request(self._url, body, headers, method="POST")
        try:
            with self._opener.open(request, timeout=TIMEOUT_S):
                return
        except urllib.error.HTTPError as error:
            status = error.code
            error.close()
            again = status >= 500 or status in PASSING
            raise NotDelivered(f"the receiver answered {status}", again=again) from None
        except (OSError, HTTPException) as error:
            raise NotDelivered(f"the receiver can't be reached ({type(error).__name__})", again=True) from None


def signature(secret: bytes, stamp: str, body: bytes) -> str:
    return hmac.new(secret, stamp.encode() + b"." + body, "sha256").hexdigest()


class _Straight(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        """What was signed for one receiver is not for another."""
