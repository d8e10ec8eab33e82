"""What a member has, holds and has spent."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from generations.queries.statement import statement_for
from generations.views.request import StudioRequest, for_member


@require_GET
@for_member
def statement(request: StudioRequest) -> HttpResponse:
    """The member's statement, newest line first."""
    before = request.GET.get("before", "")
    found = statement_for(request.member, before=int(before) if before.isascii() and before.isdigit() else None)
    return render(request, "generations/credits.html", {"statement": found})
