"""Real kernels of four kinds: ipykernel 7 or 6, with our package or attached as shipped source."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.session import Session

from jupyter_mlchat.kernel.link import KernelLink
from jupyter_mlchat.protocol.records import KernelId
from jupyter_mlchat.runtime.wire import Up

ROOT = Path(__file__).resolve().parent.parent
KINDS = ("7-imported", "7-source", "6-imported", "6-source")


def kinds(*names: str) -> list[Any]:
    """Parameters of a fixture: the first always, the others in `make test-long`."""
    return [names[0], *(pytest.param(name, marks=pytest.mark.long) for name in names[1:])]


IMPORTED = kinds("7-imported", "6-imported")
"""For kernels that host the chat themselves, which need the package."""

_HIDE = """\
import sys
class Hide:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "jupyter_mlchat":
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Hide())
"""


def kernel_environment(kind: str, folder: Path) -> dict[str, str]:
    """What makes the one Python of the tests behave like a kernel environment of that kind."""
    folder.mkdir(parents=True, exist_ok=True)
    path = []
    if kind.endswith("source"):
        # A kernel whose environment has no jupyter_mlchat: any attempt to import it fails as it would there.
        (folder / "sitecustomize.py").write_text(_HIDE)
        path.append(str(folder))
    else:
        path.append(str(ROOT))
    if kind.startswith("6"):
        path.append(ipykernel_6())
    return {"PYTHONPATH": os.pathsep.join(path)}


def ipykernel_6() -> str:
    """Where `make test` has put ipykernel 6. Missing is a failure, not a skip."""
    for prefix in (Path(sys.prefix), ROOT / ".venv"):
        if (prefix / "ipykernel6").is_dir():
            return str(prefix / "ipykernel6")
    raise AssertionError("ipykernel 6 is not installed beside the tests: run `make test`.")


def own_client(manager: Any) -> Any:
    """A client with a session of its own: one that shares the manager's would steal replies."""
    session = Session(key=manager.session.key, signature_scheme=manager.session.signature_scheme)
    return manager.client(session=session)


async def run_cell(client: Any, code: str, timeout: float = 60) -> dict[str, Any]:
    """Execute a cell as a front end does.

    `streams` is what it printed, `shown` the last state of each display as {mime: text}, in order of appearance.
    """
    seen: dict[str, Any] = {"streams": "", "result": ""}
    displays: dict[str, dict[str, str]] = {}

    def take(message: dict[str, Any]) -> None:
        content, kind = message["content"], message["header"]["msg_type"]
        if kind == "stream":
            seen["streams"] += content["text"]
        elif kind in ("display_data", "update_display_data"):
            key = content["transient"].get("display_id") or str(len(displays))
            displays[key] = content["data"]
        elif kind == "execute_result":
            seen["result"] = content["data"]["text/plain"]
        elif kind == "error":
            seen["streams"] += "\n".join(content["traceback"])

    reply = await client.execute_interactive(code, output_hook=take, timeout=timeout, allow_stdin=False)
    content = reply["content"]
    shown = list(displays.values())
    return {"status": content["status"], "count": content["execution_count"], "shown": shown, **seen}


async def there(path: Path, cell: asyncio.Future[Any] | None = None) -> None:
    """Wait for a file by which code in a kernel tells how far it is. With `cell`, it has to come before that ends."""
    while not path.exists():
        assert cell is None or not cell.done(), cell.result()
        await asyncio.sleep(0.01)


@asynccontextmanager
async def busy(client: Any, folder: Path, code: str = "") -> AsyncIterator[asyncio.Future[dict[str, Any]]]:
    """A cell runs, however fast the machine is, and ends with `code` when the block does. Gives what comes of it."""
    begun, end = (folder / f"{name}-{os.urandom(4).hex()}" for name in ("begun", "end"))
    waits = (
        f"import os, time\nopen({str(begun)!r}, 'w').close()\nwhile not os.path.exists({str(end)!r}): time.sleep(0.01)"
    )
    cell = asyncio.ensure_future(run_cell(client, f"{waits}\n{code}"))
    await there(begun, cell)
    try:
        yield cell
    finally:
        end.touch()
        await cell


class RunningKernel:
    """A kernel, a client of its own for running cells, and our link to it."""

    def __init__(self, manager: AsyncKernelManager, link: KernelLink) -> None:
        self.manager, self.link = manager, link
        self.ups: list[Up] = []
        self.client = own_client(manager)

    async def run(self, code: str, timeout: float = 60) -> dict[str, Any]:
        return await run_cell(self.client, code, timeout)

    def start_cell(self, code: str) -> None:
        """Send a cell and do not wait for it."""
        self.client.execute(code)


async def start_kernel(
    kind: str, folder: Path, on_up: Callable[[KernelLink, Up], Awaitable[None]] | None = None
) -> RunningKernel:
    manager = AsyncKernelManager(kernel_name="python3")
    environment = {**os.environ, **kernel_environment(kind, folder)}
    await manager.start_kernel(env=environment)
    running: list[RunningKernel] = []

    async def heard(link: KernelLink, up: Up) -> None:
        running[0].ups.append(up)
        if on_up is not None:
            await on_up(link, up)

    link = KernelLink(KernelId("k"), manager, heard)
    await link.start()
    kernel = RunningKernel(manager, link)
    running.append(kernel)
    kernel.client.start_channels()
    await kernel.client.wait_for_ready(timeout=60)
    return kernel


async def stop_kernel(kernel: RunningKernel) -> None:
    await kernel.link.close()
    kernel.client.stop_channels()
    await kernel.manager.shutdown_kernel(now=True)
