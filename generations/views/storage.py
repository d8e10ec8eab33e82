"""How much storage the team's pictures take, and how much each member may; for who manages the team."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_http_methods

from generations.forms.space import MemberSpace, in_gigabytes
from generations.models import Member, Space
from generations.queries.space import storage_page
from generations.services import storing
from generations.views import sheets
from generations.views.request import StudioRequest, for_manager


@require_GET
@for_manager
def storage(request: StudioRequest) -> HttpResponse:
    """Who has how much of it."""
    return render(request, "generations/storage.html", {"page": storage_page(request.member.team)})


@require_http_methods(["GET", "HEAD", "POST"])
@for_manager
def member_storage(request: StudioRequest, pk: int) -> HttpResponse:
    """Let a member have so much, and so many."""
    rows = Member.objects.filter(left_at=None).select_related("person", "team")
    row = get_object_or_404(rows, pk=pk, team=request.member.team)
    known = Space.objects.filter(pk=row.pk).first()
    facts = {
        "gigabytes": in_gigabytes(known.bytes_max if known else None).normalize(),
        "pictures": (known.pictures_max if known else None) or 0,
    }
    form = MemberSpace(request.POST if request.method == "POST" else None, initial=facts)
    if request.method != "POST" or not form.is_valid():
        lede = "What is there stays, whatever you say. Over it nobody orders or uploads; what is under way is kept."
        return sheets.over(request, form, title=f"Storage of {row.called}", act="Save", lede=lede, back="storage")
    most, number = form.bytes_max(), form.pictures_max()
    storing.limit_member(by=request.member, member=row, bytes_max=most, pictures_max=number)
    return sheets.done(request, f"The storage of {row.called} is set.", "storage")
