"""One picture at its own address, and the ways to enlarge it."""

import uuid

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from generations import ledger
from generations.forms.upscale import Upscale
from generations.models import Image, clock
from generations.queries import feed as feeds
from generations.queries.boards import boards_with
from generations.queries.browsing import beside
from generations.queries.image_page import image_page
from generations.queries.marks import marks_of
from generations.queries.privacy import privacy_of
from generations.queries.removals import removal_of
from generations.queries.search import EVERYTHING, Wanted
from generations.queries.upscale_sheet import upscale_sheet
from generations.services import looking, ordering, teams
from generations.views import answers
from generations.views.request import StudioRequest, for_member

VIEWER = "viewer"
"""What the arrows ask for anew: all of the page that is about its picture."""
DRAWER = "drawer"
"""The cookie in which a browser keeps for its session whether what is known about pictures lies open."""


@require_GET
@for_member
def image(request: StudioRequest, pk: uuid.UUID) -> HttpResponse:
    """The picture, large, with everything known about it."""
    picture = _with_parts(Image.objects.openable_by(request.member)).filter(pk=pk).first()
    if picture is None:
        return _removed(request, pk)
    looking.note(by=request.member, image=picture)
    member = feeds.standing(request.user) or request.member
    wanted = Wanted.read(member, request.GET) if request.GET else EVERYTHING
    context = {
        "page": image_page(picture, viewer=member, now=clock.now()),
        "beside": beside(picture, viewer=member, wanted=wanted),
        "query": wanted.query,
        "privacy": privacy_of(picture, viewer=member),
        "marks": marks_of(picture, viewer=member),
        "drawer": request.COOKIES.get(DRAWER),
        "hooks": boards_with(picture, member),
    }
    if request.htmx.target == VIEWER:
        return render(request, "generations/_viewer_next.html", context)
    context["poll"] = feeds.poll_of(member, "team")
    return render(request, "generations/image.html", context)


@require_POST
@for_member
def privacy(request: StudioRequest, pk: uuid.UUID) -> HttpResponse:
    """Keep a picture to oneself, or share it with the team."""
    picture = _visible(request, pk)
    private = request.POST.get("private") == "1"
    try:
        teams.choose_privacy(by=request.member, generation=picture.generation, private=private)
    except teams.NotAllowed as refusal:
        return _refusal(request, picture, str(refusal))
    if not request.htmx:
        return redirect("image", pk=picture.pk)
    shown = privacy_of(picture, viewer=request.member)
    return render(request, "generations/_image_privacy.html", {"privacy": shown})


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
            member=request.member,
            image=picture,
            provider=form.provider,
            offer=form.offer,
            choices=form.picked,
            request_key=key,
            seen_at=form.cleaned_data["priced_at"],
        )
    except ordering.RequestKeyReused as refusal:
        return _sheet(request, picture, form=form, error=str(refusal), status=409)
    except (ordering.OrderRefused, ledger.NotEnoughCredits) as refusal:
        return _sheet(request, picture, form=form, error=str(refusal), status=422)
    if not request.htmx:
        return redirect("image", pk=picture.pk)
    return answers.changes(request, own=batch)


def _removed(request: StudioRequest, pk: uuid.UUID) -> HttpResponse:
    """Why it is not here any more, for who made it and for who manages the team; nobody else hears of it."""
    rows = Image.objects.removed_for(request.member).select_related("generation", "hidden_by")
    picture = get_object_or_404(rows, pk=pk)
    if request.htmx:
        return HttpResponseClientRedirect(request.get_full_path())
    looking.note(by=request.member, image=picture)
    return render(request, "generations/image_removed.html", {"removal": removal_of(picture, viewer=request.member)})


def _visible(request: StudioRequest, pk: uuid.UUID) -> Image:
    return get_object_or_404(_with_parts(Image.objects.visible_to(request.member)), pk=pk)


def _with_parts(pictures: QuerySet[Image]) -> QuerySet[Image]:
    return pictures.select_related("generation__member__person", "generation__kept_by", "generation__credential")


def _refusal(request: StudioRequest, picture: Image, words: str) -> HttpResponse:
    if request.htmx:
        return answers.refusal(request, words)
    messages.error(request, words)
    return redirect("image", pk=picture.pk)


def _sheet(
    request: StudioRequest, picture: Image, *, form: Upscale | None = None, error: str = "", status: int = 200
) -> HttpResponse:
    chosen = form.data.get("choice") if form else None
    picked = form.picked if form else None
    sheet = upscale_sheet(picture, member=request.member, chosen=chosen, picked=picked, error=error)
    fragment = bool(request.htmx)
    template = "generations/_upscale_sheet.html" if fragment else "generations/upscale.html"
    response = render(request, template, {"sheet": sheet}, status=status)
    if fragment and status != 200:
        response["HX-Retarget"] = "#dialog"
        response["HX-Reswap"] = "innerHTML"
    return response


def _first_error(form: Upscale) -> str:
    return next(str(error) for errors in form.errors.values() for error in errors)
