"""A conversation about files, rows and cells with the kernel's own tools, and what the engine says of their results."""

import pytest
from llm.builtin.test_real_models import notebook as notebook

from jupyter_mlchat.llm.builtin.replies import reply


@pytest.fixture
def folder(tmp_path, monkeypatch, notebook):
    monkeypatch.chdir(tmp_path)
    people = notebook.context.user_ns["people"]
    people.to_csv("people.csv", index=False)
    return tmp_path


def test_a_model_is_saved_found_looked_into_and_loaded(folder, notebook):
    _, said = notebook.ask("save pipe to a.joblib")
    assert "`pipe` is saved as `a.joblib`, " in said and (folder / "a.joblib").exists()
    _, said = notebook.ask("which model files are there?")
    assert "`a.joblib`" in said and "| file | kind | size | changed |" in said
    _, said = notebook.ask("what is inside a.joblib?")
    assert said.startswith("`a.joblib` is ") and "Verdict: **" in said
    heard, said = notebook.ask("load a.joblib as again")
    assert heard.calls == [("load_model", {"path": "a.joblib", "name": "again"})]
    assert "`a.joblib` is loaded as `again`." in said and "with 2 inputs" in said


def test_a_file_of_rows_is_checked_loaded_and_scored(folder, notebook):
    _, said = notebook.ask("does people.csv suit pipe?")
    assert said.startswith("`people.csv`: csv, 200 rows, 3 columns.") and "It suits `pipe`." in said
    _, said = notebook.ask("load people.csv as folk")
    assert said == "`people.csv` is loaded as `folk`: 200 rows, 3 columns."
    heard, said = notebook.ask("score folk with pipe into scores")
    assert heard.calls[0][1] == {"model_id": "pipe", "data": "folk", "into": "scores"}
    assert said.startswith("`pipe` has predicted `folk`: 200 rows into `scores`.")


def test_rows_are_shown_as_they_are(notebook):
    _, said = notebook.ask("show 3 rows of people")
    assert said.startswith("3 rows of `people`, drawn at random:") and said.count("\n| ") == 5


def test_a_model_card_is_shown(notebook):
    _, said = notebook.ask("write a model card for pipe")
    assert said.startswith("The card of `pipe`") and "```text\n" in said


def test_the_last_answer_can_be_had_as_code(notebook):
    notebook.ask("describe people")
    _, said = notebook.ask("show it as code")
    assert said == "```python\npeople.describe(include='all')\n```"


def test_a_function_is_proposed(notebook):
    _, said = notebook.ask("write me a function that scores one row with pipe")
    assert said.startswith("The cell below is a proposal; nothing was inserted or run.")


@pytest.mark.parametrize(
    ("tool", "found", "said"),
    [
        ("read_notebook", {"part": "outline", "cells": [], "total": 0}, "No cell has run in this kernel yet."),
        ("read_notebook", {"part": "outline", "total": 1, "cells": [
            {"cell": 4, "defines": ["df"], "status": "failed", "error": "KeyError"}]},
         "1 cells:\n\n- In\\[4\\]: makes `df`; **failed** with `KeyError`"),
        ("read_notebook", {"part": "errors", "error": None}, "No cell has failed in this kernel."),
        ("read_notebook", {"part": "errors", "error": {"type": "KeyError", "cell": 7, "line": 2, "message": "x"}},
         "The last error was `KeyError` in In\\[7\\], line 2: x"),
        ("read_notebook", {"part": "definitions", "names": [
            {"name": "df", "type": "DataFrame", "latest": 3, "changed_in": [5], "used_in": []}]},
         "- `df` (DataFrame) was made in In\\[3\\]; changed in In\\[5\\]"),
        ("run_code", {"status": "finished", "error": None, "created": ["a"]}, "The code has run. New: `a`."),
        ("run_code", {"status": "raised", "error": {"type": "ValueError"}}, "The code has failed with `ValueError`."),
        ("propose_cell", {"kind": "code", "valid": False}, "That is not Python that could run."),
        ("undo_last_change", {"message": "`old` is there again."}, "`old` is there again."),
        ("sample_rows", {"data": "df", "where": "a > 3", "rows": []}, "There are no rows in `df` where a &gt; 3."),
        ("make_batch_prediction", {"model_id": "m", "data": "d", "into": "o", "n": 5, "quarantined": 2,
                                   "reasons": {"missing": 2}, "mean": 1.5},
         "`m` has predicted `d`: 5 rows into `o`. 2 of them could not be predicted: missing 2. "
         "The mean prediction is 1.5."),
        ("list_model_files", {"folder": ".", "files": [], "total": 0}, "There are no model files in `.`."),
        ("validate_dataset_file", {"file": "a.csv", "format": "csv", "rows": 9, "rows_exact": False, "n_columns": 2,
                                   "model_id": "m", "suits": False, "missing_columns": ["x"], "rows_failing": 1,
                                   "rows_checked": 9},
         "`a.csv`: csv, about 9 rows, 2 columns.\n\nIt does **not** suit `m`.\n\nMissing: `x`.\n\n"
         "1 of 9 rows fail the check."),
    ],
)  # fmt: skip
def test_every_number_in_the_words_is_in_the_result(tool, found, said):
    assert reply(tool, {}, found) == said
