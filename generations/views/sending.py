"""Sends a file from the shelf, or the part of it that a download goes on with."""

import re
from collections.abc import Iterator
from pathlib import Path

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotModified, StreamingHttpResponse
from django.utils.http import parse_etags

from generations.embedding import Plan

RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)


def send(
    request: HttpRequest, path: Path, plan: Plan, *, etag: str, media_type: str, attachment: str = ""
) -> HttpResponseBase:
    """The file as the plan says; 304 for who has it, 206 for who asks for one part. Raises FileNotFoundError.

    `attachment` is the header that names the file for who saves it.
    """
    quoted = f'"{etag}"'
    if quoted in parse_etags(request.headers.get("If-None-Match", "")):
        response: HttpResponseBase = HttpResponseNotModified()
        response["ETag"] = quoted
        return response
    wanted = _wanted(request, plan.size, quoted)
    if wanted is None:
        response = HttpResponse(status=416)
        response["Content-Range"] = f"bytes */{plan.size}"
        return response
    path.stat()  # gone: said now, and not when half of the answer is sent
    response = StreamingHttpResponse(_blocks(path, plan, wanted), content_type=media_type)
    if len(wanted) < plan.size:
        response.status_code = 206
        response["Content-Range"] = f"bytes {wanted.start}-{wanted.stop - 1}/{plan.size}"
    response["Content-Length"] = str(len(wanted))
    response["Accept-Ranges"] = "bytes"
    response["ETag"] = quoted
    if attachment:
        response["Content-Disposition"] = attachment
    return response


def _blocks(path: Path, plan: Plan, wanted: range) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from plan.blocks(file, wanted)


def _wanted(request: HttpRequest, size: int, etag: str) -> range | None:
    """What is asked for: all of it, unless it is one part of this very file; None where there is no such part."""
    asked = RANGE.fullmatch(request.headers.get("Range", "").strip())
    if asked is None or asked[0] == "bytes=-" or request.headers.get("If-Range", etag) != etag:
        return range(size)
    first, last = asked[1], asked[2]
    if not first:
        part = range(max(0, size - int(last)), size)
    elif last and int(last) < int(first):
        return range(size)  # not a range at all
    else:
        part = range(int(first), min(size, int(last) + 1) if last else size)
    return part if part else None
