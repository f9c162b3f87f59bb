"""What the three levels let leave, in a whole turn: names alone, statistics too, or rows as well."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from trust.obedient import Shop

from jupyter_mlchat.protocol import events as e

FRAME = pd.DataFrame({"plan": ["basic", "pro"] * 20, "amount": np.arange(40.0) + 0.125})
ASKED = [("describe_dataframe", {"data": "df"}), ("list_dataframes", {})]


@pytest.fixture(params=["schema", "aggregates", "rows"])
def level(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def settings(level: str) -> dict[str, Any]:
    return {"privacy_floor": level}


async def test_what_is_read_of_a_frame(shop: Shop, level: str) -> None:
    shop.house.namespace["df"] = FRAME
    await shop.ask("what is in df?", ASKED)
    results = json.dumps([m["content"] for m in shop.llm.requests[-1].messages if m["role"] == "tool"])
    assert "amount" in results and "float64" in results and "40" in results
    mean = str(FRAME["amount"].mean())
    assert (mean in results) == (level != "schema")
    assert ("basic" in results) == (level != "schema")


async def test_who_is_asked_before_rows_are_shown(shop: Shop, level: str) -> None:
    shop.house.namespace["df"] = FRAME
    events = await shop.ask("show rows", [("sample_rows", {"data": "df", "n": 3})])
    shown = [x.result.ok for x in events if isinstance(x, e.ToolReturned)]
    asked = [x for x in events if isinstance(x, e.ApprovalAsked)]
    assert (bool(asked), shown) == {"schema": (False, [False]), "aggregates": (True, []), "rows": (False, [True])}[
        level
    ]
    offered = {tool.name for tool in shop.llm.requests[0].tools}
    assert level != "schema" or "sample_rows" not in offered
    if asked:
        assert "At most 3 rows of 2 columns: `plan`, `amount`." in asked[0].summary
