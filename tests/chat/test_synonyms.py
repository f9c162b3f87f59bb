"""What people meant by a question: read so again in its notebook, aloud, and never to change anything."""

from __future__ import annotations

import asyncio
import json
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from chat.house import KERNEL, ME, House, new_id
from sklearn.tree import DecisionTreeClassifier

from jupyter_mlchat.chat.keeping.everything import everything_of
from jupyter_mlchat.guard.access import Caller
from jupyter_mlchat.protocol import commands as c
from jupyter_mlchat.protocol import events as e
from jupyter_mlchat.protocol.events import Accepted, AnyEvent
from jupyter_mlchat.protocol.faults import Code, Fault
from jupyter_mlchat.protocol.records import Context, TurnId
from jupyter_mlchat.runtime.toolbox import make_tool
from jupyter_mlchat.runtime.tools.models import delete_model

SAID = "the usual, please"
MEANT = "what can you do?"


@pytest.fixture
def house(tmp_path: Path, jp_asyncio_loop: asyncio.AbstractEventLoop) -> Iterator[House]:
    made = jp_asyncio_loop.run_until_complete(House(tmp_path).open())
    yield made
    jp_asyncio_loop.run_until_complete(made.close())


async def asked(house: House, text: str, notebook: str = "n.ipynb") -> tuple[Accepted, list[AnyEvent]]:
    context = Context(kernel=KERNEL, notebook=notebook)
    accepted = await house.send(c.TurnStart(id=new_id(), text=text, context=context))
    return accepted, await house.settle(accepted)


async def mean(house: House, accepted: Accepted, meant: str = MEANT) -> None:
    assert accepted.turn is not None
    await house.send(c.SynonymAdd(id=new_id(), turn=accepted.turn, meant=meant))


async def meanings(house: House, accepted: Accepted) -> list[tuple[str, str]]:
    choices = await house.service.choices(c.ChoicesGet(id=new_id(), conversation=accepted.conversation), ME)
    return [(one.said, one.meant) for one in choices.synonyms]


def called(events: list[AnyEvent]) -> list[str]:
    return [event.tool for event in events if isinstance(event, e.ToolCalled)]


def told(events: list[AnyEvent]) -> list[str]:
    return [event.text for event in events if isinstance(event, e.Notice) and event.code.startswith("synonym")]


async def test_what_was_meant_is_read_so_from_now_on_and_said_aloud(house: House) -> None:
    first, events = await asked(house, SAID)
    assert called(events) == []
    await mean(house, first)
    _, events = await asked(house, "The usual,  please!")
    assert called(events) == ["get_available_commands"]
    assert told(events) == [f"Read as “{MEANT}”."]
    _, events = await asked(house, "the usual")
    assert called(events) == [], "another question is not read so"


async def test_it_holds_in_its_notebook_and_for_its_person_alone(house: House) -> None:
    first, _ = await asked(house, SAID)
    await mean(house, first)
    _, events = await asked(house, SAID, "other.ipynb")
    assert called(events) == []
    context = Context(kernel=KERNEL, notebook="n.ipynb")
    eve = Caller("eve")
    theirs = await house.send(c.TurnStart(id=new_id(), text=SAID, context=context), eve)
    with pytest.raises(Fault) as refused:
        await house.send(c.SynonymAdd(id=new_id(), turn=first.turn or TurnId(""), meant="help"), eve)
    assert refused.value.code is Code.NOT_FOUND
    assert theirs.conversation is not None
    await house.service.close()
    assert called(await house.events(theirs.conversation)) == []
    await house.service.open()


async def test_the_last_meaning_counts_and_can_be_forgotten(house: House) -> None:
    first, _ = await asked(house, SAID)
    await mean(house, first, "which models are there?")
    await mean(house, first)
    again, events = await asked(house, SAID)
    assert called(events) == ["get_available_commands"]
    assert again.turn is not None
    await house.send(c.SynonymDelete(id=new_id(), turn=again.turn))
    assert told(await house.service.journal.read_turn(again.turn))[-1] == "This is read as it stands again."
    _, events = await asked(house, SAID)
    assert called(events) == [] and told(events) == []
    with pytest.raises(Fault, match="as it stands"):
        await house.send(c.SynonymDelete(id=new_id(), turn=again.turn))


async def test_those_of_a_notebook_are_listed_and_forgotten_also_after_it_was_renamed(house: House) -> None:
    first, _ = await asked(house, SAID)
    await mean(house, first)
    second, _ = await asked(house, "and again")
    await mean(house, second)
    other, _ = await asked(house, SAID, "other.ipynb")
    assert await meanings(house, other) == []
    assert await meanings(house, first) == [("and again", MEANT), (SAID, MEANT)]
    await house.send(c.ConversationUpdate(id=new_id(), conversation=first.conversation, notebook="new.ipynb"))
    assert await meanings(house, first) == [("and again", MEANT), (SAID, MEANT)]
    assert first.turn is not None
    await house.send(c.SynonymDelete(id=new_id(), turn=first.turn))
    assert await meanings(house, first) == [("and again", MEANT)]


async def test_a_meaning_changes_nothing_in_the_kernel_even_where_that_is_allowed_for_good(house: House) -> None:
    # There is no shell here that would hand over its main thread.
    house.bridge.toolbox._tools["delete_model"] = replace(make_tool(delete_model), lane="reader")
    house.namespace.update({name: DecisionTreeClassifier().fit([[0], [1]], [0, 1]) for name in ("one", "two", "three")})
    typed, events = await asked(house, "delete one")
    [waiting] = [event for event in events if isinstance(event, e.ApprovalAsked)]
    assert typed.turn is not None
    approval = c.ApprovalGive(id=new_id(), turn=typed.turn, approval=waiting.approval, allow=True, always=True)
    await house.settle(await house.send(approval))
    assert set(house.namespace) == {"two", "three"}
    first, _ = await asked(house, SAID)
    await mean(house, first, "delete two")
    _, events = await asked(house, SAID)
    assert set(house.namespace) == {"two", "three"}
    assert called(events) == [] and told(events) == ["Read as “delete two”."]
    await asked(house, "delete two")
    assert set(house.namespace) == {"three"}, "typed, it is allowed"


async def test_what_says_nothing_else_is_refused_by_name(house: House) -> None:
    first, _ = await asked(house, SAID)
    for meant in ("  ", "The usual, please?"):
        with pytest.raises(Fault) as refused:
            await mean(house, first, meant)
        assert (refused.value.code, refused.value.record.about) == (Code.INVALID_INPUT, "meant")
    with pytest.raises(Fault) as refused:
        await mean(house, first, "x" * 3000)
    assert refused.value.code is Code.TOO_LARGE
    tool = await house.call("add", a=1)
    await house.settle(tool)
    with pytest.raises(Fault) as refused:
        await mean(house, tool)
    assert refused.value.code is Code.CONFLICT


async def test_it_goes_with_the_conversation_it_was_said_in(house: House) -> None:
    first, _ = await asked(house, SAID)
    await mean(house, first)
    with await everything_of(house.service.means, ME) as file, zipfile.ZipFile(file) as archive:
        assert json.loads(archive.read("tables/synonyms.ndjson"))["meant"] == MEANT
    assert first.conversation is not None
    opened = await house.send(
        c.ConversationOpen(id=new_id(), context=Context(kernel=KERNEL, notebook="n.ipynb"), new=True)
    )
    await house.send(c.ConversationDelete(id=new_id(), conversation=first.conversation))
    _, events = await asked(house, SAID)
    assert called(events) == []
    await house.send(c.ConversationRestore(id=new_id(), conversation=first.conversation))
    again = c.TurnStart(
        id=new_id(), text=SAID, conversation=opened.conversation, context=Context(kernel=KERNEL, notebook="n.ipynb")
    )
    assert called(await house.settle(await house.send(again))) == ["get_available_commands"]
    await house.send(c.ConversationDelete(id=new_id(), conversation=first.conversation, now=True))
    left = await house.database.run(lambda tx: tx.exec_driver_sql("SELECT count(*) FROM mlchat_synonyms").scalar_one())
    assert left == 0
