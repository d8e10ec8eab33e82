"""The studio page: an order is written here, and its pictures appear."""

import uuid

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import HttpResponseClientRefresh

from generations import ledger, nudge
from generations.forms.drawing import Drawing
from generations.models import Batch, Generation
from generations.queries import feed as feeds
from generations.queries.composer import PROMPT_MAX, composer_for
from generations.queries.prompt_rules import Stop
from generations.queries.pulse import TEAM_HEADER, pulse_of
from generations.queries.removals import is_concealed
from generations.services import ordering
from generations.views import answers
from generations.views.request import StudioRequest, for_member


@require_GET
@for_member
def studio(request: StudioRequest) -> HttpResponse:
    """The composer and the newest batches."""
    member = feeds.standing(request.user) or request.member
    composer = composer_for(member=member, like=_like(request), words=request.GET.get("prompt", "")[:PROMPT_MAX])
    context = {"composer": composer, "feed": feeds.feed_for(member, whose=_whose(request))}
    return render(request, "generations/studio.html", context)


@require_POST
@for_member
def batches(request: StudioRequest) -> HttpResponse:
    """Order drawings. Sent twice with one key, it happens once."""
    form = Drawing(request.POST)
    if not form.is_valid():
        return _refused(request, form, status=422)
    try:
        batch = _order(request, form)
    except ordering.PromptHeld as refusal:
        return _held(request, form, str(refusal))
    except ordering.PromptWarned as refusal:
        return _refused(request, form, status=422, stop=Stop(words=str(refusal), agreement=refusal.agreement))
    except ordering.PromptBlocked as refusal:
        form.add_error("prompt", str(refusal))
        appeal = reverse("hit_appeal", args=[refusal.hit.pk])
        return _refused(request, form, status=422, stop=Stop(words="", appeal_url=appeal))
    except (ordering.OrderRefused, ledger.NotEnoughCredits) as refusal:
        form.add_error(None, str(refusal))
        return _refused(request, form, status=409 if isinstance(refusal, ordering.RequestKeyReused) else 422)
    if not request.htmx:
        return redirect("studio")
    return answers.changes(request, own=batch, composer=composer_for(member=request.member))


@require_GET
def feed(request: StudioRequest) -> HttpResponse:
    """The page's one poll: what changed since its cursor, or 204; too much makes it load itself anew."""
    pulse = pulse_of(request.user)
    if pulse is None:
        raise PermissionDenied
    if request.headers.get(TEAM_HEADER, str(pulse.team)) != str(pulse.team):
        return HttpResponseClientRefresh()  # the person is in another team by now
    if pulse.needs_a_pump(settings.PUMP_SHARDS):
        nudge.kick()
    seen = feeds.Cursor.parse(request.GET.get("cursor", ""))
    member = feeds.standing(request.user) if seen != pulse.cursor else None
    news = feeds.updates_since(member, seen, whose=_whose(request)) if member else None
    if news is None or member is None:
        return HttpResponse(status=204)
    if news.reload:
        return HttpResponseClientRefresh()
    return answers.news(request, member, news)


def _order(request: StudioRequest, form: Drawing) -> Batch:
    facts = form.cleaned_data
    return ordering.order_drawing(
        member=request.member,
        provider=form.provider,
        offer=form.offer,
        prompt=facts["prompt"],
        shape=facts["shape"],
        count=facts["count"],
        request_key=facts["request_key"],
        private=facts["privacy"],
        seen_at=facts["priced_at"],
        agreed=facts["agreed"],
    )


def _held(request: StudioRequest, form: Drawing, words: str) -> HttpResponse:
    """The order is kept for a reviewer: the composer says so, or the page of what waits."""
    if request.htmx:
        return _refused(request, form, status=202, stop=Stop(words=words, is_held=True))
    messages.info(request, words)
    return redirect("prompts")


def _like(request: StudioRequest) -> Generation | None:
    """The generation whose order the composer should start from, if the address names one this member may see."""
    try:
        pk = uuid.UUID(request.GET.get("from", ""))
    except ValueError:
        return None
    rows = Generation.objects.visible_to(request.member).select_related("source").prefetch_related("images__hidden_by")
    found = rows.filter(pk=pk).first()
    return None if found is None or is_concealed(found, request.member) else found


def _whose(request: StudioRequest) -> str:
    return "mine" if request.GET.get("whose") == "mine" else "team"


def _refused(request: StudioRequest, form: Drawing, *, status: int, stop: Stop | None = None) -> HttpResponse:
    """The form again with its errors, on the page or as its fragment; nothing typed is lost."""
    composer = composer_for(member=request.member, form=form, stop=stop)
    if request.htmx:
        response = render(request, "generations/_composer.html", {"composer": composer}, status=status)
        response["HX-Retarget"] = "#composer"
        response["HX-Reswap"] = "outerHTML"
        return response
    member = feeds.standing(request.user) or request.member
    context = {"composer": composer, "feed": feeds.feed_for(member)}
    return render(request, "generations/studio.html", context, status=status)
