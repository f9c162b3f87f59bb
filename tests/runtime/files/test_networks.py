"""Networks and models of other runtimes on disk: weights, graphs, folders of MLflow."""

from __future__ import annotations

import json
import os
import pickle
import zipfile
from pathlib import Path
from typing import Any

import joblib
import mlflow.sklearn
import numpy as np
import pytest
import torch
from runtime import people
from runtime.context import Context
from runtime.reproduce import reproduced
from safetensors.torch import load_file
from skl2onnx import to_onnx
from sklearn.linear_model import LogisticRegression

os.environ["KERAS_BACKEND"] = "torch"
import keras

X = people.NUMBERS.to_numpy(dtype="float32")
# Keras and MLflow warn about parts of their own.
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def net() -> Any:
    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.ReLU(), torch.nn.Linear(4, 2))


@pytest.mark.parametrize("suffix", [".pt", ".safetensors"])
def test_weights_are_saved_without_code_and_loaded_again(suffix: str) -> None:
    model = net()
    context = Context({"net": model})
    saved = context.data("save_model", model_id="net", path=f"net{suffix}")
    assert "class of the network" in saved["note"]
    told = context.data("inspect_model_file", path=saved["file"])
    assert told["kind"] == suffix[1:].replace("pt", "torch") and told["verdict"] == "safe_looking", told
    loaded = context.run("load_model", path=saved["file"], name="weights")
    assert loaded["ok"] and not loaded["data"]["is_model"] and loaded["warnings"], loaded
    weights = context.user_ns["weights"]
    assert (weights["0.weight"] == model[0].weight).all()
    assert (reproduced(context, loaded["code"])["2.bias"] == model[2].bias).all()


def test_a_whole_module_is_told_and_left_alone() -> None:
    torch.save(net(), "whole.pt")
    context = Context({})
    told = context.data("inspect_model_file", path="whole.pt")
    assert told["holds"] is None or "torch" in told["holds"] or told["imports"]
    fault = context.run("load_model", path="whole.pt")["fault"]
    assert fault["code"] == "denied" and "state_dict" in fault["hint"]
    Path("plain.pkl").write_bytes(pickle.dumps(net()))
    assert context.data("inspect_model_file", path="plain.pkl")["verdict"] == "dangerous"


def test_keras_models_go_round_and_a_lambda_is_refused() -> None:
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, activation="softmax")])
    context = Context({"model": model})
    saved = context.data("save_model", model_id="model")
    assert saved["file"] == "model.keras"
    told = context.data("inspect_model_file", path="model.keras")
    assert told["verdict"] == "safe_looking" and told["versions"][0]["inside"] == keras.__version__
    assert context.data("load_model", path="model.keras", name="again")["is_model"]
    assert np.allclose(context.user_ns["again"](X[:5]).detach(), model(X[:5]).detach())
    with zipfile.ZipFile("model.keras") as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    config = json.loads(parts["config.json"])
    config["config"]["layers"].append({"class_name": "Lambda", "module": "keras.layers", "config": {}})
    with zipfile.ZipFile("lambda.keras", "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, json.dumps(config) if name == "config.json" else data)
    assert context.data("inspect_model_file", path="lambda.keras")["verdict"] == "dangerous"
    assert "Lambda" in context.run("load_model", path="lambda.keras")["fault"]["message"]


def test_onnx_is_read_by_its_head_and_can_be_asked() -> None:
    model = LogisticRegression(max_iter=500).fit(X, people.outcome(people.PEOPLE))
    Path("m.onnx").write_bytes(to_onnx(model, X[:1], options={"zipmap": False}).SerializeToString())
    context = Context({})
    told = context.data("inspect_model_file", path="m.onnx")
    assert told["kind"] == "onnx" and told["verdict"] == "safe_looking" and "skl2onnx" in told["facts"]["producer"]
    assert context.data("load_model", path="m.onnx", name="session")["is_model"]
    said = context.user_ns["session"].run(None, {"X": X})[0]
    assert (said == model.predict(X)).all()
    assert context.run("save_model", model_id="session")["fault"]["code"] == "unsupported"
    own = Path("m.onnx").read_bytes() + b"\x42\x0a\x0a\x06my.ops\x10\x01"
    Path("own.onnx").write_bytes(own)
    assert context.data("inspect_model_file", path="own.onnx")["unknown"] == ["operators of my.ops"]


def test_a_folder_of_mlflow_is_one_model_and_its_pickles_are_looked_at() -> None:
    model = LogisticRegression(max_iter=500).fit(people.NUMBERS, people.outcome(people.PEOPLE))
    mlflow.sklearn.save_model(model, "flow", serialization_format="pickle", pip_requirements=["scikit-learn"])
    context = Context({})
    listed = context.data("list_model_files")["files"]
    assert [(one["file"], one["kind"]) for one in listed] == [("flow", "mlflow")]
    told = context.data("inspect_model_file", path="flow")
    assert told["verdict"] == "safe_looking" and told["holds"].endswith("LogisticRegression"), told
    assert {one["library"]: one["inside"] for one in told["versions"]}["mlflow"] == mlflow.__version__
    from runtime.files import traps

    mark = Path("mark").absolute()
    Path("flow/model.pkl").write_bytes(traps.reduced(mark))
    assert context.data("inspect_model_file", path="flow")["dangerous"] == ["posix.system"]
    assert context.run("load_model", path="flow")["fault"]["code"] == "denied" and not mark.exists()
    joblib.dump(model, "flow/model.pkl")
    Path("flow/code").mkdir()
    assert context.data("inspect_model_file", path="flow")["verdict"] == "dangerous"


def test_weights_of_safetensors_are_the_models_own() -> None:
    model = net()
    Context({"net": model}).data("save_model", model_id="net", path="w.safetensors")
    assert (load_file("w.safetensors")["0.weight"] == model[0].weight).all()
