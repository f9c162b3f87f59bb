"""Numbers and names of an answer, and where they come from."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_mlchat.agent.binding import Binder, unverified
from jupyter_mlchat.protocol.events import Event, Message, ToolCalled, ToolReturned
from jupyter_mlchat.protocol.records import ToolResult

EVALUATED = {
    "model_id": "clf",
    "n": 190,
    "metrics": {
        "accuracy": {"value": 0.9473684, "low": 0.9157894, "high": 0.9736842},
        "recall": {"value": 0.8630137, "low": 0.78, "high": 0.93},
    },
    "baseline": {"accuracy": 0.6157894},
    "confusion": {"labels": ["no", "yes"], "counts": [[117, 0], [10, 63]]},
}
IMPORTANT = {
    "model_id": "clf",
    "features": [
        {"feature": "age", "importance": 0.62, "rank": 1},
        {"feature": "monthly fee", "importance": 0.31, "rank": 2},
        {"feature": "visits", "importance": 0.07, "rank": 3},
    ],
    "total": 3,
}
PREDICTED = {"prediction": "yes", "probability": {"yes": 0.8732, "no": 0.1268}, "confidence": 0.8732}


def told(call: str, tool: str, data: dict[str, Any], **args: Any) -> list[Event]:
    result = ToolReturned(call=call, tool=tool, result=ToolResult(ok=True, data=data))
    return [ToolCalled(call=call, tool=tool, args=args), result]


def conversation(*turns: list[Event], question: str = "How good is it?") -> list[Event]:
    return [event for turn in turns for event in [Message(text=question), *turn]]


ALL = conversation(
    told("e", "evaluate_model", EVALUATED, model_id="clf"), told("i", "get_feature_importance", IMPORTANT)
)
EVALUATION = conversation(told("e", "evaluate_model", EVALUATED, model_id="clf"))
IMPORTANCE = conversation(told("i", "get_feature_importance", IMPORTANT))
PREDICTION = conversation(
    told("p", "make_prediction", PREDICTED, features={"age": 61}), question="What about age 61 and fee 45.5?"
)


def loose(text: str, events: list[Event]) -> list[str]:
    binder = Binder()
    binder.hear(events)
    binder.read(text, final=True)
    return unverified(text, binder.marks)


@pytest.mark.parametrize(
    ("text", "events"),
    [
        ("The accuracy is 0.947 on 190 rows.", EVALUATION),
        ("The accuracy is 94.7 % (91.6 to 97.4 % is plausible).", EVALUATION),
        ("It is right in about 95% of the cases; recall is 0.86.", EVALUATION),
        ("It misclassifies 10 of 190 rows, which is 5.3 %.", EVALUATION),
        ("That is 33.2 percentage points better than the baseline.", EVALUATION),
        ("| metric | value |\n|---|---|\n| accuracy | 0.947 |\n| recall | 0.863 |", EVALUATION),
        ("1. accuracy: 0.947\n2. recall: 0.863", EVALUATION),
        ("## 2. Result\n\nF1 and R2 are not told. Step 7 comes next.", EVALUATION),
        ("```python\nx = 12345\n```\nThe accuracy is 0.947.", EVALUATION),
        ("The 95% interval of the accuracy starts at 0.916.", EVALUATION),
        ("Die Genauigkeit beträgt 0,947.", EVALUATION),
        ("`age` is exactly twice as important as `monthly fee`.", IMPORTANCE),
        ("`age` and `monthly fee` together make 93 %.", IMPORTANCE),
        ("The three features: the top 2 are `age` and `monthly fee`, `visits` comes third.", IMPORTANCE),
        ("The difference between `age` and `monthly fee` is 0.31.", IMPORTANCE),
        ("The answer is `yes` with a probability of 87 %; the remaining 13 % are for no.", PREDICTION),
        ("You gave age 61 and a fee of 45.5.", PREDICTION),
        ("Call `predict_proba` of the `pandas` frame, or see https://example.org/v2/1234.", PREDICTION),
    ],
)
def test_what_a_result_or_the_person_said_gets_no_mark(text: str, events: list[Event]) -> None:
    assert loose(text, events) == []


@pytest.mark.parametrize(
    ("text", "events", "wrong"),
    [
        ("The accuracy is 0.957.", EVALUATION, ["0.957"]),
        ("The accuracy is 0.863.", EVALUATION, ["0.863"]),
        ("It was measured on 191 rows.", EVALUATION, ["191"]),
        ("The accuracy is 0.947, and the latency 12.5 s.", EVALUATION, ["12.5"]),
        ("`age` has an importance of 0.31.", IMPORTANCE, ["0.31"]),
        ("`age` is 3.4 times as important as `monthly fee`.", IMPORTANCE, ["3.4 times"]),
        ("There are seven features.", IMPORTANCE, ["seven"]),
        ("`visits` comes fourth.", IMPORTANCE, ["fourth"]),
        ("Look at `income`, too.", IMPORTANCE, ["income"]),
        ("It was trained on 2021-03-04 with version 1.2.3.", IMPORTANCE, ["2021-03-04", "1.2.3"]),
        ("The probability is `0.91`.", PREDICTION, ["0.91"]),
        ("It is 1,234.5 or -7e3 or 55 %.", PREDICTION, ["1,234.5", "-7e3", "55 %"]),
    ],
)
def test_what_nothing_has_is_marked(text: str, events: list[Event], wrong: list[str]) -> None:
    assert loose(text, events) == wrong


def test_a_mark_names_the_call_and_the_place() -> None:
    text = "`age` leads with 0.62; the accuracy was 0.947 before."
    binder = Binder()
    binder.hear(ALL)
    binder.read(text, final=True)
    assert [(text[mark.start : mark.end], mark.call) for mark in binder.marks] == [
        ("age", "i"), ("0.62", "i"), ("0.947", "e"),
    ]  # fmt: skip


def test_of_what_was_found_twice_the_new_one_counts() -> None:
    again = {**EVALUATED, "metrics": {"accuracy": {"value": 0.5, "low": 0.4, "high": 0.6}}}
    both = conversation(told("old", "evaluate_model", EVALUATED), told("new", "evaluate_model", again))
    assert loose("The accuracy is 0.947.", both) == ["0.947"]
    assert loose("The accuracy was 0.947 before, now it is 0.50.", both) == []


def test_a_number_is_judged_only_when_it_is_whole() -> None:
    binder = Binder()
    binder.hear(EVALUATION)
    for text in ("The accuracy is 0.9", "The accuracy is 0.94", "The accuracy is 0.947", "The accuracy is 0.947\n"):
        binder.read(text)
    assert [(mark.start, mark.end, mark.call) for mark in binder.marks] == [(16, 21, "e")]


PIECES = st.lists(
    st.one_of(
        st.sampled_from([
            "The accuracy is ", "0.947", "0.95", " %", "94.7 %", "190 rows", "`age`", "`", "```", "\n", "\n\n", "| ",
            "1. ", "three ", "a third of", "$0.5$", "](", ")", "https://a.b/1", "-7", "1,234", "2021-03-04", " to ",
            "twice", "ten", "half of ", "95% interval", "12 of 190", ". ", "; ", "x 3", "1.2.3", "e5", "ü", "😀",
        ]),
        st.text("0123456789.,% `\n|ab-", max_size=8),
    ),
    max_size=30,
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(PIECES, st.lists(st.integers(1, 30), max_size=40))
def test_wherever_a_stream_is_cut_the_marks_are_the_same(pieces: list[str], cuts: list[int]) -> None:
    text = "".join(pieces)
    whole, streamed = Binder(), Binder()
    for binder in (whole, streamed):
        binder.hear(ALL)
    whole.read(text, final=True)
    at = 0
    for cut in cuts:
        at += cut
        streamed.read(text[:at])
    streamed.read(text, final=True)
    assert streamed.marks == whole.marks
    assert all(0 <= mark.start < mark.end <= len(text) for mark in whole.marks)
    assert all(a.end <= b.start for a, b in zip(whole.marks, whole.marks[1:], strict=False))
