"""What a change would make of a name or a file, told before anybody allows it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..protocol.records import Change
from ..runtime.wire import Catalogue
from .threads import Call


def foreseen(call: Call) -> bool:
    """Whether its arguments name the one thing that it changes."""
    return call.tool in _FORESEEN


def changes_of(call: Call, catalogue: Catalogue) -> list[Change]:
    return _FORESEEN[call.tool](call.args, catalogue) if foreseen(call) else []


def _deleted(args: Mapping[str, Any], catalogue: Catalogue) -> list[Change]:
    ref = str(args.get("model_id", ""))
    for card in catalogue["models"]:
        names = (card["ref"], *card.get("aliases", []))
        if ref in names:
            kept = [name for name in names if name != ref]
            after = f"no name; the model stays as {', '.join(f'`{name}`' for name in kept[:5])}" if kept else "nothing"
            return [Change(ref, _model(ref, catalogue), after)]
    return []


def _loaded(args: Mapping[str, Any], catalogue: Catalogue) -> list[Change]:
    name = str(args.get("name") or "")
    path = str(args.get("path", ""))
    source = catalogue.get("files", {}).get(path, path)
    return [Change(name or "a new variable", _known(name, catalogue), f"what `{source}` holds")]


def _written(args: Mapping[str, Any], catalogue: Catalogue) -> list[Change]:
    model = str(args.get("model_id", ""))
    place = str(args.get("into") or args.get("path") or "")
    if not place:
        return []
    before = "the file of that name, if there is one" if args.get("overwrite") else _known(place, catalogue)
    what = f"predictions of `{model}` for `{args['data']}`" if "data" in args else f"`{model}`, written"
    return [Change(place, before, what)]


def _known(name: str, catalogue: Catalogue) -> str:
    """What has the name now, in a few words; "" for nothing."""
    for frame in catalogue["frames"]:
        if frame["ref"] == name:
            return f"{frame['class_name']} of {' × '.join(f'{size:,}' for size in frame['shape'])}"
    return _model(name, catalogue) or catalogue.get("others", {}).get(name, "")


def _model(name: str, catalogue: Catalogue) -> str:
    for card in catalogue["models"]:
        if name in (card["ref"], *card.get("aliases", [])):
            count = len(card.get("features", []))
            inputs = f" with {count:,} {'input' if count == 1 else 'inputs'}" if count else ""
            cell = f", of In[{card['cell']}]" if card.get("cell") else ""
            return f"{card['class_name']}{inputs}{cell}"
    return ""


_FORESEEN: Mapping[str, Callable[[Mapping[str, Any], Catalogue], list[Change]]] = {
    "delete_model": _deleted,
    "load_dataset": _loaded,
    "load_model": _loaded,
    "make_batch_prediction": _written,
    "save_model": _written,
    "write_model_card": _written,
}
