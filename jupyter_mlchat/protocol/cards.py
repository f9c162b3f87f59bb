"""What a kernel does and holds, on cards: parts of `kernel.view`."""

from __future__ import annotations

from .records import Record


class RunningNow(Record, frozen=True):
    """The cell `number` as in `In[number]`, `elapsed_s` since it began, `inside` like "GridSearchCV.fit".

    `done` of `total` `unit`s, and `eta_s` still to go; null where the loop does not show it.
    """

    number: int
    elapsed_s: float
    inside: str = ""
    done: int | None = None
    total: int | None = None
    unit: str = ""
    eta_s: float | None = None


class ModelGlance(Record, frozen=True):
    """A model's card. `names` are all references to it, `features` and `classes` the first of so many.

    `fitted` and `fresh` are null where nobody can say; `stale` is why it is not fresh.
    """

    ref: str
    names: list[str]
    class_name: str
    estimator: str
    task: str
    fitted: bool | None
    features: list[str]
    n_features: int
    classes: list[str]
    n_classes: int
    cell: int | None
    fresh: bool | None
    stale: str


class FrameGlance(Record, frozen=True):
    """A dataframe's or array's card. A number of rows below 0 is not known without computing them."""

    ref: str
    class_name: str
    shape: list[int]
    columns: list[str]
    n_columns: int
