"""What installing us adds to and changes in a typical data-science environment, without and with `[llms]`."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from .table import show

TYPICAL = ("jupyterlab", "scikit-learn", "pandas", "matplotlib", "mlflow", "streamlit", "transformers")
ROOT = Path(__file__).resolve().parent.parent


def pip(python: Path, *arguments: str) -> str:
    command = [str(python), "-m", "pip", "--disable-pip-version-check", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=1800)
    if done.returncode:
        raise SystemExit(done.stderr[-2000:])
    return done.stdout


def installed(python: Path) -> dict[str, str]:
    found = json.loads(pip(python, "list", "--format=json"))
    return {entry["name"].lower().replace("_", "-"): entry["version"] for entry in found}


def megabytes(python: Path) -> float:
    packages = next(python.parent.parent.glob("lib/python*/site-packages"))
    return sum(f.stat().st_size for f in packages.rglob("*") if f.is_file() and f.suffix != ".pyc") / 1e6


def main() -> None:
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for extra in ("", "[llms]"):
            place = Path(folder) / f"env{len(extra)}"
            subprocess.run([sys.executable, "-m", "venv", str(place)], check=True)
            python = place / "bin" / "python"
            print(f"making a typical environment: {', '.join(TYPICAL)}", file=sys.stderr)
            pip(python, "install", "-q", *TYPICAL)
            before, size = installed(python), megabytes(python)
            pip(python, "install", "-q", f"{ROOT}{extra}")
            after = installed(python)
            changed = [f"{n} {before[n]} -> {after[n]}" for n in before if after.get(n) != before[n]]
            added = sorted(set(after) - set(before))
            rows.append(
                (
                    f"jupyter-mlchat{extra}",
                    len(added),
                    megabytes(python) - size,
                    len(changed),
                    "; ".join(changed) or "none",
                )
            )
            print(f"{extra or 'plain'} adds: {', '.join(added)}", file=sys.stderr)
    show(("installing", "packages added", "MB added", "packages changed (goal 0)", "which"), rows)


if __name__ == "__main__":
    main()
