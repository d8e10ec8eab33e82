"""The bytes of pictures, for members of their team and nobody else."""

import uuid
from pathlib import Path

from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase, HttpResponseNotModified
from django.shortcuts import get_object_or_404
from django.utils.http import parse_etags
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from generations import storage
from generations.models import Image
from generations.services import looking
from generations.views.request import StudioRequest, for_member

KEPT = "private, no-cache"
"""Kept by the browser and asked for each time: what a moderator hid is gone at once, everything else costs a 304."""


class Picture(FileResponse):
    """Streams in blocks of 256 KiB; with Django's 4 KiB the rate is half."""

    block_size = 256 * 1024


@require_safe
@for_member
def image_file(request: StudioRequest, pk: uuid.UUID, width: int) -> HttpResponse:
    """A smaller copy, as WebP."""
    image = find_deleted(request, pk) or _visible(request, pk)
    if image.rendition(width) is None:
        raise Http404
    path = storage.rendition_path(image, width)
    return _answer(request, path, etag=f"{image.sha256}-{width}", media_type="image/webp")


@require_safe
@for_member
def image_original(request: StudioRequest, pk: uuid.UUID) -> HttpResponse:
    """The original, byte for byte; `?download=1` to save it."""
    image = _visible(request, pk)
    name = _file_name(image) if "download" in request.GET else ""
    path, media_type = storage.original_path(image), storage.MEDIA_TYPES[image.format]
    return _answer(request, path, etag=image.sha256, media_type=media_type, save_as=name)


def find_deleted(request: StudioRequest, pk: uuid.UUID) -> Image | None:
    """The picture in the trash, for who may bring it back."""
    found: Image | None = Image.objects.in_trash().in_charge_of(request.member).filter(pk=pk).first()
    return found


def _visible(request: StudioRequest, pk: uuid.UUID) -> Image:
    """The picture; that who manages the team looks at a private one is written down."""
    pictures = Image.objects.openable_by(request.member).select_related("generation__member__person")
    image: Image = get_object_or_404(pictures, pk=pk)
    looking.note(by=request.member, image=image)
    return image


def _answer(request: StudioRequest, path: Path, *, etag: str, media_type: str, save_as: str = "") -> HttpResponse:
    """The file with the headers of S43, or 304. The name is the content, so the tag needs no look at the file."""
    quoted = f'"{etag}"'
    response: HttpResponseBase
    if quoted in parse_etags(request.headers.get("If-None-Match", "")):
        response = HttpResponseNotModified()
    else:
        try:
            response = Picture(path.open("rb"), as_attachment=bool(save_as), filename=save_as, content_type=media_type)
        except FileNotFoundError:
            raise Http404 from None  # removed behind our back; the audit reports it
    response["ETag"] = quoted
    response["Cache-Control"] = KEPT
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    return response  # type: ignore[return-value]  # a file streams; Django serves any response


def _file_name(image: Image) -> str:
    """Words from the prompt and the id: never a path, never a quote."""
    words = slugify(image.title)[:60].strip("-") or "picture"
    return f"{words}-{str(image.pk)[-8:]}.{storage.EXTENSIONS[image.format]}"
