"""Keras 3 on the torch backend: tabular and of images, called without a trainer's traces."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pandas as pd
import pytest
from runtime.context import Context
from runtime.families.invariance import Case, assert_invariant
from runtime.reproduce import reproduced

from jupyter_mlchat.runtime.toolbox import NeedsIdle

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


def test_no_prediction_while_it_is_fitted() -> None:
    """The main thread is in `fit`; the reader thread asks."""
    model = tabular(1, None)
    model.compile("sgd", "mse")
    context = Context({"model": model, "other": tabular(1, None)})
    context.running = 4
    told: list[str] = []

    def ask(name: str) -> str:
        try:
            return str(context.data("make_prediction", model_id=name, features={"x0": 1, "x1": 1, "x2": 1})["n"])
        except NeedsIdle as error:
            return error.message

    class Asking(keras.callbacks.Callback):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            with ThreadPoolExecutor(1) as reader:
                told.extend(reader.submit(ask, name).result() for name in ("model", "other"))

    model.fit(FRAME.to_numpy(), FRAME["x0"], batch_size=40, verbose=0, callbacks=[Asking()])
    assert "is being trained" in told[0] and told[1] == "1"


@pytest.mark.long
@pytest.mark.filterwarnings("ignore::DeprecationWarning:keras")
def test_measures_and_parts_are_those_of_a_direct_call() -> None:
    model = tabular(2, "softmax")
    label = (FRAME["x0"] > 50).astype(int)
    context = Context({"model": model, "X": FRAME.to_numpy(), "label": label})
    result = context.run("evaluate_model", model_id="model", data="X", target="label")
    chances = direct(model, FRAME)
    told = {name: card["value"] for name, card in result["data"]["metrics"].items()}
    assert told["accuracy"] == (chances.argmax(axis=1) == label).mean()
    assert reproduced(context, result["code"])["log_loss"][0] == pytest.approx(told["log_loss"], rel=1e-4)
    keras.utils.set_random_seed(0)
    parts = [keras.Input((8, 8, 3)), layers.Conv2D(2, 3), layers.GlobalAveragePooling2D(), layers.Dense(4, "softmax")]
    context.user_ns.update(image=keras.Sequential(parts), batch=RNG.random((2, 8, 8, 3)).astype("float32"))
    shown = context.run("explain_prediction", model_id="image", row="batch[1]", output="3")
    covered = context.user_ns["batch"][1:].copy()
    covered[:, :1, :1] = covered.mean(axis=(1, 2), keepdims=True)
    both = direct(context.user_ns["image"], np.concatenate([context.user_ns["batch"][1:], covered]))[:, 3]
    assert shown["data"]["scale"] == "probability"
    assert shown["data"]["map"][0][0] == pytest.approx(both[0] - both[1], rel=1e-3, abs=1e-6)
    assert np.allclose(reproduced(context, shown["code"]), shown["data"]["map"], rtol=1e-3, atol=1e-6)
