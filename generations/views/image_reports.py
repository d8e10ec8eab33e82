"""A member reports a picture: a sheet over its page, or without script a page of its own."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from generations.forms.report import Report
from generations.models import Image
from generations.services import reviewing
from generations.views.request import StudioRequest, for_member

THANKS = "Thank you. A moderator looks at it, and you are told in your inbox what comes of it."


@require_http_methods(["GET", "POST"])
@for_member
def image_report(request: StudioRequest, pk: uuid.UUID) -> HttpResponse:
    """Say what is wrong with this picture. Nothing about it is shown here, so a private one stays unread."""
    picture = get_object_or_404(Image.objects.openable_by(request.member).select_related("generation__team"), pk=pk)
    form = Report(request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid():
        return _sheet(request, picture, form)
    facts = form.cleaned_data
    try:
        reviewing.report(member=request.member, image=picture, reason=facts["reason"], words=facts["words"])
    except reviewing.ReportRefused as refusal:
        form.add_error(None, str(refusal))
        return _sheet(request, picture, form)
    messages.success(request, THANKS)
    return render(request, "_toasts.html", {"oob": True}) if request.htmx else redirect("image", pk=picture.pk)


def _sheet(request: StudioRequest, picture: Image, form: Report) -> HttpResponse:
    template = "generations/_image_report.html" if request.htmx else "generations/image_report.html"
    status = 422 if form.is_bound else 200
    response = render(request, template, {"image": picture, "form": form}, status=status)
    if request.htmx:
        response["HX-Retarget"], response["HX-Reswap"] = "#dialog", "innerHTML"
    return response
