"""What left a vendor's account, held against what our work there cost, each time the balance was read for the night.

A gap is told: to staff, and to the owners whose own key it is, unless others have work done on the same account, of
whom they are told nothing. Only what left beyond our cost is one: a balance that rises was topped up.
"""

import logging
from datetime import timedelta
from decimal import Decimal

from django.urls import reverse

from generations import limits
from generations.models import Alert, Credential, Member, Role, clock
from generations.queries.vendor_balances import Gap, gap_of
from generations.services import notifying

log = logging.getLogger(__name__)

ALERT = "bill"
PERIOD = timedelta(days=7)
"""So far back: a night without an answer hides nothing, and what a vendor charged a little late is in the same sum."""
SHARE = Decimal("0.10")
"""Vendors round, and some take a little more for a size than they announce; the cost of each order is watched apart."""
ORDERS = 5
"""So many may have been taken on one side of a reading and charged on the other: about what runs at one time."""


def compare(key: Credential) -> bool:
    """Raise the alert where a gap is beyond the tolerance, and end it where none is any more; True when it is new."""
    gap = gap_of(key, since=clock.now() - PERIOD)
    if gap is None or (gap.unknown and not gap.dearest):
        return False  # nothing to compare yet, or no idea of what an order costs
    subject = f"credential:{limits.account_numbers([key])[key.pk]}"
    if gap.unexplained <= tolerance(gap):
        Alert.objects.resolve(ALERT, subject=subject)
        return False
    words = (
        f"{gap.vendor}, {gap.key}: {_amount(gap.went_out)} {gap.unit} left the account since {gap.first_at:%-d %b}, "
        f"and our orders there cost {_amount(gap.cost)}. {_amount(gap.unexplained)} are not explained. Look at the "
        "vendor’s own list, at what the price book assumes, and whether the key is used anywhere else."
    )
    if not Alert.objects.tell(ALERT, subject=subject, words=words):
        return False
    log.warning("%s: %s left beyond the cost we know of", subject, gap.unexplained)
    if key.team is not None and not gap.is_shared:
        _tell_owners(key, gap, words)
    return True


def tolerance(gap: Gap) -> Decimal:
    """How much more may leave an account than our work there cost. An order whose cost nobody knows is a dear one."""
    return max(SHARE * gap.cost, ORDERS * gap.dearest) + gap.unknown * gap.dearest


def _tell_owners(key: Credential, gap: Gap, words: str) -> None:
    word = notifying.Word(
        kind=ALERT,
        subject=f"More left your account at {gap.vendor} than your pictures cost",
        words=f"{words} Nobody was charged differently.",
        path=reverse("vendor_report"),
    )
    for owner in Member.objects.present().filter(team=key.team, role=Role.OWNER).select_related("person"):
        if owner.person is not None:
            notifying.tell_once(owner.person, word, key=f"bill:{key.pk}:{gap.last_at:%Y-%m-%d}", team=key.team)


def _amount(number: Decimal) -> str:
    return f"{number.normalize():,f}"
