"""A Jupyter server in a process of its own: with its own environment, its own log, perhaps behind a certificate."""

from __future__ import annotations

import json
import os
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from jupyter_client.blocking.client import BlockingKernelClient
from server.front import Answer, text_of

TOKEN = "tests-of-the-server"
SHOWN = ("stream", "display_data", "update_display_data", "execute_result", "error")
PATIENCE_S = 60
START_S = 8
KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR")


class Apart:
    """`url` is its address. All it writes is below `folder`; `log` is what it says, at DEBUG from every library."""

    def __init__(
        self,
        folder: Path,
        settings: dict[str, Any] | None = None,
        environment: dict[str, str] | None = None,
        certificate: tuple[Path, Path] | None = None,
        server: dict[str, Any] | None = None,
    ) -> None:
        self.folder, self.log = folder, folder / "server.log"
        with socket.socket() as found:
            found.bind(("127.0.0.1", 0))
            self.port = found.getsockname()[1]
        self.url = f"{'https' if certificate else 'http'}://127.0.0.1:{self.port}/"
        self.certificate = certificate[0] if certificate else None
        self.trusted = ssl.create_default_context(cafile=str(certificate[0])) if certificate else None
        own = {name: os.environ[name] for name in KEPT if name in os.environ}
        own |= {f"JUPYTER_{name}_DIR": str(folder / name.lower()) for name in ("CONFIG", "DATA", "RUNTIME")}
        own |= {"IPYTHONDIR": str(folder / "ipython"), "OLLAMA_BASE_URL": "http://127.0.0.1:9"}
        self._environment = {**own, **(environment or {})}
        for name in ("root", "config"):
            (folder / name).mkdir(parents=True)
        paths = {"certfile": str(certificate[0]), "keyfile": str(certificate[1])} if certificate else {}
        config = {
            "ServerApp": {
                "ip": "127.0.0.1",
                "port": self.port,
                "port_retries": 0,
                "open_browser": False,
                "allow_root": True,
                "root_dir": str(folder / "root"),
                "jpserver_extensions": {"jupyter_mlchat": True},
                **paths,
                **(server or {}),
            },
            "IdentityProvider": {"token": TOKEN},
            "MLChat": {"llm": "builtin", "rate_limit": 0, "data_dir": str(folder / "mlchat"), **(settings or {})},
        }
        lines = [f"c.{name}.{key} = {value!r}" for name, values in config.items() for key, value in values.items()]
        logging = "import logging\nlogging.basicConfig(level=logging.DEBUG)"
        (folder / "config" / "jupyter_server_config.py").write_text("\n".join([logging, *lines, ""]))
        self._process: subprocess.Popen[bytes] | None = None
        self._clients: list[Any] = []

    def start(self) -> Apart:
        command = [sys.executable, "-m", "jupyter_server", "--debug"]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(command, env=self._environment, stdout=log, stderr=log, cwd=self.folder)
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end and self._process.poll() is None:
            try:
                if self.call("get", "api/status").status == 200:
                    return self
            except OSError:
                time.sleep(0.1)
        raise RuntimeError(self.log.read_text()[-3000:])

    def stop(self) -> None:
        assert self._process is not None
        for client in self._clients:
            client.stop_channels()
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """Anything of the server's REST; never raises for a status."""
        raw = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            self.url + path,
            method=method.upper(),
            data=raw,
            headers={"Authorization": f"token {TOKEN}", "Content-Type": "application/json", **(headers or {})},
        )
        try:
            with urllib.request.urlopen(request, timeout=60, context=self.trusted) as answer:
                status, text = answer.status, text_of(answer.read())
        except urllib.error.HTTPError as error:
            with error:
                status, text = error.code, text_of(error.read())
        return Answer(status, parsed(text), text)

    def __call__(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Answer:
        """Ours."""
        return self.call(method, f"mlchat/api/{path}", body, headers)

    def kernel(self) -> Any:
        """Start one, and return its id and a client that is connected to it."""
        kernel = self.call("post", "api/kernels", {"name": "python3"}).body["id"]
        return kernel, self.client(kernel)

    def client(self, kernel: str) -> Any:
        """A client of a kernel that has been started, or started again, just now."""
        # Before that a slow start looks like death to the client's heartbeat.
        end = time.monotonic() + START_S
        while self.call("get", f"api/kernels/{kernel}").body["execution_state"] == "starting":
            if time.monotonic() > end:
                break
            time.sleep(0.1)
        client = connected(self.folder / "runtime" / f"kernel-{kernel}.json")
        self._clients.append(client)
        return client


def parsed(text: str) -> Any:
    """JSON, where it is some."""
    try:
        return json.loads(text)
    except ValueError:
        return None


def connected(file: Path) -> Any:
    """A client of the kernel whose connection file that is."""
    client = BlockingKernelClient(connection_file=str(file))
    client.load_connection_file()
    client.start_channels()
    client.wait_for_ready(timeout=PATIENCE_S)
    return client


def said_by(client: Any, code: str) -> str:
    """Run a cell; everything that it showed."""
    shown: list[str] = []

    def take(message: dict[str, Any]) -> None:
        if message["header"]["msg_type"] in (
            "stream",
            "display_data",
            "update_display_data",
            "execute_result",
            "error",
        ):
            shown.append(json.dumps(message["content"]))

    client.execute_interactive(code, output_hook=take, timeout=PATIENCE_S, allow_stdin=False)
    return "\n".join(shown)
