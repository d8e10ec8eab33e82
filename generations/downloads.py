"""Brings a vendor's picture to our disk: streamed, counted and hashed on the way, never held in memory.

What lies there afterwards are bytes, not yet a picture; ``pictures`` says what they are. On any error nothing is left
behind.
"""

import hashlib
import os
import secrets
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from . import outgoing
from .failpoints import failpoint

SECONDS_MAX = 90.0
SECONDS_BETWEEN_SIGNS_OF_LIFE = 1.0
GONE_STATUSES = frozenset({401, 403, 404, 410})


class DownloadError(Exception):
    """The bytes did not arrive."""


class Blocked(DownloadError):
    """The address is one we do not follow."""


class Gone(DownloadError):
    """There is nothing behind this address any more."""


class TooLarge(DownloadError):
    """There is more than we take."""


class Interrupted(DownloadError):
    """It broke off; trying again later makes sense."""


class NotWritten(Interrupted):
    """It arrived, and our own disk did not take it."""


@dataclass(frozen=True, slots=True)
class Downloaded:
    """What arrived. ``content_type`` is what the other side claims, "" where it claims nothing."""

    size_bytes: int
    sha256: str
    content_type: str


def download(
    url: str,
    *,
    to: Path,
    bytes_max: int,
    origin: str | None,
    allow_private_hosts: Collection[str] = frozenset(),
    seconds_max: float = SECONDS_MAX,
    on_chunk: Callable[[], object] | None = None,
    client: outgoing.Outgoing | None = None,
) -> Downloaded:
    """Fetch ``url`` into the file ``to``, which appears complete or not at all.

    ``on_chunk`` is called while bytes come in, about once a second at most, so that a caller can renew a lease; what
    it raises ends the download. ``client`` replaces the one made from ``origin`` and ``allow_private_hosts``. Raises
    Blocked, Gone, TooLarge or Interrupted.
    """
    client = client or outgoing.Outgoing(origin=origin, allow_private_hosts=allow_private_hosts)
    part = to.with_name(f".{to.name}.{secrets.token_hex(4)}.part")
    try:
        with client.get(url, seconds_max=seconds_max) as response:
            _expect_bytes(response, bytes_max)
            size_bytes, sha256 = _stream(response, part, bytes_max, on_chunk or _nobody)
        part.replace(to)
    except outgoing.Blocked as error:
        raise Blocked(str(error)) from error
    except outgoing.Interrupted as error:
        raise Interrupted(str(error)) from error
    finally:
        part.unlink(missing_ok=True)
    content_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    return Downloaded(size_bytes=size_bytes, sha256=sha256, content_type=content_type)


def _nobody() -> None:
    """Called when nobody wants to be told."""


def _expect_bytes(response: outgoing.Response, bytes_max: int) -> None:
    """Judge the answer by its head alone."""
    if response.status in GONE_STATUSES:
        raise Gone(f"The file host answered {response.status}.")
    if response.status != 200:
        raise Interrupted(f"The file host answered {response.status}.")
    if response.headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
        raise Interrupted("The file host compressed what it was asked to send as it is.")
    announced = response.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > bytes_max:
        raise TooLarge(f"The file is {announced} bytes; the limit is {bytes_max}.")


def _stream(response: outgoing.Response, part: Path, bytes_max: int, on_chunk: Callable[[], object]) -> tuple[int, str]:
    digest = hashlib.sha256()
    size_bytes = 0
    told_at = time.monotonic()
    try:
        with part.open("xb") as file:
            for chunk in response.chunks:
                size_bytes += len(chunk)
                if size_bytes > bytes_max:
                    raise TooLarge(f"The file is larger than {bytes_max} bytes.")
                digest.update(chunk)
                file.write(chunk)
                if size_bytes == len(chunk):
                    file.flush()  # the shelf that takes nothing is met at the first piece
                    failpoint("while_fetching")
                if time.monotonic() - told_at >= SECONDS_BETWEEN_SIGNS_OF_LIFE:
                    on_chunk()
                    told_at = time.monotonic()
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise NotWritten("The file could not be written here.") from error
    return size_bytes, digest.hexdigest()
