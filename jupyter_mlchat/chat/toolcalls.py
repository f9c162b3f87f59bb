"""One tool call inside a turn: checked against its schema, then the policy, then run. Everything is journaled."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Callable, Collection, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection

from ..agent.arguments import check_arguments
from ..guard.access import Levels, decide
from ..kernel.patience import Headway
from ..kernel.port import KernelPort
from ..llm.base import Cancelled
from ..protocol.events import ApprovalAsked, Event, FormAsked, Progress, ToolCalled, ToolReturned, TurnWaiting
from ..protocol.faults import Code, Fault
from ..protocol.records import Change, Decision, Effect, Form, Issue, Offer, ToolInfo, ToolResult
from ..runtime.wire import Progress as WireProgress
from .disclosure import file_named, names_file, shown_rows
from .doubts import Doubts
from .facts import Facts
from .foreseen import changes_of, foreseen
from .narrator import Narrator
from .threads import Call, Pending

FORM_S = 24 * 3600.0
APPROVAL_S = 3600.0
WAITING_FOR_CELL = "waiting for cell"
REST_S = 0.5
"""How often a kernel is asked whether code that was given up still runs."""

_EFFECT_WORDS = {
    "read": "reads from your kernel",
    "predict": "runs your model",
    "write": "changes your kernel",
    "disclose": "shows raw rows to the language model",
    "execute": "runs code in your kernel",
}


class Waits(Exception):
    """The turn goes on when `pending` is answered. `asked` are the events that say so; `also` writes what else does."""

    def __init__(
        self, pending: Pending, asked: Sequence[Event], also: Callable[[Connection], None] | None = None
    ) -> None:
        super().__init__(pending.kind)
        self.pending, self.asked, self.also = pending, list(asked), also


class ToolCalls:
    """The tools of one attempt. `port` is None where the conversation has no kernel."""

    def __init__(
        self,
        narrator: Narrator,
        port: KernelPort | None,
        no_port: Fault | None,
        facts: Facts,
        doubts: Doubts,
        tools: Sequence[ToolInfo],
        levels: Sequence[Levels],
        timeout_s: float,
        headway: Headway | None = None,
        lasting: Collection[Effect] = (),
    ) -> None:
        """`lasting`: effects that the person may allow for the whole conversation."""
        self._narrator = narrator
        self._port, self._no_port = port, no_port
        self._facts, self._doubts = facts, doubts
        self._tools = {tool.name: tool for tool in tools}
        self._levels = levels
        self._lasting = lasting
        self._timeout_s = timeout_s
        self._headway = headway or Headway()
        self._running: dict[str, str] = {}
        self._withdrawn = False
        self.executing: set[str] = set()
        """Calls that run code which an llm may have written: such code has no rights of its own."""
        self.results: list[ToolResult] = []

    async def run(self, call: Call, *, error: str = "", approved: bool = False) -> ToolResult:
        """Run it, or raise `Waits` when a person or a cell is needed first. Faults are results."""
        await self._narrator.step("parameters", call.tool)
        try:
            if error:
                hint = "Send the arguments as one JSON object."
                raise Fault(Code.INVALID_INPUT, f"The call of `{call.tool}` can't be read: {error}", hint)
            tool = self._find(call.tool)
            args = check_arguments(tool.parameters, call.args)
            call = msgspec.structs.replace(call, args=args)
            decision = "allow" if approved else decide(tool.effect, self._levels)
            if decision == "deny":
                raise Fault(
                    Code.DENIED,
                    f"`{tool.name}` is not permitted here: it {_EFFECT_WORDS[tool.effect]}.",
                    "Ask your administrator, or do it in a cell of your own.",
                )
        except Fault as fault:
            await self._narrator.tell(self._called(call))
            return await self.record(call, failed(fault))
        if decision == "ask":
            await self._narrator.tell(self._called(call, tool))
            raise await self._approval(tool, call)
        await self._narrator.step("tool", tool.name)
        await self._narrator.tell(self._called(call, tool))
        return await self._perform(tool, call)

    async def record(self, call: Call, result: ToolResult) -> ToolResult:
        result = await self._doubts.once(result)
        self.results.append(result)
        event = self._narrator.event(ToolReturned, call=call.id, tool=call.tool, result=result)
        await self._narrator.tell(event)
        return result

    def _find(self, name: str) -> ToolInfo:
        tool = self._tools.get(name)
        if tool is None:
            import difflib

            close = difflib.get_close_matches(name, self._tools, 3)
            hint = f"Did you mean {', '.join(close)}?" if close else "Ask what I can do."
            if self._no_port is not None:
                raise self._no_port
            raise Fault(Code.UNKNOWN_TOOL, f"There is no tool {name!r}.", hint, about=name)
        return tool

    def _called(self, call: Call, tool: ToolInfo | None = None) -> ToolCalled:
        effect = tool.effect if tool is not None else "read"
        return self._narrator.event(ToolCalled, call=call.id, tool=call.tool, args=call.args, effect=effect)

    async def _perform(self, tool: ToolInfo, call: Call) -> ToolResult:
        fact = self._facts.find(tool.name)
        try:
            if fact is not None:
                result = await fact(call.args)
            else:
                result = self._facts.completed(tool.name, await self._in_kernel(tool, call))
        except Fault as fault:
            result = failed(fault)
        if result.ok and result.form is not None:
            if result.form.args and result.form.tool not in self._tools:
                told = str(result.data.get("message", ""))
                result = failed(Fault(Code.UNSUPPORTED, told, f"`{result.form.tool}` is not permitted here."))
            else:
                raise self._form(tool, call, result)
        return await self.record(call, result)

    async def _in_kernel(self, tool: ToolInfo, call: Call) -> ToolResult:
        if self._withdrawn:
            raise Cancelled
        if self._port is None:
            raise self._no_port or Fault(Code.KERNEL_NOT_ATTACHED, "There is no kernel.", "Open a notebook.")
        request_id = uuid.uuid4().hex
        waits_for_cell: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

        def report(progress: WireProgress) -> None:
            text = progress.get("text", "")
            if progress.get("main_needed") and text.startswith(WAITING_FOR_CELL) and not waits_for_cell.done():
                waits_for_cell.set_result(text)
            self._headway.hear(progress)
            done, total = progress.get("done", 0.0), progress.get("total", 0.0)
            event = self._narrator.event(Progress, call=call.id, done=done, total=total, text=text)
            self._narrator.live(event)

        self._running[call.id] = request_id
        self._headway.begin()
        if tool.effect == "execute":
            self.executing.add(call.id)
        work: asyncio.Future[Any] = asyncio.ensure_future(
            self._port.call(tool.name, call.args, request_id=request_id, timeout_s=self._timeout_s, on_progress=report)
        )
        try:
            await asyncio.wait({work, waits_for_cell}, return_when=asyncio.FIRST_COMPLETED)
            if not work.done() and await self._port.cancel(request_id):
                work.cancel()
                raise await self._cell(tool, call, waits_for_cell.result())
            result: ToolResult = await work
            return result
        except asyncio.CancelledError:
            await self.withdraw()
            raise
        finally:
            self._running.pop(call.id, None)
            if work.done() and not work.cancelled() and work.exception() is None:
                self.executing.discard(call.id)
            if not work.done():
                work.cancel()

    async def withdraw(self) -> None:
        """The turn is over: tell the kernel so, for every call under way. None begins any more."""
        self._withdrawn = True
        if self._port is None:
            return
        for request_id in list(self._running.values()):
            try:
                await self._port.cancel(request_id)
            except Fault:
                continue

    async def rest(self) -> None:
        """Returns when code that was given up does not run in the kernel any more."""
        while self.executing and self._port is not None:
            try:
                state = await self._port.state()
                runs = state["busy"] or state.get("at_work", False)
            except Fault as fault:
                runs = fault.code is Code.KERNEL_NOT_ANSWERING
            if not runs:
                break
            await asyncio.sleep(REST_S)
        self.executing.clear()

    # -- asking ----------------------------------------------------------------------------------------

    async def revision(self, call: Call) -> str:
        """The revision of the model a call speaks of; "" when it speaks of none."""
        reference = call.args.get("model_id")
        if self._port is None or not isinstance(reference, str):
            return ""
        models = (await self._port.catalogue())["models"]
        known = {name: m.get("revision", "") for m in models for name in (m["ref"], *m.get("aliases", []))}
        return known.get(reference, "")

    def decides(self, effect: Effect) -> Decision:
        """What the policy says of an effect, beside what a person says of one call."""
        return decide(effect, self._levels)

    async def _approval(self, tool: ToolInfo, call: Call) -> Waits:
        # Code is shown whole, below.
        shown = [f"{name} = `{value}`" for name, value in call.args.items() if name != "code"]
        arguments = f" ({', '.join(shown)})" if shown else ""
        summary = f"**{tool.name}**{arguments} {_EFFECT_WORDS[tool.effect]}: {tool.description}"
        changes: list[Change] = []
        if self._port is not None and (tool.effect == "disclose" or names_file(call) or foreseen(call)):
            catalogue = await self._port.catalogue()
            summary += shown_rows(tool, call, catalogue)
            summary += file_named(call, catalogue) if names_file(call) else ""
            changes = changes_of(call, catalogue)
        summary += f" Asked by `{call.agent}` through MCP." if call.agent else ""
        return await self.asking(call, tool.effect, summary, changes)

    async def asking(self, call: Call, effect: Effect, summary: str, changes: Sequence[Change] = ()) -> Waits:
        """Ask the person to allow `call`. What it would do is told in `summary`."""
        pending = Pending(
            kind="approval",
            id=uuid.uuid4().hex,
            call=call,
            effect=effect,
            revision=await self.revision(call),
            expires=time.time() + APPROVAL_S,
        )
        asked = self._narrator.event(
            ApprovalAsked,
            approval=pending.id,
            call=call.id,
            tool=call.tool,
            args=call.args,
            effect=effect,
            summary=summary,
            code=str(call.args.get("code", "")),
            changes=list(changes),
            always=effect in self._lasting and not call.agent,
            expires=pending.expires,
        )
        return Waits(pending, [asked, self._waiting("approval")])

    def _form(self, tool: ToolInfo, call: Call, result: ToolResult) -> Waits:
        form = _with_problems(result.form or Form(""), result.issues)
        then = None
        if form.args:
            tool, then, call = self._tools[form.tool], call, Call(uuid.uuid4().hex, form.tool, form.args)
        pending = Pending(
            kind="form",
            id=uuid.uuid4().hex,
            call=call,
            then=then,
            effect=tool.effect,
            target=form.target,
            proposed={field.name: field.value for field in form.fields if field.value is not None},
            start=str(form.start.value or "") if form.start is not None else "",
            revision=result.revision,
            expires=time.time() + FORM_S,
        )
        asked = self._narrator.event(
            FormAsked, form=pending.id, spec=form, call=(then or call).id, expires=pending.expires
        )
        return Waits(pending, [asked, self._waiting("form")])

    def choice(self, title: str, offers: Sequence[Offer]) -> Waits:
        """Ask which of several readings was meant."""
        calls = [Call(uuid.uuid4().hex, offer.tool, offer.args) for offer in offers]
        pending = Pending(kind="form", id=uuid.uuid4().hex, call=calls[0], offers=calls, expires=time.time() + FORM_S)
        spec = Form(title=title, kind="choice", offers=list(offers))
        asked = self._narrator.event(FormAsked, form=pending.id, spec=spec, expires=pending.expires)
        return Waits(pending, [asked, self._waiting("form")])

    async def _cell(self, tool: ToolInfo, call: Call, detail: str) -> Waits:
        pending = Pending(
            kind="cell",
            id=uuid.uuid4().hex,
            call=call,
            effect=tool.effect,
            revision=await self.revision(call),
            expires=time.time() + FORM_S,
        )
        return Waits(pending, [self._waiting("cell", detail)])

    def _waiting(self, waits_for: Any, detail: str = "") -> TurnWaiting:
        return self._narrator.event(TurnWaiting, waits_for=waits_for, detail=detail)


def _with_problems(form: Form, issues: Sequence[Issue]) -> Form:
    """Beside a field stands what is wrong with the value it was given; that it is empty is plain to see."""
    told = {i.column: f"{i.message} {i.suggestion}".strip() for i in issues if i.code != "missing_column"}
    fields = [msgspec.structs.replace(field, problem=told.get(field.name, "")) for field in form.fields]
    return msgspec.structs.replace(form, fields=fields)


def failed(fault: Fault) -> ToolResult:
    record = fault.record
    about = {"code": record.code.value, "message": record.message, "hint": record.hint, "about": record.about}
    return ToolResult(ok=False, fault=about)


def merged(pending: Pending, values: dict[str, Any], start: str = "") -> Call:
    """The pending call with the person's values put into its target argument, but for those of a row that it names.

    A form that starts from a row has the call name it: the one that was proposed, or `start`.
    """
    args = dict(pending.call.args)
    if pending.target:
        given = args.get(pending.target)
        if args.get("row"):
            values = {name: value for name, value in values.items() if pending.proposed.get(name) != value}
        args[pending.target] = {**(given if isinstance(given, dict) else {}), **values}
    else:
        args.update(values)
    if pending.start:
        args["row"] = start or pending.start
    return msgspec.structs.replace(pending.call, args=args)
