"""What a team decides about keeping: for how long the trash is, and from what age on pictures go there by themselves.

Rules are applied once a day, in batches that each stand for themselves. Who made such a picture is told.
"""

import time
from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.urls import reverse

from generations import queue
from generations.models import AuditEntry, Heartbeat, Image, Member, Person, Retention, Team, clock
from generations.queries.retention import taken
from generations.queries.trash import kept_words
from generations.services import notifying, trashing

RULES, EVERY = "retention", timedelta(days=1)
AT_ONCE = 200
STEP_SECONDS = 5
TOLD = "retention"


class NotManager(Exception):
    """Only owners and admins decide what a team keeps."""


def decide(*, by: Member, trash_days: int, months: int, takes: Collection[str]) -> None:
    """Write it, and in the audit log what changed; no months: everything is kept. Raises NotManager."""
    if not by.may_manage or by.left_at is not None:
        raise NotManager("Only owners and admins decide what a team keeps.")
    after = {"trash_days": trash_days, "months": months, "takes": sorted(takes) if months else []}
    with transaction.atomic():
        team = Team.objects.select_for_update(no_key=True).get(pk=by.team_id)
        rule = Retention.objects.filter(team=team).first()
        before = {
            "trash_days": team.trash_days,
            "months": rule.months if rule else 0,
            "takes": rule.takes if rule else [],
        }
        Team.objects.filter(pk=team.pk).update(trash_days=trash_days)
        if months:
            facts = {"months": months, "takes": after["takes"]}
            Retention.objects.update_or_create(team=team, defaults=facts)
        else:
            Retention.objects.filter(team=team).delete()
        if before != after:
            AuditEntry.note("retention_changed", by=by, target=f"team:{team.pk}", before=before, after=after)


def apply_rules() -> int:
    """Once a day; says how many pictures went. What one step has no time for is a job of its own."""
    last = Heartbeat.objects.last(RULES)
    if last is not None and clock.now() - last < EVERY:
        return 0
    Heartbeat.objects.stamp(RULES)
    return go_on()


def go_on() -> int:
    """Put into the trash what the rules of all teams say, for some seconds; safe to end anywhere and to begin again."""
    number, end = 0, time.monotonic() + STEP_SECONDS
    for rule in Retention.objects.select_related("team").order_by("pk"):
        going = taken(rule.team, months=rule.months, takes=rule.takes).order_by("pk")
        while some := list(going.values_list("pk", flat=True)[:AT_ONCE]):
            number += _take(rule.team, some)
            if time.monotonic() >= end:
                queue.later("retention")
                return number
    return number


def _take(team: Team, keys: list[UUID]) -> int:
    with transaction.atomic():
        number = trashing.trash_by_rule(keys=keys, team=team)
        makers = Person.objects.filter(
            pk__in=Image.objects.filter(pk__in=keys).values("generation__member__person"),
            memberships__team=team,
            memberships__left_at=None,
        )
        words = f"Your team does not keep them longer. They can come back for {kept_words(team.trash_days)}."
        subject = "Old pictures of yours are in the trash"
        word = notifying.Word(kind=TOLD, subject=subject, words=words, path=reverse("trash"))
        for person in makers.distinct():
            notifying.tell_once(person, word, team=team, key=f"{TOLD}:{team.pk}:{clock.now():%Y-%m-%d}")
    return number
