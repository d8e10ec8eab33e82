"""One paid piece of work: one order at one provider. Only the mutators here change its state.

Or what stands for a picture somebody brought: that is nobody's work, and done from the beginning.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import F, Q

from generations import providers
from generations.models import clock
from generations.models.credential import Credential
from generations.models.fields import new_id
from generations.models.generation.batch import Batch
from generations.models.generation.states import (
    LIVE,
    MOVES,
    OPEN,
    QUEUE_WAIT_MAX,
    UPLOAD,
    WITH_IMAGES,
    Reason,
    State,
)
from generations.models.generation.trail import GenerationEvent
from generations.models.team import Member, Team
from generations.providers.base import Offer, Operation


class IllegalMove(Exception):
    """Code asked for a move the state machine does not have."""


class GenerationQuerySet(models.QuerySet["Generation"]):
    def visible_to(self, member: Member) -> Self:
        """Those of the member's team, without what others keep to themselves."""
        return self.filter(self.seen_by(member), team=member.team_id)

    @staticmethod
    def seen_by(member: Member) -> Q:
        """Of the team's: what is shared, and what this member made or was handed over."""
        return Q(is_private=False) | Q(member=member) | Q(kept_by=member)

    def open(self) -> Self:
        return self.filter(state__in=OPEN)

    def live(self) -> Self:
        return self.filter(state__in=LIVE)

    def wait_until(self, moment: datetime) -> int:
        """Those still in line stay there at least so long. Locked in one order, as by whoever else moves several."""
        waiting = self.filter(state=State.QUEUED, deadline_at__lt=moment)
        for _ in waiting.order_by("pk").select_for_update(no_key=True).values_list("pk", flat=True).iterator():
            pass
        return waiting.update(deadline_at=moment)

    def forget_words(self) -> int:
        """What was typed, and what a vendor said and showed: gone for good. What it cost stays."""
        for row in self.filter(missing__gt=0):  # a part of the price is reckoned by how many
            self.model.objects.filter(pk=row.pk).update(result_urls=[""] * len(row.result_urls))
        self.filter(missing=0).update(result_urls=[])
        return self.update(prompt="", vendor_text="", arrived=[])

    def due(self, moment: datetime) -> Self:
        return self.filter(next_at__lte=moment)

    def unleased(self, moment: datetime) -> Self:
        return self.filter(Q(lease_until=None) | Q(lease_until__lt=moment))


class Generation(models.Model):
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)

    # Who asked, for whom, as part of what.
    # `generation_newest` and `generation_newest_of_member` below are the indexes of these keys.
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="generations", db_index=False)
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="generations", db_index=False)
    # None of what was brought: nobody ordered it.
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, null=True, blank=True, related_name="generations")
    position = models.PositiveSmallIntegerField(default=0)
    # Only its maker sees it; whoever manages the team may open it, which is written down and told to the maker.
    is_private = models.BooleanField(default=False)
    # Who has it since its maker left. Its index has those only: of all, SQLite would rather read every row.
    kept_by = models.ForeignKey(Member, models.SET_NULL, null=True, blank=True, related_name="kept", db_index=False)
    retry_of = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="retries")

    # The order, and what it was sold for. Of what was brought the prompt is what its maker calls it.
    operation = models.CharField(max_length=8)
    provider = models.CharField(max_length=32)
    offer_key = models.CharField(max_length=64)
    prompt = models.TextField(blank=True)
    choices = models.JSONField(default=dict, blank=True)
    shape = models.CharField(max_length=8)
    source = models.ForeignKey(
        "generations.Image", on_delete=models.SET_NULL, null=True, blank=True, related_name="upscales"
    )
    price = models.PositiveIntegerField()
    # What the vendor was believed to take for it then, in its own unit; nothing where nobody knew.
    assumed_cost = models.DecimalField(max_digits=12, decimal_places=4, null=True, blank=True)
    credential = models.ForeignKey(Credential, models.PROTECT, null=True, blank=True, related_name="generations")

    # Where it stands. The version counts moves; it numbers the events and tells a page what is new.
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    version = models.PositiveIntegerField(default=1)
    reason = models.CharField(max_length=20, choices=Reason, blank=True)
    vendor_code = models.CharField(max_length=64, blank=True)
    vendor_text = models.CharField(max_length=500, blank=True)

    # When it is due, when its wait ends, who works on it.
    created_at = models.DateTimeField(default=clock.now)
    changed_at = models.DateTimeField(default=clock.now)
    next_at = models.DateTimeField(default=clock.now)
    deadline_at = models.DateTimeField()
    watch_until = models.DateTimeField(null=True, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    lease_token = models.CharField(max_length=32, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)

    # What was tried so far. `starts` counts fetches begun and not ended: a dead worker leaves it behind. `misses`
    # counts looks in a row at which the vendor did not know the task, or called it done and named no picture. `refused`
    # counts fetches in a row at which a present address led nowhere, `fetched_again` how often others were asked for.
    submits = models.PositiveSmallIntegerField(default=0)
    looks = models.PositiveIntegerField(default=0)
    fetches = models.PositiveSmallIntegerField(default=0)
    fetched_again = models.PositiveSmallIntegerField(default=0)
    starts = models.PositiveSmallIntegerField(default=0)
    misses = models.PositiveSmallIntegerField(default=0)
    # Seconds the last look was put off because the vendor was too busy for it; longer each time in a row.
    busy_seconds = models.PositiveSmallIntegerField(default=0)
    refused = models.PositiveSmallIntegerField(default=0)

    # What the vendor said.
    vendor_task_id = models.CharField(max_length=255, blank=True)
    vendor_cost = models.DecimalField(max_digits=12, decimal_places=4, null=True, blank=True)
    result_urls = models.JSONField(default=list, blank=True)

    # What lies on the shelf of it while the rest is fetched, and how many of its pictures never came in the end.
    arrived = models.JSONField(default=list, blank=True)
    missing = models.PositiveSmallIntegerField(default=0)
    # The case that hides what it brings, on arrival.
    hidden_by = models.ForeignKey(
        "generations.ReviewCase", on_delete=models.PROTECT, null=True, blank=True, related_name="hidden_generations"
    )

    objects: ClassVar = GenerationQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(state__in=State.values), name="generation_state_known"),
            models.CheckConstraint(
                condition=Q(operation__in=[*(word.value for word in Operation), UPLOAD]),
                name="generation_operation_known",
            ),
            # What somebody brought is nobody's work: no order, no vendor, no price, and there from the beginning.
            models.CheckConstraint(
                condition=(~Q(operation=UPLOAD) & Q(batch__isnull=False))
                | Q(operation=UPLOAD, batch=None, provider="", price=0, vendor_task_id="", state=State.SUCCEEDED),
                name="generation_brought_is_no_work",
            ),
            # Somebody waits exactly as long as there is no end.
            models.CheckConstraint(
                condition=Q(state__in=OPEN, finished_at=None) | (~Q(state__in=OPEN) & Q(finished_at__isnull=False)),
                name="generation_finished_when_closed",
            ),
            # I9: one vendor task is never two of our rows.
            models.UniqueConstraint(
                fields=["provider", "vendor_task_id"], condition=~Q(vendor_task_id=""), name="generation_task_once"
            ),
            models.UniqueConstraint(fields=["batch", "position"], name="generation_place_in_batch"),
        ]
        # None has a condition on the state: SQLite never sees that a bound parameter meets one.
        indexes: ClassVar = [
            # The pump and the sweep ask what is due; places are counted over all that wait.
            models.Index(fields=["state", "next_at"], name="generation_due"),
            # The feed asks what is open in a team, and of a member; orders ask the latter too.
            models.Index(fields=["team", "state"], name="generation_team_state"),
            models.Index(fields=["member", "state"], name="generation_member_state"),
            # Limits count what a credential has at the vendor.
            models.Index(fields=["credential", "state"], name="generation_at_vendor"),
            # The desk lists the newest first of a state, vendor, team, member; finds a task. Searches ask whose it is.
            models.Index(fields=["state", "id"], name="generation_newest_in_state"),
            models.Index(fields=["provider", "id"], name="generation_newest_at_vendor"),
            models.Index(fields=["team", "id"], name="generation_newest"),
            models.Index(fields=["member", "id"], name="generation_newest_of_member"),
            models.Index(fields=["vendor_task_id"], name="generation_task"),
            models.Index(fields=["kept_by"], name="generation_kept", condition=Q(kept_by__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.id} ({self.state})"

    # --- Factories ---

    @classmethod
    def start(cls, rows: Iterable["Generation"], *, actor: str) -> list["Generation"]:
        """Write new rows in `queued` with their first event (T1). Call it in the transaction that holds the credits."""
        made = cls.objects.bulk_create(rows)
        GenerationEvent.objects.bulk_create(
            GenerationEvent.of(row, from_state="", actor=actor, reason="", at=row.created_at) for row in made
        )
        return made

    @classmethod
    def bring(cls, *, member: Member, title: str, shape: str, is_private: bool) -> "Generation":
        """What stands for a picture this member brought, with its one event (U1); it is nobody's work."""
        moment = clock.now()
        row: Generation = cls.objects.create(
            team_id=member.team_id,
            member=member,
            operation=UPLOAD,
            prompt=title,
            shape=shape,
            price=0,
            is_private=is_private,
            state=State.SUCCEEDED,
            created_at=moment,
            changed_at=moment,
            next_at=moment,
            deadline_at=moment,
            finished_at=moment,
        )
        actor = f"member:{member.pk}"
        GenerationEvent.of(row, from_state="", actor=actor, reason="", at=moment).save(force_insert=True)
        return row

    # --- Mutators ---

    def move(self, to: State, *, actor: str, lease: str | None = None, **changes: Any) -> bool:
        """Go from the state this object knows to another, writing `changes` and one event.

        False when somebody else moved the row first, or when `lease` is given and no longer held: then nothing is
        written and the caller stops. Must run inside a transaction together with what belongs to the move.
        """
        if (self.state, to) not in MOVES:
            raise IllegalMove(f"{self.state} to {to}")
        moment = clock.now()
        if to in OPEN:
            changes.setdefault("finished_at", None)
        elif self.state in OPEN:
            changes.setdefault("finished_at", moment)
        changes |= {"state": to, "changed_at": moment, "version": self.version + 1}
        mine = type(self).objects.filter(pk=self.pk, state=self.state, version=self.version)
        if lease is not None:
            mine = mine.filter(lease_token=lease, lease_until__gt=moment)
        if not mine.update(**changes):
            return False
        before = self.state
        for name, value in changes.items():
            setattr(self, name, value)
        GenerationEvent.of(self, from_state=before, actor=actor, reason=self.reason, at=moment).save(force_insert=True)
        return True

    def show_anew(self, *, actor: str, reason: str = "") -> bool:
        """Tell open pages that what there is to see of its pictures changed; False when it moved meanwhile."""
        moment = clock.now()
        mine = type(self).objects.filter(pk=self.pk, state__in=WITH_IMAGES, version=self.version)
        if not mine.update(version=F("version") + 1):
            return False
        self.version += 1
        GenerationEvent.of(self, from_state=self.state, actor=actor, reason=reason, at=moment).save(force_insert=True)
        return True

    def share(self, *, private: bool) -> None:
        """Say who sees it; that is no move of the work."""
        type(self).objects.filter(pk=self.pk).update(is_private=private)
        self.is_private = private

    def postpone(self, to: datetime, **changes: Any) -> bool:
        """Say when this row is next due, without a move. False when it moved meanwhile."""
        mine = type(self).objects.filter(pk=self.pk, state=self.state, version=self.version)
        return bool(mine.update(next_at=to, **changes))

    def take(self, *, token: str, lease: timedelta) -> bool:
        """Become the one who fetches this row; counts the start before any work that could kill the process."""
        moment = clock.now()
        mine = type(self).objects.unleased(moment).filter(pk=self.pk, state=self.state, version=self.version)
        taken = mine.update(
            lease_token=token, lease_until=moment + lease, starts=F("starts") + 1, fetches=F("fetches") + 1
        )
        if taken:
            self.lease_token, self.starts, self.fetches = token, self.starts + 1, self.fetches + 1
        return bool(taken)

    def keep(self, *, token: str, lease: timedelta, **changes: Any) -> bool:
        """Hold the lease a while longer and note `changes`; False when it is lost, and then nothing is written."""
        moment = clock.now()
        mine = type(self).objects.filter(pk=self.pk, lease_token=token, lease_until__gt=moment)
        return bool(mine.update(lease_until=moment + lease, **changes))

    def put_back(self, *, token: str, next_at: datetime, counted: bool = True, **changes: Any) -> bool:
        """Give the lease back after an orderly end without a result; a try that is our own fault does not count."""
        mine = type(self).objects.filter(pk=self.pk, lease_token=token)
        fetches = self.fetches if counted else self.fetches - 1
        changes |= {"lease_token": "", "lease_until": None, "starts": 0, "fetches": fetches, "next_at": next_at}
        return bool(mine.update(**changes))

    def adopt(self, task_id: str, *, accepted_at: datetime) -> bool:
        """Keep the vendor's name for work whose credits went back before it became known; the row stays `lapsed`."""
        mine = type(self).objects.filter(pk=self.pk, state=State.LAPSED, vendor_task_id="")
        return bool(mine.update(vendor_task_id=task_id, accepted_at=accepted_at, next_at=clock.now()))

    def record_results(self, urls: list[str], *, vendor_cost: Any, next_at: datetime) -> bool:
        """Keep the addresses of a result that came after the credits went back; the row stays `lapsed`."""
        mine = type(self).objects.filter(pk=self.pk, state=State.LAPSED, version=self.version)
        return bool(mine.update(result_urls=urls, vendor_cost=vendor_cost, next_at=next_at))

    # --- Questions ---

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def is_done(self) -> bool:
        return self.state in WITH_IMAGES

    @property
    def is_upload(self) -> bool:
        return self.operation == UPLOAD

    @property
    def may_cancel(self) -> bool:
        return self.state == State.QUEUED

    @property
    def may_retry(self) -> bool:
        """Not when its words were taken down with its maker's account."""
        return self.state in {State.FAILED, State.CANCELED, State.LAPSED} and bool(self.prompt)

    @property
    def charged(self) -> int:
        """Credits this cost in the end (0 while open); a part of its pictures cost their part, rounded down."""
        if self.state != State.SUCCEEDED:
            return 0
        named = len(self.result_urls)
        return self.price * (named - self.missing) // named if self.missing else self.price

    def offer(self) -> Offer:
        """What was ordered. Raises `providers.UnknownOffer` when the provider no longer sells it."""
        return providers.offer(self.provider, self.offer_key)


def queue_deadline(moment: datetime) -> datetime:
    """When a row that starts to wait at `moment` has waited too long."""
    return moment + QUEUE_WAIT_MAX
