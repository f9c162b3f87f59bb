"""A 1,000-delta answer of a hosted llm: bytes on disk and on the wire, CPU, and the first delta beside raw HTTP."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import tempfile
import time
import urllib.request
import uuid
from pathlib import Path

from jupyter_mlchat.chat.journal import Journal
from jupyter_mlchat.chat.means import Means
from jupyter_mlchat.chat.service import ChatService
from jupyter_mlchat.guard.access import Caller
from jupyter_mlchat.llm.catalogue import Catalogue
from jupyter_mlchat.llm.registry import Llms
from jupyter_mlchat.protocol.codec import encode_event
from jupyter_mlchat.protocol.commands import TurnStart
from jupyter_mlchat.protocol.events import Event, TextDelta, TurnEnded
from jupyter_mlchat.protocol.faults import Code, Fault
from jupyter_mlchat.protocol.records import CommandId, KernelId
from jupyter_mlchat.settings import MLChat
from jupyter_mlchat.store.database import open_database

from .table import median, show

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))
from provider import Answer, Provider, running, says

DELTAS = 1_000
RUNS = 5
ME = Caller("me")


def answer() -> Answer:
    spread = says(*[f"word{n} " for n in range(DELTAS)])
    return Answer(spread.pieces, between_s=0.002)


def raw(provider: Provider) -> float:
    """Milliseconds to the first chunk of the same answer, read with the standard library."""
    provider.enqueue(answer())
    body = json.dumps({"model": "x", "messages": [{"role": "user", "content": "hi"}], "stream": True}).encode()
    headers = {"Content-Type": "application/json"}
    began = time.perf_counter()
    request = urllib.request.Request(f"{provider.url}/chat/completions", data=body, headers=headers)
    with urllib.request.urlopen(request) as stream:
        stream.readline()
        first = 1e3 * (time.perf_counter() - began)
        stream.read()
    return first


async def ours(service: ChatService, provider: Provider) -> tuple[float, int, float]:
    """Milliseconds to the first delta, bytes to one listener, CPU seconds."""
    provider.enqueue(answer())
    told: list[tuple[float, Event]] = []
    ended = asyncio.Event()

    def hear(event: Event) -> None:
        told.append((time.perf_counter(), event))
        if isinstance(event, TurnEnded):
            ended.set()

    cpu, began = time.process_time(), time.perf_counter()
    command = CommandId(uuid.uuid4().hex)
    # A question of before would be answered as before, without the llm.
    accepted = await service.submit(TurnStart(id=command, text=f"hi {command}"), ME)
    stop = await service.follow(accepted.conversation, accepted.seq, ME, hear)
    await ended.wait()
    stop()
    first = next(at for at, event in told if isinstance(event, TextDelta))
    wire = sum(len(encode_event(event)) for _, event in told)
    return 1e3 * (first - began), wire, time.process_time() - cpu


async def measure(provider: Provider, folder: Path) -> None:
    environment = {"OPENAI_API_KEY": "none", "LLM_BASE_URL": provider.url}
    settings = MLChat(llm="openai/gpt-4.1-mini", data_dir=str(folder), environment=environment)
    database = await open_database("", folder)

    async def no_kernel(kernel: KernelId) -> None:
        raise Fault(Code.NOT_FOUND, "There is no kernel.")

    choose, catalogue, log = Llms(settings).choose, Catalogue(settings), logging.getLogger()
    service = ChatService(Means(Journal(database), database, settings, no_kernel, choose, catalogue, log))
    await service.open()
    await ours(service, provider)
    path = folder / "conversations.sqlite"
    size = path.stat().st_size + path.with_name(path.name + "-wal").stat().st_size
    before = await database.run(lambda tx: tx.exec_driver_sql("select sum(length(body)) from mlchat_events").scalar())
    runs = [await ours(service, provider) for _ in range(RUNS)]
    after = await database.run(lambda tx: tx.exec_driver_sql("select sum(length(body)) from mlchat_events").scalar())
    floor = median([raw(provider) for _ in range(RUNS)])
    first, wire, cpu = (median([run[i] for run in runs]) for i in range(3))
    show(
        (f"an answer of {DELTAS:,} deltas", "ours", "goal or floor"),
        [
            ("stored in the journal, kB", (after - before) / RUNS / 1e3, "100 kB"),
            ("on the wire to one client, kB", wire / 1e3, "100 kB"),
            ("CPU s, litellm and the scripted provider in it", cpu, "0.1 s"),
            ("first delta, ms", first, f"{floor:.1f} ms raw HTTP"),
            ("database file after the first answer, kB", size / 1e3, ""),
        ],
    )
    await service.close()
    database.close()


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, running() as provider:
        asyncio.run(measure(provider, Path(folder)))


if __name__ == "__main__":
    main()
