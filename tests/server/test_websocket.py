"""Sockets of front ends, in a real server."""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import suppress

import pytest
from kernels import busy
from server.front import RawSocket
from tornado.websocket import WebSocketClosedError, websocket_connect

from jupyter_mlchat.connections.connection import BACKLOG
from jupyter_mlchat.protocol.codec import MAX_COMMAND_BYTES, MAX_FRAME_BYTES
from jupyter_mlchat.protocol.events import Notice
from jupyter_mlchat.protocol.faults import Close
from jupyter_mlchat.protocol.records import ConversationId

WHAT = "what can you do?"


async def test_a_socket_is_greeted_and_answers_a_ping(connect):
    socket = await connect()
    hello = await socket.next()
    assert (hello["type"], hello["principal"]) == ("hello", "local") and hello["connection"]
    ping = await socket.send("ping")
    assert await socket.next() == {"type": "pong", "command": ping}


async def test_a_question_is_accepted_first_and_then_answered(connect):
    socket = await connect()
    asked = await socket.send("turn.start", text=WHAT)
    events = (await socket.until("turn.ended"))[1:]
    assert (events[0]["type"], events[0]["command"]) == ("accepted", asked)
    assert [event["type"] for event in events[1:3]] == ["message", "turn.queued"]
    assert events[-1]["state"] == "completed"
    deltas = "".join(event["text"] for event in events if event["type"] == "text.delta")
    assert deltas == next(event["text"] for event in events if event["type"] == "text.snapshot")


async def test_accepted_comes_first_also_where_the_conversation_is_followed(connect):
    socket = await connect()
    await socket.send("conversation.open", new=True)
    opened = (await socket.until("conversation.changed"))[1]
    for _ in range(3):
        asked = await socket.send("turn.start", text=WHAT, conversation=opened["conversation"])
        events = await socket.until("turn.ended")
        assert (events[0]["type"], events[0]["command"]) == ("accepted", asked)
        assert {event["turn"] for event in events} == {events[0]["turn"]}


async def test_what_is_stored_comes_in_one_frame_where_that_is_asked_for(connect):
    socket = await connect()
    await socket.send("turn.start", text=WHAT)
    told = await socket.until("turn.ended")
    conversation, stored = told[1]["conversation"], [e for e in told if e["type"] != "accepted" and e.get("seq")]
    other = await connect()
    for kind in ("conversation.open", "resume"):
        await other.send(kind, conversation=conversation, batched=True)
        batch = (await other.until("batch"))[-1]
        assert [e for e in batch["events"] if e["seq"] >= stored[0]["seq"]] == stored and "more" not in batch
    # What happens from then on does not wait for others.
    await socket.send("turn.start", text=WHAT, conversation=conversation)
    assert "batch" not in [event["type"] for event in await other.until("turn.ended")]


async def test_the_same_command_is_the_same_turn(connect):
    socket = await connect()
    for _ in range(2):
        await socket.connection.write_message(json.dumps({"type": "turn.start", "id": "one", "text": WHAT}))
    events = await socket.until("turn.ended")
    while len([event for event in events if event["type"] == "accepted"]) < 2:
        events.append(await socket.next())
    accepted = [event["turn"] for event in events if event["type"] == "accepted"]
    assert accepted[0] == accepted[1]
    assert len([event for event in events if event["type"] == "message"]) == 1


async def test_two_sockets_of_one_conversation_both_live(connect):
    first, second = await connect(), await connect()
    await first.send("conversation.open", new=True)
    conversation = (await first.until("accepted"))[-1]["conversation"]
    await second.send("conversation.open", conversation=conversation)
    await second.until("accepted")
    await first.send("turn.start", text=WHAT, conversation=conversation)
    ours, theirs = await first.until("turn.ended"), await second.until("turn.ended")
    stored = [[event for event in events if event["type"] != "accepted" and event.get("seq")]
              for events in (ours, theirs)]  # fmt: skip
    assert stored[0] == stored[1]
    said = ["".join(e["text"] for e in events if e["type"] == "text.delta") for events in (ours, theirs)]
    assert said[0] == said[1] != ""


async def test_a_socket_that_comes_back_gets_exactly_what_it_missed(connect, api):
    own = await api.conversation()
    await api.ask(own, WHAT)
    last = (await api("get", f"conversations/{own}")).body["last_seq"]
    for after in (0, 5, last - 1, last):
        socket = await connect(conversation=own, after=after)
        accepted = (await socket.until("accepted"))[-1]
        assert (accepted["seq"], accepted["command"]) == (last, "address")
        missed = [await socket.next() for _ in range(last - after)]
        assert [event["seq"] for event in missed] == list(range(after + 1, last + 1))
        await socket.send("ping")
        assert (await socket.next())["type"] == "pong"
    again = await socket.send("resume", conversation=own, after=last - 2)
    assert (await socket.next())["command"] == again
    assert [(await socket.next())["seq"] for _ in range(2)] == [last - 1, last]


async def test_a_past_that_is_longer_than_the_queue_is_sent_whole(connect, api, parts):
    own = ConversationId(await api.conversation())
    service = await parts.service()
    await service.journal.append(own, [Notice(text="x" * 200)] * 3000)
    socket = await connect(conversation=own)
    await socket.until("accepted")
    assert [(await socket.next())["seq"] for _ in range(3001)] == list(range(1, 3002))


async def test_a_closed_conversation_is_quiet(connect):
    socket = await connect()
    await socket.send("turn.start", text=WHAT)
    conversation = (await socket.until("turn.ended"))[-1]["conversation"]
    closed = await socket.send("conversation.close", conversation=conversation)
    assert await socket.next() == {"type": "accepted", "command": closed, "conversation": conversation}
    other = await connect()
    await other.send("turn.start", text=WHAT, conversation=conversation)
    await other.until("turn.ended")
    await socket.send("ping")
    assert (await socket.next())["type"] == "pong"


@pytest.mark.parametrize(
    ("frame", "code", "about", "command"),
    [
        ("{", "malformed", "", None),
        ("[]", "malformed", "", None),
        ('"text"', "malformed", "", None),
        ('{"type":"turn.start","id":"7","text":5}', "malformed", "$.text", "7"),
        ('{"type":"turn.start","id":"7"}', "malformed", "text", "7"),
        ('{"type":"turn.start","id":"7","text":"x","colour":1}', "malformed", "colour", "7"),
        ('{"type":"no.such","id":"7"}', "unknown_command", "type", "7"),
        ('{"id":7}', "malformed", "type", None),
        ('{"type":"turn.start","id":"7","text":"%s"}' % ("x" * MAX_COMMAND_BYTES), "too_large", "", None),
        ('{"type":"resume","id":"7","conversation":"none"}', "not_found", "none", "7"),
        ('{"type":"turn.cancel","id":"7","turn":"none"}', "not_found", "none", "7"),
    ],
    ids=lambda value: str(value)[:48],
)
async def test_a_bad_frame_gets_a_fault_and_the_socket_goes_on(connect, frame, code, about, command):
    socket = await connect()
    await socket.next()
    await socket.connection.write_message(frame)
    refused = await socket.next()
    assert refused["type"] == "fault"
    fault = refused["fault"]
    assert (fault["code"], fault.get("about", ""), refused.get("command")) == (code, about, command)
    await socket.send("ping")
    assert (await socket.next())["type"] == "pong"


async def test_bytes_that_are_no_text_are_malformed(connect):
    socket = await connect()
    await socket.next()
    await socket.connection.write_message(b"\xff\xfe\x00", binary=True)
    assert (await socket.next())["fault"]["code"] == "malformed"


async def test_a_frame_far_too_large_closes_the_socket(connect):
    socket = await connect()
    await socket.next()
    # It may be closed while the rest is still on its way.
    with suppress(WebSocketClosedError):
        await socket.connection.write_message("x" * (MAX_FRAME_BYTES + (1 << 20)))
    assert await socket.next() is None
    assert socket.connection.close_code in (1009, None)


async def test_an_address_that_makes_no_sense_is_a_fault(connect):
    for params, code in (({"conversation": "none"}, "not_found"), ({"conversation": "x", "after": "-"}, "malformed")):
        socket = await connect(**params)
        assert (await socket.until("fault"))[-1]["fault"]["code"] == code


async def many(socket, count):
    return [await socket.next() for _ in range(count)]


async def test_who_does_not_read_is_cut_off_and_nobody_else(connect, api, parts, jp_auth_header, jp_base_url,
                                                            jp_http_port):  # fmt: skip
    own = ConversationId(await api.conversation())
    path = f"{jp_base_url}mlchat/ws?conversation={own}&after=0"
    slow = await RawSocket.open(jp_http_port, path, jp_auth_header)
    good = await connect(conversation=own)
    await good.until("conversation.changed")
    service = await parts.service()
    count, text = 120, "x" * 100_000
    reading = asyncio.ensure_future(many(good, count))
    for _ in range(count):
        await service.journal.append(own, [Notice(text=text)])
    received = await reading
    assert [event["seq"] for event in received] == list(range(2, count + 2))
    frames = await asyncio.wait_for(slow.frames(), 20)
    opcode, payload = frames[-1]
    assert (opcode, int.from_bytes(payload[:2], "big")) == (8, Close.TOO_SLOW)
    assert len(frames) < count
    await slow.close()
    await good.send("ping")
    assert (await good.next())["type"] == "pong"
    while len(parts.sockets) > 1:
        await asyncio.sleep(0.05)


class TestSmallServer:
    @pytest.fixture
    def mlchat(self):
        return {"websocket_max_connections": 1, "websocket_ping_interval": 1, "websocket_timeout": 1}

    async def test_one_connection_too_many_is_told_so(self, connect, parts):
        first = await connect()
        assert (await first.next())["type"] == "hello"
        second = await connect()
        told = await second.next()
        assert told["fault"]["code"] == "server_busy" and told["fault"]["hint"] == "Try again in 30 s."
        assert await second.next() is None
        assert second.connection.close_code == Close.TOO_MANY
        first.connection.close()
        while parts.sockets:
            await asyncio.sleep(0.01)
        third = await connect()
        assert (await third.next())["type"] == "hello"

    async def test_who_answers_no_ping_is_gone(self, api, jp_auth_header, jp_base_url, jp_http_port):
        silent = await RawSocket.open(jp_http_port, f"{jp_base_url}mlchat/ws", jp_auth_header)
        began = time.monotonic()
        frames = await asyncio.wait_for(silent.frames(), 15)
        assert [opcode for opcode, _ in frames] == [1, 9, 8]
        assert time.monotonic() - began > 1.9
        await silent.close()

    async def test_who_answers_pings_stays(self, connect):
        socket = await connect()
        await socket.next()
        await asyncio.sleep(3.2)
        await socket.send("ping")
        assert (await socket.next())["type"] == "pong"


async def test_the_end_of_the_server_is_told(connect, parts):
    socket = await connect()
    await socket.next()
    await parts.close()
    assert await socket.next() is None
    assert socket.connection.close_code == Close.SHUTTING_DOWN


class TestSlowCommands:
    """Of a kernel that is busy and not attached yet."""

    @pytest.fixture
    def mlchat(self):
        return {"attach": "first_use"}

    async def test_commands_that_pile_up_are_refused(self, connect, kernel, tmp_path):
        socket = await connect()
        await socket.next()
        answers = {}

        async def hear() -> str:
            event = await socket.next()
            answers[event["command"]] = event.get("fault", {}).get("code", event["type"])
            return event["command"]

        async with busy(kernel.client, tmp_path):
            await socket.send("kernel.update", kernel=kernel.id, hide=["x"])
            sent = [await socket.send("conversation.close", conversation=str(n)) for n in range(BACKLOG + 5)]
            while await hear() != sent[-1]:
                pass
        while len(answers) < len(sent) + 1:
            await hear()
        codes = [answers[command] for command in sent]
        assert set(codes[: BACKLOG - 1]) == {"accepted"} and codes[-1] == "server_busy"

    async def test_rest_says_why_it_has_to_wait(self, api, kernel, tmp_path):
        async with busy(kernel.client, tmp_path):
            for method, path in (("get", "models"), ("get", "state"), ("post", "tools/list_models")):
                answer = await api(method, f"kernels/{kernel.id}/{path}")
                assert (answer.status, answer.fault) == (503, "kernel_not_attached"), path
                assert answer.body["fault"]["retryable"] is True

    async def test_a_ping_does_not_wait_behind_a_command_and_commands_keep_their_order(self, connect, kernel, tmp_path):
        socket = await connect()
        await socket.next()
        async with busy(kernel.client, tmp_path):
            slow = await socket.send("kernel.update", kernel=kernel.id, hide=["x"])
            opened = await socket.send("conversation.open", new=True)
            ping = await socket.send("ping")
            answers = [await socket.next()]
        answers += [await socket.next() for _ in range(2)]
        assert [answer["command"] for answer in answers] == [ping, slow, opened], answers


async def test_no_compression_unless_asked_for(jp_ws_fetch, jp_http_port, jp_base_url, jp_auth_header):
    from tornado.httpclient import HTTPRequest

    request = HTTPRequest(f"ws://127.0.0.1:{jp_http_port}{jp_base_url}mlchat/ws", headers=jp_auth_header)
    connection = await websocket_connect(request, compression_options={})
    assert "Sec-Websocket-Extensions" not in connection.headers
    connection.close()
