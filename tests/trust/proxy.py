"""A proxy that keeps every byte that goes through it, on its way to a scripted provider."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

_HOP = {"host", "connection", "transfer-encoding", "keep-alive"}


class Proxy:
    """`bodies` are those of every request, as they came; `paths` where they went."""

    def __init__(self, target: str) -> None:
        self.bodies: list[bytes] = []
        self.paths: list[str] = []
        proxy, to = self, urlsplit(target)

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.0"

            def log_message(self, format: str, *args: object) -> None:
                """Tests print nothing."""

            def _pass(self, body: bytes) -> None:
                proxy.bodies.append(body)
                proxy.paths.append(self.path)
                onward = http.client.HTTPConnection(to.hostname or "", to.port, timeout=60)
                headers = {name: value for name, value in self.headers.items() if name.lower() not in _HOP}
                onward.request(self.command, self.path, body or None, headers)
                with closing(onward), onward.getresponse() as answer:
                    self.send_response(answer.status)
                    for name, value in answer.getheaders():
                        if name.lower() not in _HOP | {"content-length"}:
                            self.send_header(name, value)
                    self.end_headers()
                    with suppress(http.client.IncompleteRead, ConnectionError):
                        while piece := answer.read1(65_536):
                            self.wfile.write(piece)
                            self.wfile.flush()

            def do_POST(self) -> None:
                self._pass(self.rfile.read(int(self.headers["content-length"])))

            def do_GET(self) -> None:
                self._pass(b"")

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        self.root = f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def recording(target: str) -> Iterator[Proxy]:
    made = Proxy(target)
    try:
        yield made
    finally:
        made.close()
