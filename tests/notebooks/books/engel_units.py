"""What households spend on food, asked with amounts in the wrong unit.

Due: unit line, unit forest
"""

# %%
import statsmodels.api as sm
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import train_test_split

# %%
households = sm.datasets.engel.load_pandas().data
train, test = train_test_split(households, random_state=3)
line = LinearRegression().fit(train[["income"]], train["foodexp"])
forest = RandomForestRegressor(10, random_state=3).fit(train[["income"]], train["foodexp"])

# %%
in_thousands = {"income": 0.9}
rich = {"income": 9_000}
poor = {"income": 150}

# %% [question]
doubted = ask("make_prediction", model_id="line", features=in_thousands)
near(doubted["prediction"], line.predict(train[["income"]].assign(income=0.9).head(1)))
near(
    ask("make_prediction", model_id="forest", row="test[3]")["prediction"],
    forest.predict(test[["income"]].iloc[[3]])[0],
)
