"""What an administrator sees of a real server: figures, the audit, how it stands, and what is switched off."""

from __future__ import annotations

import asyncio
import io
import json
import logging
from typing import Any

import pytest
from jupyter_server.auth.identity import IdentityProvider, User
from kernels import run_cell

from jupyter_mlchat.observe.audit import schema_id
from jupyter_mlchat.protocol.events import Notice
from jupyter_mlchat.protocol.faults import Close
from jupyter_mlchat.protocol.records import ConversationId
from jupyter_mlchat.store.tables import schema

WHAT = "what can you do?"


async def figures(jp_fetch: Any) -> str:
    return (await jp_fetch("metrics")).body.decode()


async def test_one_evening_of_a_server_in_figures_and_in_the_audit(api, connect, jp_fetch, jp_serverapp):
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    jp_serverapp.event_logger.register_handler(handler)
    socket = await connect()
    await socket.send("turn.start", text=f"{WHAT} marker-4711")
    await socket.until("turn.ended")
    socket.connection.close(1000)
    sent = await api("post", "uploads", b"a,b\n1,2\n", name="marker-4711.csv", size=8)
    assert sent.status == 201, sent.body
    assert (await api("delete", f"uploads/{sent.body['id']}")).status == 204
    text = await figures(jp_fetch)
    for line in (
        "mlchat_connections 0.0",
        'mlchat_connections_closed_total{reason="left"} 1.0',
        'mlchat_messages_total{kind="question"} 1.0',
        'mlchat_turns_total{llm="builtin",state="completed"} 1.0',
        'mlchat_first_word_seconds_count{llm="builtin"} 1.0',
        'mlchat_uploads_total{action="received"} 1.0',
        'mlchat_queue_turns{state="active"} 0.0',
        'mlchat_degraded{part="store"} 0.0',
    ):
        assert line in text.splitlines(), line
    assert "mlchat_journal_lag_seconds_bucket" in text and "4711" not in text and "local" not in text
    records = [json.loads(line) for line in stream.getvalue().splitlines()]
    ours = [(r["__schema__"].split("/")[-2], r.get("action")) for r in records if "jupyter_mlchat" in r["__schema__"]]
    assert ours == [
        ("connection", "opened"),
        ("settings", None),
        ("turn", "started"),
        ("tool", None),
        ("turn", "ended"),
        ("connection", "closed"),
        ("upload", "received"),
        ("upload", "removed"),
    ]
    assert "4711" not in stream.getvalue()
    jp_serverapp.event_logger.remove_handler(handler)


async def test_listeners_hear_the_audit_and_one_that_fails_harms_nobody(api, jp_serverapp):
    heard: list[dict[str, Any]] = []

    async def listener(logger: Any, schema_id: str, data: dict[str, Any]) -> None:
        heard.append(data)

    jp_serverapp.event_logger.add_listener(schema_id=schema_id("turn"), listener=listener)
    own = await api.conversation()
    assert (await api.ask(own, WHAT)).body["state"] == "completed"
    await jp_serverapp.event_logger.gather_listeners()
    assert [(told["action"], told["actor"]) for told in heard] == [("started", "local"), ("ended", "local")]


async def test_health_names_every_part(api, parts):
    healthy = (await api("get", "health")).body
    assert (healthy["status"], set(healthy["parts"])) == ("ok", {"store", "providers", "kernels", "queue"})
    assert {part["status"] for part in healthy["parts"].values()} == {"ok"}
    assert healthy["parts"]["queue"]["figures"] == {"queued": 0, "active": 0, "max_active": 8}
    service = await parts.service()
    service.means.database.damaged = True
    damaged = await api("get", "health")
    assert (damaged.status, damaged.body["status"], damaged.body["parts"]["store"]["status"]) == (
        200, "degraded", "degraded",
    )  # fmt: skip
    assert "damaged" in damaged.body["parts"]["store"]["text"]


async def test_a_kernel_that_died_by_itself_is_told(api, jp_serverapp, jp_fetch, kernel):
    alive = (await api("get", "health")).body["parts"]["kernels"]
    assert alive["status"] == "ok" and sum(alive["figures"].values()) == 1
    # As Jupyter says it of one that its restarter has given up.
    jp_serverapp.kernel_manager.get_kernel(kernel.id).execution_state = "dead"
    dead = (await api("get", "health")).body
    assert (dead["status"], dead["parts"]["kernels"]["figures"]) == ("degraded", {"dead": 1})
    assert dead["parts"]["kernels"]["text"] == "1 of 1 kernels died by themselves."
    await api.conversation()
    assert 'mlchat_degraded{part="kernels"} 1.0' in await figures(jp_fetch)


async def test_health_of_a_store_that_does_not_answer_is_503(api, parts):
    service = await parts.service()
    await service.means.database.run(lambda tx: schema.drop(tx))
    answer = await api("get", "health")
    assert (answer.status, answer.body["status"], answer.body["parts"]["store"]["status"]) == (503, "failed", "failed")
    assert answer.body["parts"]["queue"]["status"] == "ok"


class TestUnopened:
    @pytest.fixture
    def mlchat(self):
        return {"db_url": "sqlite:////nowhere/at/all/x.sqlite"}

    async def test_health_of_a_store_that_does_not_open_is_503_and_a_figure_says_so(self, api, jp_fetch):
        answer = await api("get", "health")
        assert (answer.status, answer.body["status"], set(answer.body["parts"])) == (503, "failed", {"store"})
        assert "nowhere" not in answer.text
        assert 'mlchat_degraded{part="store"} 1.0' in await figures(jp_fetch)


class Names(IdentityProvider):
    """Users are whoever the header says."""

    def get_user(self, handler):
        name = handler.request.headers.get("X-User", "")
        return User(username=name) if name else None


class TestSeveralPeople:
    @pytest.fixture
    def mlchat(self):
        return {"admins": ["eve"]}

    @pytest.fixture
    def jp_server_config(self, jp_server_config):
        jp_server_config["ServerApp"] |= {"identity_provider_class": Names, "disable_check_xsrf": True}
        return jp_server_config

    async def test_the_summary_is_ones_own_and_an_admins_is_everybodys(self, api, jp_serverapp):
        heard: list[dict[str, Any]] = []

        async def listener(logger: Any, schema_id: str, data: dict[str, Any]) -> None:
            heard.append(data)

        jp_serverapp.event_logger.add_listener(schema_id=schema_id("access"), listener=listener)

        def who(name: str) -> dict[str, str]:
            return {"X-User": name, "Authorization": ""}

        for name, questions in (("ann", 2), ("bob", 1)):
            made = await api("post", "conversations", {}, headers=who(name))
            for _ in range(questions):
                path = f"conversations/{made.body['id']}/turns"
                asked = await api("post", path, {"text": WHAT}, headers=who(name), wait=1)
                assert asked.body["state"] == "completed", asked.body
        for name, questions in (("ann", 2), ("bob", 1), ("eve", 0)):
            summary = (await api("get", "metrics/summary", headers=who(name), days=1)).body
            assert (summary["scope"], summary["turns"]) == ("own", {"completed": questions} if questions else {})
            assert summary["elapsed_ms"]["count"] == questions
            assert (summary["elapsed_ms"]["p95"] > 0) is bool(questions)
            assert [row["key"] for row in summary["llms"]] == (["builtin"] if questions else [])
            assert "builtin" in summary["providers"]
        refused = await api("get", "metrics/summary", headers=who("ann"), scope="all")
        assert (refused.status, refused.fault) == (403, "forbidden")
        everybodys = (await api("get", "metrics/summary", headers=who("eve"), scope="all")).body
        assert (everybodys["scope"], everybodys["turns"]) == ("all", {"completed": 3})
        assert (everybodys["tool_calls"], everybodys["tools_failed"]) == (3, 0)
        await jp_serverapp.event_logger.gather_listeners()
        assert [(told["actor"], told["action"]) for told in heard] == [("eve", "metrics")]
        assert (await api("get", "metrics/summary", headers=who("ann"), scope="none")).fault == "malformed"


class TestLimited:
    @pytest.fixture
    def mlchat(self):
        return {"rate_limit": 1, "websocket_max_connections_per_person": 1}

    async def test_a_refusal_says_when_to_try_again_at_every_door(self, api, connect, kernel):
        own = await api.conversation()
        assert (await api.ask(own, WHAT)).status == 200
        headers: list[str | None] = []
        fetch = api._fetch

        async def fetched(*args: Any, **values: Any) -> Any:
            answer = await fetch(*args, **values)
            headers.append(answer.headers.get("Retry-After"))
            return answer

        api._fetch = fetched
        refused = await api.ask(own, WHAT)
        assert (refused.status, refused.fault) == (429, "rate_limited")
        assert 0 < int(headers[0] or 0) <= 60
        assert refused.body["fault"]["retry_after"] == float(headers[0] or 0)
        socket = await connect()
        await socket.next()
        await socket.send("turn.start", text=WHAT)
        assert (await socket.next())["fault"]["code"] == "rate_limited"
        cell = await run_cell(kernel.client, f"%%chat\n{WHAT}")
        shown = " ".join(each["text/plain"] for each in cell["shown"])
        assert "More than 1 messages in a minute." in shown and "Try again in" in shown
        second = await connect()
        told = await second.next()
        assert (told["type"], told["fault"]["code"], told["fault"]["retry_after"]) == ("fault", "rate_limited", 30.0)
        assert await second.next() is None and second.connection.close_code == Close.TOO_MANY
        await socket.send("ping")
        assert (await socket.next())["type"] == "pong"


class TestSwitchedOff:
    @pytest.fixture
    def mlchat(self):
        return {"disabled_features": ["upload", "mcp", "compare", "feedback", "search", "export", "run_code"]}

    async def test_what_is_off_is_refused_everywhere_and_on_no_list(self, api, jp_fetch, connect, kernel):
        for method, path, params in (
            ("post", "uploads", {"name": "a.csv"}),
            ("get", "uploads", {}),
            ("post", "compare", {}),
        ):
            answer = await api(method, path, **params)
            assert (answer.status, answer.fault) == (403, "forbidden"), path
            assert "switched off" in answer.body["fault"]["message"], path
        answer = await jp_fetch("mlchat/mcp", method="POST", body="{}", raise_error=False)
        assert answer.code == 403
        own = await api.conversation()
        asked = await api.ask(own, WHAT)
        refused = await api("post", f"turns/{asked.body['turn']}/feedback", {"score": 1})
        assert (refused.status, refused.fault) == (403, "forbidden")
        listed = {tool["name"] for tool in (await api("get", "tools", kernel=kernel.id)).body["tools"]}
        assert "list_models" in listed and not listed & {"run_code", "get_upload_status"}
        called = await api("post", f"kernels/{kernel.id}/tools/run_code", {"args": {"code": "1"}})
        assert called.body["result"]["fault"]["code"] == "unknown_tool"
        socket = await connect()
        assert {"upload", "search"} < set((await socket.next())["disabled"])
        for kind, fields in (("search.get", {"words": "x"}), ("export.get", {"conversation": own})):
            await socket.send(kind, **fields)
            assert (await socket.next())["fault"]["code"] == "forbidden", kind
        assert "upload" in (await api("get", "health")).body["disabled_features"]


class TestJsonLogs:
    @pytest.fixture
    def mlchat(self):
        return {"json_logs": True}

    async def test_the_log_is_json_lines_of_ids(self, api, parts):
        stream = io.StringIO()
        handler = logging.StreamHandler(stream)
        handler.setFormatter(parts.log.handlers[0].formatter)
        handler.setLevel(logging.INFO)
        parts.log.addHandler(handler)
        try:
            own = await api.conversation()
            await api.ask(own, f"{WHAT} marker-4711")
        finally:
            parts.log.removeHandler(handler)
        lines = [json.loads(line) for line in stream.getvalue().splitlines()]
        assert [line["action"] for line in lines if line.get("kind") == "turn"] == ["started", "ended"]
        assert {line["level"] for line in lines} == {"INFO"} and "4711" not in stream.getvalue()


async def test_what_goes_wrong_inside_is_logged_without_what_it_was_about(api, parts, monkeypatch):
    service = await parts.service()

    def broken(*args: Any) -> Any:
        raise ValueError("the value is marker-4711")

    monkeypatch.setattr(service, "usage", broken)
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setLevel(logging.INFO)
    parts.log.addHandler(handler)
    try:
        answer = await api("get", "usage")
    finally:
        parts.log.removeHandler(handler)
    assert (answer.status, answer.fault) == (500, "internal")
    assert "ValueError" in stream.getvalue()
    assert "4711" not in stream.getvalue() + answer.text and "Traceback" not in stream.getvalue()


class TestHeldBack:
    @pytest.fixture
    def mlchat(self):
        # Turns queue and never run: their streams stay open.
        return {"max_active_turns": 0}

    async def test_a_stream_that_is_not_read_is_cut_off_and_nobody_else(
        self, api, connect, parts, jp_auth_header, jp_base_url, jp_http_port
    ):
        own = ConversationId(await api.conversation())
        good = await connect(conversation=own)
        service, body = await parts.service(), json.dumps({"text": WHAT})
        reader, writer = await asyncio.open_connection("127.0.0.1", jp_http_port, limit=4096)
        lines = [
            f"POST {jp_base_url}mlchat/api/conversations/{own}/turns HTTP/1.1",
            f"Host: 127.0.0.1:{jp_http_port}",
            "Accept: application/x-ndjson",
            f"Content-Length: {len(body)}",
            *(f"{name}: {value}" for name, value in jp_auth_header.items()),
        ]
        writer.write("\r\n".join([*lines, "", body]).encode())
        await reader.readuntil(b'"turn.queued"')
        turn = (await good.until("turn.queued"))[-1]["turn"]
        count, text = 120, "x" * 100_000
        reading = asyncio.ensure_future(many(good, count))
        for _ in range(count):
            await service.journal.append(own, [Notice(turn=turn, text=text)])
        assert {event["type"] for event in await reading} == {"notice"}
        received = await asyncio.wait_for(reader.read(), 20)
        assert len(received) < count * len(text) / 2
        writer.close()


async def many(socket: Any, count: int) -> list[dict[str, Any]]:
    return [await socket.next() for _ in range(count)]
