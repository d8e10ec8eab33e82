"""What an action sends back to the page it came from: everything that changed there, each piece out of band."""

import uuid
from dataclasses import replace
from typing import Any
from urllib.parse import SplitResult, parse_qs, urlsplit

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import Resolver404, resolve, reverse
from django_htmx.http import HttpResponseClientRefresh

from generations.models import Batch, Generation, Image, Member, clock
from generations.queries import feed as feeds
from generations.queries.arrivals import Arrivals, arrivals_for
from generations.queries.composer import Composer
from generations.queries.image_page import image_page
from generations.queries.search import Wanted
from generations.views.request import StudioRequest


def changes(request: StudioRequest, *, own: Batch | None = None, composer: Composer | None = None) -> HttpResponse:
    """After an action: what changed since the page's cursor; without one, at least the batch just ordered."""
    member, cursor, news = _since_the_cursor(request)
    if news.reload:
        return HttpResponseClientRefresh()
    runs = feeds.runs_with(member, own) if cursor is None and own is not None else news.new_runs
    return _render(request, member, news, new_runs=runs, composer=composer, request_key=uuid.uuid4().hex)


def news(request: StudioRequest, member: Member, updates: feeds.Updates) -> HttpResponse:
    """The answer to a poll; a page whose picture is gone by now loads itself anew."""
    pk = _picture_asking(request)
    if pk and not Image.objects.openable_by(member).filter(pk=pk).exists():
        return HttpResponseClientRefresh()
    return _render(request, member, updates, new_runs=updates.new_runs)


def refusal(request: StudioRequest, words: str, *, anew: Generation | None = None) -> HttpResponse:
    """Why nothing happened, in a toast; and what changed meanwhile, since that is often the reason.

    The card of `anew` comes too: its price or its way on may have changed, which is no move of its own.
    """
    member, _, news = _since_the_cursor(request)
    cards = [card for card in news.cards if anew is None or card.id != anew.pk]
    cards += feeds.card_again(member, anew.pk) if anew else []
    return _render(request, member, news, cards=cards, new_runs=news.new_runs, trouble=words)


def _since_the_cursor(request: StudioRequest) -> tuple[Member, feeds.Cursor | None, feeds.Updates]:
    member = feeds.standing(request.user) or request.member
    cursor = feeds.Cursor.parse(request.POST.get("cursor", ""))
    query = parse_qs(_page_asking(request).query)
    whose = "mine" if query.get("whose") == ["mine"] else "team"
    return member, cursor, feeds.updates_since(member, cursor, whose=whose) or feeds.nothing_new(member, whose)


def _render(request: StudioRequest, member: Member, updates: feeds.Updates, **more: Any) -> HttpResponse:
    arrivals = _arrivals(request, member)
    context = {
        "cards": updates.cards,
        "ended_runs": updates.ended_runs,
        "shown_anew": updates.shown_anew,
        "summary": updates.summary,
        "poll": replace(updates.poll, stays=arrivals is not None),
        "page": _image_page(request, member),
        "query": f"?{query}" if (query := _page_asking(request).query) else "",
        "arrivals": arrivals,
        **more,
    }
    return render(request, "generations/_feed_updates.html", context)


def _image_page(request: StudioRequest, member: Member) -> object | None:
    """The image page the request came from, whose family may have grown."""
    pk = _picture_asking(request)
    image = Image.objects.visible_to(member).select_related("generation").filter(pk=pk).first() if pk else None
    return image_page(image, viewer=member, now=clock.now()) if image else None


def _arrivals(request: StudioRequest, member: Member) -> Arrivals | None:
    """What came since the wall was hung that the request came from, where it came from one."""
    page = _page_asking(request)
    if page.path != reverse("library"):
        return None
    try:
        seen = uuid.UUID(request.GET.get("seen", ""))
    except ValueError:
        seen = None
    return arrivals_for(member, Wanted.read(member, QueryDict(page.query)), seen)


def _picture_asking(request: StudioRequest) -> uuid.UUID | None:
    """Which picture the page is about that the request came from, where it is about one."""
    try:
        place = resolve(_page_asking(request).path or "/")
    except Resolver404:
        return None
    pk: uuid.UUID | None = place.kwargs["pk"] if place.url_name == "image" else None
    return pk


def _page_asking(request: StudioRequest) -> SplitResult:
    """The address of the page that an action came from, as it says; an empty one where it named none."""
    try:
        return urlsplit(request.htmx.current_url or "")
    except ValueError:  # whatever calls itself htmx may send anything
        return urlsplit("")
