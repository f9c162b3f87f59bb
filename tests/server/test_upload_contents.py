"""What uploaded files may be, and what is found in them."""

from __future__ import annotations

import gzip
import io
import os
import pickle
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from jupyter_mlchat.protocol.faults import Code, Fault
from jupyter_mlchat.server.contents import ENDINGS, Content, ending_of

FRAME = pd.DataFrame({"age": [20, 30], "city": ["Łódź", "Köln"]})


class Runs:
    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, ("touch /tmp/never",)


def written(kind: str) -> bytes:
    buffer = io.BytesIO()
    writers: dict[str, Any] = {
        "csv": lambda: buffer.write(FRAME.to_csv().encode()),
        "tsv": lambda: buffer.write(FRAME.to_csv(sep="\t").encode("utf-16")),
        "json": lambda: buffer.write(FRAME.to_json().encode()),
        "parquet": lambda: FRAME.to_parquet(buffer),
        "feather": lambda: FRAME.to_feather(buffer),
        "xlsx": lambda: FRAME.to_excel(buffer),
        "npy": lambda: np.save(buffer, np.zeros(3)),
        "npz": lambda: np.savez(buffer, np.zeros(3)),
        "pkl": lambda: pickle.dump({"a": 1}, buffer),
        "p": lambda: pickle.dump({"a": 1}, buffer, protocol=0),
        "joblib": lambda: joblib.dump({"a": 1}, buffer, compress=3),
        "gz": lambda: buffer.write(gzip.compress(b"a,b\n1,2\n")),
    }
    writers[kind]()
    return buffer.getvalue()


KINDS = ("csv", "tsv", "json", "parquet", "feather", "xlsx", "npy", "npz", "pkl", "p", "joblib", "gz")


@pytest.mark.parametrize("piece", [1, 100, 1 << 20])
def test_what_libraries_write_is_what_its_ending_says(piece: int) -> None:
    for kind in KINDS:
        data, content = written(kind), Content(kind)
        for start in range(0, len(data), piece):
            content.look(data[start : start + piece])
        content.end()


@pytest.mark.parametrize(
    ("ending", "data"),
    [
        ("csv", written("parquet")),
        ("csv", written("pkl")),
        ("csv", b"a,b\n" + b"1,2\n" * 500 + b"\0"),
        ("json", b"\x7fELF\x02\x01\x01\0"),
        ("parquet", b"<html>"),
        ("pkl", b"#!/bin/sh\n"),
        ("xlsx", b"MZ\x90\0"),
        ("npy", written("npz")),
        ("safetensors", b"short"),
    ],
)
@pytest.mark.parametrize("piece", [3, 4096])
def test_what_is_something_else_is_refused_while_it_comes(ending: str, data: bytes, piece: int) -> None:
    content = Content(ending)
    with pytest.raises(Fault) as refused:
        for start in range(0, len(data), piece):
            content.look(data[start : start + piece])
        content.end()
    assert (refused.value.code, ending in refused.value.record.message) == (Code.UNSUPPORTED, True)


def test_going_on_looks_at_the_beginning_again() -> None:
    with pytest.raises(Fault):
        Content("parquet", b"<html>").end()
    Content("parquet", b"PAR1").end()


def test_only_known_endings_are_received_and_fewer_where_that_is_set() -> None:
    assert ending_of("Data.CSV", []) == "csv" and ending_of("a.tar.gz", []) == "gz"
    assert ending_of("a.csv", ["*.csv", ".parquet", "exe"]) == "csv"
    for name, permitted in (("a.exe", []), ("csv", []), ("a.", []), ("a.parquet", ["csv"]), ("a.exe", ["exe"])):
        with pytest.raises(Fault) as refused:
            ending_of(name, permitted)
        assert refused.value.code == Code.UNSUPPORTED
        assert ("csv" in refused.value.record.hint) == (permitted != ["exe"])
    assert "exe" not in ENDINGS


async def test_what_a_pickle_would_import_is_found_and_nothing_is_loaded(api: Any, connect: Any, tmp_path: Any) -> None:
    model = LogisticRegression().fit([[0.0], [1.0]], [0, 1])
    fine = await api("post", "uploads", pickle.dumps(model), name="model.pkl")
    assert (fine.status, fine.body["contents"]["kind"], fine.body["contents"]["verdict"]) == (
        201, "pickle", "safe_looking",
    )  # fmt: skip
    assert "sklearn.linear_model._logistic.LogisticRegression" in fine.body["contents"]["imports"]
    for protocol in (0, 4):
        runs = await api("post", "uploads", pickle.dumps([Runs()], protocol=protocol), name="model.pkl")
        contents = runs.body["contents"]
        assert (runs.status, contents["verdict"]) == (201, "dangerous")
        assert [name.partition(".")[2] for name in contents["imports"] if name.endswith("system")] == ["system"]
        assert any("system" in reason for reason in contents["reasons"])
    broken = await api("post", "uploads", pickle.dumps(model)[:-40], name="model.pkl")
    assert broken.body["contents"]["verdict"] == "dangerous", "what can't be followed is not trusted"
    table = await api("post", "uploads", b"a,b\n1,2\n", name="t.csv")
    assert table.body.get("contents", {}) == {}

    socket = await connect()
    await socket.send("tool.call", tool="get_upload_status", args={"upload_id": runs.body["id"]})
    [returned] = [event for event in await socket.until("turn.ended") if event["type"] == "tool.returned"]
    result = returned["result"]
    assert result["data"]["verdict"] == "dangerous" and "imports" not in result["data"]
    assert [issue["code"] for issue in result["issues"]] == ["runs_code"]
    assert any(name.endswith("system") for name in result["local"]["imports"])


async def test_a_file_of_the_wrong_kind_leaves_nothing(api: Any, tmp_path: Any) -> None:
    for name, data in (("t.csv", pickle.dumps([1])), ("t.parquet", b"a,b\n1,2\n")):
        sent = await api("post", "uploads", data, name=name)
        assert (sent.status, sent.fault) == (422, "unsupported")
    assert list((tmp_path / "mlchat" / "uploads").iterdir()) == []
    assert (await api("post", "uploads", b"MZ", name="t.exe")).fault == "unsupported"
    assert [one["state"] for one in (await api("get", "uploads")).body["uploads"]] == ["failed", "failed"]
