"""Restart and Run All of a notebook whose llm is hosted: the second run asks nobody, unless something has changed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from frontends.conftest import SETUP
from provider import Provider, calls, running, says

pytestmark = [pytest.mark.timeout(240), pytest.mark.filterwarnings("ignore::DeprecationWarning:litellm")]

CELLS = ("which models are there?", "what matters most to rf?", "and is it any good?")
HAS_MAGIC = "print('chat' in get_ipython().magics_manager.magics['cell'])"


@pytest.fixture
def provider() -> Iterator[Provider]:
    with running() as made:
        yield made


@pytest.fixture
def jp_server_config(provider: Provider, tmp_path: Path) -> dict[str, Any]:
    settings = {"llm": "openai/gpt-4.1-mini", "llm_base_url": provider.url, "data_dir": str(tmp_path / "mlchat")}
    return {"ServerApp": {"jpserver_extensions": {"jupyter_mlchat": True}}, "MLChat": settings}


async def restart(notebook: Any, jp_fetch: Callable[..., Any], change: str = "") -> None:
    """Another process, and the cells above the questions run again."""
    await jp_fetch("api", "kernels", notebook.kernel_id, "restart", method="POST", body="{}")
    await notebook.client.wait_for_ready(timeout=60)
    assert (await notebook.run(f"{SETUP}\n{change}"))["status"] == "ok"
    for _ in range(200):
        if (await notebook.run(HAS_MAGIC))["streams"] == "True\n":
            return
        await asyncio.sleep(0.1)
    raise AssertionError("the restarted kernel was not attached")


async def run_all(notebook: Any) -> list[str]:
    return [await notebook.chat(text) for text in CELLS]


def script(provider: Provider) -> None:
    provider.enqueue(
        calls(("list_models", {})),
        says("These: pipe and rf."),
        calls(("get_feature_importance", {"model_id": "rf"})),
        says("The proline."),
        calls(("evaluate_model", {"model_id": "rf", "data": "wine.data", "target": "wine.target"})),
        says("It is, on what it was fitted on."),
    )


async def test_an_unchanged_notebook_asks_nobody_and_every_call_is_run_again(
    notebook: Any, provider: Provider, jp_fetch: Callable[..., Any]
) -> None:
    script(provider)
    first = await run_all(notebook)
    assert "These: pipe and rf." in first[0]
    asked = len(provider.bodies)
    assert asked == 6
    await restart(notebook, jp_fetch)
    second = await run_all(notebook)
    assert len(provider.bodies) == asked
    for before, after in zip(first, second, strict=True):
        assert before.split("\n\n")[0] == after.split("\n\n")[0]
        assert "The same answer as before; its tool call was run again and agrees." in after
        assert "answered by openai/gpt-4.1-mini" in after


async def test_a_model_refitted_on_other_data_is_asked_about_again(
    notebook: Any, provider: Provider, jp_fetch: Callable[..., Any]
) -> None:
    provider.enqueue(calls(("get_feature_importance", {"model_id": "rf"})), says("The proline."))
    assert "The proline." in await notebook.chat(CELLS[1])
    await restart(notebook, jp_fetch, "rf.fit(wine.data[60:], wine.target[60:])")
    provider.enqueue(says("The colour."))
    answer = await notebook.chat(CELLS[1])
    assert "The colour." in answer
    assert "same answer" not in answer
    assert len(provider.bodies) == 3, "the call was run again before; only its result is worded anew"


async def test_a_frozen_answer_stays_and_says_since_when(
    notebook: Any, provider: Provider, jp_fetch: Callable[..., Any]
) -> None:
    provider.enqueue(calls(("get_feature_importance", {"model_id": "rf"})), says("The proline."))
    await notebook.chat(CELLS[1])
    assert "Frozen" in await notebook.chat("%chat freeze")
    await restart(notebook, jp_fetch, "rf.fit(wine.data[60:], wine.target[60:])")
    answer = await notebook.chat(CELLS[1])
    assert "The proline." in answer
    assert "Frozen on 20" in answer
    assert "answered by openai/gpt-4.1-mini, frozen on 20" in answer
    assert len(provider.bodies) == 2
    assert "answered anew" in await notebook.chat("%chat unfreeze")
    provider.enqueue(calls(("get_feature_importance", {"model_id": "rf"})), says("The colour."))
    assert "The colour." in await notebook.chat(CELLS[1])
    assert "not frozen" in await notebook.chat("%chat unfreeze")


async def test_freezing_nothing_says_so(notebook: Any) -> None:
    assert "no answer yet" in await notebook.chat("%chat freeze")
