"""Where somebody is signed in: one session ended, or all the others."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from generations.services import devices
from generations.views.request import StudioRequest


@require_POST
def session_end(request: StudioRequest, pk: int) -> HttpResponse:
    """Sign one of one's own sessions out; a stranger's is not there."""
    if not devices.end(request.user, pk=pk):
        messages.info(request, "That session had ended already.")
    else:
        messages.success(request, "That session is signed out.")
    return redirect("account")


@require_POST
def sessions_end(request: StudioRequest) -> HttpResponse:
    """Sign out everywhere but here."""
    number = devices.end_all(request.user, but=request.session.session_key)
    words = "1 session is signed out." if number == 1 else f"{number} sessions are signed out."
    messages.success(request, words if number else "You are signed in nowhere else.")
    return redirect("account")
