"""A figure that goes along with a question: who is shown it, when a person is asked, and that it goes once."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from chat.house import ME, House, new_id, only
from chat.talking import LLM, Make, make, provider, text_of
from provider import Page, Provider, calls, fails, says

from jupyter_mlchat.guard.pictures import check_pictures
from jupyter_mlchat.protocol import commands as c
from jupyter_mlchat.protocol import events as e
from jupyter_mlchat.protocol.codec import MAX_PICTURE_BYTES, decode_command
from jupyter_mlchat.protocol.faults import Code, Fault
from jupyter_mlchat.protocol.records import Picture
from jupyter_mlchat.store.tables import events as stored
from jupyter_mlchat.store.tables import sent

__all__ = ["make", "provider"]
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:litellm")
PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(range(60))).decode()
JPEG = base64.b64encode(b"\xff\xd8\xff\xe0" + bytes(range(60))).decode()
FIGURE = Picture("image/png", PNG, "figure of In[5]")
URL = f"data:image/png;base64,{PNG}"
ASKED = "what does it show?"


def sighted(provider: Provider, *names: str) -> None:
    """Their server says that they can see; of others it says nothing."""
    listed = [{"id": name, "architecture": {"input_modalities": ["text", "image"]}} for name in names]
    provider.pages["/v1/models"] = Page({"object": "list", "data": [*listed, {"id": "other"}]})


def count(body: dict[str, Any], data: str = PNG) -> int:
    return str(body).count(data)


def notices(events: list[e.AnyEvent]) -> dict[str, str]:
    return {event.code: event.text for event in events if isinstance(event, e.Notice)}


async def ask(house: House, **fields: Any) -> tuple[e.Accepted, list[e.AnyEvent]]:
    accepted = await house.ask(ASKED, images=[FIGURE], **fields)
    return accepted, await house.settle(accepted)


async def decide(house: House, events: list[e.AnyEvent], allow: bool, always: bool = False) -> list[e.AnyEvent]:
    asked = only(events, e.ApprovalAsked)
    assert asked.turn is not None
    give = c.ApprovalGive(id=new_id(), turn=asked.turn, approval=asked.approval, allow=allow, always=always)
    return await house.settle(await house.send(give))


@pytest.mark.parametrize("route", ["agent", "direct"])
async def test_at_the_level_of_rows_it_goes_once_and_later_turns_have_words(
    make: Make, provider: Provider, route: str
) -> None:
    sighted(provider, "gpt-4.1-mini")
    house = await make(privacy_floor="rows", route=route)
    provider.enqueue(says("A line."), says("As I said."))
    accepted, events = await ask(house)
    assert text_of(events) == "A line." and not notices(events)
    [body] = provider.bodies
    question = body["messages"][-1]["content"]
    assert [part["type"] for part in question] == ["text", "image_url"] and count(body) == 1
    assert question[1]["image_url"]["url"] == URL and ASKED in question[0]["text"]
    assert only(events, e.Message).images == [FIGURE]
    await house.settle(await house.ask("and why?"))
    assert count(provider.bodies[1]) == 0 and "figure of In[5]" in str(provider.bodies[1]["messages"])
    # What was sent is told whole.
    [told] = await house.service.sent(accepted.turn, ME)  # type: ignore[arg-type]
    assert count(told.body) == 1


async def test_every_round_of_the_turn_has_it(make: Make, provider: Provider) -> None:
    sighted(provider, "gpt-4.1-mini")
    house = await make(privacy_floor="rows")
    provider.enqueue(calls(("add", {"a": 1})), says("Two."))
    await ask(house)
    assert [count(body) for body in provider.bodies] == [1, 1]


async def test_below_that_level_a_person_is_asked_before_anything_leaves(make: Make, provider: Provider) -> None:
    sighted(provider, "gpt-4.1-mini")
    house = await make()
    _, events = await ask(house)
    asked = only(events, e.ApprovalAsked)
    assert (asked.effect, asked.args) == ("disclose", {"figures": ["figure of In[5]"], "llms": [LLM]})
    assert LLM in asked.summary and "68 bytes" in asked.summary
    assert provider.bodies == [] and only(events, e.TurnWaiting).waits_for == "approval"
    provider.enqueue(calls(("delete_model", {"model_id": "clf"})), says("It stays."))
    events = await decide(house, events, allow=True)
    assert count(provider.bodies[0]) == 1 and not any(isinstance(event, e.ToolReturned) for event in events)
    # The next attempt of the turn, after another wait, does not ask for it again.
    assert [one.tool for one in events if isinstance(one, e.ApprovalAsked)] == ["show_figures", "delete_model"]
    waiting = [one for one in events if isinstance(one, e.ApprovalAsked)][-1:]
    events = await decide(house, list(waiting), allow=False)
    assert text_of(events) == "It stays." and count(provider.bodies[1]) == 1


async def test_denied_the_question_goes_in_words(make: Make, provider: Provider) -> None:
    sighted(provider, "gpt-4.1-mini")
    house = await make()
    provider.enqueue(says("I can't see it."))
    _, events = await ask(house)
    events = await decide(house, events, allow=False)
    assert "did not allow" in notices(events)["figure_withheld"] and text_of(events) == "I can't see it."
    assert [count(body) for body in provider.bodies] == [0]
    assert not any(isinstance(event, e.ToolReturned) for event in events)


async def test_allowed_for_good_the_next_one_goes_unasked(make: Make, provider: Provider) -> None:
    sighted(provider, "gpt-4.1-mini")
    house = await make()
    provider.enqueue(says("One."), says("Two."))
    accepted, events = await ask(house)
    await decide(house, events, allow=True, always=True)
    await ask(house, conversation=accepted.conversation)
    assert [count(body) for body in provider.bodies] == [1, 1]


async def test_at_the_level_of_names_it_stays(make: Make, provider: Provider) -> None:
    sighted(provider, "gpt-4.1-mini")
    house = await make(privacy_floor="schema")
    provider.enqueue(says("No."))
    _, events = await ask(house)
    assert "`rows`" in notices(events)["figure_withheld"] and [count(body) for body in provider.bodies] == [0]


async def test_who_can_not_see_gets_words_and_the_person_is_told(make: Make, provider: Provider) -> None:
    sighted(provider)
    house = await make(privacy_floor="rows")
    provider.enqueue(says("I can't see."))
    _, events = await ask(house)
    assert notices(events)["blind"].startswith(f"{LLM} can't see pictures; ask one that can")
    assert [count(body) for body in provider.bodies] == [0]


async def test_the_administrator_knows_who_sees(make: Make, provider: Provider) -> None:
    sighted(provider)
    house = await make(privacy_floor="rows", vision_llms=["openai/gpt-4*"])
    provider.enqueue(says("A line."))
    _, events = await ask(house)
    assert text_of(events) == "A line." and [count(body) for body in provider.bodies] == [1]


async def test_the_builtin_engine_says_that_it_sees_nothing(make: Make, provider: Provider) -> None:
    house = await make(llm="builtin", privacy_floor="rows")
    _, events = await ask(house)
    assert "built-in engine can't see" in notices(events)["blind"] and provider.bodies == []


async def test_another_agent_gets_words(make: Make, provider: Provider) -> None:
    house = await make(privacy_floor="rows", external_agents={"scout": provider.url}, route="external/scout")
    provider.enqueue(says("Hm."))
    _, events = await ask(house)
    assert "no picture goes to another agent" in notices(events)["blind"]
    assert [count(body) for body in provider.bodies] == [0]


async def test_of_two_in_a_row_only_the_one_that_sees_is_shown_it(make: Make, provider: Provider) -> None:
    sighted(provider, "gpt-4.1-mini")
    house = await make(privacy_floor="rows", fallback_ai_provider="openai/other")
    provider.enqueue(fails(401, "bad key"), says("Words."))
    _, events = await ask(house)
    assert [count(body) for body in provider.bodies] == [1, 0] and "openai/other" in notices(events)["blind"]


async def test_an_answer_about_a_picture_is_no_answer_about_another(make: Make, provider: Provider) -> None:
    sighted(provider, "gpt-4.1-mini")
    house = await make(privacy_floor="rows")
    provider.enqueue(says("One."), says("Two."))
    accepted, _ = await ask(house)
    freeze = c.TurnFreeze(id=new_id(), turn=accepted.turn)  # type: ignore[arg-type]
    with pytest.raises(Fault, match="shown once"):
        await house.send(freeze)
    other = await house.ask(ASKED, images=[Picture("image/jpeg", JPEG, "figure of In[6]")])
    assert text_of(await house.settle(other)) == "Two." and count(provider.bodies[1], JPEG) == 1


async def test_automatic_choice_leaves_a_picture_to_who_can_see(make: Make, provider: Provider) -> None:
    sighted(provider, "gpt-4.1-mini")
    house = await make(privacy_floor="rows", route="auto")
    provider.enqueue(says("Seen."))
    accepted = await house.ask("which models are there?", images=[FIGURE])
    assert text_of(await house.settle(accepted)) == "Seen."


async def test_base64_is_not_counted_as_tokens(make: Make, provider: Provider) -> None:
    sighted(provider, "gpt-4.1-mini")
    house = await make(privacy_floor="rows", announce_tokens=20_000)
    provider.enqueue(says("Seen."))
    data = base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"\0" * 300_000).decode()
    accepted = await house.ask(ASKED, images=[Picture("image/png", data)])
    assert "estimate" not in notices(await house.settle(accepted)) and count(provider.bodies[0], data) == 1


async def test_with_its_conversation_it_goes_and_comes(make: Make, provider: Provider) -> None:
    sighted(provider, "gpt-4.1-mini")
    house = await make(privacy_floor="rows")
    provider.enqueue(says("A line."))
    accepted, _ = await ask(house)
    file = await house.service.archive.export(accepted.conversation, ME, "json")
    assert "figure of In[5]" in await house.service.archive.export(accepted.conversation, ME, "markdown")
    info = await house.service.archive.import_file(file.encode(), ME)
    assert only(await house.events(info.id), e.Message).images == [FIGURE]
    for conversation in (accepted.conversation, info.id):
        await house.send(c.ConversationDelete(id=new_id(), conversation=conversation, now=True))
    left = await house.database.read(lambda tx: [tx.execute(table.select()).all() for table in (stored, sent)])
    assert PNG not in str(left)
    with pytest.raises(Fault, match="first bytes"):
        await house.service.archive.import_file(file.replace("image/png", "image/jpeg").encode(), ME)


@pytest.mark.parametrize(
    ("pictures", "code", "about"),
    [
        ([FIGURE] * 5, Code.TOO_LARGE, "images"),
        ([FIGURE, Picture("image/jpeg", PNG)], Code.INVALID_INPUT, "images[1]"),
        ([Picture("image/png", "not base64!")], Code.INVALID_INPUT, "images[0]"),
        ([Picture("image/png", "")], Code.INVALID_INPUT, "images[0]"),
        ([Picture("image/png", "é")], Code.INVALID_INPUT, "images[0]"),
        ([Picture("image/png", PNG, "x" * 201)], Code.INVALID_INPUT, "images[0].from"),
        ([Picture("image/png", PNG + "A" * MAX_PICTURE_BYTES)], Code.TOO_LARGE, "images[0]"),
    ],
)
async def test_what_is_no_picture_is_refused(make: Make, pictures: list[Picture], code: Code, about: str) -> None:
    house = await make()
    with pytest.raises(Fault) as refused:
        await house.ask(ASKED, images=pictures)
    assert (refused.value.code, refused.value.record.about) == (code, about) and refused.value.record.hint


def test_pngs_and_jpegs_pass() -> None:
    check_pictures([FIGURE, Picture("image/jpeg", JPEG)])


def test_another_type_is_refused_by_the_wire() -> None:
    frame = '{"type":"turn.start","id":"1","text":"x","images":[{"media_type":"image/svg+xml","data":""}]}'
    with pytest.raises(Fault) as refused:
        decode_command(frame)
    assert refused.value.record.about == "$.images[0].media_type"
