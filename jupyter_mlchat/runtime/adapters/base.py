"""What an adapter tells about the models of one library family.

`accepts`, `status` and `task` are asked while the namespace is scanned: they look, and run no code of the
model. The rest is asked about one model that somebody wants to know about, and may call its methods.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from .. import peek

Status = Literal["fitted", "unfitted", "half_fitted", "unknown"]
"""`half_fitted`: an interrupted fit left it unusable."""
Task = Literal["classification", "regression", "clustering", "outlier_detection", "forecasting", "unknown"]
Role = Literal["numeric", "categorical", "boolean", "text", "datetime"]
Container = Literal["frame", "array", "text", "tensor"]
"""What `predict` wants: a frame with named columns, a plain array, a list of strings, or a tensor by reference."""
OnNull = Literal["error", "nan"]
"""What a model that is not nullable does with a missing value: raise, or answer NaN without a word."""
Returns = Literal["label", "probability", "score", "logits"]
"""What `predict` itself gives: labels or values; the probability of each class or of the second; a raw score.

`logits`: one number for each class, of which the largest is meant, with no label of its own.
"""
OnUnknown = Literal["error", "ignored", "own_group"]
"""With a category it never saw, the model raises, treats it as none of them, or as one group of its own."""


@dataclass
class Facts:
    """What a model itself knows of one column. None is unknown; `sources` says where each fact is from."""

    role: Role | None = None
    dtype: str | None = None
    """Only where the model insists on one; otherwise that of its training data counts."""
    categories: tuple[Any, ...] | None = None
    low: float | None = None
    high: float | None = None
    exact_range: bool = False
    """True when `low` and `high` are the very extremes of the training data, not an estimate."""
    default: Any = None
    default_is_constant: bool = False
    nullable: bool | None = None
    on_null: OnNull = "error"
    on_unknown: OnUnknown | None = None
    required: bool = True
    sources: dict[str, str] = field(default_factory=dict)

    def learn(self, source: str, **facts: Any) -> None:
        """Set what is not known yet; the first source wins."""
        for name, value in facts.items():
            if value is not None and name not in self.sources:
                setattr(self, name, value)
                self.sources[name] = source


@dataclass(frozen=True)
class Shape:
    """Of a tensor: `sizes` with the batch first, None where any size will do."""

    sizes: tuple[int | None, ...]
    dtype: str
    layout: str = ""
    """`channels first` or `channels last` for images, where the model shows it."""


@dataclass(frozen=True)
class Inputs:
    """`names` is None when the model never saw any; `count` when not even the number of columns is known."""

    names: tuple[str, ...] | None
    count: int | None
    container: Container
    source: str
    facts: Mapping[str, Facts] = field(default_factory=dict)
    shape: Shape | None = None
    """Of what a model of tensors takes."""


@dataclass(frozen=True)
class Step:
    name: str
    class_name: str
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Output:
    """Raw answers for n rows.

    `label` (n,) or (n, outputs); `probability` (n, classes), or a list of those with several outputs;
    `score` (n,) or (n, classes); `spread` the standard deviation of each prediction, (n,).
    """

    label: Any
    probability: Any = None
    score: Any = None
    spread: Any = None


@dataclass(frozen=True)
class Importance:
    """`values` is one number >= 0 for each of `names`, which are raw columns where that could be traced."""

    method: str
    names: tuple[str, ...]
    values: tuple[float, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Written:
    """How a cell asks a model: expressions with `{X}` for the rows, as the model wants them.

    `output` is what it answers, (n,) or (n, outputs); `probability` (n, classes), where that is another or the same.
    """

    output: str
    probability: str = ""


class Adapter(Protocol):
    """Answers for every model of a family. Adapters hold no state: all of it is in the model.

    A family's own adapter derives from this and says what is not the usual.
    """

    family: str
    cannot: str = "It only labels the data it was fitted on."
    """Why `can_predict` is False."""

    def accepts(self, model: object) -> bool:
        """Whether this object is a model at all (a scaler is not)."""
        return True

    def status(self, model: object) -> Status:
        return "fitted"

    def task(self, model: object) -> Task:
        return "unknown"

    def estimator(self, model: object) -> object:
        """The innermost object that makes the prediction: the last step, the best candidate."""
        return model

    def can_predict(self, model: object) -> bool:
        """Whether it answers for new rows (some clusterers only label what they were fitted on)."""
        return True

    def keeps_fit(self, model: object) -> bool:
        """False for what was fitted and kept nothing of it, as a search with `refit=False`."""
        return True

    def inputs(self, model: Any) -> Inputs: ...

    def training(self, model: Any) -> Any | None:
        """The data it was fitted on, where the model itself keeps it: a frame or array, else None."""
        return None

    def classes(self, model: Any) -> list[list[Any]] | None:
        """The class labels of each output; None when it has none or doesn't know them."""
        return None

    def returns(self, model: Any) -> Returns:
        return "label"

    def threshold(self, model: Any) -> float | None:
        """Where a classifier of two classes draws its line, if the model says so."""
        return None

    def steps(self, model: Any) -> list[Step]:
        name = peek.short_name(type(model))
        return [Step(name, name)]

    def parameters(self, model: Any) -> dict[str, Any]:
        """What was set differently from its default, by the name of the parameter."""
        return {}

    def fit_info(self, model: Any) -> dict[str, Any]:
        return {}

    def user_code(self, model: object) -> bool:
        """Whether predicting runs Python that the user wrote: not safe beside a running cell."""
        return False

    def waits(self, model: object) -> str:
        """Why it must not be asked while a cell runs, for the end of `"<model> ..."`; "" if it may."""
        return "runs Python that was written here" if self.user_code(model) else ""

    def predict(self, model: Any, X: Any, *, details: bool) -> Output:
        """Labels; with `details` also probabilities, scores, spread. The model's exceptions pass through."""

    def written(self, model: Any, ref: str) -> Written | None:
        """For models without a `predict` that takes rows. Else None."""
        return None

    def importance(self, model: Any, names: Sequence[str]) -> Importance | None:
        """Native importance or coefficients; None when the model has neither."""
        return None


AdapterFactory = Callable[[], Adapter]
