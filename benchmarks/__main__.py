"""`python -m benchmarks [NAME ...]`: run all benchmarks, or those named, and print a table of each."""

from __future__ import annotations

import importlib
import sys

NAMES = ("start", "roundtrip", "predict", "answer", "fits", "builtin", "binding", "routes", "batch", "panel", "install")


def main() -> None:
    for name in sys.argv[1:] or NAMES:
        print(f"\n## {name}\n", flush=True)
        importlib.import_module(f"benchmarks.{name}").main()


if __name__ == "__main__":
    main()
