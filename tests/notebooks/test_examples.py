"""The example notebooks, run through nbclient: each answer tells what plain code in the same kernel computes."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell

FOLDER = Path(__file__).resolve().parent.parent.parent / "examples" / "notebooks"
SETTLED = "answered by the built-in engine"
GOES_ON = {"`%chat fill": "%chat fill ", "`%chat approve`": "%chat approve"}
"""An answer that isn't the last word says one of these; the next chat cell begins with what stands beside it."""

TRUTH = """
import json
import numpy as np
import pandas as pd

def written(value):
    return value if isinstance(value, str) else f"{value:.4g}"

def losses():
    return 1 - rf.predict_proba(X_test)[np.arange(len(X_test)), rf.classes_.searchsorted(y_test)]

def cost(cut):
    ill, alarm = (y_test == "malignant").to_numpy(), rf.predict_proba(X_test)[:, 1] > cut - 1e-9
    return 10 * (ill & ~alarm).sum() + (~ill & alarm).sum()

def with_share(row):
    return f"**{forest.predict(row)[0]}** (probability {forest.predict_proba(row).max():.2f})"
"""

FLOWER = "pipe.predict(pd.DataFrame([dict(sepal_length={}, sepal_width={}, petal_length={}, species={!r})]))[0]"
SCORED = "ridge.predict(arrivals.dropna())"
CELLAR = "12 * sum({}[seen] for seen in forest.predict(X_test))"
OLD_PRICES = {"class_0": 18.0, "class_1": 9.0, "class_2": 12.0}
EXPERT = "rule.predict(X_test[['proline', 'color_intensity']].iloc[[3]]{})[0]"

TOLD = {
    "predict_and_forms": [
        "[pipe.predict(X_test.iloc[[3]])[0]]",
        f"[{FLOWER.format(6.1, 2.9, 4.5, 'versicolor')}]",
        "[f'{X_train[name].min():g} to {X_train[name].max():g}' for name in ('sepal_length', 'sepal_width')]",
        f"[{FLOWER.format(5.1, 3.5, 1.4, 'setosa')}]",
        "[*X_train.columns, ', '.join(sorted(X_train['species'].unique()))]",
        f"[{FLOWER.format(6.5, 3, 5.2, 'virginica')}]",
        "['not valid', 'sepal_width', ', '.join(sorted(X_train['species'].unique()))]",
        "[pipe.predict(X_test).mean(), np.median(pipe.predict(X_test)), f'{len(X_test)} rows']",
    ],
    "explain_and_what_if": [
        "[X_train.columns[forest.feature_importances_.argmax()], *forest.feature_importances_]",
        "[forest.predict(X_test.iloc[[3]])[0], *X_test.iloc[3]]",
        "[forest.predict(doubled)[0], 'flips', written((forest.predict_proba(doubled)"
        " - forest.predict_proba(X_test.iloc[[3]]))[0, forest.classes_ == 'setosa'][0])]",
        "[with_share(X_test.iloc[[3]].assign(petal_length=2.7))]",
        "[forest.predict_proba(X_train.assign(petal_length=cut))[:, 2].mean() for cut in (1.2, 6.7)]",
        "[ridge.predict(patients.iloc[[0]])[0]]",
        "[ridge.predict(patients.iloc[[0]].assign(bmi=25.0))[0],"
        " (ridge.predict(patients.iloc[[0]].assign(bmi=25.0)) - ridge.predict(patients.iloc[[0]]))[0]]",
    ],
    "compare_and_errors": [
        "[rf.score(X_test, y_test), logreg.score(X_test, y_test),"
        " f'{(rf.predict(X_test) != logreg.predict(X_test)).mean():.1%}']",
        "[logreg.score(X_test, y_test), *(f'| true {name} | {row[0]} | {row[1]} |' for name, row in"
        " zip(logreg.classes_, confusion_matrix(y_test, logreg.predict(X_test))))]",
        "[losses().mean(), f'| {losses().argmax()} |']",
        "[f'a cost of {min(cost(cut) for cut in np.arange(1, 20) / 20)}']",
        "[rf.predict(X_test.iloc[[3]])[0], f'{len(X_test)} held-out rows']",
        "['No sign of leakage', f'{X_train.shape[1]} inputs']",
        "[rf.predict_proba(part)[:, 1].mean() for part in (X_train, X_test)]"
        " + list((X_test.mean() - X_train.mean()) / X_train.std(ddof=0))",
    ],
    "batch": [
        "['make_batch_prediction', 'scores']",
        f"[{SCORED}.mean(), f'{{len(arrivals)}} rows', f'bmi {{arrivals.bmi.isna().sum()}}']",
        f"[{SCORED}.mean(), {SCORED}.std(ddof=1)]",
        "['make_batch_prediction', 'predicted.parquet']",
        f"[{SCORED}.mean(), predicted['prediction'].mean(), f'{{len(predicted)}} rows']",
        "['undo_last_change']",
        "['`scores` is still there' if 'scores' in globals() else '`scores` is gone']",
    ],
    "your_own_tools": [
        f"[{CELLAR.format(OLD_PRICES)}]",
        "['set_price', '`10.5`']",
        "[prices['class_1']]",
        f"[{CELLAR.format('prices')}]",
        "['proline', 'color_intensity', f'{X_train.proline.min():g} to {X_train.proline.max():g}']",
        f"[{EXPERT.format('')}]",
        f"[{EXPERT.format('.assign(proline=600)')}]",
        "[forest.score(X_test, y_test), (rule.predict(X_test[['proline', 'color_intensity']]) == y_test).mean()]",
    ],
}


@pytest.mark.timeout(240)
@pytest.mark.parametrize("name", TOLD)
def test_each_answer_tells_what_plain_code_computes(name: str, tmp_path: Path) -> None:
    notebook = nbformat.read(FOLDER / f"{name}.ipynb", 4)
    truth = f"{TRUTH}\nprint(json.dumps([[written(one) for one in told] for told in [{', '.join(TOLD[name])}]]))"
    notebook.cells.insert(0, new_code_cell("%load_ext jupyter_mlchat"))
    notebook.cells.append(new_code_cell(truth))
    where = {"metadata": {"path": str(tmp_path)}}
    NotebookClient(notebook, timeout=120, kernel_name="python3", resources=where).execute()
    chats = [(cell.source, said(cell)) for cell in notebook.cells if cell.source.startswith(("%%chat", "%chat"))]
    expected = json.loads(notebook.cells[-1].outputs[0].text)
    for (question, answer), parts in zip(chats, expected, strict=True):
        for part in parts:
            assert stands_in(part, answer), (question, part, answer)
    for (question, answer), (after, _) in zip(chats, [*chats[1:], ("", "")], strict=True):
        assert "%chat choose" not in answer, (question, answer)
        if SETTLED not in answer:
            [goes_on] = [begins for mark, begins in GOES_ON.items() if mark in answer]
            assert after.startswith(goes_on), (question, answer)


def test_the_examples_are_committed_clean() -> None:
    found = sorted(FOLDER.glob("*.ipynb"))
    assert {path.stem for path in found} == {*TOLD, "quickstart"}
    for path in found:
        notebook = nbformat.read(path, 4)
        nbformat.validate(notebook)
        assert notebook.metadata.kernelspec.name == "python3"
        cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
        assert not any(cell.outputs or cell.execution_count for cell in cells), path.name
        assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)


def said(cell: Any) -> str:
    output, *figures = cell.outputs
    assert output.output_type == "display_data", cell.source
    assert all("image/png" in figure.data for figure in figures), cell.source
    text: str = output.data["text/plain"]
    return text


def stands_in(part: str, answer: str) -> bool:
    """Whether it is there as a whole: 0.8 is not in 0.8375."""
    return re.search(rf"(?<![\w.]){re.escape(part)}(?!\.?\w)", answer) is not None
