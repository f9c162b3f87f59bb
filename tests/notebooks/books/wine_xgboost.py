"""Wines by grower with xgboost, whose classes are codes of a LabelEncoder.

Due: nothing
"""

# %%
import pandas as pd
import xgboost as xgb
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import LabelEncoder

# %%
wine = load_wine(as_frame=True)
df = wine.data.rename(columns={"od280/od315_of_diluted_wines": "dilution"})
df["grower"] = wine.target.map({0: "Barolo", 1: "Grignolino", 2: "Barbera"})
df.groupby("grower").mean()

# %%
encoder = LabelEncoder()
features = ["alcohol", "malic_acid", "flavanoids", "color_intensity", "hue", "dilution", "proline"]
X_train, X_test, g_train, g_test = train_test_split(df[features], df["grower"], random_state=0, stratify=df["grower"])
clf = xgb.XGBClassifier(n_estimators=20, max_depth=3, random_state=0)
clf.fit(X_train, encoder.fit_transform(g_train))

# %%
booster = xgb.train({"objective": "reg:squarederror", "max_depth": 2}, xgb.DMatrix(X_train, X_train["hue"] * 2), 5)
clf.score(X_test, encoder.transform(g_test))

# %% [question]
told = ask("make_prediction", model_id="clf", row="X_test[5]")
near(told["prediction"], clf.predict(X_test.iloc[[5]])[0])
near(list(told["probability"].values()), clf.predict_proba(X_test.iloc[[5]])[0])
turned = {name: X_test.iloc[2][name].item() for name in reversed(features)}
near(ask("make_prediction", model_id="clf", features=turned)["confidence"], clf.predict_proba(X_test.iloc[[2]]).max())
near(
    ask("make_prediction", model_id="booster", features=turned)["prediction"],
    booster.predict(xgb.DMatrix(X_test.iloc[[2]]))[0],
)
told = ask("explain_prediction", model_id="clf", row="X_test[5]")
code = int(clf.predict(X_test.iloc[[5]])[0])
direct = clf.get_booster().predict(xgb.DMatrix(X_test.iloc[[5]]), pred_contribs=True)[0][code]
shown = {one["feature"]: one["contribution"] for one in told["contributions"]}
near([shown[name] for name in features], direct[:-1])
told = ask("get_feature_importance", model_id="clf")
near({one["feature"]: one["importance"] for one in told["features"]}["hue"], clf.feature_importances_[4])

# %% [question]
told = ask("evaluate_model", model_id="clf", data="X_test", target="g_test")
near(told["metrics"]["accuracy"]["value"], clf.score(X_test, encoder.transform(g_test)))
