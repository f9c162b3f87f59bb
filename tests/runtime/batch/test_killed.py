"""A process that is killed in the middle loses the part it was at, and nothing else."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest
from runtime.context import Context
from runtime.people import PEOPLE, logistic, outcome, people

PARTS = 40
PROGRAM = """
import os, sys, time
sys.path[:0] = [{root!r}, {tests!r}]
import joblib, pandas as pd
from runtime.context import Context
from jupyter_mlchat.runtime.batch import job
context = Context({{"pipe": joblib.load("pipe.joblib"), "PEOPLE": pd.read_pickle("people.pickle")}})
job.REPORT_S = -1.0
context.progress = lambda *told: time.sleep(0.02)
args = dict(model_id="pipe", data="more.parquet", into="s.parquet", chunk_rows=50)
context.run("make_batch_prediction", **args)
"""
ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize("after", [1, 9, 23])
def test_at_most_one_part_is_lost(after: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    import joblib

    pipe, more = logistic().fit(PEOPLE, outcome(PEOPLE)), people(50 * PARTS)
    joblib.dump(pipe, "pipe.joblib")
    PEOPLE.to_pickle("people.pickle")
    more.to_parquet("more.parquet", row_group_size=500)
    program = PROGRAM.format(root=str(ROOT), tests=str(ROOT / "tests"))
    process = subprocess.Popen([sys.executable, "-c", program])
    folder = tmp_path / "s.parquet"
    until = time.monotonic() + 60
    while len(list(folder.glob("part-*.parquet"))) < after:
        assert process.poll() is None and time.monotonic() < until
        time.sleep(0.005)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    there = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert after <= len(there) < PARTS
    context = Context({"pipe": joblib.load("pipe.joblib"), "PEOPLE": pd.read_pickle("people.pickle")})
    args = {"model_id": "pipe", "data": "more.parquet", "into": "s.parquet", "chunk_rows": 50}
    data = context.data("make_batch_prediction", **args)
    assert data["parts"] == PARTS and data["resumed_parts"] >= len(there) - 1
    kept = [name for name, when in there.items() if (folder / name).stat().st_mtime_ns == when]
    assert len(kept) == data["resumed_parts"]
    assert (pd.read_parquet("s.parquet").prediction == pipe.predict(more)).all()
    assert {path.name for path in folder.iterdir()} == {f"part-{number:05}.parquet" for number in range(PARTS)}
