"""Files sent to the server, as they come, when they are too large, and when they come in pieces."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from jupyter_mlchat.server import uploads
from jupyter_mlchat.server.incoming import PROGRESS_BYTES
from jupyter_mlchat.server.shelf import KEPT_S

LIMIT = 3 * PROGRESS_BYTES


@pytest.fixture
def mlchat():
    return {"max_upload_bytes": LIMIT, "upload_quota_bytes": 2 * LIMIT}


@pytest.fixture
def folder(tmp_path) -> Path:
    return tmp_path / "mlchat" / "uploads"


class Sending:
    """An upload whose bytes the test sends when it likes, chunked or of an announced length."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, chunked: bool) -> None:
        self.reader, self.writer, self.chunked = reader, writer, chunked

    async def send(self, data: bytes) -> None:
        head = f"{len(data):x}\r\n".encode() if self.chunked else b""
        self.writer.write(head + data + (b"\r\n" if self.chunked else b""))
        await self.writer.drain()

    async def answer(self) -> tuple[int, dict]:
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode()
        length = next(line for line in head.splitlines() if line.lower().startswith("content-length"))
        body = await self.reader.readexactly(int(length.partition(":")[2]))
        return int(head.split()[1]), json.loads(body)

    async def hang_up(self) -> None:
        self.writer.close()
        try:
            await self.writer.wait_closed()
        except ConnectionError:
            return


@pytest.fixture
def begin(api, jp_http_port, jp_base_url, jp_auth_header):
    async def send(query: str, length: int | None = None) -> Sending:
        reader, writer = await asyncio.open_connection("127.0.0.1", jp_http_port)
        size = "Transfer-Encoding: chunked" if length is None else f"Content-Length: {length}"
        lines = [
            f"POST {jp_base_url}mlchat/api/uploads?{query} HTTP/1.1",
            f"Host: 127.0.0.1:{jp_http_port}",
            f"Authorization: {jp_auth_header['Authorization']}",
            size,
        ]
        writer.write("\r\n".join([*lines, "", ""]).encode())
        return Sending(reader, writer, length is None)

    return send


async def state_of(api, wanted: str, upload: str | None = None) -> dict:
    """The (newest) upload, once it is in the state `wanted`."""
    for _ in range(200):
        listed = (await api("get", "uploads")).body["uploads"]
        found = [each for each in listed if upload in (None, each["id"])]
        if found and found[0]["state"] == wanted:
            return found[0]
        await asyncio.sleep(0.02)
    raise AssertionError(f"never {wanted}: {listed}")


async def test_a_file_arrives_whole_and_is_its_owners_alone(api, folder):
    data = os.urandom(PROGRESS_BYTES + 8).hex().encode()
    sent = await api("post", "uploads", data, name="../../etc/data.csv", size=len(data))
    assert sent.status == 201
    upload = sent.body
    assert (upload["name"], upload["state"], upload["bytes"]) == ("data.csv", "complete", len(data))
    assert upload["sha256"] == hashlib.sha256(data).hexdigest()
    assert [path.name for path in folder.iterdir()] == [upload["id"]]
    assert (folder / upload["id"]).read_bytes() == data
    assert (folder / upload["id"]).stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (await api("get", f"uploads/{upload['id']}")).body == upload
    listed = (await api("get", "uploads")).body
    assert listed["uploads"] == [upload]
    assert listed["largest"] == LIMIT and {"csv", "pkl"} < set(listed["types"])
    gone = await api("delete", f"uploads/{upload['id']}")
    assert (gone.status, gone.text) == (204, "")
    assert list(folder.iterdir()) == []
    assert (await api("get", f"uploads/{upload['id']}")).fault == "not_found"


async def test_the_assistant_reads_the_real_status(api, connect):
    sent = await api("post", "uploads", b"a,b\n1,2\n", name="t.csv")
    socket = await connect()
    await socket.send("tool.call", tool="get_upload_status", args={"upload_id": sent.body["id"]})
    [returned] = [e for e in await socket.until("turn.ended") if e["type"] == "tool.returned"]
    data = returned["result"]["data"]
    assert data == {"upload_id": sent.body["id"], "status": "complete", "bytes": 8, "received": 8}
    assert returned["result"]["local"]["name"] == "t.csv"


async def test_without_an_id_the_status_is_that_of_the_newest_upload(api, connect):
    socket = await connect()
    await socket.send("tool.call", tool="get_upload_status", args={})
    [returned] = [e for e in await socket.until("turn.ended") if e["type"] == "tool.returned"]
    assert returned["result"]["fault"]["message"] == "You have uploaded no file yet."
    for name in ("old.csv", "new.csv"):
        sent = await api("post", "uploads", b"a\n1\n", name=name)
    await socket.send("tool.call", tool="get_upload_status", args={})
    [returned] = [e for e in await socket.until("turn.ended") if e["type"] == "tool.returned"]
    assert returned["result"]["data"]["upload_id"] == sent.body["id"]


async def test_what_is_announced_too_large_is_refused_before_it_comes(api, begin, folder):
    for query, length in ((f"name=x.csv&size={LIMIT + 1}", None), ("name=x.csv", LIMIT + 1)):
        sending = await begin(query, length)
        status, body = await sending.answer()
        assert (status, body["fault"]["code"]) == (413, "too_large")
        await sending.hang_up()
    assert (await api("get", "uploads")).body["uploads"] == [] and not folder.exists()


async def test_what_turns_out_too_large_is_refused_while_it_streams(api, begin, folder):
    """The body does not end: the answer comes with the first byte too many."""
    sending = await begin("name=large.csv")
    for _ in range(LIMIT // 65536):
        await sending.send(b"x" * 65536)
    await sending.send(b"x")
    status, body = await asyncio.wait_for(sending.answer(), 20)
    assert (status, body["fault"]["code"]) == (413, "too_large")
    await sending.hang_up()
    assert (await state_of(api, "failed"))["received"] == LIMIT + 1
    assert list(folder.iterdir()) == []


async def test_a_sender_that_reads_no_answer_is_hung_up_on(api, begin, folder, monkeypatch):
    monkeypatch.setattr(uploads, "LINGER_S", 0.3)
    sending = await begin("name=endless.csv")
    sent = 0
    with pytest.raises(ConnectionError):
        while sent < 200 * LIMIT:
            await sending.send(b"x" * 65536)
            sent += 65536
            await asyncio.sleep(0.001)
    await sending.hang_up()
    assert LIMIT < (await state_of(api, "failed"))["received"] <= LIMIT + 65536
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("size", ["announced", "streamed"])
async def test_a_client_that_sends_everything_before_it_reads_sees_the_413(
    api, jp_http_port, jp_base_url, jp_auth_header, size
):
    """Most clients do. A connection that is closed under them would take the answer along."""
    body = b"x" * (8 * LIMIT)
    pieces = body if size == "announced" else iter([body[i : i + 65536] for i in range(0, len(body), 65536)])
    address = f"http://127.0.0.1:{jp_http_port}{jp_base_url}mlchat/api/uploads?name=large.csv"

    def send() -> tuple[int, dict]:
        request = urllib.request.Request(address, pieces, dict(jp_auth_header), method="POST")
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request, timeout=30)
        with refused.value as error:
            return error.code, json.loads(error.read())

    status, answer = await asyncio.to_thread(send)
    assert (status, answer["fault"]["code"], answer["fault"]["about"]) == (413, "too_large", "size")
    assert "max_upload_bytes" in answer["fault"]["hint"]


async def test_who_asks_first_is_refused_before_sending(api, jp_http_port, jp_base_url, jp_auth_header):
    """What curl does with large files."""
    reader, writer = await asyncio.open_connection("127.0.0.1", jp_http_port)
    lines = [
        f"POST {jp_base_url}mlchat/api/uploads?name=large.csv HTTP/1.1",
        f"Host: 127.0.0.1:{jp_http_port}",
        f"Authorization: {jp_auth_header['Authorization']}",
        f"Content-Length: {LIMIT + 1}",
        "Expect: 100-continue",
    ]
    writer.write("\r\n".join([*lines, "", ""]).encode())
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
    assert b" 413 " in head.splitlines()[0]
    writer.close()


async def test_more_than_announced_is_no_upload(api, folder):
    sent = await api("post", "uploads", b"x" * 101, name="t.csv", size=100)
    assert (sent.status, sent.fault, sent.body["fault"]["about"]) == (422, "invalid_input", "size")
    assert {each["state"] for each in (await api("get", "uploads")).body["uploads"]} == {"failed"}
    assert list(folder.iterdir()) == []


async def test_a_file_may_come_in_pieces(api, folder):
    data = b"a,b\n1,2\n" * 20
    sent = await api("post", "uploads", data[:50], name="t.csv", size=len(data))
    assert (sent.status, sent.body["state"], sent.body["received"]) == (202, "receiving", 50)
    own = f"uploads/{sent.body['id']}"
    for offset in (0, 49, 51):
        refused = await api("patch", own, data[offset:], offset=offset)
        assert (refused.status, refused.fault, refused.body["fault"]["about"]) == (409, "conflict", "offset")
        assert "offset=50" in refused.body["fault"]["hint"]
    more = await api("patch", own, data[50:90], offset=50)
    assert (more.status, more.body["received"]) == (202, 90)
    whole = await api("patch", own, data[90:], offset=90)
    assert (whole.status, whole.body["state"], whole.body["bytes"]) == (201, "complete", len(data))
    assert whole.body["sha256"] == hashlib.sha256(data).hexdigest()
    assert (folder / sent.body["id"]).read_bytes() == data
    again = await api("patch", own, b"more", offset=len(data))
    assert (again.status, "complete" in again.body["fault"]["message"]) == (409, True)
    assert (await api("patch", "uploads/none", b"x", offset=0)).fault == "not_found"


async def test_an_empty_file_is_a_file(api, folder):
    sent = await api("post", "uploads", b"", name="empty.csv")
    assert (sent.status, sent.body["state"], sent.body["bytes"]) == (201, "complete", 0)
    assert (folder / sent.body["id"]).read_bytes() == b""


async def test_an_upload_that_was_cut_goes_on_where_it_was(api, begin, folder):
    data = os.urandom(PROGRESS_BYTES).hex().encode()
    sending = await begin("name=big.csv", len(data))
    cut = PROGRESS_BYTES + 65536
    await sending.send(data[:cut])
    growing = await state_of(api, "receiving")
    while growing["received"] < cut:
        growing = await state_of(api, "receiving")
    assert (growing["bytes"], growing["received"]) == (len(data), cut)
    await sending.hang_up()
    kept = await state_of(api, "receiving", growing["id"])
    rest = await api("patch", f"uploads/{kept['id']}", data[kept["received"] :], offset=kept["received"])
    assert (rest.status, rest.body["sha256"]) == (201, hashlib.sha256(data).hexdigest())
    assert (folder / kept["id"]).read_bytes() == data


async def test_a_sender_that_hangs_does_not_keep_another_from_going_on(api, begin, folder):
    """What a phone does that has changed its network: the server still waits for the old connection."""
    data = b"a,b\n1,2\n" * 30
    hanging = await begin("name=t.csv", len(data))
    await hanging.send(data[:100])
    growing = await state_of(api, "receiving")
    while growing["received"] < 100:
        growing = await state_of(api, "receiving")
    whole = await api("patch", f"uploads/{growing['id']}", data[100:], offset=100)
    assert (whole.status, whole.body["state"]) == (201, "complete")
    await hanging.send(data[100:])
    status, body = await hanging.answer()
    assert (status, body["fault"]["code"]) == (409, "conflict")
    await hanging.hang_up()
    assert (folder / growing["id"]).read_bytes() == data
    assert (await api("get", f"uploads/{growing['id']}")).body["state"] == "complete"


async def test_who_follows_the_conversation_sees_the_progress(api, connect):
    own = await api.conversation()
    socket = await connect(conversation=own)
    await socket.until("hello")
    data = b"x" * (2 * PROGRESS_BYTES + 17)
    sent = await api("post", "uploads", data, name="big.csv", size=len(data), conversation=own)
    assert (sent.status, sent.body["conversation"]) == (201, own)
    told = []
    while not told or told[-1]["text"] != "big.csv: complete":
        event = await socket.next()
        told += [event] if event["type"] == "progress" else []
    assert {event["call"] for event in told} == {sent.body["id"]}
    done = [event.get("done", 0) for event in told]
    assert len(done) >= 3 and done == sorted(done) and done[-1] == told[-1]["total"] == len(data)
    refused = await api("post", "uploads", b"x", name="t.csv", conversation="none")
    assert (refused.status, refused.fault) == (404, "not_found")


async def test_the_files_of_one_person_have_a_quota(api, folder):
    sent = [await api("post", "uploads", b"x" * LIMIT, name="t.csv") for _ in range(2)]
    assert [one.status for one in sent] == [201, 201]
    full = await api("post", "uploads", b"x", name="t.csv")
    assert (full.status, full.fault) == (413, "too_large")
    assert "0 are left" in full.body["fault"]["message"] and "upload_quota_bytes" in full.body["fault"]["hint"]
    assert (await api("delete", f"uploads/{sent[0].body['id']}")).status == 204
    half = await api("post", "uploads", b"x", name="t.csv", size=LIMIT - 10)
    assert half.status == 202, "what is announced counts"
    assert (await api("post", "uploads", b"x" * 11, name="t.csv")).status == 413
    assert (await api("patch", f"uploads/{half.body['id']}", b"x" * (LIMIT - 11), offset=1)).status == 201
    assert len(list(folder.iterdir())) == 2


async def test_an_upload_that_is_removed_meanwhile_is_cancelled(api, begin, folder):
    sending = await begin("name=big.csv", 100)
    await sending.send(b"x" * 50)
    growing = await state_of(api, "receiving")
    assert (await api("delete", f"uploads/{growing['id']}")).status == 204
    await sending.send(b"x" * 50)
    status, body = await sending.answer()
    assert (status, body["fault"]["code"]) == (409, "conflict")
    await sending.hang_up()
    await state_of(api, "cancelled", growing["id"])
    assert list(folder.iterdir()) == []


async def test_what_an_ended_server_left_behind_has_failed(api, begin, folder):
    sending = await begin("name=big.csv", 100)
    await sending.send(b"x" * 50)
    growing = await state_of(api, "receiving")
    long_ago = time.time() - KEPT_S - 1
    os.utime(folder / growing["id"], (long_ago, long_ago))
    assert (await api("get", f"uploads/{growing['id']}")).body["state"] == "failed"
    assert list(folder.iterdir()) == []
    await sending.hang_up()


async def test_a_name_that_is_none_is_refused(api):
    for name in ("", "  ", "a/", "x" * 256, "\u202egpj.exe"):
        assert (await api("post", "uploads", b"x", name=name)).fault == "invalid_input", repr(name)
    assert (await api("post", "uploads", b"x", name="a", size="many")).fault == "malformed"


async def test_a_folder_that_cannot_be_written_is_said_without_its_path(api, folder, tmp_path):
    await api("get", "health")
    folder.write_text("a file where the folder should be")
    refused = await api("post", "uploads", b"x", name="t.csv")
    assert (refused.status, refused.fault) == (503, "store_unavailable")
    assert str(tmp_path) not in refused.text


class TestFolderAmongTheServedFiles:
    @pytest.fixture(params=["data", ".data"])
    def data_dir(self, request, jp_root_dir) -> Path:
        return jp_root_dir / request.param

    @pytest.fixture
    def mlchat(self, data_dir):
        return {"data_dir": str(data_dir)}

    async def test_nothing_is_received_that_jupyter_would_hand_out(self, api, jp_fetch, data_dir):
        sent = await api("post", "uploads", b"a\n1\n", name="t.csv")
        if data_dir.name == "data":
            assert (sent.status, sent.fault, sent.body["fault"]["about"]) == (503, "store_unavailable", "data_dir")
            assert not (data_dir / "uploads").exists()
            return
        assert sent.status == 201
        for place in ("api/contents", "files"):
            found = await jp_fetch(place, ".data/uploads", sent.body["id"], raise_error=False)
            assert found.code == 404
