from __future__ import annotations

from typing import Any

import pytest

from jupyter_mlchat.agent.arguments import check_arguments
from jupyter_mlchat.protocol.faults import Code, Fault

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "model_id": {"type": "string", "description": "Which model."},
        "features": {"type": "object"},
        "names": {"type": "array", "items": {"type": "string"}},
        "kind": {"enum": ["Mean", "max", 3]},
        "count": {"type": "integer", "minimum": 1},
        "share": {"type": "number"},
        "deep": {"type": "boolean"},
        "row": {"anyOf": [{"type": "integer"}, {"type": "object"}]},
        "pairs": {"type": "array", "items": {"type": "array", "items": {"type": "number"}}},
        "nothing": {"type": ["string", "null"]},
    },
    "required": ["model_id"],
    "additionalProperties": False,
}


def check(**arguments: Any) -> dict[str, Any]:
    return check_arguments(SCHEMA, {"model_id": "pipe", **arguments})


@pytest.mark.parametrize(
    ("name", "given", "meant"),
    [
        ("deep", "true", True),
        ("deep", "False", False),
        ("count", "3", 3),
        ("count", 3.0, 3),
        ("count", "3.0", 3),
        ("share", "0.25", 0.25),
        ("share", 1, 1),
        ("features", '{"age": 3}', {"age": 3}),
        ("names", '["a", "b"]', ["a", "b"]),
        ("kind", "mean", "Mean"),
        ("kind", " MAX", "max"),
        ("kind", 3, 3),
        ("row", "4", 4),
        ("row", '{"age": 1}', {"age": 1}),
        ("pairs", [["1", 2]], [[1, 2]]),
        ("nothing", None, None),
    ],
)
def test_small_slips_are_put_right(name: str, given: Any, meant: Any) -> None:
    checked = check(**{name: given})[name]
    assert checked == meant
    assert type(checked) is type(meant)


def test_null_for_what_may_be_left_out_is_left_out() -> None:
    assert check(count=None, kind=None) == {"model_id": "pipe"}


def test_what_is_right_stays_and_the_given_dict_is_not_touched() -> None:
    given = {"model_id": "3", "features": {"age": "3", "ok": "true"}, "names": ["1"], "deep": False}
    before = repr(given)
    checked = check_arguments(SCHEMA, given)
    assert checked == given
    assert checked is not given
    assert repr(given) == before


@pytest.mark.parametrize(
    ("arguments", "about", "message", "hint"),
    [
        ({"count": "many"}, "count", "The argument `count` can't be used.", "It must be a whole number."),
        ({"count": 2.5}, "count", "The argument `count` can't be used.", "It must be a whole number."),
        ({"count": True}, "count", "The argument `count` can't be used.", "It must be a whole number."),
        ({"count": 0}, "count", "The argument `count` is out of its limits.", "Its minimum is 1."),
        ({"deep": "maybe"}, "deep", "The argument `deep` can't be used.", "It must be true or false."),
        (
            {"kind": "min"},
            "kind",
            "The argument `kind` can't be used.",
            'It must be one of "Mean", "max", 3.',
        ),
        ({"names": ["a", 1]}, "names", "The argument `names.1` can't be used.", "It must be a text."),
        ({"model": "x"}, "model", "The argument `model` is not known.", "Did you mean `model_id`?"),
        (
            {"features": "age=3"},
            "features",
            "The argument `features` can't be used.",
            "It must be an object of names and values.",
        ),
    ],
)
def test_the_rest_is_refused_by_name(arguments: dict[str, Any], about: str, message: str, hint: str) -> None:
    with pytest.raises(Fault) as raised:
        check(**arguments)
    record = raised.value.record
    assert (record.code, record.about, record.message, record.hint) == (
        Code.INVALID_INPUT,
        about,
        message,
        hint,
    )


def test_a_missing_argument_is_described() -> None:
    with pytest.raises(Fault) as raised:
        check_arguments(SCHEMA, {})
    assert raised.value.record.message == "The argument `model_id` is missing."
    assert raised.value.record.hint == "It is a text (Which model)."


def test_a_choice_of_types_is_named_and_no_value_is_quoted() -> None:
    with pytest.raises(Fault) as raised:
        check(row="patient Ada Lovelace")
    record = raised.value.record
    assert record.about == "row"
    assert record.hint == "It must be a whole number or an object of names and values."
    assert "Ada" not in record.message + record.hint
