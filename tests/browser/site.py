"""A Jupyter server in a process of its own, with nothing of whoever runs the tests."""

from __future__ import annotations

import json
import os
import shutil
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

ROOT = Path(__file__).resolve().parents[2]
EXTENSION = ROOT / "jupyter_mlchat" / "labextension"
TOKEN = "browser-tests"
START_S = 4.0
PATIENCE_S = 60
KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR")
"""Of the environment: no key, no setting and no proxy of whoever runs the tests."""


class Site:
    """`url` is its address. `folder` holds all it has, in `root` are the notebooks."""

    def __init__(
        self, folder: Path, environment: dict[str, str], settings: dict[str, dict[str, Any]] | None = None
    ) -> None:
        """`settings` are further ones, by class."""
        self.folder, self.root = folder, folder / "root"
        with socket.socket() as found:
            found.bind(("127.0.0.1", 0))
            self.port = found.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.trusted: ssl.SSLContext | None = None
        own = {name: os.environ[name] for name in KEPT if name in os.environ}
        own.update({f"JUPYTER_{name}_DIR": str(folder / name.lower()) for name in ("CONFIG", "DATA", "RUNTIME")})
        self._environment = {**own, "IPYTHONDIR": str(folder / "ipython"), **environment}
        self._process: subprocess.Popen[bytes] | None = None
        self._furnish(settings or {})

    def _furnish(self, settings: dict[str, dict[str, Any]]) -> None:
        assert (EXTENSION / "package.json").exists(), "the panel is not built: run `make labextension`"
        for name in ("root", "config", "settings/@jupyterlab/apputils-extension"):
            (self.folder / name).mkdir(parents=True)
        # This checkout's build, whatever share/jupyter holds, and as it is now.
        shutil.copytree(EXTENSION, self.folder / "extensions" / "jupyter-mlchat")
        quiet = {"fetchNews": "false", "checkForUpdates": False, "doNotDisturbMode": True}
        path = self.folder / "settings/@jupyterlab/apputils-extension/notification.jupyterlab-settings"
        path.write_text(json.dumps(quiet))
        # JupyterLab's debugger complains of every kernel that goes.
        (self.folder / "config" / "labconfig").mkdir()
        page = {"disabledExtensions": {"@jupyterlab/debugger-extension": True}}
        (self.folder / "config" / "labconfig" / "page_config.json").write_text(json.dumps(page))
        lab = {
            "expose_app_in_browser": True,
            "extra_labextensions_path": [str(self.folder / "extensions")],
            "user_settings_dir": str(self.folder / "settings"),
            "workspaces_dir": str(self.folder / "workspaces"),
        }
        config: dict[str, dict[str, Any]] = {
            "ServerApp": {
                "ip": "127.0.0.1",
                "port": self.port,
                "port_retries": 0,
                "open_browser": False,
                "allow_root": True,
                "root_dir": str(self.root),
                "jpserver_extensions": {"jupyter_mlchat": True, "jupyterlab": True, "notebook": True},
            },
            "IdentityProvider": {"token": TOKEN},
            "LabApp": {**lab, "check_for_updates_class": "jupyterlab.NeverCheckForUpdate"},
            "JupyterNotebookApp": lab,
            "MLChat": {"llm": "builtin", "rate_limit": 0},
        }
        for name, more in settings.items():
            config.setdefault(name, {}).update(more)
        (self.folder / "config" / "jupyter_server_config.json").write_text(json.dumps(config))

    # -- the process -----------------------------------------------------------------------------------

    def start(self) -> None:
        command = [sys.executable, "-m", "jupyterlab"]
        with (self.folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(command, env=self._environment, stdout=log, stderr=log, cwd=self.folder)
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end and self._process.poll() is None:
            try:
                self.api("GET", "api/status")
                return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError((self.folder / "server.log").read_text()[-3000:])

    def stop(self, *, kill: bool = False) -> None:
        assert self._process is not None
        if kill:
            self._process.kill()
        else:
            self._process.terminate()
        try:
            self._process.wait(15)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def api(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Any:
        """The server's REST, as JSON. Raises HTTPError."""
        request = urllib.request.Request(
            f"{self.url}/{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"token {TOKEN}", "Content-Type": "application/json", **(headers or {})},
        )
        with urllib.request.urlopen(request, timeout=30, context=self.trusted) as answer:
            content = answer.read()
        return json.loads(content) if content else None

    # -- notebooks -------------------------------------------------------------------------------------

    def notebook(self, name: str, *cells: str) -> Notebook:
        """A notebook on disk, and its kernel, started."""
        content = {
            "cells": [
                {
                    "cell_type": "code",
                    "id": f"cell-{number}",
                    "source": source,
                    "metadata": {},
                    "outputs": [],
                    "execution_count": None,
                }
                for number, source in enumerate(cells)
            ],
            "metadata": {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}},
            "nbformat": 4,
            "nbformat_minor": 5,
        }
        path = f"{name}.ipynb"
        (self.root / path).write_text(json.dumps(content))
        body = {"path": path, "name": path, "type": "notebook", "kernel": {"name": "python3"}}
        session = self.api("POST", "api/sessions", body)
        return Notebook(self, path, session["id"], session["kernel"]["id"])


class Notebook:
    """A notebook with a running kernel, and a client of its own to run code there that is in no cell."""

    def __init__(self, site: Site, path: str, session: str, kernel: str) -> None:
        self.site, self.path, self.session, self.kernel = site, path, session, kernel
        self._client: Any = None

    def run(self, code: str, timeout: float = PATIENCE_S) -> str:
        """Run it and return what it printed."""
        printed: list[str] = []

        def take(message: dict[str, Any]) -> None:
            if message["header"]["msg_type"] == "stream":
                printed.append(message["content"]["text"])

        reply = self._connected().execute_interactive(code, output_hook=take, timeout=timeout, allow_stdin=False)
        assert reply["content"]["status"] == "ok", reply["content"]
        return "".join(printed)

    def start(self, code: str) -> None:
        """Run it and do not wait."""
        self._connected().execute(code)

    def _connected(self) -> Any:
        if self._client is None:
            # Before that a slow start looks like death to the client's heartbeat. The server hears of the end of the
            # start only with the kernel's next message, which a kernel that nobody is connected to may not send.
            until = time.monotonic() + START_S
            while time.monotonic() < until and self._state() == "starting":
                time.sleep(0.1)
            file = self.site.folder / "runtime" / f"kernel-{self.kernel}.json"
            self._client = BlockingKernelClient(connection_file=str(file))
            self._client.load_connection_file()
            self._client.start_channels()
            self._client.wait_for_ready(timeout=PATIENCE_S)
        return self._client

    def _state(self) -> str:
        return str(self.site.api("GET", f"api/kernels/{self.kernel}")["execution_state"])

    def events(self) -> list[dict[str, Any]]:
        """What the journal holds of the one conversation about this notebook."""
        known = self.site.api("GET", "mlchat/api/conversations")["conversations"]
        [mine] = [one for one in known if one.get("notebook") == self.path]
        found: list[dict[str, Any]] = self.site.api("GET", f"mlchat/api/conversations/{mine['id']}/events?limit=500")[
            "events"
        ]
        return found

    def forget_client(self) -> None:
        if self._client is not None:
            self._client.stop_channels()
            self._client = None

    def close(self) -> None:
        self.forget_client()
        try:
            self.site.api("DELETE", f"api/sessions/{self.session}")
        except (urllib.error.HTTPError, OSError):
            # A test may have taken away the kernel, or the server.
            return
