"""Where the files of archives lie."""

from pathlib import Path

from django.conf import settings


def path_of(token: str) -> Path:
    path: Path = settings.ARCHIVE_DIR / f"{token}.zip"
    return path
