"""A bare service under load, to be killed. Forked anew for each round, so that a round does not cost a start.

Reads `FOLDER URL` lines. Writes `pid N`, then `taken ...` after each command that is accepted; `failed` at an error.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from chat.house import KERNEL, ME, House, new_id

from jupyter_mlchat.chat import turn  # noqa: F401 - what is imported before a fork is not imported after it
from jupyter_mlchat.chat.keeping import retention  # noqa: F401
from jupyter_mlchat.protocol.commands import AnyCommand, ApprovalGive, FormSubmit, ToolCall
from jupyter_mlchat.protocol.events import Accepted, ApprovalAsked, FormAsked
from jupyter_mlchat.protocol.faults import Fault
from jupyter_mlchat.protocol.records import Context

TALKERS = 4
CALLS: list[tuple[str, dict[str, Any]]] = [
    ("add", {"a": 1.0}),
    ("needs_more", {"features": {"a": 1}}),
    ("store", {"name": "made"}),
    ("add", {"a": 2.0}),
]
LEASE_S = 1.0


def say(*words: object) -> None:
    os.write(1, (" ".join(str(word) for word in words) + "\n").encode())


async def talk(house: House, number: int) -> None:
    """Two talkers share a conversation."""

    async def send(command: AnyCommand) -> Accepted:
        while True:
            try:
                accepted = await house.send(command)
                break
            except Fault as fault:
                # So many turns of those before are unended that there is no room for another one yet.
                if not fault.record.retryable:
                    raise
                await asyncio.sleep(0.05)
        # From here on it must never be lost.
        say("taken", json.dumps([command.id, accepted.conversation, accepted.turn, accepted.seq]))
        return accepted

    context = Context(kernel=KERNEL, notebook=f"{number // 2}.ipynb")
    while True:
        for tool, args in CALLS:
            accepted = await send(ToolCall(id=new_id(), tool=tool, args=args, context=context))
            for event in await house.settle(accepted, 100):
                if isinstance(event, FormAsked):
                    await send(FormSubmit(id=new_id(), turn=accepted.turn, form=event.form, values={"b": 2}))
                elif isinstance(event, ApprovalAsked):
                    await send(ApprovalGive(id=new_id(), turn=accepted.turn, approval=event.approval, allow=True))


async def serve(folder: Path, url: str) -> None:
    house = await House(folder, db_url=url, rate_limit=0, lease=LEASE_S).open()
    assert ME.principal
    await asyncio.gather(*(talk(house, number) for number in range(TALKERS)))


def main() -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    say("ready")
    for line in sys.stdin:
        if not line.strip():
            # Whoever was killed says nothing more: all that it said stands before this.
            say("idle")
            continue
        folder, _, url = line.strip().partition(" ")
        pid = os.fork()
        if pid == 0:
            try:
                asyncio.run(serve(Path(folder), url))
            except Exception:
                say("failed")
                raise
            os._exit(0)
        say("pid", pid)


if __name__ == "__main__":
    main()
