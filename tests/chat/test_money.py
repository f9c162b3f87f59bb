"""What turns cost and who answers them: budgets, who steps in, statistics, two llms side by side."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from chat.house import KERNEL, ME, House, new_id, only
from provider import Provider, calls, fails, running, says, stalls
from sqlalchemy import select

from jupyter_mlchat.chat.comparison import compare
from jupyter_mlchat.guard.access import Caller
from jupyter_mlchat.llm.background import Background
from jupyter_mlchat.protocol import commands as c
from jupyter_mlchat.protocol import events as e
from jupyter_mlchat.protocol.answers import BudgetState
from jupyter_mlchat.protocol.faults import Code, Fault
from jupyter_mlchat.protocol.records import Context
from jupyter_mlchat.runtime.toolbox import Local, tool
from jupyter_mlchat.store.tables import attempts, spending

LLM = "openai/gpt-4.1-mini"
Build = Callable[..., House]


@pytest.fixture
def provider() -> Iterator[Provider]:
    with running() as made:
        yield made


@pytest.fixture
def build(
    tmp_path: Path, provider: Provider, background: Background, jp_asyncio_loop: asyncio.AbstractEventLoop
) -> Iterator[Build]:
    """A house whose llm is the scripted provider; keywords are settings."""
    made: list[House] = []

    def build(**settings: Any) -> House:
        environment = {"OPENAI_API_KEY": "sk-x", "OLLAMA_BASE_URL": "http://127.0.0.1:9"}
        given = {"llm": LLM, "llm_base_url": provider.url, "environment": environment, **settings}
        made.append(House(tmp_path, background, **given))
        return made[-1]

    yield build
    for house in made:
        jp_asyncio_loop.run_until_complete(house.close())


def text_of(events: list[e.AnyEvent]) -> str:
    final = [x for x in events if isinstance(x, e.TextSnapshot) and x.final and x.kind == "answer"]
    return final[-1].text if final else ""


def fault_of(events: list[e.AnyEvent]) -> Any:
    return only(events, e.TurnEnded).fault


class TestBudgets:
    @pytest.mark.parametrize(
        ("setting", "variable"),
        [
            ("budget_turn_tokens", "AI_BUDGET_TURN_TOKENS"),
            ("budget_conversation_tokens", "AI_BUDGET_CONVERSATION_TOKENS"),
            ("budget_day_usd", "AI_BUDGET_DAY_USD"),
        ],
    )
    async def test_of_nothing_call_no_llm_and_the_builtin_engine_still_answers(
        self, build: Build, provider: Provider, setting: str, variable: str
    ) -> None:
        house = await build(**{setting: 0}).open()
        fault = fault_of(await house.settle(await house.ask("hello"), 60))
        assert (fault.code, fault.about) == (Code.LLM_BUDGET, variable)
        assert provider.requests == []
        events = await house.settle(await house.ask("what can you do?", llm="builtin"), 60)
        assert only(events, e.TurnEnded).state == "completed"

    async def test_of_a_turn_stops_before_the_call_that_would_pass_it_and_keeps_what_came(
        self, build: Build, provider: Provider
    ) -> None:
        house = await build(budget_turn_tokens=3000).open()
        big = calls(("add", {"a": 1}), usage=(1500, 1400), ids=("c1",))
        provider.enqueue(big)
        events = await house.settle(await house.ask("add"), 60)
        fault = fault_of(events)
        assert fault.code is Code.LLM_BUDGET and "of which 2,900 are spent" in fault.message
        assert len(provider.requests) == 1
        assert only(events, e.ToolReturned).result.ok
        provider.enqueue(says("a turn of its own"))
        assert text_of(await house.settle(await house.ask("hello"), 60)) == "a turn of its own"

    async def test_of_a_day_count_every_conversation_of_one_person(self, build: Build, provider: Provider) -> None:
        house = await build(budget_day_tokens=5000).open()
        provider.enqueue(says("first", usage=(4000, 900)), says("for you", usage=(1, 1)))
        await house.settle(await house.ask("hello"), 60)
        opened = await house.send(c.ConversationOpen(id=new_id(), new=True))
        fault = fault_of(await house.settle(await house.ask("hi there", conversation=opened.conversation), 60))
        assert fault.about == "AI_BUDGET_DAY_TOKENS"
        you = Caller("you")
        context = Context(kernel=KERNEL)
        other = await house.send(c.TurnStart(id=new_id(), text="hi there", context=context), you)
        for _ in range(500):
            if (await house.service.turn(other.turn, you)).state == "completed":  # type: ignore[arg-type]
                break
            await asyncio.sleep(0.02)
        assert len(provider.requests) == 2, "what others spend is theirs"

    async def test_that_are_no_numbers_stop_the_turn_and_name_the_variable(
        self, build: Build, provider: Provider
    ) -> None:
        house = await build(environment={"OPENAI_API_KEY": "sk-x", "AI_BUDGET_DAY_USD": "lots"}).open()
        fault = fault_of(await house.settle(await house.ask("hello"), 60))
        assert (fault.code, fault.about) == (Code.INVALID_INPUT, "AI_BUDGET_DAY_USD")
        assert provider.requests == []
        events = await house.settle(await house.ask("what can you do?", llm="builtin"), 60)
        assert only(events, e.TurnEnded).state == "completed", "what costs nothing needs no budget"

    async def test_a_long_history_is_announced_before_the_first_call(self, build: Build, provider: Provider) -> None:
        house = await build(announce_tokens=2000).open()
        provider.enqueue(says("word " * 2000), says("short"))
        first = await house.settle(await house.ask("hello"), 60)
        assert not [x for x in first if isinstance(x, e.Notice)]
        notice = only(await house.settle(await house.ask("again"), 60), e.Notice)
        assert notice.code == "estimate"
        assert notice.text.startswith(f"This question goes to {LLM} with about ")


class TestSpending:
    async def test_is_written_with_the_event_and_sums_up(self, build: Build, provider: Provider) -> None:
        house = await build(budget_day_tokens=100_000).open()
        provider.enqueue(calls(("add", {"a": 2}), usage=(1000, 10)), says("3.", usage=(1200, 20)), fails(401, "no"))
        accepted = await house.ask("2 + 1?")
        events = await house.settle(accepted, 60)
        told = [x.usage for x in events if isinstance(x, e.UsageReported)]
        rows = await house.database.run(lambda tx: tx.execute(select(spending)).all())
        assert [(r.llm, r.prompt_tokens, r.completion_tokens, r.elapsed_ms, r.turn) for r in rows] == [
            (u.llm, u.prompt_tokens, u.completion_tokens, u.elapsed_ms, accepted.turn) for u in told
        ]
        assert accepted.turn is not None and all(row.elapsed_ms > 0 for row in rows)
        await house.send(c.FeedbackGive(id=new_id(), turn=accepted.turn, score=1))
        await house.settle(await house.ask("hello"), 60)
        await house.settle(await house.ask("what can you do?", llm="builtin"), 60)

        report = await house.service.usage(ME, "llm", 1)
        hosted, builtin = report.rows
        assert (hosted.key, hosted.calls, hosted.prompt_tokens, hosted.completion_tokens) == (LLM, 2, 2200, 30)
        assert (hosted.attempts, hosted.completed, hosted.failed) == (2, 1, 1)
        assert (hosted.tool_calls, hosted.tools_failed, hosted.thumbs_up, hosted.thumbs_down) == (1, 0, 1, 0)
        assert (hosted.cost, hosted.unpriced_calls) == (0.0, 2), "a server of one's own has no price"
        assert hosted.elapsed_ms >= hosted.llm_ms > 0
        assert (builtin.key, builtin.calls, builtin.completed) == ("builtin", 0, 1)
        spent = BudgetState(scope="day", tokens=100_000, usd=None, spent=2230, spent_usd=0.0)
        assert report.budgets == [spent]
        [by_day] = (await house.service.usage(ME, "day", 1)).rows
        [by_conversation] = (await house.service.usage(ME, "conversation", 1)).rows
        assert by_day.prompt_tokens == by_conversation.prompt_tokens == 2200
        assert (await house.service.usage(Caller("you"), "llm", 30)).rows == []

    async def test_what_was_stopped_or_cut_is_estimated(self, build: Build, provider: Provider) -> None:
        house = await build().open()
        provider.enqueue(stalls("a" * 400))
        accepted = await house.ask("tell me")
        told: list[e.Event] = []
        stop = await house.service.follow(accepted.conversation, 0, ME, told.append)
        for _ in range(1000):
            if any(isinstance(x, e.TextDelta) for x in told):
                break
            await asyncio.sleep(0.02)
        await house.send(c.TurnCancel(id=new_id(), turn=accepted.turn))  # type: ignore[arg-type]
        events = await house.settle(accepted, 20)
        stop()
        usage = only(events, e.UsageReported).usage
        assert (usage.estimated, usage.completion_tokens) == (True, 100)
        assert usage.prompt_tokens > 100
        [row] = await house.database.run(lambda tx: tx.execute(select(spending)).all())
        assert row.completion_tokens == 100


class TestAnotherLlmSteppingIn:
    async def test_gets_what_tools_found_which_do_not_run_again(self, build: Build, provider: Provider) -> None:
        house = await build(fallback_ai_provider="openai/second, openai/third").open()
        ran: list[int] = []

        @tool()
        def count_up() -> dict[str, int]:
            """Count up by one."""
            ran.append(1)
            return {"count": len(ran)}

        house.bridge.toolbox.add(count_up, "test")
        provider.enqueue(calls(("count_up", {})), fails(401, "revoked"), fails(404, "no"), says("It is at 1."))
        accepted = await house.ask("count up")
        events = await house.settle(accepted, 60)
        assert text_of(events) == "It is at 1." and ran == [1]
        assert [body["model"] for body in provider.bodies] == ["gpt-4.1-mini", "gpt-4.1-mini", "second", "third"]
        assert provider.bodies[3]["messages"] == provider.bodies[1]["messages"]
        assert [x.llm for x in events if isinstance(x, e.Notice)] == ["openai/second", "openai/third"]
        assert only(events, e.TurnEnded).answered_by == "openai/third"
        assert [x.usage.llm for x in events if isinstance(x, e.UsageReported)] == [LLM, "openai/third"]
        sent = await house.service.sent(accepted.turn, ME)  # type: ignore[arg-type]
        assert [request.llm for request in sent] == [LLM, LLM, "openai/second", "openai/third"], "all on record"


class TestTheBuiltinEngineSteppingIn:
    async def test_is_told_labelled_and_never_sent_on(self, build: Build, provider: Provider) -> None:
        house = await build().open()

        @tool()
        def list_models() -> dict[str, Any]:
            """List models."""
            return {"models": [], "total": 0, "note": Local("SECRET")}

        house.bridge.toolbox.add(list_models, "test")
        provider.enqueue(*[fails(500, "boom")] * 3)
        events = await house.settle(await house.ask("which models do I have?"), 60)
        fallback = [x for x in events if isinstance(x, e.Notice) and x.code == "fallback"]
        host = provider.root.removeprefix("http://")
        assert [(n.text, n.llm) for n in fallback] == [
            (
                f"{host} answered with error 500. The built-in engine, without a language model, answers instead.",
                "builtin",
            )
        ]
        assert only(events, e.ToolReturned).tool == "list_models"
        ended = only(events, e.TurnEnded)
        assert (ended.state, ended.answered_by) == ("completed", "the built-in engine (no language model)")
        said = text_of(events)
        assert said
        [attempt] = await house.database.run(lambda tx: tx.execute(select(attempts)).all())
        assert (attempt.llm, attempt.state) == ("builtin", "completed")

        provider.enqueue(says("fine"))
        again = await house.settle(await house.ask("hello"), 60)
        assert text_of(again) == "fine", "the next turn asks the provider again"
        assert said not in str(provider.bodies[-1]["messages"]), "what it worded stays here"
        assert "SECRET" not in str(provider.bodies)

    async def test_a_question_it_can_not_read_fails_with_the_providers_fault(
        self, build: Build, provider: Provider
    ) -> None:
        house = await build().open()
        provider.enqueue(*[fails(500, "boom")] * 3)
        ended = only(await house.settle(await house.ask("write me a poem about rain"), 60), e.TurnEnded)
        assert ended.state == "failed" and ended.fault is not None and ended.fault.retryable
        assert (ended.fault.code, ended.answered_by) == (Code.LLM_UNAVAILABLE, LLM)

    async def test_after_failures_in_a_row_a_provider_rests(self, build: Build, provider: Provider) -> None:
        house = await build(llm_base_url="http://127.0.0.1:9/v1").open()
        for _ in range(4):
            fault = fault_of(await house.settle(await house.ask("hello"), 60))
        assert fault.code is Code.LLM_UNAVAILABLE and "3 times in a row" in fault.message


class TestComparing:
    async def test_two_llms_answer_the_same_and_the_notebooks_conversation_is_left_alone(
        self, build: Build, provider: Provider
    ) -> None:
        house = await build().open()
        provider.enqueue(says("mine"))
        mine = await house.ask("hello")
        await house.settle(mine, 60)
        provider.enqueue(calls(("add", {"a": 2}), usage=(10, 1)), says("It is 3.", usage=(20, 2)), fails(404, "no"))
        context = Context(kernel=KERNEL, notebook="n.ipynb")
        compared = await compare(house.service, ME, "2 + 1?", ["openai/one", "openai/two"], context)
        one, two = compared.answers
        assert (one.llm, one.answered_by, one.state, one.text) == ("openai/one", "openai/one", "completed", "It is 3.")
        assert (one.prompt_tokens, one.completion_tokens, one.cost) == (30, 3, None)
        assert [(call.tool, call.ok) for call in one.tool_calls] == [("add", True)]
        assert one.elapsed_ms > 0
        assert (two.state, two.text) == ("failed", "")
        assert two.fault is not None and two.fault.code is Code.LLM_UNKNOWN
        offered = {tool["function"]["name"] for tool in provider.bodies[1]["tools"]}
        assert "add" in offered and "store" not in offered, "they only read and predict"
        assert len(await house.service.sent(one.turn, ME)) == 2
        assert [info.id for info in await house.service.conversations.newest(ME, 9)] == [mine.conversation]
        provider.enqueue(says("still here"))
        assert (await house.ask("hello again")).conversation == mine.conversation

    async def test_one_that_asks_back_is_stopped_and_says_what_it_asked(self, build: Build, provider: Provider) -> None:
        house = await build().open()
        provider.enqueue(calls(("needs_more", {"features": {}})), says("done"))
        one, two = (
            await compare(house.service, ME, "go", ["openai/one", "openai/two"], Context(kernel=KERNEL))
        ).answers
        assert (one.state, one.asked) == ("waiting", "b is missing")
        assert two.text == "done"
        assert await house.state(one.turn) == "cancelled"

    @pytest.mark.parametrize(
        ("text", "llms", "about"),
        [
            (" ", ["openai/a", "openai/b"], "text"),
            ("hi", ["openai/a"], "llms"),
            ("hi", ["openai/a", "openai/a"], "llms"),
            ("hi", ["opnai/a", "openai/b"], "opnai/a"),
        ],
    )
    async def test_what_can_not_be_compared_is_a_fault(
        self, build: Build, provider: Provider, text: str, llms: list[str], about: str
    ) -> None:
        house = await build(llm_base_url="").open()
        with pytest.raises(Fault) as caught:
            await compare(house.service, ME, text, llms, Context())
        assert caught.value.record.about == about
        assert await house.service.conversations.newest(ME, 9) == []
