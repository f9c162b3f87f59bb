"""Networks measured on data sets, loaders and tensors: the same numbers as a loop written by hand."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image
from runtime.context import Context, cell
from runtime.reproduce import reproduced
from sklearn.metrics import accuracy_score, log_loss, mean_absolute_error, roc_auc_score
from torch import nn
from torch.utils.data import DataLoader, Dataset, TensorDataset

from jupyter_mlchat.runtime import drawing, figures
from jupyter_mlchat.runtime.registered import STATE_KEY, facts_of

NAMES = ["cat", "dog", "fox"]


class Pictures(Dataset):
    """With names of its classes, as data sets of images have."""

    def __init__(self, count: int = 50) -> None:
        torch.manual_seed(3)
        self.classes = list(NAMES)
        self.pixels, self.labels = 3 * torch.randn(count, 3, 6, 6), torch.randint(0, 3, (count,))

    def __len__(self) -> int:
        return len(self.pixels)

    def __getitem__(self, i: int) -> tuple[torch.Tensor, int]:
        torch.rand(1)
        return self.pixels[i], int(self.labels[i])


def images(*last: nn.Module, outputs: int = 3) -> nn.Module:
    torch.manual_seed(0)
    layers = nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(64, outputs)
    return nn.Sequential(*layers, *last)


def scores(model: nn.Module, values: Any) -> Any:
    with torch.no_grad():
        return model.eval()(values).numpy().astype(float)


@pytest.fixture
def context() -> Context:
    data = Pictures()
    return Context(
        {
            "net": images(nn.Softmax(-1)), "raw": images(), "other": images(nn.Softmax(-1)).requires_grad_(False),
            "test_data": data, "loader": DataLoader(data, 8, shuffle=True), "batch": data.pixels,
            "answers": data.labels, "shop": pd.Series(["north", "south"] * 25),
        }
    )  # fmt: skip


@pytest.mark.parametrize("named", ["test_data", "loader", "batch"])
@pytest.mark.parametrize("model", ["net", "raw"])
def test_an_evaluation_is_that_of_the_whole_data(context: Context, named: str, model: str) -> None:
    data = context.user_ns["test_data"]
    result = context.run(
        "evaluate_model", model_id=model, data=named, **({"target": "answers"} if named == "batch" else {})
    )
    assert result["ok"], result["fault"]
    told, table = result["data"], scores(context.user_ns[model], data.pixels)
    assert told["n"] == 50 and told["task"] == "classification" and told["in_sample"] is None
    assert told["metrics"]["accuracy"]["value"] == accuracy_score(data.labels, table.argmax(axis=1))
    if model == "net":
        assert told["metrics"]["log_loss"]["value"] == pytest.approx(log_loss(data.labels, table.astype(np.float32)))
    assert told["confusion"]["labels"] == (NAMES if named != "batch" else [0, 1, 2])
    again = reproduced(context, result["code"])
    for name, card in told["metrics"].items():
        assert again[name][0] == pytest.approx(card["value"], rel=1e-5), name


def test_nothing_drawn_from_the_notebook_and_no_flag_is_changed(context: Context) -> None:
    net = context.user_ns["net"].train()
    before = torch.get_rng_state().tolist()
    assert context.run("evaluate_model", model_id="net", data="loader")["ok"]
    assert torch.get_rng_state().tolist() == before and net.training


def test_only_so_many_batches(context: Context) -> None:
    result = context.run("evaluate_model", model_id="net", data="loader", max_batches=4)
    assert result["data"]["n"] == 32 and "first 32 of 50 items" in result["warnings"][0]
    assert reproduced(context, result["code"])["accuracy"][0] == result["data"]["metrics"]["accuracy"]["value"]


def test_errors_comparison_and_fairness_of_pictures(context: Context) -> None:
    data = context.user_ns["test_data"]
    table = scores(context.user_ns["net"], data.pixels)
    wrong = context.data("analyze_errors", model_id="net", data="loader")
    losses = 1 - table[range(50), data.labels]
    assert wrong["mean_loss"] == pytest.approx(losses.mean())
    assert wrong["worst_rows"][0]["row"] == int(losses.argmax()) and wrong["worst_rows"][0]["truth"] in NAMES
    both = context.run("compare_models", models=["net", "other"], data="test_data")
    assert both["ok"], both["fault"]
    assert both["data"]["differences"][0]["difference"] == 0 and both["data"]["models"][0]["many_rows"] == 32
    fair = context.run("check_fairness", model_id="net", data="loader", group="shop", output="fox")
    assert fair["ok"], fair["fault"]
    north = np.array([True, False] * 25)
    shown = {card["group"]: card for card in fair["data"]["groups"]}
    assert shown["north"]["selected"]["value"] == pytest.approx((table[north].argmax(axis=1) == 2).mean(), rel=1e-5)
    again = reproduced(context, fair["code"])
    assert again["north"] == pytest.approx(shown["north"]["selected"]["value"], rel=1e-5)
    by = context.data("evaluate_model", model_id="net", data="loader", by="shop")
    assert {card["group"] for card in by["groups"]} == {"north", "south"}


def test_without_a_name_the_held_out_loader_is_taken(context: Context) -> None:
    context.user_ns["val_loader"] = DataLoader(Pictures(20), 4)
    assert context.data("evaluate_model", model_id="net")["data"] == "val_loader"
    del context.user_ns["val_loader"], context.user_ns["test_data"]
    assert context.data("evaluate_model", model_id="net")["data"] == "loader"
    context.user_ns["second"] = DataLoader(Pictures(20), 4)
    fault = context.run("evaluate_model", model_id="net")["fault"]
    assert fault["code"] == "invalid_input" and "loader" in fault["hint"]


def test_the_loop_that_trained_it_makes_it_in_sample() -> None:
    context = Context({"net": images(), "torch": torch, "nn": nn, "train_loader": DataLoader(Pictures(12), 4)})
    cell(
        context,
        "step = torch.optim.SGD(net.parameters(), 0.1)\n"
        "for epoch in range(1):\n    for i, (x, y) in enumerate(train_loader):\n"
        "        step.zero_grad()\n        nn.functional.cross_entropy(net(x), y).backward()\n        step.step()",
    )
    context.user_ns["net"].eval()
    result = context.run("evaluate_model", model_id="net", data="train_loader")
    assert result["data"]["in_sample"] is True and "loop of In[1]" in result["doubts"][0]


def test_two_classes_have_a_threshold_and_names_that_were_registered(context: Context) -> None:
    net = images(nn.Sigmoid(), outputs=1)
    labels = torch.tensor([0, 1] * 25)
    context.user_ns.update(pair=net, flags=labels)
    context.kept[STATE_KEY] = {"pair": facts_of("pair", net, classes=["no", "yes"])}
    result = context.run("evaluate_model", model_id="pair", data="batch", target="flags")
    assert result["ok"], result["fault"]
    said = scores(net, context.user_ns["batch"])[:, 0]
    assert result["data"]["metrics"]["roc_auc"]["value"] == pytest.approx(roc_auc_score(labels, said))
    assert result["data"]["confusion"]["labels"] == ["no", "yes"]
    assert reproduced(context, result["code"])["roc_auc"][0] == pytest.approx(roc_auc_score(labels, said))
    assert context.data("get_threshold_curve", model_id="pair", data="batch", target="flags")["positive"] == "yes"


def test_numbers_are_measured_as_numbers() -> None:
    torch.manual_seed(0)
    x, y = torch.rand(40, 3), torch.rand(40)
    context = Context({"net": nn.Sequential(nn.Linear(3, 1)), "data": TensorDataset(x, y), "x_test": x, "y_test": y})
    told = context.run("evaluate_model", model_id="net", data="data")
    assert told["ok"], told["fault"]
    expected = mean_absolute_error(y, scores(context.user_ns["net"], x)[:, 0])
    assert told["data"]["metrics"]["mae"]["value"] == pytest.approx(expected)
    assert reproduced(context, told["code"])["mae"][0] == pytest.approx(expected)
    beside = context.run("evaluate_model", model_id="net", data="x_test")
    assert beside["data"]["target"] == "y_test" and beside["data"]["metrics"] == told["data"]["metrics"]


def test_a_hundred_names_of_people_stay_here(context: Context) -> None:
    net = context.user_ns["net"]
    context.kept[STATE_KEY] = {
        "net": facts_of("net", net, classes=["ann@canary.org", "bob@canary.org", "eve@canary.org"])
    }
    for tool in ("evaluate_model", "analyze_errors", "check_fairness"):
        group = {"group": "shop"} if tool == "check_fairness" else {}
        result = context.run(tool, model_id="net", data="loader", **group)
        assert result["ok"] and "canary" not in json.dumps(result["data"]), tool


@pytest.mark.parametrize(
    ("args", "code"),
    [
        ({"data": "batch"}, "invalid_input"),
        ({"data": "batch", "target": "shop"}, "invalid_input"),
        ({"data": "batch", "target": "nothing"}, "invalid_input"),
        ({"data": "batch", "target": "half"}, "invalid_input"),
        ({"data": "test_data[3]"}, "invalid_input"),
        ({"data": "bare"}, "invalid_input"),
        ({"data": "photos"}, "invalid_input"),
        ({"data": "unheard"}, "unknown_frame"),
    ],
)
def test_what_has_no_answers_or_does_not_fit_is_refused(context: Context, args: dict[str, Any], code: str) -> None:
    photo = Image.new("RGB", (6, 6))
    context.user_ns.update(
        half=torch.zeros(20), bare=TensorDataset(torch.rand(5, 3, 6, 6)), photos=[photo],
    )  # fmt: skip
    if args["data"] == "photos":
        args, code = {"data": "photo"}, "invalid_input"
        context.user_ns["photo"] = photo
    assert context.run("evaluate_model", model_id="net", **args)["fault"]["code"] == code


def test_one_logit_for_classes_is_not_guessed(context: Context) -> None:
    context.user_ns.update(one=images(outputs=1), flags=torch.tensor([0, 1] * 25))
    fault = context.run("evaluate_model", model_id="one", data="batch", target="flags")["fault"]
    assert fault["code"] == "unsupported" and "Sigmoid" in fault["hint"]


def test_the_picture_of_an_evaluation_is_the_confusion(context: Context) -> None:
    told = context.data("evaluate_model", model_id="net", data="loader")
    figure = figures.figure_of("evaluate_model", told)
    assert figure is not None and isinstance(figure.shape, figures.Heat)
    assert drawing.png(figure).startswith(b"\x89PNG")
