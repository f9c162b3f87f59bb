"""The alert rules speak of figures that there are."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

import jupyter_mlchat
from jupyter_mlchat.observe.metrics import Metrics

FILE = Path(jupyter_mlchat.__file__).parent / "observe" / "alerts.yml"
GROUPS = yaml.safe_load(FILE.read_text())["groups"]
RULES: list[dict[str, Any]] = [rule for group in GROUPS for rule in group["rules"]]
SUFFIXES = {"counter": ("_total",), "histogram": ("_bucket", "_count", "_sum"), "gauge": ("",)}


def known() -> dict[str, set[str]]:
    """Every series by its name, and the labels it has."""
    metrics = Metrics()
    wrappers = {w._name: set(w._labelnames) for w in vars(metrics).values() if hasattr(w, "_labelnames")}
    families = {family.name: family.type for family in metrics.collect()}
    found = {}
    for name, labels in wrappers.items():
        kind = families[name]
        found |= {name + suffix: labels | ({"le"} if kind == "histogram" else set()) for suffix in SUFFIXES[kind]}
    return found


def test_there_is_one_for_each_of_the_five_things_that_go_wrong() -> None:
    assert {rule["alert"].removeprefix("MLChat") for rule in RULES} == {
        "ErrorRate", "SocketFailures", "ProviderFailing", "Failover", "Degraded",
    }  # fmt: skip


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_a_rule_is_whole_and_its_series_and_labels_exist(rule: dict[str, Any]) -> None:
    assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
    assert rule["labels"]["severity"] in ("warning", "critical")
    assert {"summary", "action"} == set(rule["annotations"])
    assert re.fullmatch(r"\d+[smh]", rule.get("for", "0s"))
    expression, series = rule["expr"], known()
    assert expression.count("(") == expression.count(")") and expression.count("{") == expression.count("}")
    named = re.findall(r"(mlchat_\w+)(?:\{([^}]*)\})?", expression)
    assert named
    for name, matchers in named:
        assert name in series, name
        assert set(re.findall(r"(\w+)[=!]~?\"", matchers)) <= series[name], name
    kept = {label for labels in re.findall(r"by \(([^)]*)\)", expression) for label in labels.split(", ")}
    assert kept <= set().union(*(series[name] for name, _ in named)) | {"instance"}
    told = re.findall(r"\$labels\.(\w+)", rule["annotations"]["summary"])
    assert set(told) <= kept


def test_what_the_advice_of_a_rule_names_exists() -> None:
    series = known()
    for rule in RULES:
        for name in re.findall(r"mlchat_\w+", rule["annotations"]["action"]):
            assert name in series, name
