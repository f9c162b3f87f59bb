"""The values that the answers of `binding_answers/` are filled with, taken from results or worked out of them."""

from __future__ import annotations

from typing import Any


def values(results: dict[str, Any], number: str, given: float, changed: float) -> dict[str, Any]:
    found: dict[str, Any] = {"num": number, "given": given, "changed": changed, "three": 3}
    for subject, read in _READERS.items():
        if subject in results:
            found.update(read(*results[subject].values()))
    return found


def _models(models: Any, frames: Any) -> dict[str, Any]:
    largest = max(frames["dataframes"], key=lambda frame: frame["rows"])
    names = [f"`{one['id']}`" for one in models["models"]]
    first = next(one for one in models["models"] if one["id"] == "logit")
    return {
        "total": models["total"],
        "model_names": f"{', '.join(names[:-1])} and {names[-1]}",
        "model": first["id"],
        "n_features": first["n_features"],
        "n_classes": first["n_classes"],
        "nframes": frames["total"],
        "frame": largest["id"],
        "rows": largest["rows"],
        "ncols": largest["columns"],
    }


def _evaluate(told: Any) -> dict[str, Any]:
    short = {"accuracy": "acc", "precision": "prec", "recall": "rec", "f1": "f1", "roc_auc": "auc"}
    short |= {"log_loss": "logloss", "brier": "brier", "balanced_accuracy": "bacc"}
    found: dict[str, Any] = {"n": told["n"], "data": told["data"], "base": told["baseline"]["accuracy"]}
    for metric, name in short.items():
        one = told["metrics"][metric]
        found |= {name: one["value"], f"{name}_low": one["low"], f"{name}_high": one["high"]}
    counts = told["confusion"]["counts"]
    right = sum(row[at] for at, row in enumerate(counts))
    gain = found["acc"] - found["base"]
    return {**found, "right": right, "wrong": told["n"] - right, "err": 1 - found["acc"], "gain": gain}


def _predict(told: Any) -> dict[str, Any]:
    p = told["confidence"]
    other = next(name for name in told["probability"] if name != told["prediction"])
    return {"cls": told["prediction"], "other": other, "p": p, "q": 1 - p, "p_tenths": round(10 * p)}


def _importance(told: Any) -> dict[str, Any]:
    imp = told["features"]
    first, second = imp[0]["importance"], imp[1]["importance"]
    return {
        "imp": imp,
        "n_imp": told["total"],
        "imp_ratio": first / second,
        "imp_sum": first + second,
        "imp_gap": first - second,
    }


def _describe(told: Any) -> dict[str, Any]:
    col = told["columns"][1]
    return {"col": col, "col_span": col["p99"] - col["p1"]}


def _what_if(told: Any) -> dict[str, Any]:
    before, after = told["before"]["probability"], told["after"]["probability"]
    return {"about": told["about"], "before": before, "after": after, "delta_abs": abs(told["delta"])}


def _explain(told: Any) -> dict[str, Any]:
    x = told["contributions"]
    sizes = {"x0_abs": abs(x[0]["contribution"]), "x1_abs": abs(x[1]["contribution"])}
    return {"x": x, "xbase": told["base"], "bg_rows": told["background"]["rows"], **sizes}


def _drift(told: Any) -> dict[str, Any]:
    first, second = told["features"][:2]
    moved = told["predictions"]
    return {
        "drifted": told["drifted"],
        "checked": told["columns"],
        "psi0": first["psi"],
        "drift0": first["feature"],
        "psi1": second["psi"],
        "drift1": second["feature"],
        "mean_before": moved["mean_before"],
        "mean_after": moved["mean_after"],
    }


def _compare(told: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"disagree": told["differences"][0]["disagree"]}
    for rank, one in enumerate(told["models"]):
        metrics = one["metrics"]
        found |= {f"m{rank}": one["model_id"], f"auc{rank}": metrics["roc_auc"], f"acc{rank}": metrics["accuracy"]}
        found[f"f1{rank}"] = metrics["f1"]
    return {**found, "auc_diff": found["auc0"] - found["auc1"]}


def _threshold(told: Any) -> dict[str, Any]:
    curve = told["curve"]
    return {"t0": curve[len(curve) // 3], "t1": curve[2 * len(curve) // 3]}


def _errors(told: Any) -> dict[str, Any]:
    return {"mean_loss": told["mean_loss"], "bad": told["worst_rows"][0]}


def _fairness(told: Any) -> dict[str, Any]:
    first, second = told["groups"][:2]
    return {"g0": first, "g1": second}


def _curve(told: Any) -> dict[str, Any]:
    return {"c0": told["curve"][0], "c1": told["curve"][-2], "bg_rows2": told["rows"]}


def _interval(told: Any) -> dict[str, Any]:
    low, high = told["low"], told["high"]
    return {"ipred": told["prediction"], "ilow": low, "ihigh": high, "iwidth": high - low}


_READERS = {
    "models": _models,
    "evaluate": _evaluate,
    "predict": _predict,
    "importance": _importance,
    "describe": _describe,
    "what_if": _what_if,
    "explain": _explain,
    "drift": _drift,
    "compare": _compare,
    "threshold": _threshold,
    "errors": _errors,
    "fairness": _fairness,
    "curve": _curve,
    "interval": _interval,
}
