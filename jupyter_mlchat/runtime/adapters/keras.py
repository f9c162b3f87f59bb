"""Keras 3 models on any backend. They are called, not `predict`ed: that would leave a trainer's state behind."""

from __future__ import annotations

import functools
import sys
import types
from typing import Any

from .. import peek, running
from .base import Adapter, Facts, Inputs, Output, Returns, Shape, Status, Step, Task, Written
from .user_code import holds_user_code

MODEL = "keras.src.models.model.Model"
ROWS = 1_024


class KerasAdapter(Adapter):
    family = "keras"

    def accepts(self, model: object) -> bool:
        """A layer on the torch backend is a torch module, but no model."""
        return peek.is_a(model, MODEL)

    def status(self, model: object) -> Status:
        return "unknown" if peek.attribute(model, "built") is True else "unfitted"

    def task(self, model: object) -> Task:
        return "classification" if _activation(model) in ("softmax", "sigmoid") else "unknown"

    def inputs(self, model: Any) -> Inputs:
        sizes = getattr(model, "input_shape", None) if self.status(model) == "unknown" else None
        if type(sizes) is not tuple or not all(type(size) in (int, type(None)) for size in sizes):
            return Inputs(None, None, "frame", "it has several inputs or none yet")
        if len(sizes) == 2 and type(sizes[1]) is int:
            facts = {f"x{i}": Facts() for i in range(sizes[1])}
            for fact in facts.values():
                fact.learn("keras computes with numbers", role="numeric", nullable=False)
                fact.on_null = "nan"
            return Inputs(tuple(facts), sizes[1], "array", "input_shape", facts)
        layout = ""
        if len(sizes) == 4:
            layout = "channels last" if sizes[-1] in (1, 3, 4) else "channels first" if sizes[1] in (1, 3, 4) else ""
        dtype = str(model.inputs[0].dtype) if getattr(model, "inputs", None) else "float32"
        return Inputs(None, None, "tensor", "input_shape", shape=Shape(sizes, dtype, layout))

    def classes(self, model: Any) -> list[list[Any]] | None:
        """Codes in the order of the outputs, where those are probabilities."""
        if self.task(model) != "classification":
            return None
        return [list(range(max(2, int(model.output_shape[-1]))))] if type(model.output_shape) is tuple else None

    def returns(self, model: Any) -> Returns:
        return "probability" if _activation(model) == "sigmoid" else "logits"

    def steps(self, model: Any) -> list[Step]:
        return [Step(str(layer.name), peek.short_name(type(layer))) for layer in model.layers][:200]

    def fit_info(self, model: Any) -> dict[str, Any]:
        return {"parameters": int(model.count_params())}

    def user_code(self, model: object) -> bool:
        return holds_user_code([model, *_layers(model)])

    def waits(self, model: object) -> str:
        return "is being trained" if running.trains(model) else super().waits(model)

    def written(self, model: Any, ref: str) -> Written | None:
        output = f"keras.ops.convert_to_numpy({ref}(np.asarray({{X}}), training=False))"
        sigmoid = f"(lambda p: np.column_stack([1 - p, p]))(np.ravel({output}))"
        return Written(output, {"softmax": output, "sigmoid": sigmoid}.get(_activation(model), ""))

    def predict(self, model: Any, X: Any, *, details: bool) -> Output:
        numpy: Any = peek.library("numpy")
        parts = [numpy_of(without_gradients(model, X[start : start + ROWS])) for start in range(0, len(X), ROWS)]
        values = parts[0] if len(parts) == 1 else numpy.concatenate(parts)
        values = values[:, 0] if values.ndim == 2 and values.shape[1] == 1 else values
        if not details or self.task(model) != "classification":
            return Output(values)
        return Output(values, probability=values if values.ndim == 2 else numpy.column_stack([1 - values, values]))


def without_gradients(model: Any, X: Any) -> Any:
    torch = sys.modules.get("torch")
    if torch is None:
        return model(X, training=False)
    with torch.no_grad():
        return model(X, training=False)


def numpy_of(value: Any) -> Any:
    numpy: Any = peek.library("numpy")
    if hasattr(value, "detach"):
        value = value.detach().cpu()
    return numpy.asarray(value)


def _layers(model: object) -> list[Any]:
    """As the model holds them, none of its code run."""
    layers: Any = peek.attribute(model, "_layers")
    tracked = list in peek.mro(type(layers)) and peek.root_of(type(layers)) in ("keras", "builtins")
    return [list.__getitem__(layers, i) for i in range(list.__len__(layers))] if tracked else []


def _activation(model: object) -> str:
    """Of the last layer: `softmax`."""
    layers = _layers(model)
    activation: Any = peek.attribute(layers[-1], "activation") if layers else None
    if type(activation) is functools.partial:
        activation = activation.func
    return activation.__name__ if type(activation) is types.FunctionType else ""
