"""Conversations over REST and sockets: pages, search, files, deleting, what is taken up again."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import nbformat
import pytest
from sqlalchemy import update

from jupyter_mlchat.protocol.events import TextSnapshot, TurnStarted
from jupyter_mlchat.protocol.records import AttemptId, ConversationId
from jupyter_mlchat.store.tables import turns

WHAT = "what can you do?"


async def test_the_list_comes_in_pages_newest_first(api):
    made = [await api.conversation() for _ in range(5)]
    seen: list[str] = []
    after = ""
    while True:
        page = (await api("get", "conversations", limit=2, after=after)).body
        seen += [info["id"] for info in page["conversations"]]
        after = page.get("next", "")
        if not after:
            break
    assert seen == made[::-1]
    refused = await api("get", "conversations", after="nowhere")
    assert (refused.status, refused.body["fault"]["about"]) == (400, "after")


async def test_the_past_comes_fifty_at_a_time(api, parts):
    from jupyter_mlchat.protocol.events import Notice

    own = ConversationId(await api.conversation())
    await (await parts.service()).journal.append(own, [Notice(text="x")] * 60)
    page = (await api("get", f"conversations/{own}/events")).body
    assert (len(page["events"]), page["next"]) == (50, 50)
    rest = (await api("get", f"conversations/{own}/events", after=50)).body
    assert [event["seq"] for event in rest["events"]] == list(range(51, 62)) and rest["next"] is None


async def test_several_conversations_on_one_socket(connect, api):
    one, two = await api.conversation(), await api.conversation()
    socket = await connect()
    for own in (one, two):
        await socket.send("conversation.open", conversation=own)
    for own in (one, two, one):
        await socket.send("turn.start", conversation=own, text=WHAT)
    events: list[dict[str, Any]] = []
    while len([event for event in events if event["type"] == "turn.ended"]) < 3:
        events.append(await socket.next())
    for own in (one, two):
        numbers = [event["seq"] for event in events if event.get("conversation") == own and event["type"] != "accepted"
                   and event.get("seq")]  # fmt: skip
        assert numbers == list(range(1, len(numbers) + 1)) and numbers


async def test_every_message_is_journaled_with_its_ids_its_time_and_what_came_along(api):
    own = await api.conversation()
    asked = await api.ask(own, WHAT, metadata={"source": "test", "n": 1})
    turn = asked.body["turn"]
    events = (await api("get", f"conversations/{own}/events", limit=500)).body["events"]
    [said] = [event for event in events if event["type"] == "message"]
    assert said["metadata"] == {"source": "test", "n": 1}
    of_turn = [event for event in events if event.get("turn") == turn]
    assert all(event["conversation"] == own and event["seq"] > 0 and event["time"] > 1e9 for event in of_turn)
    kinds = {event["type"] for event in of_turn}
    assert {"message", "turn.started", "tool.called", "tool.returned", "text.snapshot", "turn.ended"} <= kinds
    told = [event for event in of_turn if event["type"] in ("tool.called", "tool.returned", "text.snapshot")]
    assert len({event["attempt"] for event in told}) == 1
    assert (await api("get", f"turns/{turn}")).body["state"] == "completed"


async def test_a_conversation_is_a_list_of_messages_too(api):
    own = await api.conversation()
    first = (await api.ask(own, WHAT, metadata={"n": 1})).body["turn"]
    await api.ask(own, "and which models?", metadata={"n": 2})
    said = (await api("get", f"conversations/{own}/messages")).body
    assert said["next"] is None
    told = [message for message in said["messages"] if message["turn"] == first]
    assert [(message["role"], message["status"], message["metadata"]) for message in told] == [
        (role, "completed", {"n": 1}) for role in ("user", "tool", "assistant")
    ]
    assert (told[0]["text"], told[1]["tool"]) == (WHAT, "get_available_commands") and told[2]["text"]
    assert told[0]["attempt"] is None and told[1]["attempt"] == told[2]["attempt"] is not None
    for message in told:
        event = (await api("get", f"blobs/{message['id']}")).body
        assert (event["seq"], event["time"]) == (message["seq"], message["time"])
    pages, after = [], 0
    while after is not None:
        page = (await api("get", f"conversations/{own}/messages", limit=2, after=after)).body
        pages += page["messages"]
        after = page["next"]
    assert pages == said["messages"]


async def test_what_was_abandoned_is_found_and_taken_up_again(api, parts, connect):
    """As after a server that ended in the middle of an answer."""
    own = ConversationId(await api.conversation())
    turn = (await api.ask(own, WHAT)).body["turn"]
    service = await parts.service()
    said = {"turn": turn, "attempt": AttemptId("a" * 32)}
    told = [TurnStarted(**said, llm="builtin", number=2), TextSnapshot(**said, text="It can")]
    running = update(turns).where(turns.c.id == turn).values(state="active", attempts=2, lease=0.0, host="gone")
    await service.journal.append(own, told, lambda tx, seq: tx.execute(running))
    await service._queue.open()
    [left] = (await api("get", f"conversations/{own}/turns", state="abandoned", limit=1)).body["turns"]
    assert (left["turn"], left["state"]) == (turn, "abandoned")
    socket = await connect(conversation=own)
    ended = [event async for event in past(socket, own, api)]
    assert [event["state"] for event in ended if event["type"] == "turn.ended"] == ["completed", "abandoned"]
    assert [event["text"] for event in ended if event["type"] == "text.snapshot"][-1] == "It can"
    again = await api("post", f"turns/{turn}/retry", {}, wait=1)
    assert (again.body["state"], again.body["turn"]) == ("completed", turn)
    assert (await api("get", f"conversations/{own}/turns", state="abandoned")).body == {"turns": []}
    every = (await api("get", f"conversations/{own}/turns")).body["turns"]
    assert [(one["turn"], one["attempts"]) for one in every] == [(turn, 3)]


async def past(socket, own, api):
    last = (await api("get", f"conversations/{own}")).body["last_seq"]
    while (event := await socket.next()) is not None:
        if event["type"] != "accepted" and event.get("seq"):
            yield event
        if event["type"] != "accepted" and event.get("seq") == last:
            return


async def test_search_over_rest_and_a_socket(api, connect):
    own = await api.conversation()
    turn = (await api.ask(own, "what does the zebra_model need?")).body["turn"]
    await api("patch", f"conversations/{own}", {"title": "Zebras"})
    found = (await api("get", "search", q="zebra MODEL")).body["found"]
    [said] = [hit for hit in found if hit["role"] == "user"]
    assert (said["conversation"], said["turn"], said["title"]) == (own, turn, "Zebras")
    assert said["snippet"] == "what does the «zebra»_«model» need?"
    for words in ('"', "a AND (b", "*", "\x00", "\N{PARTY POPPER}", " ", "x" * 5000):
        answer = await api("get", "search", q=words)
        assert (answer.status, answer.body) == (200, {"found": []}), words
    assert (await api("get", "search")).status == 400
    socket = await connect()
    await socket.send("search.get", words="zebra", limit=1)
    told = (await socket.until("search"))[-1]
    assert len(told["found"]) == 1
    await api("delete", f"conversations/{own}")
    assert (await api("get", "search", q="zebra")).body == {"found": []}


async def test_files_out_and_in(api, connect, jp_fetch):
    own = await api.conversation(context={"notebook": "work/churn.ipynb"})
    await api.ask(own, WHAT)
    await api("patch", f"conversations/{own}", {"title": "Wine & <Co>"})
    for format, media, ending in (
        ("json", "application/json", "json"),
        ("markdown", "text/markdown", "md"),
        ("notebook", "application/x-ipynb+json", "ipynb"),
    ):
        answer = await jp_fetch("mlchat/api", "conversations", own, "export", params={"format": format})
        assert answer.headers["Content-Type"] == media
        assert answer.headers["Content-Disposition"] == f'attachment; filename="Wine-Co.{ending}"'
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    nbformat.validate(nbformat.reads(answer.body.decode(), as_version=4))
    content = (await jp_fetch("mlchat/api", "conversations", own, "export")).body.decode()
    new = await api("post", "conversations", content)
    assert (new.status, new.body["imported"], new.body["title"]) == (201, "json", "Wine & <Co>")
    chat = {"messages": [{"body": "Hello", "sender": "ada", "time": 1.0}], "users": {"ada": {"username": "ada"}}}
    assert (await api("post", "conversations", chat)).body["imported"] == "jupyter-ai"
    bad = await api("post", "conversations", {**json.loads(content), "version": 3})
    assert (bad.status, bad.body["fault"]["about"]) == (400, "$.version")
    assert (await api("get", f"conversations/{own}/export", format="pdf")).body["fault"]["about"] == "format"
    socket = await connect()
    await socket.send("export.get", conversation=own, format="markdown")
    assert (await socket.until("exported"))[-1]["text"].startswith("# Wine & &lt;Co>")


async def test_all_that_is_stored_of_me(api, jp_fetch):
    own = await api.conversation()
    await api.ask(own, WHAT)
    answer = await jp_fetch("mlchat/api", "export")
    assert answer.headers["Content-Type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.body)) as archive:
        assert archive.testzip() is None
        assert any(own in name for name in archive.namelist())


async def test_deleted_taken_back_and_gone(api):
    own = await api.conversation()
    await api("delete", f"conversations/{own}")
    assert [info["id"] for info in (await api("get", "conversations", deleted=1)).body["conversations"]] == [own]
    back = await api("post", f"conversations/{own}/restore")
    assert (back.status, back.body["id"]) == (200, own)
    gone = await api("delete", f"conversations/{own}", now=1)
    assert gone.status == 200
    assert (await api("post", f"conversations/{own}/restore")).fault == "not_found"
    assert (await api("get", "conversations", deleted=1)).body == {"conversations": []}


async def test_memory_is_chosen_over_rest(api):
    own = await api.conversation()
    changed = await api("patch", f"conversations/{own}", {"memory": {"turns": 3, "summaries": True}})
    assert changed.body["memory"] == {"turns": 3, "summaries": True}
    assert (await api("patch", f"conversations/{own}", {"memory": {"turns": None}})).body["memory"] == {
        "summaries": True
    }
    refused = await api("patch", f"conversations/{own}", {"memory": {"turns": -1}})
    assert (refused.status, refused.body["fault"]["about"]) == (422, "memory")


class TestSmallFiles:
    @pytest.fixture
    def mlchat(self):
        return {"max_import_bytes": 2_000}

    async def test_a_file_that_is_too_large_is_not_read(self, api):
        chat = {"messages": [{"body": "x" * 3_000, "sender": "ada"}]}
        answer = await api("post", "conversations", chat)
        assert (answer.status, answer.fault) == (413, "too_large")
        assert (await api("get", "conversations")).body == {"conversations": []}


async def test_an_unknown_conversation_is_not_found(api):
    for method, path, params in (
        ("get", "export", {}),
        ("get", "turns", {}),
        ("get", "events", {}),
        ("get", "messages", {}),
        ("post", "restore", {}),
        ("delete", "", {"now": 1}),
        ("patch", "", {}),
    ):
        answer = await api(method, f"conversations/none/{path}".rstrip("/"), **params)
        assert (answer.status, answer.fault) == (404, "not_found"), (method, path)
