"""Where a file lies: on a disk of this machine, or on a file system that a network carries."""

from __future__ import annotations

from pathlib import Path

NETWORK_FILE_SYSTEMS = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "fuse.sshfs", "afs", "lustre"})


def file_system_of(path: Path) -> str:
    """The type of the file system that holds `path`, from /proc/mounts; "" where that can't be told."""
    try:
        mounts = Path("/proc/mounts").read_text().splitlines()
    except OSError:
        return ""
    target = str(path.resolve())
    best, kind = "", ""
    for line in mounts:
        fields = line.split()
        if len(fields) > 2 and len(fields[1]) >= len(best) and _below(target, fields[1]):
            best, kind = fields[1], fields[2]
    return kind


def _below(target: str, mount: str) -> bool:
    return mount == "/" or target == mount or target.startswith(mount.rstrip("/") + "/")
