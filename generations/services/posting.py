"""Staff hang words over every page, change them and take them down. Each time is in the audit log."""

import hashlib
import logging
from datetime import datetime

from django.db import transaction

from generations.models import AuditEntry, Banner, Mood, Person, clock
from generations.services.shutting import NotOperator

log = logging.getLogger(__name__)


class BannerRefused(Exception):
    """Nothing was changed; the message says why."""


class TakenDown(BannerRefused):
    def __init__(self) -> None:
        super().__init__("This banner hangs no more. Nothing was changed; hang up a new one.")


class ChangedMeanwhile(BannerRefused):
    def __init__(self) -> None:
        super().__init__("Somebody else changed this banner meanwhile. Nothing was changed; open it anew.")


def post(
    *,
    by: Person,
    words: str,
    mood: Mood,
    begins_at: datetime | None = None,
    ends_at: datetime | None = None,
    banner: Banner | None = None,
    seen: str = "",
) -> Banner:
    """Hang it up, or with `banner` change that one, of which its writer saw the state with that print.

    Raises NotOperator, TakenDown, ChangedMeanwhile.
    """
    if not by.may_operate:
        raise NotOperator
    with transaction.atomic():
        row = _held(banner, seen) if banner else Banner(by=by)
        before = _facts(row) if banner else {}
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


def print_of(banner: Banner) -> str:
    """Tells one state of a banner from another."""
    parts = (
        banner.words,
        str(banner.mood),
        banner.begins_at.isoformat(),
        banner.ends_at and banner.ends_at.isoformat(),
    )
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def _held(banner: Banner, seen: str) -> Banner:
    """The row as it is now, which nobody changes before the end of the transaction."""
    row = Banner.objects.select_for_update(no_key=True).get(pk=banner.pk)
    if row.ends_at is not None and row.ends_at <= clock.now():
        raise TakenDown
    if print_of(row) != seen:
        raise ChangedMeanwhile
    return row


def _facts(banner: Banner) -> dict[str, str]:
    ends = banner.ends_at.isoformat(timespec="seconds") if banner.ends_at else ""
    begins = banner.begins_at.isoformat(timespec="seconds")
    return {"words": banner.words, "mood": banner.mood, "begins_at": begins, "ends_at": ends}


def _note(action: str, banner: Banner, *, by: Person, before: dict[str, str], after: dict[str, str]) -> None:
    who = f"person:{by.pk}"
    AuditEntry.note(action, by=None, actor=who, person=by, target=f"banner:{banner.pk}", before=before, after=after)
    log.info("%s %s by %s", action, banner.pk, who)
