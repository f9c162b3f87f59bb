"""`pytest tests/golden --record` writes the streams anew."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--record", action="store_true", help="write tests/golden/*.json instead of comparing")


@pytest.fixture
def record(request: pytest.FixtureRequest) -> bool:
    # Without the folder on the command line this file is read too late to add an option.
    return bool(request.config.getoption("--record", default=False))
