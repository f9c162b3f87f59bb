"""One attempt of one turn: from the question, or the answer to a form, to its end or to the next wait."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from typing import Any

import msgspec
from sqlalchemy import Connection, select

from ..guard.access import Levels, admin_levels, for_agent, lasting
from ..kernel.patience import Headway, patient
from ..kernel.port import KernelPort
from ..llm.base import Cancelled, CancelToken, Llm, UsagePart
from ..llm.meter import Meter
from ..llm.parameters import Tuned
from ..protocol.events import AnyEvent, Event, Notice, TextDelta, ToolReturned, TurnEnded, TurnStarted, UsageReported
from ..protocol.faults import Code, Fault
from ..protocol.records import AttemptId, ToolInfo, ToolResult, TurnEnd
from ..store.tables import turns
from .again import Again, Told
from .disclosure import about_rows, hidden_names
from .doubts import Doubts
from .evaluating.checking import Checking
from .facts import FIND, Facts, about_llms
from .hand import Hand
from .leases import Superseded, check_held, lease
from .means import Means
from .messages import history, messages_for
from .narrator import Narrator
from .pictures import SHOW, brought, seeing, shown
from .registrations import Registrations
from .routes import AGENT, in_words_alone, llm_for, route_of
from .spending import add_attempt, add_usage
from .synonyms import READS_ONLY, Synonyms, read_as
from .threads import Pending, Turn, set_turn
from .toolcalls import ToolCalls, Waits
from .toolset import Toolset, permitted
from .voice import voice_of

BUILTIN = "the built-in engine (no language model)"


@dataclass
class Attempt:
    """Run it once with `run`; `cancel` from the loop's thread ends it as cancelled."""

    turn: Turn
    means: Means
    id: AttemptId = field(default_factory=lambda: AttemptId(uuid.uuid4().hex))
    _cancel: CancelToken = field(default_factory=CancelToken)
    _narrator: Narrator | None = None
    _calls: ToolCalls | None = None
    _llm: str = ""
    """Whose words these are; "" for a tool called directly."""
    _private: bool = False
    """They were worded on this machine, from what may not leave."""
    _again: Told | None = None
    _meant: str = ""
    """What the person means by this question, where they have said so."""
    _kernel_run: str = ""
    _task: asyncio.Task[Any] | None = None
    _meter: Meter = field(default_factory=Meter)
    _began: float = field(default_factory=time.time)
    _checking: Checking = field(init=False)

    def __post_init__(self) -> None:
        self._checking = Checking(self.turn, self.id, self.means)

    async def run(self) -> None:
        """Never raises: however it goes, the journal says so, unless the turn is another attempt's by then."""
        try:
            await self._run()
        except Superseded:
            self.means.log.debug("turn %s is not ours any more", self.turn.id)

    async def _run(self) -> None:
        spend = partial(add_usage, turn=self.turn)
        narrator = Narrator(self.means.journal, self.turn.conversation, self.turn.id, self.id, spend, self._check_held)
        self._narrator = narrator
        narrator.withheld = self._checking.holds
        try:
            headway = Headway()
            self._task = asyncio.ensure_future(self._attempt(narrator, headway))
            await patient(self._task, self.means.settings.turn_deadline, headway)
            await self._end("completed")
        except Waits as waits:
            try:
                await self._wait(waits)
            except Fault as fault:
                await self._end("failed", fault)
            except Cancelled:
                await self._end("cancelled")
        except (Cancelled, asyncio.CancelledError):
            await self._end("cancelled")
        except asyncio.TimeoutError:
            self._cancel.cancel()
            seconds = self.means.settings.turn_deadline
            await self._end(
                "failed", Fault(Code.DEADLINE, f"The turn took longer than {seconds:g} s.", "Ask for less at once.")
            )
        except Fault as fault:
            await self._end("failed", fault)
        except Exception as error:
            # The trace may quote data: it goes to the debug log of the server's owner, not into the journal.
            self.means.log.debug("turn %s failed", self.turn.id, exc_info=True)
            message = f"Something of ours failed ({type(error).__name__})."
            hint = "Try again; the server's debug log has the details."
            await self._end("failed", Fault(Code.INTERNAL, message, hint, retryable=True))

    @property
    def number(self) -> int:
        """The how manieth attempt of its turn it is; the turn's row says which one has the turn."""
        return self.turn.attempts + 1

    def _check_held(self, connection: Connection) -> None:
        check_held(connection, self.turn.id, self.number)

    def cancel(self) -> None:
        self._cancel.cancel()
        if self._task is not None:
            self._task.cancel()

    @property
    def executes(self) -> bool:
        """Whether code that an llm may have written runs in the kernel for this attempt."""
        return self._calls is not None and bool(self._calls.executing)

    async def rest(self) -> None:
        """Returns when none of that code runs any more: it may outlive the attempt."""
        if self._calls is not None:
            await self._calls.rest()

    def tail(self) -> TextDelta | None:
        return self._narrator.tail() if self._narrator is not None else None

    # -- the way through -------------------------------------------------------------------------------

    async def _attempt(self, narrator: Narrator, headway: Headway) -> None:
        turn, means = self.turn, self.means
        route = route_of(turn, means.settings)
        llm = await llm_for(turn, route, means)
        self._llm = llm.name if turn.tool is None else ""
        await self._start(narrator, "" if route == AGENT else route)
        if turn.tool is None:
            narrator.binder.hear(await history(turn, means))
            narrator.binder.of_results = llm.name == "builtin"
        port, no_port = await self._port()
        if port is not None:
            await self._recall(port)
        facts = Facts(means.database, turn.owner, partial(about_llms, means.catalogue, llm))
        # What the owner has allowed for good is the owner's: others ask.
        foreign = bool(turn.author or (turn.tool is not None and turn.tool.agent))
        own = for_agent(turn.levels) if foreign else turn.levels
        set_: list[Levels] = [admin_levels(means.settings.max_effects), about_rows(turn, llm, means.settings)]
        if llm.name == "builtin":
            self._meant = await Synonyms(means.journal).of(turn)
            set_ += [READS_ONLY] if self._meant else []
        levels = [own, *set_]
        always = () if foreign or means.settings.locked("policy") else lasting(set_)
        try:
            available = await self._tools(port, facts, levels)
        except Fault as fault:
            if fault.code is not Code.KERNEL_OFF:
                raise
            # Words without the kernel are what the person asked for.
            port, no_port = None, fault
            available = await self._tools(None, facts, levels)
        if in_words_alone(route):
            available = []
        self._kernel_run = port.run if port is not None else ""
        facts.toolset = Toolset(available, limited=not llm.local)
        doubts, patience = Doubts(means.journal, turn.id), means.settings.tool_timeout
        calls = ToolCalls(narrator, port, no_port, facts, doubts, available, levels, patience, headway, always)
        self._calls = calls
        pending = turn.pending
        if pending is not None and pending.kind == "resume":
            await self._resume(calls, pending)
        elif turn.tool is not None:
            await calls.run(turn.tool)
        if turn.tool is None:
            await self._converse(narrator, llm, port or no_port, calls, facts.toolset)
            await self._checking.release(narrator, self._llm, self._private, self._answered_by())

    async def _start(self, narrator: Narrator, route: str) -> None:
        await narrator.tell(narrator.event(TurnStarted, llm=self._llm, number=self.number, route=route))

    async def _port(self) -> tuple[KernelPort | None, Fault | None]:
        kernel = self.turn.context.kernel
        if kernel is None:
            fault = Fault(
                Code.KERNEL_NOT_ATTACHED,
                "This conversation has no kernel.",
                "Ask from a notebook, or name a kernel in the context.",
            )
            return None, fault
        try:
            return await self.means.port(kernel), None
        except Fault as fault:
            return None, fault

    async def _recall(self, port: KernelPort) -> None:
        """Tell a kernel that is new to it what was registered in earlier kernels of the notebook."""
        kept = await Registrations(self.means.database).of(self.turn.owner, self.turn.context.notebook)
        with suppress(Fault):
            # A kernel that does not answer says so to the calls that follow.
            await port.remember(kept)

    async def _tools(self, port: KernelPort | None, facts: Facts, levels: Sequence[Levels]) -> list[ToolInfo]:
        offered = [*(await port.tools() if port is not None else []), *facts.tools()]
        return permitted(offered, self.means.settings, levels)

    async def _resume(self, calls: ToolCalls, resumption: Pending) -> None:
        call = resumption.call
        if call.tool == SHOW:
            # The journal has the person's word.
            return
        if resumption.result is not None:
            for one in filter(None, (call, resumption.then)):
                await calls.record(one, resumption.result)
            return
        if resumption.revision and await calls.revision(call) != resumption.revision:
            fault = {
                "code": Code.MODEL_CHANGED.value,
                "message": "The model was refitted or replaced since this was asked.",
                "hint": "Ask again, so that you decide about the model as it is now.",
                "about": str(call.args.get("model_id", "")),
            }
            await calls.record(call, ToolResult(ok=False, fault=fault))
            return
        try:
            await calls.run(call, approved=resumption.approved)
        except Waits as waits:
            waits.pending = msgspec.structs.replace(waits.pending, then=waits.pending.then or resumption.then)
            raise
        if resumption.then is not None:
            await calls.run(resumption.then)

    async def _converse(
        self, narrator: Narrator, llm: Llm, port: KernelPort | Fault | None, calls: ToolCalls, toolset: Toolset
    ) -> None:
        again = Again(self.turn, self.means, narrator, calls, self._kernel_run)
        earlier = await self.means.journal.read_turn(self.turn.id)
        # What was answered without the picture, or to another one, is no answer to this.
        fresh = bool(brought(earlier))
        if not fresh and (told := await again.frozen()):
            self._llm, self._again = told.llm, told
            return
        catalogue: dict[str, Any] | None = None
        if isinstance(port, Fault):
            catalogue = {"models": [], "frames": [], "fault": port}
        elif port is not None:
            catalogue = {**await port.catalogue(), "attached": self.turn.context.attached}
            narrator.binder.know(catalogue)
        sees = await seeing(llm, self.means) if fresh else []
        pictures = await shown(earlier, llm, sees, calls, narrator)
        toolset.add(_found_before(earlier, toolset))
        messages = await messages_for(llm, self.turn, self.means, toolset.offered, catalogue, pictures)
        if self._meant:
            if self.turn.attempts == 0:
                await narrator.tell(narrator.event(Notice, text=f"Read as “{self._meant}”.", code="synonym"))
            messages = read_as(messages, self.turn.text, self._meant)
        if not llm.local and not fresh:
            if told := await again.same(llm.name, messages[0], toolset):
                self._llm, self._again = told.llm, told
                return
            if again.ran:
                messages = await messages_for(llm, self.turn, self.means, toolset.offered, catalogue)
        # In a thread: the first import takes a second, in which the loop must go on for others.
        await asyncio.to_thread(import_module, "jupyter_mlchat.agent.loop")
        from ..agent import loop

        service_loop = asyncio.get_running_loop()
        hidden = [] if llm.local else await hidden_names(self.turn, self.means)
        voice = voice_of(llm, self.turn, self.id, self.means, self._meter, catalogue, toolset.available, hidden, sees)
        repairs = self.means.settings.repair_unverified and not llm.local
        hand = Hand(narrator, calls, voice, service_loop, repairs)
        if not llm.local:
            await narrator.step("reading", llm.name)
        try:
            await asyncio.to_thread(
                loop.run,
                Tuned(voice, self.turn.parameters),
                messages,
                toolset.offered,
                hand,
                self._cancel,
                max_steps=self.means.settings.max_steps,
                # `max_steps` counts over the whole turn.
                first_round=1 + sum(isinstance(event, UsageReported) for event in earlier),
                catalogue=catalogue if llm.local else None,
            )
        except loop.Paused:
            raise hand.waits or Cancelled() from None
        finally:
            self._llm, self._private = voice.name, voice.local
            hand.release()
        await narrator.caught_up()
        if narrator.offers is not None:
            raise calls.choice(narrator.offers.title, narrator.offers.offers)
        if voice.name == llm.name:
            await again.keep(narrator.text)

    # -- ends ------------------------------------------------------------------------------------------

    async def _wait(self, waits: Waits) -> None:
        narrator = self._narrator
        assert narrator is not None
        await narrator.stop()

        def write(connection: Connection, seq: int) -> None:
            self._check_held(connection)
            if connection.execute(select(turns.c.stop).where(turns.c.id == self.turn.id)).scalar_one():
                raise Cancelled
            # This process sees the cell end, and is believed to wait for that.
            until = lease(connection, self.means.settings.lease) if waits.pending.kind == "cell" else 0.0
            values = {"pending": waits.pending, "lease": until, "run": self._kernel_run}
            set_turn(connection, self.turn.id, state="waiting", **values)
            self._count(connection, "waiting")
            if waits.also is not None:
                waits.also(connection)

        closing = narrator.closing()
        await self.means.journal.append(self.turn.conversation, [*closing, *waits.asked], write)

    async def _end(self, state: TurnEnd, fault: Fault | None = None) -> None:
        narrator = self._narrator
        assert narrator is not None
        if state != "completed" and self._calls is not None:
            await self._calls.withdraw()
        if (usage := self._meter.unreported()) is not None:
            narrator.take(UsagePart(usage))
        try:
            await narrator.stop()
        except Exception as error:
            fault = fault or (error if isinstance(error, Fault) else None)
            state = "failed"
        closing = narrator.closing(state == "completed")
        ended = narrator.event(
            TurnEnded,
            state=state,
            unverified=narrator.unverified,
            fault=fault.record if fault is not None else None,
            answered_by=self._answered_by(),
        )

        def write(connection: Connection, seq: int) -> None:
            self._check_held(connection)
            set_turn(connection, self.turn.id, state=state, pending="", lease=0.0, run=self._kernel_run)
            self._count(connection, state)
            if state == "completed":
                self._checking.write(connection, narrator.text, "" if self._again else self._llm, self._private)

        events: list[Event] = [*closing, *self._checking.events, ended]
        try:
            await self.means.journal.append(self.turn.conversation, events, write)
        except Fault as unstored:
            # The store refuses: people still hear how it ended; the expired lease will say "abandoned" later.
            self.means.log.warning("a turn could not be stored: %s", unstored.record.message)
            for event in events:
                narrator.live(event)

    def _count(self, connection: Connection, state: str) -> None:
        if self._llm and self._calls is not None and self._again is None:
            add_attempt(connection, self.turn, self.id, self._llm, state, self._began, self._calls.results)

    def _answered_by(self) -> str:
        if self._calls is None:
            return ""
        speaker = BUILTIN if self._llm == "builtin" else self._llm
        places = [
            evidence.text
            for result in self._calls.results
            for evidence in result.evidence
            if evidence.kind == "fitted_in"
        ]
        return ", ".join(dict.fromkeys([word for word in (speaker, str(self._again or ""), *places[:3]) if word]))


def _found_before(earlier: Sequence[AnyEvent], toolset: Toolset) -> list[ToolInfo]:
    """What earlier attempts of this turn have found with `find_tools`: offered to this one too."""
    results = [e.result.data for e in earlier if isinstance(e, ToolReturned) and e.tool == FIND.name]
    names = {tool["name"] for data in results for tool in data.get("tools", [])}
    return [tool for tool in toolset.available if tool.name in names]
