"""An approval is for one call as it was asked, of the model as it was, for an hour, by somebody who may give it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import joblib
import msgspec
import pandas as pd
import pytest
from chat.house import KERNEL, ME, House, new_id, only
from sklearn.linear_model import LogisticRegression
from sqlalchemy import update
from trust.obedient import Shop

from jupyter_mlchat.guard.access import Caller
from jupyter_mlchat.protocol import commands as c
from jupyter_mlchat.protocol import events as e
from jupyter_mlchat.protocol.faults import Code, Fault
from jupyter_mlchat.protocol.records import KernelId
from jupyter_mlchat.store.tables import turns

FRAME = pd.DataFrame({"age": [20.0, 30, 40, 50] * 5})
LABEL = [0, 0, 1, 1] * 5


@contextmanager
def main_thread(house: House) -> Iterator[None]:
    """Somebody takes what needs the kernel's main thread, as a waiting cell does."""

    def give(job: Any) -> None:
        threading.Thread(target=job.start, daemon=True).start()

    with house.bridge.main_runs(give):
        yield


async def asked(shop: Shop, tool: str = "delete_model", **args: Any) -> tuple[Any, e.ApprovalAsked]:
    shop.house.namespace.update(
        pipe=LogisticRegression().fit(FRAME, LABEL), other=LogisticRegression().fit(FRAME, LABEL), df=FRAME
    )
    accepted = await shop.house.call(tool, **(args or {"model_id": "pipe"}))
    return accepted, only(await shop.house.settle(accepted), e.ApprovalAsked)


def allow(accepted: Any, approval: str, **fields: Any) -> c.ApprovalGive:
    return c.ApprovalGive(**{"id": new_id(), "turn": accepted.turn, "approval": approval, "allow": True, **fields})


async def refused(shop: Shop, command: c.ApprovalGive, caller: Caller = ME) -> Fault:
    with pytest.raises(Fault) as caught:
        await shop.house.send(command, caller)
    assert "pipe" in shop.house.namespace
    return caught.value


async def test_an_expired_one_is_refused_and_says_what_to_do(shop: Shop) -> None:
    accepted, event = await asked(shop)
    turn = await shop.house.service.turn(accepted.turn, ME)
    assert turn.pending is not None
    past = msgspec.json.encode(msgspec.structs.replace(turn.pending, expires=1.0)).decode()
    await shop.house.database.run(
        lambda tx: tx.execute(update(turns).where(turns.c.id == turn.id).values(pending=past))
    )
    fault = await refused(shop, allow(accepted, event.approval))
    assert fault.code is Code.EXPIRED and fault.record.hint == "Ask again."


@pytest.mark.parametrize("change", ["refit", "replace", "remove"])
async def test_a_model_that_changed_since_is_left_alone(shop: Shop, change: str) -> None:
    accepted, event = await asked(shop)
    space = shop.house.namespace
    if change == "refit":
        space["pipe"].fit(FRAME, LABEL[::-1])
    elif change == "replace":
        space["pipe"] = LogisticRegression(C=0.5).fit(FRAME, LABEL)
    else:
        space["kept"] = space.pop("pipe")
    before = dict(space)
    with main_thread(shop.house):
        events = await shop.house.settle(await shop.house.send(allow(accepted, event.approval)))
    result = [x for x in events if isinstance(x, e.ToolReturned)][-1].result
    assert not result.ok and (result.fault or {})["code"] == "model_changed" and (result.fault or {})["about"] == "pipe"
    assert {**space} == before


async def test_an_unchanged_one_is_deleted(shop: Shop) -> None:
    accepted, event = await asked(shop)
    with main_thread(shop.house):
        events = await shop.house.settle(await shop.house.send(allow(accepted, event.approval)))
    assert [x for x in events if isinstance(x, e.ToolReturned)][-1].result.ok and "pipe" not in shop.house.namespace


async def test_it_is_for_its_own_turn_and_for_once(shop: Shop) -> None:
    first, one = await asked(shop)
    second, two = await asked(shop, model_id="other")
    assert (await refused(shop, allow(first, two.approval))).code is Code.CONFLICT
    assert (await refused(shop, allow(second, one.approval))).code is Code.CONFLICT
    assert (await refused(shop, allow(first, "0" * 32))).code is Code.CONFLICT
    with main_thread(shop.house):
        await shop.house.settle(await shop.house.send(allow(second, two.approval)))
    assert "other" not in shop.house.namespace
    assert (await refused(shop, allow(second, two.approval))).code is Code.CONFLICT


async def test_it_allows_the_call_that_was_shown_and_not_the_next_one(shop: Shop) -> None:
    """An llm that is allowed one thing asks for another with the same words."""
    house = shop.house
    house.namespace.update(pipe=LogisticRegression().fit(FRAME, LABEL), other=LogisticRegression().fit(FRAME, LABEL))
    events = await shop.ask(
        "delete", [("delete_model", {"model_id": "other"})], [("delete_model", {"model_id": "pipe"})]
    )
    event = only(events, e.ApprovalAsked)
    assert event.args == {"model_id": "other"} and "other" in event.summary
    turn = events[0].turn
    with main_thread(house):
        give = c.ApprovalGive(id=new_id(), turn=turn, approval=event.approval, allow=True)  # type: ignore[arg-type]
        events = await house.settle(await house.send(give))
    assert "other" not in house.namespace and "pipe" in house.namespace
    again = [x for x in events if isinstance(x, e.ApprovalAsked)]
    assert len(again) == 2 and again[1].args == {"model_id": "pipe"} and again[1].approval != event.approval


@pytest.mark.parametrize(
    ("caller", "tool", "args"),
    [
        (Caller("me", "agent", agent="evil"), "delete_model", {"model_id": "pipe"}),
        (Caller("me", "kernel", KERNEL), "sample_rows", {"data": "df"}),
        (Caller("me", "kernel", KernelId("another")), "delete_model", {"model_id": "pipe"}),
    ],
)
async def test_who_may_not_give_it(shop: Shop, caller: Caller, tool: str, args: dict[str, Any]) -> None:
    accepted, event = await asked(shop, tool, **args)
    assert (await refused(shop, allow(accepted, event.approval), caller)).code is Code.FORBIDDEN
    assert await shop.house.state(accepted.turn) == "waiting"


async def test_somebody_else_does_not_even_find_it(shop: Shop) -> None:
    accepted, event = await asked(shop)
    assert (await refused(shop, allow(accepted, event.approval), Caller("you"))).code is Code.NOT_FOUND


async def test_while_approved_code_runs_nobody_approves_for_its_kernel(shop: Shop) -> None:
    """Code may find a way to speak as the person: with the token of a server, say, that lies in a file."""
    first, one = await asked(shop)
    told: dict[str, Any] = {}
    begun, go_on = threading.Event(), threading.Event()
    shop.house.namespace.update(begun=begun, go_on=go_on)
    second = await shop.house.call("run_code", code="begun.set(); go_on.wait(20)")
    approval = only(await shop.house.settle(second), e.ApprovalAsked)
    with main_thread(shop.house):
        await shop.house.send(allow(second, approval.approval))
        await asyncio.to_thread(begun.wait, 20)
        told["person"] = await refused(shop, allow(first, one.approval))
        told["kernel"] = await refused(shop, allow(first, one.approval), Caller("me", "kernel", KERNEL))
        go_on.set()
        await shop.house.settle(second)
    assert {who: fault.code for who, fault in told.items()} == {"person": Code.CONFLICT, "kernel": Code.FORBIDDEN}
    with main_thread(shop.house):
        await shop.house.settle(await shop.house.send(allow(first, one.approval)))
    assert "pipe" not in shop.house.namespace, "afterwards the person can"


async def test_a_file_that_an_llm_knows_by_a_handle_is_named_to_who_allows_it(shop: Shop) -> None:
    joblib.dump(LogisticRegression().fit(FRAME, LABEL), "Ann Smith.joblib")
    events = await shop.house.settle(await shop.house.call("list_model_files"))
    handle = only(events, e.ToolReturned).result.data["files"][0]["file"]
    _, event = await asked(shop, "load_model", path=handle)
    assert f"`{handle}` is the file `Ann Smith.joblib`." in event.summary
