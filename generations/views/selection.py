"""Pictures that were chosen on the wall, and what is done with all of them in one press."""

import uuid

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import HttpResponseClientRefresh

from generations.forms.drawing import request_key
from generations.models import BulkAct
from generations.queries import selection as selections
from generations.queries.acts import act_card
from generations.queries.search import Wanted
from generations.services import acting
from generations.views.request import StudioRequest, for_member


@require_POST
@for_member
def selection(request: StudioRequest) -> HttpResponse:
    """Do what the button says with the chosen pictures."""
    kind = request.POST.get("act", "")
    if kind not in acting.offered(request.member):
        return _refused(request, "That cannot be done with these pictures.")
    try:
        keys, key = _chosen(request), request_key(request.POST.get("request_key", ""))
        row = acting.act(member=request.member, kind=kind, images=keys, request_key=key)
    except (selections.TooMany, acting.NothingChosen) as refusal:
        return _refused(request, str(refusal))
    card = act_card(row)
    if row.ended_at is not None:
        _tell(request, row)
    if not request.htmx:
        return redirect(_place(request))
    gone = row.done if kind == "trash" else []
    return render(request, "generations/_acted.html", {"gone": gone, "card": card, "new_key": uuid.uuid4().hex})


@require_GET
@for_member
def bulk_act(request: StudioRequest, pk: uuid.UUID) -> HttpResponse:
    """How far it is."""
    return render(request, "generations/_bulk_act.html", {"card": act_card(_own(request, pk))})


@require_POST
@for_member
def bulk_act_undo(request: StudioRequest, pk: uuid.UUID) -> HttpResponse:
    """Take it back, for all it was done for."""
    try:
        row = acting.undo(member=request.member, row=_own(request, pk))
    except acting.NotUndone as refusal:
        return _refused(request, str(refusal))
    if row.ended_at is not None:
        _tell(request, row)
    return HttpResponseClientRefresh() if request.htmx else redirect("library")


@require_POST
@for_member
def bulk_act_cancellation(request: StudioRequest, pk: uuid.UUID) -> HttpResponse:
    """Touch no further picture; what is done stays done, and can be undone."""
    row = _own(request, pk)
    row.cancel()
    if not request.htmx:
        return redirect("library")
    return render(request, "generations/_bulk_act.html", {"card": act_card(_own(request, pk))})


def _own(request: StudioRequest, pk: uuid.UUID) -> BulkAct:
    return get_object_or_404(BulkAct.objects.select_related("undone_by"), pk=pk, member=request.member)


def _chosen(request: StudioRequest) -> list[uuid.UUID]:
    """Of what a form names, or of all that match; what is no id names none. Raises TooMany."""
    if request.POST.get("all") != "1":
        return selections.chosen(request.member, _ids(request.POST.getlist("image")))
    upto = _ids([request.POST.get("upto", "")])
    if not upto:
        return []
    wanted = Wanted.read(request.member, QueryDict(request.POST.get("asked", "")))
    return selections.all_matching(request.member, wanted, upto=upto[0], without=_ids(request.POST.getlist("except")))


def _ids(texts: list[str]) -> list[uuid.UUID]:
    found = []
    for text in texts:
        try:
            found.append(uuid.UUID(text))
        except ValueError:
            continue
    return found


def _tell(request: StudioRequest, row: BulkAct) -> None:
    card = act_card(row)
    undo = reverse("bulk_act_undo", args=[row.pk]) if card.may_undo else ""
    (messages.success if row.done else messages.error)(request, card.words, extra_tags=undo)


def _refused(request: StudioRequest, words: str) -> HttpResponse:
    if request.htmx:
        return render(request, "_toasts.html", {"oob": True, "trouble": words})
    messages.error(request, words)
    return redirect(_place(request))


def _place(request: StudioRequest) -> str:
    """The wall as it was asked for."""
    asked = QueryDict(request.POST.get("asked", "")).urlencode()
    return f"{reverse('library')}?{asked}" if asked else reverse("library")
