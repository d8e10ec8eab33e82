"""What a browser checks a script of ours against before it runs it (S7): the hash of the file as it is served."""

import base64
import hashlib
from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage, staticfiles_storage


def integrity_of(name: str) -> str:
    """The value of a script's `integrity` for a static file by its plain name; "" for a file that is not there."""
    path = _served(name)
    return _hash(path, path.stat().st_mtime_ns) if path and path.is_file() else ""


def _served(name: str) -> Path | None:
    """Collected files go under a name of their own, unless somebody is developing."""
    if isinstance(staticfiles_storage, ManifestStaticFilesStorage) and not settings.DEBUG:
        return Path(staticfiles_storage.path(staticfiles_storage.stored_name(name)))
    return _found(name)


@cache
def _found(name: str) -> Path | None:
    found = finders.find(name)
    return Path(found) if isinstance(found, str) else None


@cache
def _hash(path: Path, changed_ns: int) -> str:
    """For this state of the file: one that is edited has another hash."""
    digest = hashlib.sha384(path.read_bytes()).digest()
    return f"sha384-{base64.b64encode(digest).decode()}"
