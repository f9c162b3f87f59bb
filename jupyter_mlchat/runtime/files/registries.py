"""Models that a registry of MLflow knows, in a folder of files or in a SQLite database. Read without MLflow itself."""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from .. import peek
from ..toolbox import ToolError
from . import kinds, places

PREFIX = "models:/"
MAX_VERSIONS = 2_000
MAX_DATABASES = 20
_HEAD = b"SQLite format 3\0"
_SUFFIXES = (".db", ".sqlite", ".sqlite3")
_REFERENCE = re.compile(r"models:/+(?P<name>[^/@]+)(?:/(?P<version>[\w-]+)|@(?P<alias>[\w.-]+))?/?")
_GONE = "Deleted_Internal"


@dataclass(frozen=True)
class Version:
    """`folder` is where its files are on this machine; "" where they are elsewhere."""

    name: str
    number: int
    folder: str
    stage: str = ""
    aliases: tuple[str, ...] = ()


def is_reference(text: str) -> bool:
    """`models:/churn/3`, `models:/churn@champion` or `models:/churn`."""
    return text.strip().startswith(PREFIX)


def registered(root: str) -> list[Version]:
    """Of the registries in a folder, and of the one that the process is set to; by name and number."""
    found: dict[tuple[str, int], Version] = {}
    for kind, path in _stores(root):
        for version in _of_files(path) if kind == "files" else _of_database(path):
            found.setdefault((version.name, version.number), version)
    return [found[key] for key in sorted(found)]


def folder_of(text: str, root: str) -> str:
    """The folder of the model that a reference names.

    Raises ToolError `not_found`, or `unsupported` for what is not on this machine.
    """
    match = _REFERENCE.fullmatch(text.strip())
    told = places.told(text.strip())
    if match is None:
        raise ToolError("invalid_input", f"`{told}` names no model of a registry.", "Write `models:/name/1`.", told)
    versions = [one for one in registered(root) if one.name == match["name"]]
    chosen = _chosen(versions, match["version"], match["alias"])
    if chosen is None:
        known = ", ".join(f"`{PREFIX}{places.told(one.name)}/{one.number}`" for one in versions[-5:])
        hint = f"There is {known}." if known else "`list_model_files` shows the registries of a folder."
        raise ToolError("not_found", f"There is no `{told}` in a registry here.", hint, about=told)
    if not os.path.isfile(os.path.join(chosen.folder, kinds.MLMODEL)):
        text = f"The files of `{told}` are not on this machine."
        raise ToolError("unsupported", text, "Load it with `mlflow.pyfunc.load_model` in a cell.", about=told)
    return chosen.folder


def _chosen(versions: list[Version], version: str | None, alias: str | None) -> Version | None:
    """By alias, number or stage; without any the newest."""
    if alias is not None:
        return next((one for one in versions if alias in one.aliases), None)
    if version is None or version.lower() == "latest":
        return versions[-1] if versions else None
    if version.isdigit():
        return next((one for one in versions if one.number == int(version)), None)
    return next((one for one in reversed(versions) if one.stage.lower() == version.lower()), None)


def _stores(root: str) -> Iterator[tuple[str, str]]:
    """`files` with a folder of registered models, or `database` with a file."""
    mlflow = peek.library("mlflow")
    uris = [os.environ.get(name, "") for name in ("MLFLOW_REGISTRY_URI", "MLFLOW_TRACKING_URI")]
    try:
        uris.insert(0, str(mlflow.get_registry_uri()) if mlflow is not None else "")
    except Exception:
        uris.insert(0, "")
    for uri in dict.fromkeys(filter(None, uris)):
        if uri.startswith("sqlite:///"):
            yield "database", os.path.abspath(uri.removeprefix("sqlite:///").partition("?")[0])
        elif local := _local(uri, os.getcwd()):
            yield "files", os.path.join(local, "models")
    yield "files", os.path.join(root, "mlruns", "models")
    try:
        names = sorted(name for name in os.listdir(root) if name.endswith(_SUFFIXES))
    except OSError:
        return
    for name in names[:MAX_DATABASES]:
        yield "database", os.path.join(root, name)


def _local(uri: str, root: str) -> str:
    """The path of a `file:` address or of a plain path; "" for any other address."""
    parts = urlsplit(uri)
    if parts.scheme == "file":
        return os.path.abspath(unquote(parts.path)) if parts.netloc in ("", "localhost") else ""
    return "" if parts.scheme else os.path.abspath(os.path.join(root, uri)) if uri else ""


def _of_database(path: str) -> list[Version]:
    """[] for a file that is no database of MLflow, or can't be read now."""
    try:
        with places.read(path) as file:
            if file.read(len(_HEAD)) != _HEAD:
                return []
        with closing(sqlite3.connect(f"file:{quote(path)}?mode=ro", uri=True, timeout=1)) as database:
            rows = database.execute(
                "SELECT name, version, current_stage, source, storage_location FROM model_versions LIMIT ?",
                (MAX_VERSIONS,),
            ).fetchall()
            aliases: dict[tuple[str, int], list[str]] = {}
            for name, version, alias in database.execute("SELECT name, version, alias FROM registered_model_aliases"):
                aliases.setdefault((str(name), int(version)), []).append(str(alias))
            logged = _logged(database)
    except (sqlite3.Error, ToolError, OSError, ValueError):
        return []
    root = os.path.dirname(path)
    return [
        Version(str(name), int(number), _where(root, place, source, logged), str(stage or ""),
                tuple(aliases.get((str(name), int(number)), ())))
        for name, number, stage, source, place in rows
        if stage != _GONE
    ]  # fmt: skip


def _logged(database: sqlite3.Connection) -> dict[str, str]:
    """Where models that were logged without a run are, by their id."""
    try:
        found = database.execute("SELECT model_id, artifact_location FROM logged_models LIMIT ?", (MAX_VERSIONS,))
        return {str(key): str(place) for key, place in found}
    except sqlite3.Error:
        return {}


def _where(root: str, place: Any, source: Any, logged: dict[str, str]) -> str:
    for given in (place, source):
        uri = str(given or "")
        if uri.startswith(PREFIX):
            uri = logged.get(uri.removeprefix(PREFIX), "")
        if uri and (folder := _local(uri, root)):
            return folder
    return ""


def _of_files(folder: str) -> list[Version]:
    """Of a file store: a folder for each name, in it one for each version, and its aliases."""
    found: list[Version] = []
    root = os.path.dirname(os.path.dirname(folder))
    try:
        names = sorted(entry.name for entry in os.scandir(folder) if entry.is_dir(follow_symlinks=False))[:200]
        for name in names:
            if not os.path.isfile(os.path.join(folder, name, "meta.yaml")):
                continue
            aliases = _aliases(os.path.join(folder, name, "aliases"))
            numbers = [
                int(one.removeprefix("version-"))
                for one in os.listdir(os.path.join(folder, name))
                if re.fullmatch(r"version-\d{1,9}", one)
            ]
            for number in sorted(numbers):
                about = _meta(os.path.join(folder, name, f"version-{number}", "meta.yaml"))
                place = _where(root, about.get("storage_location"), about.get("source"), {})
                stage = about.get("current_stage", "")
                if stage != _GONE:
                    found.append(Version(name, number, place, stage, tuple(aliases.get(number, ()))))
    except OSError:
        return found
    return found


def _aliases(folder: str) -> dict[int, list[str]]:
    """A file for each alias that holds the number of its version."""
    found: dict[int, list[str]] = {}
    if os.path.isdir(folder):
        for name in sorted(os.listdir(folder))[:200]:
            with places.read(os.path.join(folder, name)) as file:
                text = file.read(20).strip()
            if text.isdigit():
                found.setdefault(int(text), []).append(name)
    return found


def _meta(path: str) -> dict[str, str]:
    """Plain `key: value` lines of a YAML file."""
    try:
        with places.read(path) as file:
            text = file.read(50_000).decode("utf-8", "replace")
    except ToolError:
        return {}
    found = re.findall(r"^(\w+):[ \t]*(.*?)[ \t]*$", text, re.M)
    return {key: value.strip("'\"") for key, value in found if value not in ("null", "''")}
