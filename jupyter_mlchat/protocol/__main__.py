"""`python -m jupyter_mlchat.protocol` writes what other languages read; `--check` says if it is stale."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from . import openapi, pages, typescript

ROOT = Path(__file__).resolve().parents[2]


def generated(root: Path) -> dict[Path, str]:
    """Every generated file of a checkout, and what belongs into it."""
    from .. import __version__

    description = json.dumps(openapi.document(__version__), indent=1, ensure_ascii=False) + "\n"
    return {
        root / "labextension-src" / "src" / "protocol.gen.ts": typescript.source(),
        root / "docs" / "openapi.json": description,
        root / "docs" / "rest.md": pages.rest(),
        root / "docs" / "websocket.md": pages.websocket(),
    }


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m jupyter_mlchat.protocol", description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; exit with 1 when a file is stale")
    parser.add_argument("--root", type=Path, default=ROOT, help="the checkout (default: the one of this package)")
    options = parser.parse_args(arguments)
    if not (options.root / "pyproject.toml").exists():
        parser.error("this is no checkout: there is no pyproject.toml")
    stale = 0
    for path, content in generated(options.root).items():
        if path.exists() and path.read_text("utf-8") == content:
            continue
        stale += 1
        name = path.relative_to(options.root)
        if options.check:
            print(f"stale: {name}", file=sys.stderr)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, "utf-8")
            print(f"wrote {name}")
    return 1 if options.check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
