"""Unemployment from the macro data of statsmodels, in polars; the later years are another world.

Due: drift unemployment, drift line
"""

# %%
import polars as pl
import statsmodels.api as sm
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.linear_model import LinearRegression

# %%
macro = pl.from_pandas(sm.datasets.macrodata.load_pandas().data)
macro = macro.with_columns(growth=pl.col("realgdp").pct_change().fill_null(0.0))
macro.describe()

# %%
columns = ["infl", "realint", "growth", "tbilrate"]
X_train, X_test = macro[:160].select(columns), macro[160:].select(columns)
y_train, y_test = macro[:160]["unemp"], macro[160:]["unemp"]

# %%
line = LinearRegression().fit(X_train, y_train)
unemployment = GradientBoostingRegressor(n_estimators=15, random_state=0).fit(X_train, y_train)

# %% [question]
near(ask("make_prediction", model_id="line", row="X_test[2]")["prediction"], line.predict(X_test[2:3])[0])
told = ask("make_prediction", model_id="unemployment", data="X_test", where="infl > 2 and realint > 0")
chosen = X_test.filter((pl.col("infl") > 2) & (pl.col("realint") > 0))
near(told["mean"], unemployment.predict(chosen).mean())
told = ask("evaluate_model", model_id="line", data="X_test")
near(told["metrics"]["r2"]["value"], line.score(X_test, y_test))
told = ask("what_if", model_id="line", data="X_test", changes={"infl": "+1"})
near(told["delta"], line.coef_[0])
told = ask("explain_prediction", model_id="line", row="X_test[0]", data="X_train")
shown = {one["feature"]: one["contribution"] for one in told["contributions"]}
assert abs(sum(shown.values()) - (line.predict(X_test[:1])[0] - told["base"])) < 1e-9
