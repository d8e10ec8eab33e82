"""Where people bring pictures of their own, and see what became of each."""

from typing import cast

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from generations.forms.upload import Bring
from generations.queries.uploads import uploads_of
from generations.services import uploading
from generations.services.uploading import Sent
from generations.views import errors
from generations.views.arriving import Arrived, Arriving, arrivals
from generations.views.request import StudioRequest, for_member

NOTHING_CHOSEN = "Choose one picture at least: a JPEG, PNG or WebP file."


@require_http_methods(["GET", "HEAD", "POST"])
@for_member
def uploads(request: StudioRequest) -> HttpResponse:
    """The form, and what it sends: the files are set aside here, and looked at by a job."""
    if not request.member.may_create:
        return errors.forbidden(request)
    if request.method != "POST":
        return _page(request, Bring(team=request.member.team))
    arrived = arrivals(request)
    try:
        return _take_in(request, arrived)
    finally:
        arrived.clear()


@require_GET
@for_member
def upload_news(request: StudioRequest) -> HttpResponse:
    """What became of them by now; the page asks while something is checked."""
    return render(request, "generations/_uploads.html", {"uploads": uploads_of(request.member)})


def _take_in(request: StudioRequest, arrived: Arriving) -> HttpResponse:
    form = Bring(request.POST, team=request.member.team)
    here = [cast(Arrived, one) for one in request.FILES.getlist("files")]
    files = [Sent(name=one.name or "", path=one.path) for one in here]
    files += [Sent(name=name, path=None) for name in arrived.too_large]
    if form.is_valid() and files and not arrived.trouble:
        facts = form.cleaned_data
        try:
            uploading.take_in(
                member=request.member,
                request_key=facts["request_key"],
                files=files,
                title=facts["title"],
                private=facts["private"],
            )
        except uploading.UploadRefused as refusal:
            form.add_error(None, str(refusal))
    elif form.is_valid():
        form.add_error(None, arrived.trouble or NOTHING_CHOSEN)
    if not form.is_valid():
        return _page(request, form)
    if not request.htmx:
        return redirect("uploads")
    return _page(request, Bring(team=request.member.team), status=202)


def _page(request: StudioRequest, form: Bring, *, status: int = 200) -> HttpResponse:
    """The sheet over a page, or a page of its own."""
    template = "generations/_upload.html" if request.htmx else "generations/upload.html"
    context = {"form": form, "uploads": uploads_of(request.member), "trouble": form.non_field_errors()}
    return render(request, template, context, status=422 if form.errors else status)
