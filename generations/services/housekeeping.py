"""What is done now and then, so that nothing piles up and nobody is surprised by the end of a vendor's link."""

import logging
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

from django.core.management import call_command
from django.db.models import Min, Sum

from generations import queue, storage
from generations.models import Alert, CreditEntry, Generation, Heartbeat, Image, State, Tally, Team, clock
from generations.models.generation.states import VENDOR_LINK_LIFE
from generations.models.tally import STORED_BYTES
from generations.queries.months import Month
from generations.services import (
    acting,
    allowing,
    announcing,
    archiving,
    boards,
    credentials,
    devices,
    exporting,
    indexing,
    nightly,
    notifying,
    pacing,
    proxying,
    retaining,
    teams,
    trashing,
    uploading,
    witnessing,
)

log = logging.getLogger(__name__)

EVERY = timedelta(hours=1)
FAILURES_KEPT = timedelta(days=7)
A_DAY = timedelta(days=1)
BOOKS, MONTHS = "books", "months"
FIRST_ZONE, LAST_ZONE = "Pacific/Kiritimati", "Etc/GMT+12"
"""Nowhere does a month begin earlier, or later."""
MONTHS_BEGIN_FOR = timedelta(hours=2)
"""After a month has begun everywhere: for a sweep that comes late. A studio that was off longer pays by the hour."""
UNSAVED_AFTER = {"unsaved": timedelta(hours=1), "link_ends": timedelta(hours=20)}
"""How long after a vendor took an order staff hear that its picture is still not on our shelf."""


def watch_links() -> int:
    """Tell staff of finished pictures that are not saved, early and once more before the vendor's link dies."""
    unsaved = Generation.objects.filter(state=State.FETCHING).order_by()
    moment, told = clock.now(), 0
    late: set[tuple[str, str]] = set()
    for provider, oldest in unsaved.values_list("provider").annotate(oldest=Min("accepted_at")):
        for kind, age in UNSAVED_AFTER.items():
            if oldest is not None and moment - oldest >= age:
                late.add((kind, provider))
                until = f"{oldest + VENDOR_LINK_LIFE:%d %b %H:%M} UTC"
                words = f"A finished picture of {provider} is not saved yet; the vendor shows it until {until}."
                told += Alert.objects.tell(kind, subject=provider, words=words)
    for alert in Alert.objects.filter(kind__in=UNSAVED_AFTER, resolved_at=None):
        if (alert.kind, alert.subject) not in late:
            Alert.objects.resolve(alert.kind, subject=alert.subject)
    return told


def keep_house(done: Counter[str]) -> None:
    """Once an hour: files without rows, old failures of the queue, idle keys, sessions that ended.

    A chore that fails is logged, and keeps none of the others from being done.
    """
    moment = clock.now()
    last = Heartbeat.objects.last("housekeeping")
    if last is not None and moment - last < EVERY:
        return
    Heartbeat.objects.stamp("housekeeping")
    chores: dict[str, Callable[[], int | None]] = {
        "work taken down": teams.take_down_late,
        "old pictures deleted": retaining.apply_rules,
        "trash purged": trashing.purge_due,
        "files removed": storage.sweep,
        "uploads forgotten": uploading.forget,
        "bulk acts forgotten": acting.forget,
        "pictures indexed": indexing.index_missed,
        "boards removed": boards.prune,
        "failures pruned": lambda: queue.prune_failures(before=moment - FAILURES_KEPT),
        "asked signs pruned": lambda: queue.prune_signs(before=moment - A_DAY),
        "workers forgotten": lambda: Heartbeat.objects.forget_workers(before=moment - A_DAY),
        "callbacks pruned": announcing.prune,
        "keys retired": credentials.retire_drained,
        "work of leavers cancelled": teams.stop_work,
        "allowances paid": allowing.pay_due,
        "pools told of": pacing.watch_pools,
        "credits returned": teams.return_credits,
        "exports removed": exporting.keep_house,
        "archives removed": archiving.keep_house,
        "notices pruned": notifying.prune,
        "proxies looked at": proxying.keep_house,
        "sessions cleared": _clear_sessions,
        "devices forgotten": devices.prune,
        "addresses forgotten": witnessing.forget_addresses,
        "audits missed": nightly.watch,
        "backups missed": nightly.watch_backups,
        "shelf weighed": weigh_shelf,
    }
    for name, chore in chores.items():
        _do(name, chore, done)


def weigh_shelf() -> None:
    """Add up the originals for the desk's first page, whose reader would wait for it."""
    stored = Image.objects.with_file().order_by().aggregate(bytes=Sum("size_bytes"))["bytes"]
    Tally.objects.write(STORED_BYTES, stored or 0)


def _do(name: str, chore: Callable[[], int | None], done: Counter[str]) -> None:
    try:
        done[name] = done.get(name, 0) + (chore() or 0)
    except Exception:
        log.exception("the chore %r failed", name)


def pay_on_time(done: Counter[str]) -> None:
    """At the first sweep after a month has begun where some team is: its allowances, which a page promised for then.

    Where no month begins these hours nothing is asked of the database. What is missed here is paid within the hour.
    """
    moment = clock.now()
    if Month.of(moment, FIRST_ZONE) == Month.of(moment - MONTHS_BEGIN_FOR, LAST_ZONE):
        return
    teams_paying = Team.objects.filter(members__allowance__isnull=False, members__left_at=None)
    zones = teams_paying.order_by().values_list("time_zone", flat=True).distinct()
    begun = max((Month.of(moment, zone).start(zone) for zone in zones), default=None)
    last = Heartbeat.objects.last(MONTHS)
    if begun is None or (last is not None and last >= begun):
        return
    Heartbeat.objects.stamp(MONTHS)
    _do("allowances paid", allowing.pay_due, done)


def _clear_sessions() -> None:
    call_command("clearsessions")


def ask_for_proof() -> bool:
    """Once a day, in jobs of their own: every team's books are added up, everything is audited, and vendors say what
    is left on our keys. True when it was asked for.
    """
    if not CreditEntry.objects.exists():
        return False
    last = Heartbeat.objects.last(BOOKS)
    if last is not None and clock.now() - last < A_DAY:
        return False
    Heartbeat.objects.stamp(BOOKS)
    queue.later("books")
    queue.later("audit")
    credentials.ask_balances()
    return True
