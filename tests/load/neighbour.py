"""Another server process on the same store: it obeys commands from its standard input, and tells what it hears."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import msgspec
from chat.house import ME, House

from jupyter_mlchat.protocol.codec import decode_command, encode_event
from jupyter_mlchat.protocol.commands import Resume
from jupyter_mlchat.protocol.events import Event
from jupyter_mlchat.protocol.faults import Fault


def say(kind: str, content: bytes) -> None:
    sys.stdout.write(f"{kind} {content.decode()}\n")
    sys.stdout.flush()


def hear(event: Event) -> None:
    say("event", encode_event(event))


async def obey(house: House, line: str) -> None:
    try:
        command = decode_command(line)
        if isinstance(command, Resume):
            await house.service.follow(command.conversation, command.after, ME, hear)
            say("followed", b"{}")
        else:
            say("accepted", encode_event(await house.send(command)))
    except Fault as fault:
        say("fault", msgspec.json.encode(fault.record))


async def main(folder: str, url: str, lease: str) -> None:
    house = await House(Path(folder), db_url=url, lease=float(lease), rate_limit=0).open()
    say("ready", b"{}")
    while line := await asyncio.to_thread(sys.stdin.readline):
        await obey(house, line)
    await house.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
