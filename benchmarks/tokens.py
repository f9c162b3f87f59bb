"""Prompt tokens of answered tasks, beside smolagents' own agent with the same tools.

Real models and tools; the llm is scripted, behind real HTTP: it makes the calls that a competent one makes, then
answers. Counted is what each agent sent, messages and tool schemas, with the tokenizer that litellm carries.
"""

from __future__ import annotations

import asyncio
import io
import logging
import sys
import tempfile
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

from rich.console import Console
from smolagents import LiteLLMModel, Tool, ToolCallingAgent
from smolagents.monitoring import AgentLogger, LogLevel

from jupyter_mlchat.agent.memory import tool_text
from jupyter_mlchat.chat.facts import COMMANDS, UPLOAD_STATUS
from jupyter_mlchat.chat.journal import Journal
from jupyter_mlchat.chat.means import Means
from jupyter_mlchat.chat.service import ChatService
from jupyter_mlchat.chat.toolset import CORE
from jupyter_mlchat.guard.access import Caller
from jupyter_mlchat.kernel.inprocess import InProcessPort
from jupyter_mlchat.llm.catalogue import Catalogue
from jupyter_mlchat.llm.registry import Llms
from jupyter_mlchat.protocol.commands import ConversationOpen, TurnStart
from jupyter_mlchat.protocol.events import Event, ToolReturned, TurnEnded
from jupyter_mlchat.protocol.records import CommandId, Context, ConversationId, KernelId, ToolInfo
from jupyter_mlchat.runtime.bridge import Bridge
from jupyter_mlchat.runtime.shell import Shell
from jupyter_mlchat.runtime.toolbox import Toolbox
from jupyter_mlchat.runtime.tools import MODULES
from jupyter_mlchat.settings import MLChat
from jupyter_mlchat.store.database import open_database

from .table import median, show
from .token_tasks import CONVERSATIONS, FIND_TOOLS, SINGLE, Task, namespace

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))
from provider import Answer, Provider, calls, running, says

LLM = "openai/gpt-4.1-mini"
HERE = KernelId("here")
ME = Caller("me")
GROUPS: Sequence[Sequence[Task]] = [*((task,) for task in SINGLE), *CONVERSATIONS]
"""What is asked in one conversation each."""


def tokens(body: dict[str, Any]) -> int:
    """Of one request: its messages and its tools."""
    # Not before our side has loaded it: only that keeps it off the network.
    import litellm

    return int(litellm.token_counter(model=LLM, messages=body["messages"], tools=body.get("tools")))


def script(task: Task, *, finds: bool, last: Answer) -> list[Answer]:
    finding = [calls((FIND_TOOLS, {"query": task.find}))] if finds and task.find else []
    return [*finding, *(calls(call) for call in task.calls), last]


class Agent(Protocol):
    async def new(self) -> None:
        """Begin a conversation."""

    async def ask(self, task: Task) -> None:
        """Have the next task answered. Raises RuntimeError when it does not go as scripted."""


class Ours:
    """A service over the models, in this process."""

    def __init__(self, provider: Provider, port: InProcessPort, folder: Path) -> None:
        self._provider, self._port, self._folder = provider, port, folder
        self._conversation = ConversationId("")

    async def open(self) -> Ours:
        environment = {"OPENAI_API_KEY": "none", "LLM_BASE_URL": self._provider.url}
        settings = MLChat(llm=LLM, data_dir=str(self._folder), environment=environment, rate_limit=0)
        database = await open_database("", self._folder)

        async def port(kernel: KernelId) -> InProcessPort:
            return self._port

        catalogue = Catalogue(settings)
        llms = Llms(settings, catalogue=catalogue)
        means = Means(Journal(database), database, settings, port, llms.choose, catalogue, logging.getLogger())
        self._service = ChatService(means)
        await self._service.open()
        return self

    async def new(self) -> None:
        opened = ConversationOpen(id=_id(), context=Context(kernel=HERE), new=True)
        self._conversation = (await self._service.submit(opened, ME)).conversation

    async def ask(self, task: Task) -> None:
        self._provider.enqueue(*script(task, finds=True, last=says(task.answer)))
        told: list[Event] = []
        start = TurnStart(id=_id(), text=task.question, conversation=self._conversation, context=Context(kernel=HERE))
        accepted = await self._service.submit(start, ME)
        stop = await self._service.follow(accepted.conversation, accepted.seq - 1, ME, told.append)
        while not any(isinstance(event, TurnEnded) for event in told):
            await asyncio.sleep(0.01)
        stop()
        wrong = [event.result.fault for event in told if isinstance(event, ToolReturned) and not event.result.ok]
        ended = next(event for event in told if isinstance(event, TurnEnded))
        if wrong or ended.state != "completed" or self._provider.answers:
            raise RuntimeError(f"{task.question}: {wrong or ended.fault}")


class Stock:
    """smolagents' agent as it comes: its prompts, its memory, its final answer as a tool."""

    def __init__(self, provider: Provider, tools: Sequence[Tool]) -> None:
        self._provider, self._tools = provider, tools

    async def new(self) -> None:
        llm = LiteLLMModel(model_id=LLM, api_base=self._provider.url, api_key="none")
        # Streamed, since that is what the scripted provider answers; it sends the same, and would print it.
        quiet = AgentLogger(level=LogLevel.OFF, console=Console(file=io.StringIO()))
        self._agent = ToolCallingAgent(list(self._tools), llm, stream_outputs=True, logger=quiet)
        self._begun = False

    async def ask(self, task: Task) -> None:
        last = calls(("final_answer", {"answer": task.answer}))
        self._provider.enqueue(*script(task, finds=False, last=last))
        told = await asyncio.to_thread(self._agent.run, task.question, reset=not self._begun)
        self._begun = True
        if told != task.answer or self._provider.answers:
            raise RuntimeError(f"{task.question}: {told}")


def as_tool(info: ToolInfo, run: Callable[[str, dict[str, Any]], str]) -> Tool:
    """A tool of ours as smolagents has them, with the same schema."""
    inputs: dict[str, Any] = {}
    for name, schema in info.parameters["properties"].items():
        optional = {} if name in info.parameters["required"] else {"nullable": True}
        kind = schema.get("type") if schema.get("type") in _TYPES else "any"
        inputs[name] = {"description": "", **schema, "type": kind, **optional}

    class Made(Tool):  # type: ignore[misc]
        skip_forward_signature_validation = True

        def forward(self, **args: Any) -> str:
            return run(info.name, {name: value for name, value in args.items() if value is not None})

    Made.name, Made.description, Made.inputs, Made.output_type = info.name, info.description, inputs, "string"
    return Made()


_TYPES = ("string", "boolean", "integer", "number", "array", "object")


def _id() -> CommandId:
    return CommandId(uuid.uuid4().hex)


async def measured(provider: Provider, folder: Path) -> dict[str, list[list[int]]]:
    """Prompt tokens of every task in every conversation, of each agent."""
    bridge = Bridge(Shell(None, namespace()), Toolbox(MODULES))
    port = InProcessPort(bridge, HERE)
    loop = asyncio.get_running_loop()

    def run(name: str, args: dict[str, Any]) -> str:
        called = port.call(name, args, request_id=uuid.uuid4().hex, timeout_s=60.0)
        result = asyncio.run_coroutine_threadsafe(called, loop).result()
        if not result.ok:
            raise RuntimeError(f"{name}: {result.fault}")
        return tool_text(result, local=False)

    infos = [*await port.tools(), UPLOAD_STATUS, COMMANDS]
    every = [as_tool(info, run) for info in infos]
    needed = {name for group in GROUPS for task in group for name, _ in task.calls}
    few = [tool for tool in every if tool.name in needed.union(CORE)]
    agents: dict[str, Agent] = {
        "ours": await Ours(provider, port, folder).open(),
        "stock": Stock(provider, every),
        "stock with a chosen few of the tools": Stock(provider, few),
    }
    return {name: [await asked(provider, agent, group) for group in GROUPS] for name, agent in agents.items()}


async def asked(provider: Provider, agent: Agent, group: Sequence[Task]) -> list[int]:
    """Prompt tokens of each task of one conversation."""
    await agent.new()
    spent = []
    for task in group:
        before = len(provider.bodies)
        await agent.ask(task)
        spent.append(sum(map(tokens, provider.bodies[before:])))
    return spent


def report(found: dict[str, list[list[int]]]) -> None:
    kinds = {
        "single questions": lambda group: len(group) == 1,
        "in conversations": lambda group: len(group) > 1,
        "all": lambda group: True,
    }
    rows: list[Sequence[object]] = []
    for kind, wanted in kinds.items():
        each = {who: [count for group in groups if wanted(group) for count in group] for who, groups in found.items()}
        for who, counts in each.items():
            total = sum(counts)
            share = total / sum(each["stock"])
            rows.append((kind, len(counts), who, round(median(counts)), f"{total:,}", f"{share:.0%}"))
    show(("prompt tokens", "tasks", "agent", "median of a task", "total", "of stock"), rows)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, running() as provider:
        report(asyncio.run(measured(provider, Path(folder))))


if __name__ == "__main__":
    main()
