"""`make_batch_prediction` from Parquet beside loops written by hand: time, memory, and what a `kill -9` costs.

Each run has a process of its own. `python -m benchmarks batch` takes a million rows; with `MLCHAT_ROWS=10000000` in
the environment it takes the ten million of the README.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from .table import show

ROWS = int(os.environ.get("MLCHAT_ROWS", 1_000_000))
COLUMNS = [f"f{n}" for n in range(10)]
GROUP = 200_000
RUNS = 5 if ROWS <= 1_000_000 else 2
ROOT = Path(__file__).resolve().parent.parent

START = """
import glob, json, resource, shutil, sys, time
import joblib, numpy as np, pandas as pd, pyarrow as pa, pyarrow.parquet as pq
model = joblib.load("model.joblib")
columns = json.load(open("columns.json"))
def done(began):
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(json.dumps([time.perf_counter() - began, used.ru_utime + used.ru_stime, used.ru_maxrss / 1e6]))
"""
OURS = """
import threading
from jupyter_mlchat.runtime.bridge import Bridge
from jupyter_mlchat.runtime.calls import CallContext, run_tool
from jupyter_mlchat.runtime.shell import Shell
from jupyter_mlchat.runtime.toolbox import Toolbox
from jupyter_mlchat.runtime.tools import MODULES
toolbox = Toolbox(MODULES)
tool = toolbox.get("make_batch_prediction")
def ask(namespace, **args):
    bridge = Bridge(Shell(None, namespace), toolbox)
    context = CallContext(bridge.shell, bridge.state, threading.Event(), lambda *_: None)
    result = run_tool(tool, {"model_id": "model", **args}, context)
    if not result["ok"]:
        raise SystemExit(str(result["fault"]))
    return result["data"]
"""
PROGRAMS = {
    "pyarrow loop by hand": """
began = time.perf_counter()
file = pq.ParquetFile("rows.parquet")
writer = None
for batch in file.iter_batches(200_000, columns=columns):
    table = pa.table({"prediction": model.predict(batch.to_pandas())})
    writer = writer or pq.ParquetWriter("out.parquet", table.schema)
    writer.write_table(table)
writer.close()
done(began)
""",
    "ours": OURS
    + """
began = time.perf_counter()
ask({"model": model}, data="rows.parquet", into="out.parquet")
done(began)
""",
    "dask map_partitions by hand": """
import dask.dataframe as dd
began = time.perf_counter()
frame = dd.read_parquet("rows.parquet", columns=columns, split_row_groups=True)
def predict(piece):
    return pd.DataFrame({"prediction": model.predict(piece)}, index=piece.index)
frame.map_partitions(predict, meta={"prediction": "int64"}).to_parquet("out.parquet", write_index=False)
done(began)
""",
    "ours, of the dask frame": OURS
    + """
import dask.dataframe as dd
began = time.perf_counter()
frame = dd.read_parquet("rows.parquet", columns=columns, split_row_groups=True)
ask({"model": model, "frame": frame}, data="frame", into="out.parquet")
done(began)
""",
}
PEERS = {"ours": "pyarrow loop by hand", "ours, of the dask frame": "dask map_partitions by hand"}
MODELS = {
    "logistic": "make_pipeline(StandardScaler(), LogisticRegression())",
    "HistGB": "HistGradientBoostingClassifier(max_iter=20)",
}
PREPARE = """
import json, sys
import joblib, numpy as np, pandas as pd, pyarrow as pa, pyarrow.parquet as pq
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
columns, rows, group = json.loads(sys.argv[1])
rng = np.random.default_rng(0)
train = pd.DataFrame(rng.normal(size=(20_000, len(columns))), columns=columns)
joblib.dump({model}.fit(train, (train.f0 + train.f1 > 0).astype(int)), "model.joblib")
json.dump(columns, open("columns.json", "w"))
import os
if not os.path.exists("rows.parquet"):
    writer = None
    for start in range(0, rows, group):
        held = rng.normal(size=(min(group, rows - start), len(columns)))
        table = pa.table(dict(zip(columns, held.T)))
        writer = writer or pq.ParquetWriter("rows.parquet", table.schema)
        writer.write_table(table, row_group_size=group)
    writer.close()
"""


def python(code: str, folder: Path, *arguments: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", code, *arguments],
        cwd=folder, env=environment, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def finish(process: subprocess.Popen[str]) -> str:
    out, _ = process.communicate()
    if process.returncode:
        raise SystemExit(f"a run ended with {process.returncode}")
    return out


def clear(folder: Path) -> None:
    for path in (folder / "out.parquet", folder / "out.batch"):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def measured(folder: Path) -> dict[str, list[float]]:
    """By program the best of its runs, which take turns: seconds, CPU seconds with the start, and GB at the peak."""
    runs: dict[str, list[list[float]]] = {name: [] for name in PROGRAMS}
    for _ in range(RUNS):
        for name, told in runs.items():
            clear(folder)
            told.append(json.loads(finish(python(START + PROGRAMS[name], folder)).splitlines()[-1]))
    return {name: [min(values) for values in zip(*told, strict=True)] for name, told in runs.items()}


def killed(folder: Path) -> tuple[int, int, int]:
    """Parts there at a `kill -9` in the middle, parts that the next run does again, parts in all."""
    clear(folder)
    parts = -(-ROWS // GROUP)
    process = python(START + PROGRAMS["ours"], folder)
    while len(list((folder / "out.parquet").glob("part-*"))) < max(1, parts // 2):
        time.sleep(0.002)
        if process.poll() is not None:
            break
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert process.stdout is not None
    process.stdout.close()
    there = len(list((folder / "out.parquet").glob("part-*")))
    again = START + OURS + 'print(json.dumps(ask({"model": model}, data="rows.parquet", into="out.parquet")))'
    told = json.loads(finish(python(again, folder)).splitlines()[-1])
    return there, there - told["resumed_parts"], told["parts"]


def main() -> None:
    rows, lost = [], []
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for label, model in MODELS.items():
            finish(python(PREPARE.replace("{model}", model), folder, json.dumps([COLUMNS, ROWS, GROUP])))
            taken = measured(folder)
            for name, (seconds, cpu, peak) in taken.items():
                peer = PEERS.get(name)
                ratio = seconds / taken[peer][0] if peer else ""
                rows.append((label, name, seconds, ratio, "1.10" if peer else "", cpu, peak, "0.7" if peer else ""))
            lost.append((label, *killed(folder)))
    show((f"{ROWS:,} rows, 10 columns", "how", "s", "ratio", "goal", "CPU s", "peak GB", "goal"), rows)
    print()
    show(("kill -9 in the middle", "parts there", "done again (goal: at most 1)", "parts in all"), lost)


if __name__ == "__main__":
    main()
