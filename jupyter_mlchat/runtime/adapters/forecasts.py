"""statsmodels of time series. The input is `steps`: how far ahead; its answer is the forecast for that time.

A model with other columns of its own needs their values for every step on the way. A copy is asked, since a
forecast leaves its dates behind in the model.
"""

from __future__ import annotations

import copy
from typing import Any

from .. import peek
from ..toolbox import ToolError
from .base import Adapter, Facts, Inputs, Output, Status, Task
from .statsmodels import spec_of

STEPS = "steps"
MAX_STEPS = 10_000


class ForecastAdapter(Adapter):
    family = "statsmodels"

    def status(self, model: object) -> Status:
        return "unfitted" if model is spec_of(model) else "fitted"

    def task(self, model: object) -> Task:
        return "forecasting"

    def estimator(self, model: object) -> object:
        return spec_of(model)

    def can_predict(self, model: object) -> bool:
        return callable(getattr(model, "forecast", None))

    def inputs(self, model: Any) -> Inputs:
        facts = {STEPS: Facts()}
        facts[STEPS].learn("steps ahead", role="numeric", dtype="int64", nullable=False, default=1)
        for name in exogenous(model):
            facts[name] = Facts()
            facts[name].learn("exog_names", role="numeric", nullable=False)
        return Inputs(tuple(facts), len(facts), "frame", "forecast", facts)

    def fit_info(self, model: Any) -> dict[str, Any]:
        spec = spec_of(model)
        found: dict[str, Any] = {"nobs": int(spec.nobs)} if hasattr(spec, "nobs") else {}
        order = peek.attribute(spec, "order")
        return found if type(order) is not tuple else {**found, "order": str(order)}

    def predict(self, model: Any, X: Any, *, details: bool) -> Output:
        """Raises ToolError `invalid_input` for steps that are no whole numbers, or gaps where none may be."""
        numpy: Any = peek.library("numpy")
        steps = numpy.asarray(X[STEPS], dtype=float)
        if not len(steps) or not numpy.isin(steps, numpy.arange(1, MAX_STEPS + 1)).all():
            text = f"`steps` must be whole numbers from 1 to {MAX_STEPS:,}."
            raise ToolError("invalid_input", text, "1 is the time after the last one it was fitted on.", STEPS)
        places = steps.astype(int) - 1
        ahead = int(places.max()) + 1
        extra = exogenous(model)
        given: dict[str, Any] = {}
        if extra:
            if sorted(places.tolist()) != list(range(ahead)):
                text = f"`{extra[0]}` must be given for every step up to {ahead}."
                raise ToolError("invalid_input", text, f"Give {ahead} rows, for the steps 1 to {ahead}.", STEPS)
            given = {"exog": X.iloc[numpy.argsort(places)][extra].to_numpy()}
        label, spread = _forecast(copy.deepcopy(model), ahead, given, details)
        return Output(label[places], spread=None if spread is None else spread[places])


def exogenous(model: Any) -> list[str]:
    """Columns beside the series itself that a forecast needs."""
    spec = spec_of(model)
    if peek.is_a(spec, "statsmodels.tsa.vector_ar.var_model.VAR"):
        return []
    data = peek.attribute(spec, "data")
    if peek.attribute(data, "orig_exog") is None or not hasattr(spec, "exog_names"):
        return []
    own = ("const", "trend", "drift", "intercept")
    names = [str(name) for name in spec.exog_names or ()]
    return [name for name in names if name not in own and not name.startswith(("trend", f"{spec.endog_names}.L"))]


def _forecast(model: Any, steps: int, given: dict[str, Any], details: bool) -> tuple[Any, Any]:
    """(steps,), or (steps, series) of several, with the standard error where the model has one."""
    numpy: Any = peek.library("numpy")
    spec = spec_of(model)
    if peek.is_a(spec, "statsmodels.tsa.vector_ar.var_model.VAR"):
        return numpy.asarray(model.forecast(model.endog[-max(1, model.k_ar) :], steps)), None
    if details and hasattr(model, "get_forecast"):
        found = model.get_forecast(steps, **given)
        return numpy.asarray(model.forecast(steps, **given)), numpy.asarray(found.se_mean)
    return numpy.asarray(model.forecast(steps, **given)), None
