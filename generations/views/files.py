"""The bytes of pictures, for members of their team and nobody else."""

import uuid
from pathlib import Path

from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase, HttpResponseNotModified, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils.http import parse_etags
from django.views.decorators.http import require_safe

from generations import embedding, storage
from generations.models import Image
from generations.queries import file_names
from generations.queries.making import making_of, settings_of
from generations.services import looking
from generations.views.request import StudioRequest, for_member
from generations.views.sending import send

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
    """The original, byte for byte; `?download=1` to save it, then with its settings for who wants them in there.

    `&settings=1` has them written this once, and `&settings=0` has them not.
    """
    image = _visible(request, pk)
    path, etag, saving = storage.original_path(image), image.sha256, "download" in request.GET
    name = file_names.attachment(file_names.name_for(image, request.user)) if saving else ""
    wishes = request.GET.get("settings", "1" if request.user.writes_settings else "0")
    try:
        plan = embedding.as_it_is(path)
        if saving and wishes == "1":
            plan, etag = _with_settings(request, image, path, plan)
        media_type = storage.MEDIA_TYPES[image.format]
        response = send(request, path, plan, etag=etag, media_type=media_type, attachment=name)
    except FileNotFoundError:
        raise Http404 from None  # removed behind our back; the audit reports it
    return _sealed_off(response)


@require_safe
@for_member
def image_settings(request: StudioRequest, pk: uuid.UUID) -> HttpResponse:
    """How the picture was made, as a file to lie beside it."""
    image = _visible(request, pk)
    facts = making_of(image, with_credits=request.user.writes_credits)
    response = JsonResponse(facts, json_dumps_params={"ensure_ascii": False, "indent": 1})
    response["Content-Disposition"] = file_names.attachment(file_names.name_for(image, request.user, extension="json"))
    response["Cache-Control"] = "private, no-store"
    return response


def _with_settings(
    request: StudioRequest, image: Image, path: Path, plain: embedding.Plan
) -> tuple[embedding.Plan, str]:
    """The copy and its tag; a file that is not built as its format says is sent as it is."""
    facts = settings_of(image, with_credits=request.user.writes_credits)
    try:
        plan = embedding.with_settings(path, format=image.format, facts=facts)
    except embedding.Unfit:
        return plain, image.sha256
    return plan, f"{image.sha256}-{embedding.tag_of(facts)}"


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


def _answer(request: StudioRequest, path: Path, *, etag: str, media_type: str) -> HttpResponse:
    """The file, or 304. The name is the content, so the tag needs no look at the file."""
    quoted = f'"{etag}"'
    response: HttpResponseBase
    if quoted in parse_etags(request.headers.get("If-None-Match", "")):
        response = HttpResponseNotModified()
    else:
        try:
            response = Picture(path.open("rb"), content_type=media_type)
        except FileNotFoundError:
            raise Http404 from None
    response["ETag"] = quoted
    return _sealed_off(response)


def _sealed_off(response: HttpResponseBase) -> HttpResponse:
    """With the headers of S43."""
    response["Cache-Control"] = KEPT
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    return response  # type: ignore[return-value]  # a file streams; Django serves any response
