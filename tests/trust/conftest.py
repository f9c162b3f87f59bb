"""One house for all that obey: it is the namespace that changes."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from trust.obedient import Shop


@pytest.fixture
def settings() -> dict[str, Any]:
    """Of the house. Tests override it."""
    return {}


@pytest.fixture
def shop(
    tmp_path: Path,
    settings: dict[str, Any],
    jp_asyncio_loop: asyncio.AbstractEventLoop,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Shop]:
    """A service over real tools, whose language model obeys. Its working folder is empty."""
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    made = jp_asyncio_loop.run_until_complete(Shop(tmp_path / "data", **settings).open())
    yield made
    jp_asyncio_loop.run_until_complete(made.house.close())
