"""Staff hang words over every page, change them and take them down. Each time is in the audit log."""

import logging
from datetime import datetime

from django.db import transaction

from generations.models import AuditEntry, Banner, Mood, Person, clock
from generations.services.shutting import NotOperator

log = logging.getLogger(__name__)


def post(
    *,
    by: Person,
    words: str,
    mood: Mood,
    begins_at: datetime | None = None,
    ends_at: datetime | None = None,
    banner: Banner | None = None,
) -> Banner:
    """Hang it up, or with `banner` change that one. Raises NotOperator."""
    if not by.may_operate:
        raise NotOperator
    with transaction.atomic():
        before = _facts(banner) if banner else {}
        row = banner or Banner(by=by)
        row.words, row.mood = " ".join(words.replace("\0", "").split()), mood
        row.begins_at, row.ends_at = begins_at or clock.now(), ends_at
        row.save()
        _note("banner_changed" if banner else "banner_posted", row, by=by, before=before, after=_facts(row))
    return row


def take_down(*, by: Person, banner: Banner) -> bool:
    """From every page at once; False when it hangs no more. Raises NotOperator."""
    if not by.may_operate:
        raise NotOperator
    with transaction.atomic():
        if not banner.take_down():
            return False
        _note("banner_taken_down", banner, by=by, before=_facts(banner), after={})
    return True


def _facts(banner: Banner) -> dict[str, str]:
    ends = banner.ends_at.isoformat(timespec="seconds") if banner.ends_at else ""
    begins = banner.begins_at.isoformat(timespec="seconds")
    return {"words": banner.words, "mood": banner.mood, "begins_at": begins, "ends_at": ends}


def _note(action: str, banner: Banner, *, by: Person, before: dict[str, str], after: dict[str, str]) -> None:
    who = f"person:{by.pk}"
    AuditEntry.note(action, by=None, actor=who, person=by, target=f"banner:{banner.pk}", before=before, after=after)
    log.info("%s %s by %s", action, banner.pk, who)
