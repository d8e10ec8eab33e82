"""Every finished picture of the team, newest first."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from generations.queries.library import wall_for
from generations.queries.search import Wanted
from generations.views.request import StudioRequest, for_member

WORDS_MAX = 200
"""Longer than anybody's question; it stands in addresses."""


@require_GET
@for_member
def library(request: StudioRequest) -> HttpResponse:
    """The wall, or what is looked for of it; htmx asks for its next part only."""
    words = request.GET.get("q", "").replace("\0", "")[:WORDS_MAX]
    wanted = Wanted(words=words, mine=request.GET.get("whose") == "mine")
    wall = wall_for(request.member, wanted, before=request.GET.get("before"))
    is_part = request.htmx and "before" in request.GET
    return render(request, "generations/_wall.html" if is_part else "generations/library.html", {"wall": wall})
