"""Models on disk: which there are, what loading one would do, loading, saving, and a card of facts."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from datetime import datetime, timezone
from typing import Any

from .. import budget, changing, peek
from ..catalog import catalog_of, find_model
from ..evidence import evidence_of
from ..files import card, finding, handles, inspection, loading, origins, places, registries, saving, sidecar, versions
from ..files.inspection import Inspection
from ..signature import signature
from ..toolbox import Local, Outcome, ToolContext, ToolError, tool
from ..wire import EvidenceDict, IssueDict

_LISTED = 30


@tool(guidance="When a model may be on disk rather than in the notebook.", example="which model files are there?")
def list_model_files(ctx: ToolContext, folder: str = ".") -> Outcome:
    """List the files of saved models below a folder, with their format, size and when each was changed.

    The person sees their names. To you a handle such as `file-1a2b3c4d` stands for each, also as `path` of other tools.

    Args:
        folder: Where to look; without it the notebook's own folder.
    """
    root = places.full(folder)
    found = finding.search(root)
    newest = sorted(found.files, key=lambda one: -one[1].changed)
    cards = budget.fitting(
        (
            {"file": Local(places.told(name), public=handles.handle_of(ctx.state, os.path.join(root, name))),
             "kind": one.kind, "compression": one.compression or None, "bytes": one.size, "changed": _when(one.changed)}
            for name, one in newest
        ),
        6_500,
    )  # fmt: skip
    warnings = [] if found.whole else ["The search ended at its limit: name a folder further in to see more."]
    if found.unreadable:
        warnings.append(f"{found.unreadable:,} files or folders could not be opened.")
    return Outcome(
        {"folder": places.told(folder), "files": cards, "total": len(newest), "whole": found.whole,
         "registered": budget.fitting(_registered(found.registered), 800)},
        warnings=warnings,
        evidence=[_about(places.told(folder), "folder")],
        shown=len(cards),
        total=len(newest),
        code=_LISTING.format(folder=places.written(folder)),
    )  # fmt: skip


def _registered(versions: list[registries.Version]) -> list[dict[str, Any]]:
    """By name, with how the newest is loaded; without that where its files are elsewhere."""
    by_name: dict[str, list[registries.Version]] = {}
    for one in versions:
        by_name.setdefault(one.name, []).append(one)
    cards = []
    for name, known in by_name.items():
        card: dict[str, Any] = {"name": places.told(name), "versions": len(known)}
        if known[-1].folder:
            card["newest"] = f"{registries.PREFIX}{places.told(name)}/{known[-1].number}"
        aliases = [f"{places.told(alias)} = {one.number}" for one in known for alias in one.aliases]
        cards.append({**card, **({"aliases": aliases[:8]} if aliases else {})})
    return cards


_LISTING = """from pathlib import Path
suffixes = {{".pkl", ".joblib", ".skops", ".ubj", ".json", ".txt", ".cbm", ".keras", ".pt", ".safetensors", ".onnx"}}
sorted(str(p.relative_to({folder!r})) for p in Path({folder!r}).rglob("*") if p.suffix in suffixes)"""


@tool(guidance="Always before loading a file that somebody else made.", example="is model.pkl safe to load?")
def inspect_model_file(ctx: ToolContext, path: str) -> Outcome:
    """Tell what is in the file of a model and what loading it would run, without loading it.

    Args:
        path: The file, as `list_model_files` shows it; of a registry of MLflow `models:/name/1`.
    """
    told = inspection.inspect_file(_full(path), ctx.names())
    name = _told(path)
    warnings = []
    if told.verdict == "dangerous":
        warnings.append(f"Do not load `{name}` unless you trust who made it: {'; '.join(told.reasons[:3])}.")
    elif told.verdict == "unknown_imports":
        shown = ", ".join([*told.unknown, *told.reasons][:4])
        warnings.append(f"Loading `{name}` runs what is not known here: {shown}.")
    if not told.complete:
        warnings.append("It was not read to its end.")
    return Outcome(
        {"file": name, **_described(told)},
        issues=_mismatches(told),
        warnings=warnings,
        evidence=[_about(name, "file")],
        shown=min(40, len(told.imports)),
        total=len(told.imports),
        code=_inspecting(_written(path), told),
    )


def _described(told: Inspection) -> dict[str, Any]:
    sniffed = told.sniffed
    imports = [places.told(f"{module}.{name}") for module, name in told.imports[:40]]
    return {
        "kind": sniffed.kind,
        "compression": sniffed.compression or None,
        "bytes": sniffed.size,
        "changed": _when(sniffed.changed),
        "verdict": told.verdict,
        "reasons": budget.fitting(told.reasons, 1_200),
        "holds": told.holds,
        "dangerous": budget.fitting(told.dangerous, 900),
        "unknown": budget.fitting(told.unknown, 900),
        "imports": budget.fitting(imports, 1_800),
        "calls": budget.fitting_dict(told.calls, 600),
        "versions": [
            {"library": one.library, "inside": one.inside, "installed": one.installed, "differs": one.differs,
             "pip": one.pip if one.differs or one.installed is None else None}
            for one in told.versions[:6]
        ],
        "missing": budget.fitting(map(places.told, told.missing), 400),
        "undefined": budget.fitting(map(places.told, told.undefined), 400),
        "facts": told.facts,
        "complete": told.complete,
    }  # fmt: skip


def _mismatches(told: Inspection) -> list[IssueDict]:
    return [
        {
            "code": "version_mismatch",
            "message": f"It was saved with {one.library} {one.inside}; here is {one.installed}.",
            "suggestion": f"`{one.pip}` in an environment of its own, or fit it again.",
            "model_behaviour": "It may raise an error, or answer differently without one.",
        }
        for one in told.versions
        if one.differs
    ]


def _inspecting(path: str, told: Inspection) -> str:
    kind = told.sniffed.kind
    if kind == "pickle" and not told.sniffed.compression:
        wanted = ("GLOBAL", "INST", "SHORT_BINUNICODE")
        return (
            f"import pickletools\nwith open({path!r}, 'rb') as file:\n"
            "    found = [(op.name, argument) for op, argument, _ in pickletools.genops(file)\n"
            f"             if op.name in {wanted!r}]\nfound"
        )
    if kind == "skops":
        return f"import skops.io\nskops.io.get_untrusted_types(file={path!r})"
    if kind in ("torch", "torchscript", "keras"):
        return f"import zipfile\nzipfile.ZipFile({path!r}).namelist()"
    return f"import os\nos.stat({path!r}).st_size"


@tool(
    effect="execute",
    guidance="Only when the person asked for this very file. It is inspected first and refused if it runs anything.",
    example="load model.joblib",
)
def load_model(ctx: ToolContext, path: str, name: str | None = None) -> Outcome:
    """Load a saved model from a file into a new variable of the notebook.

    Args:
        path: The file, as `list_model_files` shows it; of a registry of MLflow `models:/name/1`.
        name: The name of the new variable; without it one made of the file's name.
    """
    wanted = _free_name(ctx, path) if name is None else name
    changing.require_free(ctx, wanted)
    absolute = _full(path)
    told = inspection.inspect_file(absolute, ctx.user_ns)
    loading.require_loadable(told)
    beside = {} if told.sniffed.kind == "mlflow" else sidecar.beside(absolute)
    issues: list[IssueDict] = []
    if beside and beside["sha256"] != sidecar.hash_of(absolute):
        issues.append(
            {
                "code": "changed_file",
                "message": "The file is not the one that was saved: its hash is another than beside it is written.",
                "suggestion": "Ask who changed it before you rely on it.",
            }
        )
    loaded = loading.load(told)
    changing.assign(ctx, wanted, loaded.model, "load_model")
    file = _told(path)
    origins.remember(ctx, loaded.model, file, datetime.now(timezone.utc).isoformat(timespec="seconds"))
    warnings = []
    if told.unknown:
        warnings.append(f"It runs what is not known here: {', '.join(told.unknown[:4])}.")
    data, evidence, revision = _arrived(ctx, wanted, loaded.model)
    if not data["is_model"]:
        warnings.append(f"`{wanted}` holds no model but a {peek.short_name(type(loaded.model))}.")
    return Outcome(
        {"name": wanted, "file": file, "kind": told.sniffed.kind, **data, "versions": _described(told)["versions"],
         "sidecar": bool(beside)},
        issues=[*issues, *loaded.issues],
        warnings=warnings,
        evidence=[*evidence, _about(file, "file")],
        code=loaded.code.format(name=wanted, path=repr(_written(path))),
        revision=revision,
    )  # fmt: skip


def _arrived(ctx: ToolContext, name: str, model: object) -> tuple[dict[str, Any], list[EvidenceDict], str]:
    """What came into the notebook, as far as it is a model."""
    found = next((one for one in catalog_of(ctx).models(ctx) if one.model is model), None)
    about = {"class_name": peek.class_name(type(model)), "is_model": found is not None}
    if found is None:
        return about, [], ""
    sig = signature(ctx, found)
    names = [budget.short(column.name) for column in sig.columns]
    return (
        {**about, "model_id": found.ref, "status": found.status, "task": found.task,
         "n_features": len(names) if sig.known else None, "feature_names": budget.fitting(names, 2_000),
         "n_classes": len(sig.flat_classes()) or None},
        evidence_of(found, sig),
        found.revision,
    )  # fmt: skip


def _full(path: str) -> str:
    return registries.folder_of(path, os.getcwd()) if registries.is_reference(path) else places.full(path)


def _told(path: str) -> str:
    return places.told(path.strip()) if registries.is_reference(path) else places.base(path)


def _written(path: str) -> str:
    """As a cell can hold it: of a registry the folder, so that it needs not be set to it."""
    return os.path.relpath(_full(path)) if registries.is_reference(path) else places.written(path)


def _free_name(ctx: ToolContext, path: str) -> str:
    if registries.is_reference(path):
        path = re.split(r"[/@]", path.strip().removeprefix(registries.PREFIX))[0]
    stem = os.path.basename(path.rstrip("/\\")).partition(".")[0]
    plain = re.sub(r"\W", "_", stem).strip("_")[:40] or "model"
    plain = f"model_{plain}" if plain[0].isdigit() else plain
    for name in (plain, *(f"{plain}_{count}" for count in range(2, 100))):
        try:
            changing.require_free(ctx, name)
        except ToolError:
            continue
        return name
    return plain


@tool(
    effect="write",
    guidance="Only when the person asked to save exactly this model.",
    example="save pipe to pipe.skops",
)
def save_model(ctx: ToolContext, model_id: str, path: str | None = None, overwrite: bool = False) -> Outcome:
    """Save a model to a new file, with a JSON file beside it that holds its inputs, versions and hash.

    Args:
        model_id: A reference as `list_models` shows it.
        path: The new file; its suffix chooses the format. Without it one is made of the model's name.
        overwrite: Whether files of that name may be replaced.
    """
    found = find_model(ctx, model_id)
    sig = signature(ctx, found)
    stem = re.sub(r"\W+", "_", found.ref).strip("_")
    kinds, given = saving.chosen(found.model, path, stem)
    target = places.full(given)
    try:
        for kind_path in {target, *(saving.with_suffix(target, kind) for kind in kinds[:1])}:
            saving.require_free(kind_path + sidecar.SUFFIX, overwrite=overwrite)
        saved, written = saving.save(found.model, kinds, target, overwrite=overwrite)
        libraries = _libraries(found.model, saved.kind)
        about = sidecar.describe(found, sig, saved.kind, sidecar.hash_of(written), libraries)
        saving.write_new(written + sidecar.SUFFIX, sidecar.as_bytes(about), overwrite=overwrite)
        size = os.stat(written).st_size
    except OSError as error:
        raise places.refusal(target, error) from None
    shown = saving.with_suffix(given, saved.kind)
    name = places.base(written)
    warnings = []
    if saved.kind != kinds[0]:
        warnings.append(f"The format {kinds[0]} can't hold this model, so it was written with {saved.kind}.")
    if saved.note.startswith("Loading it runs what"):
        warnings.append(saved.note)
    return Outcome(
        {"model_id": found.ref, "file": name, "sidecar": places.base(written + sidecar.SUFFIX), "kind": saved.kind,
         "bytes": size, "sha256": about["sha256"], "note": saved.note,
         "libraries": about["libraries"]},
        warnings=warnings,
        evidence=[*evidence_of(found, sig), _about(name, "file")],
        code=saved.code.format(model=found.ref, path=repr(places.written(shown))) + f"\n{shown!r}",
        revision=found.revision,
    )  # fmt: skip


def _libraries(model: object, kind: str) -> Sequence[str]:
    roots = [peek.root_of(type(model)), kind if kind not in ("pickle", "torch") else "", "numpy"]
    named = [versions.distribution(root) for root in dict.fromkeys(roots) if root]
    return [name for name in named if versions.installed(name) is not None]


@tool(effect="write", guidance="For a page about a model that others read.", example="write a model card for pipe")
def write_model_card(ctx: ToolContext, model_id: str, path: str | None = None) -> Outcome:
    """Write a card of facts about a model in Markdown: kind, origin, inputs, measures on held-out data, versions.

    Args:
        model_id: A reference as `list_models` shows it.
        path: A new file; without it the text is only shown.
    """
    found = find_model(ctx, model_id)
    sig = signature(ctx, found)
    made = card.write(ctx, found, sig)
    warnings = list(made.warnings)
    name = None
    if path is not None:
        try:
            saving.write_new(places.full(path), made.text.encode(), overwrite=False)
        except OSError as error:
            raise places.refusal(path, error) from None
        name = places.base(path)
    shown = (
        made.text
        if len(made.text.encode()) <= card.SHOWN
        else made.text.encode()[: card.SHOWN].decode("utf-8", "ignore")
    )
    save = f"from pathlib import Path\nPath({places.written(path)!r}).write_text(text)\n" if path is not None else ""
    return Outcome(
        {"model_id": found.ref, "file": name, "text": shown, "measured": made.measured, "unknown": made.unknown},
        warnings=warnings,
        evidence=[*evidence_of(found, sig), *made.evidence],
        shown=len(shown),
        total=len(made.text),
        code=f"text = {made.text!r}\n{save}text",
        revision=found.revision,
    )


def _when(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, timezone.utc).isoformat(timespec="seconds")


def _about(name: str, kind: str) -> EvidenceDict:
    return {"kind": kind, "text": f"{'below' if kind == 'folder' else 'file'} `{name}`", "ref": "", "cell": None}
