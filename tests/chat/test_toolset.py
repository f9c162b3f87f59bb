"""Which tools a request carries, and how more of them are found."""

from __future__ import annotations

import msgspec
import pytest

from jupyter_mlchat.chat.facts import COMMANDS, FIND, UPLOAD_STATUS
from jupyter_mlchat.chat.toolset import CORE, FIND_TOOLS, MAX_SCHEMA_BYTES, MAX_TOOLS, Toolset, schema_bytes
from jupyter_mlchat.protocol.records import ToolInfo
from jupyter_mlchat.runtime.toolbox import Toolbox
from jupyter_mlchat.runtime.tools import MODULES

ALL = [msgspec.convert(tool.describe(), ToolInfo) for tool in Toolbox(MODULES).all()] + [UPLOAD_STATUS, COMMANDS, FIND]


def names(tools: list[ToolInfo]) -> list[str]:
    return [tool.name for tool in tools]


def test_a_request_carries_the_core_and_a_way_to_find_the_rest() -> None:
    toolset = Toolset(ALL, limited=True)
    assert names(toolset.offered) == [*CORE, FIND_TOOLS]
    assert len(toolset.offered) == MAX_TOOLS
    assert sum(map(schema_bytes, toolset.offered)) <= MAX_SCHEMA_BYTES
    assert len(toolset.available) == len(ALL) - 1


def test_a_few_tools_are_all_carried_and_the_built_in_engine_gets_every_one() -> None:
    assert names(Toolset([*ALL[:5], FIND], limited=True).offered) == names(ALL[:5])
    every = Toolset(ALL, limited=False)
    every.add(ALL[:1])
    assert names(every.offered) == names(ALL[:-1])


@pytest.mark.parametrize(
    ("query", "tool"),
    [
        ("has the data drifted", "check_drift"),
        ("leakage", "check_leakage"),
        ("is it fair to older people", "check_fairness"),
        ("best threshold for precision", "get_threshold_curve"),
        ("what would have to change to be approved: a counterfactual", "find_counterfactual"),
        ("prediction interval", "get_prediction_interval"),
        ("results of the grid search", "get_search_results"),
        ("delete a model", "delete_model"),
        ("where is it wrong: analyze the errors", "analyze_errors"),
        ("how far is the running cell", "get_running_cell"),
    ],
)
def test_what_is_looked_for_is_found_and_carried_from_then_on(query: str, tool: str) -> None:
    toolset = Toolset(ALL, limited=True)
    offered = toolset.offered
    assert tool in names(toolset.find(query))[:3]
    assert tool in names(offered)


def test_found_tools_make_room_for_newer_ones_and_the_core_stays() -> None:
    toolset = Toolset(ALL, limited=True)
    for tool in ALL[:-1]:
        toolset.add([tool])
        assert sum(map(schema_bytes, toolset.offered)) <= MAX_SCHEMA_BYTES
    assert names(toolset.offered)[:MAX_TOOLS] == [*CORE, FIND_TOOLS]
    assert ALL[-2].name in names(toolset.offered)


def test_the_persons_own_tools_are_named_where_one_looks() -> None:
    own = ToolInfo("score_lead", "Score a lead.", {}, "read", origin="notebook")
    toolset = Toolset([*ALL, own], limited=True)
    assert "score_lead" in toolset.offered[-1].description
    assert names(toolset.find("score this lead"))[0] == "score_lead"


def test_nothing_is_found_for_words_that_no_tool_has() -> None:
    toolset = Toolset(ALL, limited=True)
    assert toolset.find("zebra xylophone") == []
    assert len(toolset.offered) == MAX_TOOLS
