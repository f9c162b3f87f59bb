"""Named prompts: the shipped ones and each person's own."""

from __future__ import annotations

import difflib
import re
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from ..guard.access import Caller
from ..protocol import commands as c
from ..protocol.choices import Prompt
from ..protocol.events import Accepted
from ..protocol.faults import Code, Fault
from ..store.database import Database
from ..store.tables import conversations, prompts
from . import threads
from .threads import Turn, accepted

NONE = "none"
"""Chosen where the settings name a prompt and a person wants no other than their own words."""
MAX_PROMPTS = 200
MAX_DESCRIPTION = 200
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")


class Prompts:
    """Of one store. Names are compared in lower case."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.handlers: Mapping[type[Any], Callable[[Any, Caller], Awaitable[Accepted]]] = {
            c.PromptAdd: self.add,
            c.PromptUpdate: self.update,
            c.PromptDelete: self.delete,
        }

    async def of(self, owner: str) -> list[Prompt]:
        """The shipped ones, then the owner's by name."""
        own = await self._database.run(lambda tx: _own(tx, owner))
        return [*_shipped(), *own]

    async def find(self, name: str, owner: str) -> Prompt:
        """Raises Fault `not_found` with close names."""
        there = await self.of(owner)
        found = next((one for one in there if one.name == name.strip().lower()), None)
        if found is None:
            raise _unknown(name, there)
        return found

    async def add(self, command: c.PromptAdd, caller: Caller) -> Accepted:
        name, owner = _name(command.name), caller.principal
        row = {"owner": owner, "name": name, "updated": time.time(), **_checked(command.text, command.description)}

        def write(connection: Connection) -> None:
            own = {one.name for one in _own(connection, owner)}
            if name in own:
                raise Fault(Code.CONFLICT, f"There is a prompt `{name}` already.", "Change it, or take another name.")
            if len(own) >= MAX_PROMPTS:
                raise Fault(Code.CONFLICT, f"You have {MAX_PROMPTS} prompts.", "Delete one that you don't use.")
            connection.execute(insert(prompts).values(**row))

        return await self._once(command, caller, write)

    async def update(self, command: c.PromptUpdate, caller: Caller) -> Accepted:
        name, values = _name(command.name), _checked(command.text, command.description)

        def write(connection: Connection) -> None:
            changed = connection.execute(_of(update(prompts), caller, name).values(updated=time.time(), **values))
            if changed.rowcount == 0:
                raise _unknown(name, _own(connection, caller.principal))

        return await self._once(command, caller, write)

    async def delete(self, command: c.PromptDelete, caller: Caller) -> Accepted:
        name = _name(command.name)

        def write(connection: Connection) -> None:
            if connection.execute(_of(delete(prompts), caller, name)).rowcount == 0:
                raise _unknown(name, _own(connection, caller.principal))
            used = (conversations.c.owner == caller.principal) & (conversations.c.prompt == name)
            connection.execute(update(conversations).where(used).values(prompt=""))

        return await self._once(command, caller, write)

    async def _once(self, command: c.Command, caller: Caller, write: Callable[[Connection], None]) -> Accepted:
        """The same command again changes nothing more."""

        def write_once(connection: Connection) -> None:
            if threads.already(connection, caller.principal, command.id) is None:
                write(connection)
                threads.remember(connection, caller.principal, command.id, "", "", 0)

        await self._database.run(write_once)
        return accepted(command.id, "", "", 0)

    async def wishes(self, turn: Turn, default: str, catalogue: dict[str, Any] | None) -> str:
        """What the person wants of the answers to this turn: the prompt, rendered, and the conversation's own words."""
        from ..agent.placeholders import facts_of, render

        name = turn.prompt or default
        said = []
        if name not in ("", NONE):
            facts = facts_of(turn.context, catalogue, datetime.now().date())
            said.append(render((await self.find(name, turn.owner)).text, facts))
        return "\n\n".join([*said, *filter(None, [turn.parameters.system])])


def _own(connection: Connection, owner: str) -> list[Prompt]:
    rows = connection.execute(select(prompts).where(prompts.c.owner == owner).order_by(prompts.c.name))
    return [Prompt(row.name, row.text, row.description, updated=row.updated) for row in rows]


def _of(statement: Any, caller: Caller, name: str) -> Any:
    return statement.where(prompts.c.owner == caller.principal, prompts.c.name == name)


def _shipped() -> Sequence[Prompt]:
    from ..agent.shipped import SHIPPED

    return SHIPPED


def _name(text: str) -> str:
    """Of a prompt of one's own. Raises Fault `invalid_input`, and `forbidden` for one that is not theirs."""
    name = text.strip().lower()
    if not _NAME.fullmatch(name):
        message = "A prompt's name has letters, digits, - and _, and at most 63 of them."
        raise Fault(Code.INVALID_INPUT, message, "Choose another name, such as `weekly-report`.", about="name")
    if name == NONE or any(name == one.name for one in _shipped()):
        message = f"The prompt `{name}` is everybody's and can't be changed."
        raise Fault(Code.FORBIDDEN, message, "Save yours under another name.", about="name")
    return name


def _checked(text: str | None, description: str | None) -> dict[str, str]:
    """The columns of what is given. Raises Fault `invalid_input`."""
    from ..agent.placeholders import check_template

    values = {} if text is None else {"text": check_template(text)}
    if description is not None:
        values["description"] = " ".join(description.split())
        if len(values["description"]) > MAX_DESCRIPTION:
            message = f"A description has at most {MAX_DESCRIPTION} characters."
            raise Fault(Code.INVALID_INPUT, message, "Shorten it.", about="description")
    return values


def _unknown(name: str, there: Sequence[Prompt]) -> Fault:
    names = [one.name for one in there]
    close = difflib.get_close_matches(name.strip().lower(), names, 3)
    listed = ", ".join(f"`{one}`" for one in close or names[:20])
    hint = f"{'Did you mean' if close else 'There are'}: {listed}" if listed else "You have none of your own yet."
    return Fault(Code.NOT_FOUND, f"There is no prompt {name[:63]!r}.", hint, about="prompt")
