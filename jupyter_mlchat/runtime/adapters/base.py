"""What an adapter tells about the models of one library family.

`accepts`, `status` and `task` are asked while the namespace is scanned: they look, and run no code of the
model. The rest is asked about one model that somebody wants to know about, and may call its methods.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

Status = Literal["fitted", "unfitted", "half_fitted", "unknown"]
"""`half_fitted`: an interrupted fit left it unusable."""
Task = Literal["classification", "regression", "clustering", "outlier_detection", "unknown"]
Role = Literal["numeric", "categorical", "boolean", "text", "datetime"]
Container = Literal["frame", "array", "text"]
"""What `predict` wants: a frame with named columns, a plain array, or a list of strings."""
OnUnknown = Literal["error", "ignored", "own_group"]
"""With a category it never saw, the model raises, treats it as none of them, or as one group of its own."""


@dataclass
class Facts:
    """What a model itself knows of one column. None is unknown; `sources` says where each fact is from."""

    role: Role | None = None
    categories: tuple[Any, ...] | None = None
    low: float | None = None
    high: float | None = None
    exact_range: bool = False
    """True when `low` and `high` are the very extremes of the training data, not an estimate."""
    default: Any = None
    default_is_constant: bool = False
    nullable: bool | None = None
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
class Inputs:
    """`names` is None when the model never saw any; `count` when not even the number of columns is known."""

    names: tuple[str, ...] | None
    count: int | None
    container: Container
    source: str
    facts: Mapping[str, Facts] = field(default_factory=dict)


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


class Adapter(Protocol):
    """Answers for every model of a family. Adapters hold no state: all of it is in the model."""

    family: str

    def accepts(self, model: object) -> bool:
        """Whether this object is a model at all (a scaler is not)."""

    def status(self, model: object) -> Status: ...

    def task(self, model: object) -> Task: ...

    def estimator(self, model: object) -> object:
        """The innermost object that makes the prediction: the last step, the best candidate."""

    def inputs(self, model: Any) -> Inputs: ...

    def classes(self, model: Any) -> list[list[Any]] | None:
        """The class labels of each output; None when it has none or doesn't know them."""

    def threshold(self, model: Any) -> float | None: ...

    def steps(self, model: Any) -> list[Step]: ...

    def parameters(self, model: Any) -> dict[str, Any]:
        """What was set differently from its default, by the name of the parameter."""

    def fit_info(self, model: Any) -> dict[str, Any]: ...

    def user_code(self, model: object) -> bool:
        """Whether predicting runs Python that the user wrote: not safe beside a running cell."""

    def predict(self, model: Any, X: Any, *, details: bool) -> Output:
        """Labels; with `details` also probabilities, scores, spread. The model's exceptions pass through."""

    def importance(self, model: Any, names: Sequence[str]) -> Importance | None:
        """Native importance or coefficients; None when the model has neither."""


AdapterFactory = Callable[[], Adapter]
