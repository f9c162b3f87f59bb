"""ONNX Runtime sessions: their graph declares every input and output."""

from __future__ import annotations

from typing import Any

from .. import peek
from .base import Adapter, Facts, Inputs, Output, Returns, Shape, Status, Written

_NUMBERS = {
    "tensor(float)": "float32",
    "tensor(double)": "float64",
    "tensor(float16)": "float16",
    "tensor(int64)": "int64",
    "tensor(int32)": "int32",
    "tensor(uint8)": "uint8",
}


class OnnxAdapter(Adapter):
    family = "onnxruntime"

    def status(self, model: object) -> Status:
        return "fitted"

    def inputs(self, model: Any) -> Inputs:
        given = model.get_inputs()
        if all(len(one.shape) == 2 and one.shape[1] == 1 for one in given) and len(given) > 1:
            facts = {str(one.name): Facts() for one in given}
            for one in given:
                numeric = one.type in _NUMBERS
                facts[one.name].learn("graph", role="numeric" if numeric else None, nullable=False)
                facts[one.name].learn("graph", dtype=_NUMBERS.get(one.type, "object"))
            return Inputs(tuple(facts), len(facts), "frame", "inputs of the graph", facts)
        if len(given) != 1 or given[0].type not in _NUMBERS:
            return Inputs(None, None, "frame", "its inputs are no columns")
        sizes = tuple(size if type(size) is int else None for size in given[0].shape)
        dtype = _NUMBERS[given[0].type]
        if len(sizes) == 2 and sizes[1] is not None:
            facts = {f"x{i}": Facts() for i in range(sizes[1])}
            for fact in facts.values():
                fact.learn("graph", role="numeric", nullable=False)
                fact.on_null = "nan"
            return Inputs(tuple(facts), sizes[1], "array", "input of the graph", facts)
        layout = "channels first" if len(sizes) == 4 and sizes[1] in (1, 3, 4) else ""
        return Inputs(None, None, "tensor", "input of the graph", shape=Shape(sizes, dtype, layout))

    def classes(self, model: Any) -> list[list[Any]] | None:
        """Only written in the answers, as the keys of a converted classifier: one row of zeros shows them."""
        kinds = [one.type for one in model.get_outputs()]
        if len(kinds) != 2 or not kinds[1].startswith("seq(map("):
            return None
        numpy: Any = peek.library("numpy")
        blank = {
            one.name: numpy.zeros(
                [1, *[size if type(size) is int else 1 for size in one.shape[1:]]], _NUMBERS[one.type]
            )
            for one in model.get_inputs()
            if one.type in _NUMBERS
        }
        if len(blank) != len(model.get_inputs()):
            return None
        return [list(model.run(None, blank)[1][0])]

    def returns(self, model: Any) -> Returns:
        """A converted classifier answers with labels and chances; of a network's outputs the first counts."""
        return "label" if _labelled(model) else "logits"

    def written(self, model: Any, ref: str) -> Written | None:
        given = model.get_inputs()
        if len(given) == 1:
            feed = f"({given[0].name!r}, np.asarray({{X}}, dtype=np.{_NUMBERS[given[0].type]}))"
        else:
            kinds = [_NUMBERS.get(one.type, "object_") for one in given]
            parts = [
                f"({one.name!r}, {{X}}[[{one.name!r}]].to_numpy(dtype=np.{kind}))"
                for one, kind in zip(given, kinds, strict=True)
            ]
            feed = ", ".join(parts)
        asked = f"{ref}.run(None, dict([{feed}]))"
        if not _labelled(model):
            return Written(f"{asked}[0]")
        maps = model.get_outputs()[1].type.startswith("seq(map(")
        chances = f"np.array([list(row.values()) for row in {asked}[1]], dtype=np.float32)" if maps else f"{asked}[1]"
        return Written(f"{asked}[0]", chances)

    def predict(self, model: Any, X: Any, *, details: bool) -> Output:
        numpy: Any = peek.library("numpy")
        given = model.get_inputs()
        if len(given) == 1:
            feed = {given[0].name: numpy.asarray(X, dtype=_NUMBERS[given[0].type])}
        else:
            feed = {one.name: _column(X[one.name], _NUMBERS.get(one.type)) for one in given}
        found = model.run(None, feed)
        label = found[0][:, 0] if found[0].ndim == 2 and found[0].shape[1] == 1 else found[0]
        if not details or not _labelled(model):
            return Output(label, score=label if details and label.ndim == 2 else None)
        chances = found[1]
        if type(chances) is list:
            chances = numpy.array([list(row.values()) for row in chances])
        return Output(label, probability=chances if len(chances) == len(label) else None)


def _labelled(model: Any) -> bool:
    kinds = [one.type for one in model.get_outputs()]
    return len(kinds) == 2 and kinds[0] in ("tensor(int64)", "tensor(string)")


def _column(values: Any, dtype: str | None) -> Any:
    """(n, 1), texts as objects."""
    numpy: Any = peek.library("numpy")
    return numpy.asarray(values, dtype=dtype or object).reshape(-1, 1)
