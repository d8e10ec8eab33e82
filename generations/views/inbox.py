"""What a person was told, and the way from there to what it is about: also into another one of their teams."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from generations.models import Notice
from generations.queries.inbox import inbox_of, leads_elsewhere
from generations.services import teams
from generations.views.request import StudioRequest


@require_GET
def inbox(request: StudioRequest) -> HttpResponse:
    """The newest first; what is unread is marked."""
    page = inbox_of(request.user, before=request.GET.get("before", ""), member=request.member)
    return render(request, "generations/inbox.html", {"page": page})


@require_POST
def inbox_reading(request: StudioRequest) -> HttpResponse:
    """Everything is read."""
    request.user.notices.mark_read()
    return redirect("inbox")


@require_http_methods(["GET", "HEAD", "POST"])
def notice(request: StudioRequest, pk: int) -> HttpResponse:
    """On to what it is about. Where that is in another team one is asked first: the press goes there, this does not."""
    row = get_object_or_404(Notice.objects.told().select_related("team"), pk=pk, person=request.user)
    if leads_elsewhere(row, request.member):
        if request.method != "POST":
            return render(request, "generations/notice.html", {"notice": row})
        if row.team is None or teams.choose_team(person=request.user, team=row.team.pk) is None:
            messages.error(request, f"You are no longer in {row.team}, so its pages are closed to you.")
            return redirect("inbox")
    return redirect(row.path if url_has_allowed_host_and_scheme(row.path, allowed_hosts=None) else "inbox")
