"""The notebook's own tools: what the cells did, proposals that run as written, and approved code."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import joblib
import lightgbm
import numpy as np
import pandas as pd
import polars as pl
import pytest
import statsmodels.formula.api as smf
import xgboost
from catboost import CatBoostClassifier
from IPython.core.interactiveshell import InteractiveShell
from runtime.context import Context, cell
from runtime.people import METAS, NUMBERS, PEOPLE, outcome, spending
from shells import new_shell
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeRegressor

from jupyter_mlchat.runtime.shell import Shell


@pytest.fixture
def shell() -> Iterator[InteractiveShell]:
    made = new_shell()
    yield made
    InteractiveShell.clear_instance()


@pytest.fixture
def live(shell: InteractiveShell) -> Context:
    """A context over a real IPython, in which cells run as they do in a notebook."""
    found = Context(shell.user_ns)
    found.shell = Shell(shell)
    found.cells = found.shell.cells
    return found


def run(context: Context, source: str) -> None:
    context.shell.ip.run_cell(source, store_history=True)


# -- read_notebook -------------------------------------------------------------------------------------


def test_the_outline_tells_what_each_cell_did(live: Context) -> None:
    run(live, "# Load the data\nimport pandas as pd\ndf = pd.DataFrame({'a': [1, 2]})")
    run(live, "df['b'] = df.a * 2\ndef double(x):\n    return x * factor\nfactor = 2")
    run(live, "df.loc[0, 'a'] + missing")
    first, second, third = live.data("read_notebook")["cells"]
    assert first["heading"] == "Load the data" and first["imports"] == ["pandas"] and first["defines"] == ["df"]
    assert first["status"] == "done" and first["seconds"] >= 0 and first["ended"]
    assert second["defines"] == ["double", "factor"] and second["changes"] == ["df"]
    assert third["status"] == "failed" and third["error"] == "NameError"
    assert live.data("read_notebook", name="In[2]")["cells"][0]["source"].startswith("df['b']")


def test_headings_sources_and_messages_stay(live: Context) -> None:
    run(live, "# password is hunter2\nkey = 'hunter2'\nraise ValueError('hunter2')")
    for part in ("outline", "errors", "definitions"):
        public = live.run("read_notebook", part=part)["data"]
        assert "hunter2" not in str(public) and public["part"] == part
    assert live.data("read_notebook", part="errors")["error"]["message"] == "hunter2"
    assert live.data("read_notebook", part="definitions", name="key")["names"][0]["source"] == "key = 'hunter2'"


def test_the_last_error_leads_through_the_cells(live: Context) -> None:
    run(live, "def reads(text):\n    return int(text)")
    run(live, "value = 1\nreads('x y z')")
    run(live, "import json\njson.loads('{')")
    run(live, "value = 2")
    told = live.data("read_notebook", part="errors")
    assert told["failed_cells"] == [2, 3] and told["error"]["type"] == "JSONDecodeError"
    assert told["error"]["inside"].startswith("json.") and told["error"]["cell"] == 3
    assert live.data("read_notebook", part="errors", name="In[2]")["error"]["type"] == "ValueError"
    assert live.run("read_notebook", part="errors", name="In[4]")["fault"]["code"] == "not_found"
    live.shell.runs.pop(3)
    error = live.data("read_notebook", part="errors")["error"]
    assert [(frame["cell"], frame["line"], frame["function"]) for frame in error["frames"]] == [
        (2, 2, "<module>"),
        (1, 2, "reads"),
    ]
    assert error["frames"][1]["code"] == "return int(text)" and error["inside"] is None
    run(live, "reads = int\nvalue = 1")
    run(live, "value = 1\nreads('5')")
    assert live.data("read_notebook", part="errors")["error"]["ran_well_later_in"] is None
    live.shell.ip.user_ns["reads"] = lambda text: text
    run(live, "value = 1\nreads('x y z')")
    assert live.data("read_notebook", part="errors")["error"]["ran_well_later_in"] == 7


def test_a_syntax_error_names_its_line(live: Context) -> None:
    run(live, "a = 1\nb = (")
    error = live.data("read_notebook", part="errors")["error"]
    assert (error["type"], error["cell"], error["line"]) == ("SyntaxError", 1, 2)


def test_an_error_from_before_the_tools_were_there(shell: InteractiveShell) -> None:
    shell.run_cell("a = 1\n1 / 0", store_history=True)
    late = Context(shell.user_ns)
    late.shell = Shell(shell)
    error = late.data("read_notebook", part="errors")["error"]
    assert (error["type"], error["cell"], error["line"]) == ("ZeroDivisionError", 1, 2)


def test_who_defined_changed_and_uses_a_name(live: Context) -> None:
    run(live, "rate = 1")
    run(live, "def area(r):\n    return r * rate")
    run(live, "rate = 2\nrates = {}")
    run(live, "rates['a'] = rate\nhidden = rate")
    about = live.data("read_notebook", part="definitions", name="rate")["names"][0]
    assert (about["defined_in"], about["latest"], about["used_in"]) == ([1, 3], 3, [2, 4])
    assert about["type"] == "int" and about["source"] == "rate = 2"
    assert live.data("read_notebook", part="definitions", name="rates")["names"][0]["changed_in"] == [4]
    live.shell.hidden.add("hidden")
    assert "hidden" not in str(live.run("read_notebook", part="definitions"))
    assert "hidden" not in str(live.run("read_notebook")["data"])
    fault = live.run("read_notebook", part="definitions", name="ratte")["fault"]
    assert fault["code"] == "not_found" and "rate" in fault["hint"]
    assert live.run("read_notebook", name="the last")["fault"]["code"] == "invalid_input"
    assert live.run("read_notebook", name="In[99]")["fault"]["code"] == "not_found"


def test_a_long_notebook_keeps_its_newest_cells_within_the_bytes() -> None:
    context = Context({})
    for number in range(300):
        cell(context, f"# step {number}\n" + "\n".join(f"a_long_name_{number}_{i} = {i}" for i in range(15)))
    for part in ("outline", "definitions"):
        result = context.run("read_notebook", part=part)
        assert result["ok"] and result["truncated"]["total"] > result["truncated"]["shown"] > 10
    assert context.data("read_notebook")["cells"][-1]["cell"] == 300


# -- propose_cell --------------------------------------------------------------------------------------


def test_code_is_checked_and_not_run() -> None:
    context = Context({"people": PEOPLE})
    result = context.run("propose_cell", code="made = peple.head()\nprint(made)")
    assert result["code"].startswith("made =") and "made" not in context.user_ns
    assert result["data"]["valid"] and result["data"]["unknown_names"] == ["peple"]
    assert "people" in result["issues"][0]["suggestion"] and result["data"]["defines"] == ["made"]
    broken = context.run("propose_cell", code="a = 1\nb = (")
    assert broken["ok"] and not broken["data"]["valid"] and "Line 2" in broken["issues"][0]["message"]
    assert context.run("propose_cell", code=" ")["fault"]["code"] == "invalid_input"
    assert context.run("propose_cell", kind="batch_script")["fault"]["code"] == "invalid_input"


def test_magics_and_await_are_fine_in_a_proposal(live: Context) -> None:
    assert live.data("propose_cell", code="%timeit -n1 1\n!ls")["valid"]
    assert live.data("propose_cell", code="import asyncio\nawait asyncio.sleep(0)")["valid"]


CATEGORIES = PEOPLE[["plan", "age"]].astype({"plan": "category"})
Y = outcome(PEOPLE)
LEFT = (Y == "leaves").to_numpy().astype(int)
TEXTS = pd.Series([f"{'good' if i % 2 else 'bad'} number {i}" for i in range(40)])


def models() -> dict[str, tuple[Any, Any]]:
    """Each with the rows to score."""
    two = NUMBERS[["age", "monthly fee"]]
    params = {"max_depth": 2, "verbosity": 0}
    binary = {"objective": "binary", "verbose": -1, "num_leaves": 4, "min_data_in_leaf": 5}
    words = two.rename(columns={"monthly fee": "fee"}).assign(left=LEFT)
    found = {
        name: (METAS[name], PEOPLE) for name in ("pipeline", "search", "voting", "stacking", "tuned", "fixed", "target")
    }
    return {
        **found,
        "forest": (RandomForestClassifier(5, random_state=0).fit(two.to_numpy(), Y), two),
        "coded": (RandomForestClassifier(5, random_state=0).fit(two, LEFT == 1), two),
        "svc": (SVC().fit(two, Y), two),
        "tree": (DecisionTreeRegressor(max_depth=3).fit(two, spending(PEOPLE)), two),
        "several": (Ridge().fit(two, np.column_stack([LEFT, 2 * LEFT])), two),
        "hist": (HistGradientBoostingClassifier(max_iter=3).fit(CATEGORIES, Y), CATEGORIES),
        "sklearn_boost": (xgboost.XGBClassifier(n_estimators=3, **params).fit(two, LEFT), two),
        "booster": (xgboost.train({**params, "objective": "binary:logistic"}, xgboost.DMatrix(two, LEFT), 3), two),
        "soft": (
            xgboost.train({**params, "objective": "multi:softprob", "num_class": 2}, xgboost.DMatrix(two, LEFT), 3),
            two,
        ),
        "grouped": (
            xgboost.train(params, xgboost.DMatrix(CATEGORIES, LEFT, enable_categorical=True), 3),
            CATEGORIES,
        ),
        "light": (lightgbm.train(binary, lightgbm.Dataset(two, LEFT), 3), two),
        "light_groups": (lightgbm.train(binary, lightgbm.Dataset(CATEGORIES, LEFT), 3), CATEGORIES),
        "cat": (CatBoostClassifier(iterations=3, verbose=0, allow_writing_files=False).fit(two, Y), two),
        "logit": (smf.logit("left ~ age + fee", words).fit(disp=0), words[["age", "fee"]]),
        "texts": (make_pipeline(CountVectorizer(), LogisticRegression()).fit(TEXTS, [i % 2 for i in range(40)]), TEXTS),
    }


MODELS = models()


def context_of(name: str) -> Context:
    model, rows = MODELS[name]
    return Context({name: model, "rows": rows, "cats": CATEGORIES, "PEOPLE": PEOPLE})


BY_CHANCES = ("booster", "soft", "light", "light_groups", "logit")
"""Their `predict` gives probabilities, from which the function takes the class."""


@pytest.mark.parametrize("name", MODELS)
def test_a_scoring_function_answers_as_make_prediction_does(name: str) -> None:
    context = context_of(name)
    model, rows = MODELS[name]
    result = context.run("propose_cell", kind="scoring_function", model_id=name)
    assert result["ok"], result["fault"]
    namespace = {name: model}
    exec(compile(result["code"], "<cell>", "exec"), namespace)
    score: Any = namespace[result["data"]["function"]]
    table = rows.rename("text").to_frame() if name == "texts" else rows
    parameters = [(card["parameter"], card["column"]) for card in result["data"]["parameters"]]
    for place in (0, 7):
        row = {column: _plain(value) for column, value in table.astype(object).iloc[place].items()}
        # The forest was fitted on an array: its inputs are x0 and x1.
        row |= {f"x{i}": value for i, value in enumerate(list(row.values()))}
        answer = score(**{parameter: row[column] for parameter, column in parameters})
        features = {column: row[column] for _, column in parameters}
        direct = context.data("make_prediction", model_id=name, features=features)
        if name in BY_CHANCES:
            likely = max(direct["probability"], key=direct["probability"].get)
            assert str(answer["prediction"]) == likely
        else:
            assert answer["prediction"] == direct["prediction"]
        if direct["probability"] is None:
            assert answer["probability"] is None
        else:
            assert answer["probability"] == pytest.approx(direct["probability"])


def _plain(value: Any) -> Any:
    value = value.item() if hasattr(value, "item") else value
    return value.isoformat() if hasattr(value, "isoformat") else value


SAVED = {"booster": "json", "soft": "json", "grouped": "json", "light": "txt", "light_groups": "txt"}


@pytest.mark.parametrize("name", ["pipeline", "forest", "hist", "several", "soft", "light_groups", "cat", "texts"])
def test_a_batch_script_scores_a_file_on_its_own(name: str, tmp_path: Path) -> None:
    model, rows = MODELS[name]
    result = context_of(name).run("propose_cell", kind="batch_script", model_id=name)
    assert result["ok"], result["fault"]
    (tmp_path / "score.py").write_text(result["code"])
    saved = tmp_path / f"model.{SAVED.get(name, 'joblib')}"
    if name in SAVED:
        model.save_model(str(saved))
    else:
        joblib.dump(model, saved)
    table = rows.rename("text").to_frame() if name == "texts" else rows
    table.to_parquet(tmp_path / "rows.parquet")
    table.to_csv(tmp_path / "rows.csv", index=False)
    for source in ("rows.parquet", "rows.csv"):
        command = [sys.executable, "-W", "error", "score.py", saved.name, source, "out.parquet"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        assert done.stdout == f"{len(table):,} rows were scored.\n"
        scored = pd.read_parquet(tmp_path / "out.parquet")
        if name in ("soft", "light_groups"):
            asked = xgboost.DMatrix(rows) if name == "soft" else rows
            chance = np.asarray(model.predict(asked)).reshape(len(rows), -1)[:, -1]
            assert scored["probability_1"].to_numpy() == pytest.approx(chance)
            assert scored["prediction"].tolist() == (chance > 0.5).astype(int).tolist()
        else:
            asked = rows.to_numpy() if name == "forest" else rows
            direct = np.asarray(model.predict(asked)).reshape(len(rows), -1)
            assert np.asarray(scored["prediction"].tolist()).reshape(len(rows), -1).tolist() == direct.tolist()


def test_a_script_says_what_the_input_lacks(tmp_path: Path) -> None:
    code = context_of("pipeline").run("propose_cell", kind="batch_script", model_id="pipeline")["code"]
    (tmp_path / "score.py").write_text(code)
    joblib.dump(METAS["pipeline"], tmp_path / "m.joblib")
    PEOPLE.drop(columns="plan").to_parquet(tmp_path / "rows.parquet")
    command = [sys.executable, "score.py", "m.joblib", "rows.parquet", "out.parquet"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 1 and "lacks the columns ['plan']" in done.stderr


class Mine:
    def predict(self, X: Any) -> Any:
        return np.asarray(X["age"])


Mine.__module__ = "__main__"


def test_what_no_code_is_written_for_says_so() -> None:
    context = Context({"mine": Mine(), "people": PEOPLE, "raw": Ridge()})
    context.run("register_model", model_id="mine", data="people")
    assert "holds code" in context.run("propose_cell", kind="batch_script", model_id="mine")["fault"]["message"]
    made = context.run("propose_cell", kind="scoring_function", model_id="mine")
    namespace: dict[str, Any] = {"mine": context.user_ns["mine"]}
    exec(made["code"], namespace)
    row = PEOPLE.astype(object).to_dict("records")[3]
    names = {c["column"]: c["parameter"] for c in made["data"]["parameters"]}
    answer = namespace["score_mine"](**{names[column]: _plain(value) for column, value in row.items()})
    assert answer == {"prediction": row["age"], "probability": None}
    assert context.run("propose_cell", kind="scoring_function", model_id="raw")["fault"]["code"] == "not_fitted"


# -- run_code ------------------------------------------------------------------------------------------


def test_it_tells_how_the_code_ended_and_keeps_the_output_here() -> None:
    context = Context({"people": PEOPLE.copy(), "gone": 1, "hidden": 1})
    context.shell.hidden.add("hidden")
    code = (
        "import sys\nprint('a row')\nprint('oh', file=sys.stderr)\nmade = 1\nhidden = 2\n"
        "people['new'] = 1\ndel gone\npeople.head(2)"
    )
    result = context.run("run_code", code=code)
    public, local = result["data"], result["local"]
    assert public["status"] == "finished" and public["lines"] == 2 and "output" not in public
    assert local["output"] == ["a row", "oh"]
    assert public["value"] == {"type": "DataFrame", "shape": [2, 8]}
    assert local["value"]["text"] == repr(PEOPLE.assign(new=1).head(2)).splitlines()
    assert (public["created"], public["changed"], public["deleted"]) == (["sys", "made"], ["people"], ["gone"])
    assert result["code"] == code and context.user_ns["made"] == 1


def test_a_refit_is_a_change() -> None:
    context = Context({"tree": DecisionTreeRegressor().fit([[1.0], [2.0]], [1, 2]), "other": [1]})
    assert context.data("run_code", code="tree.fit([[3.0], [4.0]], [1, 2]);")["changed"] == ["tree"]
    assert context.data("run_code", code="tree.predict([[3.0]])")["changed"] == []


@pytest.mark.parametrize(
    ("code", "kind", "line", "public"),
    [
        ("a = 1\nraise ValueError('Ann Smith, 4111')", "ValueError", 2, None),
        ("nothing.here", "NameError", 1, "`nothing` is not defined."),
        ("import nosuchmodule", "ModuleNotFoundError", 1, "There is no module `nosuchmodule` in this kernel."),
        ("[].nope", "AttributeError", 1, "`list` has no `nope`."),
        ("{}['mine']", "KeyError", 1, "'mine' is not there."),
        ("d = {}\nd['Ann ' + 'Smith']", "KeyError", 2, None),
        ("raise SystemExit(3)", "SystemExit", 1, None),
        ("def f():\n    return 1 / 0\nf()", "ZeroDivisionError", 2, None),
    ],
)
def test_an_exception_is_told_without_its_values(code: str, kind: str, line: int, public: str | None) -> None:
    result = Context({}).run("run_code", code=code)
    error = result["data"]["error"]
    assert result["ok"] and result["data"]["status"] == "raised"
    assert (error["type"], error["frames"][-1]["line"], error.get("message")) == (kind, line, public)
    assert kind in result["issues"][0]["message"] and "Ann" not in str(result["issues"])
    assert result["local"]["error"]["message"]


def test_code_that_can_not_be_compiled_does_not_run() -> None:
    context = Context({})
    fault = context.run("run_code", code="made = 1\nb = (")["fault"]
    assert fault["code"] == "invalid_input" and "line 2" in fault["message"] and "made" not in context.user_ns
    assert "cell of their own" in context.run("run_code", code="await x")["fault"]["hint"]


def test_the_output_is_capped() -> None:
    result = Context({}).run("run_code", code="for i in range(100_000): print(i)\nlist(range(100_000))")
    assert len(result["local"]["output"]) == 200 and "characters" in result["warnings"][0]
    assert sum(map(len, result["local"]["value"]["text"])) <= 4_000


def test_it_leaves_no_trace_in_the_history(live: Context) -> None:
    run(live, "a = 41\na + 1")
    run(live, "b = 2")
    ip: Any = live.shell.ip
    before = (list(ip.user_ns["In"]), dict(ip.user_ns["Out"]), ip.user_ns["_"], ip.execution_count, sys.stdout)
    result = live.run("run_code", code="c = a\nfrom IPython.display import display\ndisplay(c)\nc * 2")
    assert result["local"]["output"] == ["41"] and result["local"]["value"]["text"] == ["82"]
    assert result["data"]["displays"] == 1
    after = (list(ip.user_ns["In"]), dict(ip.user_ns["Out"]), ip.user_ns["_"], ip.execution_count, sys.stdout)
    assert after == before and not live.shell.runs.keys() - {1, 2}


def test_magics_and_shell_lines_work(live: Context) -> None:
    assert live.data("run_code", code="%env MLCHAT_TEST=5")["status"] == "finished"
    result = live.run("run_code", code="lines = !echo hello\nlines[0]")
    assert result["local"]["value"]["text"] == ["'hello'"]


def test_what_another_thread_prints_is_not_the_codes(capsys: pytest.CaptureFixture[str]) -> None:
    context = Context({"started": threading.Event(), "go": threading.Event()})
    code = (
        "import threading\n"
        "other = threading.Thread(target=lambda: print('of the thread'))\n"
        "other.start(); other.join()\nprint('of the code')"
    )
    assert context.data("run_code", code=code)["output"] == ["of the code"]
    assert capsys.readouterr().out == "of the thread\n"


def test_a_withdrawal_and_an_interrupt_stop_it() -> None:
    before = signal.getsignal(signal.SIGINT)
    for stop in ("withdraw", "interrupt"):
        context = Context({})
        if stop == "withdraw":
            timer = threading.Timer(0.3, context.stop.set)
            context.user_ns["act"] = timer.start
        else:
            context.user_ns["act"] = lambda: signal.raise_signal(signal.SIGINT)
        code = "import time\ndone = 1\nact()\ntime.sleep(30)\ndone = 2"
        began = time.monotonic()
        result = context.run("run_code", code=code)
        assert time.monotonic() - began < 20 and result["data"]["status"] == "interrupted"
        assert context.user_ns["done"] == 1 and "has happened" in result["warnings"][0]
    assert signal.getsignal(signal.SIGINT) is before


def test_a_model_of_polars_frames_gets_one() -> None:
    frame = pl.DataFrame({"age": [20, 30, 40, 50], "fee": [1.0, 2.0, 3.0, 4.5], "plan": ["a", "b", "a", "b"]})
    context = Context({"frame": frame.with_columns(pl.col("plan").cast(pl.Enum(["a", "b"]))), "pl": pl})
    prepare = ColumnTransformer([("hot", OneHotEncoder(), ["plan"])], remainder="passthrough")
    context.user_ns["model"] = make_pipeline(prepare, Ridge())
    cell(context, "model.fit(frame, [1, 2, 3, 5])")
    made = context.run("propose_cell", kind="scoring_function", model_id="model")
    assert "pl.Enum(['a', 'b'])" in made["code"]
    namespace: dict[str, Any] = {"model": context.user_ns["model"]}
    exec(made["code"], namespace)
    answer = namespace["score_model"](age=35, fee=2.5, plan="b")
    direct = context.data("make_prediction", model_id="model", features={"age": 35, "fee": 2.5, "plan": "b"})
    assert answer["prediction"] == pytest.approx(direct["prediction"])
    script = context.run("propose_cell", kind="batch_script", model_id="model")["code"]
    made_of_it: dict[str, Any] = {"__name__": "score"}
    exec(script, made_of_it)
    scored = made_of_it["score"](context.user_ns["model"], frame)
    direct = context.user_ns["model"].predict(context.user_ns["frame"])
    assert scored.columns[:3] == frame.columns and scored["prediction"].to_list() == pytest.approx(direct.tolist())
