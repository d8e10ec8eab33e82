"""Pictures that were chosen on the wall, and what is done with all of them in one press."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import HttpResponseClientRedirect, HttpResponseClientRefresh

from generations.forms.drawing import request_key
from generations.models import BulkAct, Image
from generations.queries import selection as selections
from generations.queries.acts import act_card
from generations.queries.search import Wanted
from generations.services import acting, archiving
from generations.views.request import StudioRequest, for_member

DOWNLOAD = "download"
NAMES_MAX = 200


@require_POST
@for_member
def selection(request: StudioRequest) -> HttpResponse:
    """Do what the button says with the chosen pictures."""
    kind, facts = _asked(request.POST)
    if kind != DOWNLOAD and kind not in acting.offered(request.member):
        return _refused(request, "That cannot be done with these pictures.")
    try:
        keys, key = _chosen(request), request_key(request.POST.get("request_key", ""))
        if kind == DOWNLOAD:
            return _packed(request, keys, key)
        row = acting.act(member=request.member, kind=kind, images=keys, request_key=key, facts=facts)
    except (selections.TooMany, acting.NothingChosen, archiving.ArchiveRefused) as refusal:
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


def _asked(sent: QueryDict) -> tuple[str, dict[str, Any]]:
    """Which act a button stands for, and what it is done with; "" for what none of them sends."""
    for kind, field in (("board", "board"), ("rate", "rating")):
        if value := sent.get(field):
            return (kind, {field: int(value)}) if value.isascii() and value.isdigit() and len(value) < 10 else ("", {})
    kind = sent.get("act", "")
    if kind in {"board", "rate"}:
        return "", {}
    return kind, {"names": sent.get("names", "")[:NAMES_MAX]} if kind == "tag" else {}


def _packed(request: StudioRequest, keys: list[uuid.UUID], key: str) -> HttpResponse:
    """The page of the archive, which says when it can be fetched."""
    rows = Image.objects.filter(pk__in=keys).order_by("-pk")
    made = archiving.order_archive(member=request.member, images=rows, request_key=key, asked=len(keys))
    place = reverse("archive", args=[made.pk])
    return HttpResponseClientRedirect(place) if request.htmx else redirect(place)


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
