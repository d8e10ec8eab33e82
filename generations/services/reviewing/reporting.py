"""A member reports a picture: what is wrong with it, and some words."""

import logging
from datetime import timedelta

from django.db import transaction

from generations.models import AuditEntry, Concern, Image, ImageReport, Member, ReviewCase, clock
from generations.queries.privacy import is_own, target_of
from generations.services.reviewing import telling
from generations.services.reviewing.opening import ensure
from generations.services.reviewing.refusals import (
    OwnPicture,
    PictureGone,
    ReasonMissing,
    ReportedAlready,
    TooManyReports,
)

log = logging.getLogger(__name__)

REPORTS_PER_HOUR_MAX = 20
"""Of one member."""


def report(*, member: Member, image: Image, reason: str, words: str = "") -> ReviewCase:
    """Have somebody look at this picture; the member is told in their inbox what comes of it.

    Raises OwnPicture, PictureGone, ReasonMissing, ReportedAlready, TooManyReports; then nothing was written.
    """
    with transaction.atomic():
        Member.objects.select_for_update(no_key=True).get(pk=member.pk)  # one report at a time, so that each counts
        _check(member, image, reason)
        case, is_new = ensure(image.generation, image=image)
        ImageReport.objects.create(case=case, member=member, reason=reason, words=words)
        AuditEntry.note(
            "picture_reported", by=member, target=target_of(image), after={"case": case.pk, "reason": reason}
        )
        if is_new:
            telling.tell_reviewers(case)
    log.info("member %s reports image %s: case %s", member.pk, image.pk, case.pk)
    return case


def _check(member: Member, image: Image, reason: str) -> None:
    if reason not in dict(Concern.reportable()):
        raise ReasonMissing
    if is_own(image, member):
        raise OwnPicture
    if not Image.objects.openable_by(member).filter(pk=image.pk).exists():
        raise PictureGone
    mine = ImageReport.objects.filter(member=member)
    if mine.filter(case__image=image).exists():
        raise ReportedAlready
    if mine.filter(at__gt=clock.now() - timedelta(hours=1)).count() >= REPORTS_PER_HOUR_MAX:
        raise TooManyReports
