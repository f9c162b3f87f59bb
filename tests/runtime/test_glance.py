"""Cards of what the kernel holds: small, true, and without what is hidden."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
from runtime.context import Context, cell
from sklearn.linear_model import LinearRegression, LogisticRegression

from jupyter_mlchat.runtime.glance import LONGEST, MODELS_BYTES, SHOWN, glance
from jupyter_mlchat.runtime.wire import Glance

DATA = "import pandas as pd\nX = pd.DataFrame({'age': [20, 30, 60, 70] * 5, 'fee': [1.0, 2.0, 5.0, 6.0] * 5})"
FIT = "clf = LogisticRegression(max_iter=500).fit(X, ['no', 'no', 'yes', 'yes'] * 5)"


def seen(context: Context) -> Glance:
    return glance(context)  # type: ignore[arg-type]


def fitted(*later: str) -> Context:
    context = Context({"LogisticRegression": LogisticRegression})
    for source in (DATA, FIT, *later):
        cell(context, source)
    return context


def test_a_card_says_what_a_model_is_where_it_was_fitted_and_that_it_is_fresh() -> None:
    [card] = seen(fitted("best = clf"))["models"]
    assert (card["ref"], card["names"], card["class_name"], card["task"]) == (
        "clf", ["clf", "best"], "LogisticRegression", "classification",
    )  # fmt: skip
    assert (card["fitted"], card["cell"], card["fresh"], card["stale"]) == (True, 2, True, "")
    assert (card["features"], card["n_features"]) == (["age", "fee"], 2)
    assert (card["classes"], card["n_classes"]) == (["no", "yes"], 2)


def test_a_model_whose_data_was_made_anew_is_stale_and_one_that_no_cell_fitted_is_neither() -> None:
    context = fitted("X = X * 2", "bare = LogisticRegression()")
    context.user_ns["loaded"] = LinearRegression().fit([[1.0], [2.0]], [1.0, 2.0])
    clf, bare, loaded = seen(context)["models"]
    assert clf["fresh"] is False and "In[3]" in clf["stale"]
    assert (bare["fitted"], bare["fresh"], bare["stale"]) == (False, None, "")
    assert (loaded["fitted"], loaded["fresh"], loaded["stale"]) == (True, None, "")


def test_what_is_hidden_has_no_card() -> None:
    context = fitted()
    context.shell.hidden.update(("clf", "X"))
    assert seen(context) == {"models": [], "n_models": 0, "frames": [], "n_frames": 0}


def test_wide_ones_say_how_many_and_list_the_first() -> None:
    names = [f"column number {i} " + "x" * 80 for i in range(2_000)]
    wide = pd.DataFrame(np.zeros((3, 2_000)), columns=names)
    told = seen(Context({"wide": wide, "model": LinearRegression().fit(wide, [1, 2, 3])}))
    [model], [frame] = told["models"], told["frames"]
    assert (model["n_features"], len(model["features"]), len(model["features"][0])) == (2_000, SHOWN, LONGEST)
    assert (frame["shape"], frame["n_columns"], len(frame["columns"])) == ([3, 2_000], 2_000, SHOWN)


def test_three_hundred_models_fit_and_what_does_not_is_counted() -> None:
    def many(count: int, length: int) -> dict[str, Any]:
        frame = pd.DataFrame(np.zeros((4, 6)), columns=[f"{i}" + "x" * length for i in range(6)])
        return {f"model_{i}": LinearRegression().fit(frame, [1, 2, 3, 4]) for i in range(count)}

    told = seen(Context(many(300, 10)))
    assert len(told["models"]) == told["n_models"] == 300
    told = seen(Context(many(400, 60)))
    assert told["n_models"] == 400 > len(told["models"]) > 100
    assert len(json.dumps(told["models"])) < 1.2 * MODELS_BYTES
