"""At most one warning a turn of whether an answer can be trusted, over all its calls and attempts."""

from __future__ import annotations

from pathlib import Path

from chat.house import House, only

from jupyter_mlchat.chat.doubts import Doubts
from jupyter_mlchat.protocol.events import ToolReturned
from jupyter_mlchat.protocol.records import ToolResult, TurnId
from jupyter_mlchat.runtime.toolbox import Outcome, tool


@tool()
def doubtful(which: int) -> Outcome:
    """Two doubts, and a remark."""
    return Outcome({"which": which}, doubts=[f"doubt {which}", "another"], warnings=[f"remark {which}"])


async def test_the_first_doubt_of_a_turn_stays_and_remarks_all_do(tmp_path: Path) -> None:
    house = await House(tmp_path).open()
    try:
        house.bridge.toolbox.add(doubtful, "test")
        accepted = await house.call("doubtful", which=1)
        first = only(await house.settle(accepted), ToolReturned).result
        assert first.warnings == ["doubt 1", "remark 1"] and first.doubts == ["doubt 1"]

        journal, turn = house.service.journal, accepted.turn
        assert turn is not None
        second = ToolResult(ok=True, data={"which": 2}, doubts=["doubt 2"], warnings=["doubt 2", "remark 2"])
        later = await Doubts(journal, turn).once(second)
        assert later.warnings == ["remark 2"] and later.doubts == [] and later.data == {"which": 2}

        other = Doubts(journal, TurnId("0" * 32))
        assert (await other.once(second)).warnings == ["doubt 2", "remark 2"], "another turn, another warning"
        assert (await other.once(second)).warnings == ["remark 2"]
    finally:
        await house.close()
