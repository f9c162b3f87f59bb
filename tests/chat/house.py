"""A whole service over a bridge in this process: real store, real tools, no wire."""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from pathlib import Path
from typing import Any, TypeVar

from jupyter_mlchat.chat.journal import Journal
from jupyter_mlchat.chat.means import Means
from jupyter_mlchat.chat.service import ChatService
from jupyter_mlchat.guard.access import Caller
from jupyter_mlchat.kernel.inprocess import InProcessPort
from jupyter_mlchat.llm.background import Background
from jupyter_mlchat.llm.catalogue import Catalogue
from jupyter_mlchat.llm.registry import Llms
from jupyter_mlchat.observe.observer import Observer, Taker
from jupyter_mlchat.protocol.commands import AnyCommand, ToolCall, TurnStart
from jupyter_mlchat.protocol.events import Accepted, AnyEvent, Event
from jupyter_mlchat.protocol.faults import Code, Fault
from jupyter_mlchat.protocol.records import CommandId, Context, ConversationId, KernelId, TurnId
from jupyter_mlchat.runtime.bridge import Bridge
from jupyter_mlchat.runtime.shell import Shell
from jupyter_mlchat.runtime.toolbox import Outcome, Toolbox, ToolContext, tool
from jupyter_mlchat.settings import MLChat
from jupyter_mlchat.store.database import open_database

KERNEL = KernelId("here")
ME = Caller("me")
E = TypeVar("E", bound=Event)


@tool()
def add(a: float, b: float = 1.0) -> dict[str, float]:
    """Add two numbers."""
    return {"sum": a + b}


@tool()
def slow(ctx: ToolContext, seconds: float) -> dict[str, bool]:
    """Take some time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and not ctx.cancelled():
        time.sleep(0.01)
    return {"cancelled": ctx.cancelled()}


@tool(effect="write", lane="reader")
def store(ctx: ToolContext, name: str) -> dict[str, str]:
    """Make a variable."""
    ctx.user_ns[name] = 1
    return {"made": name}


@tool(effect="predict")
def needs_more(features: dict[str, Any]) -> Outcome:
    """Ask for what is missing."""
    if "b" in features:
        return Outcome(data={"got": features})
    form = {
        "title": "b is missing",
        "fields": [{"name": "a", "value": features.get("a")}, {"name": "b", "kind": "number"}],
        "tool": "needs_more",
        "target": "features",
    }
    return Outcome(form=form)


class House:
    """A service and its only kernel."""

    def __init__(self, folder: Path, background: Background | None = None, **settings: Any) -> None:
        self.folder, self.background = folder, background
        # What is measured after a turn's end comes at any time: tests of that switch it on.
        quiet = {"llm": "builtin", "environment": {}, "env_file": str(folder / "none.env"), "evaluations": False}
        given = {**quiet, **settings}
        self.settings = MLChat(data_dir=str(folder), **given)
        self.namespace: dict[str, Any] = {}
        self.bridge = Bridge(Shell(None, self.namespace), Toolbox([]))
        for function in (add, slow, store, needs_more):
            self.bridge.toolbox.add(function, "test")
        self.takers: list[Taker] = []
        """Told what happens, from `open` on."""
        self.service: ChatService = None  # type: ignore[assignment]

    async def open(self) -> House:
        self.database = await open_database(self.settings.db_url, self.folder)
        port = self.port = InProcessPort(self.bridge, KERNEL)

        async def find(kernel: KernelId) -> InProcessPort:
            if kernel != KERNEL:
                raise Fault(Code.NOT_FOUND, "This server has no such kernel.", "Open the notebook again.")
            return port

        journal = Journal(self.database)
        log = logging.getLogger("test")
        self.catalogue = Catalogue(self.settings)
        llms = Llms(self.settings, self.background, self.catalogue)
        observer = Observer(self.takers, log)
        means = Means(journal, self.database, self.settings, find, llms.choose, self.catalogue, log, observer=observer)
        self.service = ChatService(means)
        await self.service.open()
        return self

    async def close(self) -> None:
        await self.service.close()
        self.database.close()

    async def ask(self, text: str, **fields: Any) -> Accepted:
        context = Context(kernel=KERNEL, notebook="n.ipynb")
        return await self.send(TurnStart(id=new_id(), text=text, context=context, **fields))

    async def send(self, command: AnyCommand, caller: Caller = ME) -> Accepted:
        return await self.service.submit(command, caller)

    async def call(self, name: str, context: Context | None = None, /, **args: Any) -> Accepted:
        context = context or Context(kernel=KERNEL, notebook="n.ipynb")
        return await self.send(ToolCall(id=new_id(), tool=name, args=args, context=context))

    async def events(self, conversation: ConversationId) -> list[AnyEvent]:
        return await self.service.journal.read(conversation)

    async def settle(self, accepted: Accepted, seconds: float = 60) -> list[AnyEvent]:
        """The turn's events, once it has ended or waits."""
        assert accepted.turn is not None
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            turn = await self.service.turn(accepted.turn, ME)
            if turn.state not in ("queued", "active"):
                return await self.service.journal.read_turn(accepted.turn)
            await asyncio.sleep(0.01)
        raise AssertionError(f"the turn is still {turn.state}")

    async def state(self, turn: TurnId | None) -> str:
        assert turn is not None
        return (await self.service.turn(turn, ME)).state


def new_id() -> CommandId:
    return CommandId(uuid.uuid4().hex)


def only(events: list[AnyEvent], kind: type[E]) -> E:
    """The one event of that kind."""
    [found] = [event for event in events if isinstance(event, kind)]
    return found
