"""What a member has, holds and has spent."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from generations.queries.statement import statement_for
from generations.views.request import StudioRequest, for_member

CURSOR_DIGITS_MAX = 18


@require_GET
@for_member
def statement(request: StudioRequest) -> HttpResponse:
    """The member's statement, newest line first."""
    found = statement_for(request.member, before=_cursor(request.GET.get("before", "")))
    return render(request, "generations/credits.html", {"statement": found})


def _cursor(text: str) -> int | None:
    """None for anything no page of ours links to."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= CURSOR_DIGITS_MAX else None
