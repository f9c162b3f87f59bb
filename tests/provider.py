"""A provider of llms on 127.0.0.1 that answers what a test scripts, as OpenAI and as Ollama."""

from __future__ import annotations

import json
import select
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal

Piece = dict[str, Any] | bytes


@dataclass(frozen=True)
class Answer:
    """`pieces` are chunks as JSON, or raw bytes of the stream; `end` is what the connection does then.

    With `go`, no more than the `first` of them are sent before it is set.
    """

    pieces: Sequence[Piece] = ()
    status: int = 200
    body: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    before_headers_s: float = 0.0
    between_s: float = 0.0
    end: Literal["done", "silent", "broken", "stalled"] = "done"
    first: int = 0
    go: threading.Event | None = None


def says(*texts: str, finish: str | None = "stop", usage: tuple[int, int] = (11, 7)) -> Answer:
    """An answer in words, one delta each."""
    return Answer([*(_delta(content=text) for text in texts), *_ending(finish, usage)])


def calls(
    *wanted: tuple[str, Any],
    text: str = "",
    ids: Sequence[str] = (),
    pieces: int = 3,
    usage: tuple[int, int] = (11, 7),
) -> Answer:
    """Tool calls: (name, arguments) each, the JSON in `pieces`; arguments that are a str are sent as they
    are.
    """
    chunks = [_delta(content=text)] if text else []
    for index, (name, arguments) in enumerate(wanted):
        raw = arguments if isinstance(arguments, str) else json.dumps(arguments)
        call_id = ids[index] if index < len(ids) else f"call_{time.monotonic_ns()}"
        head = {
            "index": index,
            "id": call_id,
            "type": "function",
            "function": {"name": name, "arguments": ""},
        }
        chunks.append(_delta(tool_calls=[head]))
        step = max(1, -(-len(raw) // pieces))
        for start in range(0, len(raw), step):
            part = {"index": index, "function": {"arguments": raw[start : start + step]}}
            chunks.append(_delta(tool_calls=[part]))
    return Answer([*chunks, *_ending("tool_calls", usage)])


def fails(status: int, message: str, *, code: str = "", headers: dict[str, str] | None = None) -> Answer:
    error = {"message": message, "type": "error", "code": code or None}
    return Answer(status=status, body={"error": error}, headers=headers or {})


def held(answer: Answer, first: int, go: threading.Event) -> Answer:
    """What follows its `first` pieces comes when `go` is set."""
    return replace(answer, first=first, go=go)


def slow(answer: Answer, seconds: float) -> Answer:
    """Headers come only after `seconds`."""
    return replace(answer, before_headers_s=seconds)


def stalls(*texts: str) -> Answer:
    """Some words, then nothing more on an open connection."""
    return Answer([_delta(content=text) for text in texts], end="stalled")


def breaks(*texts: str) -> Answer:
    """Some words, then the connection breaks inside a chunk."""
    return Answer([_delta(content=text) for text in texts], end="broken")


def ends_silently(*texts: str) -> Answer:
    """Some words, then a clean end without a reason: what a proxy does that restarts."""
    return Answer([_delta(content=text) for text in texts], end="silent")


def garbled(*texts: str) -> Answer:
    """Some words, then a line that is no JSON."""
    return Answer([*(_delta(content=text) for text in texts), b'data: {"choices": [{"del\n\n'])


def _delta(**delta: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": {"role": "assistant", **delta}, "finish_reason": None}]}


def _ending(finish: str | None, usage: tuple[int, int]) -> list[Piece]:
    prompt, completion = usage
    counted = {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": sum(usage)}
    return [
        {"choices": [{"index": 0, "delta": {}, "finish_reason": finish}]},
        {"choices": [], "usage": counted},
    ]


def whole(text: str, *, tool_calls: Sequence[dict[str, Any]] = (), finish: str | None = "stop") -> Answer:
    """One JSON document, though a stream was asked for: what a server does that can't stream."""
    message = {"role": "assistant", "content": text, "tool_calls": list(tool_calls) or None}
    usage = {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}
    choices = [{"index": 0, "message": message, "finish_reason": finish}]
    body = {"id": "1", "object": "chat.completion", "created": 1, "model": "scripted", "choices": choices}
    return Answer(body={**body, "usage": usage})


@dataclass(frozen=True)
class Received:
    path: str
    headers: dict[str, str]
    body: dict[str, Any]


@dataclass(frozen=True)
class Page:
    """What a GET of one path answers. `body` is sent as JSON, or as it is when it is bytes.

    `echoes` puts the headers of the request into the body, as careless servers do. It comes after `after_s`, in
    pieces of one byte when it `drips`.
    """

    body: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    after_s: float = 0.0
    echoes: bool = False
    drips: bool = False


class Provider:
    """Answers in the order of `enqueue`; without one left it fails with status 500 that says so."""

    def __init__(self) -> None:
        self.answers: deque[Answer] = deque()
        self.requests: list[Received] = []
        self.ollama_llms: list[str] = []
        self.pages: dict[str, Page] = {}
        self.shows: dict[str, dict[str, Any]] = {}
        """What Ollama's `/api/show` tells, by llm."""
        self.looked: list[Received] = []
        """Every GET."""
        self.tags_asked = 0
        self.hung_up = threading.Event()
        """The client closed a connection before its answer was complete."""
        provider = self

        class Handler(_Handler):
            owner = provider

        self._server = _Server(("127.0.0.1", 0), Handler)
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def url(self) -> str:
        """What LLM_BASE_URL would be."""
        return f"{self.root}/v1"

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [received.body for received in self.requests]

    def enqueue(self, *answers: Answer) -> None:
        self.answers.extend(answers)

    def close(self) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()

    def wait(self, connection: Any, seconds: float, until: threading.Event | None = None) -> bool:
        """False as soon as the client has hung up, or the provider closes; True early once `until` is set."""
        due = time.monotonic() + seconds
        while (left := due - time.monotonic()) > 0 and not self._closing.is_set():
            if until and until.is_set():
                return True
            readable, _, _ = select.select([connection], [], [], min(left, 0.02))
            if readable and not connection.recv(1):
                self.hung_up.set()
                return False
        return not self._closing.is_set()


@contextmanager
def running() -> Iterator[Provider]:
    provider = Provider()
    try:
        yield provider
    finally:
        provider.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that leaves is what some tests are about; anything else is a fault of the script."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    owner: Provider

    def log_message(self, format: str, *args: Any) -> None:
        """Tests print nothing."""

    def do_GET(self) -> None:
        headers = {k.lower(): v for k, v in self.headers.items()}
        self.owner.looked.append(Received(self.path, headers, {}))
        if self.path == "/api/tags":
            self.owner.tags_asked += 1
        usual = {"/api/tags": Page({"models": [{"name": name} for name in self.owner.ollama_llms]})}
        page = {**usual, **self.owner.pages}.get(self.path, Page({"error": "no such page"}, 404))
        if not self.owner.wait(self.connection, page.after_s):
            self.close_connection = True
            return
        body = {"error": {"message": f"you sent {headers}"}} if page.echoes else page.body
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        self._raw(page.status, raw, page.headers, drips=page.drips)

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if self.path == "/api/show":
            shown = self.owner.shows.get(body["model"])
            return self._json(200, shown) if shown is not None else self._json(404, {"error": "not scripted"})
        self.owner.requests.append(Received(self.path, {k.lower(): v for k, v in self.headers.items()}, body))
        unscripted = fails(500, "nothing is scripted")
        answer = self.owner.answers.popleft() if self.owner.answers else unscripted
        if not self.owner.wait(self.connection, answer.before_headers_s):
            self.close_connection = True
            return None
        if answer.status != 200 or answer.body:
            return self._json(answer.status, answer.body, answer.headers)
        try:
            return self._stream(answer, ollama=self.path == "/api/chat")
        except (BrokenPipeError, ConnectionResetError):
            self.owner.hung_up.set()
            self.close_connection = True
            return None

    def _json(self, status: int, body: dict[str, Any], headers: dict[str, str] | None = None) -> None:
        self._raw(status, json.dumps(body).encode(), headers)

    def _raw(self, status: int, raw: bytes, headers: dict[str, str] | None = None, *, drips: bool = False) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        for piece in [raw[i : i + 1] for i in range(len(raw))] if drips else [raw]:
            self.wfile.write(piece)
            if drips and not self.owner.wait(self.connection, 0.2):
                self.close_connection = True
                return

    def _stream(self, answer: Answer, *, ollama: bool) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/x-ndjson" if ollama else "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for index, piece in enumerate(answer.pieces):
            if answer.go and index == answer.first and not self.owner.wait(self.connection, 60.0, answer.go):
                self.close_connection = True
                return
            raw = _ollama_line(piece) if ollama else _event(piece)
            self._chunk(raw)
            if not self.owner.wait(self.connection, answer.between_s):
                self.close_connection = True
                return
        if answer.end == "stalled":
            self.owner.wait(self.connection, 60.0)
        if answer.end in ("broken", "stalled"):
            self.wfile.write(b"40\r\ndata: {")
            self.close_connection = True
            return
        if answer.end == "done" and not ollama:
            self._chunk(b"data: [DONE]\n\n")
        self.wfile.write(b"0\r\n\r\n")

    def _chunk(self, raw: bytes) -> None:
        self.wfile.write(f"{len(raw):x}\r\n".encode() + raw + b"\r\n")
        self.wfile.flush()


def _event(piece: Piece) -> bytes:
    if isinstance(piece, bytes):
        return piece
    whole = {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "scripted",
        **piece,
    }
    return b"data: " + json.dumps(whole).encode() + b"\n\n"


def _ollama_line(piece: Piece) -> bytes:
    if isinstance(piece, bytes):
        return piece
    choice = (piece["choices"] or [{"delta": {}, "finish_reason": "stop"}])[0]
    message = {"role": "assistant", "content": choice["delta"].get("content") or ""}
    line = {"model": "scripted", "created_at": "2026-01-01T00:00:00Z", "message": message, "done": False}
    if not piece["choices"]:
        counted = piece["usage"]
        counts = {"prompt_eval_count": counted["prompt_tokens"], "eval_count": counted["completion_tokens"]}
        line.update(done=True, done_reason="stop", **counts)
    return json.dumps(line).encode() + b"\n"
