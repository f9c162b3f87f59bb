"""The bridge without a wire: lanes, request ids, deadlines, and the main thread."""

from __future__ import annotations

import queue
import threading
import time
from typing import Any

import pytest

from jupyter_mlchat.runtime.bridge import Bridge
from jupyter_mlchat.runtime.shell import Shell
from jupyter_mlchat.runtime.toolbox import NeedsIdle, Outcome, Toolbox, ToolContext, tool
from jupyter_mlchat.runtime.wire import ACK, PROGRESS, REPLY


class Caller:
    """Sends requests to a bridge and collects what comes back."""

    def __init__(self, namespace: dict[str, Any] | None = None) -> None:
        self.bridge = Bridge(Shell(None, {} if namespace is None else namespace), Toolbox([]))
        self.heard: queue.Queue[tuple[str, Any]] = queue.Queue()

    def add(self, function: Any, **marks: Any) -> None:
        self.bridge.toolbox.add(tool(**marks)(function), "test")

    def send(self, request_id: str, /, name: str = "", kind: str = "tool", timeout_s: float = 5, **args: Any) -> None:
        request = {"request_id": request_id, "kind": kind, "tool": name, "args": args, "timeout_s": timeout_s}
        self.bridge.submit(request, lambda kind, content: self.heard.put((kind, content)))

    def wait(self, request_id: str, kind: str = REPLY) -> Any:
        while True:
            heard, content = self.heard.get(timeout=5)
            if heard == kind and content["request_id"] == request_id:
                return content

    def call(self, name: str, **args: Any) -> Any:
        request_id = f"{name}-{time.monotonic_ns()}"
        self.send(request_id, name, **args)
        return self.wait(request_id)["result"]


@pytest.fixture
def caller() -> Caller:
    return Caller()


def test_a_request_is_acknowledged_at_once_and_answered_from_another_thread(caller: Caller) -> None:
    def where() -> str:
        """Say where."""
        return threading.current_thread().name

    caller.add(where)
    caller.send("1", "where")
    assert caller.heard.get(timeout=5)[0] == ACK
    result = caller.wait("1")["result"]
    assert result["ok"]
    assert result["data"] == {"result": "mlchat-reader"}
    assert result["elapsed_ms"] >= 0


def test_the_same_id_never_runs_twice_in_flight_or_after(caller: Caller) -> None:
    go, runs = threading.Event(), []

    def slow() -> int:
        """Wait."""
        runs.append(1)
        go.wait(20)
        return len(runs)

    caller.add(slow)
    caller.send("1", "slow")
    caller.send("1", "slow")
    go.set()
    assert [caller.wait("1")["result"]["data"] for _ in range(2)] == [{"result": 1}] * 2
    caller.send("1", "slow")
    assert caller.wait("1")["result"]["data"] == {"result": 1}
    assert runs == [1]


def test_what_a_tool_raises_becomes_a_fault_without_its_text(caller: Caller) -> None:
    def leak() -> None:
        """Fail."""
        raise ValueError("could not convert 'patient 4711' in /home/jane")

    def odd() -> object:
        """Return what JSON can't hold."""
        return object()

    caller.add(leak)
    caller.add(odd)
    assert caller.call("leak")["fault"]["message"] == "`leak` failed with ValueError."
    assert caller.call("odd")["fault"]["code"] == "tool_result_invalid"
    assert caller.call("nothing")["fault"]["code"] == "unknown_tool"
    assert "unexpected keyword" in caller.call("leak", x=1)["fault"]["message"]


def test_a_result_over_the_cap_is_refused(caller: Caller) -> None:
    def big() -> dict[str, Any]:
        """Return much."""
        return {"rows": ["x" * 100] * 100}

    caller.add(big)
    assert "at most 8,000" in caller.call("big")["fault"]["message"]


def test_progress_and_cancel_reach_a_running_tool(caller: Caller) -> None:
    def count(ctx: ToolContext) -> Outcome:
        """Count until told to stop."""
        n = 0
        while not ctx.cancelled() and n < 500:
            n += 1
            ctx.progress(n, 500, "counting")
            time.sleep(0.01)
        return Outcome(data={"stopped": ctx.cancelled()})

    caller.add(count)
    caller.send("1", "count")
    assert caller.wait("1", PROGRESS)["text"] == "counting"
    caller.send("2", kind="cancel", request_id="1")
    assert caller.wait("1")["result"]["data"] == {"stopped": True}


def test_a_withdrawn_or_late_request_never_starts(caller: Caller) -> None:
    go, ran = threading.Event(), []

    def block() -> None:
        """Hold the lane."""
        go.wait(20)

    def note() -> None:
        """Note."""
        ran.append(1)

    caller.add(block)
    caller.add(note)
    caller.send("1", "block")
    caller.send("2", "note")
    caller.send("3", "note", timeout_s=0.01)
    caller.send("4", kind="cancel", request_id="2")
    assert caller.wait("4")["told"] == {"withdrawn": True, "known": True}
    time.sleep(0.05)
    go.set()
    assert caller.wait("3")["result"]["fault"]["code"] == "deadline"
    assert ran == []


def test_a_tool_that_never_returns_does_not_hold_up_the_next(caller: Caller) -> None:
    forever = threading.Event()

    def stuck() -> None:
        """Never return."""
        forever.wait(20)

    def fine() -> str:
        """Return."""
        return "fine"

    caller.add(stuck)
    caller.add(fine)
    for n in range(3):
        caller.send(f"s{n}", "stuck", timeout_s=0.01)
        time.sleep(0.05)
    assert caller.call("fine")["data"] == {"result": "fine"}
    forever.set()


def test_a_write_waits_for_the_main_thread_and_is_run_there(caller: Caller) -> None:
    def write(ctx: ToolContext) -> str:
        """Write."""
        ctx.user_ns["made"] = 1
        return threading.current_thread().name

    caller.add(write, effect="write")
    caller.send("1", "write")
    assert caller.wait("1", PROGRESS)["main_needed"]
    assert "made" not in caller.bridge.shell.user_ns
    caller.bridge.run_on_main("1")
    caller.bridge.run_on_main("1")
    assert caller.wait("1")["result"]["data"] == {"result": "MainThread"}
    assert caller.bridge.shell.user_ns["made"] == 1


def test_a_cell_that_waits_gets_the_jobs_for_the_main_thread(caller: Caller) -> None:
    def write() -> str:
        """Write."""
        return threading.current_thread().name

    caller.add(write, effect="write")
    inbox = caller.bridge.open_inbox("c")
    caller.send("1", "write")
    kind, job = inbox.get(timeout=20)
    assert kind == "job"
    job.start()
    assert caller.wait("1")["result"]["data"] == {"result": "MainThread"}
    caller.send("2", "write")
    while inbox.empty():
        time.sleep(0.01)
    caller.bridge.close_inbox("c")
    assert caller.wait("2")["result"]["fault"]["message"].startswith("`write` was withdrawn")


def test_events_go_to_the_cell_that_asked_and_nowhere_else(caller: Caller) -> None:
    inbox = caller.bridge.open_inbox("mine")
    caller.send("1", kind="event", channel="mine", events=[{"type": "notice"}])
    caller.send("2", kind="event", channel="other", events=[{"type": "notice"}])
    assert caller.wait("2")["told"] == {"delivered": False}
    assert inbox.get(timeout=20) == ("event", {"type": "notice"})
    assert inbox.empty()


def test_hidden_names_are_not_there(caller: Caller) -> None:
    shell = caller.bridge.shell
    shell.user_ns.update({"a": 1, "b": 2, "_c": 3, "__d": 4, "_": 5, "In": 6})
    caller.send("1", kind="limit", hide=["a"], show=[])
    assert caller.wait("1")["told"]["hidden"] == ["a"]
    assert set(caller.bridge.shell.names()) == {"b"}
    caller.send("2", kind="limit", hide=[], show=["a"])
    assert set(caller.bridge.shell.names()) == {"a", "b"}
    shell.user_ns.update({"Z_": 7, "`": 8, "ä": 9, "": 10, "^": 11})
    assert list(shell.names()) == ["a", "b", "Z_", "`", "ä", "", "^"] and "_c" in shell.user_ns


def test_a_tool_that_may_not_run_beside_a_cell_runs_again_on_the_main_thread(caller: Caller) -> None:
    tried: list[str] = []

    def careful() -> str:
        """Run only where nobody else does."""
        tried.append(threading.current_thread().name)
        if threading.current_thread() is not threading.main_thread():
            raise NeedsIdle("kernel_busy", "It must wait for the running cell.")
        return "done"

    caller.add(careful)
    caller.send("1", "careful")
    assert caller.wait("1", PROGRESS)["main_needed"]
    caller.bridge.run_on_main("1")
    assert caller.wait("1")["result"]["data"] == {"result": "done"}
    assert tried == ["mlchat-reader", "MainThread"]


def test_what_waits_for_the_main_thread_can_be_withdrawn_also_after_its_first_try(caller: Caller) -> None:
    def careful() -> str:
        """Never run here."""
        raise NeedsIdle("kernel_busy", "It must wait for the running cell.")

    caller.add(careful)
    caller.send("1", "careful")
    caller.wait("1", PROGRESS)
    caller.send("2", kind="cancel", request_id="1")
    assert caller.wait("1")["result"]["fault"]["code"] == "deadline"
    assert caller.wait("2")["told"]["withdrawn"]


def test_whoever_lends_the_main_thread_gets_its_jobs_while_it_does(caller: Caller) -> None:
    given: list[Any] = []

    def change() -> str:
        """Change something."""
        return threading.current_thread().name

    caller.add(change, effect="write")
    with caller.bridge.main_runs(given.append):
        caller.send("1", "change")
        while not given:
            time.sleep(0.01)
        given[0].start()
    assert caller.wait("1")["result"]["data"] == {"result": "MainThread"}
    caller.send("2", "change")
    assert caller.wait("2", PROGRESS)["main_needed"]
    assert len(given) == 1


def test_a_kernel_that_is_switched_off_answers_nothing_until_it_is_on_again(caller: Caller) -> None:
    def look() -> str:
        """Look."""
        return "seen"

    caller.add(look)
    caller.send("1", kind="limit", enabled=False)
    assert caller.wait("1")["told"]["enabled"] is False
    for number, kind in enumerate(("tool", "tools", "catalogue")):
        caller.send(f"off-{number}", "look", kind=kind)
        assert caller.wait(f"off-{number}")["result"]["fault"]["code"] == "kernel_off"
    caller.send("2", kind="limit", enabled=True)
    assert caller.wait("2")["told"]["enabled"] is True
    assert caller.call("look")["data"] == {"result": "seen"}
