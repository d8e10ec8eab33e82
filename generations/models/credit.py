"""Credits: accounts, holds and the lines of the ledger. Whole credits, never a fraction.

The rows here refuse wrong money by constraint, and to be changed or removed; `generations.ledger` alone writes them.
"""

from collections.abc import Iterable
from typing import Any, ClassVar, NoReturn, Self

from django.db import models
from django.db.models import F, Q

from generations.models import clock
from generations.models.generation import Generation
from generations.models.team import Member, Team
from generations.models.written_once import Unchangeable, WrittenOnce, WrittenOnceQuerySet

BALANCE = frozenset({"posted", "held", "seq"})


class EntryKind(models.TextChoices):
    """What a line of the ledger does."""

    GRANT = "grant", "Credits added"
    ADJUST = "adjust", "Correction"
    HOLD = "hold", "Set aside"
    SETTLE = "settle", "Paid"
    RELEASE = "release", "Credits returned"
    REFUND = "refund", "Given back"
    TRANSFER_OUT = "transfer_out", "Moved out"
    TRANSFER_IN = "transfer_in", "Moved in"


RESOLUTIONS = (EntryKind.SETTLE, EntryKind.RELEASE)
TRANSFERS = (EntryKind.TRANSFER_OUT, EntryKind.TRANSFER_IN)


class HoldState(models.TextChoices):
    OPEN = "open", "Set aside"
    SETTLED = "settled", "Paid"
    RELEASED = "released", "Returned"


# What each kind must look like (1.9): signs, and whether it belongs to a hold or to a transfer.
_ALONE = Q(hold=None, transfer=None) & ~Q(reason="")
_OF_HOLD = Q(hold__isnull=False, transfer=None)
_OF_TRANSFER = Q(hold=None, transfer__isnull=False) & ~Q(reason="")
_KINDS = (
    (Q(kind=EntryKind.GRANT, d_posted__gt=0, d_held=0) & _ALONE)
    | (Q(kind=EntryKind.ADJUST, d_held=0) & ~Q(d_posted=0) & _ALONE)
    | (Q(kind=EntryKind.HOLD, d_posted=0, d_held__gte=0) & _OF_HOLD)
    | (Q(kind=EntryKind.SETTLE, d_posted__lte=0, d_posted__gte=F("d_held")) & _OF_HOLD)
    | (Q(kind=EntryKind.RELEASE, d_posted=0, d_held__lte=0) & _OF_HOLD)
    | (Q(kind=EntryKind.REFUND, d_posted__gt=0, d_held=0) & _OF_HOLD & ~Q(reason=""))
    | (Q(kind=EntryKind.TRANSFER_OUT, d_posted__lt=0, d_held=0) & _OF_TRANSFER)
    | (Q(kind=EntryKind.TRANSFER_IN, d_posted__gt=0, d_held=0) & _OF_TRANSFER)
)
# A comparison with NULL is unknown, and a check lets the unknown pass: so it is asked for first.
_HOLD_FITS = Q(state=HoldState.OPEN, settled=None) | (
    Q(settled__isnull=False)
    & (Q(state=HoldState.SETTLED, settled__gte=0, settled__lte=F("amount")) | Q(state=HoldState.RELEASED, settled=0))
)


class CreditAccountQuerySet(models.QuerySet["CreditAccount"]):
    def update(self, **changes: Any) -> int:
        """Anything but the balance: that moves with an entry or not at all."""
        if BALANCE & changes.keys():
            raise Unchangeable("A balance moves only with an entry.")
        return super().update(**changes)

    def bulk_update(self, *_: Any, **__: Any) -> NoReturn:
        raise Unchangeable("A balance moves only with an entry.")

    def delete(self) -> NoReturn:
        raise Unchangeable("An account is kept.")

    def rewrite(self, **balance: int) -> int:
        """The one way past the refusal above; `CreditAccount.move` uses it."""
        return super().update(**balance)


class CreditAccount(models.Model):
    """The credits of one member or, without a member, the pool of the team."""

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="accounts")
    member = models.OneToOneField(Member, on_delete=models.PROTECT, null=True, blank=True, related_name="account")

    # Settled truth, the sum of open holds, and the number of entries that led here.
    posted = models.BigIntegerField(default=0)
    held = models.BigIntegerField(default=0)
    seq = models.BigIntegerField(default=0)
    # How far below zero an administrator lets this account go.
    floor = models.BigIntegerField(default=0)
    created_at = models.DateTimeField(default=clock.now)

    objects: ClassVar = CreditAccountQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            # One pool per team.
            models.UniqueConstraint(fields=["team"], condition=Q(member=None), name="credit_account_one_pool"),
            # I3: never below the floor, and nothing negative set aside.
            models.CheckConstraint(condition=Q(floor__lte=0), name="credit_account_floor_below_zero"),
            models.CheckConstraint(condition=Q(held__gte=0), name="credit_account_held_not_negative"),
            models.CheckConstraint(condition=Q(posted__gte=F("held") + F("floor")), name="credit_account_above_floor"),
            # I1: a balance comes from entries.
            models.CheckConstraint(
                condition=Q(seq__gt=0) | Q(seq=0, posted=0, held=0), name="credit_account_starts_empty"
            ),
        ]

    def __str__(self) -> str:
        return f"account {self.pk} ({self.posted} posted, {self.held} held)"

    def save(
        self,
        *,
        force_insert: Any = False,
        force_update: bool = False,
        using: str | None = None,
        update_fields: Iterable[str] | None = None,
    ) -> None:
        """A new, empty account, or a change that leaves the balance alone (name the fields)."""
        if not self._state.adding and (update_fields is None or BALANCE & set(update_fields)):
            raise Unchangeable("A balance moves only with an entry.")
        super().save(force_insert=force_insert, force_update=force_update, using=using, update_fields=update_fields)

    def delete(self, *_: Any, **__: Any) -> NoReturn:
        raise Unchangeable("An account is kept.")

    def move(self, *, d_posted: int, d_held: int, entries: int = 1) -> bool:
        """Move the balance by what those new entries add up to. False when somebody else moved it first."""
        posted, held, seq = self.posted + d_posted, self.held + d_held, self.seq + entries
        as_read = type(self).objects.filter(pk=self.pk, seq=self.seq)
        if not as_read.rewrite(posted=posted, held=held, seq=seq):
            return False
        self.posted, self.held, self.seq = posted, held, seq
        return True

    @property
    def available(self) -> int:
        """What is neither spent nor set aside."""
        return self.posted - self.held

    @property
    def spendable(self) -> int:
        """What may still be set aside or moved, down to the floor."""
        return max(0, self.available - self.floor)

    @property
    def is_pool(self) -> bool:
        return self.member_id is None


class CreditHoldQuerySet(WrittenOnceQuerySet["CreditHold"]):
    def open(self) -> Self:
        return self.filter(state=HoldState.OPEN)

    def rewrite(self, **changes: Any) -> int:
        """The one way to change a hold; `CreditHold.resolve` uses it."""
        return self._rewrite(**changes)


class CreditHold(WrittenOnce):
    """Credits set aside for one generation until it is stored (settled) or has ended without (released)."""

    changes_by = "It is resolved once, by the ledger."

    account = models.ForeignKey(CreditAccount, on_delete=models.PROTECT, related_name="holds")
    generation = models.OneToOneField(Generation, on_delete=models.PROTECT, related_name="hold")
    amount = models.BigIntegerField()
    state = models.CharField(max_length=8, choices=HoldState, default=HoldState.OPEN)
    settled = models.BigIntegerField(null=True, blank=True)

    objects: ClassVar = CreditHoldQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(amount__gte=0), name="credit_hold_not_negative"),
            # H1 to H3: open has no result yet, and never more is paid than was set aside.
            models.CheckConstraint(condition=_HOLD_FITS, name="credit_hold_state_fits"),
        ]
        indexes: ClassVar = [
            # I4: what is set aside now, per account.
            models.Index(fields=["account"], name="credit_hold_open", condition=Q(state=HoldState.OPEN)),
        ]

    def __str__(self) -> str:
        return f"hold {self.pk} of {self.amount} ({self.state})"

    def resolve(self, state: HoldState, *, settled: int) -> bool:
        """Close an open hold with what was paid of it. False when it was closed already."""
        if not type(self).objects.open().filter(pk=self.pk).rewrite(state=state, settled=settled):
            return False
        self.state, self.settled = state, settled
        return True


class CreditEntry(WrittenOnce):
    """One line of the ledger: what moved, and the balance after it."""

    # `credit_entry_seq` below is the index of this key.
    account = models.ForeignKey(CreditAccount, on_delete=models.PROTECT, related_name="entries", db_index=False)
    seq = models.BigIntegerField()
    kind = models.CharField(max_length=12, choices=EntryKind)
    hold = models.ForeignKey(CreditHold, on_delete=models.PROTECT, null=True, blank=True, related_name="entries")
    # Both legs of a transfer carry the same id.
    transfer = models.UUIDField(null=True, blank=True)

    d_posted = models.BigIntegerField()
    d_held = models.BigIntegerField(default=0)
    posted_after = models.BigIntegerField()
    held_after = models.BigIntegerField()
    # The account's floor when this was written, so that the line can be judged alone for ever.
    floor = models.BigIntegerField(default=0)

    idempotency_key = models.CharField(max_length=200, unique=True)
    actor = models.CharField(max_length=64)
    reason = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=clock.now)

    # Set by the ledger on an entry it found instead of writing it again.
    is_repeat: bool = False

    class Meta:
        verbose_name_plural = "credit entries"
        constraints: ClassVar = [
            # I2: one line after the other; rivals collide instead of overwriting each other.
            models.UniqueConstraint(fields=["account", "seq"], name="credit_entry_seq"),
            models.CheckConstraint(
                condition=Q(seq__gt=1) | Q(seq=1, posted_after=F("d_posted"), held_after=F("d_held")),
                name="credit_entry_chain_starts",
            ),
            models.CheckConstraint(condition=_KINDS, name="credit_entry_kind_fits"),
            # I3, for each line.
            models.CheckConstraint(
                condition=Q(held_after__gte=0, floor__lte=0, posted_after__gte=F("held_after") + F("floor")),
                name="credit_entry_above_floor",
            ),
            models.CheckConstraint(
                condition=~Q(idempotency_key="") & ~Q(actor=""), name="credit_entry_has_key_and_actor"
            ),
            # I6 and I8: held once, resolved once, refunded at most once.
            models.UniqueConstraint(fields=["hold"], condition=Q(kind=EntryKind.HOLD), name="credit_entry_one_hold"),
            models.UniqueConstraint(
                fields=["hold"], condition=Q(kind__in=RESOLUTIONS), name="credit_entry_one_resolution"
            ),
            models.UniqueConstraint(
                fields=["hold"], condition=Q(kind=EntryKind.REFUND), name="credit_entry_one_refund"
            ),
            # I19: at most one leg each way.
            models.UniqueConstraint(
                fields=["transfer", "kind"], condition=Q(transfer__isnull=False), name="credit_entry_one_leg_each_way"
            ),
        ]
        indexes: ClassVar = [
            # A statement is read month by month.
            models.Index(fields=["account", "created_at"], name="credit_entry_when"),
            # And narrowed to some kinds, newest first, however rare they are.
            models.Index(fields=["account", "kind", "seq"], name="credit_entry_kind"),
            # The desk lists those of everybody: of a time, of a kind.
            models.Index(fields=["created_at"], name="credit_entry_everyones"),
            models.Index(fields=["kind", "created_at"], name="credit_entry_everyones_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.d_posted:+}/{self.d_held:+} on account {self.account_id}"
