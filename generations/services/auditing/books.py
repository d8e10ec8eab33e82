"""A team's own books, added up again line by line: what its owners may see proved at any time."""

import logging
from datetime import timedelta

from django.db import transaction
from django.db.models import Count, F, Q, Sum, Value, Window
from django.db.models.functions import Coalesce, Lag

from generations import queue
from generations.models import Alert, BookProof, CreditAccount, CreditEntry, Lease, Team, clock
from generations.models.credit import TRANSFERS
from generations.queries.proofs import asked_as
from generations.services.auditing.snapshot import one_moment

log = logging.getLogger(__name__)

ALERT = "books"
AGAIN_AFTER = timedelta(minutes=1)
ANSWER_SECONDS_MAX = 300
"""For so long a page waits for the worker."""


def prove_books(*, team: Team) -> BookProof:
    """Add up every line of the team's accounts and remember the result; a fault is told to staff. Moves nothing."""
    with one_moment():
        lines, faults = _add_up(team)
    facts = {"lines": lines, "faults": faults, "at": clock.now()}
    proof: BookProof = BookProof.objects.update_or_create(team=team, defaults=facts)[0]
    if faults:
        log.error("team %s: %s faults in %s lines of its books", team.pk, faults, lines)
        words = f"{faults} faults in the books of {team}. Run studio_audit."
        Alert.objects.tell(ALERT, subject=str(team.pk), words=words)
    else:
        Alert.objects.resolve(ALERT, subject=str(team.pk))
    _answered(team)
    return proof


def ask_to_prove(*, team: Team) -> bool:
    """Have a worker do the same; False within a minute of the last proof, or while it was asked for already."""
    last = BookProof.objects.filter(team=team).values_list("at", flat=True).first()
    if last is not None and clock.now() - last < AGAIN_AFTER:
        return False
    with transaction.atomic():
        if Lease.objects.take(asked_as(team), seconds=ANSWER_SECONDS_MAX) is None:
            return False
        queue.later("books", team=team.pk)
    return True


def _answered(team: Team) -> None:
    """Nobody waits for it any more."""
    name = asked_as(team)
    token = Lease.objects.filter(name=name).values_list("token", flat=True).first()
    if token:
        Lease.objects.release(name, token=token)


def _add_up(team: Team) -> tuple[int, int]:
    """How many lines there are, and how many things do not fit: sums, the chain of balances, the legs of transfers."""
    entries = CreditEntry.objects.filter(account__team=team).order_by()
    sums = entries.values("account").annotate(posted=Sum("d_posted"), held=Sum("d_held"), lines=Count("pk"))
    by_account = {row["account"]: (row["posted"], row["held"], row["lines"]) for row in sums}
    accounts = CreditAccount.objects.filter(team=team).values_list("pk", "posted", "held", "seq")
    wrong = sum(by_account.get(pk, (0, 0, 0)) != (posted, held, seq) for pk, posted, held, seq in accounts)
    moved = entries.filter(kind__in=TRANSFERS).aggregate(total=Sum("d_posted"))["total"] or 0
    return sum(lines for _, _, lines in by_account.values()), wrong + _breaks(team) + (moved != 0)


def _breaks(team: Team) -> int:
    """Lines that do not continue the one before them."""

    def before(field: str) -> Coalesce:
        return Coalesce(Window(Lag(field), partition_by="account", order_by="seq"), Value(0))

    linked = CreditEntry.objects.filter(account__team=team).annotate(
        seq_before=before("seq"), posted_before=before("posted_after"), held_before=before("held_after")
    )
    fits = Q(
        seq=F("seq_before") + 1,
        posted_after=F("posted_before") + F("d_posted"),
        held_after=F("held_before") + F("d_held"),
    )
    return linked.exclude(fits).count()
