"""Files full of what must not leave, and a call of every tool that looks at files."""

from __future__ import annotations

import os
import pickle
from typing import Any

import joblib
from runtime.context import Context

MODELS = ("pipe", "forest", "small", "texts", "grid", "hist")


class Canary:
    """Carries a value in a place where a pickle keeps its arguments."""

    def __reduce__(self) -> Any:
        return os.system, ("echo CANARY-COMMAND 4111 1111 1111 1111",)


def write(context: Context) -> None:
    """Into the working folder."""
    frame = context.user_ns["df"]
    frame.to_csv("df.csv", index=False)
    frame.to_csv("bare.csv", index=False, header=False)
    frame.to_parquet("df.parquet")
    frame.to_json("df.jsonl", orient="records", lines=True)
    later = context.user_ns["later"].astype({"amount": object})
    later.loc[later.index[3], "amount"] = "CANARY-CELL"
    later.rename(columns={"plan": "Plan"}).to_csv("later.csv", index=False, sep=";")
    for model in MODELS:
        joblib.dump(context.user_ns[model], f"{model}.joblib")
    joblib.dump(context.user_ns["small"], "CANARY of Ann.joblib")
    with open("trap.pkl", "wb") as file:
        pickle.dump({"CANARY-KEY": Canary(), "note": frame["note"]}, file)


# Class names of a model whose training data is not known do leave: those with a rare class are not loaded here.
CALLS: list[tuple[str, dict[str, Any]]] = [
    ("list_model_files", {}),
    *[("inspect_model_file", {"path": f"{model}.joblib"}) for model in MODELS],
    ("inspect_model_file", {"path": "trap.pkl"}),
    ("inspect_model_file", {"path": "df.csv"}),
    ("load_model", {"path": "trap.pkl"}),
    *[("load_model", {"path": f"{model}.joblib", "name": f"{model}_again"}) for model in MODELS[2:]],
    *[("save_model", {"model_id": model}) for model in MODELS],
    *[("write_model_card", {"model_id": model}) for model in (*MODELS, "hist_again", "small_again")],
    *[
        ("validate_dataset_file", {"path": path})
        for path in ("df.csv", "bare.csv", "df.parquet", "df.jsonl", "later.csv")
    ],
    *[
        ("validate_dataset_file", {"path": path, "model_id": model})
        for path in ("df.csv", "bare.csv", "df.parquet", "df.jsonl", "later.csv")
        for model in ("pipe", "small", "hist")
    ],
    *[
        ("load_dataset", {"path": path, "name": path.replace(".", "_")})
        for path in ("df.csv", "bare.csv", "df.parquet")
    ],
]
