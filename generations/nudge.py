"""Starts the pump when there is work for it and nobody pumps. Cheap to call, and safe to call too often."""

from django.conf import settings
from django.db.models import Q

from generations import queue
from generations.models import CallbackHint, Generation, Lease, State, clock, pump_lease

# A nudge already on its way is not repeated for this long, so a stopped worker finds one message and not a thousand.
QUIET_SECONDS = 5


def kick() -> int:
    """Enqueue the pump of each shard that nobody runs, if anything waits for it; says how many were started."""
    if not has_work():
        return 0
    return sum(_kick(shard) for shard in range(settings.PUMP_SHARDS))


def has_work() -> bool:
    """Whether any generation needs the pump: it sends what is queued and watches what a vendor has or gets.

    One whose credits went back long ago counts only when a look at it is due, one nobody knows the task of only when a
    callback named one.
    """
    late = Q(state=State.LAPSED, next_at__lte=clock.now(), result_urls=[]) & ~Q(vendor_task_id="")
    live = Q(state__in=[State.QUEUED, State.SUBMITTING, State.RUNNING]) | late
    return Generation.objects.filter(live).exists() or CallbackHint.objects.candidates().exists()


def _kick(shard: int) -> int:
    if not Lease.objects.is_stale(pump_lease(shard)):
        return 0
    if Lease.objects.take(f"kick:{shard}", seconds=QUIET_SECONDS) is None:
        return 0
    queue.later("pump", shard=shard)
    return 1
