"""A member hears when half, four fifths and all of a limit are used: of the month's credits, and of their own brake.
Owners hear when their team's pool has fallen to a half, a fifth and nothing of what it had in the month.

Each is told once in its period, to the inbox and by e-mail; what is set aside counts as used.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, Sum
from django.db.models.functions import Coalesce
from django.urls import reverse

from generations.models import Allowance, CreditAccount, CreditEntry, Member, Notice, Role, Team, clock
from generations.models.credit import TRANSFERS
from generations.queries.brakes import brake_of
from generations.queries.months import Month
from generations.queries.statement import SPENDING
from generations.services import notifying
from generations.services.notifying import Word

STEPS = (100, 80, 50)
"""Percent, the most telling first: an order that jumps over two of them is one message."""
POOL_STEPS = (0, 20, 50)
"""Percent of a pool that are left, likewise."""


@dataclass(frozen=True, kw_only=True)
class Limit:
    """`name` and `period` make the key under which each step is told once."""

    name: str
    period: str
    words: str
    used: int
    amount: int


def watch(member: Member) -> None:
    """Tell the member what their newest order has brought them to."""
    if member.person is None:
        return
    for limit in (_month(member), _brake(member)):
        if limit is not None:
            _tell_used(member, limit)


def watch_pools() -> int:
    """Tell owners how far their team's pool has fallen this month, each step once; says how many hear of it now.

    What a pool had is what it held when the month began and what was added since; what it gave away is what was moved
    to members, less what came back. Both are sums of its lines, so whoever looks, and when, finds the same.
    """
    moment, told = clock.now(), 0
    pools = CreditEntry.objects.filter(account__member=None).order_by()
    for zone in Team.objects.order_by().values_list("time_zone", flat=True).distinct():
        month = Month.of(moment, zone)
        lines = pools.filter(account__team__time_zone=zone, created_at__gte=month.start(zone))
        sums = lines.values_list("account__team", "account__posted").annotate(
            given=-Coalesce(Sum("d_posted", filter=Q(kind__in=TRANSFERS)), 0)
        )
        for team, left, given in sums:
            told += _tell_owners(team, month, left=left, had=left + given)
    return told


def _tell_owners(team: int, month: Month, *, left: int, had: int) -> int:
    reached = [step for step in POOL_STEPS if left * 100 <= had * step]
    if had <= 0 or not reached:
        return 0
    owners = Member.objects.present().filter(team=team, role=Role.OWNER).select_related("person", "team")
    words = f"{left:,} of {had:,} credits are left of what it had in {month.name}."
    if left <= 0:
        words += " Members keep theirs; nothing more can be given or paid monthly until credits are added to it."

    def say(step: int) -> Word:
        subject = f"The team’s pool has fallen to {left * 100 // had} percent" if step else "The team’s pool is empty"
        return Word(kind=f"pool_{step}", subject=subject, words=words, path=f"{reverse('credits')}?whose=pool")

    return sum(_tell(owner, f"pool:{team}:{month}", reached, say) for owner in owners)


def _tell_used(member: Member, limit: Limit) -> None:
    reached = [step for step in STEPS if limit.used * 100 >= limit.amount * step]

    def say(step: int) -> Word:
        return Word(
            kind=f"limit_{step}",
            subject=f"You have used {step} percent of {limit.words}",
            words=f"{limit.used:,} of {limit.amount:,} credits, with what is set aside for pictures under way.",
            path=reverse("credits"),
        )

    _tell(member, f"{limit.name}:{member.pk}:{limit.period}", reached, say)


def _tell(member: Member, name: str, reached: list[int], say: Callable[[int], Word]) -> bool:
    """The first of these steps, if it was not told or passed before."""
    if member.person is None or not reached:
        return False
    keys = {step: f"{name}:{step}" for step in reached}
    # Looked up first: past the half, every order of the period comes by here, and a refused row is dear.
    known = set(Notice.objects.filter(person=member.person, key__in=keys.values()).values_list("key", flat=True))
    step, *passed = reached
    # The steps below are done with, too: nobody wants to hear of a half after four fifths.
    for one in passed:
        if keys[one] not in known:
            notifying.silence(member.person, key=keys[one])
    if keys[step] in known:
        return False
    return notifying.tell_once(member.person, say(step), team=member.team, key=keys[step])


def _month(member: Member) -> Limit | None:
    allowance = Allowance.objects.filter(member=member).first()
    if allowance is None:
        return None
    zone = member.team.time_zone
    month = Month.of(clock.now(), zone)
    used = _used(member, month.start(zone))
    return Limit(name="month", period=str(month), words="this month’s credits", used=used, amount=allowance.amount)


def _brake(member: Member) -> Limit | None:
    state = brake_of(member)
    if state is None:
        return None
    period = f"{state.ends_at:%Y-%m-%d}:{state.amount}"
    return Limit(name="brake", period=period, words="your own brake", used=state.used, amount=state.amount)


def _used(member: Member, since: datetime) -> int:
    """What was paid since then, and what is set aside now."""
    account = CreditAccount.objects.filter(member=member).first()
    if account is None:
        return 0
    paid = CreditEntry.objects.filter(account=account, kind__in=SPENDING, created_at__gte=since)
    return account.held - (paid.aggregate(total=Sum("d_posted"))["total"] or 0)
