"""Which library wrote this docstring? A pipeline of words.

Due: nothing
"""

# %%
import numpy as np
import pandas as pd
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline


# %%
def first_lines(module):
    found = [getattr(getattr(module, name), "__doc__", None) for name in dir(module) if not name.startswith("_")]
    return [" ".join(text.split()[:30]) for text in found if isinstance(text, str) and len(text) > 80]


texts = pd.Series(first_lines(np) + first_lines(pd.DataFrame), name="text")
library = pd.Series(["numpy"] * len(first_lines(np)) + ["pandas"] * len(first_lines(pd.DataFrame)), name="library")

# %%
t_train, t_test, l_train, l_test = train_test_split(texts, library, random_state=0)
reader = make_pipeline(TfidfVectorizer(min_df=2), LogisticRegression(C=10))
reader.fit(t_train, l_train)
reader.score(t_test, l_test)

# %% [question]
text = "Return the rows of the DataFrame that have no missing values"
told = ask("make_prediction", model_id="reader", features={"text": text})
near(told["prediction"], reader.predict([text])[0])
near(told["confidence"], reader.predict_proba([text]).max())
told = ask("explain_prediction", model_id="reader", features={"text": text})
terms = reader[0].vocabulary_
shown = {one["word"]: one["contribution"] for one in told["contributions"]}
vector = reader[0].transform([text]).toarray()[0]
sign = 1 if told["prediction"] == reader.classes_[1] else -1
near(shown["dataframe"], sign * vector[terms["dataframe"]] * reader[1].coef_[0][terms["dataframe"]])
near(
    ask("evaluate_model", model_id="reader", data="t_test", target="l_test")["metrics"]["accuracy"]["value"],
    reader.score(t_test, l_test),
)
assert refused("check_drift", model_id="reader", data="t_test")["code"] == "unsupported"
