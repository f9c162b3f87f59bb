"""What jupyter-server-mcp finds: functions, closed until the administrator opens them."""

from __future__ import annotations

import importlib.metadata
import inspect
from importlib import import_module
from pathlib import Path
from typing import Any, get_type_hints

import pytest
from kernels import ROOT

from jupyter_mlchat.server import lent

GROUP = "jupyter_server_mcp.tools"


def functions() -> dict[str, Any]:
    found = {}
    for name in lent.TOOLS:
        module, _, function = name.partition(":")
        found[function] = getattr(import_module(module), function)
    return found


def test_the_entry_point_names_functions_that_an_llm_can_read() -> None:
    [entry] = [each for each in importlib.metadata.entry_points(group=GROUP) if each.name == "jupyter_mlchat"]
    # It takes a list of "module:function", and nothing else.
    assert entry.load() == lent.TOOLS and isinstance(lent.TOOLS, list)
    assert len(functions()) == 4
    for name, function in functions().items():
        assert name.startswith("mlchat_") and inspect.iscoroutinefunction(function)
        hints = get_type_hints(function)
        assert hints.pop("return") == dict[str, Any]
        assert set(hints) == set(inspect.signature(function).parameters)
        assert all(f"{argument}: " in inspect.getdoc(function) for argument in hints), name
    assert f'[project.entry-points."{GROUP}"]' in Path(ROOT, "pyproject.toml").read_text()


async def called(**named: dict[str, Any]) -> list[dict[str, Any]]:
    return [await functions()[name](**args) for name, args in named.items()]


EVERYTHING: dict[str, dict[str, Any]] = {
    "mlchat_list_notebooks": {},
    "mlchat_list_tools": {},
    "mlchat_call_tool": {"tool": "list_models", "arguments": {}},
    "mlchat_get_turn": {"turn": "t"},
}


async def test_a_port_without_a_token_is_closed_unless_it_was_opened(open_notebook, parts, api):
    await open_notebook()
    for told in await called(**EVERYTHING):
        assert not told["ok"] and told["fault"]["code"] == "forbidden"
        assert "tokenless_mcp" in told["fault"]["hint"] and "mlchat/mcp" in told["fault"]["hint"]
    assert (await api("get", "conversations")).body == {"conversations": []}


class TestOpened:
    @pytest.fixture
    def mlchat(self) -> dict[str, Any]:
        return {"tokenless_mcp": True, "mcp_wait": 3.0}

    async def test_calls_are_turns_like_those_of_every_agent(self, open_notebook, api):
        notebook = await open_notebook()
        listed = await lent.mlchat_list_notebooks()
        assert [one["notebook"] for one in listed["notebooks"]] == [notebook.path]
        found = (await lent.mlchat_list_tools("importance"))["tools"]
        assert "get_feature_importance" in [tool["name"] for tool in found]
        assert len(found) < len((await lent.mlchat_list_tools())["tools"])
        arguments: Any
        for arguments in ({"model_id": "clf"}, '{"model_id": "clf"}'):
            told = await lent.mlchat_call_tool("get_model_info", arguments, notebook.path)
            assert told["ok"], told
        [sent] = (await api("get", f"turns/{told['turn']}/sent")).body["sent"]
        assert sent["llm"] == "mcp/jupyter-server-mcp"
        for broken in ("[]", "{"):
            assert (await lent.mlchat_call_tool("list_models", broken))["fault"]["code"] == "invalid_input"

    async def test_a_change_waits_for_the_person_there_too(self, open_notebook, api):
        await open_notebook()
        told = await lent.mlchat_call_tool("delete_model", {"model_id": "clf"})
        assert told["waiting"] == "approval"
        pending = (await api("get", f"turns/{told['turn']}")).body["pending"]
        await api("post", f"turns/{told['turn']}/approval", {"approval": pending, "allow": True}, wait=1)
        assert (await lent.mlchat_get_turn(told["turn"]))["ok"]

    async def test_where_kernels_belong_to_several_people_it_stays_closed(self, parts, jp_serverapp, monkeypatch):
        from jupyter_server.auth.identity import IdentityProvider

        class Company(IdentityProvider):
            pass

        monkeypatch.delenv("JUPYTERHUB_USER", raising=False)
        monkeypatch.setattr(jp_serverapp, "identity_provider", Company(parent=jp_serverapp))
        for told in await called(**EVERYTHING):
            assert told["fault"]["message"] == "This server has several users."
