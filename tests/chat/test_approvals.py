"""What an approval says beforehand: what is replaced, and whether it may be given for good; and answers of a form
that starts from a row."""

from __future__ import annotations

from typing import Any

import pytest
from chat.house import only
from chat.talking import Make, make, provider

from jupyter_mlchat.chat.foreseen import changes_of
from jupyter_mlchat.chat.threads import Call, Pending
from jupyter_mlchat.chat.toolcalls import merged
from jupyter_mlchat.guard.access import lasting
from jupyter_mlchat.protocol import events as e
from jupyter_mlchat.protocol.records import Change
from jupyter_mlchat.runtime.wire import Catalogue

__all__ = ["make", "provider"]
CATALOGUE: Catalogue = {
    "models": [
        {
            "ref": "rf", "aliases": ["best"], "class_name": "RandomForestClassifier", "features": ["a", "b"],
            "cell": 4, "revision": "1",
        },
        {"ref": "line", "aliases": [], "class_name": "LinearRegression", "features": ["a"], "revision": "2"},
    ],
    "frames": [{"ref": "scores", "class_name": "DataFrame", "shape": [1_200, 3], "columns": [], "dtypes": []}],
    "others": {"note": "str"},
    "files": {"file-00000000": "data/sales.csv"},
}  # fmt: skip


@pytest.mark.parametrize(
    ("tool", "args", "change"),
    [
        ("delete_model", {"model_id": "line"}, Change("line", "LinearRegression with 1 input", "nothing")),
        (
            "delete_model",
            {"model_id": "best"},
            Change("best", "RandomForestClassifier with 2 inputs, of In[4]", "no name; the model stays as `rf`"),
        ),
        (
            "load_dataset",
            {"path": "file-00000000", "name": "sales"},
            Change("sales", "", "what `data/sales.csv` holds"),
        ),
        ("load_model", {"path": "m.skops", "name": "note"}, Change("note", "str", "what `m.skops` holds")),
        (
            "make_batch_prediction",
            {"model_id": "rf", "data": "X", "into": "scores"},
            Change("scores", "DataFrame of 1,200 × 3", "predictions of `rf` for `X`"),
        ),
        (
            "save_model",
            {"model_id": "rf", "path": "rf.skops", "overwrite": True},
            Change("rf.skops", "the file of that name, if there is one", "`rf`, written"),
        ),
    ],
)
def test_what_is_replaced_is_said_before(tool: str, args: dict[str, Any], change: Change) -> None:
    assert changes_of(Call("c", tool, args), CATALOGUE) == [change]


def test_of_what_nothing_is_known_nothing_is_said() -> None:
    assert changes_of(Call("c", "run_code", {"code": "1"}), CATALOGUE) == []
    assert changes_of(Call("c", "delete_model", {"model_id": "unheard"}), CATALOGUE) == []
    assert changes_of(Call("c", "save_model", {"model_id": "rf"}), CATALOGUE) == []


def test_an_effect_lasts_where_no_other_level_asks() -> None:
    assert lasting([]) == {"read", "predict", "write", "disclose", "execute"}
    assert lasting([{"disclose": "ask"}, {"execute": "deny"}]) == {"read", "predict", "write"}


@pytest.mark.parametrize("fixed", [False, True])
async def test_always_is_offered_unless_the_policy_is_fixed(make: Make, fixed: bool) -> None:
    house = await make(lock_settings=["policy"] if fixed else [])
    asked = only(await house.settle(await house.call("delete_model", model_id="clf")), e.ApprovalAsked)
    assert asked.always is not fixed
    assert asked.changes == [Change("clf", "LogisticRegression with 2 inputs", "nothing")]


def test_a_form_names_the_row_it_starts_from() -> None:
    pending = Pending("form", "f", Call("c", "make_prediction", {"model_id": "rf"}), target="features", start="median")
    assert merged(pending, {"a": 1}).args == {"model_id": "rf", "features": {"a": 1}, "row": "median"}
    assert merged(pending, {}, "X[3]").args == {"model_id": "rf", "features": {}, "row": "X[3]"}
