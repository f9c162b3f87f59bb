"""torch modules. They are asked in evaluation mode without their own training flag being touched."""

from __future__ import annotations

import types
from collections import OrderedDict
from collections.abc import Iterator
from typing import Any

from .. import peek, running
from ..toolbox import ToolError
from .base import Adapter, Facts, Inputs, Output, Returns, Shape, Status, Step, Task, Written
from .user_code import holds_user_code

MODULE = "torch.nn.modules.module.Module"
_NOT_MODELS = ("torch.nn.modules.loss._Loss", "torchmetrics.metric.Metric")
_WIDTHS = {"Linear": "in_features", "LazyLinear": "in_features", "Bilinear": "in1_features"}
_IMAGES = {"Conv1d": 1, "Conv2d": 2, "Conv3d": 3}
_RECURRENT = ("RNN", "LSTM", "GRU")
_CHANCES = ("Softmax", "Sigmoid")
_SCRIPTED = "torch.jit._script.ScriptModule"
_COMPILED = "torch._dynamo.eval_frame.OptimizedModule"
_ANSWERS = "transformers.modeling_utils.PreTrainedModel"
MAX_MODULES = 5_000


class TorchAdapter(Adapter):
    family = "pytorch"

    def accepts(self, model: object) -> bool:
        if peek.is_a(model, *_NOT_MODELS):
            return False
        return any(peek.attribute(module, "_parameters") for module in modules(model))

    def status(self, model: object) -> Status:
        """No module says whether it was trained."""
        return "unknown"

    def task(self, model: object) -> Task:
        return "classification" if _final(model) in _CHANCES else "unknown"

    def inputs(self, model: Any) -> Inputs:
        dtype = str(_weight(model).dtype).removeprefix("torch.")
        first = _first(model)
        name = peek.short_name(type(first))
        if name in _WIDTHS:
            count = int(getattr(first, _WIDTHS[name]))
            facts = {f"x{i}": Facts() for i in range(count)}
            for fact in facts.values():
                fact.learn(f"{name} computes with numbers", role="numeric", nullable=False)
                fact.on_null = "nan"
            return Inputs(tuple(facts), count, "array", f"{name}.{_WIDTHS[name]}", facts)
        return Inputs(None, None, "tensor", name, shape=_shape(first, name, dtype))

    def returns(self, model: Any) -> Returns:
        return "probability" if _final(model) == "Sigmoid" else "logits"

    def steps(self, model: Any) -> list[Step]:
        children = peek.attribute(model, "_modules") or {}
        return [Step(str(name), peek.short_name(type(child))) for name, child in children.items()][:200]

    def fit_info(self, model: Any) -> dict[str, Any]:
        weight = _weight(model)
        count = sum(parameter.numel() for parameter in model.parameters())
        return {"parameters": count, "dtype": str(weight.dtype), "device": str(weight.device)}

    def user_code(self, model: object) -> bool:
        return holds_user_code(modules(model))

    def waits(self, model: object) -> str:
        if any(peek.attribute(module, "training") is True for module in modules(model)):
            return "is in training mode"
        if running.trains(model):
            return "is being trained"
        weight = _weight(model)
        if weight is not None and weight.device.type != "cpu":
            return f"shares the device {weight.device.type} with the cell"
        return super().waits(model)

    def predict(self, model: Any, X: Any, *, details: bool) -> Output:
        """`X` is a tensor or array of whole rows with the batch first. (n, outputs), or (n,) of one output."""
        torch: Any = peek.library("torch")
        weight = _weight(model)
        given = X if isinstance(X, torch.Tensor) else torch.as_tensor(X if X.flags.writeable else X.copy())
        if given.is_floating_point() and weight.is_floating_point():
            given = given.to(weight.dtype)
        with torch.inference_mode():
            found = plain(evaluating(model)(given.to(weight.device)))
            chances = found.softmax(-1) if _final(model) == "LogSoftmax" else found
            values = found.float().cpu().numpy()
        values = values[:, 0] if values.ndim == 2 and values.shape[1] == 1 else values
        if not details or _final(model) not in (*_CHANCES, "LogSoftmax"):
            return Output(values, score=values if details and values.ndim == 2 else None)
        if values.ndim == 1:
            numpy: Any = peek.library("numpy")
            return Output(values, probability=numpy.column_stack([1 - values, values]))
        return Output(values, probability=chances.float().cpu().numpy())

    def written(self, model: Any, ref: str) -> Written | None:
        """`eval()` gives the module back, so that the cell shows the mode that was asked in."""
        weight = _weight(model)
        if weight is None:
            return None
        place = "" if weight.device.type == "cpu" else f", device={str(weight.device)!r}"
        tokens = peek.short_name(type(_first(model))) in ("Embedding", "EmbeddingBag")
        taken = "" if tokens else f", dtype={weight.dtype}"
        given = f"torch.tensor(np.asarray({{X}}){taken}{place})"
        logits = ".logits" if peek.is_a(model, _ANSWERS) else ""
        output = f"{ref}.eval()({given}){logits}.detach().cpu().numpy()"
        final = _final(model)
        chances = {
            "Softmax": output,
            "LogSoftmax": f"np.exp({output})",
            "Sigmoid": f"(lambda p: np.column_stack([1 - p, p]))(np.ravel({output}))",
        }
        return Written(output, chances.get(final, ""))


def modules(model: object) -> Iterator[object]:
    """The module and those below it, read from their dicts, each once."""
    seen: set[int] = set()
    queue = [model]
    while queue and len(seen) < MAX_MODULES:
        module = queue.pop(0)
        if id(module) in seen:
            continue
        seen.add(id(module))
        yield module
        children = peek.attribute(module, "_modules")
        if type(children) is dict or type(children) is OrderedDict:
            queue += [child for child in list(children.values()) if child is not None]


def evaluating(model: Any) -> Any:
    """The module in evaluation mode. Where that is not its own mode, a shallow twin that shares every tensor.

    Setting the flag and setting it back would show in a loop that runs meanwhile.
    """
    model = _original(model)
    if not any(peek.attribute(module, "training") is True for module in modules(model)):
        return model
    if any(peek.is_a(module, _SCRIPTED) for module in modules(model)):
        raise ToolError("unsupported", "Scripted modules in training mode can't be asked.", "Run `.eval()` in a cell.")
    made: dict[int, Any] = {}
    twin = _twin(model, made)
    for copy in made.values():
        for name, value in list(vars(copy).items()):
            if type(value) is types.MethodType and id(value.__self__) in made:
                vars(copy)[name] = types.MethodType(value.__func__, made[id(value.__self__)])
    return twin


def _original(model: Any) -> Any:
    """What `torch.compile` wrapped: what was compiled in training mode stays in it."""
    while peek.is_a(model, _COMPILED):
        model = (peek.attribute(model, "_modules") or {})["_orig_mod"]
    return model


def _twin(module: Any, made: dict[int, Any]) -> Any:
    if id(module) in made:
        return made[id(module)]
    twin = object.__new__(type(module))
    made[id(module)] = twin
    held = vars(module)
    children = {name: None if child is None else _twin(child, made) for name, child in held["_modules"].items()}
    vars(twin).update(held)
    vars(twin).update(_modules=type(held["_modules"])(children), training=False)
    return twin


def plain(found: Any) -> Any:
    """The tensor of an answer: itself, `.logits`, or the first of several."""
    if hasattr(found, "logits"):
        return found.logits
    if isinstance(found, (tuple, list)) and found:
        return plain(found[0])
    if isinstance(found, dict):
        if "logits" in found:
            return found["logits"]
        text = "The module answers with several named tensors, and which is the prediction is not known."
        raise ToolError("unsupported", text, "Wrap it in a module that returns one tensor.")
    return found


def _weight(model: Any) -> Any:
    """The first parameter, whose type and device the input must have."""
    for module in modules(model):
        for parameter in (peek.attribute(module, "_parameters") or {}).values():
            if parameter is not None:
                return parameter
    return None


def _leaves(model: object) -> Iterator[object]:
    """In the order of their definition, depth first."""
    children = list((peek.attribute(model, "_modules") or {}).values())
    if not children:
        yield model
    for child in children:
        if child is not None:
            yield from _leaves(child)


def _first(model: object) -> object:
    return next(_leaves(model), model)


def _final(model: object) -> str:
    """What ends a plain sequence; of a class of one's own only its `forward` knows."""
    model = _original(model)
    while peek.is_a(model, "torch.nn.modules.container.Sequential"):
        children = list((peek.attribute(model, "_modules") or {}).values())
        if not children:
            return ""
        model = children[-1]
    return peek.short_name(type(model))


def _shape(first: Any, name: str, dtype: str) -> Shape:
    if name in _IMAGES:
        return Shape((None, int(first.in_channels), *[None] * _IMAGES[name]), dtype, "channels first")
    if name in _RECURRENT:
        return Shape((None, None, int(first.input_size)), dtype, "" if first.batch_first else "time first")
    if name in ("Embedding", "EmbeddingBag"):
        return Shape((None, None), "int64")
    return Shape((), dtype)
