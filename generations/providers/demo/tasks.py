"""The demo's memory: a small file per task in a folder, written whole or not at all, so any process can answer.

It keeps tasks for 24 hours. It refuses task ids it did not make itself, so no id can lead out of the folder.
"""

import hashlib
import json
import os
import re
import secrets
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

LIFE_SECONDS = 24 * 3600
SWEEP_SECONDS = 600
SWEPT = ".swept"
TASK_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Task:
    """One piece of work as the demo remembers it. Moments are seconds of the demo's clock."""

    task_id: str
    offer_key: str
    prompt: str
    choices: Mapping[str, str]
    reference: str
    outcome: str
    accepted_at: float
    ends_at: float | None


class TaskFolder:
    """The folder all processes of the studio share. Made on first use."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(self, task: Task, *, source: Path | None = None) -> None:
        """Remember the task, and its own copy of the source, which then may go away. Raises OSError."""
        self._folder.mkdir(parents=True, exist_ok=True)
        if source is not None:
            self._adopt(source, self.source_of(task.task_id))
        file = self._file(task.task_id)
        part = file.with_suffix(f".{secrets.token_hex(4)}.part")
        part.write_text(json.dumps(asdict(task)), encoding="utf-8")
        part.replace(file)

    def find(self, task_id: str) -> Task | None:
        """The task with this id, None if there is none or it was swept."""
        if not TASK_ID.fullmatch(task_id):
            return None
        try:
            return Task(**json.loads(self._file(task_id).read_text(encoding="utf-8")))
        except FileNotFoundError:
            return None

    def source_of(self, task_id: str) -> Path:
        """Where the task's copy of its source lies, if it has one."""
        return self._folder / f"{task_id}.source"

    def count(self, *words: str) -> int:
        """How often this has been called with these words, this time included. Counts across processes."""
        self._folder.mkdir(parents=True, exist_ok=True)
        name = hashlib.sha256("\n".join(words).encode("utf-8", "surrogatepass")).hexdigest()[:32]
        file = self._folder / f"{name}.count"
        with file.open("ab") as tally:
            tally.write(b".")
        return file.stat().st_size

    def sweep(self, *, now: float) -> None:
        """Forget what is older than a day. Looks at the folder every ten minutes at most."""
        stamp = self._folder / SWEPT
        with suppress(FileNotFoundError):
            if 0 <= now - stamp.stat().st_mtime < SWEEP_SECONDS:
                return
        self._folder.mkdir(parents=True, exist_ok=True)
        stamp.touch()
        os.utime(stamp, (now, now))
        for entry in os.scandir(self._folder):
            with suppress(FileNotFoundError):
                # A linked source keeps the age of its picture; the moment of the link is its change time.
                if entry.name != SWEPT and now - entry.stat(follow_symlinks=False).st_ctime > LIFE_SECONDS:
                    os.unlink(entry.path)

    def _file(self, task_id: str) -> Path:
        return self._folder / f"{task_id}.json"

    def _adopt(self, source: Path, to: Path) -> None:
        """A second name for the file where the disk can do that, a copy where it cannot."""
        try:
            os.link(source, to)
        except FileNotFoundError:
            raise
        except OSError:
            shutil.copyfile(source, to)


def new_task_id() -> str:
    return secrets.token_hex(16)
