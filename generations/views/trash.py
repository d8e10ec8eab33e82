"""The trash: what was deleted comes back from here, or goes for good."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from generations.models import Image
from generations.queries.trash import trash_page
from generations.services import trashing
from generations.views.request import StudioRequest, for_member

CHOSEN_MAX = 500
NOTHING_CHOSEN = "Choose the pictures first."


@require_GET
@for_member
def trash(request: StudioRequest) -> HttpResponse:
    """What this member may bring back."""
    page = trash_page(request.member, before=request.GET.get("before", ""))
    return render(request, "generations/trash.html", {"page": page})


@require_POST
@for_member
def image_removal(request: StudioRequest, pk: uuid.UUID) -> HttpResponse:
    """Put one picture into the trash; the way back is offered at once."""
    image = get_object_or_404(Image.objects.visible_to(request.member), pk=pk)
    outcome = trashing.trash(member=request.member, images=[image])
    if outcome.refused:
        messages.error(request, outcome.refused[pk])
        return redirect("image", pk=pk)
    undo = reverse("image_restoration", args=[pk])
    messages.success(request, "The picture is in the trash.", extra_tags=undo)
    return redirect("library")


@require_POST
@for_member
def image_restoration(request: StudioRequest, pk: uuid.UUID) -> HttpResponse:
    """Take one picture out of the trash again."""
    image = get_object_or_404(Image.objects.in_trash().in_charge_of(request.member), pk=pk)
    trashing.restore(member=request.member, images=[image])
    messages.success(request, "The picture is back.")
    return redirect("image", pk=pk)


@require_POST
@for_member
def trash_restoration(request: StudioRequest) -> HttpResponse:
    """Bring back those that were chosen."""
    chosen = _chosen(request)
    if not chosen:
        return _back(request, NOTHING_CHOSEN, is_done=False)
    outcome = trashing.restore(member=request.member, images=Image.objects.filter(pk__in=chosen))
    return _back(request, _said(outcome, "back, as if they had never been away"), is_done=bool(outcome.done))


@require_POST
@for_member
def trash_removal(request: StudioRequest) -> HttpResponse:
    """Ask whether those that were chosen, or all, should go for good; then have them go."""
    chosen, is_all = _chosen(request), request.POST.get("all") == "1"
    if not chosen and not is_all:
        return _back(request, NOTHING_CHOSEN, is_done=False)
    if request.POST.get("sure") != "1":
        going = trashing.for_good(request.member)
        number = going.count() if is_all else going.filter(pk__in=chosen).count()
        context = {"chosen": chosen, "is_all": is_all, "number": number}
        return render(request, "generations/trash_removal.html", context)
    if is_all:
        number = trashing.empty(member=request.member)
        return _back(request, f"Going for good: {number:,}. It may take a moment.", is_done=True)
    outcome = trashing.purge(member=request.member, images=Image.objects.filter(pk__in=chosen))
    return _back(request, _said(outcome, "gone for good"), is_done=bool(outcome.done))


def _chosen(request: StudioRequest) -> list[uuid.UUID]:
    """The pictures a form names; what is no id names none."""
    found = []
    for text in request.POST.getlist("image")[:CHOSEN_MAX]:
        try:
            found.append(uuid.UUID(text))
        except ValueError:
            continue
    return found


def _said(outcome: trashing.Outcome, what: str) -> str:
    """How many, and of the others why not, each reason once."""
    number = len(outcome.done)
    done = f"1 picture is {what.replace('they', 'it')}." if number == 1 else f"{number:,} pictures are {what}."
    why = " ".join(sorted(set(outcome.refused.values())))
    return f"{done} {len(outcome.refused):,} not: {why}" if why else done


def _back(request: StudioRequest, words: str, *, is_done: bool) -> HttpResponse:
    (messages.success if is_done else messages.error)(request, words)
    return redirect("trash")
