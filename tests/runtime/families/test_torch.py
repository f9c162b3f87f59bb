"""torch modules: tabular and of images, by reference, with their training flag left alone."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image
from runtime.context import Context
from runtime.families.invariance import Case, assert_invariant
from torch import nn
from torch.utils.data import DataLoader, Dataset, TensorDataset

from jupyter_mlchat.runtime.catalog import catalog_of, find_model
from jupyter_mlchat.runtime.registered import STATE_KEY, facts_of
from jupyter_mlchat.runtime.toolbox import NeedsIdle

RNG = np.random.default_rng(2)
FRAME = pd.DataFrame({"fee": RNG.uniform(5, 90, 40), "age": RNG.uniform(18, 80, 40), "score": RNG.normal(size=40)})


def tabular(*last: nn.Module, outputs: int = 1) -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 8), nn.Dropout(0.5), nn.ReLU(), nn.Linear(8, outputs), *last)


def images() -> nn.Module:
    torch.manual_seed(0)
    layers = nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 7)
    return nn.Sequential(*layers)


def direct(model: nn.Module, values: Any) -> Any:
    """As a person would, on a copy, so that the flag of the model under test stays."""
    import copy

    with torch.no_grad():
        return copy.deepcopy(model).eval()(torch.as_tensor(np.asarray(values, dtype=np.float32))).numpy()


class Letters(Dataset):
    """With a random transform, as data sets of images have."""

    classes = None

    def __init__(self) -> None:
        self.classes = list("abcdefg")
        self.pixels = torch.rand(12, 3, 8, 8)

    def __len__(self) -> int:
        return 12

    def __getitem__(self, i: int) -> tuple[torch.Tensor, int]:
        random.random()
        torch.rand(1)
        return self.pixels[i], i % 7


def registered(context: Context, **facts: Any) -> None:
    context.kept[STATE_KEY] = {"model": facts_of("model", context.user_ns["model"], **facts)}


def beside(context: Context, **arguments: Any) -> Any:
    """As the reader thread asks while the main thread runs a cell."""
    with ThreadPoolExecutor(1) as reader:
        return reader.submit(context.run, "make_prediction", model_id="model", **arguments).result()


def test_invariance_with_registered_columns() -> None:
    model = tabular()
    case = Case(model, FRAME, lambda frame: direct(model, frame)[:, 0].astype(float), "unknown", "fee", registered=True)
    assert_invariant(case)


def test_without_registration_columns_are_positions() -> None:
    model = tabular()
    context = Context({"model": model})
    told = context.data("make_prediction", model_id="model", features={"x2": 0.5, "x0": 10, "x1": 30})
    assert told["prediction"] == float(direct(model, [[10, 30, 0.5]])[0, 0])
    result = context.run("validate_features", model_id="model", features={"x0": "many", "x1": None})
    assert {issue["code"] for issue in result["issues"]} == {"type_error", "null_value", "missing_column"}


def test_the_training_flag_and_the_buffers_stay_and_dropout_is_off() -> None:
    model = images().train()
    flags = [module.training for module in model.modules()]
    before = {name: value.clone() for name, value in model.state_dict().items()}
    context = Context({"model": model, "batch": torch.rand(2, 3, 8, 8)})
    first = context.data("make_prediction", model_id="model", data="batch")
    assert first == context.data("make_prediction", model_id="model", data="batch")
    assert [module.training for module in model.modules()] == flags
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert first["prediction"] == direct(model, context.user_ns["batch"]).tolist()
    assert all(parameter.grad is None for parameter in model.parameters())


def test_no_prediction_while_it_trains() -> None:
    context = Context({"model": tabular()})
    context.running = 3
    with pytest.raises(NeedsIdle, match="training mode"):
        beside(context, features={"x0": 1, "x1": 1, "x2": 1})
    context.user_ns["model"].eval()
    assert beside(context, features={"x0": 1, "x1": 1, "x2": 1})["ok"]


def test_a_step_of_training_changes_the_revision() -> None:
    model = tabular()
    context = Context({"model": model})
    before = find_model(context, "model").revision
    assert find_model(context, "model").revision == before
    model(torch.ones(2, 3)).sum().backward()
    torch.optim.Adam(model.parameters()).step()
    assert find_model(context, "model").revision != before


def test_losses_optimizers_and_empty_modules_are_no_models() -> None:
    model = tabular()
    context = Context(
        {
            "loss": nn.CrossEntropyLoss(weight=torch.ones(2)),
            "step": torch.optim.SGD(model.parameters()),
            "flat": nn.Flatten(),
        }
    )
    assert catalog_of(context).models(context) == []


def test_classes_make_labels_of_logits_and_scores_stay_scores() -> None:
    model = tabular(outputs=3)
    context = Context({"model": model})
    registered(context, X=FRAME, classes=["low", "mid", "high"])
    row = FRAME.iloc[0].to_dict()
    told = context.data("make_prediction", model_id="model", features=row)
    logits = direct(model, FRAME.head(1))[0]
    assert told["prediction"] == ["low", "mid", "high"][logits.argmax()]
    assert told["probability"] is None and told["confidence"] is None and told["score"] == logits.astype(float).tolist()
    context.user_ns["frame"] = FRAME
    counts = context.data("make_prediction", model_id="model", data="frame")["counts"]
    assert sum(counts.values()) == 40


@pytest.mark.parametrize("last", [nn.Softmax(-1), nn.Sigmoid()])
def test_probabilities_only_where_the_last_layer_makes_them(last: nn.Module) -> None:
    model = tabular(last, outputs=1 if type(last) is nn.Sigmoid else 2)
    context = Context({"model": model})
    registered(context, classes=["no", "yes"])
    told = context.data("make_prediction", model_id="model", features={"x0": 1, "x1": 1, "x2": 1})
    assert list(told["probability"]) == ["no", "yes"] and sum(told["probability"].values()) == pytest.approx(1)
    assert told["confidence"] == max(told["probability"].values())


def test_images_by_reference() -> None:
    torch.manual_seed(1)
    model, letters = images(), Letters()
    context = Context({"model": model, "letters": letters, "loader": DataLoader(letters, 5, shuffle=True)})
    random.seed(5)
    torch.manual_seed(5)
    expected_draws = random.random(), torch.rand(1)
    random.seed(5)
    torch.manual_seed(5)
    one = context.data("make_prediction", model_id="model", data="letters[3]")
    scores = direct(model, letters.pixels[3:4])[0]
    assert one["prediction"] == "abcdefg"[scores.argmax()] and len(one["top"]) == 5
    assert [top["class"] for top in one["top"]] == ["abcdefg"[i] for i in np.argsort(-scores)[:5]]
    assert one["top"][0]["score"] == float(scores.max()) and one["confidence"] is None
    result = context.run("make_prediction", model_id="model", data="loader", max_batches=2)
    assert result["data"]["n"] == 10 and sum(result["data"]["counts"].values()) == 10
    assert "first 10 items" in result["warnings"][0]
    assert context.data("make_prediction", model_id="model", data="loader")["n"] == 12
    assert (random.random(), torch.rand(1)) == expected_draws


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (torch.rand(2, 8, 8, 3), "permute(0, 3, 1, 2)"),
        (torch.rand(2, 4, 8, 8), "as the training data was"),
        (torch.randint(0, 255, (2, 3, 8, 8), dtype=torch.uint8), "Scale and convert"),
        (np.zeros((2, 3, 8)), ""),
        (Image.new("RGB", (8, 8)), "transform"),
    ],
    ids=["channels last", "channels", "uint8", "dimensions", "image"],
)
def test_what_does_not_fit_is_said_before_the_call(value: Any, says: str) -> None:
    context = Context({"model": images(), "value": value})
    fault = context.run("make_prediction", model_id="model", data="value")["fault"]
    if says:
        assert fault["code"] == "invalid_input" and says in fault["hint"]
    else:
        assert fault is None or fault["code"] in ("invalid_input", "model_error")


def test_a_single_item_gets_its_batch_dimension_and_nothing_else() -> None:
    model = images()
    batch = torch.rand(4, 3, 8, 8)
    context = Context({"model": model, "batch": batch, "single": batch[1], "array": batch.numpy()})
    expected = direct(model, batch[1:2]).tolist()
    for named in ("single", "batch[1]", "array[1]"):
        assert context.data("make_prediction", model_id="model", data=named)["prediction"] == expected
    assert context.run("make_prediction", model_id="model", data="batch[9]")["fault"]["code"] == "invalid_input"
    assert context.run("make_prediction", model_id="model", data="nothing")["fault"]["code"] == "unknown_frame"
    assert "can't be typed" in context.run("make_prediction", model_id="model", features={"a": 1})["fault"]["message"]
    for tool in ("validate_features", "get_feature_importance"):
        arguments = {"features": {"a": 1}} if tool == "validate_features" else {}
        assert context.run(tool, model_id="model", **arguments)["fault"]["code"] == "unsupported"


def test_a_data_set_waits_for_the_running_cell() -> None:
    context = Context({"model": images().eval(), "letters": Letters()})
    context.running = 2
    with pytest.raises(NeedsIdle, match="its own Python"):
        beside(context, data="letters[0]")


def test_a_tensor_data_set_and_tokens() -> None:
    torch.manual_seed(0)
    words = nn.Sequential(nn.EmbeddingBag(50, 4), nn.Linear(4, 2))
    tokens = torch.randint(0, 50, (6, 5))
    context = Context({"model": words, "data": TensorDataset(tokens), "wrong": torch.rand(6, 5)})
    told = context.data("make_prediction", model_id="model", data="data[2]")
    with torch.no_grad():
        assert told["prediction"] == words(tokens[2:3]).tolist()
    assert "int64" in context.run("make_prediction", model_id="model", data="wrong")["fault"]["message"]
