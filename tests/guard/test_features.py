"""What an administrator has switched off."""

from __future__ import annotations

import pytest
from traitlets import TraitError

from jupyter_mlchat.chat.facts import SERVICE_TOOLS
from jupyter_mlchat.guard.features import COMMANDS, TOOLS, check_command, check_feature, permits_tool
from jupyter_mlchat.protocol.commands import COMMANDS as ALL_COMMANDS
from jupyter_mlchat.protocol.commands import FeedbackGive, Ping
from jupyter_mlchat.protocol.faults import Code, Fault
from jupyter_mlchat.protocol.records import CommandId, ToolInfo, TurnId
from jupyter_mlchat.runtime.toolbox import Toolbox
from jupyter_mlchat.runtime.tools import MODULES
from jupyter_mlchat.settings import FEATURES, MLChat


def settings(*features: str) -> MLChat:
    return MLChat(environment={}, env_file="/nowhere", disabled_features=list(features))


def tool(name: str) -> ToolInfo:
    return ToolInfo(name=name, description="", parameters={}, effect="read")


def test_what_is_listed_exists() -> None:
    assert set(TOOLS) | set(COMMANDS.values()) <= set(FEATURES)
    assert set(COMMANDS) <= set(ALL_COMMANDS)
    known = {found.name for found in [*Toolbox(MODULES).all(), *SERVICE_TOOLS]}
    assert set().union(*TOOLS.values()) <= known


def test_a_feature_that_is_off_is_refused_by_name_and_its_tools_are_gone() -> None:
    off = settings("run_code", "feedback")
    with pytest.raises(Fault) as caught:
        check_feature(off, "run_code")
    assert (caught.value.code, caught.value.record.about) == (Code.FORBIDDEN, "run_code")
    check_feature(off, "upload")
    check_feature(off, "")
    assert not permits_tool(off, tool("run_code"))
    assert permits_tool(off, tool("get_upload_status"))
    with pytest.raises(Fault, match="`feedback` is switched off"):
        check_command(off, FeedbackGive(id=CommandId("1"), turn=TurnId("t"), score=1))
    check_command(off, Ping(id=CommandId("1")))


def test_a_slip_in_its_name_does_not_leave_it_on() -> None:
    with pytest.raises(TraitError):
        settings("uploads")
    with pytest.raises(TraitError):
        MLChat(environment={"MLCHAT_DISABLED_FEATURES": "upload, no-such"}, env_file="/nowhere").disabled_features  # noqa: B018
    given = MLChat(environment={"MLCHAT_DISABLED_FEATURES": "upload, mcp"}, env_file="/nowhere")
    assert given.disabled_features == ["upload", "mcp"]
