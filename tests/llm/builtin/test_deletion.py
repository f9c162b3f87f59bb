"""Nothing is deleted by near-miss."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from llm.builtin.talk import KERNEL, Talk, hear

EXACT = [
    ("delete pipe", "pipe"),
    ("Please remove ship from memory.", "ship"),
    ("drop the model draft_tree", "draft_tree"),
    ("del `pipe`", "pipe"),
    ("get rid of draft_tree, thanks", "draft_tree"),
    ('delete models["rf"]', 'models["rf"]'),
    ('delete_model(model_id="ship")', "ship"),
]
NEAR = [
    "delete the model",
    "delete",
    "remove it",
    "delete Pipe",
    "delete pipes",
    "delete draft tree",
    "delete pip",
    "delete old_pipe",
    "delete pipe and ship",
    "delete everything but pipe",
    "delete all models except pipe",
    "delete pipe's predictions",
    "don't delete pipe",
    "should I delete pipe?",
    "delete the column tenure from X_test",
    "drop duplicates in homes",
    "delete threshold",
    "delete X_test",
    "delete the file pipe.pkl",
    "which models can I delete?",
    "delete pipe if it is unfitted",
    "delete models",
    "wipe the notebook",
    'delete_model(model_id="pip")',
    'delete_model(model_id="pipe", force=true)',
    "delete_model(model_id='pipe') and ship",
]
WORDS = st.sampled_from(
    [
        "delete",
        "remove",
        "drop",
        "del",
        "the",
        "model",
        "pipe",
        "ship",
        "draft_tree",
        "and",
        "not",
        "all",
        "it",
        "from",
        "memory",
        "please",
        "except",
        "old",
        "tenure",
        "predict",
        "what",
        "3",
        ",",
        ".",
        "'",
        '"',
        "(",
        ")",
        "=",
        "?",
        "draft",
        "tree",
        "models",
        '["rf"]',
    ]
)


@pytest.mark.parametrize(("question", "name"), EXACT)
def test_exact_words_delete(question, name):
    assert Talk().ask(question).calls == [("delete_model", {"model_id": name})]


@pytest.mark.parametrize("question", NEAR)
def test_anything_else_deletes_nothing(question):
    heard = Talk().ask(question)
    assert "delete_model" not in {name for name, _ in heard.calls + heard.offers}
    assert heard.text or heard.title


def test_nothing_follows_a_deletion_by_analogy():
    talk = Talk()
    talk.ask("delete pipe")
    for question in ("and ship?", "and for ship", "what about ship", "same for ship", "ship too"):
        heard = talk.ask(question)
        assert "delete_model" not in {name for name, _ in heard.calls + heard.offers}


def test_one_exact_deletion_among_other_requests_is_not_taken():
    for question in ("delete pipe. which models do I have?", "what does ship need? delete pipe"):
        assert "delete_model" not in {name for name, _ in Talk().ask(question).calls}


def test_a_long_tail_is_not_cut_off():
    heard = Talk().ask("delete pipe" + " " * 5000 + "only in your dreams")
    assert not heard.calls
    heard = Talk().ask("delete pipe" + " please" * 5000)
    assert not heard.calls and "at most 4,000 characters" in heard.text


def exact(sentence: str) -> bool:
    """Independent of the engine: nothing left after taking away fillers, one verb and one name."""
    words = sentence.lower().replace("delete_model(", "delete ").strip(" .?!,()").split()
    kept = [
        w.strip("`'\".,?!")
        for w in words
        if w.strip("`'\".,?!") not in ("please", "the", "model", "from", "memory", "")
    ]
    verbs = [w for w in kept if w in ("delete", "remove", "drop", "del")]
    return len(kept) == 2 and len(verbs) == 1 and kept[0] == verbs[0]


@settings(max_examples=300, deadline=None)
@given(st.lists(WORDS, max_size=7).map(" ".join))
def test_random_sentences_of_the_same_words(sentence):
    heard = hear([{"role": "user", "content": sentence}], KERNEL)
    if "delete_model" in {name for name, _ in heard.calls + heard.offers}:
        assert exact(sentence)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_answered_and_deletes_nothing(text):
    heard = hear([{"role": "user", "content": text}], KERNEL)
    assert heard.calls or heard.text or heard.title
    assert "delete_model" not in {name for name, _ in heard.calls + heard.offers}
