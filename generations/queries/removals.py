"""What is left to see of pictures that moderators hid: a calm word where each was, and why for those it concerns."""

from dataclasses import dataclass

from generations.models import Concern, Generation, Image, Level, Member, ReviewCase, ReviewDecision
from generations.queries.words import credits_in_words, summary

REMOVED = "Removed by a moderator"
ARRIVES_HIDDEN = "A moderator hid this picture. It is stored, and not shown."


@dataclass(frozen=True, kw_only=True, slots=True)
class Removal:
    """Why a picture is not there any more. `words` are the moderator's own."""

    title: str
    reason: str
    words: str
    money: str
    whom: str
    is_from_source: bool
    is_for_good: bool


def removal_of(image: Image) -> Removal:
    """Of a hidden picture, for who made it and for who manages the team."""
    case = image.hidden_by
    return Removal(
        title=summary(image.generation.prompt),
        reason=Concern(case.reason).label if case and case.reason else "",
        words=case.words if case else "",
        money=money_words(image.generation),
        whom=ask_words(_last(case)),
        is_from_source=case is not None and case.generation_id != image.generation_id,
        is_for_good=not image.sha256,
    )


def removed_words(generation: Generation, viewer: Member) -> str:
    """What stands on its card where a moderator hid all of it, for those who read why; "" for everyone else."""
    if not (viewer.may_manage or viewer.pk in {generation.member_id, generation.kept_by_id}):
        return ""
    if not generation.is_done:
        return ARRIVES_HIDDEN if generation.hidden_by_id and generation.is_open else ""
    images = list(generation.images.all())
    hidden = next((image for image in images if image.hidden_at is not None), None)
    if hidden is None or shown_images(generation):
        return ""
    case = hidden.hidden_by
    return f"{REMOVED}: {Concern(case.reason).label.lower()}" if case and case.reason else REMOVED


def shown_images(generation: Generation) -> list[Image]:
    """Its pictures that nobody deleted or hid, in the vendor's order; nothing is asked when it cannot have any."""
    if not generation.is_done:
        return []
    images = [image for image in generation.images.all() if image.deleted_at is None and image.hidden_at is None]
    return sorted(images, key=lambda image: image.index)


def money_words(generation: Generation) -> str:
    """Hiding changes no credits; that is said in each case."""
    if generation.is_open:
        return "It was not finished yet: you pay only if it arrives."
    if not generation.charged:
        return "It cost nothing."
    return f"The {credits_in_words(generation.charged)} it cost do not come back."


def ask_words(decision: ReviewDecision | None) -> str:
    """Whom to ask: whoever decided in the team, else the staff."""
    if decision is not None and decision.role == Level.TEAM and decision.by:
        return f"If you disagree, ask {decision.by.called}, who decided it."
    return "If you disagree, ask the studio’s staff."


def _last(case: ReviewCase | None) -> ReviewDecision | None:
    if case is None:
        return None
    decided = ReviewDecision.objects.filter(case=case, action__in=["hide", "suspend"]).select_related("by")
    found: ReviewDecision | None = decided.order_by("-pk").first()
    return found
