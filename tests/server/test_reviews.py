"""Reviews, corrections, evaluations and experiments over REST, on a real server."""

from __future__ import annotations

import asyncio
import json
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
    return {
        "llm": "openai/one",
        "llm_base_url": provider.url,
        "evaluations": True,
        "failed_answers": "review",
        "experiments": {"tone": {"prompt": ["analyst", "terse"]}},
    }


async def reviews(api: Any, count: int = 1) -> list[dict[str, Any]]:
    """The open ones, once there are `count`."""
    for _ in range(500):
        found = (await api("get", "reviews")).body["reviews"]
        if len(found) >= count:
            return found
        await asyncio.sleep(0.02)
    raise AssertionError("nothing was flagged")


async def test_a_flagged_answer_is_reviewed_corrected_and_exported(api, provider, jp_fetch):
    provider.enqueue(says("It is a forest of 71 trees."))
    conversation = await api.conversation()
    asked = await api.ask(conversation, "what is it?")
    assert asked.body["state"] == "completed"
    [review] = await reviews(api)
    assert (review["turn"], review["held"]) == (asked.body["turn"], False)
    assert review["reasons"] == ["grounded (rules): 0 of 1 numbers come from a tool result."]
    assert [one["details"] for one in review["checks"] if one["name"] == "grounded"] == [["71"]]
    assert (await api("get", f"reviews/{review['id']}")).body == review

    refused = await api("post", f"reviews/{review['id']}", {"decision": "correct"})
    assert (refused.status, refused.body["fault"]["about"]) == (422, "text")
    better = {"decision": "correct", "text": "It is a regression.", "remark": "See its class."}
    decided = await api("post", f"reviews/{review['id']}", better)
    assert (decided.status, decided.body["state"], decided.body["reviewer"]) == (200, "corrected", "local")
    late = await api("post", f"reviews/{review['id']}", {"decision": "approve"})
    assert (late.status, late.fault) == (409, "conflict")
    assert (await api("get", "reviews")).body["reviews"] == []
    assert [one["id"] for one in (await api("get", "reviews", state="all")).body["reviews"]] == [review["id"]]

    answer = await jp_fetch("mlchat/api/reviews/corrections")
    assert answer.headers["Content-Type"] == "application/x-ndjson"
    assert answer.headers["Mlchat-Left-Out"] == "0"
    [line] = answer.body.decode().splitlines()
    assert json.loads(line) == {
        "messages": [{"role": "user", "content": "what is it?"}],
        "rejected": "It is a forest of 71 trees.",
        "chosen": "It is a regression.",
    }
    events = (await api("get", f"conversations/{conversation}/events")).body["events"]
    kinds = [event["type"] for event in events]
    assert kinds.index("turn.ended") < kinds.index("evaluation") < kinds.index("review.asked")
    assert kinds[-1] == "review.closed" and "experiment.assigned" in kinds


async def test_scores_and_arms_are_told(api, provider):
    provider.enqueue(says("It is a forest of 71 trees."))
    asked = await api.ask(await api.conversation(), "what is it?")
    await reviews(api)
    told = (await api("get", "evaluations", by="prompt", days=1)).body
    assert (told["by"], told["waiting"]) == ("prompt", 0)
    [grounded] = [row for row in told["rows"] if row["name"] == "grounded"]
    assert grounded["key"] in ("analyst", "terse")
    assert (grounded["by"], grounded["failed"], grounded["mean"]) == ("rules", 1, 0.0)
    [experiment] = (await api("get", "experiments")).body["experiments"]
    assert (experiment["name"], sum(arm["answers"] for arm in experiment["arms"])) == ("tone", 1)
    assert (await api("get", "experiments/tone")).body == experiment
    assert (await api("get", "experiments/none")).status == 404
    again = await api("post", f"turns/{asked.body['turn']}/review", {"note": "wrong"})
    assert (again.status, again.fault) == (409, "conflict")


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("reviews", {"state": "closed"}),
        ("reviews", {"limit": "0"}),
        ("reviews/corrections", {"limit": "x"}),
        ("evaluations", {"by": "colour"}),
        ("evaluations", {"days": "0"}),
    ],
)
async def test_what_can_not_be_listed_is_refused(api, path, query):
    refused = await api("get", path, **query)
    assert (refused.status, refused.body["fault"]["code"]) == (400, "malformed")
    assert refused.body["fault"]["about"] in query


async def test_an_unknown_review_is_none(api):
    for answer in (await api("get", "reviews/none"), await api("post", "reviews/none", {"decision": "approve"})):
        assert (answer.status, answer.fault) == (404, "not_found")
    assert (await api("post", "turns/none/review", {})).status == 404
