"""For machines: is the studio up, can it do its work, and how much of it is there."""

import secrets

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from generations import storage
from generations.models import Heartbeat, clock
from generations.queries import metrics as numbers
from generations.queries.schema import lacking

LOOPBACK = frozenset({"127.0.0.1", "::1"})


@require_safe
@login_not_required
def healthz(request: HttpRequest) -> HttpResponse:
    """The web process answers; nothing else is said."""
    return HttpResponse("ok", content_type="text/plain")


@require_safe
@login_not_required
def readyz(request: HttpRequest) -> HttpResponse:
    """Database, worker, storage and constraints, for who may watch; 503 names what is missing."""
    if not _may_watch(request):
        return HttpResponse(status=404)
    troubles = _troubles()
    return JsonResponse({"ready": not troubles, "troubles": troubles}, status=503 if troubles else 200)


@require_safe
@login_not_required
def metrics(request: HttpRequest) -> HttpResponse:
    """The numbers of the installation as Prometheus reads them, for who may watch."""
    if not _may_watch(request):
        return HttpResponse(status=404)
    try:
        return HttpResponse(numbers.text_of(numbers.gauges()), content_type=numbers.CONTENT_TYPE)
    except DatabaseError:
        return HttpResponse(status=503)


def _may_watch(request: HttpRequest) -> bool:
    """This machine itself, or whoever has the token; everybody else finds nothing here."""
    if request.META.get("REMOTE_ADDR") in LOOPBACK and not _came_by_proxy(request):
        return True
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    known = scheme.lower() == "bearer" and bool(settings.METRICS_TOKEN)
    return known and secrets.compare_digest(token.strip().encode(), settings.METRICS_TOKEN.encode())


def _came_by_proxy(request: HttpRequest) -> bool:
    """A proxy on this machine speaks for somebody elsewhere, also one that the settings do not know of."""
    return "X-Forwarded-For" in request.headers or "Forwarded" in request.headers


def _troubles() -> list[str]:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        lacks = lacking()
        last = Heartbeat.objects.last_of_workers()
    except DatabaseError:
        return ["The database does not answer."]
    troubles = [f"In the database the {one.subject} {one.name} {one.words}." for one in lacks]
    if last is None or (clock.now() - last).total_seconds() > numbers.WORKER_SILENT_SECONDS_MAX:
        troubles.append("No worker has shown a sign of life lately.")
    if not storage.is_writable():
        troubles.append("Pictures cannot be stored.")
    return troubles
