"""A forest that was fitted before its data was cleaned, one that was fitted anew, and one that got the whole table.

Due: stale forest, in_sample whole
"""

# %%
import statsmodels.api as sm
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import train_test_split

# %%
boston = sm.datasets.ccard.load_pandas().data
X_train, X_test, y_train, y_test = train_test_split(boston.drop(columns="AVGEXP"), boston["AVGEXP"], random_state=0)

# %%
forest = RandomForestRegressor(8, random_state=0)
forest.fit(X_train, y_train)

# %%
X_train = X_train[["INCOME", "OWNRENT", "AGE"]]  # AGE2 and INCOMESQ say nothing new
X_test = X_test[["INCOME", "OWNRENT", "AGE"]]

# %%
small = RandomForestRegressor(8, random_state=0)
small.fit(X_train, y_train)

# %%
table = boston[["INCOME", "OWNRENT"]]
spent = boston["AVGEXP"]
whole = LinearRegression()
whole.fit(table, spent)
whole.score(table, spent)

# %% [question]
assert ask("check_freshness", model_id="forest")["fresh"] is False
assert ask("check_freshness", model_id="small")["fresh"] is True
near(ask("evaluate_model", model_id="small")["metrics"]["r2"]["value"], small.score(X_test, y_test))
told = ask("evaluate_model", model_id="whole", data="table", target="spent")
assert told["in_sample"] is True
near(told["metrics"]["r2"]["value"], whole.score(table, spent))
near(
    ask("make_prediction", model_id="small", features={"INCOME": 3, "OWNRENT": 1, "AGE": 30})["prediction"],
    small.predict(X_test.iloc[[0]].assign(INCOME=3, OWNRENT=1, AGE=30))[0],
)
