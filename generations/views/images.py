"""One picture at its own address, and the ways to enlarge it."""

import uuid

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from generations import ledger
from generations.forms.upscale import Upscale
from generations.models import Image, clock
from generations.queries import feed as feeds
from generations.queries.image_page import image_page
from generations.queries.upscale_sheet import upscale_sheet
from generations.services import ordering
from generations.views import answers
from generations.views.request import StudioRequest, for_member


@require_GET
@for_member
def image(request: StudioRequest, pk: uuid.UUID) -> HttpResponse:
    """The picture, large, with everything known about it."""
    picture = _visible(request, pk)
    member = feeds.standing(request.user) or request.member
    page = image_page(picture, viewer=member, now=clock.now())
    return render(request, "generations/image.html", {"page": page, "poll": feeds.poll_of(member, "team")})


@require_http_methods(["GET", "POST"])
@for_member
def upscale(request: StudioRequest, pk: uuid.UUID) -> HttpResponse:
    """The sheet that lists every way to enlarge this picture, and the order for one."""
    picture = _visible(request, pk)
    if request.method != "POST":
        return _sheet(request, picture)
    form = Upscale(request.POST)
    if not form.is_valid():
        return _sheet(request, picture, form=form, error=_first_error(form), status=422)
    key = form.cleaned_data["request_key"]
    try:
        batch = ordering.order_upscale(
            member=request.member, image=picture, provider=form.provider, offer=form.offer, request_key=key
        )
    except ordering.RequestKeyReused as refusal:
        return _sheet(request, picture, form=form, error=str(refusal), status=409)
    except (ordering.OrderRefused, ledger.NotEnoughCredits) as refusal:
        return _sheet(request, picture, form=form, error=str(refusal), status=422)
    if not request.htmx:
        return redirect("image", pk=picture.pk)
    return answers.changes(request, own=batch)


def _visible(request: StudioRequest, pk: uuid.UUID) -> Image:
    pictures = Image.objects.visible_to(request.member)
    return get_object_or_404(pictures.select_related("generation__member__person", "generation__credential"), pk=pk)


def _sheet(
    request: StudioRequest, picture: Image, *, form: Upscale | None = None, error: str = "", status: int = 200
) -> HttpResponse:
    chosen = form.data.get("choice") if form else None
    sheet = upscale_sheet(picture, member=request.member, chosen=chosen, error=error)
    fragment = bool(request.htmx)
    template = "generations/_upscale_sheet.html" if fragment else "generations/upscale.html"
    response = render(request, template, {"sheet": sheet}, status=status)
    if fragment and status != 200:
        response["HX-Retarget"] = "#dialog"
        response["HX-Reswap"] = "innerHTML"
    return response


def _first_error(form: Upscale) -> str:
    return next(str(error) for errors in form.errors.values() for error in errors)
