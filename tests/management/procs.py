"""Finds the processes of one studio: those whose environment names its data folder."""

import os
from pathlib import Path

from tests.late import until

__all__ = ["ROOT", "children", "environment", "family", "until", "words"]

ROOT = Path(__file__).resolve().parents[2]


def environment(data_dir: Path, **variables: str) -> dict[str, str]:
    """The environment of a bare machine, with only these settings of the studio."""
    passed = ("PATH", "HOME", "LANG", "TMPDIR", "VIRTUAL_ENV")
    kept = {name: value for name, value in os.environ.items() if name in passed}
    return {**kept, "DATA_DIR": str(data_dir), "PYTHONUNBUFFERED": "1", **variables}


def family(data_dir: Path) -> dict[int, int]:
    """Every living process that works on that folder, with its parent."""
    mark = f"DATA_DIR={data_dir}\0".encode()
    found = {}
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and mark in (entry / "environ").read_bytes():
                state, parent = (entry / "stat").read_text().rpartition(") ")[2].split()[:2]
                if state != "Z":
                    found[int(entry.name)] = int(parent)
        except OSError:  # it ended while we looked
            continue
    return found


def children(data_dir: Path, parent: int) -> list[int]:
    """The processes that `parent` made, oldest first."""
    return sorted(pid for pid, maker in family(data_dir).items() if maker == parent)


def words(pid: int) -> list[str]:
    """The command of a process."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    except OSError:
        return []
