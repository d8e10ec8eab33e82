"""Deleting a picture puts it into the trash, where it stays for as long as its team says, and from where it comes back.

Nothing about it is touched there: boards, tags and what it was enlarged to are as they were when it returns. Only from
the trash a picture goes for good: by hand, or when its days are over. Its row stays, for the books count it.
"""

import logging
import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from generations import queue, storage
from generations.models import AuditEntry, Generation, Image, Member, Role, Team, clock
from generations.models.generation.states import RESTORED, TRASHED
from generations.models.image import ImageQuerySet
from generations.services import indexing, marking

log = logging.getLogger(__name__)

AT_ONCE = 100
KEPT_AT_LEAST = timedelta(hours=1)
"""Whatever a team says, so that an Undo finds what it is about."""
STEP_SECONDS = 5
"""For so long one step empties; what is left is a job of its own."""
ACTOR = "retention"
NOT_YOURS = "Only who made it, and who manages the team, may delete it."
NOT_BACK = "It is not in the trash any more, or not yours to bring back."
NOT_FOR_GOOD = "Only who made it, and the team’s owners, delete it for good."
NEEDED = "A moderator is looking at it, or it is being enlarged. Delete it for good when that is over."


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What was done, and for each picture it was not done for, why. `before` is what an Undo has to know of each."""

    done: list[UUID]
    refused: dict[UUID, str] = field(default_factory=dict)
    before: dict[UUID, int | None] = field(default_factory=dict)


def trash(*, member: Member, images: QuerySet[Image] | Sequence[Image]) -> Outcome:
    """Delete those this member may delete. What a vendor is enlarging meanwhile is enlarged to its end."""
    seen = _keys(Image.objects.visible_to(member), images)
    theirs = _keys(Image.objects.visible_to(member).in_charge_of(member), seen)
    done = [key for some in _batches(theirs) for key in _trash(some, by=member)]
    return Outcome(done=done, refused=dict.fromkeys((key for key in seen if key not in set(theirs)), NOT_YOURS))


def restore(*, member: Member, images: QuerySet[Image] | Sequence[Image]) -> Outcome:
    """Bring back those this member may bring back, each as it was."""
    asked = _keys(Image.objects.filter(team=member.team_id).exclude(deleted_at=None), images)
    theirs = _keys(Image.objects.in_trash().in_charge_of(member), asked)
    done = [key for some in _batches(theirs) for key in _restore(some, by=member)]
    return Outcome(done=done, refused=dict.fromkeys((key for key in asked if key not in set(theirs)), NOT_BACK))


def trash_by_rule(*, keys: list[UUID], team: Team) -> int:
    """The same for a rule of the team, and written down as such; says how many."""
    with transaction.atomic():
        done = len(_trash(keys, by=None))
        if done:
            AuditEntry.note(
                "retention_applied", by=None, actor=ACTOR, team=team, target=f"team:{team.pk}", after={"pictures": done}
            )
    return done


def purge(*, member: Member, images: QuerySet[Image] | Sequence[Image]) -> Outcome:
    """Delete from the trash for good: files go unless another picture has the same. That cannot be undone."""
    asked = _keys(Image.objects.in_trash().in_charge_of(member), images)
    theirs = _keys(for_good(member), asked)
    free = _keys(Image.objects.free_to_go(), theirs)
    done = [key for some in _batches(free) for key in _purge(some)]
    if done:
        _note("pictures_purged", member, len(done))
    refused = {key: NEEDED if key in set(theirs) else NOT_FOR_GOOD for key in asked if key not in set(free)}
    return Outcome(done=done, refused=refused)


def for_good(member: Member) -> ImageQuerySet:
    """What this member may delete for good: their own that are in the trash, an owner also what was shared."""
    theirs: ImageQuerySet = Image.objects.in_trash().in_charge_of(member)
    if member.role == Role.OWNER:
        return theirs
    return theirs.filter(Q(generation__member=member) | Q(generation__kept_by=member))


def empty(*, member: Member) -> int:
    """Have all that this member may delete for good go, a job going on where it is much; says how many go."""
    moment = clock.now()
    number: int = for_good(member).free_to_go().filter(deleted_at__lte=moment).count()
    if number:
        _note("trash_emptied", member, number)
        queue.later("emptying", member=member.pk, until=moment.isoformat())
    return number


def go_on_emptying(*, member: str, until: str) -> None:
    """Purge what was in the trash at that moment, step by step. A step that gets lost is the nightly purge's."""
    by = Member.objects.filter(pk=member, left_at=None).first()
    if by is None:
        return
    rest = for_good(by).free_to_go().filter(deleted_at__lte=datetime.fromisoformat(until))
    if _purge_all(rest):
        queue.later("emptying", member=member, until=until)


def purge_due() -> int:
    """What has been in the trash for as long as its team keeps it; a job goes on where it is much. Says how many."""
    number = 0
    kept = Image.objects.in_trash().order_by().values_list("team", "team__trash_days").distinct()
    end = time.monotonic() + STEP_SECONDS
    for team, days in list(kept):
        before = clock.now() - max(timedelta(days=days), KEPT_AT_LEAST)
        due = Image.objects.in_trash().free_to_go().filter(team=team, deleted_at__lte=before)
        while some := list(due.order_by("pk").values_list("pk", flat=True)[:AT_ONCE]):
            number += len(_purge(some))
            if time.monotonic() >= end:
                queue.later("purge")
                return number
    return number


def _purge_all(rest: QuerySet[Image]) -> bool:
    """For some seconds; whether there is more."""
    end = time.monotonic() + STEP_SECONDS
    while some := list(rest.order_by("pk").values_list("pk", flat=True)[:AT_ONCE]):
        _purge(some)
        if time.monotonic() >= end:
            return True
    return False


def _trash(keys: list[UUID], *, by: Member | None) -> list[UUID]:
    """Those of them that were not in the trash yet, in one transaction with what they are found by."""
    with transaction.atomic():
        rows = Image.objects.select_for_update(no_key=True).filter(pk__in=keys, deleted_at=None).order_by("pk")
        found = [row.pk for row in rows]
        Image.objects.filter(pk__in=found).trash(by=by)
        _tell(found, actor=f"member:{by.pk}" if by else ACTOR, reason=TRASHED)
    return found


def _restore(keys: list[UUID], *, by: Member) -> list[UUID]:
    with transaction.atomic():
        rows = Image.objects.in_trash().select_for_update(no_key=True).filter(pk__in=keys, hidden_at=None)
        found = [row.pk for row in rows.order_by("pk")]
        Image.objects.filter(pk__in=found).bring_back()
        _tell(found, actor=f"member:{by.pk}", reason=RESTORED)
    return found


def _purge(keys: list[UUID]) -> list[UUID]:
    """Asked once more under a lock: a moderator, a vendor or an Undo may have come first."""
    with transaction.atomic():
        rows = Image.objects.in_trash().free_to_go().select_for_update(no_key=True, of=("self",))
        found = dict(rows.filter(pk__in=keys).order_by("pk").values_list("pk", "sha256"))
        gone = Image.objects.filter(pk__in=found)
        gone.take_down()
        marking.forget_pictures(gone)
        indexing.index(gone)
    log.info("%s pictures are purged from the trash", len(found))
    try:
        storage.discard(set(found.values()))
    except OSError:
        log.exception("the sweep has to remove files of the trash")
    return list(found)


def _tell(keys: Collection[UUID], *, actor: str, reason: str) -> None:
    """The index finds them or not, and their parents as enlarged or not; open pages show it. In the order of ids."""
    indexing.index(Image.objects.filter(Q(pk__in=keys) | Q(children__in=keys)))
    made = Image.objects.filter(pk__in=keys).values("generation")
    for row in Generation.objects.select_for_update(no_key=True).filter(pk__in=made).order_by("pk"):
        row.show_anew(actor=actor, reason=reason)


def _keys(rows: QuerySet[Image], images: QuerySet[Image] | Sequence[Image] | Sequence[UUID]) -> list[UUID]:
    """Which of `images` are among these rows, in the order of ids."""
    asked = images.values_list("pk", flat=True) if isinstance(images, QuerySet) else images
    keys: list[UUID] = [one.pk if isinstance(one, Image) else one for one in asked]
    found = [pk for some in _batches(keys) for pk in rows.filter(pk__in=some).values_list("pk", flat=True)]
    return sorted(set(found))


def _batches(keys: Sequence[UUID]) -> Iterator[list[UUID]]:
    for begin in range(0, len(keys), AT_ONCE):
        yield list(keys[begin : begin + AT_ONCE])


def _note(action: str, by: Member, number: int) -> None:
    AuditEntry.note(action, by=by, target=f"team:{by.team_id}", after={"pictures": number})
