"""Suspending somebody at the desk: a form with a reason and an end, a page that says what it does, and then the act."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from generations.forms.suspending import Suspending
from generations.models import Person, Suspension, Team
from generations.queries.suspensions import standing_words, touched_words
from generations.services import reviewing


@dataclass(frozen=True, kw_only=True)
class Errand:
    """Who is to be suspended: what is read about them before, the way back to them, and the act."""

    called: str
    effect: str
    touched: str
    stands: str
    back: str
    pk: int
    act: Callable[[str, datetime | None, Person], Suspension]


def suspend_person(request: HttpRequest, person: Person) -> HttpResponse:
    errand = Errand(
        called=person.called,
        effect="In every team they are in, they can look, fetch their data and sign out, and do nothing else.",
        touched=touched_words(person=person),
        stands=standing_words(person=person),
        back="admin:generations_person_change",
        pk=person.pk,
        act=lambda reason, until, by: reviewing.suspend_person(person=person, by=by, reason=reason, until=until),
    )
    return _run(request, errand)


def suspend_team(request: HttpRequest, team: Team) -> HttpResponse:
    errand = Errand(
        called=f"the team {team}",
        effect="Everybody in it can look, fetch their data and sign out there, and do nothing else.",
        touched=touched_words(team=team),
        stands=standing_words(team=team),
        back="admin:generations_team_change",
        pk=team.pk,
        act=lambda reason, until, by: reviewing.suspend_team(team=team, by=by, reason=reason, until=until),
    )
    return _run(request, errand)


def _run(request: HttpRequest, errand: Errand) -> HttpResponse:
    """The form, or with what it was sent the page that asks, or after that the act."""
    form = Suspending(request.POST if request.method == "POST" else None)
    if not form.is_valid() or request.POST.get("again"):
        return _page(request, errand, form, is_asked=False)
    if not request.POST.get("confirmed"):
        return _page(request, errand, form, is_asked=True)
    facts = form.cleaned_data
    try:
        made = errand.act(facts["reason"], facts["until"], cast(Person, request.user))
    except reviewing.SuspensionRefused as refusal:
        form.add_error("reason", f"{refusal} Nothing was changed.")
        return _page(request, errand, form, is_asked=False)
    messages.success(request, "Suspended. They were told, and it is in the audit log.")
    return redirect("admin:generations_suspension_change", made.pk)


def _page(request: HttpRequest, errand: Errand, form: Suspending, *, is_asked: bool) -> HttpResponse:
    page: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": f"Suspend {errand.called}",
        "errand": errand,
        "form": form,
        "is_asked": is_asked,
        "opts": Suspension._meta,
    }
    return render(request, "admin/suspension_form.html", page, status=422 if form.errors else 200)
