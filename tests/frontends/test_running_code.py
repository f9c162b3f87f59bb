"""Code that a person approved, in a real kernel: it runs, it can be stopped, and it has no word in the chat."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from kernels import IMPORTED, there

pytestmark = pytest.mark.timeout(240)
Fetch = Callable[..., Any]


async def post(jp_fetch: Fetch, *path: str, **body: Any) -> Any:
    answer = await jp_fetch("mlchat", "api", *path, method="POST", body=json.dumps(body), raise_error=False)
    return json.loads(answer.body)


async def state_of(jp_fetch: Fetch, turn: str) -> str:
    found: str = json.loads((await jp_fetch("mlchat", "api", "turns", turn)).body)["state"]
    return found


async def ended(jp_fetch: Fetch, asked: Any) -> Any:
    """The result that the turn ends with."""
    for _ in range(600):
        if await state_of(jp_fetch, asked["turn"]) not in ("queued", "active", "waiting"):
            break
        await asyncio.sleep(0.05)
    answer = await jp_fetch("mlchat", "api", "conversations", asked["conversation"], "events", params={"limit": "200"})
    events = [one for one in json.loads(answer.body)["events"] if one.get("turn") == asked["turn"]]
    returned = [one["result"] for one in events if one["type"] == "tool.returned"]
    return returned[-1] if returned else events[-1]


async def propose(notebook: Any, jp_fetch: Fetch, code: str) -> Any:
    asked = await post(jp_fetch, "kernels", notebook.kernel_id, "tools", "run_code", args={"code": code})
    assert asked["approval"]["code"] == code, asked
    return asked


async def approve(jp_fetch: Fetch, asked: Any) -> None:
    await post(jp_fetch, "turns", asked["turn"], "approval", approval=asked["approval"]["approval"], allow=True)


PROBE = "print(sorted(n for n in globals() if not n.startswith('_')), len(In), len(Out), _)"


async def test_it_runs_after_the_approval_and_leaves_the_history_alone(notebook: Any, jp_fetch: Fetch) -> None:
    await notebook.run("random_seen = 41\nrandom_seen + 1")
    before = await notebook.run(PROBE)
    asked = await propose(notebook, jp_fetch, "print('shown')\nimport matplotlib\nrandom_seen * 2")
    assert (await notebook.run("print('matplotlib' in globals())"))["streams"] == "False\n"
    await approve(jp_fetch, asked)
    result = await ended(jp_fetch, asked)
    assert result["data"]["status"] == "finished" and result["data"]["created"] == ["matplotlib"]
    assert result["local"]["output"] == ["shown"] and result["local"]["value"]["text"] == ["82"]
    after = await notebook.run(PROBE)
    assert after["count"] == before["count"] + 2
    names, _, rest = before["streams"].partition("] ")
    assert after["streams"].startswith(names[:20]) and rest == "3 1 42\n".replace("3", rest.split()[0])
    assert after["streams"].split("] ")[1].split()[1:] == rest.split()[1:]


@pytest.mark.parametrize("way", ["interrupt", "stop"])
async def test_it_can_be_stopped(notebook: Any, jp_fetch: Fetch, jp_serverapp: Any, way: str, tmp_path: Path) -> None:
    told = f"open({str(tmp_path / 'begun')!r}, 'w').close()"
    asked = await propose(notebook, jp_fetch, f"import time\nbegun = True\n{told}\ntime.sleep(60)\nbegun = 'ended'")
    await approve(jp_fetch, asked)
    await there(tmp_path / "begun")
    if way == "interrupt":
        await jp_serverapp.kernel_manager.get_kernel(notebook.kernel_id).interrupt_kernel()
        assert (await asyncio.wait_for(ended(jp_fetch, asked), 30))["data"]["status"] == "interrupted"
    else:
        await post(jp_fetch, "turns", asked["turn"], "cancel")
    assert (await asyncio.wait_for(notebook.run("print(begun)"), 30))["streams"] == "True\n"


STUBBORN = """
import os, time
try:
    open({begun!r}, "w").close()
    time.sleep(60)
except BaseException:
    while not os.path.exists({end!r}):
        time.sleep(0.01)
"""


async def test_nothing_is_approved_while_code_that_was_given_up_still_runs(
    notebook: Any, jp_fetch: Fetch, tmp_path: Path
) -> None:
    code = STUBBORN.format(begun=str(tmp_path / "begun"), end=str(tmp_path / "end"))
    waiting = await post(jp_fetch, "kernels", notebook.kernel_id, "tools", "delete_model", args={"model_id": "rf"})
    other = json.loads((await jp_fetch("mlchat", "api", "conversations", method="POST", body="{}")).body)["id"]
    asked = await post(
        jp_fetch, "kernels", notebook.kernel_id, "tools", "run_code", args={"code": code}, conversation=other
    )
    await approve(jp_fetch, asked)
    await there(tmp_path / "begun")
    await post(jp_fetch, "turns", asked["turn"], "cancel")
    await asyncio.wait_for(ended(jp_fetch, asked), 30)
    word = {"approval": waiting["approval"]["approval"], "allow": True}
    refused = await post(jp_fetch, "turns", waiting["turn"], "approval", **word)
    assert refused["fault"]["code"] == "conflict", refused
    (tmp_path / "end").touch()
    for _ in range(300):
        taken = await post(jp_fetch, "turns", waiting["turn"], "approval", **word)
        if "fault" not in taken:
            break
        await asyncio.sleep(0.1)
    assert "fault" not in taken, taken
    await asyncio.wait_for(ended(jp_fetch, waiting), 30)
    assert (await notebook.run("print('rf' in globals())"))["streams"] == "False\n"


INSIDE = """
from jupyter_mlchat import Chat
reply = Chat().ask("which models do I have?")
print(reply.fault["code"], reply.text)
get_ipython().run_line_magic("chat", "approve")
import threading
def later():
    chat = Chat()
    heard = type(reply)(turn_id="{turn}", status="waiting")
    command = dict(type="approval.give", turn="{turn}", approval="{approval}", allow=True)
    for _ in chat.follow(command, heard):
        pass
    globals()["told"] = heard.fault["code"]
thread = threading.Thread(target=later); thread.start(); thread.join()
print(told)
"""


async def test_code_that_was_approved_approves_nothing(notebook: Any, jp_fetch: Fetch) -> None:
    waiting = await post(jp_fetch, "kernels", notebook.kernel_id, "tools", "delete_model", args={"model_id": "rf"})
    code = INSIDE.format(turn=waiting["turn"], approval=waiting["approval"]["approval"])
    other = json.loads((await jp_fetch("mlchat", "api", "conversations", method="POST", body="{}")).body)["id"]
    asked = await post(
        jp_fetch, "kernels", notebook.kernel_id, "tools", "run_code", args={"code": code}, conversation=other
    )
    await approve(jp_fetch, asked)
    result = await ended(jp_fetch, asked)
    assert result["data"]["status"] == "finished", result
    lines = result["local"]["output"]
    assert lines[0].startswith("forbidden") and lines[-1] == "forbidden", lines
    assert await state_of(jp_fetch, waiting["turn"]) == "waiting"
    assert (await notebook.run("print('rf' in globals())"))["streams"] == "True\n"
    forged = (
        code.partition("get_ipython")[0]
        .replace('reply = Chat().ask("which models do I have?")', "")
        .replace(
            'print(reply.fault["code"], reply.text)',
            FORGED.format(turn=waiting["turn"], approval=waiting["approval"]["approval"]),
        )
    )
    asked = await post(
        jp_fetch, "kernels", notebook.kernel_id, "tools", "run_code", args={"code": forged}, conversation=other
    )
    await approve(jp_fetch, asked)
    assert (await ended(jp_fetch, asked))["data"]["status"] == "finished"
    assert await state_of(jp_fetch, waiting["turn"]) == "waiting"


FORGED = """
import time, uuid
kernel = get_ipython().kernel
command = dict(id=uuid.uuid4().hex, type="approval.give", turn="{turn}", approval="{approval}", allow=True)
content = dict(kind="command", channel=uuid.uuid4().hex, command=command)
kernel.session.send(kernel.iopub_socket, "mlchat_up", content, ident=b"mlchat.up")
time.sleep(1.5)
"""


async def test_a_cell_that_waits_lends_its_main_thread(notebook: Any, jp_fetch: Fetch) -> None:
    done = await notebook.run(
        "from jupyter_mlchat import Chat\nchat = Chat()\n"
        # Under whichever name the runtime is in this kernel.
        "reply = type(chat.ask('what can you do?'))(status='active')\n"
        "for _ in chat.follow({'type': 'tool.call', 'tool': 'run_code', 'args': {'code': 'made = 5'}}, reply): pass\n"
        "print(reply.status, reply.approval['code'])\nreply.approve()\n"
        "print(reply.status, reply.tool_calls[-1].data['created'], made)"
    )
    assert done["streams"] == "waiting made = 5\ncompleted ['made'] 5\n", done


SPEAKS_AS_THE_PERSON = """
import json, os, urllib.error, urllib.request
print([name for name in os.environ if name.endswith("TOKEN")])
body = json.dumps(dict(approval="{approval}", allow=True)).encode()
headers = {{"Authorization": "{key}", "Content-Type": "application/json"}}
request = urllib.request.Request("{url}", body, headers, method="POST")
try:
    print(urllib.request.urlopen(request).status)
except urllib.error.HTTPError as error:
    print(error.code, json.loads(error.read())["fault"]["code"])
"""


@pytest.mark.parametrize("kind", IMPORTED[:1])
async def test_not_even_with_the_token_of_the_server(
    notebook: Any, jp_fetch: Fetch, jp_auth_header: Any, jp_serverapp: Any
) -> None:
    """A kernel's environment has none; this code has found it, as any code of the person's could."""
    waiting = await post(jp_fetch, "kernels", notebook.kernel_id, "tools", "delete_model", args={"model_id": "rf"})
    url = f"{jp_serverapp.connection_url}mlchat/api/turns/{waiting['turn']}/approval"
    key = jp_auth_header["Authorization"]
    code = SPEAKS_AS_THE_PERSON.format(approval=waiting["approval"]["approval"], key=key, url=url)
    other = json.loads((await jp_fetch("mlchat", "api", "conversations", method="POST", body="{}")).body)["id"]
    asked = await post(
        jp_fetch, "kernels", notebook.kernel_id, "tools", "run_code", args={"code": code}, conversation=other
    )
    await approve(jp_fetch, asked)
    result = await ended(jp_fetch, asked)
    assert result["data"]["status"] == "finished", result
    assert result["local"]["output"] == ["[]", "409 conflict"]
    assert await state_of(jp_fetch, waiting["turn"]) == "waiting"
