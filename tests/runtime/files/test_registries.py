"""Registries of MLflow, in files and in SQLite: listed, looked into and loaded by reference, without a server."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mlflow
import mlflow.sklearn
import pytest
from runtime import people
from runtime.context import Context
from sklearn.linear_model import LogisticRegression

from jupyter_mlchat.runtime.files import registries

pytestmark = pytest.mark.filterwarnings("ignore")
LABEL = people.outcome(people.PEOPLE)


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    for name in ("MLFLOW_TRACKING_URI", "MLFLOW_REGISTRY_URI"):
        monkeypatch.delenv(name, raising=False)
    before = mlflow.get_registry_uri()
    mlflow.set_registry_uri(f"file:{tmp_path / 'elsewhere'}")
    yield
    mlflow.set_registry_uri(before)


def saved(folder: str) -> Any:
    model = LogisticRegression(max_iter=500).fit(people.NUMBERS, LABEL)
    signature = mlflow.models.infer_signature(people.NUMBERS, model.predict(people.NUMBERS))
    mlflow.sklearn.save_model(
        model, folder, serialization_format="pickle", pip_requirements=["scikit-learn"], signature=signature
    )
    return model


def database(path: str, place: str) -> None:
    """The tables that MLflow makes, as far as they are read."""
    made = sqlite3.connect(path)
    made.executescript(
        "CREATE TABLE model_versions (workspace, name, version INTEGER, current_stage, source, storage_location);"
        "CREATE TABLE registered_model_aliases (alias, version INTEGER, name);"
        "CREATE TABLE logged_models (model_id, artifact_location);"
    )
    rows = [
        ("default", "churn", 1, "None", "models:/m-1", None),
        ("default", "churn", 2, "Production", place, None),
        ("default", "churn", 3, "Deleted_Internal", place, None),
        ("default", "far", 1, "None", "s3://bucket/model", None),
    ]
    made.executemany("INSERT INTO model_versions VALUES (?, ?, ?, ?, ?, ?)", rows)
    made.execute("INSERT INTO registered_model_aliases VALUES ('champion', 1, 'churn')")
    made.execute("INSERT INTO logged_models VALUES ('m-1', ?)", (place,))
    made.commit()
    made.close()


def test_a_registry_in_sqlite(tmp_path: Path) -> None:
    model = saved("flow")
    database("mlflow.db", (tmp_path / "flow").as_uri())
    Path("other.db").write_bytes(b"no database")
    context = Context({})
    assert context.data("list_model_files")["registered"] == [
        {"name": "churn", "versions": 2, "newest": "models:/churn/2", "aliases": ["champion = 1"]},
        {"name": "far", "versions": 1},
    ]
    for reference in ("models:/churn/1", "models:/churn/production", "models:/churn@champion", "models:/churn"):
        told = context.data("inspect_model_file", path=reference)
        assert told["kind"] == "mlflow" and told["file"] == reference, reference
    loaded = context.run("load_model", path="models:/churn/2")
    assert loaded["ok"] and loaded["data"]["name"] == "churn", loaded["fault"]
    row = people.NUMBERS.iloc[3].to_dict()
    direct = model.predict(people.NUMBERS.iloc[[3]])[0]
    assert context.data("make_prediction", model_id="churn", features=row)["prediction"] == direct
    namespace: dict[str, Any] = {}
    exec(loaded["code"], namespace)
    assert namespace["churn"].predict(people.NUMBERS.iloc[[3]])[0] == direct
    assert str(tmp_path) not in loaded["code"] and str(tmp_path) not in str(loaded["data"])


@pytest.mark.parametrize(
    ("reference", "code"),
    [
        ("models:/churn/9", "not_found"), ("models:/churn/Staging", "not_found"), ("models:/nobody/1", "not_found"),
        ("models:/far/1", "unsupported"), ("models:/a/b/c", "invalid_input"), ("models:/churn@nobody", "not_found"),
    ],
)  # fmt: skip
def test_what_is_not_there_is_said(tmp_path: Path, reference: str, code: str) -> None:
    database("mlflow.db", str(tmp_path / "flow"))
    fault = Context({}).run("load_model", path=reference)["fault"]
    assert fault["code"] == code and str(tmp_path) not in str(fault)


def test_the_registry_that_the_process_is_set_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "else").mkdir()
    database("else/registry.db", str(tmp_path / "flow"))
    assert registries.registered(str(tmp_path)) == []
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path / 'else' / 'registry.db'}")
    assert {one.name for one in registries.registered(str(tmp_path))} == {"churn", "far"}


def test_versions_and_aliases_of_a_file_store(tmp_path: Path) -> None:
    for version in (1, 2):
        folder = Path(f"mlruns/models/churn/version-{version}")
        folder.mkdir(parents=True)
        (folder / "meta.yaml").write_text(f"name: churn\nversion: {version}\nsource: {tmp_path / 'flow'}\n")
    Path("mlruns/models/churn/meta.yaml").write_text("name: churn\n")
    Path("mlruns/models/churn/aliases").mkdir()
    Path("mlruns/models/churn/aliases/best").write_text("1")
    found = registries.registered(str(tmp_path))
    assert [(one.number, one.aliases) for one in found] == [(1, ("best",)), (2, ())]
    assert registries.registered(str(tmp_path))[0].folder == str(tmp_path / "flow")


@pytest.mark.long
def test_a_registry_that_mlflow_made_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    uri = f"sqlite:///{tmp_path / 'mlflow.db'}"
    mlflow.set_tracking_uri(uri)
    mlflow.set_registry_uri(uri)
    model = LogisticRegression(max_iter=500).fit(people.NUMBERS, LABEL)
    with mlflow.start_run():
        mlflow.sklearn.log_model(
            model, name="model", registered_model_name="churn", serialization_format="pickle",
            pip_requirements=["scikit-learn"], input_example=people.NUMBERS.head(2),
        )  # fmt: skip
    mlflow.MlflowClient().set_registered_model_alias("churn", "champion", 1)
    context = Context({})
    (listed,) = context.data("list_model_files")["registered"]
    assert listed == {"name": "churn", "versions": 1, "newest": "models:/churn/1", "aliases": ["champion = 1"]}
    loaded = context.run("load_model", path="models:/churn@champion", name="found")
    assert loaded["ok"], loaded["fault"]
    theirs = mlflow.pyfunc.load_model("models:/churn@champion").predict(people.NUMBERS)
    assert (context.user_ns["found"].predict(people.NUMBERS) == theirs).all()
