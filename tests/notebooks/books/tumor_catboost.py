"""Tumors with catboost. The first try had the answer among its inputs.

Due: leakage first
"""

# %%
from catboost import CatBoostClassifier
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split

# %%
data = load_breast_cancer(as_frame=True)
df = data.data[["mean radius", "mean texture", "mean smoothness", "mean concavity", "mean symmetry"]].copy()
df["benign"] = data.target
df["ward"] = (df["benign"] == 0).astype(int) * 3 + 1

# %%
wide_train, wide_test, benign_train, benign_test = train_test_split(
    df.drop(columns="benign"), df["benign"], random_state=0
)
first = CatBoostClassifier(iterations=10, depth=3, verbose=False, allow_writing_files=False, random_seed=0)
first.fit(wide_train, benign_train)
first.score(wide_test, benign_test)  # 1.0?

# %%
X_train, X_test, y_train, y_test = train_test_split(df.drop(columns=["benign", "ward"]), df["benign"], random_state=0)
cat = CatBoostClassifier(iterations=20, depth=3, verbose=False, allow_writing_files=False, random_seed=0)
cat.fit(X_train, y_train)

# %% [question]
told = ask("make_prediction", model_id="cat", row="X_test[3]")
near(told["prediction"], cat.predict(X_test.iloc[[3]])[0])
near(told["confidence"], cat.predict_proba(X_test.iloc[[3]]).max())
near(ask("evaluate_model", model_id="cat", data="X_test")["metrics"]["accuracy"]["value"], cat.score(X_test, y_test))
told = ask("get_feature_importance", model_id="cat")
near(
    {one["feature"]: one["importance"] for one in told["features"]}["mean radius"],
    cat.get_feature_importance()[0] / 100,
)
told = ask("find_counterfactual", model_id="cat", row="X_test[3]")
assert told["found"]
turned = X_test.iloc[[3]].assign(**{one["column"]: one["to"] for one in told["options"][0]["changes"]})
assert cat.predict(turned)[0] != cat.predict(X_test.iloc[[3]])[0]

# %% [question]
told = ask("check_leakage", model_id="first")
assert [one["column"] for one in told["findings"]] == ["ward"]
