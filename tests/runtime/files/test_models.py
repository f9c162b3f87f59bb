"""Models of many kinds, saved and loaded again; what is told of their files."""

from __future__ import annotations

import gzip
import json
import os
import pickle
import warnings
from pathlib import Path
from typing import Any

import catboost
import cloudpickle
import joblib
import lightgbm
import numpy as np
import pytest
import statsmodels.api as sm
import xgboost
from runtime import people
from runtime.context import Context, cell
from runtime.reproduce import reproduced
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression
from sklearn.preprocessing import FunctionTransformer

X, PEOPLE = people.NUMBERS, people.PEOPLE
LABEL = people.outcome(PEOPLE)
CODE = (LABEL == "stays").astype(int)


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def boosted() -> dict[str, Any]:
    return {
        "xgb": xgboost.XGBClassifier(n_estimators=3).fit(X, CODE),
        "regressor": xgboost.XGBRegressor(n_estimators=3).fit(X, CODE),
        "booster": xgboost.train({"objective": "binary:logistic"}, xgboost.DMatrix(X, CODE), 3),
        "lgb": lightgbm.LGBMClassifier(n_estimators=3, verbose=-1).fit(X, LABEL),
        "lgb_booster": lightgbm.train({"verbose": -1}, lightgbm.Dataset(X, CODE), 3),
        "cat": catboost.CatBoostClassifier(iterations=3, verbose=0, allow_writing_files=False).fit(X, LABEL),
        "cat_numbers": catboost.CatBoostRegressor(iterations=3, verbose=0, allow_writing_files=False).fit(X, CODE),
        "ols": sm.OLS(CODE, X).fit(),
    }


def answer(model: Any, data: Any) -> np.ndarray:
    data = xgboost.DMatrix(data) if isinstance(model, xgboost.Booster) else data
    return np.ravel(np.asarray(model.predict(data)))


SAVED = {**people.METAS, **boosted()}
FORMATS = {"xgb": "xgboost", "regressor": "xgboost", "booster": "xgboost", "lgb": "skops", "lgb_booster": "lightgbm",
           "cat": "catboost", "cat_numbers": "catboost", "ols": "joblib", "pipeline": "skops"}  # fmt: skip


@pytest.mark.parametrize("name", SAVED)
def test_a_saved_model_comes_back_the_same(name: str, tmp_path: Path) -> None:
    model = SAVED[name]
    context = Context({"model": model})
    saved = context.data("save_model", model_id="model", path="kept")
    assert saved["kind"] == FORMATS.get(name, saved["kind"])
    inspected = context.data("inspect_model_file", path=saved["file"])
    assert inspected["verdict"] in ("safe_looking", "unknown_imports"), inspected
    assert not inspected["missing"] and inspected["complete"]
    loaded = context.data("load_model", path=saved["file"], name="again")
    assert loaded["is_model"] and loaded["sidecar"] and loaded["model_id"] == "again"
    data = X if name in FORMATS and name != "pipeline" else PEOPLE
    assert (answer(context.user_ns["again"], data) == answer(model, data)).all()
    assert type(context.user_ns["again"]) is type(model)
    sidecar = json.loads((tmp_path / saved["sidecar"]).read_text())
    assert sidecar["sha256"] == saved["sha256"] and sidecar["model"] == "model"
    assert sorted(os.listdir(tmp_path)) == sorted([saved["file"], saved["sidecar"]])


@pytest.mark.parametrize("suffix", [".joblib", ".pkl", ".skops"])
def test_the_suffix_chooses_and_the_code_does_the_same(suffix: str, tmp_path: Path) -> None:
    context = Context({"pipe": people.METAS["pipeline"], "df": PEOPLE})
    saved = context.run("save_model", model_id="pipe", path=f"a{suffix}")
    first = (tmp_path / f"a{suffix}").read_bytes()
    (tmp_path / f"a{suffix}").unlink()
    assert reproduced(context, saved["code"]) == f"a{suffix}"
    again = (tmp_path / f"a{suffix}").read_bytes()
    assert again == first or suffix == ".skops"
    loaded = context.run("load_model", path=f"a{suffix}", name="b")
    assert (reproduced(context, loaded["code"]).predict(PEOPLE) == context.user_ns["b"].predict(PEOPLE)).all()


def test_compressed_pickles_of_every_kind_are_loaded_by_their_code() -> None:
    from runtime.files.traps import COMPRESSIONS

    model = RandomForestClassifier(5, random_state=0).fit(X, LABEL)
    context = Context({"X": X})
    for i, (suffix, compress) in enumerate({**COMPRESSIONS, "": lambda data: data}.items()):
        file = f"m{i}.pkl{suffix}"
        Path(file).write_bytes(compress(pickle.dumps(model, protocol=i % 6)))
        loaded = context.run("load_model", path=file, name=f"rf{i}")
        assert loaded["ok"], loaded
        assert (reproduced(context, loaded["code"]).predict(X) == model.predict(X)).all()
    for i, compress in enumerate([0, 3, ("gzip", 3), ("bz2", 3), ("xz", 2), ("lzma", 2)]):
        joblib.dump({"model": model, "data": X}, f"j{i}.joblib", compress=compress)
        told = context.run("load_model", path=f"j{i}.joblib", name=f"bundle{i}")
        assert told["ok"] and told["warnings"], told
        assert (context.user_ns[f"bundle{i}"]["model"].predict(X) == model.predict(X)).all()
        assert f'bundle{i}["model"]' in str(context.data("list_models"))


def test_a_file_is_told_from_its_content_not_its_name() -> None:
    model = RandomForestClassifier(2, random_state=0).fit(X, LABEL)
    joblib.dump(model, "a.pkl")
    Path("b.joblib").write_bytes(pickle.dumps(model))
    xgboost.XGBClassifier(n_estimators=2).fit(X, CODE).save_model("c.json")
    Path("settings.json").write_text('{"learning_rate": 3}')
    Path("notes.txt").write_text("tree of life")
    Path("empty.pkl").write_bytes(b"")
    found = Context({}).data("list_model_files")
    assert {one["file"]: one["kind"] for one in found["files"]} == {
        "a.pkl": "joblib", "b.joblib": "joblib", "c.json": "xgboost"
    }  # fmt: skip
    told = Context({}).data("inspect_model_file", path="c.json")
    assert told["facts"]["estimator"] == "classifier" and told["facts"]["objective"] == "binary:logistic"
    assert told["versions"][0]["inside"] == xgboost.__version__


def test_the_version_inside_is_set_against_the_one_installed() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        data = pickle.dumps(LinearRegression().fit([[1.0], [2.0]], [1.0, 2.0]))
    import sklearn

    old = "0.1." + "9" * (len(sklearn.__version__) - 4)
    Path("old.pkl").write_bytes(data.replace(sklearn.__version__.encode(), old.encode()))
    context = Context({})
    told = context.run("inspect_model_file", path="old.pkl")
    version = told["data"]["versions"][0]
    assert version["inside"] == old and version["differs"] and version["installed"] == sklearn.__version__
    assert version["pip"] == f"pip install scikit-learn=={old}"
    assert told["issues"][0]["code"] == "version_mismatch"
    loaded = context.run("load_model", path="old.pkl")
    assert (
        loaded["ok"] and old in loaded["issues"][0]["message"] and version["pip"] in loaded["issues"][0]["suggestion"]
    )


def test_what_is_missing_here_is_named_before_anything_is_loaded() -> None:
    Path("a.pkl").write_bytes(b"\x80\x02cnot_installed_here.models\nNet\n)\x81.")
    Path("b.pkl").write_bytes(b"\x80\x02c__main__\nMyModel\n)\x81.")
    context = Context({})
    assert context.data("inspect_model_file", path="a.pkl")["missing"] == ["not_installed_here"]
    fault = context.run("load_model", path="a.pkl")["fault"]
    assert fault["code"] == "unsupported" and "not_installed_here" in fault["message"]
    assert context.data("inspect_model_file", path="b.pkl")["undefined"] == ["MyModel"]
    fault = context.run("load_model", path="b.pkl")["fault"]
    assert fault["code"] == "unsupported" and "MyModel" in fault["message"]
    cell(context, "class MyModel: pass")
    assert context.data("inspect_model_file", path="b.pkl")["undefined"] == []


def test_code_of_the_notebook_inside_a_file_is_dangerous() -> None:
    Path("own.pkl").write_bytes(cloudpickle.dumps(FunctionTransformer(lambda table: table)))
    told = Context({}).data("inspect_model_file", path="own.pkl")
    assert told["verdict"] == "dangerous" and any("cloudpickle" in name for name in told["dangerous"])


def test_nothing_is_ever_written_over_unasked(tmp_path: Path) -> None:
    context = Context({"pipe": people.METAS["pipeline"]})
    for taken in ("m.joblib", "m.joblib.json"):
        Path(taken).write_text("mine")
        fault = context.run("save_model", model_id="pipe", path="m.joblib")["fault"]
        assert fault["code"] == "conflict" and taken in fault["message"]
        assert os.listdir(tmp_path) == [taken] and Path(taken).read_text() == "mine"
        Path(taken).unlink()
    assert context.run("save_model", model_id="pipe", path="m.joblib")["ok"]
    assert context.run("save_model", model_id="pipe", path="m.joblib", overwrite=True)["ok"]
    fault = context.run("save_model", model_id="pipe", path="no/such/m.joblib")["fault"]
    assert fault["code"] == "not_found" and str(tmp_path) not in str(fault)
    fault = context.run("save_model", model_id="pipe", path="m.onnx")["fault"]
    assert fault["code"] == "unsupported" and ".skops" in fault["hint"]
    outside = tmp_path / "outside"
    outside.write_text("mine")
    os.symlink(outside, "link.joblib")
    assert context.run("save_model", model_id="pipe", path="link.joblib")["fault"]["code"] == "conflict"
    assert context.run("save_model", model_id="pipe", path="link.joblib", overwrite=True)["ok"]
    assert outside.read_text() == "mine" and not Path("link.joblib").is_symlink()


def test_a_model_that_can_t_be_pickled_leaves_no_file(tmp_path: Path) -> None:
    class Own:
        def predict(self, table: Any) -> Any:
            return [0] * len(table)

    context = Context({"own": Own()})
    fault = context.run("save_model", model_id="own")["fault"]
    assert fault["code"] == "unsupported" and os.listdir(tmp_path) == []


def test_a_name_that_is_taken_stays_as_it_is() -> None:
    context = Context({"pipe": people.METAS["pipeline"], "kept": 3})
    context.data("save_model", model_id="pipe", path="pipe.joblib")
    fault = context.run("load_model", path="pipe.joblib", name="kept")["fault"]
    assert fault["code"] == "invalid_input" and context.user_ns["kept"] == 3
    assert context.data("load_model", path="pipe.joblib")["name"] == "pipe_2"
    assert context.run("load_model", path="pipe.joblib", name="not a name")["fault"]["code"] == "invalid_input"
    context.data("undo_last_change")
    assert "pipe_2" not in context.user_ns


def test_a_changed_file_is_noticed_by_its_hash() -> None:
    context = Context({"pipe": people.METAS["pipeline"]})
    context.data("save_model", model_id="pipe", path="pipe.joblib")
    joblib.dump(people.METAS["search"], "pipe.joblib")
    loaded = context.run("load_model", path="pipe.joblib", name="again")
    assert loaded["ok"] and [issue["code"] for issue in loaded["issues"]] == ["changed_file"]


def test_a_loaded_model_is_known_to_come_from_its_file_until_it_is_fitted_again() -> None:
    context = Context({"X": X, "y": LABEL})
    cell(context, "from sklearn.linear_model import LogisticRegression\nlogit = LogisticRegression().fit(X, y)")
    context.data("save_model", model_id="logit", path="logit.skops")
    del context.user_ns["logit"]
    loaded = context.run("load_model", path="logit.skops", name="logit")
    assert loaded["evidence"][0]["text"] == "`logit`, loaded from the file `logit.skops`"
    told = context.data("check_freshness", model_id="logit")
    assert told["findings"][0]["kind"] == "loaded" and "logit.skops" in told["findings"][0]["text"]
    number = cell(context, "logit.fit(X, y)")
    assert context.data("check_freshness", model_id="logit")["fitted_in"] == number


def test_a_registry_of_mlflow_in_the_folder_is_listed() -> None:
    for name, count in (("churn", 2), ("fraud", 1)):
        for version in range(count):
            Path(f"mlruns/models/{name}/version-{version + 1}").mkdir(parents=True)
        Path(f"mlruns/models/{name}/meta.yaml").write_text("name: x\n")
    found = Context({}).data("list_model_files")
    assert found["registered"] == [{"name": "churn", "versions": 2}, {"name": "fraud", "versions": 1}]


def test_a_skops_file_with_types_of_others_is_refused() -> None:
    import io
    import zipfile

    joblib.dump(1, "x")
    import skops.io

    skops.io.dump(LinearRegression().fit([[1.0], [2.0]], [1.0, 2.0]), "a.skops")
    with zipfile.ZipFile("a.skops") as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    schema = json.loads(parts["schema.json"])
    schema["__module__"], schema["__class__"] = "subprocess", "Popen"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, json.dumps(schema) if name == "schema.json" else data)
    Path("b.skops").write_bytes(out.getvalue())
    context = Context({})
    assert context.data("inspect_model_file", path="b.skops")["dangerous"] == ["subprocess.Popen"]
    fault = context.run("load_model", path="b.skops")["fault"]
    assert fault["code"] == "denied" and "subprocess.Popen" in fault["message"]


def test_a_folder_outside_is_told_without_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path / "elsewhere"
    other.mkdir()
    (other / "deep").mkdir()
    with gzip.open(other / "deep" / "m.pkl.gz", "wb") as file:
        pickle.dump(LinearRegression(), file)
    found = Context({}).run("list_model_files", folder="elsewhere")
    assert [one["file"] for one in found["local"]["files"]] == ["deep/m.pkl.gz"]
    assert str(tmp_path) not in json.dumps({key: value for key, value in found.items() if key != "code"})
    assert Context({}).run("list_model_files", folder="nowhere")["fault"]["code"] == "not_found"
