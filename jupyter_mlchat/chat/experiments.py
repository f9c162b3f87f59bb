"""Two llms or two prompts compared by conversation: who takes part is drawn by its id, and told in it."""

from __future__ import annotations

import hashlib
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev
from typing import Any, Literal

import msgspec
from sqlalchemy import Connection, Row, func, insert, select

from ..guard.access import Caller, check_reviewer
from ..protocol.evaluations import Arm, Experiment, Measured
from ..protocol.events import ConversationChanged, Event, ExperimentAssigned
from ..protocol.faults import Code, Fault
from ..protocol.records import ConversationId, ConversationInfo
from ..settings import MLChat
from ..store.evaluating import arms, evaluations, scores
from ..store.tables import attempts, spending, turns
from . import threads
from .means import Means
from .prompts import Prompts

Of = Literal["llm", "prompt"]
NAMES = ("A", "B")
T_95 = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228)
"""Student's t at 97.5 % for 1 to 10 degrees of freedom."""


@dataclass(frozen=True)
class Declared:
    """An experiment of the settings: `values` are its two llms or prompts."""

    name: str
    of: Of
    values: tuple[str, str]

    def arm(self, conversation: str) -> int:
        """0 or 1: the same for the same conversation, about half of them each."""
        drawn = hashlib.sha256(f"{self.name}\n{conversation}".encode()).digest()
        return drawn[0] & 1


def declared(settings: MLChat) -> list[Declared]:
    """Those of the settings. Raises Fault `invalid_input` that names the one that is none."""
    return [_declared(str(name), said) for name, said in settings.experiments.items()]


def _declared(name: str, said: Any) -> Declared:
    hint = 'Declare it like {"tone": {"prompt": ["analyst", "terse"]}} or {"which": {"llm": ["openai/a", "openai/b"]}}.'
    wrong = Fault(Code.INVALID_INPUT, f"The experiment {name[:64]!r} can't be read.", hint, about="experiments")
    if not isinstance(said, Mapping) or len(said) != 1 or not 0 < len(name) <= 64:
        raise wrong
    [(of, values)] = said.items()
    if of not in ("llm", "prompt") or not isinstance(values, (list, tuple)) or len(values) != 2:
        raise wrong
    first, second = values
    if not all(isinstance(value, str) and value for value in values) or first == second:
        raise wrong
    return Declared(name, of, (first, second))


class Experiments:
    """`may_use` raises Fault for an llm that can't be had."""

    def __init__(self, means: Means, prompts: Prompts, may_use: Callable[[str], Awaitable[None]]) -> None:
        self._means, self._prompts, self._may_use = means, prompts, may_use

    async def assign(
        self, info: ConversationInfo, chosen: Iterable[str], owner: str, asks_llm: bool = True
    ) -> tuple[ConversationInfo, list[Event], Callable[[Connection], None]]:
        """Draw an arm for a conversation that begins now and for which nobody has chosen what is compared.

        `chosen` are the llm and the prompt that its first question names: with one of them it takes no part. Returns
        the conversation as it goes on, what tells of it, and what writes it down.
        """
        nothing: tuple[ConversationInfo, list[Event], Callable[[Connection], None]] = (info, [], _nothing)
        if not asks_llm or any(chosen):
            return nothing
        free = {"llm": not info.llm, "prompt": not info.prompt}
        try:
            fitting = [one for one in declared(self._means.settings) if free[one.of]]
            if not fitting or not await self._begins(info.id):
                return nothing
            one = fitting[0]
            await self._check(one, owner)
        except Fault as fault:
            # A slip of the administrator's must not keep anybody from an answer.
            self._means.log.warning("mlchat: no experiment: %s", fault.record.message)
            return nothing
        number = one.arm(info.id)
        value = one.values[number]
        told = msgspec.structs.replace(info, **{one.of: value})
        side = f"its {one.of} is {value} (side {NAMES[number]})"
        assigned = ExperimentAssigned(
            experiment=one.name,
            arm=NAMES[number],
            text=f"This conversation takes part in the comparison “{one.name}”: {side}.",
            llm=value if one.of == "llm" else "",
            prompt=value if one.of == "prompt" else "",
        )

        def write(connection: Connection) -> None:
            row = {"conversation": info.id, "experiment": one.name, "arm": NAMES[number]}
            # Of two first questions at once the other may have written it: the arm is the same.
            if connection.execute(select(arms.c.arm).where(arms.c.conversation == info.id)).one_or_none() is None:
                connection.execute(insert(arms).values(assigned=time.time(), **row))
            threads.set_conversation(connection, info.id, **{one.of: value})

        return told, [assigned, ConversationChanged(info=told)], write

    async def _begins(self, conversation: ConversationId) -> bool:
        asked = select(func.count()).select_from(turns).where(turns.c.conversation == conversation)
        return await self._means.journal.query(lambda tx: tx.execute(asked).scalar_one() == 0)

    async def _check(self, one: Declared, owner: str) -> None:
        """Both sides can be had: else one of them would be compared with faults."""
        for value in one.values:
            if one.of == "llm":
                await self._may_use(value)
            else:
                await self._prompts.find(value, owner)

    async def results(self, caller: Caller) -> list[Experiment]:
        """What was measured so far, over all people. Raises Fault `forbidden`, and `invalid_input` as `declared`."""
        check_reviewer(caller)
        return [await self._result(one) for one in declared(self._means.settings)]

    async def one(self, name: str, caller: Caller) -> Experiment:
        """Raises Fault `not_found` also."""
        check_reviewer(caller)
        for one in declared(self._means.settings):
            if one.name == name:
                return await self._result(one)
        raise Fault(Code.NOT_FOUND, "There is no such experiment.", "They are declared in `experiments`.", about="name")

    async def _result(self, one: Declared) -> Experiment:
        def read(connection: Connection) -> list[Arm]:
            return [_arm(connection, one, number) for number in (0, 1)]

        return Experiment(name=one.name, of=one.of, arms=await self._means.journal.query(read))


def _nothing(connection: Connection) -> None:
    """Nothing is written down."""


# -- results -------------------------------------------------------------------------------------------------


def _arm(connection: Connection, one: Declared, number: int) -> Arm:
    """Of the questions that were asked with what is compared: who chooses something else later is out of it."""
    value = one.values[number]
    mine = (arms.c.experiment == one.name) & (arms.c.arm == NAMES[number])
    joined = select(turns.c.id).join(arms, arms.c.conversation == turns.c.conversation)
    asked = joined.where(mine, turns.c[one.of] == value).scalar_subquery()
    ended = attempts.c.state == "completed"
    done = connection.execute(select(attempts).where(attempts.c.turn.in_(asked), ended)).all()
    spent = (
        select(
            spending.c.turn,
            func.sum(spending.c.prompt_tokens + spending.c.completion_tokens).label("tokens"),
            func.sum(spending.c.cost).label("cost"),
            func.count(spending.c.cost).label("priced"),
            func.count().label("calls"),
        )
        .where(spending.c.turn.in_(asked), spending.c.purpose == "")
        .group_by(spending.c.turn)
    )
    took = {row.turn: row for row in connection.execute(spent)}
    grounded = select(scores.c.conversation, scores.c.score).where(
        scores.c.turn.in_(asked), scores.c.name == "grounded", scores.c.score.is_not(None)
    )
    flagged = select(evaluations.c.conversation, evaluations.c.flagged).where(
        evaluations.c.turn.in_(asked), evaluations.c.state == "done"
    )
    rated = [row for row in done if row.score]
    paid = [row for row in done if row.turn in took]
    measured = [
        _measured("grounded", connection.execute(grounded).all()),
        _measured("flagged", [(r.conversation, float(r.flagged)) for r in connection.execute(flagged)]),
        _measured("thumbs_up", [(row.conversation, float(row.score > 0)) for row in rated]),
        _measured("tokens", [(row.conversation, float(took[row.turn].tokens)) for row in paid]),
        _measured("cost", [(r.conversation, took[r.turn].cost) for r in paid if _is_priced(took[r.turn])]),
        _measured("elapsed_ms", [(row.conversation, row.elapsed_ms) for row in done]),
    ]
    conversations = {row.conversation for row in done}
    return Arm(arm=NAMES[number], value=value, conversations=len(conversations), answers=len(done), measured=measured)


def _is_priced(row: Row[Any]) -> bool:
    return bool(row.priced == row.calls)


def _measured(name: str, values: Sequence[Any]) -> Measured:
    """`values` are (conversation, number). Answers of one conversation are no independent ones: it counts once."""
    of_each: dict[str, list[float]] = defaultdict(list)
    for conversation, number in values:
        of_each[conversation].append(float(number))
    means = [fmean(numbers) for numbers in of_each.values()]
    low, high = interval(means)
    mean = round(fmean(means), 6) if means else None
    return Measured(name=name, conversations=len(means), mean=mean, low=low, high=high)


def interval(means: Sequence[float]) -> tuple[float | None, float | None]:
    """The 95% interval of the mean of independent numbers, after Student; two Nones for fewer than two of them."""
    if len(means) < 2:
        return None, None
    freedom = len(means) - 1
    t = T_95[freedom - 1] if freedom <= len(T_95) else 1.96 + 2.37 / freedom + 2.82 / freedom**2
    half = t * stdev(means) / len(means) ** 0.5
    return round(fmean(means) - half, 6), round(fmean(means) + half, 6)
