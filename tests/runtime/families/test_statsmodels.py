"""statsmodels: formulas, arrays, generalised, discrete and quantile models, and time series."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf
from runtime.context import Context
from runtime.families.invariance import Case, assert_invariant
from statsmodels.miscmodels.ordinal_model import OrderedModel
from statsmodels.tsa.api import VAR, ExponentialSmoothing, Holt, UnobservedComponents
from statsmodels.tsa.ar_model import AutoReg
from statsmodels.tsa.arima.model import ARIMA
from statsmodels.tsa.exponential_smoothing.ets import ETSModel
from statsmodels.tsa.statespace.sarimax import SARIMAX

RNG = np.random.default_rng(3)
ROWS = 120
DATA = pd.DataFrame(
    {
        "fee": RNG.normal(50, 9, ROWS),
        "age": RNG.integers(18, 80, ROWS).astype(float),
        "plan": RNG.choice(["basic", "pro"], ROWS),
        "monthly use": RNG.normal(3, 1, ROWS),
    }
)
DATA["spent"] = DATA["fee"] * 2 - DATA["age"] + RNG.normal(0, 2, ROWS)
DATA["left"] = (DATA["fee"] + RNG.normal(0, 9, ROWS) > 50).astype(int)
DATA["visits"] = RNG.poisson(3, ROWS)
DATA["grade"] = RNG.integers(0, 3, ROWS)
INPUTS = DATA[["fee", "age", "plan", "monthly use"]]
DESIGN = sm.add_constant(DATA[["fee", "age"]])
FORMULAS = {
    "ols": (smf.ols, "spent ~ fee + np.log(age) + C(plan)", {}, "regression"),
    "quoted": (smf.ols, 'spent ~ fee + Q("monthly use") * plan', {}, "regression"),
    "glm": (smf.glm, "left ~ fee + plan", {"family": sm.families.Binomial()}, "classification"),
    "poisson": (smf.glm, "visits ~ fee + age", {"family": sm.families.Poisson()}, "regression"),
    "logit": (smf.logit, "left ~ fee + plan", {}, "classification"),
    "probit": (smf.probit, "left ~ fee", {}, "classification"),
    "quantile": (smf.quantreg, "spent ~ fee + age", {}, "regression"),
    "mixed": (smf.mixedlm, "spent ~ fee + age", {"groups": DATA["grade"]}, "regression"),
}
ARRAYS = {
    "ols": (sm.OLS, DATA["spent"], "regression"),
    "wls": (sm.WLS, DATA["spent"], "regression"),
    "glm": (sm.GLM, DATA["spent"], "regression"),
    "rlm": (sm.RLM, DATA["spent"], "regression"),
    "logit": (sm.Logit, DATA["left"], "classification"),
    "mnlogit": (sm.MNLogit, DATA["grade"], "classification"),
    "poisson": (sm.Poisson, DATA["visits"], "regression"),
    "quantile": (sm.QuantReg, DATA["spent"], "regression"),
}


def fitted(model: Any) -> Any:
    quiet = {"disp": 0} if hasattr(model, "information") and "disp" in model.fit.__code__.co_varnames else {}
    return model.fit(**quiet)


@pytest.mark.parametrize("name", FORMULAS)
@pytest.mark.filterwarnings("ignore::statsmodels.tools.sm_exceptions.ConvergenceWarning")
def test_formulas(name: str) -> None:
    make, formula, options, task = FORMULAS[name]
    model = fitted(make(formula, DATA, **options))
    wanted = [column for column in INPUTS if column in formula]
    assert_invariant(
        Case(model, INPUTS[wanted], model.predict, task, "fee", "plan" if "plan" in wanted else None, far=99)
    )


@pytest.mark.parametrize("name", ARRAYS)
def test_frames_without_a_formula(name: str) -> None:
    make, y, task = ARRAYS[name]
    model = fitted(make(y, DESIGN))
    assert_invariant(Case(model, DESIGN, model.predict, task, "fee", far=99))


def test_statsmodels_would_answer_wrongly_for_moved_columns_and_ours_does_not() -> None:
    model = sm.OLS(DATA["spent"], DESIGN).fit()
    moved = DESIGN[["age", "const", "fee"]]
    assert not np.allclose(model.predict(moved), model.predict(DESIGN))
    context = Context({"model": model, "moved": moved})
    told = context.data("make_prediction", model_id="model", data="moved")
    assert told["mean"] == pytest.approx(float(model.predict(DESIGN).mean()), rel=1e-12)
    row = {"age": moved["age"].iloc[0], "fee": moved["fee"].iloc[0]}
    one = context.data("make_prediction", model_id="model", features=row)
    assert one["prediction"] == model.predict(DESIGN.head(1)).iloc[0]


@pytest.mark.parametrize("named", [True, False])
def test_the_constant_is_filled_in_on_a_single_row(named: bool) -> None:
    X = DESIGN if named else DESIGN.to_numpy()
    model = sm.OLS(DATA["spent"].to_numpy(), X).fit()
    context = Context({"model": model})
    fee, age = ("fee", "age") if named else ("x1", "x2")
    told = context.data("make_prediction", model_id="model", features={age: 40, fee: 50.5})
    assert told["prediction"] == pytest.approx(float(model.predict([[1, 50.5, 40]])[0]), rel=1e-14)
    assert told["interval"]["low"] < told["prediction"] < told["interval"]["high"]
    need = [one["name"] for one in context.data("get_model_info", model_id="model")["features"] if one["required"]]
    assert need == [fee, age]


def test_a_null_is_said_to_give_nan() -> None:
    model = smf.ols("spent ~ fee", DATA).fit()
    issue = Context({"model": model}).run("validate_features", model_id="model", features={"fee": None})["issues"][0]
    assert issue["code"] == "null_value" and "NaN" in issue["model_behaviour"]
    assert np.isnan(model.predict(pd.DataFrame({"fee": [np.nan]}))[0])


def test_what_the_model_keeps_gives_ranges_and_categories_without_a_frame() -> None:
    context = Context({"model": smf.ols("spent ~ fee + C(plan)", DATA).fit()})
    features = {one["name"]: one for one in context.data("get_model_info", model_id="model")["features"]}
    assert features["plan"]["categories"] == ["basic", "pro"] or set(features["plan"]["categories"]) == {"basic", "pro"}
    assert features["fee"]["range"] == [DATA["fee"].min(), DATA["fee"].max()]


def test_probabilities_of_each_class() -> None:
    context = Context({"logit": smf.logit("left ~ fee", DATA).fit(disp=0)})
    told = context.data("make_prediction", model_id="logit", features={"fee": 60})
    assert told["probability"] == {"0": 1 - told["prediction"], "1": told["prediction"]}
    assert told["confidence"] == max(told["probability"].values())
    ordered = OrderedModel(DATA["grade"], DATA[["fee"]], distr="logit").fit(disp=0)
    context = Context({"ordered": ordered})
    told = context.data("make_prediction", model_id="ordered", features={"fee": 60})
    assert sum(told["prediction"]) == pytest.approx(1) and list(told["probability"]) == ["0", "1", "2"]


def test_a_spec_is_not_fitted() -> None:
    context = Context({"spec": sm.OLS(DATA["spent"], DESIGN)})
    assert context.data("list_models")["models"][0]["status"] == "unfitted"
    assert context.run("make_prediction", model_id="spec", features={"fee": 1})["fault"]["code"] == "not_fitted"


def test_a_formula_with_a_function_of_the_notebook_is_user_code() -> None:
    def squared(x: Any) -> Any:
        return x**2

    context = Context(
        {"own": smf.ols("spent ~ squared(fee)", DATA).fit(), "plain": smf.ols("spent ~ np.exp(fee)", DATA)}
    )
    from jupyter_mlchat.runtime.catalog import find_model

    assert find_model(context, "own").adapter.waits(context.user_ns["own"])
    assert not find_model(context, "plain").adapter.waits(context.user_ns["plain"])
    assert squared(3) == 9


def test_coefficients_of_a_formula_by_column() -> None:
    model = smf.ols("spent ~ fee + np.log(age) + C(plan)", DATA).fit()
    told = Context({"model": model}).data("get_feature_importance", model_id="model")
    found = {one["feature"]: one["importance"] for one in told["features"]}
    assert found["fee"] == abs(model.params["fee"]) and found["age"] == abs(model.params["np.log(age)"])


SERIES = pd.Series(np.cumsum(RNG.normal(1, 1, 80)), index=pd.date_range("2020-01-31", periods=80, freq="ME"))
FORECASTS = {
    "arima": lambda: ARIMA(SERIES, order=(1, 1, 0)).fit(),
    "sarimax": lambda: SARIMAX(SERIES, order=(1, 0, 0), trend="c").fit(disp=0),
    "components": lambda: UnobservedComponents(SERIES, "local level").fit(disp=0),
    "holt": lambda: Holt(SERIES, initialization_method="estimated").fit(),
    "winters": lambda: ExponentialSmoothing(SERIES, trend="add").fit(),
    "ets": lambda: ETSModel(SERIES, trend="add").fit(disp=0),
    "autoreg": lambda: AutoReg(SERIES, 2).fit(),
}


@pytest.mark.parametrize("name", FORECASTS)
@pytest.mark.filterwarnings("ignore::statsmodels.tools.sm_exceptions.ConvergenceWarning", "ignore::RuntimeWarning")
def test_forecasts(name: str) -> None:
    model = FORECASTS[name]()
    context = Context({"model": model})
    assert context.data("list_models")["models"][0]["task"] == "forecasting"
    direct = model.forecast(20).tolist()
    told = context.data("make_prediction", model_id="model", features=[{"steps": i} for i in range(20, 0, -1)])
    assert told["prediction"] == direct[::-1]
    one = context.data("make_prediction", model_id="model", features={"steps": 3})
    assert one["prediction"] == pytest.approx(direct[2], rel=1e-12)
    for wrong in (0, 2.5, 1e9):
        fault = context.run("make_prediction", model_id="model", features={"steps": wrong})["fault"]
        assert fault["code"] == "invalid_input" and "whole numbers" in fault["message"]
    codes = context.run("validate_features", model_id="model", features={})["issues"]
    assert [issue["code"] for issue in codes] == ["missing_column"]


def test_a_forecast_has_the_models_own_interval() -> None:
    model = FORECASTS["arima"]()
    told = Context({"model": model}).data("make_prediction", model_id="model", features={"steps": 4})
    assert told["interval"]["high"] - told["prediction"] == pytest.approx(
        1.959964 * model.get_forecast(4).se_mean.iloc[3]
    )


def test_a_forecast_with_other_columns_needs_them_for_every_step() -> None:
    fee = pd.DataFrame({"fee": RNG.normal(size=80)}, index=SERIES.index)
    model = SARIMAX(SERIES.diff().bfill(), exog=fee, order=(1, 0, 0)).fit(disp=0)
    context = Context({"model": model})
    rows = [{"fee": value, "steps": step} for step, value in ((2, 0.5), (1, -0.5), (3, 1.5))]
    told = context.data("make_prediction", model_id="model", features=rows)
    direct = model.forecast(3, exog=[[-0.5], [0.5], [1.5]]).tolist()
    assert told["prediction"] == [direct[1], direct[0], direct[2]]
    assert "every step" in context.run("make_prediction", model_id="model", features=rows[:1])["fault"]["message"]


def test_several_series_at_once() -> None:
    frame = pd.DataFrame({"a": SERIES, "b": SERIES.shift(1).bfill() + RNG.normal(size=80)})
    model = VAR(frame).fit(1)
    told = Context({"model": model}).data("make_prediction", model_id="model", features={"steps": 2})
    assert told["prediction"] == model.forecast(frame.to_numpy()[-1:], 2)[1].tolist()
