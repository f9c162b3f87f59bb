"""What was sent is complete: a proxy before the provider sees no byte that the record lacks, whatever happens."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest
from chat.house import KERNEL, ME, House, new_id, only
from chat.talking import Make, make, provider
from dialects import claude, llama
from provider import Provider, breaks, calls, fails, says
from sqlalchemy import select
from trust.proxy import Proxy, recording

from jupyter_mlchat.chat.comparison import compare
from jupyter_mlchat.guard.privacy import Ledger, Sent
from jupyter_mlchat.llm.background import Background
from jupyter_mlchat.llm.base import CancelToken, LlmRequest
from jupyter_mlchat.llm.hosted import HostedLlm
from jupyter_mlchat.protocol import commands as c
from jupyter_mlchat.protocol import events as e
from jupyter_mlchat.protocol.records import Context, ToolInfo
from jupyter_mlchat.store.tables import sent

__all__ = ["make", "provider"]
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:litellm")
RARE = "CANARY-RARE"


@pytest.fixture
def proxy(provider: Provider) -> Iterator[Proxy]:
    with recording(provider.root) as made:
        yield made


async def open_behind(make: Make, proxy: Proxy, **settings: Any) -> House:
    environment = {"OPENAI_API_KEY": "sk-none", "LLM_BASE_URL": f"{proxy.root}/v1", "OLLAMA_BASE_URL": proxy.root}
    house = await make(environment=environment, **settings)
    plan = ["basic", "pro"] * 20
    plan[3] = RARE
    house.namespace["df"] = pd.DataFrame({"plan": plan, "amount": [*np.arange(39.0), 987_654.25]})
    return house


async def recorded(house: House) -> list[Any]:
    rows = await house.database.run(lambda tx: tx.execute(select(sent.c.body).order_by(sent.c.id)).scalars().all())
    return [json.loads(row) for row in rows]


def seen(proxy: Proxy) -> list[Any]:
    return [json.loads(body) for body in proxy.bodies if body]


def plain(value: Any) -> Any:
    """litellm leaves out what is null."""
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items() if item is not None}
    return [plain(item) for item in value] if isinstance(value, list) else value


def leaves(value: Any) -> set[str]:
    if isinstance(value, dict):
        return {leaf for item in value.values() for leaf in leaves(item)}
    if isinstance(value, list):
        return {leaf for item in value for leaf in leaves(item)}
    return {json.dumps(value)}


def same(body: Any, record: Any) -> bool:
    """litellm takes the provider's own name off; all else goes as it was recorded."""
    told = {**plain(record), "model": record["model"].partition("/")[2]}
    return bool(plain(body) == told)


async def check(house: House, proxy: Proxy) -> list[Any]:
    # What is recorded is sent right afterwards: a summary may be between the two.
    for _ in range(200):
        bodies, records = seen(proxy), await recorded(house)
        if len(bodies) >= len(records):
            break
        await asyncio.sleep(0.05)
    for body in bodies:
        assert any(same(body, record) for record in records), (body, records)
    for record in records:
        assert any(same(body, record) for body in bodies), "what was recorded was sent"
    assert RARE not in json.dumps(bodies) and "987654" not in json.dumps(bodies)
    return bodies


async def test_over_calls_rounds_and_turns(make: Make, provider: Provider, proxy: Proxy) -> None:
    house = await open_behind(make, proxy)
    provider.enqueue(
        calls(("describe_dataframe", {"data": "df"}), ("list_models", {}), text="let me see"),
        calls(("make_prediction", {"model_id": "clf", "row": "X[0]"})), says("It is ", "so."), says("Again."),
    )  # fmt: skip
    await house.settle(await house.ask("what is in df?"), 60)
    await house.settle(await house.ask("and again?"), 60)
    bodies = await check(house, proxy)
    assert len(bodies) == 4 and set(proxy.paths) <= {"/v1/chat/completions", "/v1/models"}


async def test_over_retries_and_those_who_step_in(make: Make, provider: Provider, proxy: Proxy) -> None:
    house = await open_behind(make, proxy, fallback_ai_provider="openai/second")
    provider.enqueue(fails(503, "busy"), fails(503, "busy"), fails(503, "busy"), says("From the second."))
    events = await house.settle(await house.ask("hello?"), 60)
    assert only(events, e.TurnEnded).state == "completed"
    bodies = await check(house, proxy)
    assert [body["model"] for body in bodies] == ["gpt-4.1-mini"] * 3 + ["second"]
    assert [record["model"] for record in await recorded(house)] == ["openai/gpt-4.1-mini", "openai/second"]


async def test_over_an_answer_that_broke_off_and_was_asked_for_again(
    make: Make, provider: Provider, proxy: Proxy
) -> None:
    house = await open_behind(make, proxy)
    provider.enqueue(breaks("half an "), says("A whole one."))
    accepted = await house.ask("hello?")
    await house.settle(accepted, 60)
    assert accepted.turn is not None
    retried = await house.send(c.TurnRetry(id=new_id(), turn=accepted.turn))
    await house.settle(retried, 60)
    assert len(await check(house, proxy)) >= 2


async def test_over_a_comparison_and_summaries(make: Make, provider: Provider, proxy: Proxy) -> None:
    house = await open_behind(make, proxy, memory_summaries=True, context_window=2)
    provider.enqueue(says("One."), says("Two."))
    context = Context(kernel=KERNEL, notebook="n.ipynb")
    await compare(house.service, ME, "which?", ["openai/one", "openai/two"], context)
    provider.enqueue(*[says(f"Answer {n}.") for n in range(8)])
    for question in ("first?", "second?", "third?"):
        await house.settle(await house.ask(question), 60)
    for _ in range(200):
        if b"You sum up" in b"".join(proxy.bodies):
            break
        await asyncio.sleep(0.05)
    bodies = await check(house, proxy)
    assert {"one", "two"} <= {body["model"] for body in bodies}
    assert any("You sum up" in str(body["messages"][0]["content"]) for body in bodies)


async def test_the_words_of_a_form_left_as_they_were_are_not_told(make: Make, provider: Provider, proxy: Proxy) -> None:
    """A panel sends every field: those of a row that was pointed at have been typed by nobody."""
    house = await open_behind(make, proxy)
    secret = pd.DataFrame({"age": [61.0, 30.0], "income": [987_654.25, 1.0]})
    house.namespace["asked"] = secret
    call = {"model_id": "clf", "row": "asked[0]", "features": {"age": "sixty"}}
    provider.enqueue(calls(("make_prediction", call)), says("Done."), says("Again."))
    accepted = await house.ask("predict the first")
    form = only(await house.settle(accepted, 60), e.FormAsked)
    filled = {field.name: field.value for field in form.spec.fields if field.value is not None}
    assert filled["income"] == 987_654.25, "the person sees it"
    submit = c.FormSubmit(id=new_id(), turn=accepted.turn, form=form.form, values={**filled, "age": 60})  # type: ignore[arg-type]
    events = await house.settle(await house.send(submit), 60)
    result = [x for x in events if isinstance(x, e.ToolReturned)][-1].result
    assert result.ok and (result.local or {})["features"] == {"age": 60, "income": 987_654.25}
    await house.settle(await house.ask("thanks"), 60)
    await check(house, proxy)


TOOL = ToolInfo("list_models", "Models.", {"type": "object", "properties": {"n": {"type": "integer"}}}, "read")
CALLED = {"id": "toolu_9", "type": "function", "function": {"name": "list_models", "arguments": '{"n": 1}'}}
ROUND = LlmRequest(
    [
        {"role": "system", "content": "rules"},
        {"role": "user", "content": "hi"},
        {"role": "assistant", "content": None, "tool_calls": [CALLED]},
        {"role": "tool", "tool_call_id": "toolu_9", "content": '{"data":{"mail":"a@b.org"}}'},
    ],
    [TOOL],
)
WORDS = {
    '"ephemeral"',
    '"text"',
    '"tool_use"',
    '"tool_result"',
    '"auto"',
    '"custom"',
    "true",
    "false",
    '"object"',
    '""',
}
"""What other protocols need around what is told."""


@pytest.mark.parametrize("name", ["anthropic/claude-sonnet-4-6", "ollama_chat/llama3"])
def test_in_other_protocols(name: str, provider: Provider, proxy: Proxy, background: Background) -> None:
    provider.shows["llama3"] = {"capabilities": ["tools"], "template": "", "model_info": {}, "details": {}}
    provider.enqueue(claude("Hello.") if name.startswith("anthropic") else llama("Hello."))
    llm = HostedLlm(
        name, api_key="sk-none", api_base=proxy.root, temperature=0.1, max_tokens=99, timeout_s=20,
        first_chunk_timeout_s=20, background=background,
    )  # fmt: skip
    records: list[Sent] = []
    list(Ledger(llm, records.append, told=llm.told).stream(ROUND, CancelToken()))
    told = leaves(json.loads(records[0].body)) | WORDS | {json.dumps(name.partition("/")[2])}
    for path, body in zip(proxy.paths, proxy.bodies, strict=True):
        if body and path != "/api/show":
            missing = leaves(json.loads(body)) - told
            # Arguments of calls are JSON here and a text there.
            assert missing <= {"1"}, missing
            assert b"a@b.org" not in body
