"""What tools change in the namespace, and that the last of it comes back exactly or not at all."""

from __future__ import annotations

from typing import Any

import pytest
from runtime.context import Context
from runtime.people import NUMBERS, PEOPLE
from sklearn.linear_model import LinearRegression

from jupyter_mlchat.runtime import changing
from jupyter_mlchat.runtime.toolbox import ToolError


def fitted() -> LinearRegression:
    return LinearRegression().fit(NUMBERS, PEOPLE.age)


def test_a_new_variable_is_gone_again() -> None:
    context: Any = Context({"a": 1})
    changing.assign(context, "made", [1], "some_tool")
    assert context.user_ns["made"] == [1]
    data = context.data("undo_last_change")
    assert (data["undone"], data["now"], data["by"]) == ("made", "removed", "some_tool")
    assert context.user_ns == {"a": 1}
    assert context.run("undo_last_change")["fault"]["code"] == "not_found"


@pytest.mark.parametrize("name", ["a", "_b", "In", "print", "class", "x.y", "2x", "", "a b"])
def test_a_name_that_is_taken_or_none_is_refused(name: str) -> None:
    context: Any = Context({"a": 1})
    with pytest.raises(ToolError):
        changing.assign(context, name, 2, "some_tool")
    assert context.user_ns == {"a": 1}


def test_a_hidden_name_is_not_overwritten_either() -> None:
    context: Any = Context({"a": 1})
    context.shell.hidden.add("a")
    with pytest.raises(ToolError, match="already"):
        changing.assign(context, "a", 2, "some_tool")


def test_a_deleted_model_is_the_same_object_again() -> None:
    model = fitted()
    context = Context({"rf": model})
    context.data("delete_model", model_id="rf")
    assert "rf" not in context.user_ns
    data = context.data("undo_last_change")
    assert context.user_ns["rf"] is model and data["now"] == "restored"


def test_an_item_of_a_dict_is_back_in_its_place() -> None:
    models = {"one": fitted(), "two": fitted(), "three": fitted()}
    before = list(models.items())
    context = Context({"models": models})
    context.data("delete_model", model_id='models["one"]')
    assert list(models) == ["two", "three"]
    models["four"] = 4
    context.data("undo_last_change")
    assert {name: models[name] for name in ("one", "two", "three")} == dict(before)
    assert [name for name in models if name != "four"] == ["one", "two", "three"]


def test_what_the_person_changed_since_is_left_alone() -> None:
    context: Any = Context({"rf": fitted()})
    context.data("delete_model", model_id="rf")
    context.user_ns["rf"] = "mine"
    fault = context.run("undo_last_change")["fault"]
    assert fault["code"] == "conflict" and "`rf` was changed after `delete_model`" in fault["message"]
    assert context.user_ns["rf"] == "mine"
    changing.assign(context, "made", [1], "some_tool")
    context.user_ns["made"] = [1]
    assert context.run("undo_last_change")["fault"]["code"] == "conflict"
    assert context.user_ns["made"] == [1]


def test_a_dict_that_is_another_one_now_is_left_alone() -> None:
    context = Context({"models": {"one": fitted()}})
    context.data("delete_model", model_id='models["one"]')
    context.user_ns["models"] = {}
    assert context.run("undo_last_change")["fault"]["code"] == "conflict"
    assert context.user_ns["models"] == {}


def test_changes_are_undone_from_the_last_to_the_first_that_is_kept() -> None:
    context: Any = Context({})
    for number in range(changing.KEPT + 1):
        changing.assign(context, f"v{number}", number, "some_tool")
    told = [context.data("undo_last_change") for _ in range(changing.KEPT)]
    assert [one["undone"] for one in told] == [f"v{number}" for number in range(changing.KEPT, 0, -1)]
    assert told[0]["next"] == {"name": f"v{changing.KEPT - 1}", "by": "some_tool"} and told[-1]["next"] is None
    assert context.run("undo_last_change")["fault"]["code"] == "not_found"
    assert context.user_ns == {"v0": 0}


def test_what_is_no_name_or_item_is_not_removed() -> None:
    class Holder:
        pass

    Holder.__module__ = "__main__"
    holder = Holder()
    holder.best = fitted()
    context = Context({"holder": holder})
    assert context.run("delete_model", model_id="holder.best")["fault"]["code"] == "unsupported"
    assert holder.best is not None
