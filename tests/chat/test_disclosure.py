"""An approval of raw rows names the columns and the number of rows that would be shown."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from chat.house import ME, House, new_id, only
from sklearn.linear_model import LinearRegression

from jupyter_mlchat.connections.questions import answer_to
from jupyter_mlchat.guard.access import Caller
from jupyter_mlchat.protocol import commands as c
from jupyter_mlchat.protocol.events import Accepted, ApprovalAsked, Previewed
from jupyter_mlchat.protocol.faults import Code, Fault
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


async def asked(house: House, tool: str, **args: Any) -> tuple[Accepted, c.ApprovalPreview]:
    """A call that waits for a person's word, and the question of what it would show."""
    accepted = await house.call(tool, **args)
    approval = only(await house.settle(accepted), ApprovalAsked).approval
    assert accepted.turn is not None
    return accepted, c.ApprovalPreview(id=new_id(), turn=accepted.turn, approval=approval)


async def test_a_person_sees_the_rows_before_and_nobody_else_ever_does(house: House) -> None:
    accepted, question = await asked(house, "sample_rows", data="data", n=2, columns=["age"])
    before = await house.events(accepted.conversation)
    told = await answer_to(house.service, question, ME)
    assert isinstance(told, Previewed)
    shown = told.result.local or told.result.data
    assert [set(row) for row in shown["rows"]] == [{"row", "age"}] * 2
    assert {row["age"] for row in shown["rows"]} < {10, 20, 30, 40}
    assert await house.events(accepted.conversation) == before
    give = c.ApprovalGive(id=new_id(), turn=question.turn, approval=question.approval, allow=False)
    await house.settle(await house.send(give))
    for caller, code in ((ME, Code.CONFLICT), (Caller("you"), Code.NOT_FOUND)):
        with pytest.raises(Fault) as refused:
            await answer_to(house.service, question, caller)
        assert refused.value.code is code


async def test_what_shows_no_rows_is_not_run_for_a_preview(house: House) -> None:
    _, question = await asked(house, "store", name="fresh")
    with pytest.raises(Fault) as refused:
        await answer_to(house.service, question, ME)
    assert refused.value.code is Code.UNSUPPORTED and "fresh" not in house.namespace


def test_the_cap_is_the_one_of_the_tool() -> None:
    from jupyter_mlchat.chat.disclosure import MAX_SIMILAR

    assert MAX_SIMILAR == alternatives.MAX_SIMILAR
