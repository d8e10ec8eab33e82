"""The pump itself: a lease, and a loop that writes results, claims what may go, and asks for what is due."""

import logging
import math
import time
from dataclasses import dataclass, field

from django.conf import settings
from django.db import OperationalError
from django.db.models import Q

from generations import connections, nudge, providers, queue
from generations.models import Credential, CredentialState, Generation, Lease, State, clock
from generations.services.pumping import verdicts
from generations.services.pumping.claims import claim
from generations.services.pumping.talk import Line, Looked, Submitted, Talk
from generations.vault import Unreadable

log = logging.getLogger(__name__)

LEASE_SECONDS = 10
RENEW_SECONDS = 3
BUDGET_SECONDS = 30
"""After this the pump hands over to a fresh one and only listens: a submit may take 50 s and the job has 90."""
LAST_SECONDS = 82
"""Whatever is still open then becomes a doubt; the job would be cut off soon."""
WARM_SECONDS = 30
"""How long an idle pump waits for more: most people press the button again."""
TURN_SECONDS = 0.25
CREATE_SLOTS = 16
LOOKS_MAX = 400
CREDENTIALS_FRESH_SECONDS = 2


def run(*, shard: int) -> None:
    """Pump until the time is up or nothing is left. Returns at once when another pump holds this shard."""
    token = Lease.objects.take(nudge.pump_lease(shard), seconds=LEASE_SECONDS)
    if token is None:
        return
    pump = Pump(shard=shard, token=token)
    try:
        pump.run()
    finally:
        pump.hand_over()
        pump.talk.close()


@dataclass
class Pump:
    shard: int
    token: str
    talk: Talk = field(default_factory=Talk)
    credentials: list[Credential] = field(default_factory=list)
    unwritten: list[Submitted | Looked] = field(default_factory=list)
    mine: bool = True
    """Whether this pump still holds the lease."""

    def run(self) -> None:
        self.talk.start()
        started = renewed = worked = time.monotonic()
        read = -math.inf
        while True:
            # First what the vendors said: an accepted order that is not written down is a picture lost.
            self.unwritten = verdicts.apply(self.unwritten + self.talk.results(wait_seconds=TURN_SECONDS))
            moment = time.monotonic()
            if self.mine and moment - renewed > RENEW_SECONDS:
                self.mine, renewed = self._renew(), moment
            if not self.mine or moment - started > BUDGET_SECONDS or queue.is_stopping():
                self.hand_over()
                if self._has_heard_all() or moment - started > LAST_SECONDS:
                    return
                continue
            if moment - read > CREDENTIALS_FRESH_SECONDS:
                self._read_credentials()
                read = moment
            self._send()
            self._ask()
            if self.talk.is_busy() or self.unwritten or nudge.has_work():
                worked = moment
            elif moment - worked > WARM_SECONDS:
                return

    def hand_over(self) -> None:
        """Let a fresh pump go on at once: nobody who orders now waits for what this one still listens to."""
        if self.mine:
            self.mine = False
            Lease.objects.release(nudge.pump_lease(self.shard), token=self.token)
            if not queue.is_stopping():
                nudge.kick()

    def _has_heard_all(self) -> bool:
        return not self.talk.submitting and not self.unwritten

    def _renew(self) -> bool:
        held = Lease.objects.renew(nudge.pump_lease(self.shard), token=self.token, seconds=LEASE_SECONDS)
        if not held:
            log.warning("pump %s: another one took over; ending", self.shard)
        return held

    def _read_credentials(self) -> None:
        """Those of this shard; draining ones too, because what runs on them is watched to its end."""
        usable = Credential.objects.exclude(state=CredentialState.RETIRED).filter(provider__in=providers.PROVIDERS)
        self.credentials = [one for one in usable if one.pk % settings.PUMP_SHARDS == self.shard]

    def _send(self) -> None:
        slots = CREATE_SLOTS - len(self.talk.submitting)
        try:
            claims = claim(credentials=self.credentials, slots=slots)
        except OperationalError as error:
            log.warning("pump %s: nothing claimed this time: %s", self.shard, type(error).__name__)
            return
        for one in claims:
            self.talk.submit(one.line, one.order, generation=one.generation, attempt=one.attempt, token=one.token)

    def _ask(self) -> None:
        """Start a look at every task that is due and not being asked for already."""
        lines = self._lines()
        watched = Q(state=State.RUNNING) | (Q(state=State.LAPSED, result_urls=[]) & ~Q(vendor_task_id=""))
        due = Generation.objects.filter(watched, credential__in=lines).due(clock.now()).order_by("next_at")
        for row in due.exclude(pk__in=self.talk.looking)[: LOOKS_MAX - len(self.talk.looking)]:
            try:
                offer = row.offer()
            except (providers.UnknownOffer, providers.UnknownProvider):
                continue  # no longer sold: its deadline ends it
            if row.credential_id is not None:
                self.talk.look(lines[row.credential_id], row.vendor_task_id, offer, generation=row.pk)

    def _lines(self) -> dict[int, Line]:
        lines = {}
        for one in self.credentials:
            try:
                account = connections.account_of(one)
            except Unreadable:
                continue  # looks go on when its key can be opened again
            lines[one.pk] = Line(credential=one.pk, provider=one.provider, account=account)
        return lines
