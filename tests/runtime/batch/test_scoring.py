"""The chunk function: every row answered as it would be alone, and what is refused told by row and reason."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pandas as pd
import pytest
from runtime.context import Context
from runtime.people import NUMBERS, PEOPLE, logistic, outcome, people
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from jupyter_mlchat.runtime.batch import scoring
from jupyter_mlchat.runtime.batch.scoring import ANSWERED, Refuses, Scorer, score
from jupyter_mlchat.runtime.catalog import find_model
from jupyter_mlchat.runtime.signature import signature

PIPE = logistic().fit(PEOPLE, outcome(PEOPLE))


def scorer_of(model: Any, training: pd.DataFrame, **options: Any) -> Scorer:
    context: Any = Context({"model": model, "training": training}, {1: "model.fit(training, y)"})
    found = find_model(context, "model")
    return Scorer(found.model, found.adapter, signature(context, found), **options)


def reasons(scored: Any) -> dict[int, tuple[str, str]]:
    bad = np.flatnonzero(scored.codes != ANSWERED)
    return {int(row): scored.reasons[scored.codes[row] - 1] for row in bad}


def test_a_clean_chunk_is_asked_once_and_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    scorer = scorer_of(PIPE, PEOPLE, probabilities=True)
    asked: list[int] = []
    real = scorer.adapter.predict
    monkeypatch.setattr(
        type(scorer.adapter), "predict",
        lambda self, model, X, details: asked.append(len(X)) or real(model, X, details=details),
    )  # fmt: skip
    more = people(300)
    scored = score(scorer, more)
    assert asked == [300]
    assert (scored.labels == PIPE.predict(more)).all()
    assert np.allclose(scored.chances, PIPE.predict_proba(more))
    assert scored.rows == 300 and scored.reasons == () and scored.index is None


def test_refused_rows_are_told_apart_and_the_others_are_answered_as_ever() -> None:
    more = people(400)
    dirty = more.astype({"region": "object", "age": "float64"})
    dirty.loc[[7, 201], "region"] = "MARS"
    dirty.loc[[9], "age"] = np.inf
    scored = score(scorer_of(PIPE, PEOPLE), dirty)
    assert reasons(scored) == {
        7: ("unknown_category", "region"),
        201: ("unknown_category", "region"),
        9: ("type_error", "age"),
    }
    good = scored.codes == ANSWERED
    assert (scored.labels[good] == PIPE.predict(more)[good]).all()


def test_text_among_numbers_is_read_where_it_is_one_and_refused_where_it_is_not() -> None:
    model = HistGradientBoostingClassifier(max_iter=5, random_state=0).fit(NUMBERS, PEOPLE.vip)
    texts = NUMBERS.astype({"age": "str"})
    texts.loc[3, "age"] = "forty"
    scored = score(scorer_of(model, NUMBERS), texts)
    # This model takes missing values: without the mask it would answer for "forty" as for nothing.
    assert reasons(scored) == {3: ("type_error", "age")}
    assert (np.delete(scored.labels, 3) == np.delete(model.predict(NUMBERS), 3)).all()


def test_what_a_model_takes_is_not_refused_beside_what_it_does_not() -> None:
    """A missing fee is imputed; only the unknown region is refused."""
    dirty = people(50).astype({"region": "object"})
    dirty.loc[[1, 2, 3], "monthly fee"] = np.nan
    dirty.loc[2, "region"] = "MARS"
    assert reasons(score(scorer_of(PIPE, PEOPLE), dirty)) == {2: ("unknown_category", "region")}


def test_rows_that_only_the_model_refuses_are_found_by_halving() -> None:
    def strict(X: Any) -> Any:
        if (np.asarray(X)[:, 0] == 66).any():
            raise ValueError("66 is not a number I like")
        return X

    model = make_pipeline(FunctionTransformer(strict), LogisticRegression())
    training = NUMBERS[NUMBERS.age != 66]
    model.fit(training, training.age > 40)
    more = NUMBERS.assign(age=np.where(np.arange(len(NUMBERS)) % 120 == 5, 66, 30))
    scored = score(scorer_of(model, training), more)
    assert reasons(scored) == {5: ("model_error", ""), 125: ("model_error", "")}


def test_a_model_that_refuses_everything_for_no_seen_reason_ends_the_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(X: Any) -> Any:
        raise ValueError("no")

    model = make_pipeline(FunctionTransformer(), LinearRegression()).fit(NUMBERS, NUMBERS.age)
    model.steps[0][1].func = never
    monkeypatch.setattr(scoring, "MAX_ASKS", 20)
    with pytest.raises(Refuses) as raised:
        score(scorer_of(model, NUMBERS), NUMBERS)
    assert pickle.loads(pickle.dumps(raised.value)).args == ("ValueError", "")


def test_an_answer_that_is_no_number_is_no_answer() -> None:
    model = LinearRegression().fit(NUMBERS, NUMBERS.age)
    model.coef_ = np.array([1.0, np.nan, 0.0])
    zero = NUMBERS.head(3)
    assert set(reasons(score(scorer_of(model, NUMBERS), zero)).values()) == {("no_prediction", "")}


def test_a_scorer_travels() -> None:
    scorer = pickle.loads(pickle.dumps(scorer_of(PIPE, PEOPLE)))
    assert (score(scorer, PEOPLE).labels == PIPE.predict(PEOPLE)).all()


@pytest.mark.parametrize("size", [1, 7, 64, 239, 240])
def test_chunks_together_are_the_whole(size: int) -> None:
    dirty = PEOPLE.astype({"region": "object"})
    dirty.loc[[0, 63, 64, 239], "region"] = "MARS"
    scorer = scorer_of(PIPE, PEOPLE)
    whole = score(scorer, dirty)
    parts = [score(scorer, dirty.iloc[start : start + size]) for start in range(0, len(dirty), size)]
    bad = np.concatenate([part.codes != ANSWERED for part in parts])
    assert (bad == (whole.codes != ANSWERED)).all()
    labels = [label for part in parts for label, code in zip(part.labels, part.codes, strict=True) if code == ANSWERED]
    assert labels == whole.labels[whole.codes == ANSWERED].tolist()
