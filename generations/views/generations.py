"""What a person does with one generation: cancel it while it waits, or ask for it again."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from generations import ledger
from generations.forms.drawing import request_key
from generations.models import Generation
from generations.services import ordering
from generations.views import answers
from generations.views.request import StudioRequest, for_member


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
    """Order the same again."""
    row = _own(request, pk)
    key = request_key(request.POST.get("request_key", ""))
    try:
        batch = ordering.retry(member=request.member, generation=row, request_key=key)
    except ordering.NothingToRetry:
        return _said(request, "This picture is on its way or done; there is nothing to retry.")
    except ordering.RequestKeyReused as refusal:
        return _said(request, str(refusal), status=409)
    except (ordering.OrderRefused, ledger.NotEnoughCredits) as refusal:
        return _said(request, str(refusal))
    return answers.changes(request, own=batch) if request.htmx else redirect("studio")


def _own(request: StudioRequest, pk: uuid.UUID) -> Generation:
    """The row, if this member may act on it. Others' rows do not exist for a creator who did not make them."""
    rows = Generation.objects.visible_to(request.member).select_related("source__generation")
    if not request.member.may_manage:
        rows = rows.filter(member=request.member)
    return get_object_or_404(rows, pk=pk)


def _said(request: StudioRequest, words: str, *, status: int = 200) -> HttpResponse:
    """Tell why nothing happened: in a toast, or on the next page."""
    if request.htmx:
        response = answers.refusal(request, words)
        response.status_code = status
        return response
    messages.error(request, words)
    return redirect("studio")
