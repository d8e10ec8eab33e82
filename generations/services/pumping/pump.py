"""The pump itself: a lease, and a loop that writes results, claims what may go, and asks for what is due."""

import logging
import math
import time
from collections import Counter
from dataclasses import dataclass, field

from django.conf import settings
from django.db import Error, OperationalError, close_old_connections
from django.db.models import Case, Q, QuerySet, When, Window
from django.db.models.functions import RowNumber

from generations import connections, limits, nudge, providers, queue
from generations.failpoints import failpoint
from generations.models import CallbackHint, Credential, CredentialState, Generation, Lease, State, clock, pump_lease
from generations.providers.base import Accepted, Account
from generations.services.pumping import verdicts
from generations.services.pumping.claims import claim, renew
from generations.services.pumping.talk import Heard, Line, Submitted, Talk
from generations.services.pumping.verdicts import adoptions
from generations.vault import Unreadable

log = logging.getLogger(__name__)

LEASE_SECONDS = 10
RENEW_SECONDS = 3
BUDGET_SECONDS = 45
"""After this the pump hands over to a fresh one and only listens, so two at most hold a worker each."""
LAST_SECONDS = 82
"""Whatever is still open then becomes a doubt; the job would be cut off soon. A vendor has answered long before."""
WARM_SECONDS = 30
"""How long an idle pump waits for more: most people press the button again."""
TURN_SECONDS = 0.25
CREATE_SLOTS = 16
"""Submits at once on one key; also the most that a killed pump leaves in doubt there."""
SEND_SECONDS = 30
"""What is uploaded later than so long before the end of all listening is given back: its answer might not be heard."""
LOOKS_MAX = 100
"""Looks at once on one key, so that a vendor that hangs keeps nobody from asking another."""
CREDENTIALS_FRESH_SECONDS = 2


def run(*, shard: int) -> None:
    """Pump until the time is up or nothing is left. Returns at once when another pump holds this shard."""
    token = Lease.objects.take(pump_lease(shard), seconds=LEASE_SECONDS)
    if token is None:
        return
    pump = Pump(shard=shard, token=token)
    try:
        pump.run()
    finally:
        try:
            pump.hand_over()
        finally:
            queue.show_sending(is_sending=False)
            pump.talk.close()


@dataclass
class Pump:
    shard: int
    token: str
    talk: Talk = field(default_factory=Talk)
    credentials: list[Credential] = field(default_factory=list)
    numbers: dict[int, int] = field(default_factory=dict)
    """The number of each credential's account."""
    opened: dict[tuple[object, ...], Account] = field(default_factory=dict)
    """Accounts by what they were made from: to open every key in every turn is work for nothing."""
    unwritten: list[Heard] = field(default_factory=list)
    mine: bool = True
    """Whether this pump still holds the lease."""
    started: float = field(default_factory=time.monotonic)
    renewed: float = field(default_factory=time.monotonic)
    worked: float = field(default_factory=time.monotonic)
    read: float = -math.inf

    def run(self) -> None:
        """Turn after turn. A database that is away ends none of it: what was heard is kept until it is back."""
        self.talk.start()
        goes_on = True
        while goes_on:
            self.unwritten += self.talk.results(wait_seconds=TURN_SECONDS)
            stopping = queue.is_stopping()
            try:
                goes_on = self._turn(stopping)
            except Error as error:
                log.warning("pump %s: the database did not answer: %s", self.shard, type(error).__name__)
                close_old_connections()
                goes_on = not (self._is_over(stopping) and self._has_heard_all())
            queue.show_sending(is_sending=not self._has_heard_all())
            if self._is_over(stopping) and time.monotonic() - self.started > LAST_SECONDS:
                break
        for lost in self.unwritten:
            if isinstance(lost, Submitted) and isinstance(lost.result, Accepted):
                log.error("generation %s was accepted, which nobody wrote down: %r", lost.generation, lost.result)

    def _turn(self, stopping: bool) -> bool:
        """Write what was heard, hand over when the time is up, else claim and ask; False when nothing is left to do."""
        # First what the vendors said: an accepted order that is not written down is a picture lost.
        self.unwritten = verdicts.apply(self.unwritten)
        moment = time.monotonic()
        if self.mine and moment - self.renewed > RENEW_SECONDS:
            self.mine, self.renewed = self._renew(), moment
        if self._is_over(stopping):
            self.hand_over()
            self.talk.drop_waiting()
            late = moment - self.started > LAST_SECONDS - SEND_SECONDS
            if stopping or late:
                self.talk.drop_uploads()
            self._send_prepared(may_send=not stopping and not late)
            return not self._has_heard_all()
        if moment - self.read > CREDENTIALS_FRESH_SECONDS:
            self._read_credentials()
            self._recall()
            self.read = moment
        self._send_prepared(may_send=True)
        self._send()
        self._ask()
        if self.talk.is_busy() or self.unwritten or nudge.has_work():
            self.worked = moment
        return moment - self.worked <= WARM_SECONDS

    def _is_over(self, stopping: bool) -> bool:
        """Whether this pump only listens from now on."""
        return not self.mine or stopping or time.monotonic() - self.started > BUDGET_SECONDS

    def hand_over(self) -> None:
        """Let a fresh pump go on at once: nobody who orders now waits for what this one still listens to."""
        if self.mine:
            Lease.objects.release(pump_lease(self.shard), token=self.token)
            self.mine = False
            if not queue.is_stopping():
                nudge.kick()

    def _has_heard_all(self) -> bool:
        return not self.talk.submitting and not self.unwritten

    def _renew(self) -> bool:
        held = Lease.objects.renew(pump_lease(self.shard), token=self.token, seconds=LEASE_SECONDS)
        if not held:
            log.warning("pump %s: another one took over; ending", self.shard)
        return held

    def _read_credentials(self) -> None:
        """Those of this shard; draining ones too, because what runs on them is watched to its end.

        All keys of one account are in one shard, for they share its limits.
        """
        usable = list(
            Credential.objects.exclude(state=CredentialState.RETIRED).filter(provider__in=providers.PROVIDERS)
        )
        self.numbers = limits.account_numbers(usable)
        self.credentials = [one for one in usable if self.numbers[one.pk] % settings.PUMP_SHARDS == self.shard]

    def _send_prepared(self, *, may_send: bool) -> None:
        """Orders whose source is uploaded by now: each goes out under a fresh lease, or not at all."""
        while self.talk.prepared:
            one = self.talk.prepared[0]
            held = may_send and renew(generation=one.generation, attempt=one.attempt, token=one.token)
            self.talk.prepared.pop(0)
            if held:
                self.talk.send(one)
            else:
                self.talk.give_back(one)

    def _send(self) -> None:
        try:
            claims = claim(credentials=self.credentials, slots=CREATE_SLOTS, in_hand=self.talk.in_hand())
        except OperationalError as error:
            log.warning("pump %s: nothing claimed this time: %s", self.shard, type(error).__name__)
            return
        for one in claims:
            failpoint("after_claim")
            self.talk.submit(one.line, one.order, generation=one.generation, attempt=one.attempt, token=one.token)

    def _ask(self) -> None:
        """Start a look at every task that is due and not being asked for, as many on each key as it may have."""
        lines = self._lines()
        asking = Counter(self.talk.looking.values())
        for row in self._due([pk for pk in lines if asking[pk] < LOOKS_MAX]):
            if row.credential_id is None or asking[row.credential_id] >= LOOKS_MAX:
                continue
            try:
                offer = row.offer()
            except (providers.UnknownOffer, providers.UnknownProvider):
                continue  # no longer sold: its deadline ends it
            asking[row.credential_id] += 1
            line, again = lines[row.credential_id], row.fetched_again > 0
            self.talk.look(line, row.vendor_task_id, offer, generation=row.pk, renew=again)

    def _due(self, credentials: list[int]) -> QuerySet[Generation]:
        """What is due on these keys: one of each, then a second of each; what nobody waits for any more comes last."""
        watched = Q(state=State.RUNNING) | (Q(state=State.LAPSED, result_urls=[]) & ~Q(vendor_task_id=""))
        due = Generation.objects.filter(watched, credential__in=credentials).due(clock.now())
        late = Case(When(state=State.LAPSED, then=1), default=0)
        turn = Window(RowNumber(), partition_by="credential", order_by=[late, "next_at"])
        ranked = due.exclude(pk__in=self.talk.looking).annotate(turn=turn)
        return ranked.filter(turn__lte=LOOKS_MAX).order_by("turn")

    def _recall(self) -> None:
        """Ask the vendor whose the tasks are that callbacks named for work nobody has an id of."""
        lines = self._lines()
        for hint in CallbackHint.objects.candidates().filter(attempt__credential__in=lines)[:LOOKS_MAX]:
            if hint.pk in self.talk.recalling:
                continue
            hint.ask_later()
            try:
                offer = hint.attempt.generation.offer()
            except (providers.UnknownOffer, providers.UnknownProvider):
                adoptions.close(hint)  # no longer sold: nobody could look at its task
                continue
            self.talk.recall(lines[hint.attempt.credential_id], hint.task_id, offer, hint=hint.pk)

    def _lines(self) -> dict[int, Line]:
        lines = {}
        for one in self.credentials:
            try:
                account = self._account_of(one)
            except Unreadable:
                continue  # looks go on when its key can be opened again
            reads_as = self.numbers.get(one.pk, 0)
            lines[one.pk] = Line(credential=one.pk, provider=one.provider, account=account, reads_as=reads_as)
        return lines

    def _account_of(self, credential: Credential) -> Account:
        """The account of this credential as it is now. Raises Unreadable."""
        made_from = (
            credential.pk,
            credential.sealed_key,
            credential.sealed_webhook_key,
            credential.base_url,
            credential.key_host,
        )
        if made_from not in self.opened:
            self.opened[made_from] = connections.account_of(credential)
        return self.opened[made_from]
