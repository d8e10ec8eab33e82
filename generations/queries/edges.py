"""What was on an account when a month began and when it ended: what the lines dated before then come to.

The balance after the last of them would say so only where dates follow the lines, and where a clock was wrong for a
while they do not (`ledger.entries.SET_BACK_MAX`). So they are added up. Lines never change, so of a long account the
sums are noted with the line they reach to, and the next look adds what is newer.
"""

from datetime import timedelta

from django.core.cache import cache
from django.db.models import Q, Sum
from django.db.models.functions import Coalesce

from generations.models import CreditAccount
from generations.queries.months import Month

NOTED_AFTER = 5000
"""So many lines more were added up: worth a note. Fewer take a few milliseconds each time; a million, some tenths of a
second once."""
NOTED_FOR = timedelta(days=60)


def edges_of(account: CreditAccount, month: Month, zone: str) -> tuple[int, int]:
    """The balance before the month and at its end."""
    newest = account.entries.order_by("-seq").values_list("seq", "created_at").first()
    if newest is None:
        return 0, 0
    begin, end = month.start(zone), month.end(zone)
    name = f"edges:{account.pk}:{begin:%Y%m%d%H%M}:{end:%Y%m%d%H%M}"
    reached, opening, closing = _noted(account, name)
    # By number where some were added up already, by date else: an index leads through either, and past all others.
    lines = account.entries.filter(seq__gt=reached) if reached else account.entries.filter(created_at__lt=end)
    known = Q(seq__lte=newest[0])
    sums = lines.aggregate(
        opening=Coalesce(Sum("d_posted", filter=known & Q(created_at__lt=begin)), 0),
        closing=Coalesce(Sum("d_posted", filter=known & Q(created_at__lt=end)), 0),
    )
    opening, closing = opening + sums["opening"], closing + sums["closing"]
    if newest[0] - reached >= NOTED_AFTER:
        cache.set(name, (*newest, opening, closing), timeout=NOTED_FOR.total_seconds())
    return opening, closing


def _noted(account: CreditAccount, name: str) -> tuple[int, int, int]:
    """Up to which line the sums are known, and what they are. A note of another history is none: an older copy of the
    database may have been put back."""
    if note := cache.get(name):
        seq, date, opening, closing = note
        if account.entries.filter(seq=seq, created_at=date).exists():
            return seq, opening, closing
    return 0, 0, 0
