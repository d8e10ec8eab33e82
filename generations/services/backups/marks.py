"""The mark of a restore that has begun and is not through: while it is there, nothing may start that could order.

It lies beside the pictures, the one folder that all machines of a studio share, because the database itself is what is
being replaced.
"""

import os

from django.conf import settings

MARK = "restore-unfinished"
WORDS = (
    "A restore was cut short here, so what waits in this database may have been sent before: finish it with "
    "python3 manage.py restore FOLDER --replace, and start then."
)


def unfinished() -> str:
    """Why nothing may start here, as one sentence; "" when there is no such reason."""
    return WORDS if (settings.MEDIA_ROOT / MARK).exists() else ""


def begin() -> bool:
    """Leave the mark, so that it outlasts a power cut; False when an earlier restore has left it. Raises OSError."""
    file = settings.MEDIA_ROOT / MARK
    was_there = file.exists()
    with file.open("w", encoding="utf-8") as handle:
        handle.write(f"{WORDS}\n")
        handle.flush()
        os.fsync(handle.fileno())
    _keep()
    return not was_there


def end() -> None:
    """Take the mark away for good: one that came back would have a living studio replaced."""
    file = settings.MEDIA_ROOT / MARK
    if file.exists():
        file.unlink()
        _keep()


def _keep() -> None:
    """What changed in the folder is on the disk, where the system can say so of folders."""
    if os.name != "posix":
        return
    folder = os.open(settings.MEDIA_ROOT, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
