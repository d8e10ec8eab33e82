"""What a view may rely on: a signed-in person who is a member of a team."""

from collections.abc import Callable
from functools import update_wrapper, wraps
from typing import Concatenate, ParamSpec

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.shortcuts import redirect, render
from django_htmx.http import HttpResponseClientRefresh
from django_htmx.middleware import HtmxDetails

from generations.models import Member, Person
from generations.queries.pulse import TEAM_HEADER
from generations.queries.suspensions import NOTHING_DONE, suspended_words
from generations.views import errors

Rest = ParamSpec("Rest")

LOOKS = {"GET", "HEAD"}
TEAM_FIELD = "in_team"
"""What a form without script says in place of the header."""


class StudioRequest(HttpRequest):
    user: Person  # LoginRequiredMiddleware lets nobody else in
    member: Member
    htmx: HtmxDetails


View = Callable[Concatenate[StudioRequest, Rest], HttpResponse]


def for_member(view: View[Rest]) -> Callable[Concatenate[HttpRequest, Rest], HttpResponse]:
    """Let in who belongs to a team; tell anyone else so. Who is suspended may look, and do nothing."""

    @wraps(view)
    def guarded(request: StudioRequest, *args: Rest.args, **kwargs: Rest.kwargs) -> HttpResponse:
        if not request.member:  # type: ignore[truthy-bool]  # lazy, and nobody for a person without a team
            return HttpResponseForbidden(render(request, "generations/no_team.html", status=403).content)
        if not _is_of_this_team(request):
            return _elsewhere(request)
        if request.method not in LOOKS and (words := suspended_words(request.user, request.member)):
            return _suspended(request, words)
        return view(request, *args, **kwargs)

    return guarded  # type: ignore[return-value]  # Django passes a plain request that the middleware has completed


def _is_of_this_team(request: StudioRequest) -> bool:
    """Whether the page that asks was made for the team the person is in: they may have switched in another tab."""
    named = request.headers.get(TEAM_HEADER) or request.POST.get(TEAM_FIELD)
    return not named or named == str(request.member.team_id)


def _elsewhere(request: StudioRequest) -> HttpResponse:
    """Nothing was done for the wrong team; the page is read anew, and says so."""
    if request.method == "POST":
        words = f"You are in {request.member.team} now. This was for another team: nothing was done, nothing charged."
        messages.error(request, words)
    return HttpResponseClientRefresh() if request.htmx else redirect("studio")


def _suspended(request: StudioRequest, words: str) -> HttpResponse:
    """Who is suspended looks, and does nothing: the page says why on its own, an answer to a press has to say it."""
    if not request.htmx:
        return render(request, "generations/suspended.html", status=403)
    response = render(request, "_toasts.html", {"oob": True, "trouble": f"{words} {NOTHING_DONE}"})
    response["HX-Reswap"] = "none"
    return response


def for_manager(view: View[Rest]) -> Callable[Concatenate[HttpRequest, Rest], HttpResponse]:
    """Let in the owners and admins of a team; anyone else reads that this room is not theirs."""

    def managed(request: StudioRequest, /, *args: Rest.args, **kwargs: Rest.kwargs) -> HttpResponse:
        if not request.member.may_manage:
            return errors.forbidden(request)
        return view(request, *args, **kwargs)

    update_wrapper(managed, view)
    return for_member(managed)
