"""What a person reads when a request goes wrong: what happened, whose turn it is, and one way on."""

import logging

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.crypto import get_random_string
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

log = logging.getLogger(__name__)

REPORT_BYTES_MAX = 16 * 1024


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: the browser sent something no page here sends."""
    return render(request, "400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: signed in, but not for this."""
    return render(request, "403.html", status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: not there, or not yours; nobody learns which."""
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """500: our fault. Drawn without the request, the session or the database, any of which may be what broke."""
    number = f"e-{get_random_string(8, '0123456789abcdef')}"
    return HttpResponse(render_to_string("500.html", {"number": number}), status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form whose secret is too old: reloading the page mends it."""
    return render(request, "403.html", {"stale": True}, status=403)


def too_many(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """429: asked too often."""
    return render(request, "429.html", status=429)


@csrf_exempt
@require_POST
def csp_report(request: HttpRequest) -> HttpResponse:
    """A browser refused something on our page. Counted in the log, never echoed."""
    length = request.headers.get("Content-Length", "0")
    if not length.isdigit() or int(length) > REPORT_BYTES_MAX:
        return HttpResponse(status=413)
    log.warning("a browser reported a refused resource (%s bytes)", length)
    return HttpResponse(status=204)
