"""The engine as an `Llm`: its parts, in their order, until someone stops it."""

from __future__ import annotations

import subprocess
import sys

import pytest
from llm.builtin.talk import KERNEL, TOOLS, Talk, hear

from jupyter_mlchat.llm.base import (
    Cancelled,
    CancelToken,
    Llm,
    LlmRequest,
    OffersPart,
    ReadingPart,
    TextPart,
    ToolCallPart,
)
from jupyter_mlchat.llm.builtin import BuiltinLlm


def parts(question: str, **request):
    messages = [{"role": "system", "content": "rules"}, {"role": "user", "content": question}]
    asked = LlmRequest(messages, **{"tools": TOOLS, "catalogue": KERNEL, **request})
    return list(BuiltinLlm().stream(asked, CancelToken()))


def test_it_is_an_llm():
    llm: Llm = BuiltinLlm()
    assert (llm.name, llm.local) == ("builtin", True)


def test_a_call_is_preceded_by_its_reading():
    kinds = [type(part) for part in parts("predict with pipe: tenure=3")]
    assert kinds == [ReadingPart, ToolCallPart]


def test_offers_carry_full_calls():
    (part,) = parts("what are the inputs?")
    assert isinstance(part, OffersPart)
    assert [offer.args["model_id"] for offer in part.offers][:2] == ["pipe", 'models["rf"]']
    assert part.offers[0].text == "the inputs of `pipe`"


def test_call_ids_are_new_every_time():
    ids = {part.id for _ in range(20) for part in parts("help") if isinstance(part, ToolCallPart)}
    assert len(ids) == 20


def test_the_same_question_is_read_the_same_way():
    first, second = (parts("what are the inputs?") for _ in range(2))
    assert isinstance(first[0], OffersPart) and first == second


def test_words_only_when_no_tool_may_be_called():
    heard = hear([{"role": "user", "content": "what does pipe need?"}], KERNEL, tool_choice="none")
    assert not heard.calls and "the inputs of `pipe`" in heard.text


def test_without_tools_nothing_is_called():
    heard = hear([{"role": "user", "content": "what does pipe need?"}], KERNEL, tools=[])
    assert not heard.calls and not heard.offers and heard.text


def test_without_a_question_it_says_what_to_do():
    assert "help" in hear([{"role": "system", "content": "rules"}], KERNEL).text
    assert hear([], None).text


def test_several_results_are_worded_together():
    talk = Talk()
    talk.ask("which models do I have? And what does pipe need?")
    heard = hear(talk.messages[:-1], KERNEL)
    assert "There are no models" in heard.text and "Inputs of" in heard.text


def test_text_comes_in_pieces_and_stops_when_cancelled():
    cancel = CancelToken()
    said = []
    with pytest.raises(Cancelled):
        for part in BuiltinLlm().stream(LlmRequest([{"role": "user", "content": "train pipe"}]), cancel):
            assert isinstance(part, TextPart)
            said.append(part.text)
            if len(said) == 3:
                cancel.cancel()
    assert len(said) == 3


def test_cancelled_before_it_began():
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        next(BuiltinLlm().stream(LlmRequest([{"role": "user", "content": "help"}]), cancel))


def test_importing_it_imports_nothing_heavy():
    script = (
        "import sys, jupyter_mlchat.llm.builtin\n"
        "heavy = {'rapidfuzz', 'litellm', 'smolagents', 'numpy', 'pandas', 'sklearn'} & set(sys.modules)\n"
        "sys.exit(str(heavy) if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
