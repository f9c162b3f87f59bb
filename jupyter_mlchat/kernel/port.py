"""What a turn may ask of a kernel, whichever way the request travels."""

from __future__ import annotations

import asyncio
import uuid
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

import msgspec

from ..protocol.faults import Code, Fault
from ..protocol.records import KernelId, ToolInfo, ToolResult
from ..runtime.wire import Catalogue, Glance, Kind, Progress, Reply, Request, State

QUICK_S = 5.0
OnProgress = Callable[[Progress], None]


class KernelPort(ABC):
    """Tool calls into one kernel. Every method raises `Fault` with a `kernel_*` code when it does not answer."""

    kernel_id: KernelId
    remembered: frozenset[str] = frozenset()
    """Stamps of what this kernel was reminded of; a new process behind the same port knows nothing."""
    run: str = ""
    """Names the process behind the port: another one after a restart. "" until it has told."""
    on_limited: Callable[[bool], None] | None = None
    """Told whenever the tools are switched on or off."""

    @abstractmethod
    async def request(self, request: Request, on_progress: OnProgress | None = None) -> Reply:
        """Send one request and wait for its reply, at most `timeout_s` without progress. Raises `Fault`."""

    async def call(
        self,
        tool: str,
        args: dict[str, Any],
        *,
        request_id: str,
        timeout_s: float,
        on_progress: OnProgress | None = None,
    ) -> ToolResult:
        """Run a tool. The same `request_id` never runs twice."""
        request: Request = {
            "request_id": request_id,
            "kind": "tool",
            "tool": tool,
            "args": args,
            "timeout_s": timeout_s,
        }
        try:
            reply = await self.request(request, on_progress)
        except asyncio.TimeoutError:
            raise await self._overdue(tool, request_id, timeout_s) from None
        return _result(reply)

    async def tools(self) -> list[ToolInfo]:
        reply = await self._ask("tools", timeout_s=30.0)
        return [msgspec.convert(tool, ToolInfo) for tool in reply.get("tools") or []]

    async def catalogue(self) -> Catalogue:
        """Models, frames and other names of the namespace, hidden ones left out."""
        reply = await self._ask("catalogue", timeout_s=30.0)
        return reply.get("catalogue") or {"models": [], "frames": [], "others": {}}

    async def glance(self) -> Glance:
        """Small cards of models and frames, hidden ones left out."""
        reply = await self._ask("glance", timeout_s=30.0)
        return reply.get("glance") or Glance(models=[], n_models=0, frames=[], n_frames=0)

    async def remember(self, facts: list[dict[str, Any]]) -> None:
        """Hand the kernel what was registered in earlier ones. Nothing is sent that it was told before."""
        stamps = frozenset(str(one.get("stamp", "")) for one in facts)
        if stamps != self.remembered:
            await self._ask("remember", {"facts": facts})
            self.remembered = stamps

    async def state(self, *, notify_idle: bool = False) -> State:
        """What the kernel does now; with `notify_idle` it says once when the running cell has ended."""
        reply = await self._ask("state", {"notify_idle": notify_idle})
        state = reply.get("state")
        return state or {"busy": False, "running": None, "last_cell": 0}

    async def limit(self, hide: list[str], show: list[str], enabled: bool | None = None) -> tuple[list[str], bool]:
        """Hide and show names, switch the tools off or on; returns all hidden names, and whether they are on."""
        reply = await self._ask("limit", {"hide": hide, "show": show, "enabled": enabled})
        told = reply.get("told") or {}
        on = bool(told.get("enabled", True))
        if self.on_limited is not None:
            self.on_limited(on)
        return list(told.get("hidden", [])), on

    async def display(self, ref: str) -> tuple[str, str]:
        """The mime type of a figure and itself in base64. Raises Fault `not_found` when it is kept no longer."""
        told = (await self._ask("display", {"ref": ref}, timeout_s=30.0)).get("told") or {}
        return str(told["mime"]), str(told["data"])

    async def cancel(self, request_id: str) -> bool:
        """True when nothing of the request happened or will happen."""
        reply = await self._ask("cancel", {"request_id": request_id})
        return bool((reply.get("told") or {}).get("withdrawn"))

    async def _ask(self, kind: Kind, args: dict[str, Any] | None = None, timeout_s: float = QUICK_S) -> Reply:
        request: Request = {
            "request_id": uuid.uuid4().hex,
            "kind": kind,
            "args": args or {},
            "timeout_s": timeout_s,
        }
        try:
            reply = await self.request(request)
        except asyncio.TimeoutError:
            raise Fault(
                Code.KERNEL_NOT_ANSWERING,
                f"The kernel took the request `{kind}` but did not answer within {timeout_s:g} s.",
                "Ask again, or interrupt the running cell.",
                retryable=True,
            ) from None
        if reply.get("result") is not None:
            # Only a request that failed is answered with a tool result.
            fault = _result(reply).fault or {}
            raise Fault(Code(fault["code"]), fault["message"], fault.get("hint", ""))
        return reply

    async def _overdue(self, tool: str, request_id: str, timeout_s: float) -> Fault:
        """A call is failed only when it was withdrawn; else nobody knows what it still does."""
        try:
            withdrawn = await self.cancel(request_id)
        except Fault:
            withdrawn = False
        if withdrawn:
            return Fault(
                Code.DEADLINE,
                f"`{tool}` could not start within {timeout_s:g} s and was withdrawn; nothing happened.",
                "Ask again when the kernel is idle.",
                retryable=True,
            )
        return Fault(
            Code.TOOL_TIMEOUT,
            f"`{tool}` did not return within {timeout_s:g} s; its outcome is unknown.",
            "It may still finish. Interrupt or restart the kernel if it does not.",
        )


def _result(reply: Reply) -> ToolResult:
    fault = reply.get("fault")
    if fault is not None:
        raise Fault(Code(fault["code"]), fault["message"], fault.get("hint", ""))
    try:
        result = msgspec.convert(reply.get("result"), ToolResult)
    except msgspec.ValidationError as error:
        raise Fault(
            Code.TOOL_RESULT_INVALID,
            f"The kernel's answer is not a tool result ({error}).",
            "Restart the kernel so that it is attached anew.",
        ) from None
    return result
