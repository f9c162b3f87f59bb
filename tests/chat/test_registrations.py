"""A form that leads to another tool, whose answer lets the first one go on; and facts kept for the next kernel."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from chat.house import KERNEL, House, new_id, only

from jupyter_mlchat.chat.registrations import MAX_KEPT, Registrations
from jupyter_mlchat.guard.access import Caller
from jupyter_mlchat.protocol import commands as c
from jupyter_mlchat.protocol import events as e
from jupyter_mlchat.protocol.faults import Code, Fault
from jupyter_mlchat.protocol.records import Context
from jupyter_mlchat.runtime.registered import facts_of
from jupyter_mlchat.runtime.toolbox import make_tool
from jupyter_mlchat.runtime.tools import predict, register

FRAME = pd.DataFrame({"fee": [1.0, 2.0, 3.0], "age": [10, 20, 30]})
CELL = Caller("me", "kernel", KERNEL, "n.ipynb")


class Rule:
    """Hand-written: it declares nothing."""

    def predict(self, X: Any) -> Any:
        return X["fee"].to_numpy() + X["age"].to_numpy()


Rule.__module__ = "__main__"


async def a_house(folder: Path, **settings: Any) -> House:
    made = House(folder, **settings)
    made.bridge.toolbox.add(predict.make_prediction, "test")
    made.bridge.toolbox.add(register.register_model, "test")
    made.namespace.update(rule=Rule(), data=FRAME)
    # There is no shell here that would hand over its main thread.
    made.bridge.toolbox._tools["register_model"] = _in_reader(register.register_model)
    return await made.open()


def _in_reader(function: Any) -> Any:
    from dataclasses import replace

    return replace(make_tool(function), lane="reader")


@pytest.fixture
def house(tmp_path: Path, jp_asyncio_loop: asyncio.AbstractEventLoop) -> Iterator[House]:
    made = jp_asyncio_loop.run_until_complete(a_house(tmp_path))
    yield made
    jp_asyncio_loop.run_until_complete(made.close())


async def ask(house: House) -> tuple[e.Accepted, e.FormAsked]:
    accepted = await house.call("make_prediction", model_id="rule", features={"fee": 1, "age": 2})
    return accepted, only(await house.settle(accepted), e.FormAsked)


async def test_the_form_registers_the_model_and_the_first_call_goes_on(house: House) -> None:
    accepted, form = await ask(house)
    assert form.spec.tool == "register_model" and form.spec.fields[0].options == ["data"]
    assert accepted.turn is not None
    submit = c.FormSubmit(id=new_id(), turn=accepted.turn, form=form.form, values={"data": "data"})
    events = await house.settle(await house.send(submit))
    returned = [event for event in events if isinstance(event, e.ToolReturned)]
    assert [(event.tool, event.result.ok) for event in returned] == [
        ("register_model", True),
        ("make_prediction", True),
    ]
    assert returned[1].result.data["prediction"] == 3.0 and returned[1].call == form.call
    assert [event.effect for event in events if isinstance(event, e.ToolCalled)] == ["predict", "write", "predict"]
    assert await house.state(accepted.turn) == "completed"
    assert not [event for event in events if isinstance(event, e.ApprovalAsked)]


async def test_who_may_not_approve_is_asked_for_an_approval_all_the_same(
    tmp_path: Path, jp_asyncio_loop: asyncio.AbstractEventLoop
) -> None:
    house = await a_house(tmp_path, allow_kernel_approval=False)
    accepted, form = await ask(house)
    assert accepted.turn is not None
    submit = c.FormSubmit(id=new_id(), turn=accepted.turn, form=form.form, values={"data": "data"})
    asked = only(await house.settle(await house.send(submit, CELL)), e.ApprovalAsked)
    give = c.ApprovalGive(id=new_id(), turn=accepted.turn, approval=asked.approval, allow=True)
    events = await house.settle(await house.send(give))
    returned = [event for event in events if isinstance(event, e.ToolReturned)]
    assert [event.tool for event in returned] == ["register_model", "make_prediction"] and returned[1].result.ok
    await house.close()


@pytest.mark.parametrize("way", ["dismiss", "deny"])
async def test_a_refusal_is_the_answer_of_the_first_call(house: House, way: str) -> None:
    house.settings.allow_kernel_approval = False
    accepted, form = await ask(house)
    assert accepted.turn is not None
    if way == "dismiss":
        events = await house.settle(await house.send(c.FormDismiss(id=new_id(), turn=accepted.turn, form=form.form)))
    else:
        submit = c.FormSubmit(id=new_id(), turn=accepted.turn, form=form.form, values={"data": "data"})
        asked = only(await house.settle(await house.send(submit, CELL)), e.ApprovalAsked)
        give = c.ApprovalGive(id=new_id(), turn=accepted.turn, approval=asked.approval, allow=False)
        events = await house.settle(await house.send(give, CELL))
    last = [event for event in events if isinstance(event, e.ToolReturned)][-1]
    assert (last.tool, last.result.ok, last.call) == ("make_prediction", False, form.call)
    assert "registered" not in house.bridge.state


async def test_where_writing_is_not_permitted_there_is_no_form(
    tmp_path: Path, jp_asyncio_loop: asyncio.AbstractEventLoop
) -> None:
    house = await a_house(tmp_path, max_effects=["read", "predict"])
    accepted = await house.call("make_prediction", model_id="rule", features={"fee": 1})
    fault = only(await house.settle(accepted), e.ToolReturned).result.fault
    assert fault is not None and fault["code"] == "unsupported" and "not permitted" in fault["hint"]
    await house.close()


def facts(name: str = "rule", model: Any = None, **more: Any) -> dict[str, Any]:
    return facts_of(name, model or Rule(), FRAME, **more).to_dict()


async def test_the_next_kernel_of_the_notebook_is_reminded(house: House) -> None:
    await house.service.registrations.keep("me", "n.ipynb", facts())
    accepted = await house.call("make_prediction", model_id="rule", features={"fee": 1, "age": 2})
    result = only(await house.settle(accepted), e.ToolReturned).result
    assert result.data["prediction"] == 3.0
    assert "in an earlier kernel" in str(result.evidence)


@pytest.mark.parametrize(("owner", "notebook"), [("you", "n.ipynb"), ("me", "other.ipynb")])
async def test_only_its_owner_and_its_notebook(house: House, owner: str, notebook: str) -> None:
    await house.service.registrations.keep(owner, notebook, facts())
    await ask(house)


async def test_what_is_kept_is_bounded(house: House) -> None:
    kept = Registrations(house.database)
    for number in range(MAX_KEPT + 3):
        await kept.keep("me", "n.ipynb", facts(f"m{number}"))
    names = [one["name"] for one in await kept.of("me", "n.ipynb")]
    assert len(names) == MAX_KEPT and names[-1] == f"m{MAX_KEPT + 2}" and "m0" not in names
    await kept.keep("me", "n.ipynb", {**facts("wide"), "profiles": {"a": "x" * 300_000}})
    assert (await kept.of("me", "n.ipynb"))[-1]["profiles"] == {}
    await kept.keep("me", "n.ipynb", {**facts("wider"), "units": {"a": "x" * 300_000}})
    await kept.keep("me", "n.ipynb", {"name": 3})
    await kept.keep("me", "", facts("elsewhere"))
    assert (await kept.of("me", "n.ipynb"))[-1]["name"] == "wide" and await kept.of("me", "") == []
    await kept.keep("me", "n.ipynb", {**facts("wide"), "threshold": 0.25})
    assert [one["threshold"] for one in await kept.of("me", "n.ipynb") if one["name"] == "wide"] == [0.25]


# -- code that was approved has no word of its own ----------------------------------------------------------


async def test_a_kernel_approves_nothing_while_approved_code_runs_in_it(house: House) -> None:
    from dataclasses import replace

    from jupyter_mlchat.runtime.tools import notebook

    house.bridge.toolbox._tools["run_code"] = replace(make_tool(notebook.run_code), lane="reader")
    write = await house.call("store", name="made")
    asked = only(await house.settle(write), e.ApprovalAsked)
    assert write.turn is not None
    elsewhere = await house.send(c.ConversationOpen(id=new_id(), new=True, context=Context(kernel=KERNEL)))
    code = "import time\nstarted = True\nwhile 'stop' not in globals(): time.sleep(0.01)"
    run = c.ToolCall(
        id=new_id(), tool="run_code", args={"code": code}, conversation=elsewhere.conversation,
        context=Context(kernel=KERNEL),
    )  # fmt: skip
    running = await house.send(run)
    approval = only(await house.settle(running), e.ApprovalAsked)
    assert running.turn is not None and approval.code == code
    await house.send(c.ApprovalGive(id=new_id(), turn=running.turn, approval=approval.approval, allow=True))
    while "started" not in house.namespace:
        await asyncio.sleep(0.01)
    give = c.ApprovalGive(id=new_id(), turn=write.turn, approval=asked.approval, allow=True)
    with pytest.raises(Fault) as refused:
        await house.send(give, CELL)
    assert refused.value.record.code is Code.FORBIDDEN and "can't approve now" in refused.value.record.message
    assert "made" not in house.namespace
    house.namespace["stop"] = True
    assert only(await house.settle(running), e.ToolReturned).result.data["status"] == "finished"
    await house.settle(await house.send(give, CELL))
    assert house.namespace["made"] == 1


async def test_stopping_a_direct_call_withdraws_it_from_the_kernel(house: House) -> None:
    accepted = await house.call("slow", seconds=20)
    assert accepted.turn is not None
    await asyncio.sleep(0.3)
    await house.send(c.TurnCancel(id=new_id(), turn=accepted.turn))
    await house.settle(accepted)
    quick = await house.call("add", a=1)
    assert only(await house.settle(quick, 15), e.ToolReturned).result.data == {"sum": 2.0}


async def test_what_is_kept_follows_the_notebook_to_its_new_name(house: House) -> None:
    kept = house.service.registrations
    await kept.keep("me", "n.ipynb", facts("rule", units={"fee": "EUR"}))
    await kept.keep("me", "new.ipynb", facts("rule"))
    await kept.keep("me", "new.ipynb", facts("old"))
    await kept.keep("you", "n.ipynb", facts("rule"))
    conversation = (await house.ask("hello")).conversation
    await house.send(c.ConversationUpdate(id=new_id(), conversation=conversation, title="same place"))
    assert [one["name"] for one in await kept.of("me", "n.ipynb")] == ["rule"]
    await house.send(c.ConversationUpdate(id=new_id(), conversation=conversation, notebook="new.ipynb"))
    assert await kept.of("me", "n.ipynb") == []
    found = {one["name"]: one["units"] for one in await kept.of("me", "new.ipynb")}
    assert found == {"rule": {"fee": "EUR"}, "old": {}}
    assert [one["name"] for one in await kept.of("you", "n.ipynb")] == ["rule"]


@pytest.mark.parametrize("busy", [True, False])
async def test_hiding_a_name_tells_what_the_kernel_does(house: House, busy: bool) -> None:
    told: list[e.Event] = []
    conversation = (await house.ask("hello")).conversation
    stop = await house.service.follow(conversation, 10_000, Caller("me"), told.append)
    house.bridge.shell._began = time.monotonic() if busy else None
    await house.send(c.KernelUpdate(id=new_id(), kernel=KERNEL, hide=["secret"]))
    await house.send(c.KernelUpdate(id=new_id(), kernel=KERNEL, enabled=False))
    states = [event.state for event in told if isinstance(event, e.KernelChanged)]
    assert states == ["busy" if busy else "idle", "disabled"]
    stop()
