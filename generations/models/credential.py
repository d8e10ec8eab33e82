"""What a team, or the whole installation, stored so that a provider works for it."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import ClassVar, Self

from django.db import models, transaction
from django.db.models import Q

from generations import providers
from generations.models import clock
from generations.models.team import Team

REST_LONGEST = timedelta(hours=1)
OUT_OF_MONEY = "The account is empty."
"""Why the key of an empty account rests. It is stored, and what rests so is found by it."""


class CredentialState(models.TextChoices):
    ACTIVE = "active", "In use"
    PAUSED = "paused", "Switched off; what waits for it waits"
    DRAINING = "draining", "Replaced; what runs is finished"
    RETIRED = "retired", "Out of use"


class Health(Enum):
    """A key that was refused rests; after that one order tries it, and its success makes it well."""

    CLOSED = "well"
    HALF_OPEN = "being tried"
    OPEN = "resting"


class CredentialQuerySet(models.QuerySet["Credential"]):
    def serving(self, team: Team) -> Self:
        """Those new work of the team may go to: its own before the installation's, in their order."""
        mine = self.filter(Q(team=team) | Q(team=None), state=CredentialState.ACTIVE)
        return mine.order_by(models.F("team").asc(nulls_last=True), "position", "pk")

    def out_of_money(self) -> Self:
        """Those that rest, or rested last, because their account was empty."""
        return self.filter(troubles__gt=0, paused_because=OUT_OF_MONEY)

    def free(self, moment: datetime) -> Self:
        """Those not resting after a refusal."""
        return self.filter(Q(paused_until=None) | Q(paused_until__lte=moment))

    def kept_by(self, team: Team | None) -> Self:
        """What the team, or with None the installation, has stored and not given up, in its order."""
        return self.filter(team=team).exclude(state=CredentialState.RETIRED).order_by("position", "pk")


class Credential(models.Model):
    # Whose it is: one team's, or everyone's.
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True, related_name="credentials")
    provider = models.CharField(max_length=32, choices=providers.choices)
    label = models.CharField(max_length=80)
    position = models.PositiveSmallIntegerField(default=0)
    # The key it took over from. The vendor's account is most likely the same, so they share its limits.
    replaces = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="successors")

    # The secrets, sealed; people only ever see the end of the first. A key is sent only where it was entered for: to
    # the vendor's host, and to that for files where the vendor has another one.
    sealed_key = models.TextField(blank=True)
    last_four = models.CharField(max_length=4, blank=True)
    sealed_webhook_key = models.TextField(blank=True)
    base_url = models.CharField(max_length=200, blank=True)
    key_host = models.CharField(max_length=200, blank=True)
    # Says which keys are the same without saying what they are: two rows with one print share one vendor's account.
    key_print = models.CharField(max_length=80, blank=True)

    # How it is doing. `troubles` counts refusals since its last success.
    state = models.CharField(max_length=8, choices=CredentialState, default=CredentialState.ACTIVE)
    paused_until = models.DateTimeField(null=True, blank=True)
    paused_because = models.CharField(max_length=200, blank=True)
    troubles = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=300, blank=True)
    last_error_at = models.DateTimeField(null=True, blank=True)
    # The offers the vendor does not sell on this key, each with its words why.
    offers_off = models.JSONField(default=dict, blank=True)

    # What the last test proved, and what was left at the vendor then.
    proved = models.BooleanField(null=True, blank=True)
    proved_words = models.CharField(max_length=300, blank=True)
    proved_at = models.DateTimeField(null=True, blank=True)
    answered_ms = models.PositiveIntegerField(null=True, blank=True)
    balance = models.DecimalField(max_digits=16, decimal_places=4, null=True, blank=True)
    balance_at = models.DateTimeField(null=True, blank=True)

    # Own limits, where they differ from the offer's.
    running_max = models.PositiveIntegerField(null=True, blank=True)
    hourly_max = models.PositiveIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now)

    objects: ClassVar = CredentialQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(state__in=CredentialState.values), name="credential_state_known"),
            # Commands that add a credential may be run twice.
            models.UniqueConstraint(fields=["team", "provider", "label"], name="credential_label_once"),
            models.UniqueConstraint(
                fields=["provider", "label"], condition=Q(team=None), name="credential_label_once_everywhere"
            ),
        ]
        indexes: ClassVar = [
            # Limits ask which keys are the same.
            models.Index(fields=["provider", "key_print"], name="credential_same_key"),
        ]

    def __str__(self) -> str:
        return f"{self.provider}: {self.label}"

    @property
    def takes_work(self) -> bool:
        """Whether it has a place in the order; one that drains or is retired has none."""
        return self.state in {CredentialState.ACTIVE, CredentialState.PAUSED}

    @property
    def is_out_of_money(self) -> bool:
        """Whether that is why it rests, or rested last."""
        return bool(self.troubles) and self.paused_because == OUT_OF_MONEY

    @property
    def sends(self) -> bool:
        """Whether new work that no other key can do goes out on it: see `state_for_its_own`."""
        return self.state_for_its_own() is CredentialState.ACTIVE

    def state_for_its_own(self) -> CredentialState:
        """Its state for work that no other key can do.

        One that was replaced stands as the key in its place does; one that was removed sends nothing new.
        """
        key = self
        while key.state == CredentialState.DRAINING or (key.state == CredentialState.RETIRED and key is not self):
            heir = key.successors.order_by("pk").last()
            if heir is None:
                return CredentialState.RETIRED
            key = heir
        return CredentialState(key.state)

    def health(self, moment: datetime) -> Health:
        if self.paused_until is not None and self.paused_until > moment:
            return Health.OPEN
        return Health.HALF_OPEN if self.troubles else Health.CLOSED

    def rest(self, *, seconds: float, because: str, grows: bool = True) -> bool:
        """Leave the key alone for so long, longer each time in a row; work waits for it or goes to another one.

        Says whether it did. What the vendor answers while the key rests already is the same trouble still, and makes
        nothing longer. With `grows` off it is so long from now, however often: a test showed it, and costs nothing.
        """
        moment = clock.now()
        self.last_error, self.last_error_at = because[:300], moment
        with transaction.atomic():
            row = self._locked("troubles", "paused_until", "paused_because")
            begins = not grows or row.health(moment) is not Health.OPEN or not row.troubles
            if begins:
                longer = 2 ** min(row.troubles, 10) if grows else 1
                until = moment + min(timedelta(seconds=seconds) * longer, REST_LONGEST)
                # Never sooner than the vendor asked for already.
                row.paused_until = max(until, row.paused_until) if row.paused_until else until
                row.paused_because = because[:200]
                row.troubles = min(row.troubles + 1, 1000) if grows else max(row.troubles, 1)
            self.paused_until, self.paused_because = row.paused_until, row.paused_because
            self.troubles = row.troubles
            self.save(update_fields=["paused_until", "paused_because", "last_error", "last_error_at", "troubles"])
        return begins

    def hold_back(self, *, seconds: float, because: str) -> None:
        """Send nothing on this key for so long, without blaming it: the vendor is busy, or the line is dead.

        One that is left alone for longer already stays so.
        """
        until = clock.now() + min(timedelta(seconds=seconds), REST_LONGEST)
        awake = type(self).objects.filter(Q(paused_until=None) | Q(paused_until__lt=until), pk=self.pk)
        if awake.update(paused_until=until, paused_because=because[:200]):
            self.paused_until, self.paused_because = until, because[:200]

    def heal(self, *, sent_at: datetime | None = None) -> bool:
        """The vendor took work on this key: whatever ailed it is over. False where there was nothing to end.

        What was sent before the last refusal shows nothing: `sent_at` says when that work was.
        """
        ill = type(self).objects.filter(Q(troubles__gt=0) | Q(paused_until__isnull=False), pk=self.pk)
        if sent_at is not None:
            ill = ill.filter(Q(last_error_at=None) | Q(last_error_at__lt=sent_at))
        if not ill.update(troubles=0, paused_until=None, paused_because=""):
            return False
        self.troubles, self.paused_until, self.paused_because = 0, None, ""
        return True

    def turn_off(self, offer: str, *, because: str) -> bool:
        """Order this offer on it no more: its vendor refuses it. False when it was off already."""
        with transaction.atomic():
            row = self._locked("offers_off")
            is_new = offer not in row.offers_off
            self.offers_off = {offer: because[:200], **row.offers_off}
            self.save(update_fields=["offers_off"])
        return is_new

    def turn_on(self, *, only: str = "") -> list[str]:
        """Try again what the vendor refused on it, or only this offer; says which offers those are."""
        with transaction.atomic():
            refused = self._locked("offers_off").offers_off
            found = sorted(offer for offer in refused if only in ("", offer))
            self.offers_off = {offer: because for offer, because in refused.items() if offer not in found}
            if found:
                self.save(update_fields=["offers_off"])
        return found

    def keep_proof(
        self, *, works: bool | None, words: str, balance: Decimal | None, answered_ms: int | None = None
    ) -> None:
        """Write down what a test showed. A key that was proved rests no longer."""
        moment = clock.now()
        self.proved, self.proved_words, self.proved_at = works, words[:300], moment
        self.answered_ms = answered_ms
        fields = ["proved", "proved_words", "proved_at", "answered_ms"]
        if balance is not None:
            self.balance, self.balance_at = balance, moment
            fields += ["balance", "balance_at"]
        self.save(update_fields=fields)

    def keep_balance(self, balance: Decimal, *, at: datetime) -> None:
        """Write down what was left at the vendor then. It proves nothing about the key."""
        self.balance, self.balance_at = balance, at
        self.save(update_fields=["balance", "balance_at"])

    def keep_key(self, *, sealed_key: str, sealed_webhook_key: str, last_four: str, key_print: str, hosts: str) -> None:
        """Store secrets that were sealed for this row, and which hosts, separated by blanks, they may be sent to."""
        self.sealed_key, self.sealed_webhook_key = sealed_key, sealed_webhook_key
        self.last_four, self.key_print, self.key_host = last_four, key_print, hosts
        self.save(update_fields=["sealed_key", "sealed_webhook_key", "last_four", "key_print", "key_host"])

    def keep_print(self, key_print: str) -> None:
        """Write down which key it is, where that is not known yet or was told under another sealing key."""
        if self.key_print != key_print:
            type(self).objects.filter(pk=self.pk, sealed_key=self.sealed_key).update(key_print=key_print)
            self.key_print = key_print

    def pause(self) -> bool:
        """Send nothing new on it until it is resumed; False when it was not in use."""
        return self._become(CredentialState.PAUSED, out_of=[CredentialState.ACTIVE])

    def resume(self) -> bool:
        return self._become(CredentialState.ACTIVE, out_of=[CredentialState.PAUSED])

    def drain(self, *, label: str) -> bool:
        """Finish what runs on it under another name, and take nothing new."""
        return self._become(
            CredentialState.DRAINING, out_of=[CredentialState.ACTIVE, CredentialState.PAUSED], label=label
        )

    def retire(self, *, label: str) -> bool:
        """Out of use for good: the row stays for what was made with it, the secrets do not."""
        kept = [state for state in CredentialState if state is not CredentialState.RETIRED]
        return self._become(CredentialState.RETIRED, out_of=kept, label=label, sealed_key="", sealed_webhook_key="")

    def _locked(self, *fields: str) -> "Credential":
        """These fields as they are now, nobody else's to change until the transaction ends."""
        row: Credential = type(self).objects.select_for_update(no_key=True).only(*fields).get(pk=self.pk)
        return row

    def _become(self, state: CredentialState, *, out_of: Iterable[CredentialState], **changes: str) -> bool:
        mine = type(self).objects.filter(pk=self.pk, state__in=list(out_of))
        if not mine.update(state=state, **changes):
            return False
        for name, value in {"state": state, **changes}.items():
            setattr(self, name, value)
        return True
