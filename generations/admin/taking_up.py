"""A moderator takes up what nobody reported: from its page at the desk straight to its case in the review queue."""

from collections.abc import Callable
from typing import cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from generations.models import Generation, Image, Person, ReviewCase, Reviewer
from generations.services import reviewing


def take_up(request: HttpRequest, row: Generation | Image, begin: Callable[[Reviewer], ReviewCase]) -> HttpResponse:
    """To the case that hides it, or the one that is open, or one that begins now; else back, with the reason."""
    reviewer = Reviewer.of_staff(cast(Person, request.user))
    if reviewer is None:
        raise PermissionDenied
    if row.hidden_by_id and ReviewCase.objects.within(reviewer).filter(pk=row.hidden_by_id).exists():
        return redirect("review_case", row.hidden_by_id)
    try:
        case = begin(reviewer)
    except reviewing.ReviewRefused as refusal:
        messages.error(request, str(refusal))
        return redirect(f"admin:generations_{row._meta.model_name}_change", row.pk)
    return redirect("review_case", case.pk)
