"""The file of a hidden picture is removed for good: one person asks for it, and another one does it."""

import logging

from django.db import transaction
from django.db.models import Q

from generations import storage
from generations.models import (
    Action,
    CaseState,
    Generation,
    Image,
    ReviewCase,
    ReviewDecision,
    Reviewer,
    clock,
)
from generations.queries.review_case import may_remove
from generations.services import indexing, marking
from generations.services.reviewing import telling
from generations.services.reviewing.holding import check_reach, fresh, whose
from generations.services.reviewing.noting import note
from generations.services.reviewing.quarantine import covered_by
from generations.services.reviewing.refusals import NotHidden, NotTheirs, PurgeRefused

log = logging.getLogger(__name__)

NOBODY_ASKED = "Nobody has asked for this yet. Ask for it; then somebody else removes it."
ASKED_ALREADY = "This was asked for already. Somebody else than who asked removes it."
SAME_PERSON = "You asked for this yourself. Somebody else has to remove it."
BY_STAFF = "The studio’s moderators hid this. Only they can remove it."
ON_ITS_WAY = "This picture is still on its way. It can be removed once it is here."


def ask_purge(*, case: ReviewCase, reviewer: Reviewer, words: str = "") -> ReviewDecision:
    """Say that the files should go for good. Raises NotHidden, PurgeRefused, NotTheirs, DecidedMeanwhile."""
    with transaction.atomic():
        case = _hidden(case, reviewer)
        if case.purge_asked_by is not None:
            raise PurgeRefused(ASKED_ALREADY)
        if not case.decide(CaseState.HIDDEN, by=reviewer, version=case.version, purge_asked_by=reviewer.person):
            raise whose(case, reviewer)
        return _write(case, reviewer, Action.ASK_PURGE, words)


def purge(*, case: ReviewCase, reviewer: Reviewer, words: str = "") -> ReviewDecision:
    """Take the files away; that cannot be undone. Raises as `ask_purge`.

    They leave the disk as soon as it is certain; what that fails for, the next sweeps take.
    """
    with transaction.atomic():
        case = _hidden(case, reviewer)
        if case.purge_asked_by is None:
            raise PurgeRefused(NOBODY_ASKED)
        if case.purge_asked_by.pk == reviewer.person.pk:
            raise PurgeRefused(SAME_PERSON)
        pictures = covered_by(case)
        coming = Generation.objects.live().filter(Q(hidden_by=case) | Q(source__in=pictures))
        if coming.exists():
            raise PurgeRefused(ON_ITS_WAY)
        if not case.decide(CaseState.HIDDEN, by=reviewer, version=case.version, purged_at=clock.now()):
            raise whose(case, reviewer)
        files = set(Image.objects.with_file().filter(pk__in=pictures).values_list("sha256", flat=True))
        Image.objects.filter(pk__in=pictures).take_down()
        marking.forget_pictures(Image.objects.filter(pk__in=pictures))
        indexing.index(Image.objects.filter(pk__in=pictures))
        decision = _write(case, reviewer, Action.PURGE, words)
        telling.tell_purged(case)
        made = Image.objects.filter(pk__in=pictures).values_list("generation", flat=True)
        telling.tell_enlargers(case, made, telling.ENLARGEMENT_PURGED)
    log.info("case %s: its files are removed by %s", case.pk, reviewer.actor)
    try:
        storage.discard(files)
    except OSError:
        log.exception("case %s: the sweep has to remove its files", case.pk)
    return decision


def _hidden(case: ReviewCase, reviewer: Reviewer) -> ReviewCase:
    check_reach(case, reviewer)
    now = fresh(case)
    if now.state != CaseState.HIDDEN or now.purged_at is not None:
        raise NotHidden
    if not may_remove(now, reviewer):
        raise NotTheirs(BY_STAFF)
    return now


def _write(case: ReviewCase, reviewer: Reviewer, action: Action, words: str) -> ReviewDecision:
    made: ReviewDecision = ReviewDecision.objects.create(
        case=case, action=action, words=words, by=reviewer.person, role=reviewer.role
    )
    note(made, reviewer)
    return made
