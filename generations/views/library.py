"""Every finished picture of the team, newest first."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from generations.queries.library import wall_for
from generations.views.request import StudioRequest, for_member


@require_GET
@for_member
def library(request: StudioRequest) -> HttpResponse:
    """The wall; htmx asks for its next part only."""
    wall = wall_for(request.member, before=request.GET.get("before"))
    template = "generations/_wall.html" if request.htmx else "generations/library.html"
    return render(request, template, {"wall": wall})
