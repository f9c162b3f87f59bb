"""A script of its own that scores a file: it loads the saved model, asks it, and writes a parquet file."""

from __future__ import annotations

import re

from .. import peek
from ..catalog import Found
from ..evidence import evidence_of
from ..signature import Signature
from ..toolbox import Local, Outcome, ToolContext, ToolError
from .writing import Call, call_of, casts_of, imports_of, needed


def script(ctx: ToolContext, found: Found, sig: Signature) -> Outcome:
    """Raises ToolError `unsupported` for a model that a script can't load, or that is asked in another way."""
    if found.adapter.user_code(found.model):
        raise ToolError(
            "unsupported",
            f"`{found.ref}` holds code of this notebook, which a script does not have.",
            "Put that code into a module that both import, then ask again.",
            about=found.ref,
        )
    polars = sig.engine == "polars" and sig.container == "frame"
    call = call_of(found, sig, "model")
    names = [column.name for column in needed(sig)]
    score = [
        '"""`table` with a column `prediction`, and one with the probability of each class."""',
        *_inputs(ctx, sig, names),
        "scored = table" if polars else "scored = table.copy()",
        *_columns(sig, call, polars=polars),
        "return scored",
    ]
    load, opener = _load(found)
    parts = [
        "def load(path):", *_indented(load), "", "",
        "def read(path):", *_indented(_READ_POLARS if polars else _READ), "", "",
        "def score(model, table):", *_indented(score), "", "",
        "def main():", *_indented(_MAIN_POLARS if polars else _MAIN), "", "",
        'if __name__ == "__main__":', "    main()", "",
    ]  # fmt: skip
    body = "\n".join(parts)
    head = f'"""Score a file with `{found.ref}`: python score.py MODEL INPUT.parquet OUTPUT.parquet"""'
    code = "\n".join(
        [head, "", "import argparse", "", *imports_of(body), *opener, "", f"COLUMNS = {names!r}", "", "", body]
    )
    data = {
        "kind": "batch_script",
        "model_id": found.ref,
        "arguments": ["MODEL", "INPUT (.parquet or .csv)", "OUTPUT (.parquet)"],
        "n_columns": len(names),
        "columns": [name[:80] for name in names[:60]],
        "probability": bool(call.chances),
        "code": Local(code),
    }
    return Outcome(
        data, evidence=evidence_of(found, sig), shown=min(60, len(names)), total=len(names),
        code=code, revision=found.revision,
    )  # fmt: skip


_READ = [
    'return pd.read_csv(path) if path.endswith(".csv") else pd.read_parquet(path)',
]
_READ_POLARS = [
    'return pl.read_csv(path) if path.endswith(".csv") else pl.read_parquet(path)',
]
_MAIN = [
    "parser = argparse.ArgumentParser(description=__doc__)",
    'parser.add_argument("model", help="the saved model")',
    'parser.add_argument("input", help="a .parquet or .csv file of rows")',
    'parser.add_argument("output", help="the .parquet file to write")',
    "given = parser.parse_args()",
    "table = read(given.input)",
    "score(load(given.model), table).to_parquet(given.output)",
    'print(f"{len(table):,} rows were scored.")',
]
_MAIN_POLARS = [line.replace("to_parquet", "write_parquet") for line in _MAIN]


_OWN_FILES = {
    "pytorch": 'torch.load(path, map_location="cpu", weights_only=False)',
    "keras": "keras.saving.load_model(path, compile=False)",
    "onnxruntime": 'onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])',
    "transformers": "transformers.pipeline({task}, model=path)",
}
"""How files are loaded that the library itself saved: `torch.save(net)`, `.keras`, `.onnx`, `save_pretrained`."""


def _load(found: Found) -> tuple[list[str], list[str]]:
    """Lines of `load`, and the imports that only they need."""
    said = '"""Open only files that you trust: loading one can run code."""'
    if peek.is_a(found.model, "xgboost.core.Booster"):
        return ["model = xgboost.Booster()", "model.load_model(path)", "return model"], []
    if peek.is_a(found.model, "lightgbm.basic.Booster"):
        return ["return lightgbm.Booster(model_file=path)"], []
    special = _OWN_FILES.get(found.adapter.family)
    if special is not None:
        task = peek.attribute(found.model, "task")
        return [said, f"return {special.format(task=repr(str(task)))}"], []
    if peek.library("joblib") is not None:
        return [said, "return joblib.load(path)"], []
    return [said, 'with open(path, "rb") as file:', "    return pickle.load(file)"], ["import pickle"]


def _inputs(ctx: ToolContext, sig: Signature, names: list[str]) -> list[str]:
    if sig.container == "text":
        return [*_CHECK, "X = table[COLUMNS[0]].astype(str).tolist()"]
    if sig.container == "array" and all(re.fullmatch(r"x\d+", name) for name in names):
        # Such names are ours: the model only knows the places of its columns.
        return [f"X = table.iloc[:, :{len(names)}].to_numpy()"]
    if sig.container == "array":
        return [*_CHECK, "X = table[COLUMNS].to_numpy()"]
    chosen = "X = table.select(COLUMNS)" if sig.engine == "polars" else "X = table[COLUMNS]"
    return [*_CHECK, chosen, *casts_of(ctx, sig, needed(sig), "X")]


_CHECK = [
    "missing = [name for name in COLUMNS if name not in table.columns]",
    "if missing:",
    '    raise SystemExit(f"The input lacks the columns {missing}.")',
]


def _columns(sig: Signature, call: Call, *, polars: bool) -> list[str]:
    """Lines that put the answers for `X` beside the rows."""
    added = "scored = scored.with_columns(pl.Series({name}, {value}))" if polars else "scored[{name}] = {value}"
    prediction = added.format(name='"prediction"', value="{value}")
    told = [
        f"told = np.asarray({call.told.format(X='X')}).reshape(len(table), -1)",
        prediction.format(value="told[:, 0] if told.shape[1] == 1 else told.tolist()"),
    ]
    if not call.chances:
        return told
    labels = list(sig.classes[0]) if sig.classes else None
    shown = sig.class_names or labels
    if call.by_chances:
        place = (
            "chances.argmax(axis=1)" if sig.threshold is None else f"(chances[:, 1] >= {sig.threshold!r}).astype(int)"
        )
        told = [prediction.format(value=place if labels is None else f"np.array({labels!r})[{place}]")]
    classes = "range(chances.shape[1])" if shown is None else repr(list(map(str, shown)))
    return [
        f"chances = np.asarray({call.chances.format(X='X')})",
        *told,
        f"for place, name in enumerate({classes}):",
        "    " + added.format(name='f"probability_{name}"', value="chances[:, place]"),
    ]


def _indented(lines: list[str]) -> list[str]:
    return [f"    {line}" for line in lines if line]
