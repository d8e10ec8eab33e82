"""The source of an upscale, for the vendor that enlarges it: one picture at a signed address that ends by itself.

Open to whoever holds the address, and to nothing else than reading: no account, no cookie, no list, no other picture.
"""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseForbidden, HttpResponseNotFound
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from generations import storage
from generations.models import Image
from generations.views.files import Picture

SEALED_OFF = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, noimageindex",
}


@csrf_exempt  # it changes nothing, so every other method deserves the honest 405
@require_safe
@login_not_required
def source(request: HttpRequest, token: str) -> HttpResponse:
    """The original, or the copy the address names, byte for byte."""
    answer = _answer(token)
    for name, value in SEALED_OFF.items():
        answer[name] = value
    return answer  # type: ignore[return-value]  # a file streams; Django serves any response


def _answer(token: str) -> HttpResponseBase:
    try:
        found = storage.source_of(token)
    except storage.SourceRefused:
        return HttpResponseForbidden("This address has ended, or it was changed.\n", content_type="text/plain")
    image = Image.objects.sent_out().filter(pk=found.image).first()
    if image is not None:
        try:
            return _file(image, found.copy_bytes_max)
        except FileNotFoundError:
            pass  # removed behind our back; the audit reports it
    return HttpResponseNotFound("There is no such picture.\n", content_type="text/plain")


def _file(image: Image, copy_bytes_max: int | None) -> HttpResponseBase:
    """Raises FileNotFoundError."""
    path, kind = storage.original_path(image), image.format
    if copy_bytes_max is not None:
        copy = storage.copy_path(image, copy_bytes_max)
        if copy is None:
            raise FileNotFoundError
        path, kind = copy, "JPEG"
    name = f"source.{storage.EXTENSIONS[kind]}"
    return Picture(path.open("rb"), filename=name, content_type=storage.MEDIA_TYPES[kind])
