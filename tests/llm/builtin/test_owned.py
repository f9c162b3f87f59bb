"""Tools that people wrote: offered when they are mentioned, called by their exact name alone."""

import pytest
from llm.builtin.talk import KERNEL, TOOLS, hear

from jupyter_mlchat.protocol.records import ToolInfo

REPORT = ToolInfo(
    "churn_report", "A report.", {"type": "object", "properties": {}, "required": []}, "read",
    example="how many customers left last week", origin="__main__",
)  # fmt: skip
SEGMENT = ToolInfo(
    "score_segment",
    "Scores one.",
    {"properties": {"model_id": {"type": "string"}, "segment": {"type": "string"}}, "required": ["model_id"]},
    "write",
    origin="__main__",
)


def ask(question: str):
    return hear([{"role": "user", "content": question}], KERNEL, tools=[*TOOLS, REPORT, SEGMENT])


@pytest.mark.parametrize("question", ["churn_report", "please run churn_report", "use my tool churn_report."])
def test_its_exact_name_alone_calls_it(question):
    assert ask(question).calls == [("churn_report", {})]


@pytest.mark.parametrize(
    "question",
    [
        "could i have the churn report for friday",
        "so how many customers left us last week?",
        "what does churn_report say",
    ],
)
def test_a_mention_offers_it_first(question):
    heard = ask(question)
    assert heard.calls == [] and heard.offers[0] == ("churn_report", {})


def test_what_writes_is_offered_even_by_its_exact_name_with_the_model_that_is_named():
    heard = ask("score_segment with pipe")
    assert heard.calls == [] and heard.offers[0] == ("score_segment", {"model_id": "pipe"})


def test_what_it_lacks_is_said():
    heard = ask("score_segment")
    assert heard.calls == [] and "score_segment(model_id=...)" in heard.text


def test_other_questions_go_their_way():
    assert ask("what matters most to pipe?").calls == [("get_feature_importance", {"model_id": "pipe"})]
