"""What a team keeps: for how long the trash is, what goes there by itself, and which pictures that would be now."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from generations.forms.retention import Keeping
from generations.queries.retention import preview_of
from generations.services import retaining
from generations.views.request import StudioRequest, for_manager


@require_http_methods(["GET", "HEAD", "POST"])
@for_manager
def retention(request: StudioRequest) -> HttpResponse:
    """The form; asked with its fields it shows what they would take, and saves nothing."""
    member, is_sent = request.member, request.method == "POST"
    form = Keeping((request.POST if is_sent else request.GET) or None, team=member.team)
    if not form.is_valid():
        status = 422 if is_sent else 200
        return render(request, "generations/retention.html", {"form": form}, status=status)
    facts = form.cleaned_data
    if is_sent:
        retaining.decide(by=member, trash_days=facts["trash_days"], months=facts["months"], takes=form.takes)
        messages.success(request, "Saved. It counts from the next night on.")
        return redirect("retention")
    preview = preview_of(member, months=facts["months"], takes=form.takes) if facts["months"] else None
    return render(request, "generations/retention.html", {"form": form, "preview": preview})
