"""Every measure beside scikit-learn's, with and without weights."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics

from jupyter_mlchat.runtime.evaluating import scores

RNG = np.random.default_rng(5)
N = 400
WEIGHTS = [np.ones(N), np.bincount(RNG.integers(0, N, N), minlength=N).astype(float)]


@pytest.mark.parametrize("w", WEIGHTS, ids=["plain", "weighted"])
def test_two_classes(w: np.ndarray) -> None:
    truth = RNG.integers(0, 2, N)
    second = np.clip(0.5 * truth + RNG.random(N) * 0.7, 0, 1).round(2)
    chances = np.column_stack([1 - second, second])
    said = (second > 0.5).astype(int)
    found = {name: measure(w) for name, measure in scores.of_classes(truth, said, [0, 1], chances, None).items()}
    assert found == pytest.approx(
        {
            "accuracy": metrics.accuracy_score(truth, said, sample_weight=w),
            "balanced_accuracy": metrics.balanced_accuracy_score(truth, said, sample_weight=w),
            "precision": metrics.precision_score(truth, said, sample_weight=w),
            "recall": metrics.recall_score(truth, said, sample_weight=w),
            "f1": metrics.f1_score(truth, said, sample_weight=w),
            "roc_auc": metrics.roc_auc_score(truth, second, sample_weight=w),
            "average_precision": metrics.average_precision_score(truth, second, sample_weight=w),
            "log_loss": metrics.log_loss(truth, np.clip(chances, 1e-15, 1), sample_weight=w),
            "brier": metrics.brier_score_loss(truth, second, sample_weight=w),
        },
        rel=1e-6,
    )


@pytest.mark.parametrize("w", WEIGHTS, ids=["plain", "weighted"])
def test_several_classes(w: np.ndarray) -> None:
    truth = RNG.integers(0, 3, N)
    chances = RNG.dirichlet(np.ones(3), N) + np.eye(3)[truth] * 0.3
    chances /= chances.sum(axis=1, keepdims=True)
    said = chances.argmax(axis=1)
    found = {name: measure(w) for name, measure in scores.of_classes(truth, said, [0, 1, 2], chances, None).items()}
    assert found["f1_macro"] == pytest.approx(metrics.f1_score(truth, said, average="macro", sample_weight=w))
    wanted = metrics.roc_auc_score(truth, chances, multi_class="ovr", sample_weight=w)
    assert found["roc_auc_ovr"] == pytest.approx(wanted)
    assert found["log_loss"] == pytest.approx(metrics.log_loss(truth, chances, sample_weight=w))


@pytest.mark.parametrize("w", WEIGHTS, ids=["plain", "weighted"])
def test_numbers(w: np.ndarray) -> None:
    truth = RNG.normal(size=N)
    said = truth + RNG.normal(size=N)
    found = {name: measure(w) for name, measure in scores.of_numbers(truth, said).items()}
    assert found == pytest.approx(
        {
            "r2": metrics.r2_score(truth, said, sample_weight=w),
            "rmse": metrics.root_mean_squared_error(truth, said, sample_weight=w),
            "mae": metrics.mean_absolute_error(truth, said, sample_weight=w),
            "bias": np.average(said - truth, weights=w),
        }
    )


def test_what_cannot_be_measured_is_nan() -> None:
    one = np.zeros(20, dtype=int)
    found = scores.of_classes(one, one, [0, 1], None, np.arange(20.0))
    assert np.isnan(found["roc_auc"](np.ones(20))) and np.isnan(found["recall"](np.ones(20)))


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    held = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        truth = np.zeros(150)
        said = rng.normal(0.3, 1, 150)
        low, high = scores.intervals(scores.of_numbers(truth, said), 150)["bias"]
        held += low <= 0.3 <= high
    assert 51 <= held <= 60
