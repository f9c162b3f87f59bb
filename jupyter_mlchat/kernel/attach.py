"""Making a kernel answer us: the code of the one silent `execute_request`, and what it carries.

If the kernel's own package speaks our wire version it is imported; else the runtime's source, which goes
along, is loaded under a private name, and a stub `jupyter_mlchat` stands for the package.
"""

from __future__ import annotations

import base64
import json
import zlib
from functools import cache
from pathlib import Path

from ..runtime import WIRE_VERSION

PRIVATE = "_jupyter_mlchat_runtime"

_BOOT = """
def boot(packed, private, version):
    import importlib.abc, importlib.machinery, importlib.util, sys, types
    from IPython import get_ipython
    ip = get_ipython()
    if "_mlchat_runtime" in vars(ip):
        return
    try:
        installed = importlib.util.find_spec("jupyter_mlchat.runtime") is not None
        if installed:
            from jupyter_mlchat.runtime import WIRE_VERSION
            installed = WIRE_VERSION == version
    except Exception:
        installed = False
    if installed:
        import jupyter_mlchat
        jupyter_mlchat.attach_served(ip)
        return

    import base64, json, zlib
    sources = json.loads(zlib.decompress(base64.b64decode(packed)))

    class Finder(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
        def find_spec(self, name, path=None, target=None):
            if name in sources:
                return importlib.machinery.ModuleSpec(name, self, is_package=sources[name][0])
        def is_package(self, name):
            return sources[name][0]
        def get_source(self, name):
            return sources[name][1]

    sys.meta_path.append(Finder())
    entry = importlib.import_module(private + ".entry")
    entry.attach(ip)
    if "jupyter_mlchat" not in sys.modules:
        stub = types.ModuleType("jupyter_mlchat", "Stands for the package, which this kernel does not have.")
        stub.tool = importlib.import_module(private + ".own").tool
        stub.register_model = importlib.import_module(private + ".registered").register_model
        stub.Chat = importlib.import_module(private + ".chat").Chat
        stub.load_ipython_extension = entry.load_extension
        sys.modules["jupyter_mlchat"] = stub
"""


@cache
def attachment() -> str:
    """An expression that attaches the kernel it is evaluated in, and leaves no name in its namespace."""
    runtime = Path(__file__).parent.parent / "runtime"
    sources = {name: (is_package, text) for name, is_package, text in _walk(runtime, PRIVATE)}
    packed = base64.b64encode(zlib.compress(json.dumps(sources).encode(), 9)).decode()
    program = f"{_BOOT}\nboot({packed!r}, {PRIVATE!r}, {WIRE_VERSION})\n"
    return f"exec({program!r}, {{'__name__': 'mlchat_attach'}})"


def _walk(folder: Path, package: str) -> list[tuple[str, bool, str]]:
    found: list[tuple[str, bool, str]] = []
    for entry in sorted(folder.iterdir()):
        if (entry / "__init__.py").is_file():
            found += _walk(entry, f"{package}.{entry.name}")
        elif entry.name == "__init__.py":
            found.append((package, True, entry.read_text("utf-8")))
        elif entry.suffix == ".py":
            found.append((f"{package}.{entry.stem}", False, entry.read_text("utf-8")))
    return found
