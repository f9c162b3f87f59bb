"""Votes of 1996 with lightgbm: categories, an unseen one, and a frame whose columns somebody moved.

Due: nothing
"""

# %%
import lightgbm as lgb
import statsmodels.api as sm
from sklearn.model_selection import train_test_split

# %%
anes = sm.datasets.anes96.load_pandas().data
df = anes[["age", "popul", "TVnews", "selfLR"]].rename(columns={"selfLR": "left right"})
df["school"] = (
    anes["educ"].map(lambda years: "college" if years >= 5 else "school" if years >= 3 else "less").astype("category")
)
vote = anes["vote"].map({0.0: "Clinton", 1.0: "Dole"})
vote.value_counts()

# %%
X_train, X_test, y_train, y_test = train_test_split(df, vote, random_state=0)
gbm = lgb.LGBMClassifier(n_estimators=15, min_child_samples=10, verbose=-1, random_state=0)
gbm.fit(X_train, y_train)

# %%
moved = X_test[df.columns[::-1]]  # for a nicer table
(gbm.predict(X_test) == y_test).mean()

# %% [question]
told = ask("make_prediction", model_id="gbm", data="moved")
assert told["counts"] == {label: int((gbm.predict(X_test) == label).sum()) for label in gbm.classes_}
told = ask("make_prediction", model_id="gbm", row="moved[11]")
near(told["confidence"], gbm.predict_proba(X_test.iloc[[11]]).max())
row = {"age": 44, "popul": 20, "TVnews": 3, "left right": 5, "school": "university"}
assert ask("validate_features", model_id="gbm", features=row)["valid"]
assert issues("validate_features", model_id="gbm", features=row) == {"unknown_category"}

# %% [question]
told = ask("explain_prediction", model_id="gbm", row="X_test[0]")
direct = gbm.booster_.predict(X_test.iloc[[0]], pred_contrib=True)[0]
sign = 1 if gbm.predict(X_test.iloc[[0]])[0] == "Dole" else -1
shown = {one["feature"]: one["contribution"] for one in told["contributions"]}
near([shown[name] for name in df.columns], sign * direct[:-1])
told = ask("what_if", model_id="gbm", row="X_test[0]", changes={"left right": 1})
near(
    told["after"]["probability"],
    gbm.predict_proba(X_test.iloc[[0]].assign(**{"left right": 1.0}))[0][list(gbm.classes_).index(told["about"])],
)
