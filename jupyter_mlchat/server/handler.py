"""The base of every REST handler: who asks, what was sent, and faults as JSON."""

from __future__ import annotations

import math
import uuid
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar, cast

import msgspec
from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from jupyter_server.extension.handler import ExtensionHandlerMixin
from tornado import web

from ..guard.access import Caller
from ..guard.features import check_feature
from ..protocol.answers import FaultAnswer
from ..protocol.codec import MAX_FRAME_BYTES, decode_command
from ..protocol.commands import AnyCommand
from ..protocol.faults import Code, Fault
from ..protocol.records import Role
from .callers import caller_of, roles_of
from .faults import answer_to

if TYPE_CHECKING:
    from ..chat.service import ChatService
    from .app import Parts

VERBS = ("GET", "POST", "PATCH", "DELETE", "OPTIONS")
RESOURCE = "mlchat"
"""What authorizers are asked about."""
Method = TypeVar("Method", bound=Callable[..., Any])


def permitted(action: str) -> Callable[[Method], Method]:
    """For people who are logged in, where the server's authorizer permits `action` (read or execute)."""

    def decorate(method: Method) -> Method:
        return cast("Method", web.authenticated(authorized(action, RESOURCE)(method)))

    return decorate


class MLChatHandler(ExtensionHandlerMixin, APIHandler):
    """Handlers raise; `write_error` answers `{"fault": {...}}` with the status of its code."""

    auth_resource = RESOURCE
    feature = ""
    """What of `disabled_features` it belongs to."""
    roles: frozenset[Role] = frozenset()
    """Of who asks."""
    on_gone: Callable[[], None] | None = None
    """Called when the client hangs up before the answer."""

    async def prepare(self) -> None:  # type: ignore[override]
        await super().prepare()
        if self.current_user is not None and not self._finished:
            self.roles = await roles_of(self, self.parts.settings)
            check_feature(self.parts.settings, self.feature)

    @property
    def parts(self) -> Parts:
        return cast("Parts", self.settings[RESOURCE])

    @property
    def caller(self) -> Caller:
        return caller_of(self)

    async def service(self) -> ChatService:
        return cast("ChatService", await self.parts.service())

    # -- what was sent ---------------------------------------------------------------------------------

    def body(self) -> dict[str, Any]:
        """The body as one JSON object, {} when empty. Raises Fault `malformed` or `too_large`."""
        raw = self.request.body or b"{}"
        if len(raw) > MAX_FRAME_BYTES:
            # The codec words this fault.
            decode_command(raw)
        try:
            content = msgspec.json.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError):
            content = None
        if not isinstance(content, dict):
            raise Fault(Code.MALFORMED, "The body is not one JSON object.", "Send JSON like openapi.json says.")
        return content

    def command(self, kind: str, body: dict[str, Any], **fixed: Any) -> AnyCommand:
        """A command out of a body and the path. What the path says, the body may not."""
        for name in ("type", *fixed):
            if name in body:
                raise Fault(Code.MALFORMED, f"`{name}` is given by the path.", "Leave it out.", about=name)
        content = {"type": kind, "id": uuid.uuid4().hex, **body, **fixed}
        return decode_command(msgspec.json.encode(content))

    def number(self, name: str, default: int, low: int, high: int) -> int:
        """An integer of the query string."""
        text = self.get_query_argument(name, str(default))
        if not text.isdecimal() or not low <= int(text) <= high:
            raise Fault(Code.MALFORMED, f"`{name}` is a number from {low} to {high}.", about=name)
        return int(text)

    def choice(self, name: str, choices: Sequence[str]) -> str:
        """A word of the query string, the first of `choices` when it is not given."""
        word = self.get_query_argument(name, choices[0])
        if word not in choices:
            raise Fault(Code.MALFORMED, f"`{name}` is one of {', '.join(choices)}.", about=name)
        return word

    # -- what is answered ------------------------------------------------------------------------------

    def answer(self, content: Any, status: int = 200) -> None:
        self.set_status(status)
        self.set_header("Cache-Control", "no-store")
        self.finish(msgspec.json.encode(content))

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        status, record = answer_to((kwargs.get("exc_info") or (None, None))[1])
        if record.retry_after:
            self.set_header("Retry-After", math.ceil(record.retry_after))
        if status == 405:
            self.set_header("Allow", ", ".join(self.verbs()))
        self.answer(FaultAnswer(record), status)

    @classmethod
    def verbs(cls) -> list[str]:
        """What the address takes."""
        return [verb for verb in VERBS if getattr(cls, verb.lower()) is not getattr(web.RequestHandler, verb.lower())]

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        """A fault is an answer, not an accident. A trace may quote data, and names files of the machine."""
        if isinstance(value, Fault):
            self.log.debug("mlchat: %s: %s", value.code.value, value.record.message)
        elif isinstance(value, web.HTTPError):
            super().log_exception(typ, value, tb)
        else:
            self.log.error("mlchat: a request failed (%s)", type(value).__name__)
            self.log.debug("mlchat: it failed here", exc_info=(typ, value, tb))

    def on_connection_close(self) -> None:
        if self.on_gone is not None:
            self.on_gone()
        super().on_connection_close()
