"""How long conversations stay, and that nothing is left of those that go."""

from __future__ import annotations

import asyncio
import json
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from chat.house import KERNEL, ME, House, new_id
from chat.talking import Make, make, provider
from provider import Provider, says
from sqlalchemy import insert, select, update

from jupyter_mlchat.chat.keeping.everything import everything_of
from jupyter_mlchat.chat.keeping.retention import DAY_S, UPLOADS, Retention
from jupyter_mlchat.guard.access import Caller
from jupyter_mlchat.protocol import commands as c
from jupyter_mlchat.protocol.faults import Code, Fault
from jupyter_mlchat.protocol.records import Context, ConversationId
from jupyter_mlchat.server import uploads as uploads_room
from jupyter_mlchat.store.search import search
from jupyter_mlchat.store.tables import attempts, conversations, metadata, registered, sent, spending, turns, uploads

__all__ = ["make", "provider"]
YOU = Caller("you")
MARK = "zqxjkvbpyw"
"""A word that nothing of ours has."""


@pytest.fixture
def house(db_url: str, tmp_path: Path, jp_asyncio_loop: asyncio.AbstractEventLoop) -> Iterator[House]:
    made = jp_asyncio_loop.run_until_complete(House(tmp_path, db_url=db_url).open())
    yield made
    jp_asyncio_loop.run_until_complete(made.close())


async def begun(house: House, caller: Caller = ME, text: str = "what can you do?") -> ConversationId:
    context = Context(kernel=KERNEL, notebook=f"{new_id()}.ipynb")
    asked = await house.send(c.TurnStart(id=new_id(), text=text, context=context), caller)
    for _ in range(500):
        if (await house.service.turn(asked.turn, caller)).state not in ("queued", "active"):
            return asked.conversation
        await asyncio.sleep(0.01)
    raise AssertionError("the turn does not end")


async def aged(house: House, conversation: ConversationId, days: float) -> None:
    change = update(conversations).where(conversations.c.id == conversation)
    await house.database.run(lambda tx: tx.execute(change.values(updated=time.time() - days * DAY_S)))


async def shown(house: House, caller: Caller = ME, deleted: bool = False) -> list[ConversationId]:
    page = await house.service.conversations.page(caller, 50, "", deleted)
    return [info.id for info in page.conversations]


async def look(house: House, **settings: Any) -> None:
    for name, value in settings.items():
        setattr(house.settings, name, value)
    await Retention(house.service.means).look()


async def test_nothing_goes_by_itself_unless_it_is_asked_for(house: House) -> None:
    old = await begun(house)
    await aged(house, old, 4000)
    await look(house)
    assert await shown(house) == [old]


async def test_the_old_go_and_can_be_taken_back_for_a_while(house: House) -> None:
    old, new = await begun(house), await begun(house)
    await aged(house, old, 31)
    await look(house, retention_days=30.0)
    assert (await shown(house), await shown(house, deleted=True)) == ([new], [old])
    await house.send(c.ConversationRestore(id=new_id(), conversation=old))
    assert await shown(house) == [old, new], "taking it back makes it new"
    await look(house)
    assert await shown(house) == [old, new]


async def test_of_each_person_the_newest_stay(house: House) -> None:
    mine = [await begun(house) for _ in range(3)]
    yours = [await begun(house, YOU) for _ in range(2)]
    await look(house, retention_conversations=2)
    assert await shown(house) == [mine[2], mine[1]]
    assert await shown(house, YOU) == [yours[1], yours[0]]


async def test_a_conversation_in_which_a_turn_runs_stays(house: House) -> None:
    asked = await house.call("slow", None, seconds=20)
    for _ in range(500):
        if await house.state(asked.turn) == "active":
            break
        await asyncio.sleep(0.01)
    await aged(house, asked.conversation, 31)
    await look(house, retention_days=30.0)
    assert await shown(house) == [asked.conversation]
    await house.send(c.TurnCancel(id=new_id(), turn=asked.turn))
    await house.settle(asked)


async def test_after_the_time_to_undo_every_row_is_gone(house: House) -> None:
    gone, stays = await begun(house), await begun(house)
    turn = (await house.service.archive.turns(gone, ME, None, 1))[0]
    await house.database.run(lambda tx: _spent(tx, gone, turn.id))
    await house.send(c.ConversationDelete(id=new_id(), conversation=gone))
    await look(house)
    assert await shown(house, deleted=True) == [gone]
    await aged(house, gone, 8)
    await look(house)
    assert await shown(house, deleted=True) == [] and await shown(house) == [stays]
    with pytest.raises(Fault) as refused:
        await house.send(c.ConversationRestore(id=new_id(), conversation=gone))
    assert refused.value.code is Code.NOT_FOUND

    def left(tx: Any) -> list[str]:
        tables = [*metadata.sorted_tables, search]
        rows = [str(tuple(row)) for table in tables for row in tx.execute(select(table))]
        return [row for row in rows if gone in row or turn.id in row]

    assert await house.database.run(left) == []
    paid = await house.database.run(lambda tx: tx.execute(select(spending.c.cost, spending.c.owner)).all())
    assert [tuple(row) for row in paid] == [(0.5, "me")], "what was spent today stays spent"


def _spent(tx: Any, conversation: str, turn: str) -> None:
    whose = {"owner": "me", "day": "2026-01-31", "conversation": conversation, "turn": turn, "llm": "x"}
    cost = {"prompt_tokens": 1, "completion_tokens": 1, "cost": 0.5, "elapsed_ms": 1.0}
    tx.execute(insert(spending).values(**whose, **cost))
    how = {"id": "a", "time": 1.0, "state": "completed", "elapsed_ms": 1.0, "tool_calls": 0, "tools_failed": 0}
    tx.execute(insert(attempts).values(**whose, **how))
    tx.execute(insert(sent).values(turn=turn, attempt="a", time=1.0, llm="x", body=b"{}"))


def bytes_in(folder: Path) -> bytes:
    """Every byte below it, in lower case: the index has its words so."""
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()).lower()


async def test_no_byte_of_it_is_left_in_any_file(make: Make, provider: Provider, tmp_path: Path) -> None:
    house = await make()
    provider.enqueue(says(f"You said {MARK}. "))
    asked = await house.ask(f"Remember {MARK}, please", metadata={"note": MARK})
    await house.settle(asked, 60)
    changes = {"title": f"About {MARK}", "parameters": {"system": f"Say {MARK}."}}
    await house.send(c.ConversationUpdate(id=new_id(), conversation=asked.conversation, **changes))
    await house.send(c.FeedbackGive(id=new_id(), turn=asked.turn, score=1, text=MARK))
    folder = tmp_path / UPLOADS
    folder.mkdir(exist_ok=True)
    (folder / "u1").write_text(MARK)
    row = {"id": "u1", "owner": "me", "name": f"{MARK}.csv", "bytes": 10, "received": 10, "state": "complete"}
    values = {**row, "created": 1.0, "conversation": asked.conversation}
    await house.database.run(lambda tx: tx.execute(insert(uploads).values(**values)))
    assert bytes_in(tmp_path).count(MARK.encode()) > 5
    await house.send(c.ConversationDelete(id=new_id(), conversation=asked.conversation))
    assert MARK.encode() in bytes_in(tmp_path), "it can still be taken back"
    await house.send(c.ConversationDelete(id=new_id(), conversation=asked.conversation, now=True))
    assert MARK.encode() not in bytes_in(tmp_path)


async def test_deleting_at_once_stops_what_runs_first(house: House) -> None:
    asked = await house.call("slow", None, seconds=20)
    queued = await house.call("add", None, a=1)
    for _ in range(500):
        if await house.state(asked.turn) == "active":
            break
        await asyncio.sleep(0.01)
    began = time.monotonic()
    await house.send(c.ConversationDelete(id=new_id(), conversation=asked.conversation, now=True))
    assert time.monotonic() - began < 10
    for turn in (asked.turn, queued.turn):
        with pytest.raises(Fault) as refused:
            await house.service.turn(turn, ME)
        assert refused.value.code is Code.NOT_FOUND
    await asyncio.sleep(0.2)
    assert await house.database.run(lambda tx: tx.execute(select(turns.c.id)).all()) == []


async def test_another_ones_conversation_is_not_deleted(house: House) -> None:
    mine = await begun(house)
    for now in (False, True):
        with pytest.raises(Fault) as refused:
            await house.send(c.ConversationDelete(id=new_id(), conversation=mine, now=now), YOU)
        assert refused.value.code is Code.NOT_FOUND
    assert await shown(house) == [mine]


async def test_all_that_is_stored_of_a_person_and_nothing_of_others(house: House, tmp_path: Path) -> None:
    mine = await begun(house, text="about my zebras")
    yours = await begun(house, YOU, text="about your yaks")
    gone = await begun(house, text="deleted a moment ago")
    await house.send(c.ConversationDelete(id=new_id(), conversation=gone))
    turn = (await house.service.archive.turns(mine, ME, None, 1))[0]
    await house.send(c.PromptAdd(id=new_id(), name="short", text="Be short."))
    (tmp_path / UPLOADS).mkdir(exist_ok=True)
    (tmp_path / UPLOADS / "u1").write_text("a,b")
    row = {"id": "u1", "owner": "me", "name": "../évil name.csv", "bytes": 3, "received": 3, "state": "complete"}
    facts = {"owner": "me", "notebook": "n.ipynb", "ref": "clf", "body": "{}", "updated": 1.0}

    def write(tx: Any) -> None:
        tx.execute(insert(uploads).values(**row, created=1.0))
        tx.execute(insert(registered).values(**facts))
        _spent(tx, mine, turn.id)

    await house.database.run(write)
    with await everything_of(house.service.means, ME) as file, zipfile.ZipFile(file) as archive:
        names = archive.namelist()
        whole = {name: archive.read(name).decode() for name in names}
    assert {f"tables/{name}.ndjson" for name in ("prompts", "registered", "sent", "spending", "uploads")} <= {*names}
    assert whole["uploads/u1-évil-name.csv"] == "a,b"
    assert not any(".." in name or name.startswith("/") for name in names)
    kept = [name for name in names if name.startswith("conversations/")]
    assert len(kept) == 2 and all(mine in name or gone in name for name in kept)
    assert json.loads(whole["tables/sent.ndjson"])["body"] == {}
    assert yours not in str(whole) and "yaks" not in str(whole)
    [name] = [name for name in kept if mine in name]
    assert (await house.service.archive.import_file(whole[name].encode(), ME)).title == "about my zebras"


def test_uploads_lie_where_retention_looks_for_them() -> None:
    assert uploads_room.FOLDER == UPLOADS


async def test_what_was_restored_meanwhile_stays(house: House) -> None:
    kept = await begun(house)
    await house.service.conversations.retention.erase([kept])
    assert await shown(house) == [kept]
    assert await house.service.journal.read(kept)
