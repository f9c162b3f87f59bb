"""Statistics and comparisons over REST."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from provider import Provider, running, says


@pytest.fixture
def provider() -> Iterator[Provider]:
    with running() as made:
        yield made


@pytest.fixture
def mlchat(provider: Provider) -> dict[str, Any]:
    return {"llm": "openai/one", "llm_base_url": provider.url, "budget_day_tokens": 90_000}


async def test_two_llms_are_compared_and_what_they_took_is_told(api, provider):
    provider.enqueue(says("from one", usage=(20, 2)), says("from two", usage=(30, 3)))
    body = {"text": "hello", "llms": ["openai/one", "openai/two"]}
    compared = await api("post", "compare", body)
    assert compared.status == 200, compared.body
    one, two = compared.body["answers"]
    assert (one["text"], one["state"], one["prompt_tokens"], one["cost"]) == ("from one", "completed", 20, None)
    assert (two["text"], two["answered_by"], two["tool_calls"]) == ("from two", "openai/two", [])
    assert (await api("get", "conversations")).body["conversations"] == []

    rated = await api("post", f"turns/{two['turn']}/feedback", {"score": -1})
    assert rated.status == 202, rated.body
    usage = (await api("get", "usage", by="llm", days=1)).body
    assert [(r["key"], r["prompt_tokens"], r["completed"], r["thumbs_down"]) for r in usage["rows"]] == [
        ("openai/two", 30, 1, 1),
        ("openai/one", 20, 1, 0),
    ]
    [budget] = usage["budgets"]
    assert (budget["scope"], budget["tokens"], budget["spent"], budget["usd"]) == ("day", 90_000, 55, None)


@pytest.mark.parametrize(
    ("body", "about"),
    [
        ({"text": "hello"}, ""),
        ({"text": "hello", "llms": ["openai/one"]}, "llms"),
        ({"text": "", "llms": ["openai/one", "openai/two"]}, "text"),
        ({"text": "hello", "llms": "openai/one", "x": 1}, ""),
    ],
)
async def test_what_can_not_be_compared_is_refused(api, body, about):
    refused = await api("post", "compare", body)
    assert (refused.status, refused.body["fault"].get("about", "")) == (400 if not about else 422, about)


@pytest.mark.parametrize("query", [{"by": "colour"}, {"days": "0"}, {"days": "-1"}, {"days": "all"}])
async def test_what_can_not_be_counted_is_refused(api, query):
    refused = await api("get", "usage", **query)
    assert (refused.status, refused.body["fault"]["code"]) == (400, "malformed")
    assert refused.body["fault"]["about"] in query
