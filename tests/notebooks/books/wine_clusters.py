"""Groups of wines, and the odd ones out: models that have no true answer.

Due: nothing
"""

# %%
from sklearn.cluster import DBSCAN, KMeans
from sklearn.datasets import load_wine
from sklearn.decomposition import PCA
from sklearn.ensemble import IsolationForest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

# %%
wine = load_wine(as_frame=True)
df = wine.data[["alcohol", "flavanoids", "color_intensity", "proline"]]
growers = wine.target

# %%
groups = make_pipeline(StandardScaler(), KMeans(3, n_init=2, random_state=0)).fit(df)
odd = IsolationForest(n_estimators=20, random_state=0).fit(df)
plane = make_pipeline(StandardScaler(), PCA(2)).fit(df)
density = DBSCAN().fit(df)

# %% [question]
near(ask("make_prediction", model_id="groups", row="df[4]")["prediction"], groups.predict(df.iloc[[4]])[0])
near(ask("make_prediction", model_id="odd", row="df[4]")["prediction"], odd.predict(df.iloc[[4]])[0])
for model in ("groups", "odd"):
    for tool in ("evaluate_model", "analyze_errors", "get_threshold_curve"):
        fault = refused(tool, model_id=model, data="df", target="growers")
        assert fault["code"] == "unsupported", (tool, fault)
    fault = refused("check_fairness", model_id=model, data="df", target="growers", group="alcohol")
    assert fault["code"] == "unsupported", fault
refused("make_prediction", model_id="density", row="df[4]")
