"""I1 to I8, I17 and I19: the ledger adds up, and people pay for pictures they have and for nothing else.

Each check reads in sets: a handful of queries, however many rows there are.
"""

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Count, Exists, F, Max, Min, OuterRef, Q, QuerySet, Sum, Value, Window
from django.db.models.functions import Coalesce, Lag

from generations.models import OPEN, UPLOAD, CreditAccount, CreditEntry, CreditHold, Generation, State, clock
from generations.models.credit import RESOLUTIONS, TRANSFERS, EntryKind, HoldState
from generations.models.generation.states import WATCH_AFTER_LAPSE
from generations.services.auditing.findings import Finding

HOLD_GRACE = WATCH_AFTER_LAPSE + timedelta(hours=1)
"""How long after the deadline of its generation a hold may stay open before a person should look."""
ENDED_UNPAID = (State.FAILED, State.CANCELED, State.LAPSED, State.RECOVERED)
CAME_IN = (EntryKind.GRANT, EntryKind.ADJUST, EntryKind.REFUND)
EARNED = (*CAME_IN, *TRANSFERS)
"""What changes a balance without a picture."""


def balances(rule: str) -> Iterator[Finding]:
    """I1: an account is the sum of its entries."""
    sums = CreditEntry.objects.order_by().values("account").annotate(Sum("d_posted"), Sum("d_held"), lines=Count("pk"))
    by_account = {row["account"]: (row["d_posted__sum"], row["d_held__sum"], row["lines"]) for row in sums}
    for account in CreditAccount.objects.order_by("pk"):
        has, adds_up = (account.posted, account.held, account.seq), by_account.get(account.pk, (0, 0, 0))
        if has != adds_up:
            words = f"has posted, held, seq {has} where its entries make {adds_up}"
            yield Finding(rule=rule, subject="account", id=str(account.pk), words=words)


def chains(rule: str) -> Iterator[Finding]:
    """I2: each entry continues the one before it, without a gap."""

    def before(field: str) -> Coalesce:
        line = Window(Lag(field), partition_by="account", order_by="seq")
        return Coalesce(line, Value(0))

    linked = CreditEntry.objects.annotate(
        seq_before=before("seq"), posted_before=before("posted_after"), held_before=before("held_after")
    )
    broken = linked.exclude(
        seq=F("seq_before") + 1,
        posted_after=F("posted_before") + F("d_posted"),
        held_after=F("held_before") + F("d_held"),
    )
    yield from _entries(rule, broken, "does not continue the entry before it")


def floors(rule: str) -> Iterator[Finding]:
    """I3: nobody is below their floor, and no entry ever was."""
    for account in CreditAccount.objects.filter(Q(posted__lt=F("held") + F("floor")) | Q(held__lt=0)).order_by("pk"):
        words = f"has {account.available} available, below its floor of {account.floor}, or {account.held} held"
        yield Finding(rule=rule, subject="account", id=str(account.pk), words=words)
    below = CreditEntry.objects.filter(Q(posted_after__lt=F("held_after") + F("floor")) | Q(held_after__lt=0))
    yield from _entries(rule, below, "left its account below the floor")


def holds(rule: str) -> Iterator[Finding]:
    """I4: what an account holds is the sum of its open holds, and none is open long after its deadline."""
    sums = CreditHold.objects.open().order_by().values_list("account").annotate(Sum("amount"))
    by_account = dict(sums)
    for account in CreditAccount.objects.order_by("pk"):
        if account.held != by_account.get(account.pk, 0):
            words = f"holds {account.held} where its open holds make {by_account.get(account.pk, 0)}"
            yield Finding(rule=rule, subject="account", id=str(account.pk), words=words)
    overdue = CreditHold.objects.open().filter(generation__deadline_at__lt=clock.now() - HOLD_GRACE)
    yield from _holds(rule, overdue, "is open long after the deadline of its generation")


def states(rule: str) -> Iterator[Finding]:
    """I5: a hold is open, settled or released exactly as its generation is under way, done or over."""
    fitting = (
        Q(state=HoldState.OPEN, generation__state__in=OPEN)
        | Q(state=HoldState.SETTLED, generation__state=State.SUCCEEDED)
        | Q(state=HoldState.RELEASED, generation__state__in=ENDED_UNPAID)
    )
    for hold in CreditHold.objects.exclude(fitting).select_related("generation").order_by("pk"):
        words = f"is {hold.state} while generation {hold.generation_id} is {hold.generation.state}"
        yield Finding(rule=rule, subject="hold", id=str(hold.pk), words=words)


def once(rule: str) -> Iterator[Finding]:
    """I6: a generation is held once and, when it is over, resolved once, by entries that fit its hold.

    What was brought costs nothing, and nothing was ever held for it.
    """
    ordered = ~Q(operation=UPLOAD)
    for pk in Generation.objects.filter(ordered, hold=None).order_by("pk").values_list("pk", flat=True):
        yield Finding(rule=rule, subject="generation", id=str(pk), words="has no hold")
    brought = Generation.objects.filter(operation=UPLOAD, hold__isnull=False).order_by("pk")
    for pk in brought.values_list("pk", flat=True):
        yield Finding(rule=rule, subject="generation", id=str(pk), words="was brought, and has a hold")
    held = CreditEntry.objects.filter(hold=OuterRef("pk"), kind=EntryKind.HOLD)
    resolved = CreditEntry.objects.filter(hold=OuterRef("pk"), kind__in=RESOLUTIONS)
    rows = CreditHold.objects.all()
    yield from _holds(rule, rows.filter(~Exists(held)), "has no hold entry")
    yield from _holds(rule, rows.open().filter(Exists(resolved)), "is open although an entry resolves it")
    yield from _holds(rule, rows.exclude(state=HoldState.OPEN).filter(~Exists(resolved)), "has no resolving entry")
    yield from _twice(rule, [EntryKind.HOLD], "was set aside more than once")
    yield from _twice(rule, list(RESOLUTIONS), "was resolved more than once")
    as_held = (
        Q(kind=EntryKind.HOLD, d_held=F("hold__amount"))
        | Q(kind=EntryKind.SETTLE, hold__state=HoldState.SETTLED, d_posted=-F("hold__settled"))
        | Q(kind=EntryKind.RELEASE, hold__state=HoldState.RELEASED, d_posted=0)
    ) & (Q(kind=EntryKind.HOLD) | Q(d_held=-F("hold__amount")))
    of_hold = CreditEntry.objects.filter(kind__in=[EntryKind.HOLD, *RESOLUTIONS])
    unfit = of_hold.exclude(as_held & Q(account=F("hold__account")))
    yield from _entries(rule, unfit, "does not fit its hold")


def payments(rule: str) -> Iterator[Finding]:
    """I7: what came in less the price of pictures that succeeded is what is there."""
    earned = dict(
        CreditEntry.objects.filter(kind__in=EARNED).order_by().values_list("account").annotate(Sum("d_posted"))
    )
    succeeded = CreditHold.objects.filter(generation__state=State.SUCCEEDED)
    paid = dict(succeeded.order_by().values_list("account").annotate(Sum("settled", default=0)))
    for account in CreditAccount.objects.order_by("pk"):
        due = earned.get(account.pk, 0) - paid.get(account.pk, 0)
        if account.posted != due:
            words = f"has {account.posted} where credits received less pictures delivered make {due}"
            yield Finding(rule=rule, subject="account", id=str(account.pk), words=words)


def refunds(rule: str) -> Iterator[Finding]:
    """I8: a picture is refunded once at most, and never more than was paid."""
    given = CreditEntry.objects.filter(kind=EntryKind.REFUND)
    fitting = Q(hold__state=HoldState.SETTLED, d_posted__lte=F("hold__settled"), account=F("hold__account"))
    yield from _entries(rule, given.exclude(fitting), "gives back more than was paid")
    yield from _twice(rule, [EntryKind.REFUND], "was refunded more than once")


def whole(rule: str) -> Iterator[Finding]:
    """I17: all balances together are what came into the installation less what was paid."""
    there = CreditAccount.objects.aggregate(sum=Sum("posted", default=0))["sum"]
    moved = CreditEntry.objects.filter(kind__in=[*CAME_IN, EntryKind.SETTLE])
    made = moved.aggregate(sum=Sum("d_posted", default=0))["sum"]
    if there != made:
        words = f"has {there} on all accounts where credits received less credits paid make {made}"
        yield Finding(rule=rule, subject="ledger", id="all", words=words)


def transfers(rule: str) -> Iterator[Finding]:
    """I19: a transfer has two legs, one out and one in, that sum to 0 inside one team."""
    legs = CreditEntry.objects.filter(kind__in=TRANSFERS).order_by().values("transfer")
    summed = legs.annotate(
        legs=Count("pk"),
        sum=Sum("d_posted"),
        kinds=Count("kind", distinct=True),
        team_min=Min("account__team"),
        team_max=Max("account__team"),
    )
    whole = Q(legs=2, sum=0, kinds=2, team_min=F("team_max"))
    for row in summed.exclude(whole).order_by("transfer"):
        words = f"has {row['legs']} legs that sum to {row['sum']}, or leaves its team"
        yield Finding(rule=rule, subject="transfer", id=str(row["transfer"]), words=words)


def _twice(rule: str, kinds: list[EntryKind], words: str) -> Iterator[Finding]:
    rows = CreditEntry.objects.filter(kind__in=kinds).order_by().values("hold")
    for row in rows.annotate(times=Count("pk")).filter(times__gt=1).order_by("hold"):
        yield Finding(rule=rule, subject="hold", id=str(row["hold"]), words=words)


def _entries(rule: str, rows: QuerySet[CreditEntry], words: str) -> Iterator[Finding]:
    for pk, kind in rows.order_by("pk").values_list("pk", "kind"):
        yield Finding(rule=rule, subject="entry", id=str(pk), words=f"({kind}) {words}")


def _holds(rule: str, rows: QuerySet[CreditHold], words: str) -> Iterator[Finding]:
    for pk in rows.order_by("pk").values_list("pk", flat=True):
        yield Finding(rule=rule, subject="hold", id=str(pk), words=words)
