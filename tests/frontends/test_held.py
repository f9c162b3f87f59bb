"""A cell whose answer is held back ends, and says so; what a reviewer lets go comes into the conversation."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def kind() -> str:
    return "7-imported"


@pytest.fixture
def jp_server_config(tmp_path: Path) -> dict[str, Any]:
    """No answer is as good as this wants it."""
    settings = {"llm": "builtin", "data_dir": str(tmp_path / "mlchat"), "failed_answers": "hold"}
    minimum = {"evaluation_minimum": {"quality": 2.0}}
    return {"ServerApp": {"jpserver_extensions": {"jupyter_mlchat": True}}, "MLChat": {**settings, **minimum}}


async def test_a_cell_does_not_wait_for_the_reviewer(notebook: Any, jp_fetch: Callable[..., Any]) -> None:
    async def api(*path: str, **given: Any) -> Any:
        return json.loads((await jp_fetch("mlchat", "api", *path, **given)).body)

    shown = await notebook.chat("what is rf?")
    assert "The answer is held back until a reviewer has looked at it." in shown
    assert "RandomForest" not in shown
    [review] = (await api("reviews"))["reviews"]
    assert review["held"] and "RandomForest" in review["answer"]
    decided = await api("reviews", review["id"], method="POST", body=json.dumps({"decision": "approve"}))
    assert decided["state"] == "approved"
    [conversation] = (await api("conversations"))["conversations"]
    events = (await api("conversations", conversation["id"], "events", params={"limit": "500"}))["events"]
    assert [event["type"] for event in events[-3:]] == ["review.closed", "text.snapshot", "turn.ended"]
    assert "RandomForest" in events[-2]["text"]
