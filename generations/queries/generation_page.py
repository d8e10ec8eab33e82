"""What became of one order: the page a line of the statement leads to while there is no picture to see."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from generations.models import LIVE, Generation, Image, Member
from generations.queries import feed
from generations.queries.cards import Run, offer_of, runs_of
from generations.queries.image_page import Fact, Line, history_of, money_facts
from generations.queries.removals import words_left
from generations.queries.retries import Retries
from generations.queries.waits import waits_of
from generations.queries.words import summary


@dataclass(frozen=True, kw_only=True, slots=True)
class GenerationPage:
    title: str
    runs: list[Run]
    facts: list[Fact]
    history: list[Line]
    review_url: str


def picture_made(generation: Generation, *, viewer: Member) -> Image | None:
    """The first of its pictures that this member may see."""
    found: Image | None = Image.objects.visible_to(viewer).filter(generation=generation).order_by("index").first()
    return found


def generation_page(generation: Generation, *, viewer: Member, now: datetime) -> GenerationPage:
    """The order as the member sees it. It must be one they may see."""
    where = feed.places([generation])
    why = waits_of([generation], places=where, moment=now)
    return GenerationPage(
        title=summary(words_left(generation, viewer)),
        runs=runs_of([generation], viewer=viewer, now=now, places=where, waits=why, retries=Retries(viewer)),
        facts=_facts(generation),
        history=history_of(generation),
        review_url=_review_url(generation, viewer),
    )


def _review_url(generation: Generation, viewer: Member) -> str:
    """Where whoever manages the team takes up as its moderator what is still on its way to somebody else."""
    own = viewer.pk in {generation.member_id, generation.kept_by_id}
    may = viewer.may_manage and not own and generation.state in LIVE
    return reverse("generation_review", args=[generation.pk]) if may else ""


def _facts(generation: Generation) -> list[Fact]:
    offer = offer_of(generation)
    facts = [
        *money_facts(generation),
        Fact(label="Model", value=offer.label if offer else generation.offer_key),
        Fact(label="Made by", value=generation.member.called),
        Fact(label="When", at=generation.created_at),
    ]
    return [fact for fact in facts if fact.value or fact.at]
