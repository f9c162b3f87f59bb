"""Who has an affair? A pipeline on the survey of statsmodels, judged on its own training rows by mistake.

Due: nothing
"""

# %%
import pandas as pd
import statsmodels.api as sm
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

# %%
fair = sm.datasets.fair.load_pandas().data.sample(600, random_state=0)
fair["job"] = fair["occupation"].map(
    {1: "student", 2: "farming", 3: "office", 4: "teacher", 5: "business", 6: "expert"}
)
df = fair.drop(columns=["affairs", "occupation", "occupation_husb"])
affair = (fair["affairs"] > 0).map({True: "yes", False: "no"}).rename("affair")
df.describe()

# %% [markdown]
# The education is a scale, the job is not.

# %%
X_train, X_test, y_train, y_test = train_test_split(df, affair, random_state=0, stratify=affair)
numbers = ["rate_marriage", "age", "yrs_married", "children", "religious", "educ"]
prepare = ColumnTransformer(
    [
        ("numbers", make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), numbers),
        ("job", OneHotEncoder(handle_unknown="ignore"), ["job"]),
    ]
)
pipe = Pipeline([("prepare", prepare), ("logit", LogisticRegression(max_iter=500))])
pipe.fit(X_train, y_train)

# %%
pipe.score(X_train, y_train)  # oh, those are the rows it was fitted on

# %%
pipe.score(X_test, y_test)

# %% [question]
told = ask("make_prediction", model_id="pipe", row="X_test[7]")
near(told["prediction"], pipe.predict(X_test.iloc[[7]])[0])
near(list(told["probability"].values()), pipe.predict_proba(X_test.iloc[[7]])[0])
named = {"Age": 27, "rate marriage": 4, "yrs_married": 6, "children": 1, "religious": 3, "educ": 16, "job": "Teacher"}
told = ask("make_prediction", model_id="pipe", features=named)
row = pd.DataFrame(
    [{"age": 27, "rate_marriage": 4, "yrs_married": 6, "children": 1, "religious": 3, "educ": 16, "job": "teacher"}]
)
near(told["confidence"], pipe.predict_proba(row).max())
told = ask("make_prediction", model_id="pipe", data="X_test", where="age > 30 and job == 'teacher'")
counts = pd.Series(pipe.predict(X_test[(X_test["age"] > 30) & (X_test["job"] == "teacher")])).value_counts()
assert told["counts"] == counts.to_dict()

# %% [question]
told = ask("evaluate_model", model_id="pipe", data="X_test")
near(told["metrics"]["accuracy"]["value"], pipe.score(X_test, y_test))
assert told["in_sample"] is False
assert ask("evaluate_model", model_id="pipe", data="X_train")["in_sample"] is True
assert ask("validate_features", model_id="pipe", features={"job": "tacher"})["valid"] is False
coefficients = pipe[-1].coef_[0]
told = ask("get_feature_importance", model_id="pipe")
near(next(one["importance"] for one in told["features"] if one["feature"] == "age"), abs(coefficients[1]))
