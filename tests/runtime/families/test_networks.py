"""Networks under the tools that look at models from outside: right as a direct computation, or refused in words."""

from __future__ import annotations

import copy
import json
import random
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image
from runtime.context import Context
from runtime.reproduce import reproduced
from sklearn.metrics import accuracy_score, roc_auc_score
from torch import nn
from torch.utils.data import TensorDataset

from jupyter_mlchat.runtime.calls import MAX_DATA_BYTES
from jupyter_mlchat.runtime.drawing import png
from jupyter_mlchat.runtime.figures import Heat, figure_of
from jupyter_mlchat.runtime.registered import STATE_KEY, facts_of
from jupyter_mlchat.runtime.toolbox import size_of

RNG = np.random.default_rng(4)
FRAME = pd.DataFrame({"fee": RNG.normal(size=60), "age": RNG.normal(size=60), "score": RNG.normal(size=60)})
LABEL = pd.Series(np.where(FRAME["fee"] + FRAME["age"] / 3 > 0, "high", "low"), name="label")


def tabular(outputs: int, *last: nn.Module) -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 8), nn.Dropout(0.5), nn.ReLU(), nn.Linear(8, outputs), *last)


def images(channels: int = 3, classes: int = 4) -> nn.Module:
    torch.manual_seed(0)
    layers = nn.Conv2d(channels, 4, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(16, classes)
    return nn.Sequential(*layers)


def direct(model: nn.Module, values: Any) -> Any:
    with torch.no_grad():
        return copy.deepcopy(model).eval()(torch.as_tensor(np.asarray(values, dtype=np.float32))).numpy().astype(float)


def network(classes: tuple[str, ...] = ("high", "low"), model: nn.Module | None = None) -> Context:
    model = tabular(len(classes)) if model is None else model
    context = Context({"net": model, "frame": FRAME, "label": LABEL, "late": FRAME * 3 + 1})
    context.kept[STATE_KEY] = {"net": facts_of("net", model, X=FRAME, classes=list(classes))}
    return context


def test_logits_of_two_classes_are_measured_by_their_difference() -> None:
    context = network()
    result = context.run("evaluate_model", model_id="net", data="frame", target="label")
    scores = direct(context.user_ns["net"], FRAME)
    told = {name: card["value"] for name, card in result["data"]["metrics"].items()}
    assert told["accuracy"] == accuracy_score(LABEL, np.array(["high", "low"])[scores.argmax(axis=1)])
    assert told["roc_auc"] == pytest.approx(roc_auc_score(LABEL == "low", scores[:, 1] - scores[:, 0]))
    assert "log_loss" not in told and "brier" not in told


def test_one_prediction_of_logits_is_explained() -> None:
    context = network()
    told = context.data("explain_prediction", model_id="net", row="frame[5]", data="frame")
    scores = direct(context.user_ns["net"], FRAME)
    sign = 1 if told["explained"] == "low" else -1
    assert told["scale"] == "score" and told["total"] == pytest.approx(sign * (scores[5, 1] - scores[5, 0]), rel=1e-5)
    parts = sum(card["contribution"] for card in told["contributions"])
    assert told["base"] + parts == pytest.approx(told["total"], rel=1e-5)
    assert told["base"] == pytest.approx(sign * (scores[:, 1] - scores[:, 0]).mean(), rel=1e-4)


def test_what_if_and_drift_of_logits() -> None:
    context = network()
    model = context.user_ns["net"]
    result = context.run("what_if", model_id="net", row="frame[5]", changes={"fee": 2.5})
    first, second = direct(model, [FRAME.iloc[5], [2.5, *FRAME.iloc[5, 1:]]])
    sign = 1 if result["data"]["about"] == "low" else -1
    assert result["data"]["delta"] == pytest.approx(sign * ((second[1] - second[0]) - (first[1] - first[0])), rel=1e-5)
    drifted = context.data("check_drift", model_id="net", data="late", reference="frame")
    assert drifted["columns"] == 3 and drifted["drifted"] == 3


def test_three_classes_keep_a_score_each() -> None:
    context = network(("a", "b", "c"))
    told = context.data("what_if", model_id="net", row="frame[5]", sweep="fee", values=[0.0, 1.0], output="c")
    rows = np.tile(FRAME.iloc[5].to_numpy(), (2, 1))
    rows[:, 0] = [0.0, 1.0]
    assert [card["score"] for card in told["sweep"]] == pytest.approx(direct(context.user_ns["net"], rows)[:, 2])


@pytest.mark.parametrize("last", [nn.Softmax(-1), nn.LogSoftmax(-1)])
def test_probabilities_are_measured_as_such(last: nn.Module) -> None:
    context = network(model=tabular(2, last))
    result = context.run("evaluate_model", model_id="net", data="frame", target="label")
    chances = direct(context.user_ns["net"], FRAME)
    chances = np.exp(chances) if type(last) is nn.LogSoftmax else chances
    place = (LABEL == "low").to_numpy().astype(int)
    assert result["data"]["metrics"]["log_loss"]["value"] == pytest.approx(-np.log(chances[range(60), place]).mean())
    again = reproduced(context, result["code"])
    for name, card in result["data"]["metrics"].items():
        assert again[name][0] == pytest.approx(card["value"], rel=1e-5), name


@pytest.mark.parametrize(
    ("model", "classes", "says"),
    [
        (tabular(2), None, "2 numbers"),
        (tabular(1), ["low", "high"], "one number"),
        (tabular(3), ["high", "low"], "3 numbers"),
    ],
    ids=["unknown", "one for two", "too many"],
)
@pytest.mark.parametrize("tool", ["evaluate_model", "explain_prediction", "check_drift", "check_fairness"])
def test_numbers_of_unknown_meaning_are_refused(model: nn.Module, classes: Any, says: str, tool: str) -> None:
    context = network(model=model)
    context.kept[STATE_KEY] = {"net": facts_of("net", model, X=FRAME, classes=classes)}
    arguments: dict[str, dict[str, Any]] = {
        "evaluate_model": {"data": "frame", "target": "label"},
        "explain_prediction": {"row": "frame[1]"},
        "check_drift": {"data": "late", "reference": "frame"},
        "check_fairness": {"data": "frame", "target": "label", "group": "label"},
    }
    fault = context.run(tool, model_id="net", **arguments[tool])["fault"]
    assert fault["code"] == "unsupported" and says in fault["message"] and fault["hint"]


def test_a_table_without_the_models_names_is_read_by_position() -> None:
    """A module has no names of its own: `x0` is the first column."""
    model = tabular(1)
    context = Context({"net": model, "frame": FRAME, "late": FRAME * 3 + 1})
    told = context.data("make_prediction", model_id="net", row="frame[4]")
    assert told["prediction"] == pytest.approx(direct(model, FRAME.iloc[[4]])[0, 0])
    drifted = context.run("check_drift", model_id="net", data="late", reference="frame")["data"]
    assert drifted["columns"] == drifted["of"] == 3 and drifted["drifted"] == 3


class Own(nn.Module):
    """Its own class, with a method kept as an attribute and an answer of several tensors."""

    def __init__(self, answer: str) -> None:
        super().__init__()
        self.layer, self.drop, self.answer = nn.Linear(3, 2), nn.Dropout(0.5), answer
        self.last = self.finish

    def finish(self, values: Any) -> Any:
        return self.drop(values) if not self.training else values * float("nan")

    def forward(self, values: Any) -> Any:
        found = self.last(self.layer(values))
        return {"named": {"one": found}, "logits": {"logits": found}, "tuple": (found, values)}[self.answer]


@pytest.mark.parametrize("answer", ["logits", "tuple"])
def test_a_method_kept_as_an_attribute_is_in_evaluation_mode_too(answer: str) -> None:
    model = Own(answer).train()
    told = Context({"net": model, "frame": FRAME}).data("make_prediction", model_id="net", row="frame[2]")
    with torch.no_grad():
        expected = model.layer(torch.tensor(FRAME.to_numpy(np.float32)[2:3].tolist()))[0].tolist()
    assert told["prediction"] == expected and model.training


def test_several_named_tensors_are_refused() -> None:
    context = Context({"net": Own("named"), "frame": FRAME})
    fault = context.run("make_prediction", model_id="net", row="frame[2]")["fault"]
    assert fault["code"] == "unsupported" and "named tensors" in fault["message"]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_scripted_part_in_training_mode_says_what_to_do() -> None:
    net = nn.Sequential(nn.Linear(3, 3), torch.jit.script(nn.Dropout(0.5)))
    context = Context({"net": net, "frame": FRAME})
    assert ".eval()" in context.run("make_prediction", model_id="net", row="frame[2]")["fault"]["hint"]
    net.eval()
    told = context.data("make_prediction", model_id="net", row="frame[2]")
    assert told["prediction"] == pytest.approx(direct(net[0], FRAME.iloc[[2]])[0].tolist())


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_compiled_module_is_asked_as_what_it_was_made_of() -> None:
    model = tabular(2, nn.Softmax(-1)).train()
    context = Context({"net": torch.compile(model), "frame": FRAME})
    told = context.data("make_prediction", model_id="net", row="frame[2]")
    assert told["probability"] == pytest.approx(direct(model, FRAME.iloc[[2]])[0].tolist()) and model.training


def pictures() -> Context:
    torch.manual_seed(1)
    model = images()
    batch = torch.rand(3, 3, 12, 8)
    context = Context({"net": model, "batch": batch, "items": TensorDataset(batch, torch.arange(3))})
    context.kept[STATE_KEY] = {"net": facts_of("net", model, classes=["cat", "dog", "fox", "owl"])}
    return context


@pytest.mark.parametrize("row", ["batch[1]", "items[1]"])
def test_the_parts_of_an_image_that_an_answer_rests_on(row: str) -> None:
    context = pictures()
    result = context.run("explain_prediction", model_id="net", row=row, output="fox")
    told, model, item = result["data"], context.user_ns["net"], context.user_ns["batch"][1:2].numpy()
    assert told["explained"] == "fox" and told["scale"] == "score"
    assert told["total"] == pytest.approx(direct(model, item)[0, 2])
    assert told["rows"] == [0, 2, 3, 4, 6, 8, 9, 10, 12] and len(told["columns"]) == 6
    for i, (top, bottom) in enumerate(zip(told["rows"], told["rows"][1:], strict=False)):
        for j, (left, right) in enumerate(zip(told["columns"], told["columns"][1:], strict=False)):
            covered = item.copy()
            covered[:, :, top:bottom, left:right] = item.mean(axis=(2, 3), keepdims=True)
            drop = direct(model, item)[0, 2] - direct(model, covered)[0, 2]
            assert told["map"][i][j] == pytest.approx(drop, rel=1e-4, abs=1e-6)
    figure = figure_of("explain_prediction", told)
    assert figure is not None and isinstance(figure.shape, Heat) and figure.shape.values == told["map"]
    assert png(figure).startswith(b"\x89PNG")
    strongest = told["parts"][0]
    assert abs(strongest["contribution"]) == pytest.approx(np.abs(told["map"]).max(), rel=1e-5)
    assert np.allclose(reproduced(context, result["code"]), told["map"], rtol=1e-4, atol=1e-6)
    assert {batch for batch, _, _ in context.reports} == {0.0, 32.0} and size_of(told) <= MAX_DATA_BYTES


def test_no_name_of_a_personal_class_leaves() -> None:
    context = pictures()
    names = ["ann@canary.org", "bob@canary.org", "eve@canary.org", "joe@canary.org"]
    context.kept[STATE_KEY] = {"net": facts_of("net", context.user_ns["net"], classes=names)}
    for name, arguments in (("explain_prediction", {"row": "batch[0]"}), ("make_prediction", {"data": "batch"})):
        result = context.run(name, model_id="net", **arguments)
        left = {key: value for key, value in result.items() if key not in ("local", "code", "form")}
        assert result["ok"] and "canary" not in json.dumps(left) and "canary" in json.dumps(result["local"])


def test_an_image_is_explained_for_its_predicted_class_and_can_be_stopped() -> None:
    context = pictures()
    told = context.data("explain_prediction", model_id="net", row="batch[0]")
    assert told["explained"] == told["prediction"]
    context.stop.set()
    assert context.run("explain_prediction", model_id="net", row="batch[0]")["fault"]["code"] == "tool_timeout"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"row": "batch"}, "batch[0]"),
        ({}, "batch[3]"),
        ({"row": "batch[0]", "output": "wolf"}, "It has 4"),
        ({"row": "flat"}, "batch first"),
        ({"row": "photo"}, "transform"),
    ],
)
def test_what_is_no_single_image_is_refused(arguments: dict[str, Any], says: str) -> None:
    context = pictures()
    context.user_ns.update(flat=np.zeros((2, 3)), photo=Image.new("RGB", (8, 12)))
    fault = context.run("explain_prediction", model_id="net", **arguments)["fault"]
    assert fault["code"] == "invalid_input" and says in fault["hint"]


def test_tokens_have_no_parts_to_cover() -> None:
    model = nn.Sequential(nn.EmbeddingBag(50, 4), nn.Linear(4, 2))
    context = Context({"net": model, "tokens": torch.randint(0, 50, (6, 5))})
    fault = context.run("explain_prediction", model_id="net", row="tokens[0]")["fault"]
    assert fault["code"] == "unsupported" and "image" in fault["message"]


def test_many_classes_stay_within_the_bytes_of_an_answer() -> None:
    model, batch = images(classes=900), torch.rand(40, 3, 8, 8) * torch.arange(40).reshape(-1, 1, 1, 1)
    context = Context({"net": model, "batch": batch})
    classes = [f"a rather long name of the class with the number {i}" for i in range(900)]
    context.kept[STATE_KEY] = {"net": facts_of("net", model, classes=classes)}
    result = context.run("make_prediction", model_id="net", data="batch")
    assert result["ok"] and len(result["data"]["top"]) > 1 and result["data"]["n"] == 40


COLUMN_TOOLS = {
    "validate_features": {"features": {"a": 1}},
    "get_partial_dependence": {"features": ["a"], "data": "batch"},
    "what_if": {"row": "batch[0]", "changes": {"a": 1}},
    "find_counterfactual": {"row": "batch[0]"},
    "find_similar_examples": {"row": "batch[0]", "data": "batch"},
    "suggest_inputs": {},
    "check_drift": {"data": "batch", "reference": "batch"},
    "check_leakage": {"data": "batch", "target": "truth"},
    "get_prediction_interval": {"row": "batch[0]", "data": "batch", "target": "truth"},
}


@pytest.mark.parametrize("tool", COLUMN_TOOLS)
def test_what_needs_columns_refuses_tensors(tool: str) -> None:
    context = pictures()
    fault = context.run(tool, model_id="net", **COLUMN_TOOLS[tool])["fault"]
    assert fault["code"] == "unsupported" and "no columns" in fault["message"] and fault["hint"]


def test_a_tool_leaves_the_process_as_it_was() -> None:
    context = pictures()
    net = context.user_ns["net"].train()
    tab = network()
    tab.user_ns["net"].train()

    def state() -> Any:
        flags = [module.training for model in (net, tab.user_ns["net"]) for module in model.modules()]
        return (
            flags, torch.is_grad_enabled(), torch.is_inference_mode_enabled(), torch.get_num_threads(),
            torch.get_rng_state().tolist(), random.getstate(), np.random.get_state()[1].tolist(),
            [p.grad is None and p.requires_grad for p in net.parameters()],
        )  # fmt: skip

    before = state()
    for name, arguments in {
        **COLUMN_TOOLS, "make_prediction": {"data": "items"}, "explain_prediction": {"row": "items[1]"},
    }.items():  # fmt: skip
        context.run(name, model_id="net", **arguments)
    for name, arguments in {
        "evaluate_model": {"data": "frame", "target": "label"},
        "explain_prediction": {"row": "frame[1]", "data": "frame"},
        "check_drift": {"data": "late", "reference": "frame"}, "find_counterfactual": {"row": "frame[1]"},
        "check_fairness": {"data": "frame", "target": "label", "group": "label"},
        "make_prediction": {"data": "frame"},
    }.items():  # fmt: skip
        result = tab.run(name, model_id="net", **arguments)
        assert result["ok"], (name, result["fault"])
    assert state() == before
