"""For every test: no network but loopback, no key, no person's own settings."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from postgres import Postgres

from jupyter_mlchat.llm.background import Background
from jupyter_mlchat.llm.providers import PROVIDERS

pytest_plugins = ["pytest_jupyter.jupyter_server"]

LOOPBACK = ("127.", "::1", "localhost", "0.0.0.0")
VARIABLES = [
    *(name for provider in PROVIDERS.values() for name in (provider.key, provider.base, *provider.further) if name),
    "OLLAMA_BASE_URL",
    "LLM_BASE_URL",
    "LLM_DEFAULT_MODEL",
    "DEFAULT_AI_PROVIDER",
    "FALLBACK_AI_PROVIDER",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "http_proxy",
    "https_proxy",
]


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection to anywhere else is a failure that names the address."""
    real = socket.socket.connect

    def connect(self: socket.socket, address: Any) -> Any:
        if self.family in (socket.AF_INET, socket.AF_INET6) and not str(address[0]).startswith(LOOPBACK):
            raise AssertionError(f"a test connects to {address}")
        return real(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect)


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys, settings and the store of whoever runs the tests are not theirs to touch."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    for name in ("DATA", "CONFIG", "RUNTIME"):
        monkeypatch.setenv(f"JUPYTER_{name}_DIR", str(tmp_path / name.lower()))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    # No Ollama of the machine's answers in a test.
    monkeypatch.setenv("OLLAMA_BASE_URL", "http://127.0.0.1:9")


@pytest.fixture(scope="session", autouse=True)
def clean_tree() -> Iterator[None]:
    """A store that no test names a place for would lie where the tests were started."""
    yield
    assert not list(Path().absolute().glob("*.sqlite*")), "a test keeps its conversations in the working directory"


@pytest.fixture(scope="session")
def background() -> Iterator[Background]:
    """One loop for all llms of the run: litellm keeps clients of the loop they were made in."""
    background = Background()
    yield background
    background.close()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """One PostgreSQL server for the run; each test makes databases of its own with `new`."""
    server = Postgres().start()
    yield server
    server.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def db_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The setting of that name, for an empty store: once for each kind of database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store.sqlite'}"
    server: Postgres = request.getfixturevalue("postgres")
    return server.new()
