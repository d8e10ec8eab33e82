"""Files that people send: written to the shelf's own disk piece by piece while they arrive, and never held in memory.

One address takes them, from those who may add pictures. What comes anywhere else, or from anybody else, is not read:
the request ends at its first file. A file that is too large is read past, and the others with it are kept. What a
request leaves behind that nobody took over goes when it ends, and at the latest with the sweep.
"""

import shutil
import threading
import time
import weakref
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile, StopUpload
from django.http import HttpRequest
from django.urls import reverse

from generations import storage

MEGABYTE = 1_000_000
AT_ONCE = 8
"""So many requests of one process may bring files at a time: the other threads answer pages."""
HEARD_WITHIN_SECONDS = 60
"""Who was not heard of for so long has gone away."""
PACE_AFTER_SECONDS = 20
BYTES_PER_SECOND_MIN = 10_000
"""Slower than this nobody holds a thread."""
BUSY = "Too many files arrive at this moment. Nothing was taken. Wait a little, then send them again."
SLOW = "The files came too slowly. Try again with a better connection, or with fewer at a time."

_receiving: "weakref.WeakSet[Arriving]" = weakref.WeakSet()
_lock = threading.Lock()


class Arrived(UploadedFile):  # type: ignore[type-arg]  # only its types know of one
    """A file that is here, whole."""

    def __init__(self, path: Path, name: str, size: int) -> None:
        super().__init__(file=None, name=name, size=size)
        self.path = path


class Arriving(FileUploadHandler):
    """Receives the files of one request. `trouble` says why it ended early, `too_large` names what was too large."""

    writing: BinaryIO | None = None

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        self.trouble = ""
        self.too_large: list[str] = []
        self.received = 0
        self.number = 0
        self.began_at = self.heard_at = time.monotonic()
        self.is_over = False
        self.folder: Path | None = None

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        if self.folder is None:
            self._begin()
        self.number += 1
        self.size = 0
        self.path = self._folder() / str(self.number)
        self.writing = self.path.open("wb")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self._keep_pace(len(raw_data))
        self.size += len(raw_data)
        if self.size > settings.UPLOAD_MB * MEGABYTE:
            self._close()
            self.path.unlink()
            self.too_large.append(self.file_name or "")
            raise SkipFile
        if self.writing is not None:
            self.writing.write(raw_data)

    def file_complete(self, file_size: int) -> Arrived:
        self._close()
        return Arrived(self.path, self.file_name or "", self.size)

    def upload_complete(self) -> None:
        self.is_over = True
        self._close()

    def upload_interrupted(self) -> None:
        self.is_over = True
        self._close()

    def clear(self) -> None:
        """Nobody needs what was not taken over."""
        self.upload_interrupted()
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)

    def is_heard(self, moment: float) -> bool:
        return not self.is_over and moment - self.heard_at < HEARD_WITHIN_SECONDS

    def _begin(self) -> None:
        """At the first file: what a form has before it, as the proof that it is ours, is read by now."""
        if not self._is_welcome():
            raise StopUpload(connection_reset=True)
        if self._is_too_much():
            raise StopUpload(connection_reset=True)
        with _lock:
            now = time.monotonic()
            if sum(one.is_heard(now) for one in _receiving) >= AT_ONCE:
                self.trouble = BUSY
                raise StopUpload(connection_reset=True)
            _receiving.add(self)
        self.folder = storage.make_incoming()
        weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)

    def _is_welcome(self) -> bool:
        request: Any = self.request
        if request is None or request.path_info != reverse("uploads"):
            return False
        return bool(request.user.is_authenticated and request.member and request.member.may_create)

    def _is_too_much(self) -> bool:
        most = settings.DATA_UPLOAD_MAX_NUMBER_FILES * settings.UPLOAD_MB * MEGABYTE
        said = int(self.request.META.get("CONTENT_LENGTH") or 0) if self.request else 0
        if said > most + MEGABYTE:
            self.trouble = f"That is more than {most // MEGABYTE:,} MB at once. Send fewer files at a time."
        return bool(self.trouble)

    def _keep_pace(self, number: int) -> None:
        self.heard_at = time.monotonic()
        self.received += number
        seconds = self.heard_at - self.began_at
        if seconds > PACE_AFTER_SECONDS and self.received < seconds * BYTES_PER_SECOND_MIN:
            self.trouble = SLOW
            raise StopUpload(connection_reset=True)

    def _folder(self) -> Path:
        if self.folder is None:
            raise StopUpload(connection_reset=True)
        return self.folder

    def _close(self) -> None:
        if self.writing is not None:
            self.writing.close()
            self.writing = None


def arrivals(request: HttpRequest) -> Arriving:
    """What came with this request; its files are in `request.FILES`."""
    request.FILES  # noqa: B018  # now they are read, if nobody asked before
    found = next(one for one in request.upload_handlers if isinstance(one, Arriving))
    return found
