"""Two tabs and two processes on one conversation, in any interleaving: everybody ends with the same whole history.

Each process is a service of its own on the one store. A crash leaves it as `kill -9` would: between two transactions.
What happens is drawn as a whole before it begins, and tells what to do with whatever there is by then: the same script
can be played again, however fast the machine is.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

import pytest
from chat.house import KERNEL, ME, House, new_id
from histories import OVER, check_history
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from jupyter_mlchat.protocol.commands import (
    AnyCommand,
    ApprovalGive,
    ConversationOpen,
    FormDismiss,
    FormSubmit,
    ToolCall,
    TurnCancel,
    TurnRetry,
    TurnStart,
)
from jupyter_mlchat.protocol.events import Accepted, AnyEvent, ApprovalAsked, Event, FormAsked, Message
from jupyter_mlchat.protocol.faults import Code, Fault
from jupyter_mlchat.protocol.records import Context, ConversationId, TurnId

T = TypeVar("T")
LEASE_S = 0.4
CONTEXT = Context(kernel=KERNEL, notebook="n.ipynb")
CALLS: dict[str, dict[str, Any]] = {
    "add": {"a": 1.0},
    "slow": {"seconds": 0.3},
    "needs_more": {"features": {"a": 1}},
    "store": {"name": "made"},
}
WHICH = st.integers(0, 1)
"""A tab, or a process."""
PICK = st.integers(0, 1_000)
"""One of those that there are by then."""
TOOL = st.sampled_from(list(CALLS))
MOVES: dict[str, tuple[st.SearchStrategy[Any], ...]] = {
    "wait": (st.sampled_from([0.0, 0.01, 0.05, 0.3]),),
    "call": (WHICH, TOOL),
    "ask": (WHICH,),
    "send_again": (WHICH, PICK),
    "send_twice_at_once": (TOOL,),
    "cancel": (WHICH, PICK),
    "retry": (WHICH, PICK),
    "answer_form": (WHICH, PICK, st.booleans()),
    "approve": (WHICH, PICK, st.booleans()),
    "reconnect": (WHICH, WHICH),
    "drop": (WHICH,),
    "restart": (WHICH, st.booleans()),
    "stand_still": (WHICH,),
}
"""Methods of `History`, and what they are given."""
Script = list[tuple[str, tuple[Any, ...]]]


def scripts(steps: int) -> st.SearchStrategy[Script]:
    moves = st.one_of([st.tuples(st.just(name), st.tuples(*given)) for name, given in MOVES.items()])
    return st.lists(moves, min_size=steps, max_size=steps)


class Tab:
    """A front end: it has what it has heard, and asks for the rest when it comes back."""

    def __init__(self) -> None:
        self.seen: list[Event] = []
        self.drop: Callable[[], None] | None = None
        self.process = 0

    def hear(self, event: Event) -> None:
        if event.seq:
            assert event.seq == len(self.seen) + 1, f"{event.seq} after {len(self.seen)}"
            self.seen.append(event)


class History:
    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="mlchat-histories-"))
        self.loop = asyncio.new_event_loop()
        self.loop.set_exception_handler(lambda loop, told: None)
        self.houses = [House(self.folder, db_url=f"sqlite:///{self.folder}/store", **self.given()) for _ in range(2)]
        for house in self.houses:
            self.do(house.open())
        opened = self.do(self.houses[0].send(ConversationOpen(id=new_id(), new=True, context=CONTEXT)))
        self.conversation: ConversationId = opened.conversation
        self.tabs = [Tab(), Tab()]
        self.commands: list[tuple[AnyCommand, Accepted]] = []
        for number in range(2):
            self.reconnect(number, number)

    def given(self) -> dict[str, Any]:
        return {"lease": LEASE_S, "rate_limit": 0, "max_active_turns": 4}

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(asyncio.wait_for(work, 110))

    def send(self, process: int, command: AnyCommand) -> Accepted | None:
        """What is accepted is remembered. Somebody else may have been faster; nothing else may go wrong."""
        try:
            accepted = self.do(self.houses[process].send(command))
        except Fault as fault:
            assert fault.code is Code.CONFLICT, fault.record
            return None
        self.commands.append((command, accepted))
        return accepted

    def events(self) -> list[AnyEvent]:
        return self.do(self.houses[0].events(self.conversation))

    def turn(self, number: int, *states: str) -> TurnId | None:
        """One of the turns that are told to be in one of these states."""
        found = [turn for turn, state in check_history(self.events()).items() if state in states]
        return TurnId(found[number % len(found)]) if found else None

    def pending(self, kind: type[Event], number: int) -> Any:
        turn = self.turn(number, "waiting")
        asked = [
            event for event in self.events() if event.turn == turn and isinstance(event, (FormAsked, ApprovalAsked))
        ]
        return asked[-1] if asked and isinstance(asked[-1], kind) else None

    # -- what people do --------------------------------------------------------------------------------

    def call(self, process: int, tool: str) -> None:
        where = {"conversation": self.conversation, "context": CONTEXT}
        assert self.send(process, ToolCall(id=new_id(), tool=tool, args=CALLS[tool], **where)) is not None

    def ask(self, process: int) -> None:
        where = {"conversation": self.conversation, "context": CONTEXT}
        assert self.send(process, TurnStart(id=new_id(), text="what is 2 + 2?", **where)) is not None

    def send_again(self, process: int, number: int) -> None:
        """The answer was lost on its way."""
        if not self.commands:
            return
        command, accepted = self.commands[number % len(self.commands)]
        again = self.do(self.houses[process].send(command))
        assert (again.turn, again.conversation) == (accepted.turn, accepted.conversation)

    def send_twice_at_once(self, tool: str) -> None:
        where = {"conversation": self.conversation, "context": CONTEXT}
        command = ToolCall(id=new_id(), tool=tool, args=CALLS[tool], **where)

        async def both() -> list[Accepted]:
            return await asyncio.gather(*(house.send(command) for house in self.houses))

        first, second = self.do(both())
        assert first.turn == second.turn
        self.commands.append((command, first))

    def cancel(self, process: int, number: int) -> None:
        if (turn := self.turn(number, "queued", "active", "waiting")) is not None:
            self.send(process, TurnCancel(id=new_id(), turn=turn))

    def retry(self, process: int, number: int) -> None:
        if (turn := self.turn(number, "failed", "cancelled", "abandoned")) is not None:
            self.send(process, TurnRetry(id=new_id(), turn=turn))

    def answer_form(self, process: int, number: int, fill: bool) -> None:
        if (form := self.pending(FormAsked, number)) is not None:
            answer: dict[str, Any] = {"choice": 1} if form.spec.kind == "choice" else {"values": {"b": 2}}
            filled = FormSubmit(id=new_id(), turn=form.turn, form=form.form, **answer)
            self.send(process, filled if fill else FormDismiss(id=new_id(), turn=form.turn, form=form.form))

    def approve(self, process: int, number: int, allow: bool) -> None:
        if (asked := self.pending(ApprovalAsked, number)) is not None:
            self.send(process, ApprovalGive(id=new_id(), turn=asked.turn, approval=asked.approval, allow=allow))

    # -- what happens to connections and processes -----------------------------------------------------

    def reconnect(self, tab: int, process: int) -> None:
        self.drop(tab)
        here = self.tabs[tab]
        here.process = process
        follow = self.houses[process].service.follow(self.conversation, len(here.seen), ME, here.hear)
        here.drop = self.do(follow)

    def drop(self, tab: int) -> None:
        drop, self.tabs[tab].drop = self.tabs[tab].drop, None
        if drop is not None:
            drop()

    def restart(self, process: int, crashes: bool) -> None:
        """After a crash nothing more that was under way reaches the store; tabs notice that their socket is gone."""
        if crashes:
            self.houses[process].database._thread.shutdown()
        else:
            self.do(self.houses[process].close())
        self.do(self.houses[process].open())
        for number, tab in enumerate(self.tabs):
            if tab.process == process and tab.drop is not None:
                self.reconnect(number, process)

    def stand_still(self, process: int) -> None:
        """For so long that the other takes this one for dead, if a turn runs."""
        self.call(process, "slow")
        self.do(asyncio.sleep(0.05))
        self.houses[process].database._thread.submit(time.sleep, 2 * LEASE_S)
        self.do(asyncio.sleep(2.2 * LEASE_S))

    def wait(self, seconds: float) -> None:
        self.do(asyncio.sleep(seconds))

    # -- the end ---------------------------------------------------------------------------------------

    def play(self, script: Script) -> None:
        try:
            for name, given in script:
                getattr(self, name)(*given)
            self.settle()
            for tab in range(2):
                self.reconnect(tab, tab)
            self.do(asyncio.sleep(0.05))
            stored = self.events()
            states = check_history(stored)
            for tab in self.tabs:
                assert tab.seen == stored
            asked = {event.turn for event in stored if isinstance(event, Message)}
            begun = [taken.turn for command, taken in self.commands if isinstance(command, (ToolCall, TurnStart))]
            assert asked == set(begun) and len(begun) == len(asked), "a question was lost or doubled"
            rows = {turn: self.do(self.houses[0].state(TurnId(turn))) for turn in states}
            assert rows == states
        finally:
            self.close()

    def settle(self) -> None:
        end = time.monotonic() + 100
        while left := set(check_history(self.events()).values()) - {*OVER, "waiting"}:
            assert time.monotonic() < end, f"turns are {left}"
            self.do(asyncio.sleep(0.05))

    def close(self) -> None:
        for house in self.houses:
            self.do(house.close())
        for task in asyncio.all_tasks(self.loop):
            task.cancel()
        self.do(asyncio.sleep(0))
        self.loop.close()
        shutil.rmtree(self.folder)


def run(examples: int, steps: int, *, anew: bool) -> None:
    @settings(
        max_examples=examples,
        # A script in which something goes wrong is told as it is: to make it smaller takes longer than the test may.
        phases=[Phase.generate],
        deadline=None,
        derandomize=not anew,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(scripts(steps))
    def play(script: Script) -> None:
        History().play(script)

    play()


def test_every_client_ends_with_the_same_whole_history() -> None:
    run(6, 25, anew=False)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_every_client_ends_with_the_same_whole_history_however_long_it_goes_on() -> None:
    run(200, 60, anew=True)
