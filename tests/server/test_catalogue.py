"""A kernel over REST: what it holds, its tools, and turns that wait for a person or for each other."""

from __future__ import annotations

import asyncio
import json

import pytest
from server.conftest import MODEL

NAP = """
import os, time
from jupyter_mlchat import tool
@tool(effect="read")
def nap(until: str) -> dict:
    \"\"\"Sleep until a file is there.\"\"\"
    while not os.path.exists(until):
        time.sleep(0.01)
    return {"slept": True}
"""


async def test_a_fitted_model_over_rest(api, kernel):
    await kernel.run(MODEL)
    base = f"kernels/{kernel.id}"
    [model] = (await api("get", f"{base}/models")).body["models"]
    assert (model["ref"], model["features"], model["fitted"]) == ("clf", ["age", "income"], True)
    frames = (await api("get", f"{base}/frames")).body["frames"]
    assert {frame["ref"]: frame["shape"] for frame in frames}["X"] == [24, 2]
    await kernel.run("rate = 0.5; _own = 1\ndef helper(): pass")
    variables = (await api("get", f"{base}/variables")).body["variables"]
    assert {"ref": "rate", "class_name": "float"} in variables, "its type, and not its value"
    assert not {"clf", "X", "_own", "helper"} & {one["ref"] for one in variables}
    state = (await api("get", f"{base}/state")).body
    assert state["busy"] is False and state["last_cell"] >= 1
    tools = {tool["name"] for tool in (await api("get", "tools", kernel=kernel.id)).body["tools"]}
    assert {"list_models", "make_prediction", "delete_model", "get_upload_status"} <= tools

    told = await api("post", f"{base}/tools/make_prediction", {"args": {
        "model_id": "clf", "features": {"age": 25, "income": 1.5}}})  # fmt: skip
    direct = await kernel.run("print(clf.predict(X.iloc[[0]].assign(age=25, income=1.5))[0])")
    assert (told.status, told.body["state"], told.body["result"]["ok"]) == (200, "completed", True)
    assert str(told.body["result"]["data"]["prediction"]) == direct["streams"].strip()
    events = (await api("get", f"conversations/{told.body['conversation']}/events")).body["events"]
    assert "tool.returned" in [event["type"] for event in events], "a direct call is a turn like any other"

    unknown = await api("post", f"{base}/tools/get_model_info", {"args": {"model_id": "clff"}})
    assert (unknown.status, unknown.body["result"]["ok"]) == (200, False)
    assert unknown.body["result"]["fault"]["code"] == "unknown_model"
    assert "clf" in json.dumps(unknown.body["result"]["fault"])
    none = await api("post", f"{base}/tools/list_modells", {})
    assert none.body["result"]["fault"]["code"] == "unknown_tool"
    twice = [await api("post", f"{base}/tools/list_models", {"id": "same"}) for _ in range(2)]
    assert twice[0].body == twice[1].body


async def test_a_figure_is_fetched_by_its_reference_and_one_that_is_gone_is_not_found(api, kernel):
    await kernel.run(MODEL)
    called = await api("post", f"kernels/{kernel.id}/tools/get_feature_importance", {"args": {"model_id": "clf"}})
    reference = called.body["result"]["display_ref"]
    figure = await api("get", f"kernels/{kernel.id}/displays/{reference}")
    assert figure.body["mime"] == "image/png" and figure.body["data"].startswith("iVBOR")
    gone = await api("get", f"kernels/{kernel.id}/displays/nothing")
    assert (gone.status, gone.body["fault"]["code"]) == (404, "not_found")


async def test_a_question_that_names_only_its_notebook_reaches_the_notebooks_kernel(api, kernel, jp_fetch):
    await kernel.run(MODEL)
    session = {"path": "work.ipynb", "name": "", "type": "notebook", "kernel": {"id": kernel.id}}
    await jp_fetch("api", "sessions", method="POST", body=json.dumps(session))
    made = await api("post", "conversations", {"context": {"notebook": "work.ipynb"}})
    body = {"text": "what does clf need?", "context": {"notebook": "work.ipynb"}}
    asked = await api("post", f"conversations/{made.body['id']}/turns", body, wait=1)
    assert asked.status == 200, asked.body
    called = [event for event in asked.body["events"] if event["type"] == "tool.returned"]
    assert called[-1]["result"]["data"]["feature_names"] == ["age", "income"]


async def test_the_status_names_the_llm_and_the_providers_with_a_key(api, kernel):
    asked = await api("post", f"kernels/{kernel.id}/tools/get_system_status", {"args": {}})
    data = asked.body["result"]["data"]
    assert data["status"] == "idle" and data["total_models"] == 0
    assert data["llm"] == {"name": "builtin", "provider": "builtin", "local": True}
    assert {p["name"] for p in data["providers"]} >= {"builtin", "openai", "anthropic", "huggingface", "ollama_chat"}
    assert {p["status"] for p in data["providers"] if p["name"] in ("builtin", "openai")} == {"healthy", "no_key"}
    assert all(type(p["key"]) is bool for p in data["providers"])


async def test_a_tool_that_needs_approval_waits_for_it(api, kernel):
    await kernel.run(MODEL)
    path = f"kernels/{kernel.id}/tools/delete_model"
    asked = await api("post", path, {"args": {"model_id": "clf"}})
    assert (asked.status, asked.body["state"], asked.body["waits_for"]) == (202, "waiting", "approval")
    approval, turn = asked.body["approval"], asked.body["turn"]
    assert (approval["tool"], approval["effect"], approval["args"]) == ("delete_model", "write", {"model_id": "clf"})
    stands = (await api("get", f"turns/{turn}")).body
    assert (stands["state"], stands["pending"]) == ("waiting", approval["approval"])
    assert (await kernel.run("print('clf' in globals())"))["streams"] == "True\n"

    answer = {"approval": approval["approval"], "allow": True}
    done = await api("post", f"turns/{turn}/approval", answer, wait=1)
    assert (done.status, done.body["state"]) == (200, "completed")
    assert [e["result"]["ok"] for e in done.body["events"] if e["type"] == "tool.returned"] == [True]
    assert (await kernel.run("print('clf' in globals())"))["streams"] == "False\n"
    again = await api("post", f"turns/{turn}/approval", answer, wait=1)
    assert again.fault == "conflict"


async def test_a_denied_tool_does_nothing(api, kernel):
    await kernel.run(MODEL)
    asked = await api("post", f"kernels/{kernel.id}/tools/delete_model", {"args": {"model_id": "clf"}})
    answer = {"approval": asked.body["approval"]["approval"], "allow": False}
    done = await api("post", f"turns/{asked.body['turn']}/approval", answer, wait=1)
    [returned] = [e["result"] for e in done.body["events"] if e["type"] == "tool.returned"]
    assert (returned["ok"], returned["fault"]["code"]) == (False, "denied")
    assert (await kernel.run("print('clf' in globals())"))["streams"] == "True\n"


async def test_a_missing_feature_becomes_a_form(api, kernel):
    await kernel.run(MODEL)
    path = f"kernels/{kernel.id}/tools/make_prediction"
    asked = await api("post", path, {"args": {"model_id": "clf", "features": {"age": 65}}})
    assert (asked.status, asked.body["waits_for"]) == (202, "form")
    form = asked.body["form"]
    assert "income" in [field["name"] for field in form["spec"]["fields"]]
    filled = {"form": form["form"], "values": {"income": 5.5}}
    lines = await api("post", f"turns/{asked.body['turn']}/form", filled, headers={"Accept": "application/x-ndjson"})
    events = [json.loads(line) for line in lines.text.splitlines()]
    assert [events[0]["type"], events[1]["type"], events[-1]["type"]] == ["accepted", "form.closed", "turn.ended"]
    [returned] = [event["result"] for event in events if event["type"] == "tool.returned"]
    assert returned["data"]["prediction"] == 1

    closed = await api("post", path, {"args": {"model_id": "clf", "features": {"age": 65}}})
    dismissed = {"form": closed.body["form"]["form"], "dismiss": True}
    ended = await api("post", f"turns/{closed.body['turn']}/form", dismissed, wait=1)
    assert [e["outcome"] for e in ended.body["events"] if e["type"] == "form.closed"] == ["dismissed"]


class TestOneTurnAtATime:
    @pytest.fixture
    def mlchat(self):
        return {"max_active_turns": 1, "disabled_tools": ["get_system_status"], "max_effects": ["read"]}

    async def test_clients_that_do_not_wait_lose_nothing(
        self, api, kernel, jp_http_port, jp_base_url, jp_auth_header, tmp_path
    ):
        """A patience that ends and a stream that is hung up leave their turns to run."""
        await kernel.run(NAP)
        own = await api.conversation()
        args = {"until": str(tmp_path / "morning")}
        napping = asyncio.ensure_future(api("post", f"kernels/{kernel.id}/tools/nap", {"args": args}))
        await asyncio.sleep(0.5)
        path = f"conversations/{own}/turns"
        hasty = await api("post", path, {"text": "what can you do?"}, headers={"Prefer": "wait=1"})
        assert (hasty.status, hasty.body["type"], napping.done()) == (202, "accepted", False)

        reader, writer = await asyncio.open_connection("127.0.0.1", jp_http_port)
        body = json.dumps({"id": "hung up", "text": "what can you do?"})
        lines = [
            f"POST {jp_base_url}mlchat/api/{path} HTTP/1.1",
            f"Host: 127.0.0.1:{jp_http_port}",
            f"Authorization: {jp_auth_header['Authorization']}",
            "Accept: application/x-ndjson",
            f"Content-Length: {len(body)}",
        ]
        writer.write("\r\n".join([*lines, "", body]).encode())
        while b'"accepted"' not in await reader.readline():
            pass
        writer.close()
        await writer.wait_closed()

        (tmp_path / "morning").touch()
        slept = await napping
        assert (slept.status, slept.body["result"]["data"]) == (200, {"slept": True})
        again = await api("post", path, {"id": "hung up", "text": "what can you do?"}, wait=1)
        assert again.body["state"] == "completed"
        assert (await api("get", f"turns/{hasty.body['turn']}")).body["state"] == "completed"

    async def test_what_is_not_permitted_is_not_offered(self, api, kernel):
        names = {tool["name"] for tool in (await api("get", "tools", kernel=kernel.id)).body["tools"]}
        assert "list_models" in names
        assert not names & {"get_system_status", "make_prediction", "delete_model"}
