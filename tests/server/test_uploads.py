"""Files sent to the server, as they come, when they are too large, and when they never come whole."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import time
from pathlib import Path

import pytest

from jupyter_mlchat.server.shelf import PROGRESS_BYTES, STALE_S

LIMIT = 3 * PROGRESS_BYTES


@pytest.fixture
def mlchat():
    return {"max_upload_bytes": LIMIT}


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
    data = os.urandom(2 * PROGRESS_BYTES + 17)
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
    assert (await api("get", "uploads")).body == {"uploads": [upload]}
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
    for query, length in ((f"name=x&size={LIMIT + 1}", None), ("name=x", LIMIT + 1)):
        sending = await begin(query, length)
        status, body = await sending.answer()
        assert (status, body["fault"]["code"]) == (413, "too_large")
        await sending.hang_up()
    assert (await api("get", "uploads")).body == {"uploads": []} and not folder.exists()


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


async def test_a_sender_that_reads_no_answer_is_hung_up_on(api, begin, folder):
    sending = await begin("name=endless.csv")
    sent = 0
    with pytest.raises(ConnectionError):
        while sent < 20 * LIMIT:
            await sending.send(b"x" * 65536)
            sent += 65536
            await asyncio.sleep(0.001)
    await sending.hang_up()
    assert LIMIT < (await state_of(api, "failed"))["received"] <= LIMIT + 65536
    assert list(folder.iterdir()) == []


async def test_more_or_less_than_announced_is_no_upload(api, folder):
    for data in (b"x" * 99, b"x" * 101):
        sent = await api("post", "uploads", data, name="t.csv", size=100)
        assert (sent.status, sent.fault, sent.body["fault"]["about"]) == (422, "invalid_input", "size")
    assert {each["state"] for each in (await api("get", "uploads")).body["uploads"]} == {"failed"}
    assert list(folder.iterdir()) == []


async def test_an_empty_file_is_a_file(api, folder):
    sent = await api("post", "uploads", b"", name="empty.csv")
    assert (sent.status, sent.body["state"], sent.body["bytes"]) == (201, "complete", 0)
    assert (folder / sent.body["id"]).read_bytes() == b""


async def test_progress_is_seen_and_a_sender_that_hangs_up_has_failed(api, begin, folder):
    sending = await begin("name=big.csv", LIMIT)
    await sending.send(b"x" * (PROGRESS_BYTES + 65536))
    growing = await state_of(api, "receiving")
    while not growing["received"]:
        growing = await state_of(api, "receiving")
    assert (growing["bytes"], PROGRESS_BYTES <= growing["received"] < LIMIT) == (LIMIT, True)
    await sending.hang_up()
    await state_of(api, "failed", growing["id"])
    assert list(folder.iterdir()) == []


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
    long_ago = time.time() - STALE_S - 1
    os.utime(folder / growing["id"], (long_ago, long_ago))
    assert (await api("get", f"uploads/{growing['id']}")).body["state"] == "failed"
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
