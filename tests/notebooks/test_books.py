"""Notebooks of every family of models: what the tools say is what the notebook's own code gives."""

from __future__ import annotations

import os
from typing import Any

import pytest
from notebooks.book import BOOKS, run

QUICK = (
    "affairs_pipeline", "crime_formula", "crime_units", "docs_text", "economy_polars", "engel_units",
    "iris_handwritten", "nile_forecast", "stale_forest", "tumor_catboost", "visits_search", "vote_lightgbm",
    "wine_clusters", "wine_xgboost",
)  # fmt: skip
HEAVY = ("diabetes_torch", "digits_keras")
"""Their libraries take seconds to import."""


def test_every_notebook_is_asked() -> None:
    assert {path.stem for path in BOOKS.glob("*.py")} == {*QUICK, *HEAVY}


@pytest.mark.parametrize("name", QUICK)
@pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::DeprecationWarning")
def test_the_tools_say_what_the_notebook_says(name: str) -> None:
    run(name)


@pytest.mark.parametrize("name", [HEAVY[0], pytest.param(HEAVY[1], marks=pytest.mark.long)])
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_networks_too(name: str, monkeypatch: Any) -> None:
    monkeypatch.setitem(os.environ, "KERAS_BACKEND", "torch")
    run(name)
