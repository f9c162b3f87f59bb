"""The flow of the Nile, forecast in three ways.

Due: nothing
"""

# %%
import pandas as pd
import statsmodels.api as sm
from statsmodels.tsa.api import ExponentialSmoothing
from statsmodels.tsa.arima.model import ARIMA

# %%
nile = sm.datasets.nile.load_pandas().data["volume"]
nile.index = pd.period_range("1871", periods=len(nile), freq="Y")
past, future = nile[:90], nile[90:]

# %%
arima = ARIMA(past, order=(1, 0, 1)).fit()
smooth = ExponentialSmoothing(past, initialization_method="estimated").fit()
(arima.forecast(10) - future).abs().mean()

# %% [question]
near(ask("make_prediction", model_id="arima", features={"steps": 5})["prediction"], arima.forecast(5).iloc[-1])
steps = [{"steps": 3}, {"steps": 1}]
near(ask("make_prediction", model_id="smooth", features=steps)["prediction"], smooth.forecast(3).iloc[[2, 0]])
interval = ask("make_prediction", model_id="arima", features={"steps": 2})["interval"]
half = 1.959964 * arima.get_forecast(2).se_mean.iloc[1]
assert abs(interval["high"] - interval["low"] - 2 * half) < 1e-3
for tool in ("evaluate_model", "analyze_errors", "get_threshold_curve"):
    assert refused(tool, model_id="arima")["message"]
assert refused("make_prediction", model_id="arima", features={"steps": -1})["code"] == "invalid_input"
