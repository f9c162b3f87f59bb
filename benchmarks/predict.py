"""`make_prediction` over the model's own `.predict`: one row, a thousand, a million."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from jupyter_mlchat.runtime.bridge import Bridge
from jupyter_mlchat.runtime.calls import CallContext, run_tool
from jupyter_mlchat.runtime.shell import Shell
from jupyter_mlchat.runtime.toolbox import Toolbox
from jupyter_mlchat.runtime.tools import MODULES

from .table import median, show

RUNS = {1: 30, 1_000: 20, 1_000_000: 5}


def timed(work: Any, runs: int) -> float:
    times = []
    for _ in range(runs + 1):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return 1e3 * median(times[1:])


def main() -> None:
    import threading

    rng = np.random.default_rng(0)
    big = pd.DataFrame(rng.normal(size=(1_000_000, 10)), columns=[f"f{n}" for n in range(10)])
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(big[:5000], big.f0[:5000] > 0)
    namespace: dict[str, Any] = {"model": model, "big": big}
    bridge = Bridge(Shell(None, namespace), Toolbox(MODULES))
    tool = bridge.toolbox.get("make_prediction")
    context = CallContext(bridge.shell, bridge.state, threading.Event(), lambda *_: None)
    rows = []
    for count, runs in RUNS.items():
        frame = big[:count]
        namespace["frame"] = frame

        def floor(frame: pd.DataFrame = frame, count: int = count) -> None:
            model.predict(frame)
            if count <= 1000:
                model.predict_proba(frame)

        if count <= 1000:
            args: dict[str, Any] = {"model_id": "model", "features": frame.to_dict("records")}
        else:
            args = {"model_id": "model", "data": "frame"}
        result = run_tool(tool, args, context)
        if not result["ok"]:
            raise SystemExit(str(result["fault"]))
        ours = timed(lambda args=args: run_tool(tool, args, context), runs)
        direct = timed(floor, runs)
        goal = "1.05" if count > 1000 else ""
        rows.append((f"{count:,}", "records" if count <= 1000 else "frame", direct, ours, ours / direct, goal))
    show(("rows", "given as", "direct ms", "tool ms", "ratio", "goal"), rows)


if __name__ == "__main__":
    main()
