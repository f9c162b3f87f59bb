"""Keras 3 on the torch backend: tabular and of images, called without a trainer's traces."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import pandas as pd
import pytest
from runtime.context import Context
from runtime.families.invariance import Case, assert_invariant

os.environ["KERAS_BACKEND"] = "torch"
import keras
from keras import layers

RNG = np.random.default_rng(2)
FRAME = pd.DataFrame({"x0": RNG.uniform(5, 90, 40), "x1": RNG.uniform(18, 80, 40), "x2": RNG.normal(size=40)})


def tabular(outputs: int, activation: str | None) -> Any:
    keras.utils.set_random_seed(0)
    return keras.Sequential(
        [keras.Input((3,)), layers.Dense(4), layers.Dropout(0.5), layers.Dense(outputs, activation)]
    )


def direct(model: Any, values: Any) -> Any:
    return model(np.asarray(values, dtype="float64"), training=False).detach().numpy()


@pytest.mark.filterwarnings("ignore::DeprecationWarning:keras")
def test_invariance() -> None:
    model = tabular(1, None)
    assert_invariant(
        Case(model, FRAME, lambda frame: direct(model, frame).astype(float), "unknown", "x0", registered=True)
    )
    assert np.allclose(model.predict(FRAME.to_numpy(), verbose=0), direct(model, FRAME), rtol=1e-5)


@pytest.mark.long
@pytest.mark.parametrize(("outputs", "activation"), [(1, "sigmoid"), (3, "softmax")])
def test_the_last_layer_says_what_is_a_probability(outputs: int, activation: str) -> None:
    model = tabular(outputs, activation)
    context = Context({"model": model})
    told = context.data("make_prediction", model_id="model", features={"x0": 0.1, "x1": 0.2, "x2": 0.3})
    chances = direct(model, [[0.1, 0.2, 0.3]])[0].astype(float)
    if outputs == 1:
        assert told["prediction"] == chances[0] and told["probability"]["1"] == chances[0]
    else:
        assert told["prediction"] == int(chances.argmax()) and told["confidence"] == chances.max()


@pytest.mark.long
def test_images_have_their_layout_checked() -> None:
    keras.utils.set_random_seed(0)
    parts = [keras.Input((8, 8, 3)), layers.Conv2D(2, 3), layers.GlobalAveragePooling2D(), layers.Dense(4, "softmax")]
    model = keras.Sequential(parts)
    batch = RNG.random((5, 8, 8, 3)).astype("float32")
    context = Context({"model": model, "batch": batch, "moved": batch.transpose(0, 3, 1, 2)})
    told = context.data("make_prediction", model_id="model", data="batch[2]")
    assert told["prediction"] == int(direct(model, batch[2:3]).argmax()) and len(told["top"]) == 4
    assert told["confidence"] == pytest.approx(float(direct(model, batch[2:3]).max()), rel=1e-6)
    fault = context.run("make_prediction", model_id="model", data="moved")["fault"]
    assert "channels last" in fault["message"] and "permute(0, 2, 3, 1)" in fault["hint"]


@pytest.mark.long
def test_layers_and_unbuilt_models_are_not_asked() -> None:
    context = Context({"layer": layers.Dense(2), "empty": keras.Sequential([layers.Dense(2)])})
    (listed,) = context.data("list_models")["models"]
    assert (listed["id"], listed["status"]) == ("empty", "unfitted")


@pytest.mark.long
def test_nothing_of_a_trainer_is_left_behind() -> None:
    model = tabular(2, "softmax")
    model.compile("adam", "sparse_categorical_crossentropy")
    before = set(vars(model))
    Context({"model": model}).data("make_prediction", model_id="model", features={"x0": 1, "x1": 1, "x2": 1})
    assert set(vars(model)) == before and model.predict_function is None
