"""Versions that a file was written with, beside those that are installed here."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass

_DISTRIBUTIONS = {"sklearn": "scikit-learn", "cv2": "opencv-python", "PIL": "pillow", "yaml": "pyyaml"}
_VERSION = re.compile(r"\d+(\.\w+){0,4}([+.-]\w+)*")


@dataclass(frozen=True)
class Needed:
    """One library. `inside` and `installed` are None where that is not known, or it is not there."""

    library: str
    inside: str | None
    installed: str | None

    @property
    def differs(self) -> bool:
        return self.inside is not None and self.installed is not None and _main(self.inside) != _main(self.installed)

    @property
    def pip(self) -> str:
        return f"pip install {self.library}=={self.inside}" if self.inside else f"pip install {self.library}"


def distribution(module: str) -> str:
    root = module.partition(".")[0]
    return _DISTRIBUTIONS.get(root, root.replace("_", "-") if not root.startswith("_") else root)


def needed(library: str, inside: str | None) -> Needed:
    """`library` as pip names it. A version that doesn't look like one is left out."""
    known = inside if inside is not None and _VERSION.fullmatch(inside) and len(inside) < 40 else None
    return Needed(library, known, installed(library))


def installed(library: str) -> str | None:
    for name in (library, f"{library}-cpu", f"{library}-skinny", f"{library}-gpu"):
        try:
            return importlib.metadata.version(name)
        except (importlib.metadata.PackageNotFoundError, ValueError):
            continue
    return None


def missing(modules: Iterable[str]) -> list[str]:
    """Top packages that can't be imported here. Nothing is imported to find out."""
    return sorted({root for module in modules if (root := module.partition(".")[0]) and not importable(root)})


def importable(root: str) -> bool:
    if root in sys.modules or root in sys.stdlib_module_names:
        return True
    try:
        return importlib.util.find_spec(root) is not None
    except (ImportError, ValueError, AttributeError):
        return False


def _main(version: str) -> str:
    return version.partition("+")[0]
