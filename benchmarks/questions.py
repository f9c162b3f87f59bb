"""The built-in engine on a file of questions that others wrote: `make bench-builtin QUESTIONS=FILE`.

A line has `question` and either `action`, `tool`, `args` and `namespace` (then `namespaces.py` beside the file has
`catalogue_of(name)`), or `intents`, any of which is a right reading, about one credit model and one frame.
"""

from __future__ import annotations

import importlib.util
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jupyter_mlchat.llm.builtin import ranker

from .builtin import Heard, hear
from .table import p, show

TOOLS: dict[str, tuple[str, ...]] = {
    "list_models": ("list_models",),
    "model_info": ("get_model_info",),
    "model_features": ("get_model_info",),
    "model_params": ("get_model_info",),
    "example_input": ("suggest_inputs",),
    "validate_input": ("validate_features",),
    "predict": ("make_prediction",),
    "predict_batch": ("make_prediction", "make_batch_prediction"),
    "explain_prediction": ("explain_prediction",),
    "feature_importance": ("get_feature_importance",),
    "what_if": ("what_if",),
    "evaluate_model": ("evaluate_model",),
    "confusion_matrix": ("evaluate_model",),
    "compare_models": ("compare_models",),
    "list_dataframes": ("list_dataframes",),
    "describe_dataframe": ("describe_dataframe",),
    "show_rows": ("sample_rows",),
    "missing_values": ("describe_dataframe",),
    "column_stats": ("describe_dataframe",),
    "correlations": ("describe_dataframe",),
    "list_variables": ("list_models", "list_dataframes", "read_notebook"),
    "delete_variable": ("delete_model",),
    "save_model": ("save_model",),
    "load_model": ("load_model",),
    "system_info": ("get_system_status",),
    "help": ("get_available_commands",),
    "evaluate": ("evaluate_model",),
    "show_mistakes": ("analyze_errors",),
    "counterfactual": ("find_counterfactual",),
    "explain": ("explain_prediction",),
    "importance": ("get_feature_importance",),
    "predict_dataframe": ("make_prediction", "make_batch_prediction"),
    "similar": ("find_similar_examples",),
}
"""Names of tools in such files, to ours."""
ARGUMENTS = {"model": "model_id", "data": "data", "name": "model_id", "path": "path"}
CREDIT = ["age", "loan_amount", "loan_duration", "loan_rate", "number_of_loans", "gender", "unemployed", "single"]
CREDIT += ["foreign_worker", "owns_house", "missed_payments", "has_coapplicant"]


def main(path: Path) -> None:
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    ranker.load_ranker()
    said: dict[str, Counter[str]] = {}
    times: dict[str, list[float]] = {}
    for line, catalogue in _asked(lines, path):
        began = time.process_time()
        heard = hear([], line["question"], catalogue)
        apart = {"condition", "groupby"} & set(line.get("tags") or ()) or line.get("kind") in ("row", "subset")
        group = f"{line.get('split', 'crowd')}{', conditions' if apart else ''}"
        times.setdefault(group, []).append(1e3 * (time.process_time() - began))
        said.setdefault(group, Counter())[_verdict(line, heard)] += 1
    rows = []
    for group, counts in sorted(said.items()):
        ours = sum(counts[one] for one in ("right", "offered", "wrong call", "not understood")) or 1
        shares = [counts[one] / ours for one in ("right", "offered", "wrong call")]
        outside = counts["declined"] + counts["call to decline"]
        rows.append((group, ours, *shares, counts["asked"], counts["called at once"], outside,
                     counts["call to decline"], counts["wrong deletion"], p(times[group], 95)))  # fmt: skip
    head = ("part", "to answer", "right at once", "offered", "wrong calls", "asked rightly", "not asked",
            "out of scope", "called there", "wrong deletions", "p95 CPU ms")  # fmt: skip
    show(head, rows)


def _asked(lines: list[dict[str, Any]], path: Path) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    if "intents" in lines[0]:
        card = _model("model", {"cls": "RandomForestClassifier", "features": CREDIT, "kind": "classifier"})
        one = {"models": [card], "frames": [_frame("data", {"columns": [*CREDIT, "good_credit"]})], "others": {}}
        yield from ((line, one) for line in lines)
        return
    spec = importlib.util.spec_from_file_location("namespaces_of_the_questions", path.with_name("namespaces.py"))
    if spec is None or spec.loader is None:
        raise SystemExit(f"There is no namespaces.py beside {path.name}.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    known: dict[str, dict[str, Any]] = {}
    for line in lines:
        name = line["namespace"]
        known[name] = known.get(name) or _catalogue(module.catalogue_of(name))
        yield line, known[name]


def _catalogue(told: dict[str, Any]) -> dict[str, Any]:
    return {
        "models": [_model(ref, card) for ref, card in told["models"].items()],
        "frames": [_frame(ref, card) for ref, card in told["frames"].items() if not card.get("series")],
        "others": {**told["others"], **{ref: "Series" for ref, card in told["frames"].items() if card.get("series")}},
    }


def _model(ref: str, card: dict[str, Any]) -> dict[str, Any]:
    task = "regression" if str(card.get("kind")).startswith("regress") else "classification"
    return {"ref": ref, "aliases": [], "class_name": card["cls"], "estimator": card.get("est") or card["cls"],
            "task": task, "fitted": card.get("fitted", True), "features": card["features"],
            "categories": card.get("cats") or {}}  # fmt: skip


def _frame(ref: str, card: dict[str, Any]) -> dict[str, Any]:
    columns = [str(column) for column in card["columns"]]
    return {"ref": ref, "class_name": "DataFrame", "shape": [card.get("rows", 100), len(columns)], "columns": columns,
            "dtypes": []}  # fmt: skip


def _verdict(line: dict[str, Any], heard: Heard) -> str:
    names = line.get("intents") or [line.get("tool")]
    meant = {ours for name in names if name for ours in TOOLS.get(name, (name,))}
    name, args = heard.calls[0] if heard.calls else ("", {})
    action = line.get("action", "call")
    exact = name in meant and len(heard.calls) == 1 and _same(line.get("args") or {}, args)
    if name == "delete_model" and not (action == "call" and exact):
        return "wrong deletion"
    if action == "none":
        return "call to decline" if name else "declined"
    if action == "ask":
        return "called at once" if name else "asked"
    if name:
        return "right" if exact else "wrong call"
    return "offered" if meant & set(heard.offers[:3]) else "not understood"


def _same(wanted: dict[str, Any], args: dict[str, Any]) -> bool:
    """Whether the names that both ways of writing share are the same; a row's values are compared too."""
    for name, ours in ARGUMENTS.items():
        if name in wanted and ours in args and str(wanted[name]) != str(args[ours]):
            return False
    values, features = wanted.get("values"), args.get("features")
    if isinstance(values, dict) and isinstance(features, dict):
        return {k: str(v).lower() for k, v in values.items()} == {k: str(v).lower() for k, v in features.items()}
    return set(map(str, wanted.get("models") or ())) <= set(map(str, args.get("models") or ()))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
