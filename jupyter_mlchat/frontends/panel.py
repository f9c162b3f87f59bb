"""`ChatPanel`: the chat in a cell's output, and its Python side."""

from __future__ import annotations

import contextvars
import threading
from collections import OrderedDict
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from ..runtime import entry
from ..runtime.bridge import Bridge
from ..runtime.calls import CallContext
from ..runtime.catalog import catalog_of, find_model
from ..runtime.chat import Chat, Host
from ..runtime.displays import drawn
from ..runtime.peek import short_name
from ..runtime.reply import Reply
from ..runtime.toolbox import ToolError
from . import twin
from .relay import Relay

MAX_VIEWS = 16
"""A page that is closed without a word leaves its view behind; the oldest makes room."""

_STATIC = Path(__file__).resolve().parent.parent / "static"
_FRONT_END = _STATIC / "widget.js"
_PARTS = {"mathematics": _STATIC / "mathematics.js"}
"""What not every widget needs is sent to those that ask for it."""
if not _FRONT_END.is_file():
    raise ImportError("The panel's front end is not built. Run `npm ci && npm run widget` in labextension-src.")


class ChatPanel(anywidget.AnyWidget):
    """A chat about the models of this notebook. Show it as the last line of a cell.

    `models`: fitted estimators of the namespace or their names, one or several: what every question is about.
    `llm`: `provider/name` or `builtin`; None takes the configured one. `height` is in pixels.
    `conversation`: the id of one to continue; None goes on with this notebook's newest.

    Raises ValueError for a model that the namespace does not hold.
    """

    _esm = _FRONT_END
    models = traitlets.List(traitlets.Dict()).tag(sync=True)
    """Cards of the models: `ref`, `class_name`, `task`."""
    llm = traitlets.Unicode("").tag(sync=True)
    height = traitlets.Int(480, min=120).tag(sync=True)
    conversation = traitlets.Unicode("").tag(sync=True)
    """The id of the conversation that is shown; empty before the first view or question."""
    kernel = traitlets.Unicode("").tag(sync=True)
    """The id that the Jupyter server has for this kernel; empty where there is none."""

    def __init__(
        self,
        models: Any = None,
        llm: str | None = None,
        height: int = 480,
        conversation: str | None = None,
    ) -> None:
        self._bridge, self._host = entry.open_host(None, _local_host)
        self._chat = Chat(llm, open_host=lambda namespace: (self._bridge, self._host))
        self._views: OrderedDict[str, Relay] = OrderedDict()
        self._lock = threading.Lock()
        super().__init__(
            models=[_card(self._bridge, model) for model in _each(models)],
            llm=llm or "",
            height=height,
            conversation=conversation or "",
            kernel=_kernel_id(self._bridge),
        )
        self.on_msg(self._hear)

    # -- Python's side ---------------------------------------------------------------------------------

    def ask(self, text: str, **context: Any) -> Reply:
        """As `Chat.ask`, in the panel's conversation and about its models; every view shows it too."""
        self._to_chat()
        reply = self._chat.ask(text, **self._context(context))
        self._from_chat()
        return reply

    async def aask(self, text: str, **context: Any) -> Reply:
        """`ask` that lets the event loop go on."""
        self._to_chat()
        reply = await self._chat.aask(text, **self._context(context))
        self._from_chat()
        return reply

    def stop(self) -> None:
        """Stop what was asked last, in whichever view or cell."""
        last = self.history[-1:]
        if last and last[0].status in ("queued", "active", "waiting"):
            self._chat.last = last[0]
            self._chat.stop()

    @property
    def history(self) -> list[Reply]:
        """The turns of the panel's conversation so far, oldest first."""
        self._to_chat()
        return self._chat.history

    @property
    def host(self) -> str:
        return self._chat.host

    def close(self) -> None:
        for view in list(self._views):
            self._leave(view)
        super().close()

    def _context(self, context: dict[str, Any]) -> dict[str, Any]:
        refs = [str(card["ref"]) for card in self.models]
        return {"attached": refs, **context} if refs else context

    def _to_chat(self) -> None:
        self._chat.conversation_id, self._chat.llm = self.conversation or None, self.llm or None

    def _from_chat(self) -> None:
        self.conversation = self._chat.conversation_id or ""

    # -- the views that have no socket -----------------------------------------------------------------

    def _hear(self, widget: Any, content: Any, buffers: Any) -> None:
        """A view's message. May come in any thread, and never waits for the host."""
        if not isinstance(content, dict) or not isinstance(view := content.get("view"), str):
            return
        kind = content.get("kind")
        if kind == "join":
            self._join(view)
        elif kind == "leave":
            self._leave(view)
        elif kind == "figure" and isinstance(reference := content.get("ref"), str):
            # Drawing takes a while, and the thread of the view's messages is the kernel's own.
            carry = contextvars.copy_context().run
            threading.Thread(target=carry, args=(self._draw, view, reference), daemon=True).start()
        elif kind == "part" and (name := content.get("name")) in _PARTS:
            self._post(view, {"kind": "part", "name": name, "source": _PARTS[name].read_text("utf-8")})
        elif kind == "command" and isinstance(command := content.get("command"), dict):
            relay = self._views.get(view)
            # Between turns the kernel may have found a server, or the view may have made room for others.
            if relay is None or (command.get("type") == "turn.start" and relay.host is not self._host()):
                self._leave(view)
                self._post(view, {"kind": "left"})
            else:
                self._post(view, {"kind": "heard"})
                relay.send(command)

    def _join(self, view: str) -> None:
        self._leave(view)
        try:
            relay = Relay(self._bridge, self._host(), lambda message: self._post(view, message))
        except RuntimeError as error:
            # No host at all: in-process hosting is switched off, or `%chat off` took everything out.
            self._post(view, {"kind": "refused", "text": str(error)})
            return
        with self._lock:
            self._views[view] = relay
            crowded = [self._views.popitem(last=False) for _ in range(len(self._views) - MAX_VIEWS)]
        for _, oldest in crowded:
            oldest.close()
        self._post(view, {"kind": "joined", "host": relay.host.name})

    def _leave(self, view: str) -> None:
        with self._lock:
            relay = self._views.pop(view, None)
        if relay is not None:
            relay.close()

    def _draw(self, view: str, reference: str) -> None:
        try:
            self._post(view, {"kind": "figure", "ref": reference, **drawn(self._bridge.state, reference)})
        except ToolError as error:
            self._post(view, {"kind": "figure", "ref": reference, "text": error.message})

    def _post(self, view: str, message: dict[str, Any]) -> None:
        self.send({"view": view, **message})

    # -- without a kernel --------------------------------------------------------------------------------

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
        bundle = super()._repr_mimebundle_(**kwargs)
        if bundle is None:
            return None
        refs, history = [card["ref"] for card in self.models], self._so_far()
        texts = {"text/plain": twin.plain(history, refs), "text/markdown": twin.markdown(history, refs)}
        return {**bundle[0], **texts}, bundle[1]

    def _so_far(self) -> list[Reply]:
        """The history, unless it would have to start the host in this process: a display does not wait for that."""
        if not self.conversation and self.host == "server":
            self._to_chat()
            self.conversation = self._chat.send({"type": "conversation.open"}).conversation_id
        return self.history if self.conversation else []


def _local_host(bridge: Bridge) -> Host:
    # The service and its store are loaded when a question needs them here.
    from .local import local_host

    return local_host(bridge)


def _each(models: Any) -> list[Any]:
    if models is None:
        return []
    if isinstance(models, dict):
        return list(models.values())
    return list(models) if isinstance(models, (list, tuple)) else [models]


def _card(bridge: Bridge, model: Any) -> dict[str, Any]:
    """The card of a model of the namespace, named or given itself."""
    ctx = CallContext(bridge.shell, bridge.state, threading.Event(), lambda done, total, text: None)
    if isinstance(model, str):
        try:
            found = find_model(ctx, model)
        except ToolError as error:
            raise ValueError(f"{error.message} {error.hint}".strip()) from None
    else:
        held = [found for found in catalog_of(ctx).models(ctx) if found.model is model]
        if not held:
            kind = short_name(type(model))
            raise ValueError(f"This {kind} is no model that a name of this notebook holds. Assign it to one first.")
        found = held[0]
    estimator = found.adapter.estimator(found.model)
    return {"ref": found.ref, "class_name": short_name(type(estimator)), "task": found.task}


def _kernel_id(bridge: Bridge) -> str:
    """From the connection file's name: that is how Jupyter servers name it."""
    application = getattr(bridge.shell.kernel, "parent", None)
    name = Path(str(getattr(application, "connection_file", ""))).stem
    return name.removeprefix("kernel-") if name.startswith("kernel-") else ""
