"""A hidden variable is nowhere: no tool, no catalogue, no model that was fitted on it, no history that is sent."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from chat.house import KERNEL, ME, House, new_id
from runtime.context import Context as Tools
from runtime.context import cell
from sklearn.linear_model import LogisticRegression
from trust.asked import Attacker
from trust.obedient import Obedient, Shop

from jupyter_mlchat.chat.outside import hand_out
from jupyter_mlchat.guard.access import Caller
from jupyter_mlchat.protocol import commands as c
from jupyter_mlchat.protocol import events as e
from jupyter_mlchat.protocol.faults import Code
from jupyter_mlchat.protocol.records import Context

NAME = "salaries"


def filled(context: Tools) -> Tools:
    rng = np.random.default_rng(1)
    context.user_ns.update(
        pd=pd,
        clf=LogisticRegression(),
        other=pd.DataFrame({"pay": rng.normal(size=60), "age": rng.normal(size=60)}),
        salaries=pd.DataFrame({"pay": rng.normal(5_000, 10, 60), "age": rng.integers(20, 60, 60)}),
        left=pd.Series(rng.integers(0, 2, 60), name="left"),
    )
    cell(context, f"{NAME}['pay'] *= 1.0")
    cell(context, f"clf.fit({NAME}, left)")
    cell(context, f"model_of_{NAME} = clf")
    cell(context, f"{NAME} = {NAME}.copy()")
    return context


CALLS: list[tuple[str, dict[str, Any]]] = [
    ("list_models", {}), ("list_dataframes", {}), ("get_system_status", {}), ("read_notebook", {}),
    ("read_notebook", {"part": "definitions"}), ("read_notebook", {"part": "errors"}), ("get_running_cell", {}),
    *[("get_model_info", {"model_id": "clf", "detail": detail}) for detail in ("summary", "signature", "steps")],
    *[(tool, {"model_id": "clf"}) for tool in ("check_freshness", "check_leakage", "suggest_inputs", "evaluate_model")],
    ("validate_features", {"model_id": "clf", "features": {}}),
    ("make_prediction", {"model_id": "clf", "data": "other"}),
    ("make_prediction", {"model_id": "clf", "features": {"pay": 5_000, "age": 30}}),
    ("explain_prediction", {"model_id": "clf", "row": "other[0]"}),
    ("check_drift", {"model_id": "clf", "data": "other"}), ("write_model_card", {"model_id": "clf"}),
    ("propose_cell", {"code": "salary"}), ("propose_cell", {"kind": "scoring_function", "model_id": "clf"}),
    ("run_code", {"code": "made = 1"}), ("describe_dataframe", {"data": "salarie"}), ("list_model_files", {}),
    ("list_dataframes", {"model_id": "clf"}), ("find_similar_examples", {"model_id": "clf", "row": "other[0]"}),
]  # fmt: skip


@pytest.fixture(scope="module")
def tools() -> Tools:
    return filled(Tools({}))


@pytest.mark.parametrize(("tool", "args"), CALLS, ids=lambda value: value if isinstance(value, str) else "")
def test_no_tool_speaks_of_it(tools: Tools, tool: str, args: dict[str, Any]) -> None:
    tools.shell.hidden.clear()
    tools.shell.hidden.add(NAME)
    result = tools.run(tool, **args)
    told = {key: value for key, value in result.items() if key != "code"}
    words = json.dumps(told).replace(f"model_of_{NAME}", "").replace(f"model_of_{NAME[:-1]}", "")
    assert NAME not in words, words


@pytest.mark.parametrize(
    "tool", ["describe_dataframe", "make_prediction", "evaluate_model", "make_batch_prediction", "sample_rows"]
)
def test_whoever_names_it_is_told_that_it_is_not_there(tools: Tools, tool: str) -> None:
    tools.shell.hidden.clear()
    tools.shell.hidden.add(NAME)
    args: dict[str, Any] = {"data": NAME}
    args |= {} if tool in ("describe_dataframe", "sample_rows") else {"model_id": "clf"}
    args |= {"into": "scored"} if tool == "make_batch_prediction" else {}
    told = Attacker(tools).told(tool, **args)
    assert not told["ok"] and told["fault"]["code"] in ("unknown_frame", "invalid_input", "not_found"), told
    unknown = Attacker(tools).told(tool, **{**args, "data": "nonsense"})
    assert unknown["fault"]["code"] == told["fault"]["code"], "as of a name that never was"


def test_a_model_does_not_tell_of_the_data_it_was_fitted_on(tools: Tools) -> None:
    tools.shell.hidden.clear()
    seen = Attacker(tools).told("get_model_info", model_id="clf", detail="signature")["data"]
    assert seen["training_data"]["ref"] == NAME and seen["features"][0]["range"][0] > 4_000
    tools.shell.hidden.add(NAME)
    told = Attacker(tools).told("get_model_info", model_id="clf", detail="signature")["data"]
    assert (told["training_data"] or {}).get("ref") != NAME
    assert not told["features"][0]["range"] or told["features"][0]["range"][0] < 4_000


def test_a_column_of_that_name_is_another_thing() -> None:
    context = Tools({"pay": 3, "df": pd.DataFrame({"pay": [1.0] * 20})})
    context.shell.hidden.add("pay")
    told = Attacker(context).told("describe_dataframe", data="df")["data"]
    assert [column["name"] for column in told["columns"]] == ["pay"]


async def hide(house: House, **fields: Any) -> None:
    await house.send(c.KernelUpdate(id=new_id(), kernel=KERNEL, **fields))


async def test_what_was_said_of_it_is_not_sent_again(shop: Shop) -> None:
    house = shop.house
    house.namespace.update(salaries=pd.DataFrame({"pay": [1.0] * 20}), df=pd.DataFrame({"x": [1.0] * 20}))
    shop.llm = Obedient([("describe_dataframe", {"data": NAME})], words=f"`{NAME}` has 20 rows of pay.")
    await house.settle(await house.ask("what do I have?"))
    await shop.ask("and df?", [("describe_dataframe", {"data": "df"})])
    assert NAME in shop.llm.read(), "before it is hidden it goes along"
    await hide(house, hide=[NAME])
    await shop.ask("and now?", [("list_dataframes", {})])
    assert NAME not in shop.llm.read() and '\\"x\\"' in shop.llm.read()
    accepted = await house.ask("again?")
    await house.settle(accepted)
    assert accepted.turn is not None
    bodies = [request.body for request in await house.service.sent(accepted.turn, ME)]
    assert bodies and NAME not in json.dumps(bodies)
    await hide(house, show=[NAME])
    await shop.ask("and now?")
    assert NAME in shop.llm.read()


async def test_it_is_in_no_catalogue_and_no_system_prompt(shop: Shop) -> None:
    shop.house.namespace.update(salaries=pd.DataFrame({"pay": [1.0] * 20}), df=pd.DataFrame({"x": [1.0] * 20}))
    await hide(shop.house, hide=[NAME])
    catalogue = await shop.house.port.catalogue()
    assert NAME not in json.dumps(catalogue) and "df" in json.dumps(catalogue)
    await shop.ask("what do I have?")
    assert NAME not in shop.llm.read() and "df (DataFrame)" in shop.llm.read()


async def test_a_kernel_that_is_off_answers_nobody(shop: Shop) -> None:
    shop.house.namespace.update(salaries=pd.DataFrame({"pay": [1.0] * 20}))
    await shop.ask("what do I have?", [("describe_dataframe", {"data": NAME})])
    await hide(shop.house, hide=[NAME], enabled=False)
    events = await shop.ask("and now?", [("describe_dataframe", {"data": NAME}), ("list_models", {})])
    assert all(not x.result.ok for x in events if isinstance(x, e.ToolReturned))
    [first, *_] = shop.llm.requests
    offered = {tool.name for tool in first.tools}
    assert "describe_dataframe" not in offered and "run_code" not in offered
    assert "pay" not in json.dumps([m for m in first.messages if m["role"] in ("tool", "system")])
    direct = await shop.house.settle(await shop.house.call("list_dataframes"))
    assert any(isinstance(x, e.TurnEnded) and x.state == "failed" for x in direct) or not any(
        x.result.ok for x in direct if isinstance(x, e.ToolReturned)
    )
    with pytest.raises(Exception) as refused:
        await shop.house.port.catalogue()
    assert getattr(refused.value, "code", None) is Code.KERNEL_OFF
    agent = Caller("me", "agent", agent="evil")
    called = await shop.house.service.submit(
        c.ToolCall(id=new_id(), tool="list_dataframes", args={}, context=only_context()), agent
    )
    await shop.house.settle(called)
    assert called.turn is not None
    told = await hand_out(shop.house.service, await shop.house.service.turn(called.turn, ME), agent)
    assert not told.ok and NAME not in told.text


def only_context() -> Context:
    return Context(kernel=KERNEL, notebook="n.ipynb")
