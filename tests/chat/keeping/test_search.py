"""Finding what was said: the words, whatever is typed, and whose it is."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from chat.house import ME, House, new_id
from sqlalchemy import select

from jupyter_mlchat.chat.keeping.search import snippet
from jupyter_mlchat.guard.access import Caller
from jupyter_mlchat.protocol import commands as c
from jupyter_mlchat.protocol.records import Found
from jupyter_mlchat.store.search import index_all, search, words_of
from jupyter_mlchat.store.tables import metadata

YOU = Caller("you")
SAID = [
    "what does the churn_model need?",
    "Überprüfe das Café, bitte",
    "is AND a word? NOT really OR so: NEAR(me)",
    "模型 评估 结果",
    "zero\x00byte and \N{PARTY POPPER} party",
    "version 3.14 of x2",
]
TYPED = [
    ("churn model", 0),
    ("CHURN", 0),
    ("chur", 0),
    ("uberprufe cafe", 1),
    ("AND NOT", 2),
    ("NEAR(me)", 2),
    ("评估", 3),
    ("zero\x00byte", 4),
    ("party \N{PARTY POPPER}", 4),
    ("3.14", 5),
    ("x2", 5),
]
NOTHING = [
    '"',
    "'",
    "*",
    "(",
    "  ",
    "",
    "\N{PARTY POPPER}",
    "\x00",
    "churn AND zebra",
    "hurn",
    "a:b:c*",
    "; DROP TABLE",
]


@pytest.fixture
def house(db_url: str, tmp_path: Path, jp_asyncio_loop: asyncio.AbstractEventLoop) -> Iterator[House]:
    made = jp_asyncio_loop.run_until_complete(House(tmp_path, db_url=db_url).open())
    yield made
    jp_asyncio_loop.run_until_complete(made.close())


async def found(house: House, words: str, caller: Caller = ME) -> list[Found]:
    return await house.service.archive.find(caller, words, 50)


async def test_what_was_said_is_found_by_its_words_whatever_is_typed(house: House) -> None:
    asked = [await house.ask(text) for text in SAID]
    for one in asked:
        await house.settle(one)
    for words, number in TYPED:
        turns = {hit.turn for hit in await found(house, words) if hit.role == "user"}
        assert turns == {asked[number].turn}, words
    for words in NOTHING:
        assert await found(house, words) == [], words
    [hit] = await found(house, "churn model need")
    assert (hit.role, hit.conversation, hit.title) == ("user", asked[0].conversation, SAID[0])
    assert hit.snippet == "what does the «churn»_«model» «need»?"


async def test_answers_are_found_newest_first_and_only_ones_own(house: House) -> None:
    first, second = await house.ask("what can you do?"), await house.ask("what can you do?")
    for one in (first, second):
        await house.settle(one)
    hits = await found(house, "available commands")
    assert {hit.role for hit in hits} == {"assistant"} and hits == sorted(hits, key=lambda hit: -hit.time)
    assert [hit.turn for hit in hits] == [second.turn, first.turn]
    assert len(await house.service.archive.find(ME, "available", 1)) == 1
    assert await found(house, "available commands", YOU) == []


async def test_the_deleted_is_not_found_until_it_is_restored(house: House) -> None:
    asked = await house.ask("something about zebras")
    await house.settle(asked)
    await house.send(c.ConversationDelete(id=new_id(), conversation=asked.conversation))
    assert await found(house, "zebras") == []
    await house.send(c.ConversationRestore(id=new_id(), conversation=asked.conversation))
    assert [hit.turn for hit in await found(house, "zebras")][-1] == asked.turn


async def test_what_an_earlier_release_stored_is_indexed(house: House) -> None:
    asked = await house.ask("something about zebras")
    await house.settle(asked)

    def again(connection: Any) -> None:
        connection.exec_driver_sql(f"DROP TABLE {search.name}")
        index_all(connection)

    before = await house.database.run(lambda tx: len(tx.execute(select(search.c.seq)).all()))
    await house.database.run(again)
    assert await house.database.run(lambda tx: len(tx.execute(select(search.c.seq)).all())) == before >= 1
    assert [hit.turn for hit in await found(house, "zebras")][-1] == asked.turn


def test_the_index_is_no_table_of_the_rest() -> None:
    assert search.name not in metadata.tables


@pytest.mark.parametrize(
    ("text", "words", "shown"),
    [
        ("one two three", "two", "one «two» three"),
        ("one two three", "tw thr", "one «two» «three»"),
        ("<b>bold</b>\n\nfaces", "bold", "<b>«bold»</b> faces"),
        ("É is accented", "e", "«É» is accented"),
        ("nothing of it", "zebra", "nothing of it"),
        ("x" * 100 + " needle " + "y" * 300, "needle", "…" + "x" * 59 + " «needle» " + "y" * 113 + "…"),
        ("", "a", ""),
    ],
)
def test_a_snippet_is_one_line_of_plain_text(text: str, words: str, shown: str) -> None:
    assert snippet(text, words_of(words)) == shown
