"""Conversations and turns over REST, on the public path."""

from __future__ import annotations

import base64
import json
import re
import sys
from typing import Any

import jsonschema
import pytest
from kernels import ROOT
from sqlalchemy import insert
from tornado.web import RequestHandler

from jupyter_mlchat.protocol.codec import MAX_COMMAND_BYTES, MAX_EVENT_BYTES
from jupyter_mlchat.protocol.events import Notice
from jupyter_mlchat.protocol.openapi import OPERATIONS
from jupyter_mlchat.protocol.records import ConversationId
from jupyter_mlchat.server import rest
from jupyter_mlchat.store.tables import sent

WHAT = "what can you do?"


def test_every_path_of_the_description_is_registered_and_none_besides() -> None:
    described: dict[str, set[str]] = {}
    for operation in OPERATIONS:
        described.setdefault(operation.path, set()).add(operation.method)
    verbs = ("get", "post", "patch", "put", "delete")
    registered = {
        path: {verb for verb in verbs if getattr(handler, verb) is not getattr(RequestHandler, verb)}
        for path, handler in rest.PATHS
    }
    assert registered == described
    assert len(rest.routes()) == len(rest.PATHS) + 3, "the socket, MCP, and what is nowhere"


async def test_the_described_answers_are_the_real_ones(api):
    """Each answer is checked against the schema that openapi.json gives for it."""
    document = (await api("get", "openapi.json")).body
    assert document["openapi"] == "3.1.0"

    def check(answer: Any, method: str, path: str) -> Any:
        responses = document["paths"][path][method]["responses"]
        response = responses.get(str(answer.status), responses["default"])
        schema = response["content"]["application/json"]["schema"]
        whole = {"components": document["components"], **schema}
        jsonschema.Draft202012Validator(whole).validate(answer.body)
        return answer.body

    made = check(await api("post", "conversations", {"context": {"notebook": "n.ipynb"}}), "post", "/conversations")
    own, described = f"conversations/{made['id']}", "/conversations/{conversation}"
    check(await api("get", "conversations"), "get", "/conversations")
    check(await api("get", own), "get", described)
    check(await api("patch", own, {"title": "Wine"}), "patch", described)
    question = {"text": WHAT, "context": {"notebook": "n.ipynb"}}
    accepted = check(await api("post", f"{own}/turns", question), "post", described + "/turns")
    check(await api.ask(made["id"], WHAT), "post", described + "/turns")
    check(await api("get", f"{own}/events", limit=3), "get", described + "/events")
    turn = accepted["turn"]
    check(await api("get", f"turns/{turn}"), "get", "/turns/{turn}")
    check(await api("get", f"turns/{turn}/sent"), "get", "/turns/{turn}/sent")
    check(await api("post", f"turns/{turn}/feedback", {"score": 1}), "post", "/turns/{turn}/feedback")
    meant = await api("post", f"turns/{turn}/synonym", {"meant": "which models are there?"})
    check(meant, "post", "/turns/{turn}/synonym")
    assert (meant.status, (await api("delete", f"turns/{turn}/synonym")).status) == (202, 204)
    check(await api("delete", f"turns/{turn}/synonym"), "delete", "/turns/{turn}/synonym")
    check(await api("get", f"blobs/{made['id']}-1"), "get", "/blobs/{ref}")
    check(await api("get", "tools"), "get", "/tools")
    check(await api("get", "health"), "get", "/health")
    check(await api("get", "turns/none"), "get", "/turns/{turn}")
    check(await api("delete", own), "delete", described)


async def test_a_conversation_from_beginning_to_end(api):
    made = await api("post", "conversations", {"context": {"notebook": "work.ipynb"}})
    assert (made.status, made.body["owner"], made.body["notebook"]) == (201, "local", "work.ipynb")
    own = f"conversations/{made.body['id']}"
    changed = await api("patch", own, {"title": "Churn"})
    assert changed.body["title"] == (await api("get", own)).body["title"] == "Churn"
    listed = (await api("get", "conversations")).body["conversations"]
    assert [each["title"] for each in listed] == ["Churn"]
    gone = await api("delete", own)
    assert (gone.status, gone.body["type"]) == (200, "accepted")
    assert (await api("get", own)).fault == (await api("get", f"{own}/events")).fault == "not_found"
    assert (await api("get", "conversations")).body == {"conversations": []}


async def test_a_turn_is_accepted_at_once_or_answered_whole(api):
    own = await api.conversation()
    accepted = await api("post", f"conversations/{own}/turns", {"text": WHAT})
    assert (accepted.status, accepted.body["type"], accepted.body["conversation"]) == (202, "accepted", own)
    whole = await api.ask(own, WHAT)
    assert (whole.status, whole.body["state"]) == (200, "completed")
    kinds = [event["type"] for event in whole.body["events"]]
    assert kinds[:2] == ["message", "turn.queued"] and kinds[-1] == "turn.ended"
    assert "get_available_commands" in whole.body["text"]
    assert {event["turn"] for event in whole.body["events"]} == {whole.body["turn"]}
    same = await api("post", f"conversations/{own}/turns", {"text": WHAT}, headers={"Prefer": "respond-async, wait=20"})
    assert (same.status, same.body["state"]) == (200, "completed")
    state = await api("get", f"turns/{whole.body['turn']}")
    assert {**state.body, "attempts": 1} == {
        "turn": whole.body["turn"], "conversation": own, "state": "completed", "text": WHAT, "attempts": 1,
    }  # fmt: skip


async def test_ndjson_streams_until_the_turn_has_ended(api):
    own = await api.conversation()
    answer = await api("post", f"conversations/{own}/turns", {"text": WHAT}, headers={"Accept": "application/x-ndjson"})
    events = [json.loads(line) for line in answer.text.splitlines()]
    assert (answer.status, answer.text[-1]) == (200, "\n")
    assert [events[0]["type"], events[1]["type"], events[-1]["type"]] == ["accepted", "message", "turn.ended"]
    streamed = "".join(event["text"] for event in events if event["type"] == "text.delta")
    final = [event["text"] for event in events if event["type"] == "text.snapshot"]
    assert streamed == final[-1] != ""
    stored = (await api("get", f"conversations/{own}/events", limit=500)).body["events"]
    assert [event for event in events if event.get("seq") and event["type"] != "accepted"] == [
        event for event in stored if event.get("turn")
    ]


async def test_the_same_command_is_the_same_turn(api):
    own = await api.conversation()
    path = f"conversations/{own}/turns"
    first = await api("post", path, {"id": "mine", "text": WHAT}, wait=1)
    again = await api("post", path, {"id": "mine", "text": WHAT}, wait=1)
    later = await api("post", path, {"id": "mine", "text": "something else"})
    assert first.body["turn"] == again.body["turn"] == later.body["turn"]
    assert again.body["events"] == first.body["events"]
    asked = (await api("get", f"conversations/{own}/events", limit=500)).body["events"]
    assert [event["text"] for event in asked if event["type"] == "message"] == [WHAT]


async def test_events_come_in_pages_without_a_gap(api):
    own = await api.conversation()
    await api.ask(own, WHAT)
    seen: list[int] = []
    after: int | None = 0
    while after is not None:
        page = (await api("get", f"conversations/{own}/events", after=after, limit=4)).body
        assert len(page["events"]) <= 4
        seen += [event["seq"] for event in page["events"]]
        after = page["next"]
    last = (await api("get", f"conversations/{own}")).body["last_seq"]
    assert seen == list(range(1, last + 1))


async def test_a_large_event_is_sent_by_reference_and_fetched(api, parts):
    own = ConversationId(await api.conversation())
    service = await parts.service()
    text = "x" * MAX_EVENT_BYTES
    [told] = await service.journal.append(own, [Notice(text=text)])
    page = (await api("get", f"conversations/{own}/events", after=told.seq - 1)).body
    [stand_in] = page["events"]
    assert (stand_in["type"], stand_in["stands_for"], stand_in["seq"]) == ("referenced", "notice", told.seq)
    assert stand_in["bytes"] > MAX_EVENT_BYTES
    whole = await api("get", f"blobs/{stand_in['ref']}")
    assert (whole.body["text"], whole.body["seq"]) == (text, told.seq)
    for ref in (f"{own}-999", f"{own}-0", f"{own}-x", "nobody-1", "x"):
        assert (await api("get", f"blobs/{ref}")).fault == "not_found"


async def test_pictures_come_on_top_of_what_a_question_may_have(api):
    own = await api.conversation()
    png = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(700_000)).decode()
    picture = {"media_type": "image/png", "data": png, "from": "figure of In[5]"}
    asked = await api("post", f"conversations/{own}/turns", {"text": WHAT, "images": [picture] * 2}, wait=1)
    assert asked.status == 200
    events = (await api("get", f"conversations/{own}/events")).body["events"]
    [stand_in] = [event for event in events if event["type"] == "referenced"]
    assert stand_in["stands_for"] == "message"
    assert (await api("get", f"blobs/{stand_in['ref']}")).body["images"] == [picture] * 2
    for data, status, fault in ((png[:100] + "!", 422, "invalid_input"), (png * 6, 413, "too_large")):
        refused = await api("post", f"conversations/{own}/turns", {"text": "x", "images": [{**picture, "data": data}]})
        assert (refused.status, refused.fault) == (status, fault)


async def test_what_was_sent_is_shown_byte_for_byte(api, parts):
    own = await api.conversation()
    turn = (await api.ask(own, WHAT)).body["turn"]
    assert (await api("get", f"turns/{turn}/sent")).body == {"sent": []}, "the built-in engine sends nothing"
    body = {"messages": [{"role": "user", "content": "hello"}], "tools": []}
    row = {"turn": turn, "attempt": "a1", "time": 5.0, "llm": "openai/x", "body": json.dumps(body).encode()}
    await (await parts.service()).journal.transact(lambda tx: tx.execute(insert(sent).values(**row)))
    shown = (await api("get", f"turns/{turn}/sent")).body["sent"]
    assert shown == [{"llm": "openai/x", "attempt": "a1", "time": 5.0, "body": body}]


BAD = [
    ("post", "conversations/{own}/turns", {"text": 3}, 400, "malformed", "$.text"),
    ("post", "conversations/{own}/turns", {"text": "x", "colour": 1}, 400, "malformed", "colour"),
    ("post", "conversations/{own}/turns", {"text": "x", "conversation": "y"}, 400, "malformed", "conversation"),
    ("post", "conversations/{own}/turns", {"text": "x", "type": "ping"}, 400, "malformed", "type"),
    ("post", "conversations/{own}/turns", {"text": "  "}, 422, "invalid_input", "text"),
    ("post", "conversations/{own}/turns", {"text": "x", "llm": "nobody/nothing"}, None, None, None),
    ("post", "conversations/{own}/turns", "{", 400, "malformed", ""),
    ("post", "conversations/{own}/turns", "[1]", 400, "malformed", ""),
    ("post", "conversations/{own}/turns", b"\xff\xfe{", 400, "malformed", ""),
    ("post", "conversations/{own}/turns", {"text": "x" * MAX_COMMAND_BYTES}, 413, "too_large", ""),
    ("post", "conversations/none/turns", {"text": "x"}, 404, "not_found", "none"),
    ("post", "conversations", {"new": False}, 400, "malformed", "new"),
    ("get", "conversations/{own}/events?after=-1", None, 400, "malformed", "after"),
    ("get", "conversations/{own}/events?limit=0", None, 400, "malformed", "limit"),
    ("get", "conversations?limit=many", None, 400, "malformed", "limit"),
    ("get", "conversations/../../etc", None, 404, None, None),
    ("patch", "conversations/none", {"title": "x"}, 404, "not_found", "none"),
    ("post", "turns/none/cancel", {}, 404, "not_found", "none"),
    ("post", "turns/{turn}/retry", {}, 409, "conflict", ""),
    ("post", "turns/{turn}/form", {"form": "f", "values": {"a": 1}}, 409, "conflict", ""),
    ("post", "turns/{turn}/form", {"form": "f", "dismiss": "yes"}, 400, "malformed", "dismiss"),
    ("post", "turns/{turn}/approval", {"approval": "a"}, 400, "malformed", "allow"),
    ("post", "turns/{turn}/approval", {"approval": "a", "allow": True}, 409, "conflict", ""),
    ("post", "turns/{turn}/feedback", {"score": 7}, 422, "invalid_input", "score"),
    ("post", "turns/{turn}/feedback?wait=maybe", {"score": 1}, 400, "malformed", "wait"),
    ("get", "kernels/none/models", None, 404, "not_found", "kernel"),
    ("post", "kernels/none/tools/list_models", {}, 404, "not_found", "kernel"),
    ("get", "tools?kernel=none", None, 404, "not_found", "kernel"),
    ("get", "uploads/none", None, 404, "not_found", "upload"),
    ("post", "uploads", "x", 422, "invalid_input", "name"),
    ("patch", "health", {}, 405, "malformed", ""),
    ("delete", "turns/{turn}", None, 405, "malformed", ""),
]  # fmt: skip


async def test_bad_input_gets_a_fault_that_names_it_and_nothing_of_ours(jp_fetch, tmp_path, api):
    own = await api.conversation()
    turn = (await api.ask(own, WHAT)).body["turn"]
    inside = re.compile("|".join(map(re.escape, ("Traceback", 'File "', str(ROOT), str(tmp_path), sys.prefix))))
    for method, path, body, status, code, about in BAD:
        path, _, query = path.format(own=own, turn=turn).partition("?")
        params = dict(part.split("=") for part in query.split("&")) if query else {}
        answer = await api(method, path, body, **params)
        assert answer.status == status or (status is None and 400 <= answer.status < 600), (path, answer)
        assert not inside.search(answer.text), answer.text
        if code is not None:
            fault = answer.body["fault"]
            assert (fault["code"], fault.get("about", "")) == (code, about), (path, body)
            assert len(fault["message"]) > 10


class TestStoreThatCannotBeOpened:
    @pytest.fixture
    def mlchat(self, tmp_path):
        (tmp_path / "occupied").write_text("a file where a directory should be")
        return {"data_dir": str(tmp_path / "occupied")}

    async def test_health_says_so_without_a_path(self, api, connect, tmp_path):
        answer = await api("get", "health")
        assert (answer.status, answer.body["status"]) == (503, "failed")
        assert str(tmp_path) not in answer.text and "Traceback" not in answer.text
        socket = await connect()
        assert (await socket.next())["type"] == "hello"
        await socket.send("turn.start", text=WHAT)
        refused = await socket.next()
        assert refused["type"] == "fault" and str(tmp_path) not in json.dumps(refused)
        await socket.send("ping")
        assert (await socket.next())["type"] == "pong"
