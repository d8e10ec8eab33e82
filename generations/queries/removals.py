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


def removal_of(image: Image, *, viewer: Member) -> Removal:
    """Of a hidden picture, for who made it and for who manages the team."""
    case = image.hidden_by
    return Removal(
        title="Picture" if is_concealed(image.generation, viewer) else summary(image.generation.prompt),
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


def is_concealed(generation: Generation, viewer: Member) -> bool:
    """Whether its words are gone with its pictures: for everyone but who wrote them and who manages the team.

    An enlargement has the words of what it enlarges, so that whoever ordered one wrote none of them.
    """
    if viewer.may_manage or not _is_hidden(generation):
        return False
    if generation.source_id is None:
        return viewer.pk not in {generation.member_id, generation.kept_by_id}
    return not _is_about_itself(generation) or viewer.pk not in {generation.member_id, generation.kept_by_id}


def words_left(generation: Generation, viewer: Member) -> str:
    """What was typed, or that a moderator removed it."""
    return REMOVED if is_concealed(generation, viewer) else generation.prompt


def _is_hidden(generation: Generation) -> bool:
    """Whether a moderator hid all it brought or brings, or what it was to enlarge."""
    if generation.is_done:
        any_hidden = any(image.hidden_at is not None for image in generation.images.all())
        return any_hidden and not shown_images(generation)
    source = generation.source if generation.source_id else None
    return generation.hidden_by_id is not None or (source is not None and source.hidden_at is not None)


def _is_about_itself(generation: Generation) -> bool:
    """Whether it was hidden for what it is, and not with what it enlarges."""
    images = generation.images.all() if generation.is_done else []
    return any(image.hidden_by and image.hidden_by.generation_id == generation.pk for image in images)


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
