"""Every finished picture of the team, newest first, or what is looked for of them."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from generations.queries import search
from generations.queries.acts import act_cards
from generations.queries.library import wall_for
from generations.queries.search import Wanted
from generations.queries.selection import selection_of
from generations.services import acting
from generations.views.request import StudioRequest, for_member


@require_GET
@for_member
def library(request: StudioRequest) -> HttpResponse:
    """The wall; htmx asks for its next part only."""
    member = request.member
    wall = wall_for(member, Wanted.read(member, request.GET), before=request.GET.get("before"))
    is_part = request.htmx and "before" in request.GET
    context = {
        "wall": wall,
        "selection": selection_of(wall, acts=acting.offered(member)),
        "selecting": "select" in request.GET,
        "cards": [] if is_part else act_cards(member, more_than=acting.AT_ONCE),
    }
    return render(request, "generations/_wall.html" if is_part else "generations/library.html", context)


@require_GET
@for_member
def facets(request: StudioRequest) -> HttpResponse:
    """How many pictures each value of each facet would leave; asked for once the wall is there."""
    choices = search.counted(request.member, Wanted.read(request.member, request.GET))
    return render(request, "generations/_facet_counts.html", {"choices": choices})
