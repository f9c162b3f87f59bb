"""A real Jupyter server with the extension, its REST, its sockets, and kernels in it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from kernels import own_client, run_cell
from server.agent import Notebook
from server.apart import Apart
from server.certificate import certificate_in
from server.front import Api, Socket

MODEL = """
import pandas as pd
from sklearn.linear_model import LogisticRegression
X = pd.DataFrame({"age": [20, 30, 40, 50, 60, 70] * 4, "income": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0] * 4})
y = [0, 0, 0, 1, 1, 1] * 4
clf = LogisticRegression().fit(X, y)
"""


@pytest.fixture
def mlchat() -> dict[str, Any]:
    """Settings of the extension. Modules and tests override it."""
    return {}


@pytest.fixture
def jp_server_config(mlchat: dict[str, Any], tmp_path: Path) -> dict[str, Any]:
    # What is measured after a turn's end comes at any time: tests of that switch it on.
    usual = {"llm": "builtin", "data_dir": str(tmp_path / "mlchat"), "rate_limit": 0, "evaluations": False}
    return {"ServerApp": {"jpserver_extensions": {"jupyter_mlchat": True}}, "MLChat": {**usual, **mlchat}}


@pytest.fixture(scope="package")
def apart(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Apart]:
    """One for all tests of this folder that want a process of its own. It is behind a certificate."""
    certificate = certificate_in(tmp_path_factory.mktemp("certificate"))
    server = Apart(tmp_path_factory.mktemp("apart"), certificate=certificate).start()
    yield server
    server.stop()


@pytest.fixture
def api(jp_fetch: Callable[..., Any]) -> Api:
    return Api(jp_fetch)


@pytest.fixture
def parts(jp_serverapp: Any) -> Any:
    return jp_serverapp.web_app.settings["mlchat"]


@pytest.fixture
def connect(jp_ws_fetch: Callable[..., Any]) -> Iterator[Callable[..., Awaitable[Socket]]]:
    """`await connect(conversation=..., after=...)`: a socket that has been greeted."""
    opened: list[Any] = []

    async def open_one(headers: dict[str, str] | None = None, **params: Any) -> Socket:
        connection = await jp_ws_fetch("mlchat/ws", headers=headers, params=params)
        opened.append(connection)
        return Socket(connection)

    yield open_one
    for connection in opened:
        connection.close()


class Kernel:
    def __init__(self, id: str, client: Any) -> None:
        self.id, self.client = id, client

    async def run(self, code: str) -> dict[str, Any]:
        done = await run_cell(self.client, code)
        assert done["status"] == "ok", done
        return done


@pytest.fixture
def kernel(
    jp_serverapp: Any, jp_fetch: Callable[..., Any], jp_asyncio_loop: asyncio.AbstractEventLoop
) -> Iterator[Kernel]:
    async def start() -> Kernel:
        answer = await jp_fetch("api", "kernels", method="POST", body=json.dumps({"name": "python3"}))
        kernel_id = json.loads(answer.body)["id"]
        client = own_client(jp_serverapp.kernel_manager.get_kernel(kernel_id))
        client.start_channels()
        await client.wait_for_ready(timeout=60)
        return Kernel(kernel_id, client)

    running = jp_asyncio_loop.run_until_complete(start())
    yield running
    running.client.stop_channels()
    jp_asyncio_loop.run_until_complete(jp_serverapp.kernel_manager.shutdown_kernel(running.id, now=True))


@pytest.fixture
def open_notebook(
    jp_serverapp: Any, jp_fetch: Callable[..., Any], jp_asyncio_loop: asyncio.AbstractEventLoop
) -> Iterator[Callable[..., Any]]:
    opened: list[Notebook] = []

    async def start(path: str = "work/churn.ipynb", code: str = MODEL, **headers: str) -> Notebook:
        notebook = Notebook(jp_serverapp, partial(jp_fetch, headers=headers) if headers else jp_fetch, path)
        opened.append(notebook)
        await notebook.start(code)
        return notebook

    yield start
    for notebook in opened:
        jp_asyncio_loop.run_until_complete(notebook.stop())
