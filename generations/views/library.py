"""Every finished picture of the team, newest first, or what is looked for of them."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from generations.queries import feed as feeds
from generations.queries import search
from generations.queries.acts import act_cards
from generations.queries.dates import years_of
from generations.queries.library import Place, wall_for
from generations.queries.search import Wanted
from generations.queries.selection import selection_of
from generations.services import acting
from generations.views.request import StudioRequest, for_member


@require_GET
@for_member
def library(request: StudioRequest) -> HttpResponse:
    """The wall; htmx asks for its next part only."""
    member, place = request.member, Place.read(request.GET)
    wall = wall_for(member, Wanted.read(member, request.GET), place)
    selection = selection_of(member, wall, acts=acting.offered(member))
    context = {"wall": wall, "selection": selection, "selecting": "select" in request.GET}
    if request.htmx and (place.before or place.after):
        return render(request, "generations/_wall.html", context)
    poll = feeds.poll_of(feeds.standing(request.user) or member, "team", stays=True)
    cards = act_cards(member, more_than=acting.AT_ONCE)
    return render(request, "generations/library.html", {**context, "poll": poll, "cards": cards})


@require_GET
@for_member
def facets(request: StudioRequest) -> HttpResponse:
    """How many pictures each value of each facet would leave, and the months; asked for once the wall is there."""
    wanted = Wanted.read(request.member, request.GET)
    choices = search.counted(request.member, wanted)
    years = years_of(request.member, wanted.fields, Place.read(request.GET).month)
    return render(request, "generations/_facet_counts.html", {"choices": choices, "years": years})
