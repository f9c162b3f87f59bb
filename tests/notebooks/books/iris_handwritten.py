"""A classifier written by hand, and one that forgets what it was fitted on.

Due: in_sample nearest
"""

# %%
import numpy as np
import pandas as pd
from sklearn.datasets import load_iris

# %%
iris = load_iris(as_frame=True)
X = iris.data.rename(columns=lambda name: name.replace(" (cm)", "").replace(" ", "_"))
species = iris.target.map(dict(enumerate(iris.target_names)))


# %%
class Centroids:
    """The nearest mean wins."""

    def fit(self, X, y):
        self.feature_names_in_ = np.array(X.columns)
        self.centers_ = X.groupby(np.asarray(y)).mean()
        self.classes_ = self.centers_.index.to_numpy()
        return self

    def predict(self, X):
        gaps = ((X.to_numpy()[:, None, :] - self.centers_.to_numpy()[None]) ** 2).sum(axis=2)
        return self.classes_[gaps.argmin(axis=1)]


class Threshold:
    def __init__(self, limit):
        self.limit = limit

    def predict(self, X):
        return np.asarray(X)[:, 0] > self.limit


# %%
nearest = Centroids().fit(X, species)
rule = Threshold(5.8)

# %% [question]
near(ask("make_prediction", model_id="nearest", row="X[77]")["prediction"], nearest.predict(X.iloc[[77]])[0])
flower = {"petal_width": 1.5, "petal_length": 4.6, "sepal_width": 2.9, "sepal_length": 6.1}
direct = nearest.predict(pd.DataFrame([flower])[list(X.columns)])[0]
assert ask("make_prediction", model_id="nearest", features=flower)["prediction"] == direct
told = ask("evaluate_model", model_id="nearest", data="X", target="species")
near(told["metrics"]["accuracy"]["value"], (nearest.predict(X) == species).mean())
assert "which columns" in ask("make_prediction", model_id="rule", features={"x": 1})["message"]
