"""What a view may rely on: a signed-in person who is a member of a team."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.shortcuts import render
from django_htmx.middleware import HtmxDetails

from generations.models import Member, Person

Rest = ParamSpec("Rest")


class StudioRequest(HttpRequest):
    user: Person  # LoginRequiredMiddleware lets nobody else in
    member: Member
    htmx: HtmxDetails


View = Callable[Concatenate[StudioRequest, Rest], HttpResponse]


def for_member(view: View[Rest]) -> Callable[Concatenate[HttpRequest, Rest], HttpResponse]:
    """Let in who belongs to a team; tell anyone else so."""

    @wraps(view)
    def guarded(request: StudioRequest, *args: Rest.args, **kwargs: Rest.kwargs) -> HttpResponse:
        if not request.member:  # type: ignore[truthy-bool]  # lazy, and nobody for a person without a team
            return HttpResponseForbidden(render(request, "generations/no_team.html", status=403).content)
        return view(request, *args, **kwargs)

    return guarded  # type: ignore[return-value]  # Django passes a plain request that the middleware has completed
