"""A notebook's kernel in a real server that has the extension, or in one that does not."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from kernels import KINDS, kernel_environment, kinds, own_client, run_cell

SETUP = """
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_iris, load_wine
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import Ridge
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

iris = load_iris(as_frame=True)
flowers = iris.data.set_axis(["sepal_length", "sepal_width", "petal_length", "petal_width"], axis=1)
flowers["species"] = iris.target_names[iris.target]
X, y = flowers.drop(columns="petal_width"), flowers["petal_width"]
columns = ColumnTransformer([("n", StandardScaler(), list(X.columns[:3])), ("c", OneHotEncoder(), ["species"])])
pipe = Pipeline([("columns", columns), ("ridge", Ridge())]).fit(X, y)
wine = load_wine(as_frame=True)
rf = RandomForestClassifier(n_estimators=10, random_state=0).fit(wine.data, wine.target)
"""


class Notebook:
    """Cells run in one kernel, as a front end would."""

    def __init__(self, client: Any, kernel_id: str) -> None:
        self.client, self.kernel_id = client, kernel_id

    async def run(self, code: str, timeout: float = 60) -> dict[str, Any]:
        return await run_cell(self.client, code, timeout)

    async def chat(self, text: str) -> str:
        """The plain text that a `%%chat` cell ends with, or a `%chat` line when the text begins with %chat."""
        code = text if text.startswith("%chat") else f"%%chat\n{text}"
        done = await self.run(code)
        assert done["status"] == "ok", done
        return "\n\n".join(shown["text/plain"] for shown in done["shown"])


@pytest.fixture
def extension() -> bool:
    """Whether the server has the extension. A test module overrides it."""
    return True


@pytest.fixture
def jp_server_config(extension: bool, tmp_path: Path) -> dict[str, Any]:
    return {
        "ServerApp": {"jpserver_extensions": {"jupyter_mlchat": extension}},
        "MLChat": {"llm": "builtin", "data_dir": str(tmp_path / "mlchat")},
    }


@pytest.fixture(params=kinds(*KINDS))
def kind(request: pytest.FixtureRequest) -> str:
    """Which kind of kernel. Where the kernel is the host, a test module overrides it."""
    return str(request.param)


@pytest.fixture
def kernel_kind(jp_environ: None, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The server's kernels are of this kind: they inherit its environment, which `jp_environ` sets anew first."""
    for name, value in kernel_environment(kind, tmp_path / "environment").items():
        monkeypatch.setenv(name, value)
    return kind


@pytest.fixture
def notebook(
    kernel_kind: str,
    jp_serverapp: Any,
    jp_fetch: Callable[..., Any],
    jp_asyncio_loop: asyncio.AbstractEventLoop,
) -> Iterator[Notebook]:
    async def start() -> Notebook:
        body = {"path": "work.ipynb", "name": "", "type": "notebook", "kernel": {"name": "python3"}}
        answer = await jp_fetch("api", "sessions", method="POST", body=json.dumps(body))
        kernel_id = json.loads(answer.body)["kernel"]["id"]
        client = own_client(jp_serverapp.kernel_manager.get_kernel(kernel_id))
        client.start_channels()
        await client.wait_for_ready(timeout=60)
        started = Notebook(client, kernel_id)
        assert (await started.run(SETUP))["status"] == "ok"
        return started

    running = jp_asyncio_loop.run_until_complete(start())
    yield running
    running.client.stop_channels()
    jp_asyncio_loop.run_until_complete(jp_serverapp.kernel_manager.shutdown_kernel(running.kernel_id, now=True))
