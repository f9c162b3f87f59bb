"""Questions about files, rows, cells and jobs, and the answers' code."""

import json

import pytest
from llm.builtin.talk import KERNEL, hear

from jupyter_mlchat.llm.builtin.readings import READINGS
from jupyter_mlchat.llm.builtin.slots import find_files
from jupyter_mlchat.protocol.records import ToolInfo

TOOLS = [ToolInfo(name, "", {}, "read") for name in sorted({one.tool for one in READINGS})]


def ask(question, *before):
    return hear([*before, {"role": "user", "content": question}], KERNEL, tools=TOOLS)


CASES = [
    ("save pipe to a.joblib", "save_model", {"model_id": "pipe", "path": "a.joblib"}),
    ("load models/churn.joblib as churn2", "load_model", {"path": "models/churn.joblib", "name": "churn2"}),
    ("is model.pkl safe to load?", "inspect_model_file", {"path": "model.pkl"}),
    ("check sales.csv for pipe", "validate_dataset_file", {"path": "sales.csv", "model_id": "pipe"}),
    ("load sales.csv as sales", "load_dataset", {"path": "sales.csv", "name": "sales"}),
    ("score X_test with pipe into preds", "make_batch_prediction",
     {"model_id": "pipe", "data": "X_test", "into": "preds"}),
    ("predict all of new.parquet with pipe into scores.parquet", "make_batch_prediction",
     {"model_id": "pipe", "data": "new.parquet", "into": "scores.parquet"}),
    ("write a model card for pipe", "write_model_card", {"model_id": "pipe"}),
    ("show 5 rows of X_test", "sample_rows", {"data": "X_test", "n": 5}),
    ("undo that", "undo_last_change", {}),
    ("stop the job", "cancel_job", {}),
    ("where does X_test come from?", "read_notebook", {"part": "definitions", "name": "X_test"}),
    ("what was the last error?", "read_notebook", {"part": "errors"}),
    ("run: X_test.describe()", "run_code", {"code": "X_test.describe()"}),
    ("register pipe", "register_model", {"model_id": "pipe"}),
    ("write me a function that scores one row with pipe", "propose_cell",
     {"kind": "scoring_function", "model_id": "pipe"}),
]  # fmt: skip


@pytest.mark.parametrize(("question", "tool", "args"), CASES)
def test_a_piece_of_work_becomes_its_call(question, tool, args):
    assert ask(question).calls == [(tool, args)]


@pytest.mark.parametrize(
    "question",
    [
        "don't save pipe",
        "I never asked you to register pipe",
        "please do not run X_test.head()",
        "run away from here",
        "execute the plan of my boss",
        "show the first rows of X_test",
        "show the kids X_test",
        "let me see stuff in X_tset",
    ],
)
def test_work_that_is_not_plainly_asked_is_not_begun(question):
    assert ask(question).calls == []


def test_a_condition_on_rows_becomes_where():
    heard = ask("show rows of X_test where plan is pro")
    assert heard.calls == [] and heard.offers[0] == ("sample_rows", {"data": "X_test", "where": 'plan == "Pro"'})


def test_files_are_told_by_their_endings():
    found = {file.path: file.kind for file in find_files("use ~/a.csv, m/b.pkl and c.md but not df.head() or 3.5")}
    assert found == {"~/a.csv": "data", "m/b.pkl": "model", "c.md": "other"}


def test_a_name_that_is_nearly_one_is_offered_and_said():
    heard = ask("what does X_tset hold")
    assert not heard.calls and heard.title.startswith("There is no `X_tset` in this kernel. Did you mean:")


def _answered(content):
    call = {"id": "c", "type": "function", "function": {"name": "list_models", "arguments": "{}"}}
    return (
        {"role": "user", "content": "models?"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c", "content": json.dumps(content)},
        {"role": "assistant", "content": "One model."},
    )


@pytest.mark.parametrize("question", ["show it as code", "as python please", "give me the code for that"])
def test_the_last_answer_is_written_as_code(question):
    heard = ask(question, *_answered({"ok": True, "data": {}, "code": "pipe.predict(X)  # ```"}))
    assert heard.calls == [] and heard.text == "````python\npipe.predict(X)  # ```\n````"


def test_without_an_answer_there_is_no_code():
    assert ask("show it as code").text == "There is no answer yet that I could write as code."


def test_a_cell_or_a_file_that_is_attached_is_the_one_that_is_told_of():
    kernel = {**KERNEL, "attached": ["error in In[7]", "upload 9f2c"]}

    def pointing(question):
        return hear([{"role": "user", "content": question}], kernel, tools=TOOLS).calls

    assert pointing("why did this cell fail?") == [("read_notebook", {"part": "errors", "name": "In[7]"})]
    assert pointing("what became of my upload?") == [("get_upload_status", {"upload_id": "9f2c"})]
    assert pointing("where does X_test come from?") == [("read_notebook", {"part": "definitions", "name": "X_test"})]
