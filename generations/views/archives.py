"""Archives of pictures: ordered, watched while they are packed, fetched, packed again, removed."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from generations import embedding
from generations.forms.archive import Packing
from generations.models import Archive
from generations.queries.archives import archives_of
from generations.services import archiving
from generations.views.request import StudioRequest, for_member
from generations.views.sending import send


@require_http_methods(["GET", "HEAD", "POST"])
@for_member
def archives(request: StudioRequest) -> HttpResponse:
    """One's own, the newest first; and the order for another one: `image` for each picture, or `batch`."""
    if request.method == "POST":
        return _order(request)
    return _page(request, "generations/archives.html")


@require_safe
@for_member
def archive(request: StudioRequest, pk: uuid.UUID) -> HttpResponse:
    """How far it is, and the way to its file."""
    return _page(request, "generations/archive.html", only=pk)


@require_safe
@for_member
def archive_file(request: StudioRequest, pk: uuid.UUID) -> HttpResponse:
    """The file, for who ordered it; a download that broke off goes on where it was."""
    found = archiving.file_of(request.member, pk)
    if found is None:
        raise Http404
    row, path = found
    try:
        plan, attachment = embedding.as_it_is(path), f'attachment; filename="{row.name}"'
        response = send(request, path, plan, etag=row.sha256, media_type="application/zip", attachment=attachment)
    except FileNotFoundError:
        raise Http404 from None  # its day ended just now
    response["Cache-Control"] = "private, no-store"
    return response  # type: ignore[return-value]  # a file streams; Django serves any response


@require_POST
@for_member
def archive_retry(request: StudioRequest, pk: uuid.UUID) -> HttpResponse:
    """Pack the same pictures once more; with `without=1` those whose files are not whole stay out."""
    row = _own(request, pk)
    try:
        archiving.order_again(archive=row, without_troubled=request.POST.get("without") == "1")
    except archiving.ArchiveRefused as refusal:
        messages.error(request, str(refusal))
    return redirect("archive", pk=row.pk)


@require_POST
@for_member
def archive_removal(request: StudioRequest, pk: uuid.UUID) -> HttpResponse:
    """Do without it, whatever its state."""
    archiving.remove(archive=_own(request, pk))
    messages.success(request, "The archive is removed. The pictures in it are not touched.")
    return redirect("archives")


def _own(request: StudioRequest, pk: uuid.UUID) -> Archive:
    row: Archive = get_object_or_404(Archive.objects.of(request.member), pk=pk)
    return row


def _order(request: StudioRequest) -> HttpResponse:
    form = Packing(request.POST)
    if not form.is_valid():
        return _refusal(request, next(str(error) for errors in form.errors.values() for error in errors))
    try:
        made = archiving.order_archive(
            member=request.member,
            images=form.chosen(request.member),
            request_key=form.cleaned_data["request_key"],
            asked=len(form.cleaned_data["image"]),
        )
    except archiving.ArchiveRefused as refusal:
        return _refusal(request, str(refusal))
    address = redirect("archive", pk=made.pk)
    return HttpResponseClientRedirect(address.url) if request.htmx else address


def _refusal(request: StudioRequest, words: str) -> HttpResponse:
    """Why there will be none: in a toast, or without script at the head of the list."""
    if not request.htmx:
        return _page(request, "generations/archives.html", trouble=words)
    response = render(request, "_toasts.html", {"oob": True, "trouble": words}, status=422)
    response["HX-Reswap"] = "none"
    return response


def _page(request: StudioRequest, template: str, *, only: uuid.UUID | None = None, trouble: str = "") -> HttpResponse:
    """The page, or what a poll swaps into it: nothing where it shows that already."""
    shown = archives_of(request.member, only=only)
    if only and not shown.cards:
        raise Http404
    if request.htmx and request.GET.get("seen") == shown.print:
        return HttpResponse(status=204)
    if request.htmx and "seen" in request.GET:
        template = "generations/_archives_news.html"
    status = 422 if trouble else 200
    return render(request, template, {"shown": shown, "trouble": trouble}, status=status)
