"""Other people's agents, through the SDK's real client: the same tools, policy, approvals and record."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import Any

import httpx2
import pytest
from jupyter_server.auth.identity import IdentityProvider, User
from kernels import busy
from mcp import MCPError
from server.agent import Agent, connected
from server.conftest import MODEL

Connect = Callable[..., AbstractAsyncContextManager[Agent]]
ROW = {"age": 30, "income": 2.0}
MODES = ("legacy", "auto")


@pytest.fixture
def mlchat() -> dict[str, Any]:
    return {"mcp_wait": 20.0}


@pytest.fixture
def url(jp_http_port: int, jp_base_url: str, jp_fetch: Callable[..., Any]) -> str:
    # The server listens once something is to be fetched.
    return f"http://127.0.0.1:{jp_http_port}{jp_base_url}mlchat/mcp"


@pytest.fixture
def agent(url: str, jp_auth_header: dict[str, str]) -> Connect:
    return partial(connected, url, dict(jp_auth_header))


async def events_of(api: Any, turn: str) -> list[dict[str, Any]]:
    found = (await api("get", f"turns/{turn}")).body
    page = (await api("get", f"conversations/{found['conversation']}/events", limit=500)).body["events"]
    return [event for event in page if event.get("turn") == turn]


async def asked_in(api: Any, kind: str) -> dict[str, Any]:
    """The newest event of a kind in any conversation, once there is one."""
    for _ in range(200):
        for info in (await api("get", "conversations")).body["conversations"]:
            events = (await api("get", f"conversations/{info['id']}/events", limit=500)).body["events"]
            for event in reversed(events):
                if event["type"] == kind:
                    return event
        await asyncio.sleep(0.05)
    raise AssertionError(f"no {kind}")


@pytest.mark.parametrize("mode", MODES)
async def test_a_call_is_a_turn_that_the_person_sees_and_what_it_told_is_recorded(agent, open_notebook, api, mode):
    notebook = await open_notebook()
    async with agent(mode=mode) as claude:
        assert claude.client.server_info.name == "jupyter_mlchat"
        told = await claude("list_notebooks")
        assert [one["notebook"] for one in told["notebooks"]] == [notebook.path]
        answer = await claude.raw("make_prediction", model_id="clf", features=ROW)
        assert not answer.is_error
        assert answer.structured_content["data"]["prediction"] == 0
        turn = answer.structured_content["turn"]
    events = await events_of(api, turn)
    assert events[0]["text"] == "`make_prediction` (asked by `claude-code` through MCP)"
    assert [event["tool"] for event in events if event["type"] == "tool.returned"] == ["make_prediction"]
    info = (await api("get", f"conversations/{events[0]['conversation']}")).body
    assert (info["notebook"], info["owner"]) == (notebook.path, "local")
    [sent] = (await api("get", f"turns/{turn}/sent")).body["sent"]
    assert sent["llm"] == "mcp/claude-code"
    [message] = sent["body"]["messages"]
    assert message["content"] == answer.content[0].text, "the record is what was told, byte for byte"


async def test_the_list_of_tools_says_what_each_does(agent, open_notebook):
    async with agent() as claude:
        before = await claude.tools()
        assert {"list_notebooks", "get_turn", "make_prediction", "delete_model"} <= set(before)
        told = await claude("list_models")
        assert told["fault"]["message"] == "No notebook runs."
        own = "from jupyter_mlchat import tool\n@tool\ndef churn_risk(plan: str) -> dict:\n"
        own += "    'How likely a plan is left.'\n    return {'plan': plan, 'risk': 0.5}\n"
        await open_notebook(code=MODEL + own)
        tools = await claude.tools()
        assert set(tools) - set(before) == {"churn_risk"}
        assert (await claude("churn_risk", plan="pro"))["data"] == {"plan": "pro", "risk": 0.5}
    changes = {name: tool.annotations.destructive_hint for name, tool in tools.items()}
    assert changes["delete_model"] and changes["run_code"] and not changes["make_prediction"]
    assert tools["list_models"].annotations.read_only_hint and not tools["delete_model"].annotations.read_only_hint
    assert "notebook" in tools["make_prediction"].input_schema["properties"]
    assert "notebook" not in tools["get_turn"].input_schema["properties"]


async def test_several_notebooks_are_told_apart(agent, open_notebook):
    await open_notebook("one.ipynb", "from sklearn.linear_model import Ridge\nfirst = Ridge()")
    await open_notebook("two.ipynb", "from sklearn.linear_model import Ridge\nsecond = Ridge()")
    async with agent() as claude:
        unsaid = await claude.raw("list_models")
        assert unsaid.is_error
        assert unsaid.structured_content["fault"]["hint"] == "Say `notebook`: `one.ipynb`, `two.ipynb`."
        unknown = await claude.raw("list_models", notebook="three.ipynb")
        assert unknown.is_error and unknown.structured_content["fault"]["code"] == "not_found"
        for path, model in (("one.ipynb", "first"), ("two.ipynb", "second")):
            told = await claude("list_models", notebook=path)
            assert [one["id"] for one in told["data"]["models"]] == [model]


@pytest.mark.parametrize("mode", MODES)
async def test_a_change_waits_for_the_person(agent, open_notebook, api, mode):
    notebook = await open_notebook()
    async with agent(mode=mode) as claude:
        heard: list[str] = []

        async def progress(done: float, total: float | None, message: str | None) -> None:
            heard.append(message or "")

        waiting = asyncio.ensure_future(
            claude.client.call_tool("delete_model", {"model_id": "clf"}, progress_callback=progress)
        )
        asked = await asked_in(api, "approval.asked")
        assert asked["summary"].endswith("Asked by `claude-code` through MCP.")
        assert (await notebook.run("'clf' in dir()"))["result"] == "True"
        given = {"approval": asked["approval"], "allow": True, "always": True}
        assert (await api("post", f"turns/{asked['turn']}/approval", given)).status == 202
        told = await waiting
        assert told.structured_content["ok"] and not told.is_error
        assert "waiting for approval" in heard
        assert (await notebook.run("'clf' in dir()"))["result"] == "False"
        # "Always" is a word to one's own assistant, not to whoever calls from outside.
        await notebook.run(MODEL)
        again = asyncio.ensure_future(claude.raw("delete_model", model_id="clf"))
        while (asked_again := await asked_in(api, "approval.asked"))["approval"] == asked["approval"]:
            await asyncio.sleep(0.05)
        denied = {"approval": asked_again["approval"], "allow": False}
        assert (await api("post", f"turns/{asked_again['turn']}/approval", denied)).status == 202
        refused = await again
        assert refused.is_error and refused.structured_content["fault"]["code"] == "denied"
        assert (await notebook.run("'clf' in dir()"))["result"] == "True"


async def test_what_was_allowed_for_good_is_asked_of_an_agent_all_the_same(agent, open_notebook, api):
    notebook = await open_notebook()
    own = await api.conversation(context={"notebook": notebook.path, "kernel": notebook.kernel})
    direct = {"conversation": own, "args": {"model_id": "clf"}}
    first = await api("post", f"kernels/{notebook.kernel}/tools/delete_model", direct)
    given = {"approval": first.body["approval"]["approval"], "allow": True, "always": True}
    done = await api("post", f"turns/{first.body['turn']}/approval", given, wait=1)
    assert done.body["state"] == "completed"
    await notebook.run(MODEL)
    allowed = await api("post", f"kernels/{notebook.kernel}/tools/delete_model", direct)
    assert allowed.status == 200, "their own calls are allowed now"
    await notebook.run(MODEL)
    async with agent() as claude:
        waiting = asyncio.ensure_future(claude.raw("delete_model", model_id="clf"))
        while True:
            asked = await asked_in(api, "approval.asked")
            if asked["turn"] != first.body["turn"]:
                break
        asking = (await api("get", f"turns/{asked['turn']}")).body
        assert (asking["conversation"], asking["waits_for"]) == (own, "approval")
        await api("post", f"turns/{asked['turn']}/cancel")
        stopped = await waiting
        assert stopped.is_error and stopped.structured_content["fault"]["code"] == "interrupted"


class TestWhenNobodyAnswers:
    @pytest.fixture
    def mlchat(self) -> dict[str, Any]:
        return {"mcp_wait": 3.0}

    async def test_the_call_says_that_it_waits_and_is_asked_about_later(self, agent, open_notebook, api):
        await open_notebook()
        async with agent() as claude:
            waiting = await claude.raw("delete_model", model_id="clf")
            assert not waiting.is_error
            told = waiting.structured_content
            assert told["waiting"] == "approval" and "ok" not in told
            assert (await claude("get_turn", turn=told["turn"]))["waiting"] == "approval"
            asked = await asked_in(api, "approval.asked")
            given = {"approval": asked["approval"], "allow": True}
            await api("post", f"turns/{told['turn']}/approval", given, wait=1)
            assert (await claude("get_turn", turn=told["turn"]))["ok"]
            other = await api.ask(await api.conversation(), "what can you do?")
            for turn in (other.body["turn"], "none", ""):
                missing = await claude.raw("get_turn", turn=turn)
                assert missing.is_error and missing.structured_content["fault"]["code"] == "not_found", turn

    async def test_a_cell_that_runs_is_not_waited_for_by_what_reads(self, agent, open_notebook, tmp_path):
        notebook = await open_notebook()
        async with busy(notebook.client, tmp_path) as cell, agent() as claude:
            read = await claude("list_models")
            assert [model["id"] for model in read["data"]["models"]] == ["clf"], "reading needs no idle kernel"
            assert not cell.done()


async def test_an_agent_approves_nothing(agent, open_notebook, parts):
    from jupyter_mlchat.guard.access import Caller
    from jupyter_mlchat.protocol.commands import ApprovalGive, ToolCall
    from jupyter_mlchat.protocol.faults import Fault
    from jupyter_mlchat.protocol.records import CommandId, Context

    notebook = await open_notebook()
    service = await parts.service()
    caller = Caller("local", "agent", agent="claude-code")
    call = ToolCall(
        id=CommandId("one"), tool="delete_model", args={"model_id": "clf"}, context=Context(kernel=notebook.kernel)
    )
    turn = (await service.submit(call, caller)).turn
    while (found := await service.turn(turn, caller)).pending is None:
        await asyncio.sleep(0.02)
    give = ApprovalGive(id=CommandId("two"), turn=turn, approval=found.pending.id, allow=True)
    with pytest.raises(Fault, match="can't approve"):
        await service.submit(give, caller)


async def test_missing_inputs_are_named_and_the_call_is_made_again(agent, open_notebook, api):
    await open_notebook()
    async with agent() as claude:
        answer = await claude.raw("make_prediction", model_id="clf", features={"age": 30})
        assert answer.is_error
        told = answer.structured_content
        assert (told["needs"]["tool"], told["needs"]["argument"]) == ("make_prediction", "features")
        states = {field["name"]: field["state"] for field in told["needs"]["fields"]}
        assert states == {"age": "given", "income": "missing"}
        assert (await api("get", f"turns/{told['turn']}")).body["state"] == "cancelled", "nobody waits for a form"
        assert (await claude("get_turn", turn=told["turn"]))["needs"] == told["needs"]
        assert (await claude("make_prediction", model_id="clf", features=ROW))["ok"]


@pytest.mark.parametrize("mode", MODES)
async def test_a_cancelled_call_stops_its_turn(agent, open_notebook, api, mode):
    notebook = await open_notebook()
    async with agent(mode=mode) as claude:
        waiting = asyncio.ensure_future(claude.raw("delete_model", model_id="clf"))
        asked = await asked_in(api, "approval.asked")
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        await asked_in(api, "approval.closed")
        turn = (await api("get", f"turns/{asked['turn']}")).body
        assert turn["state"] == "cancelled"
        # The session goes on.
        assert (await claude("list_models"))["ok"]
    given = {"approval": asked["approval"], "allow": True}
    assert (await api("post", f"turns/{asked['turn']}/approval", given)).fault == "conflict"
    assert (await notebook.run("'clf' in dir()"))["result"] == "True"


async def test_what_is_hidden_switched_off_or_not_permitted_stays_so(agent, open_notebook, connect, parts):
    notebook = await open_notebook(code=MODEL + "\nsecret_model = LogisticRegression()")
    socket = await connect()
    async with agent() as claude:
        await socket.send("kernel.update", kernel=notebook.kernel, hide=["secret_model"])
        await socket.until("accepted")
        told = await claude("list_models")
        assert [model["id"] for model in told["data"]["models"]] == ["clf"]
        assert (await claude("get_model_info", model_id="secret_model"))["fault"]["code"] == "unknown_model"
        parts.settings.disabled_tools = ["make_prediction"]
        parts.settings.max_effects = ["read", "predict"]
        tools = await claude.tools()
        assert "make_prediction" not in tools and "delete_model" not in tools and "list_models" in tools
        for name in ("make_prediction", "delete_model"):
            refused = await claude.raw(name, model_id="clf")
            assert refused.is_error and refused.structured_content["fault"]["code"] == "unknown_tool"
        await socket.send("kernel.update", kernel=notebook.kernel, enabled=False)
        await socket.until("accepted")
        off = await claude.raw("list_models")
        assert off.is_error and off.structured_content["fault"]["code"] == "kernel_off"


CANARIES = ("canary", "987654", "4111 1111", "41111111", "313131")
DATA = """
import numpy as np, pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
rng = np.random.default_rng(0)
plan = rng.choice(["basic", "pro"], 300).astype(object)
plan[:3] = "CANARY-RARE"
df = pd.DataFrame({
    "plan": plan,
    "amount": np.append(rng.normal(100, 10, 299), 987654.25),
    "mail": [f"canary{i}@example.org" for i in range(300)],
    "card": "4111 1111 1111 1111",
    "customer_id": np.arange(313131000, 313131300),
})
y = np.array(["stays", "leaves"])[rng.integers(0, 2, 300)]
prepare = make_column_transformer((OneHotEncoder(handle_unknown="ignore"), ["plan"]), remainder="passthrough")
pipe = make_pipeline(prepare, LogisticRegression(max_iter=2000)).fit(df[["plan", "amount"]], y)
X, secret = df[["plan", "amount"]], "canary in a variable"
"""
CALLS: list[tuple[str, dict[str, Any]]] = [
    ("list_models", {}),
    ("get_model_info", {"model_id": "pipe"}),
    ("list_dataframes", {}),
    ("describe_dataframe", {"data": "df"}),
    ("make_prediction", {"model_id": "pipe", "features": {"amount": 1.0}}),
    ("make_prediction", {"model_id": "pipe", "features": {"plan": "nonsense", "amount": "much"}}),
    ("make_prediction", {"model_id": "pipe", "features": "X[0]"}),
    ("validate_features", {"model_id": "pipe", "features": {"plan": "pro"}}),
    ("get_feature_importance", {"model_id": "pipe", "data": "X", "target": "y"}),
    ("explain_prediction", {"model_id": "pipe", "features": "X[299]"}),
    ("evaluate_model", {"model_id": "pipe", "data": "X", "target": "y"}),
    ("sample_rows", {"data": "df"}),
    ("get_system_status", {}),
]


class TestWhatLeaves:
    @pytest.fixture
    def mlchat(self) -> dict[str, Any]:
        return {"mcp_wait": 1.0}

    async def test_no_cell_of_the_data_is_in_anything_an_agent_hears(self, agent, open_notebook):
        await open_notebook(code=DATA)
        async with agent() as claude:
            await claude.tools()
            answers = [await claude.raw(name, **args) for name, args in CALLS]
            heard = " ".join(claude.heard).lower()
        assert not [canary for canary in CANARIES if canary in heard]
        assert sum(not answer.is_error for answer in answers) >= 7, "most of them were answered"
        assert answers[-2].structured_content["waiting"] == "approval", "rows are shown to nobody unasked"

    async def test_the_floor_of_the_administrator_holds(self, agent, open_notebook, parts):
        await open_notebook()
        parts.settings.privacy_floor = "schema"
        async with agent() as claude:
            told = await claude("make_prediction", model_id="clf", features=ROW)
        assert told["data"]["confidence"] == "(held back)"

    async def test_what_looks_personal_is_redacted_also_where_a_number_was(self, agent, open_notebook):
        code = "from jupyter_mlchat import tool\n@tool\ndef whose() -> dict:\n    'Whose it is.'\n"
        await open_notebook(code=code + "    return {'mail': 'ada@example.org', 'card': 4111111111111111}")
        async with agent() as claude:
            told = await claude.client.call_tool("whose", {})
        assert told.structured_content["data"] == {"mail": "[email]", "card": "[card]"} and not told.is_error
        assert '"mail":"[email]"' in told.content[0].text and "[card]" in told.content[0].text


class TestLimits:
    @pytest.fixture
    def mlchat(self) -> dict[str, Any]:
        return {"mcp_wait": 20.0, "rate_limit": 2}

    async def test_who_calls_too_often_is_told_when_to_come_again(self, agent, open_notebook):
        await open_notebook()
        async with agent() as claude:
            for _ in range(2):
                assert not (await claude.raw("list_models")).is_error
            refused = await claude.raw("list_models")
        assert refused.is_error
        assert "Try again in" in refused.content[0].text


async def test_two_agents_at_once_have_their_own_names(agent, open_notebook, api):
    await open_notebook()
    async with agent(name="claude-code") as claude, agent(name="Cursor\n`<b>x</b>` 2", mode="auto") as cursor:
        told = await asyncio.gather(*(one("list_models") for one in (claude, cursor) * 3))
    for number, one in enumerate(told):
        found = (await api("get", f"turns/{one['turn']}/sent")).body
        assert "sent" in found, found
        [sent] = found["sent"]
        assert sent["llm"] == ("mcp/Cursorbx/b 2" if number % 2 else "mcp/claude-code")


# -- the door ------------------------------------------------------------------------------------------

HELLO = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "raw", "version": "1"},
    },
}
LIST = {"jsonrpc": "2.0", "id": 2, "method": "tools/list"}
ACCEPT = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json"}


@pytest.fixture
def raw(jp_asyncio_loop: asyncio.AbstractEventLoop) -> Iterator[httpx2.AsyncClient]:
    client = httpx2.AsyncClient(timeout=30, headers=ACCEPT)
    yield client
    jp_asyncio_loop.run_until_complete(client.aclose())


@pytest.mark.parametrize("token", ["", "Bearer not-the-one"])
async def test_without_the_token_nobody_gets_in(url, raw, token):
    headers = {"Authorization": token} if token else {}
    for method in ("GET", "POST", "DELETE"):
        answer = await raw.request(method, url, headers=headers, json=HELLO)
        assert (answer.status_code, answer.json()["fault"]["code"]) == (403, "forbidden")
        assert "mcp-session-id" not in answer.headers


async def test_a_bearer_token_opens_a_session_that_can_be_ended(url, raw, jp_serverapp):
    token = {"Authorization": f"Bearer {jp_serverapp.identity_provider.token}"}
    opened = await raw.post(url, json=HELLO, headers=token)
    assert opened.status_code == 200
    session = {**token, "Mcp-Session-Id": opened.headers["mcp-session-id"], "MCP-Protocol-Version": "2025-06-18"}
    told = await raw.post(url, json={"jsonrpc": "2.0", "method": "notifications/initialized"}, headers=session)
    assert (told.status_code, told.content) == (202, b"")
    assert '"make_prediction"' in (await raw.post(url, json=LIST, headers=session)).text
    async with raw.stream("GET", url, headers=session) as stream:
        assert (stream.status_code, stream.headers["content-type"].split(";")[0]) == (200, "text/event-stream")
    assert (await raw.delete(url, headers=session)).status_code == 200
    assert (await raw.post(url, json=LIST, headers=session)).status_code == 404


async def test_malformed_requests_are_answered_without_anything_of_ours(url, raw, jp_auth_header, tmp_path):
    for content, status in (
        (b"{", 400),
        (b"[]", 400),
        (b'{"jsonrpc": "2.0", "id": 1, "method": "tools/list"}', 400),
        (b"x" * 2_000_000, 413),
    ):
        answer = await raw.post(url, content=content, headers=jp_auth_header)
        assert answer.status_code == status, content[:50]
        assert "Traceback" not in answer.text and str(tmp_path) not in answer.text


async def test_a_cookie_alone_opens_nothing(url, raw, jp_fetch, jp_auth_header):
    answer = await jp_fetch("api", "me", headers=dict(jp_auth_header))
    cookie = "; ".join(line.split(";")[0] for line in answer.headers.get_list("Set-Cookie"))
    assert cookie
    assert (await raw.post(url, json=HELLO, headers={"Cookie": cookie})).status_code == 403
    foreign = {"Cookie": cookie, "Origin": "https://evil.example"}
    assert (await raw.get(url, headers=foreign)).status_code in (403, 404)


class Names(IdentityProvider):
    """Users are whoever the header says."""

    def get_user(self, handler: Any) -> User | None:
        name = handler.request.headers.get("X-User", "")
        return User(username=name) if name else None


class TestTwoPeople:
    @pytest.fixture
    def jp_server_config(self, jp_server_config: dict[str, Any]) -> dict[str, Any]:
        jp_server_config["ServerApp"] |= {"identity_provider_class": Names, "disable_check_xsrf": True}
        return jp_server_config

    async def test_a_session_is_found_by_who_opened_it_alone(self, url, raw):
        alice, bob = {"X-User": "alice"}, {"X-User": "bob"}
        opened = await raw.post(url, json=HELLO, headers=alice)
        session = {"Mcp-Session-Id": opened.headers["mcp-session-id"], "MCP-Protocol-Version": "2025-06-18"}
        for method in ("POST", "GET", "DELETE"):
            assert (await raw.request(method, url, json=LIST, headers={**session, **bob})).status_code == 404
        assert (await raw.post(url, json=LIST, headers={**session, **alice})).status_code == 200

    async def test_a_turn_is_told_to_its_owner_alone(self, url, open_notebook):
        await open_notebook(**{"X-User": "alice", "Authorization": ""})
        async with connected(url, {"X-User": "alice"}) as hers, connected(url, {"X-User": "bob"}) as his:
            told = await hers("list_models")
            assert told["ok"]
            refused = await his.raw("get_turn", turn=told["turn"])
            assert refused.is_error and refused.structured_content["fault"]["code"] == "not_found"


async def test_a_missing_sdk_is_a_fault_that_names_the_extra(url, raw, jp_auth_header, monkeypatch):
    import sys

    monkeypatch.delitem(sys.modules, "jupyter_mlchat.server.mcp_sessions", raising=False)
    monkeypatch.setitem(sys.modules, "mcp", None)
    answer = await raw.post(url, json=HELLO, headers=jp_auth_header)
    assert (answer.status_code, answer.json()["fault"]["code"]) == (503, "mcp_extra_missing")
    assert 'pip install "jupyter-mlchat[mcp]"' in answer.json()["fault"]["hint"]


async def test_a_list_that_fails_tells_nothing_of_the_server(agent, parts, monkeypatch):
    async def broken() -> dict[str, Any]:
        raise OSError("/home/ada/secret")

    async with agent() as claude:
        monkeypatch.setattr(parts.links, "notebooks", broken)
        with pytest.raises(MCPError, match=r"Something of ours failed \(OSError\)"):
            await claude.tools()
        told = await claude("list_models")
        assert told["fault"]["code"] == "internal" and "ada" not in json.dumps(told)


async def test_a_server_that_stops_ends_sessions_and_leaves_what_waits(agent, open_notebook, api, parts):
    await open_notebook()
    async with agent() as claude:
        waiting = asyncio.ensure_future(claude.raw("delete_model", model_id="clf"))
        asked = await asked_in(api, "approval.asked")
        assert [task for task in asyncio.all_tasks() if "_shutdown_watcher" in str(task.get_coro())]
        sessions = await parts.mcp()
        parts.closing = True
        for call in list(parts.agent_calls):
            call.cancel()
        await sessions.close()
        turn = (await api("get", f"turns/{asked['turn']}")).body
        assert turn["state"] == "waiting", "it may still be allowed after a restart"
        left = [str(task.get_coro()) for task in asyncio.all_tasks()]
        assert not [one for one in left if "sse_starlette" in one or "_shutdown_watcher" in one]
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)


def test_what_we_rely_on_of_the_sdk_is_there() -> None:
    """The few names between us and it; a release that changes them is found here first."""
    import inspect

    from mcp.server import Server
    from mcp.server.session import ServerSession
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

    assert {"version", "instructions", "on_list_tools", "on_call_tool"} <= set(inspect.signature(Server).parameters)
    manager = inspect.signature(StreamableHTTPSessionManager).parameters
    assert {"app", "max_sessions", "max_request_body_size"} <= set(manager)
    # No check of its own on hosts and origins: Jupyter's goes before.
    assert manager["security_settings"].default is None
    assert list(inspect.signature(StreamableHTTPSessionManager.handle_request).parameters)[1:] == [
        "scope", "receive", "send",
    ]  # fmt: skip
    assert {"progress", "message"} <= set(inspect.signature(ServerSession.report_progress).parameters)
    assert isinstance(ServerSession.client_params, property)
