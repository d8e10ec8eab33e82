"""The pump itself: a lease, and a loop that writes results, claims what may go, and asks for what is due."""

import logging
import time
from dataclasses import dataclass, field

from django.conf import settings
from django.db.models import Q

from generations import connections, nudge, providers, queue
from generations.models import Credential, CredentialState, Generation, Lease, State, clock
from generations.services.pumping import verdicts
from generations.services.pumping.claims import claim
from generations.services.pumping.talk import Line, Talk
from generations.vault import Unreadable

log = logging.getLogger(__name__)

LEASE_SECONDS = 10
RENEW_SECONDS = 3
SEND_SECONDS = 35
"""After this nothing new is sent: a submit may take 50 s and the job has 90."""
BUDGET_SECONDS = 45
"""After this no new look either: the pump ends its conversations and hands over."""
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
        pump.talk.close()
        Lease.objects.release(nudge.pump_lease(shard), token=token)
    if not queue.is_stopping():
        nudge.kick()


@dataclass
class Pump:
    shard: int
    token: str
    talk: Talk = field(default_factory=Talk)
    credentials: list[Credential] = field(default_factory=list)

    def run(self) -> None:
        self.talk.start()
        started = renewed = worked = refreshed = time.monotonic()
        self._read_credentials()
        while True:
            results = self.talk.results(wait_seconds=TURN_SECONDS)
            moment = time.monotonic()
            if moment - renewed > RENEW_SECONDS:
                if not self._renew():
                    log.warning("pump %s: lost its lease", self.shard)
                    return
                renewed = moment
            if results:
                verdicts.apply(results)
            ending = moment - started > BUDGET_SECONDS or queue.is_stopping()
            if not ending:
                if moment - refreshed > CREDENTIALS_FRESH_SECONDS:
                    self._read_credentials()
                    refreshed = moment
                if moment - started < SEND_SECONDS:
                    self._send()
                self._ask()
            if self.talk.is_busy() or (not ending and nudge.has_work()):
                worked = moment
            if ending and not self.talk.is_busy():
                return
            if moment - worked > WARM_SECONDS:
                return

    def _renew(self) -> bool:
        return Lease.objects.renew(nudge.pump_lease(self.shard), token=self.token, seconds=LEASE_SECONDS)

    def _read_credentials(self) -> None:
        """Those of this shard; draining ones too, because what runs on them is watched to its end."""
        usable = Credential.objects.exclude(state=CredentialState.RETIRED).filter(provider__in=providers.PROVIDERS)
        self.credentials = [one for one in usable if one.pk % settings.PUMP_SHARDS == self.shard]

    def _send(self) -> None:
        slots = CREATE_SLOTS - len(self.talk.submitting)
        for one in claim(credentials=self.credentials, slots=slots):
            self.talk.submit(one.line, one.order, generation=one.generation, attempt=one.attempt, token=one.token)

    def _ask(self) -> None:
        """Start a look at every task that is due and not being asked for already."""
        lines = self._lines()
        watched = Q(state=State.RUNNING) | (Q(state=State.LAPSED, result_urls=[]) & ~Q(vendor_task_id=""))
        due = Generation.objects.filter(watched, credential__in=lines).due(clock.now()).order_by("next_at")
        for row in due[: LOOKS_MAX - len(self.talk.looking)]:
            if row.pk in self.talk.looking or row.credential_id is None:
                continue
            try:
                offer = row.offer()
            except providers.UnknownOffer:
                continue  # no longer sold: its deadline ends it
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
