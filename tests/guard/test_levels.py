"""At the level `schema` names, types and shapes leave, and nothing else that a tool says."""

from __future__ import annotations

import json

from jupyter_mlchat.guard.access import decide
from jupyter_mlchat.guard.levels import HELD_BACK, at_level, standing


def test_names_types_and_shapes_leave_and_statistics_and_categories_do_not() -> None:
    told = {
        "ok": True,
        "data": {
            "id": "df",
            "rows": 150,
            "columns": [{"name": "age", "dtype": "int64", "mean": 41.7, "top": [{"value": "ann", "count": 90}]}],
            "counts": {"churned": 90},
            "prediction": "churned",
            "flipped": True,
            "message": "Most of it lies between 18 and 80.",
        },
        "issues": [
            {"code": "out_of_range", "column": "age", "message": "`age` = 99 is above.", "suggestion": "Give 18."}
        ],
        "warnings": ["Drift in 3 columns."],
    }
    assert json.loads(at_level(json.dumps(told), "schema")) == {
        "ok": True,
        "data": {
            "id": "df",
            "rows": 150,
            "columns": [{"name": "age", "dtype": "int64", "mean": HELD_BACK, "top": [HELD_BACK]}],
            "counts": HELD_BACK,
            "prediction": HELD_BACK,
            "flipped": HELD_BACK,
            "message": HELD_BACK,
        },
        "issues": [{"code": "out_of_range", "column": "age", "message": HELD_BACK, "suggestion": HELD_BACK}],
        "warnings": [HELD_BACK],
    }


def test_a_fault_says_what_is_wrong_without_numbers() -> None:
    told = {
        "ok": False,
        "fault": {"code": "invalid_input", "message": "`X_test3` has 41.5 rows, In[7].", "hint": "Give 18."},
    }
    said = json.loads(at_level(json.dumps(told), "schema"))["fault"]
    assert said == {
        "code": "invalid_input",
        "message": f"`X_test3` has {HELD_BACK} rows, In[7].",
        "hint": f"Give {HELD_BACK}",
    }


def test_what_is_no_object_is_held_back_whole() -> None:
    for content in ("41.7 is the mean", "[41.7]", '"ann"', "41.7"):
        assert at_level(content, "schema") == HELD_BACK
        assert at_level(content, "aggregates") == content == at_level(content, "rows")


def test_what_the_levels_say_of_rows() -> None:
    assert decide("disclose", [standing("schema"), {"disclose": "allow"}]) == "deny"
    assert decide("disclose", [standing("aggregates")]) == "ask"
    assert decide("disclose", [standing("rows")]) == "allow"
    assert decide("disclose", [standing("rows"), {"disclose": "ask"}]) == "ask"
    assert decide("execute", [standing("rows")]) == "ask"
