"""What a person reads when a request goes wrong: what happened, whose turn it is, and one way on."""

import logging
import sys
import threading
from datetime import datetime, timedelta

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.crypto import get_random_string
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from generations.models import clock

log = logging.getLogger(__name__)

RETRY_SECONDS = 5
REPORT_BYTES_MAX = 16 * 1024
REPORT_LINES_PER_MINUTE_MAX = 3
"""Anybody may send reports: more lines than that in a minute would let a stranger fill the log."""


class Reports:
    """Counts the reports of this process, and says which of them get a line in the log."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._since: datetime | None = None
        self._lines = 0
        self._unsaid = 0

    def count(self) -> int:
        """Count one more; how many a line should speak for now, 0 when enough was said this minute."""
        moment = clock.now()
        with self._lock:
            if self._since is None or moment - self._since >= timedelta(minutes=1):
                self._since, self._lines = moment, 0
            self._unsaid += 1
            if self._lines >= REPORT_LINES_PER_MINUTE_MAX:
                return 0
            self._lines += 1
            said, self._unsaid = self._unsaid, 0
            return said


reports = Reports()


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
    """500: our fault. Drawn without the request, the session or the database, any of which may be what broke.

    503 with Retry-After when the database was locked, full or away: nothing was written, and it passes.
    The number on the page stands in the log, next to what went wrong.
    """
    number = f"e-{get_random_string(8, '0123456789abcdef')}"
    log.error("error %s at %s %s", number, request.method, request.path, exc_info=True)
    passes = isinstance(sys.exception(), OperationalError | InterfaceError)
    page = render_to_string("500.html", {"number": number, "passes": passes})
    if passes:
        return HttpResponse(page, status=503, headers={"Retry-After": str(RETRY_SECONDS)})
    return HttpResponse(page, status=500)


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
    if number := reports.count():
        log.warning(
            "browsers refused something on our pages: %s reports since the last line (%s bytes)", number, length
        )
    return HttpResponse(status=204)
