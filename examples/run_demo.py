"""Start a real Jupyter server with the extension, run the quickstart in a session of it, print the conversation."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import nbformat
from jupyter_client.blocking import BlockingKernelClient

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOK = ROOT / "examples" / "notebooks" / "quickstart.ipynb"
KEYS = ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "HUGGINGFACE_API_KEY")


class Server:
    """A Jupyter server of our own on a free port, with its files under .demo."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.token = secrets.token_hex(16)
        self.url = f"http://127.0.0.1:{port}"
        self.runtime = folder / "runtime"
        environment = {name: value for name, value in os.environ.items() if name not in KEYS}
        environment.update(
            JUPYTER_RUNTIME_DIR=str(self.runtime),
            JUPYTER_DATA_DIR=str(folder / "data"),
            JUPYTER_CONFIG_DIR=str(folder / "config"),
        )
        self.log = folder / "server.log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "jupyter_server",
                    "--no-browser",
                    "--allow-root",
                    f"--port={port}",
                    f"--IdentityProvider.token={self.token}",
                    f"--ServerApp.root_dir={NOTEBOOK.parent}",
                    "--MLChat.llm=builtin",
                ],
                env=environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def get(self, path: str, body: dict | None = None) -> dict:
        request = urllib.request.Request(
            f"{self.url}/{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"token {self.token}"},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def wait(self) -> None:
        for _ in range(300):
            try:
                self.get("mlchat/api/health")
                return
            except OSError:
                if self.process.poll() is not None:
                    sys.exit(f"The server did not start:\n{self.log.read_text()}")
                time.sleep(0.2)
        sys.exit(f"The server did not answer within a minute:\n{self.log.read_text()}")


def run_cell(kernel: BlockingKernelClient, source: str) -> str:
    """Execute it; the last state of everything it displayed, as plain text."""
    shown: dict[str, str] = {}

    def take(message: dict) -> None:
        content = message["content"]
        kind = message["header"]["msg_type"]
        if kind in ("display_data", "update_display_data"):
            key = content.get("transient", {}).get("display_id") or str(len(shown))
            shown[key] = content["data"].get("text/plain", "")
        elif kind == "stream":
            shown[str(len(shown))] = content["text"].rstrip()
        elif kind == "error":
            shown["error"] = "\n".join(content["traceback"])

    reply = kernel.execute_interactive(source, output_hook=take, timeout=120)
    text = "\n\n".join(shown.values())
    if reply["content"]["status"] != "ok":
        sys.exit(f"A cell of the quickstart failed:\n{source}\n{text}")
    return text


def converse(server: Server) -> None:
    session = {
        "path": "quickstart.ipynb",
        "name": "quickstart.ipynb",
        "type": "notebook",
        "kernel": {"name": "python3"},
    }
    kernel_id = server.get("api/sessions", session)["kernel"]["id"]
    kernel = BlockingKernelClient()
    kernel.load_connection_file(str(server.runtime / f"kernel-{kernel_id}.json"))
    kernel.start_channels()
    try:
        kernel.wait_for_ready(timeout=60)
        for cell in nbformat.read(NOTEBOOK, 4).cells:
            if cell.cell_type != "code":
                continue
            chat = cell.source.startswith(("%%chat", "%chat"))
            output = run_cell(kernel, cell.source)
            if chat:
                asked = cell.source.removeprefix("%%chat").strip()
                print("\n\033[1m> " + asked.replace("\n", "\n> ") + "\033[0m\n")
                print("  " + output.replace("\n", "\n  "))
    finally:
        kernel.stop_channels()


def main() -> None:
    folder = ROOT / ".demo"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    print("== starting a Jupyter server with the extension (a few seconds)")
    server = Server(folder)
    try:
        server.wait()
        print("== running examples/notebooks/quickstart.ipynb in a session of it")
        converse(server)
    finally:
        server.process.terminate()
        server.process.wait(20)
    print("\nOpen the same notebook in JupyterLab:\n")
    root = " --allow-root" if os.geteuid() == 0 else ""
    print(f"    .venv/bin/jupyter lab{root} examples/notebooks/quickstart.ipynb\n")


if __name__ == "__main__":
    main()
