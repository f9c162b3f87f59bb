"""REST of routes, prompts and parameters."""

from __future__ import annotations

from typing import Any

import pytest
from server.front import Api


@pytest.fixture
def mlchat() -> dict[str, Any]:
    return {"external_agents": {"bot": "http://127.0.0.1:9/v1"}}


async def test_routes_are_listed_with_what_they_are_and_what_was_chosen(api: Api, jp_serverapp: Any) -> None:
    conversation = await api.conversation()
    changes = {"route": "builtin", "prompt": "terse", "parameters": {"temperature": 0.5}}
    changed = await api("patch", f"conversations/{conversation}", changes)
    assert {name: changed.body[name] for name in changes} == changes
    told = (await api("get", "routes", conversation=conversation)).body
    assert [one["name"] for one in told["routes"]] == ["agent", "direct", "builtin", "auto", "external/bot"]
    assert all(one["description"] for one in told["routes"])
    assert told["info"]["parameters"] == {"temperature": 0.5}
    assert told["llm"] == "builtin"
    hottest = (await api("get", "routes", llm="anthropic/claude-sonnet-4-6")).body["bounds"][0]
    assert hottest == {"name": "temperature", "minimum": 0, "maximum": 1}


async def test_a_turn_takes_a_route_of_its_own(api: Api, jp_serverapp: Any) -> None:
    conversation = await api.conversation()
    asked = await api.ask(conversation, "what can you do?", route="builtin")
    assert asked.body["state"] == "completed"
    assert [one["route"] for one in asked.body["events"] if one["type"] == "turn.started"] == ["builtin"]
    refused = await api("post", f"conversations/{conversation}/turns", {"text": "hi", "route": "agnet"})
    assert (refused.status, refused.fault) == (422, "invalid_input")
    assert "`agent`" in refused.body["fault"]["hint"]


async def test_a_prompt_from_beginning_to_end(api: Api, jp_serverapp: Any) -> None:
    made = await api("post", "prompts", {"name": "Weekly", "text": "Report on {models}.", "description": "Mondays"})
    assert made.status == 201
    assert (made.body["name"], made.body["text"], made.body["description"]) == (
        "weekly",
        "Report on {models}.",
        "Mondays",
    )
    assert (await api("post", "prompts", {"name": "weekly", "text": "x"})).status == 409
    changed = await api("patch", "prompts/weekly", {"text": "Report."})
    assert (changed.body["text"], changed.body["description"]) == ("Report.", "Mondays")
    assert (await api("get", "prompts/weekly")).body["text"] == "Report."
    names = [one["name"] for one in (await api("get", "prompts")).body["prompts"]]
    assert names == ["analyst", "teacher", "terse", "weekly"]
    assert (await api("delete", "prompts/weekly")).status == 204
    gone = await api("get", "prompts/weekly")
    assert (gone.status, gone.fault) == (404, "not_found")


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("post", "prompts", {"name": "a", "text": "{x.__class__}"}, 422),
        ("post", "prompts", {"name": "a", "text": "{{ 7*7 }}"}, 422),
        ("post", "prompts", {"name": "a"}, 400),
        ("post", "prompts", {"name": "a", "text": "b", "owner": "root"}, 400),
        ("patch", "prompts/teacher", {"text": "Be rude."}, 403),
        ("patch", "prompts/nobodys", {"text": "Be kind."}, 404),
        ("patch", "prompts/weekly", {"name": "other"}, 400),
        ("delete", "prompts/terse", None, 403),
        ("get", "routes?conversation=nobodys", None, 404),
    ],
)
async def test_bad_input_gets_a_fault(
    api: Api, jp_serverapp: Any, method: str, path: str, body: Any, status: int
) -> None:
    path, _, asked = path.partition("?")
    answer = await api(method, path, body, **dict(pair.split("=") for pair in asked.split("&") if pair))
    assert answer.status == status, answer.text


async def test_absurd_parameters_name_the_bounds(api: Api, jp_serverapp: Any) -> None:
    conversation = await api.conversation()
    answer = await api("patch", f"conversations/{conversation}", {"parameters": {"top_p": 17}})
    assert (answer.status, answer.fault) == (422, "invalid_input")
    assert "from 0 to 1" in answer.body["fault"]["message"]
    raw = '{"parameters": {"temperature": 1e999}}'
    assert (await api("patch", f"conversations/{conversation}", raw)).status in (400, 422)
