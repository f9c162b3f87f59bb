"""What leaves for a provider is redacted, and recorded byte for byte before it goes."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest

from jupyter_mlchat.guard.privacy import Ledger, Rules, Sent, leaving
from jupyter_mlchat.llm.base import CancelToken, LlmRequest, Part, TextPart
from jupyter_mlchat.llm.breaker import Breakers
from jupyter_mlchat.llm.chain import Chain
from jupyter_mlchat.protocol.faults import Code, Fault


class Echo:
    """An llm of this test: it says what it was sent."""

    def __init__(self, local: bool) -> None:
        self.name, self.local = "echo/one", local

    def stream(self, request: LlmRequest, cancel: CancelToken) -> Iterator[Part]:
        yield TextPart(str([m["content"] for m in request.messages]) + str(request.catalogue))


MESSAGES = [
    {"role": "user", "content": "mail to me@example.org"},
    {"role": "tool", "tool_call_id": "1", "content": "mail to you@example.org, 123-45-6789"},
]


def test_a_provider_gets_redacted_tool_text_and_what_it_gets_is_on_record() -> None:
    sent: list[Sent] = []
    ledger = Ledger(Echo(local=False), sent.append)
    request = LlmRequest(MESSAGES, catalogue={"models": ["secret"]})
    said = "".join(p.text for p in ledger.stream(request, CancelToken()) if isinstance(p, TextPart))
    assert "me@example.org" in said
    assert "you@example.org" not in said
    assert "secret" not in said
    assert [m["content"] for m in msgspec.json.decode(sent[0].body)["messages"]] == [
        "mail to me@example.org",
        "mail to [email], [ssn]",
    ]


def test_what_steps_in_is_on_record_under_its_own_name_and_only_a_local_one_sees_the_kernel() -> None:
    class Down(Echo):
        def stream(self, request: LlmRequest, cancel: CancelToken) -> Iterator[Part]:
            raise Fault(Code.LLM_UNREACHABLE, "Can't reach it.")
            yield TextPart("")

    first, second, last = Down(local=False), Down(local=False), Echo(local=True)
    second.name, last.name = "echo/two", "builtin"
    sent: list[Sent] = []
    chain = Chain([first, second, last], Breakers()).each(lambda link: Ledger(link, sent.append))
    request = LlmRequest(MESSAGES, catalogue={"models": ["secret"]})
    said = "".join(p.text for p in chain.stream(request, CancelToken()) if isinstance(p, TextPart))
    assert [what.llm for what in sent] == ["echo/one", "echo/two"]
    assert not any(b"secret" in what.body or b"you@example.org" in what.body for what in sent)
    assert "secret" in said


def test_what_is_not_recorded_does_not_leave() -> None:
    def refuse(what: Sent) -> None:
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        next(iter(Ledger(Echo(local=False), refuse).stream(LlmRequest(MESSAGES), CancelToken())))


def test_a_local_llm_sees_everything_and_nothing_is_sent() -> None:
    sent: list[Sent] = []
    parts = Ledger(Echo(local=True), sent.append).stream(LlmRequest(MESSAGES), CancelToken())
    assert "you@example.org" in next(iter(parts)).text
    assert sent == []


def test_at_schema_level_no_number_leaves_but_those_of_shapes() -> None:
    content = '{"ok": true, "data": {"id": "df", "rows": 150, "columns": [{"name": "age", "mean": 41.7}]}}'
    messages = [{"role": "tool", "tool_call_id": "1", "content": content}, {"role": "user", "content": "41.7?"}]
    told = leaving(messages, "schema")
    assert msgspec.json.decode(told[0]["content"]) == {
        "ok": True,
        "data": {"id": "df", "rows": 150, "columns": [{"name": "age", "mean": "(held back)"}]},
    }
    assert told[1]["content"] == "41.7?"
    assert leaving([{**messages[0], "content": "41.7 is the mean"}], "schema")[0]["content"] == "(held back)"


def test_the_body_is_recorded_as_the_llm_makes_it() -> None:
    sent: list[Sent] = []

    def told(request: LlmRequest) -> dict[str, object]:
        return {"model": "one", "messages": request.messages, "temperature": 0.5}

    next(iter(Ledger(Echo(local=False), sent.append, Rules(), told).stream(LlmRequest(MESSAGES), CancelToken())))
    body = msgspec.json.decode(sent[0].body)
    assert (body["model"], body["temperature"]) == ("one", 0.5)
    assert body["messages"][1]["content"] == "mail to [email], [ssn]"


def test_what_is_hidden_does_not_leave_and_neither_does_what_other_rules_take_out() -> None:
    sent: list[Sent] = []
    rules = Rules("aggregates", ("wages",), lambda text: text.replace("mail", "(word)"))
    messages = [*MESSAGES, {"role": "tool", "tool_call_id": "2", "content": '{"data":{"id":"wages"}}'}]
    said = "".join(
        p.text
        for p in Ledger(Echo(local=False), sent.append, rules).stream(LlmRequest(messages), CancelToken())
        if isinstance(p, TextPart)
    )
    assert "wages" not in said and "wages" not in sent[0].body.decode()
    assert msgspec.json.decode(sent[0].body)["messages"][1]["content"].startswith("(word) to you")
