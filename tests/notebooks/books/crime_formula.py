"""Murders by state with formulas, and two Poisson models, in statsmodels.

Due: in_sample ols
"""

# %%
import numpy as np
import statsmodels.api as sm
import statsmodels.formula.api as smf

# %%
crime = sm.datasets.statecrime.load_pandas().data
crime["south"] = crime.index.isin(["Alabama", "Georgia", "Louisiana", "Mississippi", "Texas", "Florida"])
crime.corr()["murder"]

# %%
ols = smf.ols("murder ~ poverty + np.log(urban) + C(south)", data=crime).fit()
print(ols.rsquared)

# %%
design = sm.add_constant(crime[["poverty", "single"]])
glm = sm.GLM(np.round(crime["murder"]), design, family=sm.families.Poisson()).fit()
spec = sm.OLS(crime["murder"], design)

# %% [question]
row = {"urban": 70, "poverty": 14, "south": True}
told = ask("make_prediction", model_id="ols", features=row)
near(told["prediction"], ols.predict(crime.iloc[[0]].assign(**row)).iloc[0])
told = ask("get_prediction_interval", model_id="ols", features=row, level=0.9)
frame = ols.get_prediction(crime.iloc[[0]].assign(**row))
assert abs((told["low"] + told["high"]) / 2 - frame.predicted_mean[0]) < 1e-6
assert told["high"] - told["low"] > frame.se_mean[0]
told = ask("make_prediction", model_id="glm", features={"single": 30, "poverty": 12, "const": 1})
near(told["prediction"], glm.predict(np.array([[1, 12, 30]]))[0])
assert refused("make_prediction", model_id="spec", features={"poverty": 3})["code"] == "not_fitted"
told = ask("get_feature_importance", model_id="ols")
near({one["feature"]: one["importance"] for one in told["features"]}["poverty"], abs(ols.params["poverty"]))
told = ask("get_partial_dependence", model_id="ols", features=["poverty"], data="crime")
first, last = told["curve"][0], told["curve"][-1]
near((last["mean"] - first["mean"]) / (last["value"] - first["value"]), ols.params["poverty"])
