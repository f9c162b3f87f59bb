"""The tools as they are called: what they answer, refuse, and leave alone."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pandas as pd
import pytest
from runtime.context import Context, cell
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor, VotingClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.feature_selection import RFE
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, PolynomialFeatures, StandardScaler

from jupyter_mlchat.runtime.toolbox import Toolbox, size_of
from jupyter_mlchat.runtime.tools import MODULES

RNG = np.random.default_rng(4)
DATA = pd.DataFrame(
    {"age": RNG.integers(18, 80, 120), "fee": RNG.uniform(1, 9, 120), "plan": RNG.choice(["a", "b", "c"], 120)}
)
TARGET = (DATA["age"] > 45).astype(int).rename("old")


def pipe() -> Any:
    prepare = ColumnTransformer([("n", StandardScaler(), ["age", "fee"]), ("c", OneHotEncoder(), ["plan"])])
    return make_pipeline(prepare, LogisticRegression(C=0.5))


def test_the_tools_and_their_parameters() -> None:
    tools = {tool.name: tool for tool in Toolbox(MODULES).all()}
    assert set(tools) == {
        "list_models", "get_model_info", "delete_model", "make_prediction", "validate_features",
        "get_feature_importance", "list_dataframes", "describe_dataframe", "get_running_cell", "get_system_status",
        "explain_prediction", "get_partial_dependence", "what_if", "find_counterfactual", "find_similar_examples",
        "evaluate_model", "compare_models", "analyze_errors", "check_fairness", "get_threshold_curve",
        "get_prediction_interval", "get_search_results", "suggest_inputs", "check_drift", "check_leakage",
        "check_freshness", "make_batch_prediction", "cancel_job", "sample_rows", "undo_last_change",
        "read_notebook", "propose_cell", "run_code", "register_model",
        "list_model_files", "inspect_model_file", "load_model", "save_model", "write_model_card",
        "validate_dataset_file", "load_dataset",
    }  # fmt: skip
    assert {name for name, tool in tools.items() if tool.effect == "read"} == {
        "list_models", "get_model_info", "validate_features", "list_dataframes",
        "describe_dataframe", "get_running_cell", "get_system_status", "get_search_results", "check_leakage",
        "check_freshness", "cancel_job", "read_notebook", "propose_cell",
        "list_model_files", "inspect_model_file", "validate_dataset_file",
    }  # fmt: skip
    assert {name: tool.effect for name, tool in tools.items() if tool.effect not in ("read", "predict")} == {
        "delete_model": "write",
        "find_similar_examples": "disclose",
        "make_batch_prediction": "write",
        "sample_rows": "disclose",
        "undo_last_change": "write",
        "run_code": "execute",
        "register_model": "write",
        "load_model": "execute",
        "save_model": "write",
        "write_model_card": "write",
        "load_dataset": "write",
    }
    assert tools["delete_model"].lane == "main" and tools["make_batch_prediction"].lane == "job"
    for tool in tools.values():
        assert tool.description and tool.guidance and tool.example
        for parameter in tool.parameters["properties"].values():
            assert parameter["description"]


def test_list_models_filters_by_status() -> None:
    context = Context({"a": pipe().fit(DATA, TARGET), "b": pipe(), "runs": {"c": Ridge().fit(DATA[["age"]], TARGET)}})
    listed = context.data("list_models")
    assert [card["id"] for card in listed["models"]] == ["a", "b", 'runs["c"]'] and listed["total"] == 3
    assert {"id", "name", "status", "model_type", "feature_names", "created_at"} <= set(listed["models"][0])
    assert [card["id"] for card in context.data("list_models", status_filter="fitted")["models"]] == ["a", 'runs["c"]']
    assert [card["id"] for card in context.data("list_models", status_filter="unfitted")["models"]] == ["b"]


def test_get_model_info() -> None:
    context = Context(
        {"model": GridSearchCV(pipe(), {"logisticregression__C": [0.1, 1.0]}, cv=2), "X": DATA, "y": TARGET}
    )
    cell(context, "model.fit(X, y)")
    result = context.run("get_model_info", model_id="model")
    data = result["data"]
    assert data["model_type"] == "GridSearchCV" and data["estimator"] == "LogisticRegression"
    assert data["fitted_in"] == 1 and data["training_data"]["ref"] == "X" and data["target"] == "old"
    assert [step["class_name"] for step in data["steps"]] == ["ColumnTransformer", "LogisticRegression"]
    assert data["parameters"]["cv"] == 2 and data["fit"]["best_params"] in (
        {"logisticregression__C": 0.1}, {"logisticregression__C": 1.0},
    )  # fmt: skip
    assert data["version"] and data["library"] == "sklearn" and result["revision"]
    assert result["evidence"][0] == {"kind": "fitted_in", "text": "`model` of In[1]", "ref": "model", "cell": 1}


def test_info_of_an_unfitted_model_has_no_features() -> None:
    data = Context({"model": pipe()}).data("get_model_info", model_id="model")
    assert data["status"] == "unfitted" and data["features"] == [] and data["classes"] is None
    assert data["parameters"]["logisticregression__C"] == 0.5


@pytest.mark.parametrize("detail", ["summary", "signature", "steps", "parameters"])
def test_wide_models_and_frames_stay_within_their_bytes(detail: str) -> None:
    names = [f"a rather long name of a column, number {i}" for i in range(2_000)]
    frame = pd.DataFrame(np.random.default_rng(0).normal(size=(60, 2_000)), columns=names)
    context = Context({"model": Ridge(), "frame": frame, "y": frame[names[0]]})
    cell(context, "model.fit(frame, y)")
    row = dict.fromkeys(names[:-3], 0.5)
    for name, args in (
        ("list_models", {}),
        ("list_dataframes", {}),
        ("describe_dataframe", {"data": "frame"}),
        ("get_model_info", {"model_id": "model", "detail": detail}),
        ("get_feature_importance", {"model_id": "model", "top": 5_000}),
        ("validate_features", {"model_id": "model", "features": {}}),
        ("validate_features", {"model_id": "model", "features": {f"x{i}" * 40: 1 for i in range(500)}}),
        ("make_prediction", {"model_id": "model", "features": row}),
        ("make_prediction", {"model_id": "model", "data": "frame"}),
    ):
        result = context.run(name, **args)
        assert result["ok"], result["fault"]
        assert size_of(result["data"]) <= 8_000
    info = context.run("get_model_info", model_id="model", detail=detail)
    assert info["truncated"]["total"] == 2_000 and info["truncated"]["shown"] == len(info["data"]["features"])
    form = context.run("make_prediction", model_id="model", features=row)["form"]
    assert [field["name"] for field in form["fields"]] == names[-3:]
    started = context.run("make_prediction", model_id="model", features={})
    assert size_of(started["data"]) <= 8_000 and len(started["form"]["fields"]) == 12


def test_many_rows_are_cut_with_their_number() -> None:
    context = Context({"model": pipe().fit(DATA, TARGET)})
    result = context.run("make_prediction", model_id="model", features=DATA.to_dict("records"))
    shown = result["truncated"]["shown"]
    assert result["data"]["n"] == result["truncated"]["total"] == 120 and 20 < shown <= 50
    assert len(result["data"]["prediction"]) == len(result["data"]["probability"]) == shown


def on_main(context: Context, **args: Any) -> Any:
    assert threading.current_thread() is threading.main_thread()
    return context.run("delete_model", **args)


def test_delete_a_name_an_item_and_tell_what_lives_on() -> None:
    rf = RandomForestClassifier(2).fit(DATA[["age"]], TARGET)
    context = Context({"rf": rf, "models": {"rf": rf}, "best": rf})
    result = on_main(context, model_id="rf")
    assert result["data"]["deleted"] == "rf" and "rf" not in context.user_ns
    assert set(result["data"]["aliases"]) == {"best", 'models["rf"]'} and "lives on" in result["data"]["message"]
    assert on_main(context, model_id="models['rf']")["data"]["aliases"] == ["best"]
    assert context.user_ns["models"] == {}
    assert on_main(context, model_id="best")["data"]["message"] == "`best` was deleted."


def test_delete_refuses_what_is_no_name_or_item() -> None:
    context = Context({"runs": [Ridge()], "deep": {"a": {"b": Ridge()}}})
    for ref in ("runs[0]", 'deep["a"]["b"]'):
        assert on_main(context, model_id=ref)["fault"]["code"] == "unsupported"
    assert on_main(context, model_id="nothing")["fault"]["code"] == "unknown_model"
    assert len(context.user_ns["runs"]) == 1


def test_importance_is_told_for_raw_columns() -> None:
    model = pipe().fit(DATA, TARGET)
    context = Context({"model": model})
    data = context.data("get_feature_importance", model_id="model")
    coefficients = np.abs(model[-1].coef_[0])
    told = {feature["feature"]: feature["importance"] for feature in data["features"]}
    assert told == pytest.approx({"age": coefficients[0], "fee": coefficients[1], "plan": coefficients[2:].sum()})
    assert [feature["rank"] for feature in data["features"]] == [1, 2, 3] and data["method"] == "coefficients"
    assert "warnings" not in data and context.run("get_feature_importance", model_id="model")["warnings"] == []


def test_importance_of_trees_searches_and_several_classes() -> None:
    forest = RandomForestRegressor(5, random_state=0).fit(DATA[["age", "fee"]], DATA["age"])
    data = Context({"m": forest}).data("get_feature_importance", model_id="m", top=1)
    assert data["features"][0]["feature"] == "age" and data["total"] == 2
    assert data["features"][0]["importance"] == forest.feature_importances_[0]
    many = LogisticRegression(max_iter=2_000).fit(DATA[["age", "fee"]], DATA["plan"])
    result = Context({"m": many}).run("get_feature_importance", model_id="m")
    told = {feature["feature"]: feature["importance"] for feature in result["data"]["features"]}
    assert told["age"] == pytest.approx(np.abs(many.coef_).mean(axis=0)[0])
    assert "can't be compared" in result["warnings"][0]


def test_importance_behind_a_selection_of_columns() -> None:
    model = RFE(LogisticRegression(max_iter=2_000), n_features_to_select=1).fit(DATA[["age", "fee"]], TARGET)
    context = Context({"m": model})
    data = context.data("get_feature_importance", model_id="m")
    told = {feature["feature"]: feature["importance"] for feature in data["features"]}
    assert told == {"age": np.abs(model.estimator_.coef_[0, 0]), "fee": 0.0}
    assert context.data("get_model_info", model_id="m")["task"] == "classification"


def test_importance_with_mixed_features_says_so() -> None:
    model = make_pipeline(PolynomialFeatures(2), StandardScaler(), Ridge()).fit(DATA[["age", "fee"]], TARGET)
    result = Context({"m": model}).run("get_feature_importance", model_id="m")
    assert {feature["feature"] for feature in result["data"]["features"]} > {"age", "fee"}
    assert any("several columns" in warning for warning in result["warnings"])


def test_the_words_of_a_vectorizer_are_one_column() -> None:
    frame = DATA.assign(note=[f"secret{i} word" for i in range(120)])
    prepare = ColumnTransformer([("n", StandardScaler(), ["age"]), ("t", TfidfVectorizer(), "note")])
    model = make_pipeline(prepare, LogisticRegression()).fit(frame, TARGET)
    data = Context({"m": model}).data("get_feature_importance", model_id="m")
    assert {feature["feature"] for feature in data["features"]} == {"age", "note", "fee", "plan"}


@pytest.mark.parametrize(
    "model",
    [
        KNeighborsClassifier(),
        VotingClassifier([("a", LogisticRegression(max_iter=2_000))]),
        make_pipeline(PCA(1), LogisticRegression()),
    ],
    ids=lambda model: type(model).__name__,
)
def test_no_importance_is_said_not_made_up(model: Any) -> None:
    model.fit(DATA[["age", "fee"]], TARGET)
    result = Context({"m": model}).run("get_feature_importance", model_id="m")
    assert result["fault"]["code"] == "unsupported" and "Permutation" in result["fault"]["hint"]


def test_frames_series_and_arrays_are_listed_and_described() -> None:
    context = Context({"df": DATA, "s": DATA["age"], "a": np.arange(20.0).reshape(10, 2), "scalar": np.float64(3)})
    listed = {card["id"]: card for card in context.data("list_dataframes")["dataframes"]}
    assert set(listed) == {"df", "s", "a"}
    assert listed["df"]["column_names"] == ["age", "fee", "plan"] and listed["a"]["columns"] == 2
    columns = {c["name"]: c for c in context.data("describe_dataframe", data="df")["columns"]}
    assert columns["fee"]["mean"] == pytest.approx(DATA["fee"].mean(), rel=1e-5)
    assert columns["plan"]["unique"] == 3 and columns["plan"]["top"][0]["count"] == DATA["plan"].value_counts().max()
    assert [c["name"] for c in context.data("describe_dataframe", data="a")["columns"]] == ["0", "1"]
    only = context.data("describe_dataframe", data="df", columns=["age"])
    assert [c["name"] for c in only["columns"]] == ["age"]
    wrong = context.run("describe_dataframe", data="df", columns=["agee"])
    assert wrong["fault"]["code"] == "invalid_input"
    unknown = context.run("describe_dataframe", data="dff")
    assert unknown["fault"]["code"] == "unknown_frame" and "df" in unknown["fault"]["hint"]


def test_odd_columns_can_be_described() -> None:
    odd = pd.DataFrame(
        {
            "lists": [[1], [2]] * 10,
            "empty": [None] * 20,
            "when": pd.date_range("2024", periods=20),
            "nullable": pd.array([1, None] * 10, dtype="Int64"),
            "complex": [1j] * 20,
        }
    )
    result = Context({"odd": odd}).run("describe_dataframe", data="odd")
    assert result["ok"] and [c["nulls"] for c in result["data"]["columns"]] == [0, 20, 0, 10, 0]


def test_system_status() -> None:
    context = Context({"a": pipe().fit(DATA, TARGET), "b": LinearRegression()})
    data = context.data("get_system_status")
    assert (data["total_models"], data["active_models"], data["status"]) == (2, 1, "idle")
    assert data["libraries"]["pandas"] == pd.__version__ and data["memory_bytes"] > 10_000_000
    context.running = 3
    busy = context.data("get_system_status")
    assert busy["status"] == "busy" and busy["kernel"] == {"busy": True, "cell": 3, "elapsed_s": None}
    assert data["memory_total_bytes"] > data["memory_free_bytes"] > 0 and data["cpu_usable"] <= data["cpu_count"]
    assert all(card["name"] for card in data["gpus"])


def test_reading_tools_leave_the_process_as_it_was(recwarn: pytest.WarningsRecorder) -> None:
    context = Context({"model": pipe(), "X": DATA, "y": TARGET})
    cell(context, "model.fit(X, y)")
    before = np.random.get_state()[1].tolist(), sorted(context.user_ns), DATA.copy()
    for name, args in (
        ("list_models", {}),
        ("get_model_info", {"model_id": "model"}),
        ("describe_dataframe", {"data": "X"}),
        ("make_prediction", {"model_id": "model", "row": "X[3]"}),
        ("get_feature_importance", {"model_id": "model"}),
    ):
        assert context.run(name, **args)["ok"]
    assert np.random.get_state()[1].tolist() == before[0] and sorted(context.user_ns) == before[1]
    pd.testing.assert_frame_equal(DATA, before[2])
