"""Hearts and stars, which are each member's own, and the picks of the team."""

from collections.abc import Collection
from uuid import UUID

from generations.models import RATING_MAX, Image, Mark, Member
from generations.services.marking.batches import Pictures, change
from generations.services.marking.refusals import WrongWords, check_may_add


def favor(*, member: Member, images: Pictures, is_favorite: bool) -> list[UUID]:
    """Count these among the member's favorites, or no more; says which changed. Anybody may, for themselves."""

    def act(keys: list[UUID]) -> Collection[UUID]:
        loved = set(Mark.objects.of(member, keys).filter(is_favorite=True).values_list("image", flat=True))
        if not is_favorite:
            Mark.objects.of(member, loved).unfavor()
            return loved
        new = [key for key in keys if key not in loved]
        Mark.objects.favor(member, new)
        return new

    return change(member, images, act)


def rate(*, member: Member, images: Pictures, rating: int | None) -> list[UUID]:
    """Give these so many stars, or with None take theirs away; says which changed. Anybody may, for themselves.

    Raises WrongWords for what is no number of stars.
    """
    if rating is not None and not 1 <= rating <= RATING_MAX:
        raise WrongWords(f"A picture has one to {RATING_MAX} stars, or none.")

    def act(keys: list[UUID]) -> Collection[UUID]:
        rated = dict(Mark.objects.of(member, keys).exclude(rating=None).values_list("image", "rating"))
        if rating is None:
            Mark.objects.of(member, rated).unrate()
            return rated
        new = [key for key in keys if rated.get(key) != rating]
        Mark.objects.rate(member, new, rating)
        return new

    return change(member, images, act)


def pick(*, member: Member, images: Pictures, is_picked: bool) -> list[UUID]:
    """Make these the team's picks, or no more, for everybody to see; says which changed. Raises NotAllowed."""
    check_may_add(member)

    def act(keys: list[UUID]) -> Collection[UUID]:
        others = Image.objects.filter(pk__in=keys, picked_at__isnull=is_picked)
        changed = list(others.values_list("pk", flat=True))
        rows = Image.objects.filter(pk__in=changed)
        rows.pick(member) if is_picked else rows.unpick()
        return changed

    return change(member, images, act)
