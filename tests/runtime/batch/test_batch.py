"""`make_batch_prediction` in this process: the same answers as the whole at once, from frames and files."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from runtime.context import Context
from runtime.people import METAS, NUMBERS, PEOPLE, logistic, outcome, people
from runtime.reproduce import reproduced
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline

from jupyter_mlchat.runtime.bridge import Bridge, Job
from jupyter_mlchat.runtime.shell import Shell
from jupyter_mlchat.runtime.toolbox import Toolbox
from jupyter_mlchat.runtime.tools import MODULES

PIPE = logistic().fit(PEOPLE, outcome(PEOPLE))
MORE = people(1_000)


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def context() -> Context:
    return Context({"pipe": PIPE, "PEOPLE": PEOPLE, "more": MORE}, {1: "pipe.fit(PEOPLE, y)"})


def dirty() -> pd.DataFrame:
    frame = MORE.astype({"region": "object"})
    frame.loc[[3, 500, 999], "region"] = "MARS"
    return frame


@pytest.mark.parametrize("size", [None, 1, 333, 1_000, 5_000])
def test_a_variable_holds_what_the_whole_at_once_would(context: Context, size: int | None) -> None:
    context.user_ns["more"] = MORE.head(40).sample(frac=1, random_state=0) if size == 1 else MORE[::-1]
    data = context.data("make_batch_prediction", model_id="pipe", data="more", into="scores", chunk_rows=size)
    made, given = context.user_ns["scores"], context.user_ns["more"]
    pd.testing.assert_series_equal(
        made, pd.Series(PIPE.predict(given), index=given.index, name="prediction"), check_dtype=False
    )
    assert data["n"] == len(given) and data["quarantined"] == 0 and data["kind"] == "variable"
    assert sum(data["counts"].values()) == len(given)


@pytest.mark.parametrize("name", sorted(set(METAS) - {"frozen"}))
def test_models_of_models_too(name: str) -> None:
    context = Context({"model": METAS[name], "PEOPLE": PEOPLE, "more": MORE}, {1: "model.fit(PEOPLE, y)"})
    context.data("make_batch_prediction", model_id="model", data="more", into="made", chunk_rows=300)
    assert np.array_equal(context.user_ns["made"].to_numpy(), METAS[name].predict(MORE))


def test_probabilities_stand_beside_the_label(context: Context) -> None:
    args = {"model_id": "pipe", "data": "more", "into": "scores", "probabilities": True, "chunk_rows": 300}
    data = context.data("make_batch_prediction", **args)
    made = context.user_ns["scores"]
    assert list(made) == data["columns"] == ["prediction", "probability_leaves", "probability_stays"]
    assert np.allclose(made.iloc[:, 1:], PIPE.predict_proba(MORE))


def test_frames_of_other_libraries_and_arrays_and_texts() -> None:
    flat = LinearRegression().fit(NUMBERS.to_numpy(), NUMBERS.age)
    named = LinearRegression().fit(NUMBERS, NUMBERS.age)
    texts = make_pipeline(CountVectorizer(), LogisticRegression()).fit(PEOPLE.plan, PEOPLE.vip)
    context = Context(
        {
            "flat": flat, "named": named, "texts": texts, "array": NUMBERS.to_numpy(), "polar": pl.from_pandas(NUMBERS),
            "arrow": pa.Table.from_pandas(NUMBERS), "NUMBERS": NUMBERS, "plans": PEOPLE.plan,
        }
    )  # fmt: skip
    for model, data in (("flat", "array"), ("named", "array"), ("named", "polar"), ("named", "arrow")):
        into = f"{model}_{data}"
        context.data("make_batch_prediction", model_id=model, data=data, into=into, chunk_rows=50)
        assert np.allclose(np.asarray(context.user_ns[into]), named.predict(NUMBERS))
    assert type(context.user_ns["named_polar"]) is pl.Series
    context.data("make_batch_prediction", model_id="texts", data="plans", into="told", chunk_rows=50)
    assert (context.user_ns["told"] == texts.predict(PEOPLE.plan)).all()


def test_files_in_chunks_are_as_the_frame(context: Context, here: Path) -> None:
    MORE.to_parquet("more.parquet", row_group_size=170)
    MORE.to_csv("more.csv", index=False)
    (here / "parts.parquet").mkdir()
    for number in range(3):
        MORE.iloc[number * 400 : (number + 1) * 400].to_parquet(f"parts.parquet/{number}.parquet", row_group_size=70)
    for number, source in enumerate(("more.parquet", "more.csv", "parts.parquet")):
        data = context.data("make_batch_prediction", model_id="pipe", data=source, into=f"v{number}", chunk_rows=150)
        assert (context.user_ns[f"v{number}"].to_numpy() == PIPE.predict(MORE)).all()
        assert data["n"] == 1_000 and data["parts"] > 5


def test_a_folder_of_parts_lies_as_the_source_does(context: Context) -> None:
    MORE.to_parquet("more.parquet", row_group_size=170)
    args = {"model_id": "pipe", "data": "more.parquet", "into": "s.parquet", "chunk_rows": 150, "probabilities": True}
    data = context.data("make_batch_prediction", **args)
    made = pd.read_parquet("s.parquet")
    assert (made.prediction == PIPE.predict(MORE)).all()
    assert np.allclose(made.iloc[:, 1:], PIPE.predict_proba(MORE))
    assert (pl.read_parquet("s.parquet")["prediction"] == PIPE.predict(MORE)).all()
    names = sorted(path.name for path in Path("s.parquet").iterdir())
    assert names == [f"part-{number:05}.parquet" for number in range(data["parts"])]
    assert [path.name for path in Path("s.batch").iterdir()] == ["manifest.jsonl"]
    assert not {"pipe", "more", "PEOPLE"} ^ set(context.user_ns)


def test_text_stays_text_in_a_csv_whatever_it_looks_like(context: Context) -> None:
    codes = pd.DataFrame({"code": np.resize(["01", "1", "2"], 240), "age": PEOPLE.age})
    from sklearn.compose import make_column_transformer
    from sklearn.preprocessing import OneHotEncoder

    model = make_pipeline(
        make_column_transformer((OneHotEncoder(), ["code"]), remainder="passthrough"), LogisticRegression(max_iter=999)
    ).fit(codes, codes.code == "01")
    context.user_ns.update(model=model, codes=codes)
    codes.to_csv("codes.csv", index=False)
    data = context.data("make_batch_prediction", model_id="model", data="codes.csv", into="made", chunk_rows=100)
    assert data["quarantined"] == 0 and (context.user_ns["made"] == (codes.code == "01")).all()


def test_refused_rows_are_set_aside_in_a_variable(context: Context) -> None:
    context.user_ns["dirty"] = dirty()
    result = context.run("make_batch_prediction", model_id="pipe", data="dirty", into="made", chunk_rows=300)
    assert result["data"]["quarantined"] == 3 and result["data"]["reasons"] == {"unknown_category region": 3}
    assert "quarantined_rows" not in result["data"]
    assert [one["row"] for one in result["local"]["quarantined_rows"]] == [3, 500, 999]
    assert "3 of 1,000 rows" in result["warnings"][0]
    made = context.user_ns["made"]
    bad = made.index[made.issue.notna()].tolist()
    assert bad == [3, 500, 999] and made.prediction[bad].isna().all()
    assert (made.prediction.drop(bad) == np.delete(PIPE.predict(MORE), bad)).all()


def test_refused_rows_are_set_aside_beside_a_folder(context: Context) -> None:
    context.user_ns["dirty"] = dirty()
    data = context.data("make_batch_prediction", model_id="pipe", data="dirty", into="s.parquet", chunk_rows=300)
    made = pd.read_parquet("s.parquet")
    assert made.index[made.prediction.isna()].tolist() == [3, 500, 999] and len(made) == 1_000
    aside = pd.concat([pd.read_parquet(path) for path in sorted(Path(data["quarantine"]).glob("quarantine-*.parquet"))])
    assert aside.row.tolist() == [3, 500, 999]
    assert set(aside.issue) == {"unknown_category"} and set(aside.column) == {"region"}


def test_whole_numbers_stay_whole_beside_what_is_missing() -> None:
    model = LogisticRegression().fit(NUMBERS, np.arange(240) % 3)
    holes = NUMBERS.copy()
    holes.iloc[5, 1] = np.nan
    context = Context({"model": model, "holes": holes, "NUMBERS": NUMBERS})
    context.data("make_batch_prediction", model_id="model", data="holes", into="made", chunk_rows=100)
    made = context.user_ns["made"]
    assert made.prediction.dtype == "Int64" and made.prediction.isna().sum() == 1
    context.data("make_batch_prediction", model_id="model", data="holes", into="s.parquet", chunk_rows=100)
    assert pq.read_schema("s.parquet/part-00000.parquet").field("prediction").type == pa.int64()


def test_a_model_that_refuses_the_whole_first_part_ends_it(context: Context) -> None:
    context.user_ns["dirty"] = MORE.assign(region="MARS")
    fault = context.run("make_batch_prediction", model_id="pipe", data="dirty", into="made", chunk_rows=300)["fault"]
    assert fault["code"] == "invalid_input" and "unknown_category in `region`" in fault["message"]
    assert "MARS" not in json.dumps(fault) and "made" not in context.user_ns


@pytest.mark.parametrize(
    ("args", "code"),
    [
        ({"into": "more"}, "invalid_input"),
        ({"into": "not a name"}, "invalid_input"),
        ({"into": "nowhere/s.parquet"}, "invalid_input"),
        ({"into": "taken.parquet"}, "conflict"),
        ({"data": "nothing"}, "unknown_frame"),
        ({"data": "nothing.csv"}, "not_found"),
        ({"data": "text.parquet"}, "invalid_input"),
        ({"data": "narrow"}, "invalid_input"),
        ({"data": "narrow.csv"}, "invalid_input"),
        ({"data": "narrow.parquet"}, "invalid_input"),
        ({"data": "empty"}, "invalid_input"),
        ({"model_id": "raw"}, "not_fitted"),
    ],
)
def test_what_can_not_be_done_is_told_before_anything_happens(
    context: Context, here: Path, args: dict[str, Any], code: str
) -> None:
    narrow = MORE[["age"]]
    context.user_ns.update(narrow=narrow, empty=MORE.head(0), raw=LogisticRegression())
    narrow.to_csv("narrow.csv", index=False)
    narrow.to_parquet("narrow.parquet")
    Path("text.parquet").write_text("not parquet at all")
    Path("taken.parquet").write_text("mine")
    before, names = sorted(path.name for path in here.iterdir()), set(context.user_ns)
    result = context.run("make_batch_prediction", **{"model_id": "pipe", "data": "more", "into": "made", **args})
    assert result["fault"]["code"] == code, result
    assert str(here) not in json.dumps(result)
    assert sorted(path.name for path in here.iterdir()) == before and set(context.user_ns) == names


@pytest.mark.parametrize("source", ["more", "more.parquet", "more.csv", "dirty"])
def test_the_recipe_makes_the_same_predictions(context: Context, source: str) -> None:
    MORE.to_parquet("more.parquet", row_group_size=170)
    MORE.to_csv("more.csv", index=False)
    context.user_ns["dirty"] = dirty()
    result = context.run("make_batch_prediction", model_id="pipe", data=source, into="made", chunk_rows=150)
    made = context.user_ns.pop("made")
    made = made if type(made) is pd.Series else made.prediction.dropna()
    assert list(reproduced(context, result["code"])) == list(made)


def test_numbers_are_summed_up_over_all_parts() -> None:
    model = LinearRegression().fit(NUMBERS, NUMBERS.age * 2)
    context = Context({"model": model, "NUMBERS": NUMBERS})
    data = context.data("make_batch_prediction", model_id="model", data="NUMBERS", into="made", chunk_rows=77)
    told = model.predict(NUMBERS)
    assert data["mean"] == pytest.approx(told.mean())
    assert data["quantiles"]["median"] == pytest.approx(np.median(told), rel=0.02)
    assert data["quantiles_from"] == 240


class Parts:
    """A cancel, or an end, after so many reports."""

    def __init__(self, context: Context, after: int) -> None:
        self.context, self.after, self.seen = context, after, 0

    def __call__(self, done: float, total: float, text: str = "") -> None:
        self.seen += 1
        if self.seen == self.after:
            told = self.context.data("cancel_job")
            assert told["total"] == 1_000 and told["done"] == done


@pytest.fixture
def every_part_reports(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jupyter_mlchat.runtime.batch.job.REPORT_S", -1.0)


@pytest.mark.parametrize("into", ["made", "s.parquet"])
@pytest.mark.usefixtures("every_part_reports")
def test_a_stopped_job_goes_on_where_it_was(context: Context, into: str, monkeypatch: pytest.MonkeyPatch) -> None:
    args = {"model_id": "pipe", "data": "more", "into": into, "chunk_rows": 100}
    monkeypatch.setattr(context, "progress", Parts(context, 4))
    fault = context.run("make_batch_prediction", **args)["fault"]
    assert fault["code"] == "interrupted" and "after 400 rows (4 parts)" in fault["message"]
    assert "made" not in context.user_ns
    reports: list[float] = []
    monkeypatch.setattr(context, "progress", lambda done, total, text: reports.append(done))
    data = context.data("make_batch_prediction", **args)
    assert reports == [500, 600, 700, 800, 900, 1_000]
    assert data["resumed_parts"] == 4 and data["n"] == 1_000 and sum(data["counts"].values()) == 1_000
    made = context.user_ns["made"] if into == "made" else pd.read_parquet(into).prediction
    assert (made.to_numpy() == PIPE.predict(MORE)).all()


def test_without_a_job_there_is_nothing_to_cancel(context: Context) -> None:
    assert context.run("cancel_job")["fault"]["code"] == "not_found"
    assert context.run("cancel_job", job_id="batch-9")["fault"]["code"] == "not_found"


@pytest.mark.usefixtures("every_part_reports")
def test_what_is_held_of_other_data_is_not_gone_on_with(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    args = {"model_id": "pipe", "data": "more", "into": "made", "chunk_rows": 100}
    monkeypatch.setattr(context, "progress", Parts(context, 4))
    assert not context.run("make_batch_prediction", **args)["ok"]
    context.user_ns["more"] = people(1_000)[::-1]
    data = context.data("make_batch_prediction", **args)
    assert data["resumed_parts"] == 0
    assert (context.user_ns["made"].to_numpy() == PIPE.predict(MORE[::-1])).all()


@pytest.mark.parametrize("changed", ["model", "data", "options"])
@pytest.mark.usefixtures("every_part_reports")
def test_a_folder_begun_with_something_else_is_left_alone(
    context: Context, changed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    MORE.to_parquet("more.parquet")
    args: dict[str, Any] = {"model_id": "pipe", "data": "more.parquet", "into": "s.parquet", "chunk_rows": 100}
    monkeypatch.setattr(context, "progress", Parts(context, 2))
    assert not context.run("make_batch_prediction", **args)["ok"]
    if changed == "model":
        context.user_ns["pipe"] = logistic().fit(PEOPLE, outcome(PEOPLE)[::-1].to_numpy())
    elif changed == "data":
        people(1_000)[::-1].to_parquet("more.parquet")
    else:
        args["chunk_rows"] = 200
    fault = context.run("make_batch_prediction", **args)["fault"]
    assert fault["code"] == "conflict" and f"the {changed}" in fault["message"]
    assert len(list(Path("s.parquet").iterdir())) == 2


def test_a_part_that_was_damaged_is_made_again(context: Context) -> None:
    args = {"model_id": "pipe", "data": "more", "into": "s.parquet", "chunk_rows": 100}
    context.data("make_batch_prediction", **args)
    Path("s.parquet/part-00003.parquet").write_bytes(b"torn")
    Path("s.parquet/part-00007.parquet").unlink()
    with Path("s.batch/manifest.jsonl").open("a") as file:
        file.write('{"part": 3, "ro')
    data = context.data("make_batch_prediction", **args)
    assert data["resumed_parts"] == 8
    assert (pd.read_parquet("s.parquet").prediction == PIPE.predict(MORE)).all()
    whole = context.data("make_batch_prediction", **args)
    assert whole["resumed_parts"] == 10 and "no row was predicted again" in whole["message"]
    assert "message" not in data


def test_the_work_is_done_beside_the_main_thread_and_the_variable_made_on_it() -> None:
    bridge = Bridge(Shell(None, {"pipe": PIPE, "PEOPLE": PEOPLE, "more": MORE}), Toolbox(MODULES))
    told: list[tuple[str, Any]] = []
    came = threading.Condition()

    def emit(kind: str, content: Any) -> None:
        with came:
            told.append((kind, content))
            came.notify_all()

    given: list[Job] = []
    with bridge.main_runs(lambda job: (given.append(job), emit("given", None))[1]):
        args = {"model_id": "pipe", "data": "more", "into": "made", "chunk_rows": 100}
        bridge.submit({"request_id": "1", "kind": "tool", "tool": "make_batch_prediction", "args": args}, emit)
        with came:
            assert came.wait_for(lambda: any(kind == "given" for kind, _ in told), 60)
        assert "made" not in bridge.shell.user_ns
        given[0].start()
    result = told[-1][1]["result"]
    assert result["ok"] and result["data"]["n"] == 1_000 and result["data"]["resumed_parts"] == 0
    assert (bridge.shell.user_ns["made"].to_numpy() == PIPE.predict(MORE)).all()


def test_a_batch_is_undone_and_its_name_is_free_again(context: Context) -> None:
    args = {"model_id": "pipe", "data": "more", "into": "made"}
    context.data("make_batch_prediction", **args)
    assert context.run("make_batch_prediction", **args)["fault"]["code"] == "invalid_input"
    context.data("undo_last_change")
    assert "made" not in context.user_ns
    context.data("make_batch_prediction", **args)
