"""How often do people see a doctor? A search over forests, whose best leaf is the largest that was tried.

Due: nothing
"""

# %%
import numpy as np
import statsmodels.api as sm
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

# %%
health = sm.datasets.randhie.load_pandas().data.sample(900, random_state=1)
y = np.log1p(health.pop("mdvis")).rename("log_visits")
health.corrwith(y)

# %%
X_train, X_test, y_train, y_test = train_test_split(health, y, random_state=3)
ridge = make_pipeline(StandardScaler(), Ridge()).fit(X_train, y_train)
grid = GridSearchCV(RandomForestRegressor(10, random_state=0), {"min_samples_leaf": [1, 5, 25]}, cv=3)
grid.fit(X_train, y_train)
grid.best_params_

# %%
best = grid.best_estimator_
models = {"ridge": ridge, "forest": best}

# %% [question]
near(ask("make_prediction", model_id="grid", row="X_test[0]")["prediction"], grid.predict(X_test[:1])[0])
near(ask("make_prediction", model_id='models["ridge"]', data="X_test")["mean"], ridge.predict(X_test).mean())
told = ask("get_search_results", model_id="grid")
near(told["best"]["score"], float(f"{grid.best_score_:.6g}"))
assert told["tried"] == 3 and told["on_the_border"][0]["setting"] == "min_samples_leaf"
near([told["best"]["params"]["min_samples_leaf"]], [grid.best_params_["min_samples_leaf"]])

# %% [question]
told = ask("compare_models", models=["ridge", "grid"], data="X_test")
rmse = {
    name: np.sqrt(np.mean((model.predict(X_test) - y_test) ** 2)) for name, model in [("ridge", ridge), ("grid", grid)]
}
for one in told["models"]:
    near(one["metrics"]["rmse"], float(f"{rmse[one['model_id']]:.6g}"))
assert told["best"] == min(rmse, key=rmse.get)
told = ask("analyze_errors", model_id="grid")
near(told["mean_loss"], np.abs(grid.predict(X_test) - y_test).mean())
assert refused("get_threshold_curve", model_id="ridge")["code"] == "unsupported"
