"""A case begins: somebody reported a picture, or a reviewer takes one up, also one that is still on its way."""

from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q

from generations.models import (
    LIVE,
    WITH_IMAGES,
    AuditEntry,
    Generation,
    Image,
    Level,
    Member,
    ReviewCase,
    Reviewer,
    Role,
)
from generations.queries.privacy import target_of
from generations.services.reviewing.refusals import NothingToHide, NotTheirs

TRIES_MAX = 3


def open_case(*, image: Image, reviewer: Reviewer) -> ReviewCase:
    """The open case about this picture, begun now where there is none.

    Raises NotTheirs, and NothingToHide for one whose file is gone for good.
    """
    _check(image.generation, reviewer)
    if not image.sha256:
        raise NothingToHide
    return _taken_up(image.generation, image=image, reviewer=reviewer)


def open_on(*, generation: Generation, reviewer: Reviewer) -> ReviewCase:
    """The same about everything this generation brings, also what is still being fetched.

    Raises NotTheirs, and NothingToHide for what ended without a picture.
    """
    _check(generation, reviewer)
    if generation.state not in {*LIVE, *WITH_IMAGES}:
        raise NothingToHide
    return _taken_up(generation, image=None, reviewer=reviewer)


def _taken_up(generation: Generation, *, image: Image | None, reviewer: Reviewer) -> ReviewCase:
    with transaction.atomic():
        case, is_new = ensure(generation, image=image)
        if is_new:
            target = target_of(image) if image else f"generation:{generation.pk}"
            who: dict[str, Any] = {"by": reviewer.member, "actor": reviewer.actor, "person": reviewer.person}
            AuditEntry.note("case_opened", team=case.team, target=target, after={"case": case.pk}, **who)
        return case


def ensure(generation: Generation, *, image: Image | None) -> tuple[ReviewCase, bool]:
    """The open case, locked, and whether it was begun now. In the caller's transaction."""
    about: dict[str, Any] = {"generation": generation, "image": image}
    for _ in range(TRIES_MAX):
        try:
            with transaction.atomic():
                return ReviewCase.objects.create(team=generation.team, level=_level(generation), **about), True
        except IntegrityError:
            found = ReviewCase.objects.open().select_for_update().filter(**about).first()
        if found is not None:  # else it was decided while we waited for it, and there is room for another
            return found, False
    raise NotTheirs("This picture is being decided right now. Try again in a moment.")


def _level(generation: Generation) -> str:
    """The team's, while somebody else than the picture's maker manages it."""
    managers = Member.objects.present().filter(team=generation.team_id, role__in=[Role.OWNER, Role.ADMIN])
    others = managers.exclude(pk__in=[pk for pk in (generation.member_id, generation.kept_by_id) if pk])
    return Level.TEAM if others.exists() else Level.STAFF


def _check(generation: Generation, reviewer: Reviewer) -> None:
    mine = Q(member__person=reviewer.person) | Q(kept_by__person=reviewer.person)
    reached = Generation.objects.filter(pk=generation.pk).exclude(mine)
    if not (reached if reviewer.is_staff else reached.filter(team=reviewer.team)).exists():
        raise NotTheirs
