"""Files of rows: what is told of them, how they suit a model, and loading them."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest
from runtime import people
from runtime.context import Context
from runtime.reproduce import reproduced

PEOPLE = people.PEOPLE
TABLE = PEOPLE.assign(visits=PEOPLE["visits"].astype("int64"), region=PEOPLE["region"].astype(str))


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def context() -> Context:
    return Context({"pipe": people.METAS["pipeline"], "df": PEOPLE, "pd": pd, "openpyxl": openpyxl})


def codes(result: Any) -> list[str]:
    return [issue["code"] for issue in result["issues"]]


WRITERS = {
    "t.csv": lambda table: table.to_csv("t.csv", index=False),
    "t.tsv": lambda table: table.to_csv("t.tsv", index=False, sep="\t"),
    "t.csv.gz": lambda table: table.to_csv("t.csv.gz", index=False),
    "t.jsonl": lambda table: table.to_json("t.jsonl", orient="records", lines=True, date_format="iso"),
    "t.parquet": lambda table: table.to_parquet("t.parquet"),
    "t.feather": lambda table: table.to_feather("t.feather"),
    "t.xlsx": lambda table: table.to_excel("t.xlsx", index=False),
}


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("name", WRITERS)
def test_every_format_is_looked_into_matched_and_loaded(context: Context, name: str) -> None:
    WRITERS[name](TABLE.assign(age=TABLE["age"].where(TABLE.index % 4 > 0)))
    result = context.run("validate_dataset_file", path=name, model_id="pipe")
    assert result["ok"], result
    told = result["data"]
    assert told["rows"] == len(TABLE) and told["rows_exact"]
    assert [one["name"] for one in told["columns"]] == list(TABLE.columns)
    assert {one["name"]: one["null_share"] for one in told["columns"]}["age"] == 0.25
    assert told["missing_columns"] == told["extra_columns"] == told["mistyped_columns"] == []
    assert told["suits"] and told["rows_checked"] == len(TABLE), result["issues"]
    loaded = context.run("load_dataset", path=name, name="fresh")
    assert loaded["ok"], loaded
    frame = context.user_ns["fresh"]
    assert list(frame.columns) == list(TABLE.columns) and len(frame) == len(TABLE)
    assert loaded["data"]["rows"] == len(TABLE) and loaded["data"]["type"] == "DataFrame"
    assert reproduced(context, loaded["code"]).equals(frame)
    reproduction = reproduced(context, result["code"])
    assert round(reproduction.loc["age", "null_share"], 6) == 0.25
    context.data("undo_last_change")
    assert "fresh" not in context.user_ns


def test_a_difficult_file_is_told_line_by_line_and_without_its_values(context: Context) -> None:
    lines = ["\ufeffname;größe;when;flag;name", *[f"person{i};{i},5;2024-01-{i + 1:02};true;x" for i in range(28)]]
    lines[10] = "canary;SECRET;2024-01-01;true;x"
    lines[12] = "canary;1,5;2024-01-01"
    lines[20] = "a;1,5;yesterday;true;x;more"
    Path("t.csv").write_text("\n".join(lines), encoding="utf-8")
    result = context.run("validate_dataset_file", path="t.csv")
    assert result["data"]["options"] == {"sep": ";", "encoding": "utf-8-sig", "header": 0}
    assert set(codes(result)) == {"byte_order_mark", "duplicate_name", "ragged_lines", "mixed_types", "decimal_comma"}
    ragged = next(issue for issue in result["issues"] if issue["code"] == "ragged_lines")
    assert "2 lines" in ragged["message"] and "13, 21" in ragged["message"]
    mixed = next(issue for issue in result["issues"] if issue["code"] == "mixed_types")
    assert mixed["column"] == "when" and "line 21" in mixed["message"]
    text = json.dumps({key: value for key, value in result.items() if key != "code"})
    assert "SECRET" not in text and "canary" not in text and "yesterday" not in text


@pytest.mark.parametrize(("encoding", "told"), [("cp1252", "cp1252"), ("utf-16", "utf-16"), ("utf-8", "utf-8")])
def test_encodings(context: Context, encoding: str, told: str) -> None:
    frame = pd.DataFrame({"städte": ["Köln", "Zürich", "Genève"] * 4, "größe": range(12)})
    frame.to_csv("t.csv", index=False, encoding=encoding)
    result = context.run("validate_dataset_file", path="t.csv")
    assert result["data"]["options"]["encoding"] == told
    assert [one["name"] for one in result["data"]["columns"]] == ["städte", "größe"]
    assert ("encoding" in codes(result)) == (encoding == "cp1252")
    loaded = context.run("load_dataset", path="t.csv", name="fresh")
    assert context.user_ns["fresh"].equals(frame) and reproduced(context, loaded["code"]).equals(frame)


def test_a_first_line_of_values_is_not_taken_for_names(context: Context) -> None:
    for i, text in enumerate(
        ["Ann Smith,5\nBob Ray,6\n", "Ann Smith,Berlin\nBob Ray,Paris\n", "a@b.org,x\nc@d.org,y\n"]
    ):
        Path(f"{i}.csv").write_text(text)
        result = context.run("validate_dataset_file", path=f"{i}.csv")
        assert "no_header" in codes(result) and result["data"]["rows"] == 2
        assert [one["name"] for one in result["data"]["columns"]] == ["column 1", "column 2"]
        assert "Smith" not in json.dumps(result) and "a@b" not in json.dumps(result)
    loaded = context.data("load_dataset", path="0.csv", name="fresh")
    assert loaded["rows"] == 2 and loaded["options"]["header"] is None
    pd.DataFrame([[1.5, 2], [2.5, 3]]).to_csv("numbered.csv", index=False)
    assert context.data("validate_dataset_file", path="numbered.csv")["rows"] == 2
    Path("words.csv").write_text("text,label\nsome words,good\nmore words,bad\n")
    assert context.data("validate_dataset_file", path="words.csv")["options"]["header"] == 0


def test_what_a_model_would_miss_is_told_by_column_and_line(context: Context) -> None:
    bad = TABLE.drop(columns="vip").assign(other=1)
    bad.loc[5, "region"] = "atlantis"
    bad["monthly fee"] = "a lot"
    bad.loc[7, "age"] = 9_999
    bad.to_csv("bad.csv", index=False)
    result = context.run("validate_dataset_file", path="bad.csv", model_id="pipe")
    told = result["data"]
    assert not told["suits"]
    assert told["missing_columns"] == ["vip"] and told["extra_columns"] == ["other"]
    assert told["mistyped_columns"] == ["monthly fee"]
    assert told["rows_failing"] == 1 and told["rows_checked"] == len(bad)
    by_code = {issue["code"]: issue for issue in result["issues"]}
    assert by_code["unknown_category"]["column"] == "region" and "line 7" in by_code["unknown_category"]["message"]
    assert "line 9" in by_code["just_out_of_range"]["message"]
    text = json.dumps({key: value for key, value in result.items() if key != "code"})
    assert "atlantis" not in text and "9999" not in text and "a lot" not in text


def test_a_long_file_is_estimated_from_its_beginning(context: Context) -> None:
    rows = 700_000
    frame = pd.DataFrame({"a": np.arange(rows) + 10_000_000, "b": 1.5})
    frame.to_csv("long.csv", index=False)
    result = context.run("validate_dataset_file", path="long.csv")
    told = result["data"]
    assert not told["rows_exact"] and told["rows_looked_at"] <= 50_000 and result["warnings"]
    assert abs(told["rows"] - rows) < 0.02 * rows


def test_lines_of_json_that_are_broken_or_mixed(context: Context) -> None:
    lines = [json.dumps({"a": i, "b": "x"}) for i in range(10)]
    lines[3], lines[6] = "{broken", json.dumps({"a": "SECRET", "b": None})
    Path("t.jsonl").write_text("\n".join(lines))
    result = context.run("validate_dataset_file", path="t.jsonl")
    assert codes(result) == ["broken_lines", "mixed_types"]
    assert "line 4" in result["issues"][0]["message"] and "line 7" in result["issues"][1]["message"]
    assert "SECRET" not in json.dumps(result["issues"])


def test_damaged_and_empty_files_are_refused_with_their_name_alone(context: Context, tmp_path: Path) -> None:
    Path("empty.csv").write_text("")
    Path("binary.csv").write_bytes(bytes(range(256)) * 20)
    Path("cut.csv.gz").write_bytes(gzip.compress(b"a,b\n1,2\n" * 10_000)[:60])
    Path("cut.parquet").write_bytes(b"PAR1" + bytes(50))
    Path("list.json").write_text('[{"a": 1}]')
    for name in ("empty.csv", "binary.csv", "cut.csv.gz", "cut.parquet", "list.json", "none.csv"):
        for tool, more in (("validate_dataset_file", {}), ("load_dataset", {"name": "fresh"})):
            fault = context.run(tool, path=name, **more)["fault"]
            assert fault["code"] in ("invalid_input", "unsupported", "not_found"), (tool, name, fault)
            assert name in fault["message"] and str(tmp_path) not in str(fault)
    assert "fresh" not in context.user_ns


def test_a_taken_name_is_left_alone(context: Context) -> None:
    TABLE.to_csv("t.csv", index=False)
    fault = context.run("load_dataset", path="t.csv", name="df")["fault"]
    assert fault["code"] == "invalid_input" and context.user_ns["df"] is PEOPLE


def test_without_pandas_it_is_another_library(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    from jupyter_mlchat.runtime.files import reading, versions

    for absent, kind in (({"pandas"}, "polars"), ({"pandas", "polars"}, "pyarrow")):
        monkeypatch.setattr(
            reading, "importable", lambda root, absent=absent: root not in absent and versions.importable(root)
        )
        TABLE.to_csv("t.csv", index=False)
        loaded = context.run("load_dataset", path="t.csv", name=f"by_{kind}")
        assert type(context.user_ns[f"by_{kind}"]).__module__.startswith(kind)
        assert loaded["data"]["rows"] == len(TABLE)
        assert reproduced(context, loaded["code"]).shape == (len(TABLE), len(TABLE.columns))
