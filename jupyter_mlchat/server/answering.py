"""Commands about turns over REST: answered at once, with the outcome, or as a stream of events."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
from tornado.iostream import StreamClosedError

from ..connections.outbox import Outbox, frame_of
from ..protocol.answers import TurnOutcome
from ..protocol.events import Accepted, AnyEvent, TextSnapshot, TurnEnded
from ..protocol.faults import Code, Fault
from ..protocol.records import TurnId
from .handler import MLChatHandler
from .watch import Watch

NDJSON = "application/x-ndjson"


class TurnCommand(MLChatHandler):
    """`?wait=1` or `Prefer: wait` waits until the turn has ended or waits for somebody; an `Accept` of NDJSON
    streams until then."""

    async def obey(self, kind: str, body: dict[str, Any], **fixed: Any) -> None:
        service = await self.service()
        accepted = await service.submit(self.command(kind, body, **fixed), self.caller)
        if NDJSON in self.request.headers.get("Accept", ""):
            await self._stream(accepted)
        elif not self._waits():
            self.answer(accepted, 202)
        elif await self.settled(accepted):
            self.answer(await self._outcome(accepted))
        else:
            self.answer(accepted, 202)

    def _waits(self) -> bool:
        wait = self.get_query_argument("wait", "0")
        if wait not in ("0", "1"):
            raise Fault(Code.MALFORMED, "`wait` is 0 or 1.", about="wait")
        return wait == "1" or "wait" in self._preferences()

    def _preferences(self) -> dict[str, str]:
        """`Prefer: wait` or, with the seconds it may take, `Prefer: wait=10` (RFC 7240)."""
        parts = self.request.headers.get("Prefer", "").replace(";", ",").split(",")
        return {name.strip().lower(): value.strip() for name, _, value in (part.partition("=") for part in parts)}

    async def settled(self, accepted: Accepted) -> bool:
        """Wait until the turn ends or waits. False when the client's patience or connection ended before."""
        _check_turn(accepted)
        seconds = self._preferences().get("wait", "")
        watch = Watch(accepted, lambda event: None)
        self.on_gone = watch.settled.set
        try:
            await watch.begin(await self.service(), self.caller)
            await asyncio.wait_for(watch.settled.wait(), int(seconds) if seconds.isdecimal() else None)
        except asyncio.TimeoutError:
            return False
        finally:
            watch.end()
        return watch.at_rest

    async def _outcome(self, accepted: Accepted) -> dict[str, Any]:
        """A `TurnOutcome`, its large events by reference."""
        service = await self.service()
        turn = await service.turn(accepted.turn or TurnId(""), self.caller)
        events = await service.journal.read_turn(turn.id)
        ended = next((e for e in reversed(events) if isinstance(e, TurnEnded)), None)
        outcome = {
            "turn": turn.id,
            "conversation": turn.conversation,
            "state": turn.state,
            "text": answer_in(events),
            "fault": ended.fault if ended is not None and ended.state == turn.state else None,
        }
        checked = msgspec.to_builtins(msgspec.convert(outcome, TurnOutcome))
        return {**checked, "events": [msgspec.Raw(frame_of(event)) for event in events]}

    async def _stream(self, accepted: Accepted) -> None:
        """One event a line. A client that hangs up or falls behind ends the stream, not the turn."""
        _check_turn(accepted)
        self.set_header("Content-Type", NDJSON)
        self.set_header("Cache-Control", "no-store")
        self.set_header("X-Accel-Buffering", "no")
        outbox = Outbox(self._cut_off)
        watch = Watch(accepted, outbox.put)
        self.on_gone = outbox.drop
        outbox.put(accepted)
        ending = asyncio.ensure_future(self._end(watch, outbox))
        try:
            await outbox.replay(watch.begin(await self.service(), self.caller))
            while (frame := await outbox.next()) is not None:
                self.write(frame + b"\n")
                await self.flush()
            self.finish(set_content_type=NDJSON)
        except StreamClosedError:
            return
        finally:
            watch.end()
            ending.cancel()

    def _cut_off(self) -> None:
        """A client that does not read: whoever waits for what was written to it to leave would wait for ever."""
        connection: Any = self.request.connection
        connection.stream.close()

    async def _end(self, watch: Watch, outbox: Outbox) -> None:
        await watch.settled.wait()
        outbox.finish()


def _check_turn(accepted: Accepted) -> None:
    """An id that was sent before stands for that command: where it began no turn, nothing will ever end."""
    if not accepted.turn:
        hint = "Give every command an id of its own."
        raise Fault(Code.CONFLICT, "This `id` was sent before, with a command of another kind.", hint, about="id")


def answer_in(events: list[AnyEvent]) -> str:
    """The text of the last attempt's answer."""
    last = next((e.attempt for e in reversed(events) if e.attempt is not None), None)
    texts = [e.text for e in events if isinstance(e, TextSnapshot) and e.kind == "answer" and e.attempt == last]
    return texts[-1] if texts else ""
