"""The first five minutes: a server that runs without us, a kernel that holds models, and only then the install."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from frontends.conftest import SETUP, Notebook
from kernels import own_client

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def extension() -> bool:
    return False


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    """The wheel of this checkout."""
    build = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", str(tmp_path), "."]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True, timeout=120)
    return next(tmp_path.glob("*.whl"))


@pytest.fixture
def their_python(tmp_path: Path) -> Path:
    """A person's environment: all the usual packages, but not ours. An editable install is not seen through a .pth."""
    home = tmp_path / "their"
    subprocess.run([sys.executable, "-m", "venv", str(home)], check=True, timeout=120)
    packages = next(home.glob("lib/python*/site-packages"))
    (packages / "usual.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    return home / "bin" / "python"


@pytest.fixture
def theirs(
    jp_serverapp: Any,
    jp_fetch: Callable[..., Any],
    jp_asyncio_loop: asyncio.AbstractEventLoop,
    their_python: Path,
    jp_data_dir: Path,
) -> Iterator[Notebook]:
    spec = jp_data_dir / "kernels" / "theirs"
    spec.mkdir(parents=True)
    argv = [str(their_python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    written = {"argv": argv, "display_name": "theirs", "language": "python", "env": {"PYTHONPATH": ""}}
    (spec / "kernel.json").write_text(json.dumps(written))

    async def start() -> Notebook:
        body = {"path": "work.ipynb", "name": "", "type": "notebook", "kernel": {"name": "theirs"}}
        answer = await jp_fetch("api", "sessions", method="POST", body=json.dumps(body))
        kernel_id = json.loads(answer.body)["kernel"]["id"]
        client = own_client(jp_serverapp.kernel_manager.get_kernel(kernel_id))
        client.start_channels()
        await client.wait_for_ready(timeout=60)
        return Notebook(client, kernel_id)

    running = jp_asyncio_loop.run_until_complete(start())
    yield running
    running.client.stop_channels()
    jp_asyncio_loop.run_until_complete(jp_serverapp.kernel_manager.shutdown_kernel(running.kernel_id, now=True))


async def test_after_an_install_in_the_kernel_the_question_is_answered_without_any_restart(
    theirs: Notebook, wheel: Path
) -> None:
    assert (await theirs.run(SETUP))["status"] == "ok"
    before = await theirs.run("import jupyter_mlchat")
    assert "ModuleNotFoundError" in before["streams"]
    installed = await theirs.run(f"%pip install -q {wheel}", timeout=120)
    assert installed["status"] == "ok", installed
    began = time.monotonic()
    loaded = await theirs.run("%load_ext jupyter_mlchat")
    assert "panel appears after a restart" in loaded["streams"], loaded
    answer = await theirs.chat("what does pipe need?")
    assert time.monotonic() - began < 60
    assert "sepal_length" in answer
    assert "setosa, versicolor, virginica" in answer
    assert "`pipe` of In[1]" in answer
