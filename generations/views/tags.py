"""The tags of a team: all of them, those that begin as one types, and what who manages the team does with one."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from generations.models import Tag
from generations.queries.tags import offered, tags_page
from generations.services import marking
from generations.views.request import StudioRequest, for_manager, for_member


@require_GET
@for_member
def tags(request: StudioRequest) -> HttpResponse:
    """Every tag; htmx asks for those that fit what somebody types."""
    if request.htmx and "name" in request.GET:
        return render(request, "generations/_tag_names.html", {"names": offered(request.member, request.GET["name"])})
    return render(request, "generations/tags.html", {"page": tags_page(request.member)})


@require_POST
@for_manager
def tag(request: StudioRequest, pk: int) -> HttpResponse:
    """Call it something else; the name of another makes one of both."""
    row = _visible(request, pk)
    try:
        kept = marking.rename_tag(by=request.member, tag=row, name=request.POST.get("name", ""))
    except marking.MarkingRefused as refusal:
        messages.error(request, str(refusal))
    else:
        words = f"Renamed to {kept}." if kept.pk == row.pk else f"{row} and {kept} are one tag now, {kept}."
        messages.success(request, words)
    return redirect("tags")


@require_POST
@for_manager
def tag_removal(request: StudioRequest, pk: int) -> HttpResponse:
    """Take it off every picture."""
    row = _visible(request, pk)
    marking.remove_tag(by=request.member, tag=row)
    messages.success(request, f"No picture is tagged {row} any more.")
    return redirect("tags")


def _visible(request: StudioRequest, pk: int) -> Tag:
    found: Tag = get_object_or_404(Tag.objects.seen_by(request.member), pk=pk)
    return found
