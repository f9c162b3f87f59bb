"""One request for JSON: what comes of bad servers and bad addresses."""

from __future__ import annotations

import time

import pytest
from provider import Page, Provider

from jupyter_mlchat.llm.fetch import FetchError, checked_url, fetch
from jupyter_mlchat.protocol.faults import Code, Fault

KEY = {"Authorization": "Bearer sk-secret"}


def kind_of(url: str, timeout_s: float = 2.0) -> tuple[str, int]:
    with pytest.raises(FetchError) as raised:
        fetch(url, KEY, timeout_s=timeout_s)
    assert "sk-secret" not in repr(raised.value)
    return raised.value.kind, raised.value.status


def test_what_a_page_says(provider: Provider) -> None:
    provider.pages["/list"] = Page({"data": [1, 2]})
    assert fetch(f"{provider.root}/list", KEY) == {"data": [1, 2]}
    assert provider.looked[0].headers["authorization"] == "Bearer sk-secret"
    provider.shows["a"] = {"capabilities": []}
    assert fetch(f"{provider.root}/api/show", {}, {"model": "a"}) == {"capabilities": []}


def test_a_password_in_the_address_is_sent_as_a_header(provider: Provider) -> None:
    provider.pages["/list"] = Page({})
    fetch(provider.root.replace("//", "//me:p%40ss@") + "/list", {})
    assert provider.looked[0].headers["authorization"] == "Basic bWU6cEBzcw=="


def test_a_redirect_gets_no_key(provider: Provider) -> None:
    provider.pages["/list"] = Page({}, 302, {"Location": f"{provider.root}/elsewhere"})
    assert kind_of(f"{provider.root}/list") == ("redirected", 302)
    assert [look.path for look in provider.looked] == ["/list"]


@pytest.mark.parametrize("status", [401, 403, 404, 429, 500])
def test_a_refusal_has_its_status(provider: Provider, status: int) -> None:
    provider.pages["/list"] = Page({}, status, echoes=True)
    assert kind_of(f"{provider.root}/list") == ("refused", status)


@pytest.mark.parametrize("body", [b"<html>", b"", b"\xff\xfe", b"[" * 100_000, b'{"a": '])
def test_what_is_no_json(provider: Provider, body: bytes) -> None:
    provider.pages["/list"] = Page(body)
    assert kind_of(f"{provider.root}/list") == ("garbled", 0)


def test_more_than_a_list_can_be(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jupyter_mlchat.llm.fetch.MAX_BYTES", 1_000)
    provider.pages["/list"] = Page(["x" * 2_000])
    assert kind_of(f"{provider.root}/list") == ("too_large", 0)


@pytest.mark.parametrize("page", [Page({}, after_s=20.0), Page(["x" * 500], drips=True)], ids=["silent", "dripping"])
def test_who_is_too_slow(provider: Provider, page: Page) -> None:
    provider.pages["/list"] = page
    began = time.monotonic()
    assert kind_of(f"{provider.root}/list", timeout_s=0.5) == ("slow", 0)
    assert time.monotonic() - began < 5


def test_nobody_is_there() -> None:
    assert kind_of("http://127.0.0.1:9/list") == ("unreachable", 0)


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/list", "https://[::1]:8000/v1", "http://me:secret@host/v1"])
def test_addresses(url: str) -> None:
    assert checked_url(url, "LLM_BASE_URL") == url


@pytest.mark.parametrize(
    "url",
    [
        "ftp://host/v1",
        "host:8000",
        "file:///etc/passwd",
        "http://",
        "http://host:port/",
        "http://[::1",
        "",
        "http://a b/",
    ],
)
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(Fault) as raised:
        checked_url(url, "LLM_BASE_URL")
    record = raised.value.record
    assert (record.code, record.about) == (Code.LLM_UNREACHABLE, "LLM_BASE_URL")
    assert record.message == "LLM_BASE_URL is not an http or https address."
    assert "http://localhost:8000/v1" in record.hint
