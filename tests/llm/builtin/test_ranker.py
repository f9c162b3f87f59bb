"""The ranker: what it learned from, that it only orders, and what it and the readings decide together."""

import subprocess
import sys

import pytest
from llm.builtin.talk import KERNEL, hear

from jupyter_mlchat.llm.builtin.ranker import DECLINE, FILE, FOLLOWS, columns, load_ranker
from jupyter_mlchat.llm.builtin.reading import Reading
from jupyter_mlchat.llm.builtin.readings import READINGS
from jupyter_mlchat.llm.builtin.scoring import Scored
from jupyter_mlchat.llm.builtin.weighing import weigh
from jupyter_mlchat.protocol.records import ToolInfo
from training.build_ranker import digest, examples

TOOLS = [ToolInfo(name, "", {}, "read") for name in sorted({"delete_model", *(one.tool for one in READINGS)})]
NAMES = frozenset(tool.name for tool in TOOLS)


def test_the_shipped_file_was_built_from_what_is_here():
    assert load_ranker().made_of == digest(examples())


def test_it_is_small_and_knows_every_tool():
    assert FILE.stat().st_size < 2_000_000
    assert set(load_ranker().labels) == NAMES | {DECLINE}


def test_chances_are_shares_and_the_likeliest_come_first():
    chances = load_ranker().chances(f"why did MODEL say that {FOLLOWS}")
    assert sum(chances.values()) == pytest.approx(1)
    assert list(chances.values()) == sorted(chances.values(), reverse=True)
    assert next(iter(chances)) == "explain_prediction"


def test_a_sentence_without_words_is_no_error():
    assert columns("", load_ranker().rarity) == {} and sum(load_ranker().chances("").values()) == pytest.approx(1)


def test_the_first_question_imports_no_library_of_numbers():
    code = (
        "import sys\n"
        "from jupyter_mlchat.llm.builtin.ranker import load_ranker\n"
        "load_ranker().chances('why MODEL')\n"
        "assert not {'numpy', 'sklearn', 'scipy'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


@pytest.mark.parametrize("question", ["which input counts the most then", "numbers on how right it tends to be"])
def test_what_no_cue_explains_is_never_called_by_likeness_alone(question):
    heard = hear([{"role": "user", "content": question}], KERNEL, tools=TOOLS)
    assert heard.calls == []


def _scored(tool: str, score: float, **more) -> Scored:
    return Scored(score, Reading("one", tool, "one", (), **more))


def test_likeness_alone_is_offered():
    found = weigh({"get_model_info": 0.99}, [], NAMES, {})
    assert found.sure is None and found.readings[0].tool == "get_model_info"


def test_a_weak_cue_is_not_called_however_likely():
    weak = _scored("get_model_info", 1.0)
    assert weigh({"get_model_info": 0.99}, [weak], NAMES, {}).sure is None


def test_a_plain_cue_that_likeness_contradicts_is_offered():
    cued = _scored("get_model_info", 2.4)
    assert weigh({"list_models": 0.98, "get_model_info": 0.001}, [cued], NAMES, {}).sure is None
    assert weigh({"get_model_info": 0.5, "list_models": 0.4}, [cued], NAMES, {}).sure is cued.reading


def test_deletions_are_never_offered():
    for question in ("delete", "remove this thing", "get rid of the old one", "drop it"):
        heard = hear([{"role": "user", "content": question}], KERNEL, tools=TOOLS)
        assert not heard.calls and "delete_model" not in [tool for tool, _ in heard.offers]
