"""Nothing that points at a person or a row is in what a provider may see, whatever tool is called and however."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import pandas as pd
import pytest
from runtime.context import Context, cell
from runtime.files import canaries
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder

from jupyter_mlchat.runtime import leaving
from jupyter_mlchat.runtime.batch.job import Job, desk_of
from jupyter_mlchat.runtime.notebook.failures import Failure, Frame, Run
from jupyter_mlchat.runtime.toolbox import Toolbox, size_of
from jupyter_mlchat.runtime.tools import MODULES

ROWS = 400
EXTREME = 987_654.25
CANARIES = ("canary", "987654", "-876543", "4111 1111", "41111111", "313131")


def frame() -> pd.DataFrame:
    rng = np.random.default_rng(2)
    plan = rng.choice(["basic", "pro"], ROWS).astype(object)
    plan[:3] = "CANARY-RARE"
    mail = rng.choice(["a@canary.org", "b@canary.org"], ROWS)
    amount = rng.normal(100, 10, ROWS)
    amount[7], amount[8] = EXTREME, -876_543.25
    return pd.DataFrame(
        {
            "plan": plan,
            "mail": mail,
            "amount": amount,
            "note": [f"canary{i} wrote canaryword" for i in range(ROWS)],
            "customer_id": rng.permutation(np.arange(313_131_000, 313_131_000 + ROWS)),
            "card": rng.choice(["4111 1111 1111 1111", "4111 1111 1111 1129"], ROWS),
            "shop": rng.choice(["north", "south"], ROWS),
        }
    )


class Rule:
    """Hand-written: it declares nothing."""

    def predict(self, X: Any) -> Any:
        return np.asarray(X["plan"])


Rule.__module__ = "__main__"


def context() -> Context:
    found = Context({"df": frame(), "pd": pd})
    rng = np.random.default_rng(3)
    label = np.where(rng.random(ROWS) > 0.5, "yes", "no").astype(object)
    label[:4] = "CANARY-CLASS"
    tiny = pd.DataFrame({"wage": [EXTREME, 1.0, 2.0], "who": ["CANARY-A", "CANARY-B", "CANARY-C"]})
    constant = SimpleImputer(strategy="constant", fill_value="CANARY-FILL")
    hot = make_pipeline(constant, OneHotEncoder(handle_unknown="ignore"))
    prepare = ColumnTransformer(
        [
            ("hot", hot, ["plan", "mail", "card"]),
            ("strict", OneHotEncoder(), ["shop"]),
            ("amount", MinMaxScaler(), ["amount", "customer_id"]),
            ("note", TfidfVectorizer(), "note"),
        ]
    )
    found.user_ns.update(
        label=pd.Series(label, name="label"),
        tiny=tiny,
        array=tiny[["wage"]].to_numpy(),
        pipe=make_pipeline(prepare, LogisticRegression(max_iter=2_000)),
        forest=RandomForestClassifier(4, class_weight={"CANARY-CLASS": 3.0, "yes": 1, "no": 1}),
        small=Ridge(),
        texts=make_pipeline(CountVectorizer(), LogisticRegression()),
        grid=GridSearchCV(LogisticRegression(), {"C": [1.0]}, cv=2),
        hist=HistGradientBoostingClassifier(max_iter=2, categorical_features=["plan"]),
    )
    cell(found, "pipe.fit(df, label)")
    cell(found, "forest.fit(df[['amount', 'customer_id']], label)")
    cell(found, "small.fit(tiny[['wage']], [1, 2, 3])")
    cell(found, "texts.fit(df['note'], df['amount'] > 100)")
    cell(found, "grid.fit(df[['amount']], df['amount'] > 100)")
    cell(found, "cats = df[['plan', 'amount']].astype({'plan': 'category'})\nhist.fit(cats, df['amount'] > 100)")
    cell(found, "models = {'only': df.plan.value_counts()}")
    later = frame().sample(frac=1, random_state=0).assign(plan="CANARY-NEW")
    later["amount"] *= 3
    found.user_ns.update(
        later=later,
        few=tiny * 2,
        notes=frame()["note"],
        large=frame()["amount"] > 100,
        listed=frame()["note"].tolist(),
        three=pd.Series([1, 2, 3]),
    )
    found.user_ns["loaded"] = found.user_ns["pipe"]
    found.user_ns["rule"] = Rule()
    number = cell(found, "# of CANARY-PERSON\nsecret = 'CANARY-KEY'")
    steps = (Frame(number, 2, "<module>", "secret = 'CANARY-KEY'"),)
    found.shell.runs[number] = Run(0.0, 1.0, Failure("ValueError", "no CANARY-KEY", steps))
    desk_of(found).jobs["batch-0"] = Job("batch-0", "elsewhere", 5, 10)  # type: ignore[arg-type]
    return found


GOOD = {
    "plan": "pro", "mail": "x", "amount": 100, "note": "hello", "customer_id": 5, "card": "y", "shop": "north",
}  # fmt: skip
MODELS = ("pipe", "forest", "small", "texts", "grid", "hist")
CALLS: list[tuple[str, dict[str, Any]]] = [
    ("list_models", {}),
    ("list_dataframes", {}),
    ("get_system_status", {}),
    ("get_running_cell", {}),
    *[("describe_dataframe", {"data": data}) for data in ("df", "tiny", "label", "array", "cats")],
    ("describe_dataframe", {"data": "df", "columns": ["plan", "amount"]}),
    ("describe_dataframe", {"data": "df", "columns": ["nothing"]}),
    *[("describe_dataframe", {"data": "df", "columns": [name]}) for name in ("plan", "mail", "amount", "customer_id")],
    ("describe_dataframe", {"data": "tiny", "columns": ["wage"]}),
    *[("list_dataframes", {"model_id": model}) for model in ("pipe", "small", "texts")],
    *[
        ("get_model_info", {"model_id": model, "detail": detail})
        for model in MODELS
        for detail in ("summary", "signature", "steps", "feature_mapping", "parameters")
    ],
    *[("get_feature_importance", {"model_id": model}) for model in MODELS],
    ("get_feature_importance", {"model_id": "pipe", "data": "df", "target": "label"}),
    ("get_feature_importance", {"model_id": "small", "data": "tiny", "target": "three"}),
    *[("validate_features", {"model_id": model, "features": {}}) for model in MODELS],
    *[("validate_features", {"model_id": "pipe", "features": {**GOOD, name: bad}}) for name, bad in [
        ("plan", "rare"), ("plan", "PRO"), ("plan", None), ("shop", "nort"), ("shop", None), ("amount", 1e9),
        ("amount", "much"), ("amount", None), ("mail", "A"), ("customer_id", 1), ("note", None), ("card", "z"),
    ]],
    *[("make_prediction", {"model_id": model, "features": {}}) for model in MODELS],
    *[("make_prediction", {"model_id": model, "row": f"df[{row}]"}) for model in MODELS for row in (0, 3, 7, 8)],
    ("make_prediction", {"model_id": "small", "row": "tiny[0]"}),
    ("make_prediction", {"model_id": "hist", "row": "cats[0]"}),
    ("make_prediction", {"model_id": "pipe", "row": "df[0]", "features": {"shop": "elsewhere"}}),
    ("make_prediction", {"model_id": "pipe", "row": "df[0]", "features": {"amount": "x"}}),
    ("make_prediction", {"model_id": "pipe", "features": [GOOD, {**GOOD, "plan": "basic"}]}),
    *[("make_prediction", {"model_id": model, "data": data}) for model in MODELS for data in ("df", "tiny", "cats")],
    ("make_prediction", {"model_id": "pipe", "data": "df", "where": "amount > 900000 or shop == 'north'"}),
    ("make_prediction", {"model_id": "pipe", "data": "df", "where": "nothing > 3"}),
    *[("explain_prediction", {"model_id": model, "row": f"df[{i}]", "top": 40}) for model in MODELS for i in (0, 7)],
    ("explain_prediction", {"model_id": "texts", "row": "df[0]"}),
    ("explain_prediction", {"model_id": "texts", "row": "notes[0]"}),
    *[("get_partial_dependence", {"model_id": "pipe", "features": [name]}) for name in GOOD],
    ("get_partial_dependence", {"model_id": "forest", "features": ["amount", "customer_id"]}),
    *[("what_if", {"model_id": "pipe", "row": "df[7]", "sweep": name}) for name in GOOD],
    ("what_if", {"model_id": "pipe", "row": "df[7]", "changes": {"amount": "doubled", "plan": "pro"}}),
    ("what_if", {"model_id": "pipe", "row": "df[7]", "changes": {"shop": "nowhere"}}),
    ("what_if", {"model_id": "forest", "data": "df", "changes": {"amount": "+10 %"}}),
    ("what_if", {"model_id": "small", "data": "tiny", "changes": {"wage": "+1"}}),
    *[("find_counterfactual", {"model_id": model, "row": "df[7]"}) for model in ("pipe", "forest", "grid")],
    ("find_counterfactual", {"model_id": "small", "row": "tiny[0]", "at_most": 0.0}),
    ("find_similar_examples", {"model_id": "grid", "row": "df[20]"}),
    *[("suggest_inputs", {"model_id": model}) for model in MODELS],
    *[("suggest_inputs", {"model_id": model, "row": "df[7]"}) for model in MODELS],
    *[
        (tool, {"model_id": model, "data": "df", "target": target, **more})
        for model, target in (("pipe", "label"), ("forest", "label"), ("grid", "large"), ("hist", "large"))
        for tool, more in (
            ("evaluate_model", {"by": "plan"}), ("evaluate_model", {"by": "customer_id"}), ("analyze_errors", {}),
            ("check_fairness", {"group": "mail"}), ("check_fairness", {"group": "amount"}), ("check_leakage", {}),
            ("get_prediction_interval", {"row": "df[0]"}), ("evaluate_model", {"target": "note"}),
        )
    ],
    ("evaluate_model", {"model_id": "small", "data": "tiny", "target": "three"}),
    ("analyze_errors", {"model_id": "small", "data": "tiny", "target": "three"}),
    ("get_threshold_curve", {"model_id": "grid", "data": "df", "target": "large"}),
    ("compare_models", {"models": ["pipe", "forest"], "data": "df", "target": "label"}),
    ("check_drift", {"model_id": "pipe", "data": "later"}),
    ("check_drift", {"model_id": "small", "data": "few"}),
    *[("check_freshness", {"model_id": model}) for model in MODELS],
    ("get_search_results", {"model_id": "grid"}),
    ("read_notebook", {}),
    ("read_notebook", {"name": "In[7]"}),
    ("read_notebook", {"part": "errors"}),
    ("read_notebook", {"part": "definitions"}),
    ("read_notebook", {"part": "definitions", "name": "secret"}),
    ("propose_cell", {"code": "secret + unheard_of"}),
    *[("propose_cell", {"kind": kind, "model_id": model}) for kind in ("scoring_function", "batch_script")
      for model in MODELS],
    ("run_code", {"code": "print(df.head(9))\nsecret"}),
    ("run_code", {"code": "raise ValueError(df.note[0], secret)"}),
    ("run_code", {"code": "{}[df.plan[0]]"}),
    ("register_model", {"model_id": "rule", "data": "df", "target": "label", "classes": ["CANARY-CLASS", "no"]}),
    ("make_prediction", {"model_id": "rule", "row": "df[0]"}),
    ("make_prediction", {"model_id": "nothing"}),
    *[
        (tool, {"model_id": "texts", **more})
        for data in ("notes", 'df["note"]', "listed")
        for tool, more in (
            ("make_prediction", {"data": data}), ("make_prediction", {"row": f"{data}[7]"}),
            ("explain_prediction", {"row": f"{data}[7]", "top": 40}),
            ("evaluate_model", {"data": data, "target": "large"}),
            ("what_if", {"row": f"{data}[7]", "changes": {"text": "hello"}}), ("suggest_inputs", {"row": f"{data}[7]"}),
            ("analyze_errors", {"data": data, "target": "large"}), ("find_counterfactual", {"row": f"{data}[7]"}),
        )
    ],
    ("make_prediction", {"model_id": "texts", "data": "df"}),
    ("explain_prediction", {"model_id": "texts", "features": "hello there"}),
    *[
        (
            "make_batch_prediction",
            {"model_id": model, "data": data, "into": f"b{many:d}_{model}_{data}", "probabilities": many},
        )
        for model, data in (("pipe", "df"), ("pipe", "later"), ("forest", "df"), ("small", "few"), ("texts", "notes"))
        for many in (False, True)
    ],
    ("make_batch_prediction", {"model_id": "pipe", "data": "df", "into": "df"}),
    ("cancel_job", {}),
    ("sample_rows", {"data": "df", "n": 2}),
    ("delete_model", {"model_id": "loaded"}),
    ("undo_last_change", {}),
    ("delete_model", {"model_id": "nothing"}),
]  # fmt: skip


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, dict[str, Any], Any]]:
    found = context()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("files"))
        canaries.write(found)
        return [(name, args, found.run(name, **args)) for name, args in [*canaries.CALLS, *CALLS]]


def leaves(result: Any) -> str:
    """All of a result that may be shown to a provider: not the form, the recipe, and what is local."""
    kept = {key: value for key, value in result.items() if key not in ("local", "form", "code")}
    # A reference is made of dice, which may throw the digits of a canary.
    return re.sub(r'"display_ref": "[0-9a-f]+"', "", json.dumps(kept, ensure_ascii=False).casefold())


def test_no_canary_leaves_any_tool(results: list[tuple[str, dict[str, Any], Any]]) -> None:
    effects = {tool.name: tool.effect for tool in Toolbox(MODULES).all()}
    for name, args, result in results:
        if effects[name] == "disclose":
            continue  # it runs only after a person has allowed that rows are shown
        text = leaves(result)
        for canary in CANARIES:
            assert canary not in text, (name, args, canary, text)


def test_every_tool_is_among_them_and_answers(results: list[tuple[str, dict[str, Any], Any]]) -> None:
    tools = {tool.name for tool in Toolbox(MODULES).all()}
    answered = {name for name, _, result in results if result["ok"]}
    assert answered == tools


def test_every_answer_is_within_its_bytes(results: list[tuple[str, dict[str, Any], Any]]) -> None:
    assert all(size_of(result["data"]) <= 8_000 for _, _, result in results)
    crashed = [(name, args) for name, args, result in results if not result["ok"]
               and result["fault"]["code"] in ("tool_failed", "tool_result_invalid")]  # fmt: skip
    assert crashed == []


def test_the_person_sees_what_a_provider_does_not() -> None:
    found = context()
    info = found.data("get_model_info", model_id="pipe", detail="signature")
    features = {feature["name"]: feature for feature in info["features"]}
    assert "CANARY-RARE" in features["plan"]["categories"]
    assert features["amount"]["range"][1] == EXTREME
    assert "CANARY-CLASS" in info["classes"]
    row = found.data("make_prediction", model_id="pipe", row="df[0]")
    assert row["features"]["plan"] == "CANARY-RARE"
    form = found.run("make_prediction", model_id="pipe", features={})["form"]
    assert "CANARY-RARE" in json.dumps(form)


def test_a_hidden_class_is_named_by_its_number() -> None:
    found = context()
    rare = next(row for row in range(4) if found.user_ns["pipe"].predict(frame().iloc[[row]])[0])
    data = found.run("make_prediction", model_id="pipe", row=f"df[{rare}]")["data"]
    assert data["prediction"].startswith("class ") and data["prediction"].endswith(" of 3")
    assert set(data["probability"]) == {"class 1", "class 2", "class 3"}
    counts = found.run("make_prediction", model_id="pipe", data="df")["data"]["counts"]
    assert sum(counts.values()) == ROWS and all(name.startswith("class ") for name in counts)


def test_common_categories_and_statistics_do_leave() -> None:
    found = context()
    info = found.run("get_model_info", model_id="pipe", detail="signature")["data"]
    features = {feature["name"]: feature for feature in info["features"]}
    assert features["shop"]["categories"] == ["north", "south"]
    assert features["plan"]["n_categories"] == 3 and "categories" not in features["plan"]
    low, high = features["amount"]["range"]
    assert 60 < low < 90 and 110 < high < 140
    table = found.run("describe_dataframe", data="df")["data"]
    columns = {column["name"]: column for column in table["columns"]}
    assert columns["shop"]["top"][0]["count"] > 10 and "top" not in columns["plan"]


@pytest.mark.parametrize(
    ("levels", "counts", "may"),
    [
        (["a", "b"], {"a": 10, "b": 10}, True),
        (["a", "b"], {"a": 10, "b": 9}, False),
        (["a", "b"], {"a": 10}, False),
        (["a", "b"], None, False),
        (list(range(50)), dict.fromkeys(range(50), 10), True),
        (list(range(51)), dict.fromkeys(range(51), 10), False),
        (["ann@example.org"], {"ann@example.org": 99}, False),
        (["+1 (555) 010-9999"], {"+1 (555) 010-9999": 99}, False),
        (["123-45-6789"], {"123-45-6789": 99}, False),
        (["4111 1111 1111 1111"], {"4111 1111 1111 1111": 99}, False),
        (["GB33 BUKB 2020 1555 5555 55"], {"GB33 BUKB 2020 1555 5555 55": 99}, False),
        (["word " * 20], {"word " * 20: 99}, False),
    ],
)
def test_which_levels_may_leave(levels: list[Any], counts: Any, may: bool) -> None:
    assert leaving.levels_may_leave(levels, counts) is may


def test_classes_leave_without_counts_but_not_rare_or_personal_ones() -> None:
    assert leaving.classes_may_leave(["yes", "no"], None)
    assert not leaving.classes_may_leave(["yes", "no"], {"yes": 100, "no": 3})
    assert not leaving.classes_may_leave(["a@b.org", "no"], None)


def test_a_range_always_leaves_two_values_out_at_each_end() -> None:
    for rows in (10, 20, 37, 100, 200, 1_000):
        values = np.arange(rows, dtype=float)
        low, high = np.quantile(values, leaving.tails(rows))
        assert (values < low).sum() >= (2 if rows > 20 else 1) - 1
        assert (values > high).sum() >= 1 and high < values[-1]


@pytest.mark.parametrize(
    ("name", "value", "may"),
    [("solver", "lbfgs", True), ("C", 0.5, True), ("si__fill_value", "unknown", False), ("note", "Ann Smith", False)],
)
def test_which_settings_may_leave(name: str, value: Any, may: bool) -> None:
    assert leaving.option_may_leave(name, value) is may
