"""`Chat`: ask in Python. The same conversation as the panel's and the magic's, whoever hosts it."""

from __future__ import annotations

import asyncio
import queue
import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

from . import keeping
from .bridge import Bridge, Inbox
from .calls import EXECUTING
from .lanes import Job
from .reply import Reply
from .showing import wired

ACCEPT_S = 10.0
SILENCE_S = 20.0
LAST_WORDS_S = 3.0


class Host(Protocol):
    """Who runs the conversation: the Jupyter server, or this process."""

    @property
    def name(self) -> str: ...

    def send(self, command: dict[str, Any], channel: str) -> None:
        """A command of the protocol; its events arrive in the bridge's inbox `channel`."""

    def join(self, channel: str) -> None:
        """Make the channel a connection that lasts: events of all it follows arrive, until `leave`."""

    def leave(self, channel: str) -> None: ...


class ServedHost:
    """The Jupyter server: commands go up on iopub, events come down over control."""

    name = "server"

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge

    def send(self, command: dict[str, Any], channel: str) -> None:
        self._up({"kind": "command", "channel": channel, "command": command})

    def join(self, channel: str) -> None:
        self._up({"kind": "join", "channel": channel})

    def leave(self, channel: str) -> None:
        self._up({"kind": "leave", "channel": channel})

    def _up(self, content: dict[str, Any]) -> None:
        if self._bridge.send_up is None:
            raise RuntimeError("This kernel is not attached to a server. Run `%load_ext jupyter_mlchat`.")
        self._bridge.send_up(content)


class Chat:
    """A conversation about the models in `namespace` (default: this notebook's).

    `llm` is `provider/name` or `builtin`; None takes the conversation's own, else the configured one. So it is with
    `route` (agent, direct, builtin, auto, external/NAME) and `prompt`, the name of one that is shipped or saved.
    `mode` is who answers: assistant, expert (a person, who may ask the assistant) or direct (a person alone).
    """

    def __init__(
        self,
        llm: str | None = None,
        route: str | None = None,
        prompt: str | None = None,
        mode: str | None = None,
        *,
        namespace: dict[str, Any] | None = None,
        open_host: Callable[[dict[str, Any] | None], tuple[Bridge, Callable[[], Host]]] | None = None,
    ) -> None:
        if open_host is None:
            from . import entry

            open_host = entry.open_host
        self.llm, self.route, self.prompt = llm, route, prompt
        self.conversation_id: str | None = None
        self.last: Reply | None = None
        self._mode = mode
        self._bridge, self._host = open_host(namespace)

    @property
    def host(self) -> str:
        return self._host().name

    def ask(self, text: str, images: Sequence[Any] = (), **context: Any) -> Reply:
        """Ask and wait for the answer, a form, or an approval to give. Ctrl-C stops the turn, keeps its text.

        `images` are up to four figures (matplotlib, PIL) or the bytes of a PNG or JPEG, for an llm that sees.
        `context` may hold `attached=[...]`, references such as "pipe" that the question is about. Raises TypeError for
        what is no picture.
        """
        reply = Reply()
        for _ in self.follow(self.question(text, images, **context), reply):
            pass
        return reply

    async def aask(self, text: str, images: Sequence[Any] = (), **context: Any) -> Reply:
        """`ask` that lets the event loop go on; what needs the main thread runs in that loop meanwhile."""
        loop = asyncio.get_running_loop()
        if threading.current_thread() is not threading.main_thread():
            return await asyncio.to_thread(self.ask, text, images, **context)

        def run_in_loop(job: Job) -> None:
            loop.call_soon_threadsafe(job.start)

        with self._bridge.main_runs(run_in_loop):
            return await asyncio.to_thread(self.ask, text, images, **context)

    def stream(self, text: str, images: Sequence[Any] = (), **context: Any) -> Iterator[str]:
        """The answer's text in pieces; afterwards `chat.last` is the whole reply."""
        reply, shown = Reply(), 0
        for _ in self.follow(self.question(text, images, **context), reply):
            if len(reply.text) > shown:
                yield reply.text[shown:]
                shown = len(reply.text)

    def stop(self) -> None:
        """Stop the last turn, also one that waits."""
        if self.last is not None and self.last.status != "completed":
            for _ in self.follow({"type": "turn.cancel", "turn": self.last.turn_id}, self.last):
                pass

    def new(self) -> None:
        """Begin a new conversation with the next question."""
        self.conversation_id, self.last = None, None
        opened = Reply(status="active")
        for event in self.follow({"type": "conversation.open", "new": True}, opened):
            if event["type"] == "conversation.changed":
                self.conversation_id = event["conversation"]
                break

    @property
    def history(self) -> list[Reply]:
        """The turns of this conversation so far, oldest first."""
        if self.conversation_id is None:
            return []
        turns: dict[str, Reply] = {}
        command = {"type": "resume", "conversation": self.conversation_id, "after": 0}
        for event in self.follow(command, Reply(status="active")):
            if event["type"] == "message" and event["turn"] not in turns:
                answers = event.get("role") == "expert" and event.get("to") != "assistant"
                turn = Reply(question="" if answers else event["text"], turn_id=event["turn"], _sent=self.sent)
                turns[event["turn"]] = turn
                turn.take(event)
            elif event.get("turn") in turns and event.get("seq"):
                turns[event["turn"]].take(event)
            elif event["type"] == "pong":
                break
        return list(turns.values())

    def change_mode(self, mode: str, note: str = "") -> None:
        """Say who answers from now on: assistant, expert or direct. The queue of experts shows the `note`.

        Raises ValueError that says why not, as where no expert is named.
        """
        where = {"conversation": self._opened(), "mode": mode}
        asks = {"type": "expert.request", "text": note} if note and mode != "assistant" else {"type": "mode.change"}
        self._raise(self.send({**asks, **where}))
        self._mode = None

    def question(self, text: str, images: Sequence[Any] = (), **context: Any) -> dict[str, Any]:
        if self._mode is not None:
            self.change_mode(self._mode)
        command: dict[str, Any] = {"type": "turn.start", "text": text}
        if images:
            command["images"] = wired(images)
        if context:
            command["context"] = context
        if self.conversation_id is not None:
            command["conversation"] = self.conversation_id
        chosen = {"llm": self.llm, "route": self.route, "prompt": self.prompt}
        return {**command, **{name: value for name, value in chosen.items() if value is not None}}

    def _draw(self, reference: str) -> bytes | None:
        from .displays import in_cell

        return in_cell(self._bridge.state, reference)

    def choices(self) -> dict[str, Any]:
        """The `routes`, `prompts` and `bounds` of parameters there are, and in `info` what the conversation chose.

        Raises RuntimeError when the host refuses or does not answer.
        """
        command = {"type": "choices.get", "conversation": self.conversation_id, "llm": self.llm}
        told: dict[str, Any] = self._told("choices", command)["choices"]
        return told

    def update(self, **changes: Any) -> None:
        """Change the conversation's `title`, `llm`, `route`, `prompt`, `parameters={"temperature": 0.7}` or
        `memory={"turns": 5}`.

        "" takes a name back to the configured one, None a parameter. Raises ValueError that says what can't be.
        """
        self._raise(self.send({"type": "conversation.update", "conversation": self._opened(), **changes}))

    def _opened(self) -> str:
        """The conversation that the next question would go to."""
        if self.conversation_id is None:
            # Nothing of what it holds is wanted here.
            opened = self.send({"type": "conversation.open", "after": 2**31 - 1})
            self._raise(opened)
            self.conversation_id = opened.conversation_id
        return self.conversation_id

    @staticmethod
    def _raise(reply: Reply) -> None:
        if reply.fault is not None:
            raise ValueError(" ".join(filter(None, (reply.fault["message"], reply.fault.get("hint", "")))))

    def sent(self, turn: str) -> list[dict[str, Any]]:
        """What left for providers on behalf of a turn: `llm`, `attempt`, `time` and the `body` of each request.

        Raises RuntimeError when the host refuses or does not answer.
        """
        requests: list[dict[str, Any]] = self._told("sent", {"type": "turn.sent", "turn": turn})["requests"]
        return requests

    def llms(self, word: str = "") -> list[dict[str, Any]]:
        """Language models by `id`, `context_length`, `price_in` and the like; at most 200.

        Without a word those that can be used now, else all that have its words. Raises RuntimeError when the host
        refuses or does not answer.
        """
        found: list[dict[str, Any]] = self.look_up(word)["llms"]
        return found

    def look_up(self, word: str = "") -> dict[str, Any]:
        """The whole answer behind `llms`: also the providers, how they stand, and what was perhaps meant."""
        return self._told("llms", {"type": "llms.get", "word": word})

    def search(self, words: str, limit: int = 20) -> list[dict[str, Any]]:
        """What was said in your conversations with all of these words, newest first: `conversation`, `title`, `turn`,
        `role`, `time` and a `snippet` each. Raises RuntimeError when the host refuses or does not answer.
        """
        told = self._told("search", {"type": "search.get", "words": words, "limit": limit})
        found: list[dict[str, Any]] = told["found"]
        return found

    def export(self, path: str) -> str:
        """Write this conversation to a new file: all of it as `.json`, to read as `.md`, its code as `.ipynb`.

        Returns the path. Raises ValueError for another ending, FileExistsError for a file that is there, RuntimeError
        when the host refuses or does not answer.
        """
        format = keeping.format_of(path)
        command = {"type": "export.get", "conversation": self._opened(), "format": format}
        return keeping.write(path, self._told("exported", command)["text"])

    def _told(self, kind: str, command: dict[str, Any]) -> dict[str, Any]:
        """The event that answers a command which only asks. Raises RuntimeError when there is none."""
        heard = Reply(status="active")
        for event in self.follow(command, heard):
            if event["type"] == kind:
                return event
        raise RuntimeError((heard.fault or {}).get("message", "The host does not answer."))

    def send(self, command: dict[str, Any]) -> Reply:
        """Send a command that opens no turn and wait until it was taken. Its fault, if any, is in the reply."""
        reply = Reply(status="active")
        for event in self.follow(command, reply):
            if event["type"] == "accepted":
                break
        return reply

    def follow(self, command: dict[str, Any], reply: Reply) -> Iterator[dict[str, Any]]:
        """Send, and yield every event until the reply is settled. Jobs for the main thread run in here.

        A generator that is closed early only stops listening; the turn goes on. Code that an llm wrote and a
        person approved is refused while it runs: it would wait for itself, or approve what nobody saw.
        """
        if self._bridge.state.get(EXECUTING) and (
            command["type"] == "approval.give" or threading.current_thread() is threading.main_thread()
        ):
            reply.take(_REFUSED)
            return
        channel = uuid.uuid4().hex
        inbox = self._bridge.open_inbox(channel)
        host = self._host()
        reply.host = host.name
        reply._go_on, reply._sent, reply._draw = self._continue(reply), self.sent, self._draw
        try:
            command = {"id": uuid.uuid4().hex, **command}
            if command["type"] == "resume":
                host.send(command, channel)
                host.send({"id": uuid.uuid4().hex, "type": "ping"}, channel)
            else:
                host.send(command, channel)
            yield from self._listen(host, channel, inbox, reply, command["type"])
        except KeyboardInterrupt:
            yield from self._interrupt(host, channel, inbox, reply)
        finally:
            self._bridge.close_inbox(channel)
            if command["type"] in ("turn.start", "form.submit", "approval.give"):
                self.last = reply
                self.conversation_id = reply.conversation_id or self.conversation_id

    def _listen(self, host: Host, channel: str, inbox: Inbox, reply: Reply, kind: str) -> Iterator[dict[str, Any]]:
        heard, asked = False, False
        while True:
            try:
                what, item = inbox.get(timeout=SILENCE_S if heard else ACCEPT_S)
            except queue.Empty:
                if not heard or asked:
                    reply.take(_no_answer(host))
                    return
                host.send({"id": uuid.uuid4().hex, "type": "ping"}, channel)
                asked = True
                continue
            if what == "job":
                item.start()
                continue
            heard, asked = True, False
            if item["type"] == "accepted" and kind in ("form.submit", "approval.give", "turn.cancel"):
                reply.status = "active"
            reply.take(item)
            yield item
            if reply.settled:
                return

    def _interrupt(self, host: Host, channel: str, inbox: Inbox, reply: Reply) -> Iterator[dict[str, Any]]:
        """Stop the turn and hear its last words."""
        if reply.turn_id:
            host.send({"id": uuid.uuid4().hex, "type": "turn.cancel", "turn": reply.turn_id}, channel)
            try:
                while not reply.settled:
                    what, item = inbox.get(timeout=LAST_WORDS_S)
                    if what == "event":
                        reply.take(item)
                        yield item
            except queue.Empty:
                pass
        if not reply.settled:
            reply.status = "cancelled"

    def _continue(self, reply: Reply) -> Callable[[dict[str, Any]], Reply]:
        def go_on(command: dict[str, Any]) -> Reply:
            for _ in self.follow(command, reply):
                pass
            return reply

        return go_on


_REFUSED: dict[str, Any] = {
    "type": "fault",
    "fault": {
        "code": "forbidden",
        "message": "Code that the assistant runs can't talk to the chat.",
        "hint": "Ask or approve in a cell of your own, or in the panel.",
        "retryable": False,
    },
}


def _no_answer(host: Host) -> dict[str, Any]:
    message = f"The {host.name} that hosts this chat does not answer."
    hint = "Ask again in a moment; if it stays silent, look at the server's log."
    fault = {"code": "server_busy", "message": message, "hint": hint, "retryable": True}
    return {"type": "fault", "fault": fault}
