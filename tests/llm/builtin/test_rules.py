"""The learned rules: where they come from, what they may never say, and what the engine does with them."""

from collections import Counter

import pytest
from llm.builtin.talk import hear, model

from benchmarks.builtin import KNOWN, answer_to, verdict
from jupyter_mlchat.llm.builtin.rules import FILE, Rule, indexed, load_rules
from jupyter_mlchat.llm.builtin.wording import stem, wording
from training.build_rules import NEVER, examples, induce, made_of
from training.corpus import utterances


def test_the_shipped_file_was_built_from_what_is_here():
    assert load_rules().made_of == made_of(list(examples()))


def test_building_them_again_gives_the_same_rules():
    shipped = {rule for rules in load_rules().by_mark.values() for rule in rules}
    assert shipped == set(induce(list(examples())))


def test_the_file_is_small_and_says_nothing_of_tools_that_delete_or_disclose():
    tools = {rule.tool for rules in load_rules().by_mark.values() for rule in rules}
    assert FILE.stat().st_size < 200_000
    assert len(tools) > 30 and not tools & NEVER


def test_a_rule_holds_when_all_its_marks_are_there():
    rules = indexed([Rule("evaluate_model", ("<MEASURE>", "MODEL"), 8, 8), Rule("what_if", ("if",), 1, 2)], "")
    assert rules.heard("accuracy of MODEL") == {"evaluate_model": pytest.approx(0.8)}
    assert rules.heard("accuracy") == {}
    assert set(rules.heard("if the auc of MODEL")) == {"evaluate_model", "what_if"}


def test_words_that_say_the_same_leave_the_same_mark():
    assert "<CUTOFF>" in wording("which thresholds") & wording("a good cut-off or cutoff")
    assert stem("predicted") == stem("predicting") and {"no ROW", "short"} <= wording("why MODEL")


def test_what_the_engine_makes_of_questions_that_it_was_not_made_from():
    said: Counter[str] = Counter()
    deletions = 0
    for line in utterances(tuned=False):
        if line["tool"] in KNOWN or line["tool"] == "decline":
            heard, _ = answer_to(line)
            said[verdict(line, heard)] += 1
            deletions += line["tool"] != "delete_model" and "delete_model" in [name for name, _ in heard.calls]
    outside = said["declined"] + said["call to decline"]
    ours = said.total() - outside
    assert deletions == 0
    assert said["call to decline"] <= 0.01 * outside
    assert said["wrong call"] <= 0.015 * ours
    assert said["right"] >= 0.35 * ours
    assert said["right"] + said["asked which"] + said["offered"] >= 0.87 * ours


WINE = {
    "models": [model("clf", "SVC", ["alcohol", "ash"], classes=["class_0", "class_1", "class_2"])],
    "frames": [],
    "others": {"wine": "Bunch"},
}


@pytest.mark.parametrize(
    ("question", "called"),
    [
        ("predict wine.data[0] with clf", ("make_prediction", {"model_id": "clf", "row": "wine.data[0]"})),
        ("what matters least to clf?", ("get_feature_importance", {"model_id": "clf", "least": True})),
        ("what matters most to clf?", ("get_feature_importance", {"model_id": "clf"})),
    ],
)
def test_attributes_are_rows_and_least_is_not_most(question, called):
    assert hear([{"role": "user", "content": question}], WINE).calls == [called]


def test_a_class_is_no_unknown_name():
    heard = hear([{"role": "user", "content": "what must change in wine.data[0] so that clf predicts class_2?"}], WINE)
    assert [args.get("output") for tool, args in heard.calls or heard.offers if tool == "find_counterfactual"] == [
        "class_2"
    ]
