"""One generation: what became of it, cancel it while it waits, or ask for it again."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from generations import ledger
from generations.forms.drawing import moment_of, request_key
from generations.models import Generation, Reviewer, clock
from generations.queries import feed as feeds
from generations.queries.generation_page import generation_page, picture_made
from generations.services import ordering, reviewing
from generations.views import answers, errors
from generations.views.request import StudioRequest, for_manager, for_member


@require_GET
@for_member
def generation(request: StudioRequest, pk: uuid.UUID) -> HttpResponse:
    """The picture, where there is one to see; else how it stands, or why there is none, and what it cost."""
    parts = Generation.objects.visible_to(request.member).select_related("member__person", "batch", "credential")
    row = get_object_or_404(parts.select_related("source"), pk=pk)
    if picture := picture_made(row, viewer=request.member):
        return redirect("image", pk=picture.pk)
    member = feeds.standing(request.user) or request.member
    page = generation_page(row, viewer=member, now=clock.now())
    return render(request, "generations/generation.html", {"page": page, "poll": feeds.poll_of(member, "team")})


@require_POST
@for_member
def cancellation(request: StudioRequest, pk: uuid.UUID) -> HttpResponse:
    """Cancel one that still waits; its maker or someone who manages the team may."""
    row = _own(request, pk)
    try:
        ordering.cancel(generation=row, actor=f"member:{request.member.pk}")
    except ordering.TooLate:
        return _said(request, "Too late to cancel: the vendor has it. You pay only if the picture arrives.")
    return answers.changes(request) if request.htmx else redirect("studio")


@require_POST
@for_member
def retry(request: StudioRequest, pk: uuid.UUID) -> HttpResponse:
    """Order the same again. A refusal brings the card as it is now, so that what was pressed is out of date no more."""
    row = _own(request, pk)
    key, seen_at = request_key(request.POST.get("request_key", "")), moment_of(request.POST.get("priced_at", ""))
    try:
        batch = ordering.retry(member=request.member, generation=row, request_key=key, seen_at=seen_at)
    except ordering.NothingToRetry:
        return _said(request, "This picture is on its way or done; there is nothing to retry.")
    except ordering.RequestKeyReused as refusal:
        return _said(request, str(refusal), status=409)
    except ledger.NotEnoughCredits as refusal:
        words = f"{refusal} Nothing was charged. You can ask for more on the page of your credits."
        return _said(request, words, anew=row)
    except ordering.OrderRefused as refusal:
        return _said(request, str(refusal), anew=row)
    return answers.changes(request, own=batch) if request.htmx else redirect("studio")


@require_POST
@for_manager
def review(request: StudioRequest, pk: uuid.UUID) -> HttpResponse:
    """Take up what it brings as a moderator of the team, also while that is still on its way."""
    row = get_object_or_404(Generation.objects.visible_to(request.member), pk=pk)
    reviewer = Reviewer.of_member(request.member)
    if reviewer is None:
        return errors.forbidden(request)
    try:
        case = reviewing.open_on(generation=row, reviewer=reviewer)
    except reviewing.ReviewRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("generation", pk=row.pk)
    return redirect("review_case", pk=case.pk)


def _own(request: StudioRequest, pk: uuid.UUID) -> Generation:
    """The row, if this member may act on it. Others' rows do not exist for a creator who did not make them."""
    rows = Generation.objects.visible_to(request.member).select_related("source__generation")
    if not request.member.may_manage:
        rows = rows.filter(member=request.member)
    return get_object_or_404(rows, pk=pk)


def _said(request: StudioRequest, words: str, *, anew: Generation | None = None, status: int = 200) -> HttpResponse:
    """Tell why nothing happened: in a toast, and with the card of `anew` as it is now, or on the next page."""
    if request.htmx:
        response = answers.refusal(request, words, anew=anew)
        response.status_code = status
        return response
    messages.error(request, words)
    return redirect("studio")
