"""Columns measured together are measured as each alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from runtime.people import PEOPLE

from jupyter_mlchat.runtime import frames
from jupyter_mlchat.runtime.profile import profile
from jupyter_mlchat.runtime.profiles import BLOCK, profiles

RNG = np.random.default_rng(5)
WIDE = pd.DataFrame(RNG.normal(size=(90, BLOCK + 30)), columns=[f"n{i}" for i in range(BLOCK + 30)])
MIXED = PEOPLE.assign(
    empty=np.nan,
    holes=PEOPLE["age"].where(PEOPLE["age"] > 30),
    far=np.where(PEOPLE["age"] > 70, np.inf, 1.0),
    small=PEOPLE["monthly fee"].astype("float32"),
    zeros=np.where(PEOPLE["vip"], 0.0, -0.0),
    count=PEOPLE["age"].astype("uint8"),
)


@pytest.mark.parametrize(
    "frame",
    [WIDE, MIXED, MIXED.head(1), MIXED.head(0), WIDE.to_numpy(), RNG.integers(0, 9, (50, 4)), pl.from_pandas(WIDE)],
    ids=["wide", "mixed", "one row", "no rows", "array", "whole numbers", "polars"],
)
def test_together_is_as_alone(frame: Any) -> None:
    names, dtypes = frames.columns_of(frame)
    places = {name: i for i, name in enumerate(names or map(str, range(frame.shape[1])))}
    for name, told in profiles(frame, places, whole=True).items():
        alone = profile(frames.values(frame, places[name]), whole=True, dtype=dtypes[places[name]] if names else None)
        for field, value in vars(told).items():
            other = vars(alone)[field]
            same = pytest.approx(other, rel=1e-12, abs=1e-12) if isinstance(other, float) else other
            assert value == same, (name, field)
