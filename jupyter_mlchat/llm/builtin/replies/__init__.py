"""What a tool found, in words. Every number comes from the result; every name passes through `markdown`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..markdown import code, escape, prose, value
from . import checking, data, explaining, files, measuring, models, prediction, system, working

Result = Mapping[str, Any]

_TEMPLATES = {
    "list_models": models.listing,
    "get_model_info": models.info,
    "get_feature_importance": models.importance,
    "delete_model": models.deletion,
    "make_prediction": prediction.prediction,
    "validate_features": prediction.validation,
    "suggest_inputs": explaining.suggestions,
    "explain_prediction": explaining.explanation,
    "what_if": explaining.what_if,
    "get_partial_dependence": explaining.dependence,
    "find_counterfactual": explaining.counterfactual,
    "find_similar_examples": explaining.similar,
    "evaluate_model": measuring.evaluation,
    "compare_models": measuring.comparison,
    "analyze_errors": measuring.mistakes,
    "check_fairness": measuring.fairness,
    "get_prediction_interval": measuring.interval,
    "get_threshold_curve": measuring.thresholds,
    "get_search_results": measuring.search,
    "check_drift": checking.drift,
    "check_leakage": checking.leakage,
    "check_freshness": checking.freshness,
    "list_dataframes": data.listing,
    "describe_dataframe": data.description,
    "list_model_files": files.listing,
    "inspect_model_file": files.inspection,
    "load_model": files.loaded_model,
    "save_model": files.saved,
    "write_model_card": files.card,
    "validate_dataset_file": files.checked_data,
    "load_dataset": files.loaded_data,
    "sample_rows": working.rows,
    "make_batch_prediction": working.batch,
    "cancel_job": working.told,
    "undo_last_change": working.told,
    "register_model": working.told,
    "read_notebook": working.notebook,
    "propose_cell": working.proposal,
    "run_code": working.ran,
    "get_running_cell": system.running_cell,
    "get_system_status": system.status,
    "get_upload_status": system.upload,
    "get_available_commands": system.commands,
}
_BESIDE = ("issues", "warnings", "fault", "truncated", "shortened", "code")


def reply(tool: str, args: Mapping[str, Any], result: Result) -> str:
    """Markdown for the result of one call; a plain listing for tools without a template (a user's own)."""
    fault = result.get("fault")
    if isinstance(fault, Mapping):
        said = " ".join(prose(fault[key]) for key in ("message", "hint") if fault.get(key))
        return "\n\n".join(filter(None, (said or "The tool failed without saying why.", _issues(result))))
    if set(result) == {"text"}:
        return escape(result["text"], 2_000)
    template = _TEMPLATES.get(tool)
    found = {key: item for key, item in result.items() if key not in _BESIDE}
    body = template(args, found) if template else plain(found)
    return "\n\n".join(filter(None, (_warnings(result), body, _issues(result), _truncated(result))))


def plain(found: Mapping[str, Any]) -> str:
    """A list of what the result holds, one line for each key."""
    lines = [f"- {escape(key)}: {value(item)[:500]}" for key, item in found.items()]
    return "\n".join(lines) or "Done; there is nothing to report."


def _issues(result: Result) -> str:
    lines = []
    for issue in result.get("issues") or ():
        where = f"{code(issue['column'])}: " if issue.get("column") else ""
        parts = [issue.get(key) for key in ("message", "suggestion", "model_behaviour")]
        lines.append(f"- {where}" + " ".join(prose(part) for part in parts if part))
    return "\n".join(lines)


def _warnings(result: Result) -> str:
    return "\n".join(f"Note: {prose(warning)}" for warning in result.get("warnings") or ())


def _truncated(result: Result) -> str:
    cut = result.get("truncated")
    if isinstance(cut, Mapping) and cut.get("shown") != cut.get("total"):
        return f"Shown are {value(cut.get('shown'))} of {value(cut.get('total'))}."
    return "The result was shortened: this is not all there is." if result.get("shortened") else ""
