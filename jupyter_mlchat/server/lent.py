"""Our tools as functions for jupyter-server-mcp, which finds them by its entry point.

It serves them on a port of its own that asks for no token: they do nothing until `tokenless_mcp` is set.
"""

from __future__ import annotations

import json
from typing import Any

from ..guard.access import Caller
from ..guard.features import check_feature
from ..protocol.faults import Code, Fault, FaultRecord
from .agents import GET_TURN, LIST_NOTEBOOKS, AgentTools, refused
from .callers import owner_of_kernels

AGENT = "jupyter-server-mcp"
TOOLS = [
    f"{__name__}:{name}"
    for name in ("mlchat_list_notebooks", "mlchat_list_tools", "mlchat_call_tool", "mlchat_get_turn")
]
"""What the entry point names: `module:function` each."""


async def mlchat_list_notebooks() -> dict[str, Any]:
    """The Jupyter notebooks that run now, by path: the values that `notebook` takes in the other tools."""
    return await _called(LIST_NOTEBOOKS.name, {})


async def mlchat_list_tools(words: str = "") -> dict[str, Any]:
    """The tools on live models and data frames of the notebooks, with their arguments, for mlchat_call_tool.

    Args:
        words: Only tools whose name or description has one of these words.
    """
    try:
        listed = await _tools().tools()
    except Fault as fault:
        return _read(refused(fault.record).text)
    wanted = words.lower().split()
    found = [tool for tool in listed if _has(f"{tool.name} {tool.description}".lower(), wanted)]
    told = [
        {"name": t.name, "description": t.description, "arguments": t.parameters, "effect": t.effect} for t in found
    ]
    return {"ok": True, "tools": told}


async def mlchat_call_tool(tool: str, arguments: dict[str, Any] | str, notebook: str = "") -> dict[str, Any]:
    """Call a tool on the live models and data frames of a Jupyter notebook.

    What changes something waits for the person to allow it in the notebook.

    Args:
        tool: Its name, from mlchat_list_tools.
        arguments: Its arguments by name, as an object or as JSON.
        notebook: Path of the notebook that is meant. May be left out while only one runs.
    """
    given = _object(arguments) if isinstance(arguments, str) else arguments
    if given is None:
        return _read(refused(FaultRecord(Code.INVALID_INPUT, "`arguments` is not one JSON object.")).text)
    return await _called(tool, {**given, **({"notebook": notebook} if notebook else {})})


async def mlchat_get_turn(turn: str) -> dict[str, Any]:
    """What became of a call that was still waiting.

    Args:
        turn: The `turn` that the call was answered with.
    """
    return await _called(GET_TURN.name, {"turn": turn})


async def _called(name: str, args: dict[str, Any]) -> dict[str, Any]:
    try:
        return _read((await _tools().call(name, args, _unheard)).text)
    except Fault as fault:
        return _read(refused(fault.record).text)


async def _unheard(seconds: float, message: str) -> None:
    """jupyter-server-mcp tells its clients of no progress."""


def _tools() -> AgentTools:
    """For whom the kernels of the running server belong to. Raises Fault where they may not be lent."""
    from jupyter_server.serverapp import ServerApp

    server: Any = ServerApp.instance() if ServerApp.initialized() else None
    parts = server.web_app.settings.get("mlchat") if server is not None else None
    if parts is None:
        raise Fault(Code.NOT_FOUND, "jupyter_mlchat does not run in this server.", "`jupyter server extension list`")
    check_feature(parts.settings, "mcp")
    if not parts.settings.tokenless_mcp:
        raise Fault(
            Code.FORBIDDEN,
            "jupyter-server-mcp listens without a token, so these tools are switched off there.",
            "Connect to `mlchat/mcp` below the address of Jupyter, with its token, or set `MLChat.tokenless_mcp`.",
        )
    owner = owner_of_kernels(server.identity_provider)
    if not owner:
        raise Fault(Code.FORBIDDEN, "This server has several users.", "Connect to `mlchat/mcp` with your own token.")
    return AgentTools(parts, Caller(owner, "agent", agent=AGENT))


def _read(text: str) -> dict[str, Any]:
    found = _object(text)
    # A redacted number leaves a text that is JSON no more.
    return found if found is not None else {"ok": True, "text": text}


def _object(text: str) -> dict[str, Any] | None:
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _has(text: str, words: list[str]) -> bool:
    return not words or any(word in text for word in words)
