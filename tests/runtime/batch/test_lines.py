"""A malformed line of a CSV file is set aside like a row that the model refuses; every other row is predicted."""

from __future__ import annotations

import gzip
import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from runtime.context import Context
from sklearn.linear_model import LinearRegression

from jupyter_mlchat.runtime.batch.lines import CheckedLines

RNG = np.random.default_rng(0)
TRAINED = pd.DataFrame({"size": RNG.uniform(1, 9, 60), "rooms": RNG.integers(1, 6, 60)})
MODEL = LinearRegression().fit(TRAINED, TRAINED["size"] * 3 + TRAINED["rooms"])
ROWS = pd.DataFrame({"size": RNG.uniform(1, 9, 100), "rooms": RNG.integers(1, 6, 100)})
BAD = [1, 42, 43, 99]


def text(bad: list[int]) -> str:
    """Notes go over two lines and hold commas; there are blank lines, and some of too many fields."""
    records = [f'{one.size!r},{one.rooms},"a ""note"", over\ntwo lines"\n' for one in ROWS.itertuples(index=False)]
    for place in bad:
        records[place] = "1,2,3,4,5\n"
    return "size,rooms,note\n\n" + "".join(records[:50]) + "   \n" + "".join(records[50:])


@pytest.fixture
def context(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Context:
    monkeypatch.chdir(tmp_path)
    Path("rows.csv").write_text(text(BAD))
    Path("rows.csv.gz").write_bytes(gzip.compress(text(BAD).encode()))
    return Context({"model": MODEL, "X": TRAINED})


@pytest.mark.parametrize("chunk_rows", [10, 1_000])
@pytest.mark.parametrize(("data", "into"), [("rows.csv", "made"), ("rows.csv", "s.parquet"), ("rows.csv.gz", "made")])
def test_the_rest_is_predicted_and_the_lines_are_told(context: Context, chunk_rows: int, data: str, into: str) -> None:
    args = {"model_id": "model", "data": data, "into": into, "chunk_rows": chunk_rows}
    told = context.data("make_batch_prediction", **args)
    assert told["n"] == 100 and told["quarantined"] == len(BAD)
    assert told["reasons"] == {"malformed_line": len(BAD)}
    if into == "made":
        made = context.user_ns["made"]
        assert [one["row"] for one in told["quarantined_rows"]] == BAD
    else:
        made = pd.read_parquet(into)
        kept = pd.concat([pd.read_parquet(path) for path in sorted(Path("s.batch").glob("quarantine-*.parquet"))])
        assert kept["row"].tolist() == BAD and set(kept["issue"]) == {"malformed_line"}
    good = np.setdiff1d(np.arange(100), BAD)
    assert made["prediction"].isna().to_numpy().nonzero()[0].tolist() == BAD
    found = made["prediction"].to_numpy(dtype=float, na_value=np.nan)[good]
    np.testing.assert_allclose(found, MODEL.predict(ROWS.iloc[good]))


@pytest.mark.parametrize("block", [7, 64, 1 << 20])
def test_rows_are_counted_as_pandas_counts_them(tmp_path: Path, block: int) -> None:
    path = tmp_path / "rows.csv"
    path.write_text(text(BAD).rstrip("\n"))
    with CheckedLines(path) as lines:
        frame = pd.read_csv(io.BufferedReader(lines, block), usecols=["size", "rooms"])
        assert len(frame) == 100 and lines.bad == BAD
    assert frame["rooms"].drop(BAD).tolist() == ROWS["rooms"].drop(BAD).tolist()


@pytest.mark.parametrize(
    "written", ["a,b\n1,2,\n3,4,\n", 'a,b\n1,"x,y,z"\n', "a\n1\n2", "a,b\r\n1,2\r\n\r\n3,4\r\n", ""]
)
def test_a_regular_file_has_no_malformed_lines(tmp_path: Path, written: str) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes(written.encode())
    with CheckedLines(path) as lines:
        assert lines.read() == written.encode() and lines.bad == []


def test_a_quote_that_is_never_closed_says_so(context: Context) -> None:
    Path("open.csv").write_text('size,rooms\n1,2\n3,"4\n5,6\n')
    fault = context.run("make_batch_prediction", model_id="model", data="open.csv", into="made")["fault"]
    assert fault["code"] == "invalid_input" and "never closed" in fault["message"]
