"""The tools for files in a real kernel that does not have the package: its source is shipped, files and all."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

from kernels import RunningKernel, start_kernel, stop_kernel
from runtime.files import traps

CELL = """
import os
os.chdir({folder!r})
import pandas as pd
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
iris = load_iris(as_frame=True)
logit = LogisticRegression(max_iter=500).fit(iris.data, iris.target)
iris.data.to_csv("iris.csv", index=False)
class Doubler:
    def fit(self, X, y=None): return self
    def predict(self, X): return X.iloc[:, 0] * 2
own = Doubler()
"""


def test_files_in_a_kernel_with_nothing_of_ours(tmp_path: Path, jp_asyncio_loop: asyncio.AbstractEventLoop) -> None:
    jp_asyncio_loop.run_until_complete(story(tmp_path))


async def story(tmp_path: Path) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    kernel = await start_kernel("7-source", tmp_path / "environment")
    try:
        await kernel.link.attach()
        assert (await kernel.run(CELL.format(folder=str(folder))))["status"] == "ok"
        saved = await call(kernel, "save_model", model_id="logit")
        assert saved["file"] == "logit.skops"
        assert (await call(kernel, "inspect_model_file", path="logit.skops"))["verdict"] == "safe_looking"
        assert (await call(kernel, "load_model", path="logit.skops"))["name"] == "logit_2"
        assert (await call(kernel, "validate_dataset_file", path="iris.csv", model_id="logit"))["suits"]
        assert (await call(kernel, "load_dataset", path="iris.csv", name="fresh"))["rows"] == 150
        await call(kernel, "save_model", model_id="own", path="own.pkl")
        assert (await call(kernel, "inspect_model_file", path="own.pkl"))["verdict"] == "unknown_imports"
        assert (await call(kernel, "load_model", path="own.pkl", name="other"))["is_model"]
        answer = await kernel.run(
            "print((logit_2.predict(fresh) == logit.predict(fresh)).all(), type(other) is Doubler)"
        )
        assert answer["streams"].split() == ["True", "True"]
        (folder / "trap.pkl").write_bytes(traps.reduced(tmp_path / "mark"))
        result = await kernel.link.call(
            "load_model", {"path": "trap.pkl"}, request_id=os.urandom(8).hex(), timeout_s=60
        )
        assert result.fault is not None and result.fault["code"] == "denied" and not (tmp_path / "mark").exists()
    finally:
        await stop_kernel(kernel)


async def call(kernel: RunningKernel, name: str, /, **args: Any) -> dict[str, Any]:
    result = await kernel.link.call(name, args, request_id=os.urandom(8).hex(), timeout_s=60)
    assert result.ok, result.fault
    data: dict[str, Any] = result.local or result.data
    return data
