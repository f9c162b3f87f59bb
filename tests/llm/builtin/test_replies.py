"""The words for what a tool found."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from llm.builtin.talk import reply_to

from jupyter_mlchat.llm.builtin.markdown import code, escape, number, pieces, probability, prose, value

PIPE = {"model_id": "pipe"}
SIGNATURE = {
    "id": "pipe",
    "features": [
        {"name": "tenure", "dtype": "int64", "required": True, "range": [1, 72], "default": 29},
        {"name": "plan", "dtype": "str", "required": True, "categories": ["Basic", "Pro"], "n_categories": 2},
        {"name": "note", "dtype": "str", "required": False, "n_categories": 480, "categories": None},
    ],
    "classes": ["no", "yes"],
}
CASES = [
    (
        "list_models",
        {},
        {
            "models": [
                {
                    "id": "pipe",
                    "status": "fitted",
                    "model_type": "Pipeline",
                    "estimator": "SVC",
                    "feature_names": ["a", "b"],
                    "n_features": 2,
                    "cell": 7,
                }
            ],
            "total": 1,
        },
        ["| `pipe` | Pipeline (SVC) | fitted | 2: `a`, `b` | In\\[7\\] |"],
    ),
    ("list_models", {}, {"models": [], "total": 0}, ["There are no models in this kernel yet."]),
    (
        "get_model_info",
        {**PIPE, "detail": "signature"},
        SIGNATURE,
        [
            "`pipe` takes 3 inputs:",
            "| `tenure` | int64 | 1 to 72 (seen in training) |",
            "| `plan` | str | Basic, Pro |",
            "one of 480 categories",
            "It predicts one of: no, yes.",
            "predict with `pipe`: `tenure` = 1, `plan` = Basic",
        ],
    ),
    ("get_model_info", {**PIPE, "detail": "signature"}, {"id": "pipe", "features": []}, ["not known"]),
    (
        "get_model_info",
        {**PIPE, "detail": "summary"},
        {
            "id": "pipe",
            "model_type": "Pipeline",
            "estimator": "SVC",
            "task": "classification",
            "status": "fitted",
            "library": "sklearn",
            "version": "1.9.0",
            "fitted_in": 12,
            "classes": ["no", "yes"],
            "training_data": {"ref": "X_train", "source": "In[12]", "rows": 400},
            "feature_names": ["a"],
            "steps": [{"name": "prep", "class_name": "ColumnTransformer"}, {"name": "clf", "class_name": "SVC"}],
        },
        [
            "`pipe` is a Pipeline (SVC) for classification (sklearn 1.9.0).",
            "- Status: fitted, fitted in In\\[12\\]",
            "- Trained on: `X_train`, 400 rows",
            "`prep` (ColumnTransformer) → `clf` (SVC)",
        ],
    ),
    (
        "get_model_info",
        {**PIPE, "detail": "steps"},
        {"id": "pipe", "steps": [{"name": "clf", "class_name": "SVC"}]},
        ["1. `clf` (SVC)"],
    ),
    ("get_model_info", {"model_id": "m", "detail": "steps"}, {"id": "m", "model_type": "SVC"}, ["a single SVC"]),
    (
        "get_model_info",
        {**PIPE, "detail": "parameters"},
        {"id": "pipe", "parameters": {"C": 0.5, "class_weight": None}},
        ["| `C` | 0.5 |", "| `class_weight` | None |"],
    ),
    (
        "get_model_info",
        {**PIPE, "detail": "feature_mapping"},
        {"id": "pipe", "n_made": 2, "feature_mapping": [{"column": "plan", "n": 2, "names": ["plan_a", "plan_b"]}]},
        ["`pipe` makes 2 features", "| `plan` | 2 | `plan_a`, `plan_b` |"],
    ),
    ("get_model_info", {**PIPE, "detail": "feature_mapping"}, {"id": "pipe", "feature_mapping": None}, ["be followed"]),
    (
        "describe_dataframe",
        {"data": "df"},
        {
            "id": "df",
            "rows": 9,
            "columns": [{"name": "a", "dtype": "int64"}],
            "correlations": [{"columns": ["a", "b"], "r": -0.9}, {"columns": ["a", "c"], "r": 0.1}],
        },
        ["go together (Pearson's r): `a` and `b` (-0.9)."],
    ),
    (
        "describe_dataframe",
        {"data": "df", "columns": ["a", "c"]},
        {
            "id": "df",
            "rows": 9,
            "columns": [{"name": "a", "dtype": "int64"}, {"name": "c", "dtype": "int64"}],
            "correlations": [{"columns": ["a", "c"], "r": 0.1}],
        },
        ["go together (Pearson's r): `a` and `c` (0.1)."],
    ),
    (
        "describe_dataframe",
        {"data": "df", "columns": ["a", "plan"]},
        {"id": "df", "rows": 9, "columns": [{"name": "a", "dtype": "int64"}, {"name": "plan", "dtype": "str"}]},
        ["no correlation can be told: it takes two columns of numbers that vary."],
    ),
    (
        "get_feature_importance",
        PIPE,
        {
            "model_id": "pipe",
            "method": "coefficients",
            "total": 2,
            "features": [
                {"feature": "tenure", "importance": 0.8, "rank": 1},
                {"feature": "plan", "importance": 0.2, "rank": 2},
            ],
        },
        [
            "What matters most to `pipe` (coefficients): `tenure`.",
            "| 1 | `tenure` | 0.8 | ████████████ |",
            "| 0.2 | ███ |",
        ],
    ),
    (
        "make_prediction",
        {**PIPE, "features": {"tenure": 3}},
        {
            "model_id": "pipe",
            "n": 1,
            "prediction": "yes",
            "probability": {"no": 0.27, "yes": 0.73},
            "confidence": 0.73,
            "features": {"tenure": 3, "plan": "Pro"},
        },
        [
            "`pipe` predicts **yes**, p = 0.73.",
            "Probabilities: yes 0.73, no 0.27.",
            "I used: `tenure` = 3, `plan` = Pro.",
        ],
    ),
    (
        "make_prediction",
        {**PIPE, "row": "X_test[3]"},
        {"model_id": "pipe", "n": 1, "prediction": 12.5, "interval": {"low": 10.0, "high": 15.0, "level": 0.95}},
        ["predicts **12.5**.", "Interval of 95%: 10 to 15.", "I used the row `X_test[3]`."],
    ),
    (
        "make_prediction",
        {**PIPE, "features": {}},
        {
            "model_id": "pipe",
            "n": 0,
            "prediction": None,
            "missing_features": ["tenure"],
            "message": "Missing: `tenure`.",
        },
        ["No prediction with `pipe` yet. Missing: `tenure`."],
    ),
    (
        "make_prediction",
        {**PIPE, "data": "X_test"},
        {"model_id": "pipe", "data": "X_test", "n": 12000, "counts": {"no": 9000, "yes": 3000}},
        ["`pipe` predicted 12,000 rows of `X_test`.", "| no | 9000 |"],
    ),
    (
        "make_prediction",
        {"model_id": "reg", "data": "homes"},
        {"model_id": "reg", "n": 5, "mean": 3.25, "quantiles": {"p1": 1.0, "median": 3.0, "p99": 6.0}},
        ["mean 3.25; p1 1, median 3, p99 6."],
    ),
    (
        "make_prediction",
        {**PIPE, "features": [{"a": 1}, {"a": 2}]},
        {"model_id": "pipe", "n": 2, "prediction": ["no", "yes"], "confidence": [0.9, 0.6]},
        ["| 0 | no | 0.90 |", "| 1 | yes | 0.60 |"],
    ),
    (
        "validate_features",
        {**PIPE, "features": {"plan": "Gold"}},
        {
            "model_id": "pipe",
            "valid": False,
            "missing_features": ["tenure"],
            "extra_features": [],
            "message": "no",
            "issues": [
                {
                    "code": "unseen",
                    "message": "'Gold' is new.",
                    "column": "plan",
                    "suggestion": "Use one of: Basic, Pro.",
                }
            ],
        },
        [
            "This input is not valid for `pipe`. I read: `plan` = Gold.",
            "- Missing: `tenure`",
            "- `plan`: 'Gold' is new. Use one of: Basic, Pro.",
        ],
    ),
    ("validate_features", {**PIPE, "features": {"a": 1}}, {"model_id": "pipe", "valid": True}, ["This input is valid"]),
    ("delete_model", PIPE, {"deleted": "pipe", "message": "`pipe` was deleted."}, ["`pipe` was deleted."]),
    (
        "list_dataframes",
        {},
        {
            "dataframes": [{"id": "df", "type": "DataFrame", "rows": 12345, "columns": 3, "memory_bytes": 2_500_000}],
            "total": 1,
        },
        ["| `df` | DataFrame | 12,345 | 3 | 2.5 MB |"],
    ),
    ("list_dataframes", {}, {"dataframes": [], "total": 0}, ["no data frames"]),
    (
        "describe_dataframe",
        {"data": "df"},
        {
            "id": "df",
            "rows": 10,
            "columns": [
                {"name": "a", "dtype": "float64", "nulls": 2, "unique": 8, "mean": 1.23456},
                {
                    "name": "plan",
                    "dtype": "str",
                    "nulls": 0,
                    "unique": 2,
                    "top": [{"value": "Pro", "count": 7}, {"value": "Basic", "count": 3}],
                },
            ],
        },
        ["`df` has 10 rows.", "| `a` | float64 | 2 | 8 | 1.235 |  |", "Pro (7), Basic (3)", "Missing values: `a` 2."],
    ),
    ("get_running_cell", {}, {"busy": False, "cell": None}, ["No cell is running."]),
    (
        "get_running_cell",
        {},
        {
            "busy": True,
            "cell": 4,
            "elapsed_s": 12.34,
            "inside": "SVC.fit",
            "done": 3,
            "total": 10,
            "unit": "folds",
            "eta_s": 300,
        },
        ["Cell In\\[4\\] is running for 12.3 s, inside `SVC.fit`.", "Progress: 3 of 10 folds.", "About 5 min left."],
    ),
    (
        "get_system_status",
        {},
        {
            "status": "idle",
            "total_models": 3,
            "active_models": 2,
            "python": "3.11.2",
            "memory_bytes": 256e6,
            "libraries": {"numpy": "2.0"},
        },
        ["Status: idle.", "- Models: 3, 2 of them fitted", "256 MB", "numpy 2.0"],
    ),
    (
        "get_upload_status",
        {"upload_id": "a1"},
        {"status": "complete", "bytes": 12},
        ["Upload `a1`: complete.", "- bytes: 12"],
    ),
    (
        "get_available_commands",
        {},
        {
            "commands": [
                {"name": "list_models", "description": "List them.", "example": "which models?", "effect": "read"}
            ]
        },
        ["no language model", "| `list_models` | List them. | which models? |"],
    ),
    ("my_own_tool", {}, {"answer": 42, "parts": ["a", "b"]}, ["- answer: 42", "- parts: a, b"]),
]


@pytest.mark.parametrize(("tool", "args", "result", "expected"), CASES)
def test_a_result_becomes_words(tool, args, result, expected):
    for said in (reply_to(tool, args, result), reply_to(tool, args, {"ok": True, "data": result})):
        for part in expected:
            assert part in said


@pytest.mark.parametrize(("tool", "args", "result", "expected"), CASES)
def test_every_number_of_the_words_is_in_the_result(tool, args, result, expected):
    """Apart from counts of what is listed, places in a list, and rounding."""
    known = {float(n) for n in re.findall(r"\d+\.?\d*", str(result) + str(args))}
    known |= {float(n) for n in range(max(len(v) for v in [*result.values(), ""] if hasattr(v, "__len__")) + 1)}
    said = reply_to(tool, args, result).replace(",", "")
    derived = {n * f for n in known for f in (1, 100, 1e-6, 1 / 60)}
    for found in re.findall(r"(?<![\w.])\d+\.?\d*", said):
        assert any(abs(float(found) - n) <= 0.006 * max(1, abs(n)) for n in derived), found


def test_a_fault_is_told_with_its_fix():
    fault = {"code": "not_fitted", "message": "`pipe` is not fitted yet.", "hint": "Run `pipe.fit(...)` first."}
    said = reply_to("make_prediction", PIPE, {"ok": False, "data": {}, "fault": fault})
    assert said == "`pipe` is not fitted yet. Run `pipe.fit(...)` first."


def test_warnings_and_what_was_cut_are_told():
    result = {
        "ok": True,
        "data": {"dataframes": []},
        "warnings": ["Of a sample."],
        "truncated": {"shown": 5, "total": 90},
    }
    said = reply_to("list_dataframes", {}, result)
    assert "Note: Of a sample." in said and "Shown are 5 of 90." in said
    assert "not all there is" in reply_to("list_dataframes", {}, {"ok": True, "data": {}, "shortened": True})


def test_text_that_is_no_json_is_told_as_it_is():
    assert reply_to("make_prediction", PIPE, "(not run)") == "(not run)"


@pytest.mark.parametrize("result", [{}, {"models": None}, {"features": []}, {"prediction": None}, {"columns": [{}]}])
@pytest.mark.parametrize("tool", sorted({case[0] for case in CASES}))
def test_sparse_results_are_worded_too(tool, result):
    assert reply_to(tool, {"model_id": "pipe"}, result)


HOSTILE = [
    "a|b",
    "`x` y",
    "<img src=x onerror=alert(1)>",
    "[click](http://evil.example)",
    "![x](http://evil.example/p.png)",
    "http://evil.example",
    "www.evil.example",
    "$x$ **bold** _it_ ~~s~~",
    "line\nbreak | # head",
    "\u202egnp.exe\u0000",
    "&lt;script&gt;",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_names_cannot_become_markup(name):
    feature = {"name": name, "dtype": name, "categories": [name, "ok"], "required": True}
    said = reply_to("get_model_info", {"model_id": name, "detail": "signature"}, {"id": name, "features": [feature]})
    plain = re.sub(r"`[^`\n]*`", "", said)
    assert "<" not in plain and "\u202e" not in said and "\x00" not in said
    assert not re.search(r"(?<!\\)[\[$*~]", plain)
    assert not re.search(r"https?://|www\.", plain)
    rows = [line for line in said.splitlines() if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {6}


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=80))
def test_any_text_stays_one_harmless_line(text):
    for said in (escape(text), code(text), prose(text)):
        outside = re.sub(r"`[^`]*`", "", re.sub(r"\\.", "", said))
        assert "\n" not in said and not re.search(r"[<>|\[\]$*`]", outside)


@pytest.mark.parametrize(
    ("item", "expected"),
    [(3, "3"), (3.0, "3"), (12345, "12,345"), (0.123456, "0.1235"), (1234.56, "1,234.6"), (float("nan"), "missing"),
     (True, "True"), (None, "missing"), (-2.5e-7, "-2.5e-07")],
)  # fmt: skip
def test_numbers_read_well(item, expected):
    assert value(item) == expected


@pytest.mark.parametrize(
    ("item", "expected"), [(0.734, "0.73"), (1.0, "1.00"), (0.9996, "0.9996"), (0.0004, "0.0004"), (0, "0.00")]
)
def test_probabilities_do_not_pretend_certainty(item, expected):
    assert probability(item) == expected


def test_pieces_are_the_text_in_order():
    text = "One two.\n\n| a | b |\n| --- | --- |\n\nlast  word"
    assert "".join(pieces(text)) == text
    assert "| a | b |\n" in list(pieces(text))
    assert number(7) == "7" and list(pieces("")) == []
