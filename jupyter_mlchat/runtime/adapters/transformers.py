"""Hugging Face pipelines that classify texts or images. What they are given, they prepare themselves."""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Iterator
from typing import Any

from .. import peek
from .base import Adapter, Facts, Inputs, Output, Shape, Status, Task, Written
from .torch import TorchAdapter, evaluating, modules
from .user_code import holds_user_code

_TEXT = ("text-classification", "sentiment-analysis")
_IMAGE = "image-classification"


class PipelineAdapter(Adapter):
    family = "transformers"
    cannot = "Only pipelines that classify texts or images are asked here: call it in a cell."

    def status(self, model: object) -> Status:
        return "fitted"

    def task(self, model: object) -> Task:
        return "classification" if self.can_predict(model) else "unknown"

    def estimator(self, model: object) -> object:
        return peek.attribute(model, "model") or model

    def can_predict(self, model: object) -> bool:
        task = peek.attribute(model, "task")
        return type(task) is str and task in (*_TEXT, _IMAGE)

    def inputs(self, model: Any) -> Inputs:
        if peek.attribute(model, "task") in _TEXT:
            facts = {"text": Facts()}
            facts["text"].learn("tokenizer", role="text", nullable=False)
            return Inputs(("text",), 1, "text", "tokenizer", facts)
        if peek.attribute(model, "task") == _IMAGE:
            return Inputs(None, None, "tensor", "image processor", shape=Shape((), "image"))
        return Inputs(None, None, "frame", "its task has no rows")

    def classes(self, model: Any) -> list[list[Any]] | None:
        names = model.model.config.id2label
        return [[names[i] for i in sorted(names)]] if self.can_predict(model) else None

    def fit_info(self, model: Any) -> dict[str, Any]:
        return {"pipeline": str(model.task), "parameters": int(model.model.num_parameters())}

    def user_code(self, model: object) -> bool:
        return holds_user_code([model]) or holds_user_code(modules(peek.attribute(model, "model")))

    def waits(self, model: object) -> str:
        inner = peek.attribute(model, "model")
        if inner is not None and (reason := TorchAdapter().waits(inner)):
            return reason
        if peek.attribute(peek.attribute(model, "tokenizer"), "_tokenizer") is not None:
            return "shares its tokenizer with the cell"
        return super().waits(model)

    def written(self, model: Any, ref: str) -> Written | None:
        (names,) = self.classes(model) or [[]]
        if not names or model.task not in _TEXT:
            return None
        tables = f"[dict((one['label'], one['score']) for one in row) for row in {ref}(list({{X}}), top_k=None)]"
        return Written(
            f"np.array([one['label'] for one in {ref}(list({{X}}))])",
            f"np.array([[table[name] for name in {names!r}] for table in {tables}], dtype=np.float32)",
        )

    def predict(self, model: Any, X: Any, *, details: bool) -> Output:
        numpy: Any = peek.library("numpy")
        (names,) = self.classes(model) or [[]]
        asked = copy.copy(model)  # a pipeline counts its calls
        asked.model = evaluating(model.model)
        texts = [one if isinstance(one, str) else _image(one) for one in X]
        with _same_tokenizer(peek.attribute(peek.attribute(model, "tokenizer"), "_tokenizer")):
            found = asked(texts, top_k=len(names))
        tables = [{one["label"]: float(one["score"]) for one in row} for row in found]
        chances = numpy.array([[table.get(name, 0.0) for name in names] for table in tables])
        return Output(numpy.array([names[i] for i in chances.argmax(axis=1)]), probability=chances if details else None)


@contextlib.contextmanager
def _same_tokenizer(fast: Any) -> Iterator[None]:
    """A fast tokenizer keeps how it was last told to cut and pad."""
    if fast is None:
        yield
        return
    cut, padded = fast.truncation, fast.padding
    try:
        yield
    finally:
        fast.enable_truncation(**cut) if cut is not None else fast.no_truncation()
        fast.enable_padding(**padded) if padded is not None else fast.no_padding()


def _image(value: Any) -> Any:
    return value if not hasattr(value, "numpy") else value.numpy()
