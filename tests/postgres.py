"""A real PostgreSQL from Debian's package, for as long as a test run lasts."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import time
import uuid
from pathlib import Path

INSTALLED = Path("/usr/lib/postgresql")
FAST = ["-F", "-c", "full_page_writes=off", "-c", "synchronous_commit=off", "-c", "listen_addresses="]
"""It need not survive a loss of power. It listens on a socket in its own folder alone."""


class Postgres:
    """Runs as an unprivileged user: as whoever runs the tests, or as Debian's `postgres` where that is root."""

    def __init__(self) -> None:
        versions = sorted(INSTALLED.glob("*/bin"), key=lambda path: int(path.parent.name))
        if not versions:
            raise RuntimeError("There is no PostgreSQL here: run `make postgres`, or install Debian's `postgresql`.")
        self._programs = versions[-1]
        # A socket's path may have 107 characters: pytest's own folders are too deep.
        self.folder = Path(tempfile.mkdtemp(prefix="mlchat-pg-", dir="/tmp"))
        self._as_user: list[str] = []
        if os.geteuid() == 0:
            user = pwd.getpwnam("postgres")
            os.chown(self.folder, user.pw_uid, user.pw_gid)
            self._as_user = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
        self._server: subprocess.Popen[bytes] | None = None

    def start(self) -> Postgres:
        data, initdb = self.folder / "data", self._programs / "initdb"
        options = ["-A", "trust", "-U", "mlchat", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
        self._run([str(initdb), *options, "-D", str(data)])
        server = [str(self._programs / "postgres"), "-D", str(data), "-k", str(self.folder), *FAST]
        log = (self.folder / "log").open("wb")
        self._server = subprocess.Popen([*self._as_user, *server], stdout=log, stderr=log, cwd="/")
        log.close()
        end = time.monotonic() + 30
        while subprocess.run([self._programs / "pg_isready", "-q", "-h", self.folder], cwd="/").returncode != 0:
            if self._server.poll() is not None or time.monotonic() > end:
                raise RuntimeError("PostgreSQL did not start: " + (self.folder / "log").read_text()[-2000:])
            time.sleep(0.05)
        return self

    def new(self) -> str:
        """The URL of a new, empty database."""
        name = f"test_{uuid.uuid4().hex[:12]}"
        psql = [str(self._programs / "psql"), "-q", "-h", str(self.folder), "-U", "mlchat", "-d", "postgres"]
        self._run([*psql, "-c", f"CREATE DATABASE {name}"])
        return f"postgresql://mlchat@/{name}?host={self.folder}"

    def stop(self) -> None:
        if self._server is not None:
            # SIGINT is its fast shutdown: connections are closed.
            subprocess.run(["kill", "-INT", str(self._server.pid)], check=True)
            self._server.wait(30)
        shutil.rmtree(self.folder)

    def _run(self, command: list[str]) -> None:
        done = subprocess.run([*self._as_user, *command], capture_output=True, text=True, cwd="/")
        if done.returncode != 0:
            raise RuntimeError(f"{Path(command[0]).name} failed: {done.stderr[-2000:]}")
