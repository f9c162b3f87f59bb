"""An approval of raw rows names the columns and the number of rows that would be shown."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from chat.house import House, only
from sklearn.linear_model import LinearRegression

from jupyter_mlchat.protocol.events import ApprovalAsked
from jupyter_mlchat.runtime.tools import alternatives, rows

FRAME = pd.DataFrame({"fee": [1.0, 2.0, 3.0, 4.0], "age": [10, 20, 30, 40], "left": [0.0, 1.0, 0.0, 1.0]})


@pytest.fixture
def house(tmp_path: Path, jp_asyncio_loop: asyncio.AbstractEventLoop) -> Iterator[House]:
    made = House(tmp_path)
    made.bridge.toolbox.add(alternatives.find_similar_examples, "test")
    made.bridge.toolbox.add(rows.sample_rows, "test")
    line = LinearRegression().fit(FRAME[["fee", "age"]], FRAME["left"])
    made.namespace.update(line=line, data=FRAME)
    jp_asyncio_loop.run_until_complete(made.open())
    yield made
    jp_asyncio_loop.run_until_complete(made.close())


@pytest.mark.parametrize(
    ("tool", "args", "says"),
    [
        ("sample_rows", {"data": "data", "n": 3}, "At most 3 rows of 3 columns: `fee`, `age`, `left`."),
        ("sample_rows", {"data": "data", "columns": ["age"]}, "rows of 1 columns: `age`."),
        (
            "find_similar_examples",
            {"model_id": "line", "row": "data[0]", "data": "data"},
            "At most 5 rows of 2 columns: `fee`, `age`. With the true answer of each",
        ),
        ("find_similar_examples", {"model_id": "line", "row": "data[0]", "k": 90}, "At most 20 rows of 2 columns"),
    ],
)
async def test_the_approval_says_what_would_be_shown(house: House, tool: str, args: dict[str, Any], says: str) -> None:
    accepted = await house.call(tool, **args)
    assert says in only(await house.settle(accepted), ApprovalAsked).summary


def test_the_cap_is_the_one_of_the_tool() -> None:
    from jupyter_mlchat.chat.disclosure import MAX_SIMILAR

    assert MAX_SIMILAR == alternatives.MAX_SIMILAR
