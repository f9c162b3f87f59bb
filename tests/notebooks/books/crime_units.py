"""Crime in the states, from shares in percent: two models, of which one has been told its units.

Due: unit told, unit shares, in_sample shares
"""

# %%
import statsmodels.api as sm
from sklearn.linear_model import Ridge
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

# %%
states = sm.datasets.statecrime.load_pandas().data
inputs = ["hs_grad", "poverty", "single", "urban"]
train, test = train_test_split(states, random_state=1)
untold = Ridge(alpha=3.0).fit(train[inputs], train["murder"])
told = make_pipeline(StandardScaler(), Ridge()).fit(train[inputs], train["murder"])

# %%
as_shares = (states[inputs] / 100).add_suffix("_share")
train_shares, test_shares = as_shares.loc[train.index], as_shares.loc[test.index]
shares = Ridge(alpha=0.1).fit(train_shares, train["murder"])

# %%
fraction = {"hs_grad": 0.87, "poverty": 13.0, "single": 29.0, "urban": 60.0}
percent = {"hs_grad_share": 87.0, "poverty_share": 0.13, "single_share": 0.29, "urban_share": 0.6}
strange = {"hs_grad": 60.0, "poverty": 45.0, "single": 70.0, "urban": 3.0}

# %% [question]
register("told", told, X=train[inputs], units=dict.fromkeys(inputs, "%"))
near(
    ask("make_prediction", model_id="shares", features=percent)["prediction"],
    shares.predict(train_shares.head(1).assign(**percent))[0],
)
near(
    ask("make_prediction", model_id="told", features=fraction)["prediction"],
    told.predict(train[inputs].head(1).assign(**fraction))[0],
)
assert ask("validate_features", model_id="untold", features=strange)["valid"]
