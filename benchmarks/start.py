"""What a server start and `%load_ext` cost, with and without us: CPU seconds and resident memory."""

from __future__ import annotations

import json
import subprocess
import sys

from .table import median, show

RUNS = 7

_SERVER = """
import json, os, resource, sys, tempfile, asyncio
folder = tempfile.mkdtemp()
for name in ("DATA", "CONFIG", "RUNTIME"):
    os.environ[f"JUPYTER_{name}_DIR"] = folder
from jupyter_server.serverapp import ServerApp
app = ServerApp()
app.initialize(["--no-browser", "--allow-root", "--port=0", "--ServerApp.port_retries=0",
                "--ServerApp.log_level=50", "--ServerApp.jpserver_extensions=" + sys.argv[1],
                "--ServerApp.root_dir=" + folder], new_httpserver=False)
use = resource.getrusage(resource.RUSAGE_SELF)
rss = int(open("/proc/self/statm").read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
print(json.dumps([use.ru_utime + use.ru_stime, rss / 1e6]))
"""

_LOAD_EXT = """
import json, os, resource, sys, time
os.environ["IPYTHONDIR"] = "/nonexistent"
import ipykernel.kernelapp  # what a kernel has loaded before any cell
from IPython.core.interactiveshell import InteractiveShell
ip = InteractiveShell.instance()
def now():
    use = resource.getrusage(resource.RUSAGE_SELF)
    rss = int(open("/proc/self/statm").read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return use.ru_utime + use.ru_stime, rss / 1e6
before = now()
if sys.argv[1] == "with":
    ip.run_line_magic("load_ext", "jupyter_mlchat")
after = now()
print(json.dumps([after[0] - before[0], after[1] - before[1]]))
"""


def run(code: str, argument: str) -> list[float]:
    done = subprocess.run([sys.executable, "-c", code, argument], capture_output=True, text=True, timeout=120)
    if done.returncode:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    rows = []
    cases = (
        ("server start", _SERVER, "jupyter_mlchat=False", "jupyter_mlchat=True", "+0.10 s, +8 MB"),
        ("%load_ext in a kernel's process", _LOAD_EXT, "without", "with", "+0.05 s, +3 MB"),
    )
    for name, code, without, with_us, goal in cases:
        pairs = [(run(code, without), run(code, with_us)) for _ in range(RUNS)]
        floor = [median([pair[0][i] for pair in pairs]) for i in (0, 1)]
        ours = [median([pair[1][i] for pair in pairs]) for i in (0, 1)]
        rows.append((name, *floor, *ours, ours[0] - floor[0], ours[1] - floor[1], goal))
    header = ("", "CPU s without", "MB without", "CPU s with", "MB with", "+ CPU s", "+ MB", "goal")
    show(header, rows)


if __name__ == "__main__":
    main()
