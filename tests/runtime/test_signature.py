"""What is known of each column, and where it is from."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from runtime.context import Context, cell
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import BaggingClassifier, RandomForestClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.feature_selection import SelectKBest
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    KBinsDiscretizer,
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    PolynomialFeatures,
    QuantileTransformer,
    RobustScaler,
    StandardScaler,
    TargetEncoder,
)
from sklearn.svm import SVC

from jupyter_mlchat.runtime.catalog import find_model
from jupyter_mlchat.runtime.signature import Column, Signature, signature

ROWS = 300


def data() -> pd.DataFrame:
    rng = np.random.default_rng(5)
    return pd.DataFrame(
        {
            "age": rng.integers(18, 80, ROWS),
            "fee": rng.uniform(5, 90, ROWS),
            "plan": rng.choice(["basic", "pro", "max"], ROWS),
            "note": [f"note number {i}" for i in range(ROWS)],
            "unused": rng.normal(size=ROWS),
        }
    )


DATA = data()
TARGET = pd.Series(np.where(DATA["age"] > 45, "old", "young"), name="group")


def of(context: Context, name: str = "model") -> Signature:
    return signature(context, find_model(context, name))


def column(sig: Signature, name: str) -> Column:
    found = sig.column(name)
    assert found is not None
    return found


def context_with(model: Any, **names: Any) -> Context:
    return Context({"model": model, **names})


def test_the_model_itself_knows_categories_ranges_defaults_and_what_is_dropped() -> None:
    prepare = ColumnTransformer(
        [
            ("age", make_pipeline(SimpleImputer(strategy="median"), MinMaxScaler()), ["age"]),
            ("fee", RobustScaler(), ["fee"]),
            ("plan", OneHotEncoder(handle_unknown="ignore"), ["plan"]),
            ("note", TfidfVectorizer(), "note"),
            ("out", "drop", ["unused"]),
        ]
    )
    model = make_pipeline(prepare, LogisticRegression(max_iter=1_000)).fit(DATA, TARGET)
    sig = of(context_with(model))
    age, fee, plan = column(sig, "age"), column(sig, "fee"), column(sig, "plan")
    assert age.default == DATA["age"].median() and age.nullable is True and age.role == "numeric"
    assert fee.default == DATA["fee"].median() and fee.nullable is False
    assert plan.categories == ("basic", "max", "pro") and plan.on_unknown == "ignored"
    assert plan.sources["categories"] == "OneHotEncoder" and not plan.categories_leave
    assert column(sig, "note").role == "text"
    assert not column(sig, "unused").required and plan.required
    assert sig.classes == (("old", "young"),) and sig.frame == ""


def test_the_range_of_a_scaler_directly_on_the_data() -> None:
    for scaler, exact in (
        (MinMaxScaler(), True),
        (QuantileTransformer(n_quantiles=50), True),
        (StandardScaler(), False),
    ):
        model = make_pipeline(scaler, Ridge()).fit(DATA[["age", "fee"]], DATA["unused"])
        fee = column(of(context_with(model)), "fee")
        if exact:
            assert fee.low == pytest.approx(DATA["fee"].min()) and fee.high == pytest.approx(DATA["fee"].max())
            assert fee.p99 is None
        else:
            assert fee.low == pytest.approx(DATA["fee"].mean() - 4 * DATA["fee"].std(ddof=0))
            assert fee.p99 == fee.high


@pytest.mark.parametrize("encoder", [OrdinalEncoder(), TargetEncoder(cv=2)], ids=lambda e: type(e).__name__)
def test_other_encoders_know_their_categories(encoder: Any) -> None:
    model = make_pipeline(encoder, LogisticRegression()).fit(DATA[["plan"]], TARGET)
    assert column(of(context_with(model)), "plan").categories == ("basic", "max", "pro")


def test_columns_may_be_chosen_by_position_slice_mask_or_callable() -> None:
    mask = [name == "plan" for name in DATA.columns]
    for chosen in ([2], slice(2, 3), slice("plan", "plan"), mask, lambda frame: ["plan"], np.array(mask)):
        prepare = ColumnTransformer([("hot", OneHotEncoder(), chosen)], remainder="drop")
        model = make_pipeline(prepare, LogisticRegression()).fit(DATA, TARGET)
        sig = of(context_with(model))
        assert column(sig, "plan").categories == ("basic", "max", "pro"), chosen
        assert [c.name for c in sig.columns if c.required] == ["plan"]


def test_training_data_is_proven_by_its_cell() -> None:
    context = context_with(RandomForestClassifier(3), X=DATA[["age", "fee"]], y=TARGET)
    cell(context, "model.fit(X, y)")
    sig = of(context)
    assert (sig.frame, sig.frame_source, sig.target) == ("X", "`X` of In[1]", "group")
    fee = column(sig, "fee")
    assert fee.low == DATA["fee"].min() and fee.p01 == pytest.approx(DATA["fee"].quantile(0.01))
    assert fee.default == DATA["fee"].median() and fee.dtype == "float64"
    assert fee.sources["low"] == "`X` of In[1]"
    assert column(sig, "age").is_integer


def test_the_target_may_be_a_column() -> None:
    for text in ("df['group']", "df.group"):
        context = context_with(RandomForestClassifier(3), df=DATA.assign(group=TARGET))
        cell(context, f"model.fit(df[['age', 'fee']], {text})")
        sig = of(context)
        assert sig.target == "group" and sig.frame == "df" and "from which" in sig.frame_source


def test_data_that_only_has_the_columns_is_called_a_match() -> None:
    model = RandomForestClassifier(3).fit(DATA[["age", "fee"]], TARGET)
    context = context_with(model, other=DATA, X_train=DATA.head(200), small=DATA[["age"]])
    sig = of(context)
    assert sig.frame == "X_train" and "matched, not proven" in sig.frame_source


def test_training_data_assigned_anew_is_said_to_be() -> None:
    context = context_with(RandomForestClassifier(3), X=DATA[["age", "fee"]], y=TARGET)
    cell(context, "model.fit(X, y)")
    cell(context, "X = X.head(50)")
    assert of(context).frame_source == "`X`, assigned anew since In[1]"


def test_the_cache_follows_the_model_and_the_data() -> None:
    context = context_with(RandomForestClassifier(3), X=DATA[["age", "fee"]], y=TARGET)
    cell(context, "model.fit(X, y)")
    first = of(context)
    assert of(context) is first
    cell(context, "X = X + 1000")
    assert column(of(context), "age").low == DATA["age"].min() + 1000
    cell(context, "model.fit(X[['fee']], y)")
    assert [c.name for c in of(context).columns] == ["fee"]


def test_columns_of_a_model_that_never_saw_names_are_those_of_its_data() -> None:
    context = context_with(Ridge(), df=DATA[["age", "fee"]], y=DATA["unused"])
    cell(context, "model.fit(df.to_numpy(), y)")
    sig = of(context)
    assert sig.container == "array" and [c.name for c in sig.columns] == ["age", "fee"]
    assert column(sig, "fee").high == DATA["fee"].max() and "`df`" in sig.source
    cell(context, "A = df.to_numpy()\nmodel.fit(A, y)")
    sig = of(context)
    assert [c.name for c in sig.columns] == ["x0", "x1"] and column(sig, "x1").high == DATA["fee"].max()


def test_an_opaque_first_step_takes_its_columns_from_the_cell() -> None:
    class Opaque:
        def fit(self, X: Any, y: Any = None) -> Any:
            return self

        def transform(self, X: Any) -> Any:
            return X.to_numpy()

    context = context_with(make_pipeline(Opaque(), Ridge()), X=DATA[["age", "fee"]], y=DATA["unused"])
    context.user_ns["model"].fit(DATA[["age", "fee"]], DATA["unused"])
    assert not of(context).known
    cell(context, "model.fit(X, y)")
    assert [c.name for c in of(context).columns] == ["age", "fee"]


def test_roles_and_levels_from_data_where_the_model_says_nothing() -> None:
    frame = DATA[["plan", "note", "age"]].assign(
        flag=DATA["age"] > 40, when=pd.Timestamp("2024-01-01"), code=pd.Categorical(["a", "b", "c"] * 100)
    )

    def numbers(X: Any) -> Any:
        return X[["age"]].to_numpy()

    context = context_with(make_pipeline(FunctionTransformer(numbers), Ridge()), X=frame, y=DATA["fee"])
    cell(context, "model.fit(X, y)")
    sig = of(context)
    roles = {c.name: c.role for c in sig.columns}
    assert roles == {
        "plan": "categorical", "note": "text", "age": "numeric", "flag": "boolean", "when": "datetime",
        "code": "categorical",
    }  # fmt: skip
    assert set(column(sig, "plan").categories or ()) == {"basic", "pro", "max"}
    assert column(sig, "plan").categories_leave and column(sig, "plan").default == DATA["plan"].mode()[0]
    assert column(sig, "note").categories is None


def test_big_frames_are_sampled(monkeypatch: pytest.MonkeyPatch) -> None:
    from jupyter_mlchat.runtime import profile

    monkeypatch.setattr(profile, "MAX_ROWS", 100)
    context = context_with(Ridge(), X=DATA[["age", "plan"]], y=DATA["fee"])
    context.user_ns["model"] = make_pipeline(FunctionTransformer(lambda X: X[["age"]]), Ridge())
    cell(context, "model.fit(X, y)")
    plan = column(of(context), "plan")
    assert not plan.complete and of(context).rows == ROWS


def test_names_of_wrapped_and_joined_models() -> None:
    union = FeatureUnion([("a", StandardScaler()), ("b", PolynomialFeatures(2, include_bias=False))])
    for model in (
        make_pipeline(union, SelectKBest(k=2), LogisticRegression(max_iter=1_000)),
        make_pipeline(KBinsDiscretizer(3, quantile_method="averaged_inverted_cdf"), SVC()),
        BaggingClassifier(LogisticRegression(), n_estimators=2),
    ):
        sig = of(context_with(model.fit(DATA[["age", "fee"]], TARGET)))
        assert [c.name for c in sig.columns] == ["age", "fee"] and sig.task == "classification"


def test_hidden_data_gives_no_statistics() -> None:
    context = context_with(RandomForestClassifier(3), X=DATA[["age", "fee"]], y=TARGET)
    cell(context, "model.fit(X, y)")
    context.shell.hidden.add("X")
    assert column(of(context), "fee").low is None and of(context).frame == ""
