"""Behind Jupyter's own certificate the panel's socket is one of TLS."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from server.certificate import certificate_in

from browser.page import Desk
from browser.site import Site


@pytest.mark.long
def test_the_panel_speaks_tls_where_its_page_does(chromium: Browser, tmp_path: Path) -> None:
    certificate, key = certificate_in(tmp_path)
    site = Site(tmp_path / "site", {}, {"ServerApp": {"certfile": str(certificate), "keyfile": str(key)}})
    site.url = site.url.replace("http", "https", 1)
    site.trusted = ssl.create_default_context(cafile=str(certificate))
    site.start()
    context = chromium.new_context(ignore_https_errors=True)
    opened: list[str] = []
    try:
        page = context.new_page()
        page.on("websocket", lambda socket: opened.append(socket.url))
        desk = Desk(page, site.notebook("tls", "0")).load().open_panel()
        expect(desk.ask("what can you do?")).to_contain_text("list_models")
    finally:
        context.close()
        site.stop()
    assert [url for url in opened if url.startswith(f"wss://127.0.0.1:{site.port}/mlchat/ws")]
    assert not [url for url in opened if not url.startswith("wss://")]
