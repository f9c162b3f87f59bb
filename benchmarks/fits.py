"""A kernel that fits, polled every second: how fast it answers, and what the fit loses by it."""

from __future__ import annotations

import asyncio
import time

from jupyter_mlchat.protocol.faults import Fault

from .kernel import linked_kernel
from .table import median, p, show

DATA = """
import time
from sklearn.datasets import make_classification
X, y = make_classification(6000, 20, random_state=0)
def timed(model):
    began = time.perf_counter()
    model.fit(X, y)
    print(time.perf_counter() - began)
"""
FITS = {
    "RandomForest n_jobs=-1": (
        "from sklearn.ensemble import RandomForestClassifier as M\ntimed(M(500, n_jobs=-1, random_state=0))"
    ),
    "HistGB": (
        "from sklearn.ensemble import HistGradientBoostingClassifier as M\n"
        "timed(M(max_iter=1000, early_stopping=False))"
    ),
    "GradientBoosting": ("from sklearn.ensemble import GradientBoostingClassifier as M\ntimed(M(n_estimators=150))"),
    "SVC": "from sklearn.svm import SVC as M\ntimed(M(C=100))",
}
RUNS = 3


async def measure() -> None:
    rows = []
    async with linked_kernel() as (link, client):
        await link.attach()

        async def run(code: str) -> str:
            out = []

            def take(message: dict) -> None:
                if message["header"]["msg_type"] == "stream":
                    out.append(message["content"]["text"])

            await client.execute_interactive(code, output_hook=take)
            return "".join(out)

        await run(DATA)
        for name, code in FITS.items():
            alone, polled, answers, silent = [], [], [], 0
            await run(code)
            for _ in range(RUNS):
                alone.append(float(await run(code)))
                fit = asyncio.ensure_future(run(code))
                while not fit.done():
                    await asyncio.sleep(1)
                    began = time.perf_counter()
                    try:
                        await link.catalogue()
                    except Fault:
                        silent += 1
                    answers.append(1e3 * (time.perf_counter() - began))
                polled.append(float(await fit))
            slower = 100 * (median(polled) / median(alone) - 1)
            rows.append((name, median(alone), median(polled), slower, p(answers, 95), silent))
    show(("fit", "s alone", "s polled", "% slower (goal 2)", "p95 ms (goal 200)", "not answered"), rows)


def main() -> None:
    asyncio.run(measure())
