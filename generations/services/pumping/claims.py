"""Who is sent next: free places go round the members, and a claim is on disk before any byte leaves."""

import logging
import secrets
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import reduce
from operator import or_
from uuid import UUID

from django.db import transaction
from django.db.models import Count, F, Q, QuerySet, Window
from django.db.models.functions import RowNumber

from generations import connections, ledger, limits, providers, queue
from generations.failpoints import failpoint
from generations.models import (
    AT_VENDOR,
    Attempt,
    Credential,
    CredentialState,
    Doors,
    Generation,
    Health,
    Outcome,
    Reason,
    State,
    Suspension,
    clock,
)
from generations.models.generation.states import SUBMIT_LEASE
from generations.providers.base import Offer, Order, SourceBy
from generations.providers.catalogue import TASK_AGE_SECONDS_MAX
from generations.services.pumping.talk import Line
from generations.services.reviewing.stopping import Stop, stop_waiting
from generations.vault import Unreadable

log = logging.getLogger(__name__)

ACTOR = "pump"
REST_SECONDS_UNREADABLE = 600
COPY_WAIT = timedelta(seconds=20)
"""Until an order asks again for the copy it sends; the copy itself calls it back as soon as it is made."""

TASK_LIFE = timedelta(seconds=TASK_AGE_SECONDS_MAX)


@dataclass(frozen=True)
class Claim:
    """A generation this pump may send now."""

    generation: UUID
    attempt: int
    token: str
    line: Line
    order: Order


def claim(*, credentials: list[Credential], slots: int, in_hand: Mapping[int, int] | None = None) -> list[Claim]:
    """Move queued generations to `submitting` (T2), up to `slots` for each credential, and return what to send.

    `in_hand` says how many of them the caller is sending already. Takes only what free places, hourly limits and turns
    allow, and nothing for a vendor that staff paused; what is of somebody suspended ends. A killed pump leaves no more
    than its slots in doubt. Committed when this returns.
    """
    moment = clock.now()
    queued = Generation.objects.filter(state=State.QUEUED, deadline_at__gt=moment).due(moment)
    if not queued.filter(provider__in={one.provider for one in credentials}).exists():
        return []
    failpoint("before_claim")
    with transaction.atomic():
        # The rows of the credentials are the lock under which places are counted: all of them, also those that rest,
        # because keys of one account share its places.
        locked = Credential.objects.filter(pk__in=[one.pk for one in credentials])
        found = locked.order_by("pk").select_for_update(no_key=True)
        keys = list(found)
        # Read under the lock that whoever pauses a vendor takes, too: one of the two comes first.
        doors = Doors.read()
        held = [one for one in keys if _is_open(one, doors) and one.health(moment) is not Health.OPEN and one.sends]
        loads = limits.loads_of(held, moment=moment)
        loads.slots, loads.in_hand = slots, Counter(in_hand or {})
        fitting = _with_places(held, loads)
        return _hand_out(_fit_to_act(_in_turn(queued.filter(fitting), slots)), held, loads) if fitting else []


def renew(*, generation: UUID, attempt: int, token: str) -> bool:
    """Begin the lease of a claim anew, because its order goes out only now; False when it is lost, and must not.

    Nor must it when staff paused its vendor meanwhile. The attempt counts from now, too: so does the vendor's window.
    """
    with transaction.atomic():
        row = Generation.objects.filter(pk=generation, state=State.SUBMITTING).first()
        if row is None or Doors.read().pause_of(row.provider) or not row.keep(token=token, lease=SUBMIT_LEASE):
            return False
        Attempt.objects.filter(pk=attempt, outcome=Outcome.OPEN).update(started_at=clock.now())
    return True


def _is_open(credential: Credential, doors: Doors) -> bool:
    return doors.pause_of(credential.provider) is None


def _with_places(held: list[Credential], loads: limits.Loads) -> Q:
    """What could be sent at all now; asked first, because ranking everybody who waits costs more."""
    open_offers = {
        (one.provider, offer.key)
        for one in held
        for offer in providers.get(one.provider).offers
        if loads.free(one, offer) > 0
    }
    return reduce(or_, (Q(provider=provider, offer_key=key) for provider, key in sorted(open_offers)), Q())


def _in_turn(waiting: QuerySet[Generation], slots: int) -> list[Generation]:
    """Who has least at the vendors goes first, so a batch of 200 keeps nobody else waiting for more than one place.

    Turns are counted per offer and pinned credential, so that a full one does not hide what waits for another.
    """
    line = [F("member"), F("provider"), F("offer_key"), F("credential")]
    ranked = waiting.annotate(turn=Window(RowNumber(), partition_by=line, order_by="pk")).filter(turn__lte=slots)
    rows = list(ranked.select_related("source__generation", "team", "member"))
    at_vendor = Generation.objects.filter(state__in=AT_VENDOR, member__in={row.member_id for row in rows})
    busy = {
        (row["member"], row["offer_key"]): row["number"]
        for row in at_vendor.values("member", "offer_key").annotate(number=Count("pk"))
    }
    turns = {row.pk: busy.get((row.member_id, row.offer_key), 0) + row.turn for row in rows}
    return sorted(rows, key=lambda row: (turns[row.pk], row.pk))


def _fit_to_act(rows: list[Generation]) -> list[Generation]:
    """Without those of people and teams that are suspended, which end: ordered, or back in line, as that happened."""
    people, teams = {row.member.person_id for row in rows}, {row.team_id for row in rows}
    found = list(Suspension.objects.live().filter(Q(person__in=people - {None}) | Q(team__in=teams)))
    whom = {("person", one.person_id) if one.person_id else ("team", one.team_id) for one in found}
    stopped = [row for row in rows if {("person", row.member.person_id), ("team", row.team_id)} & whom]
    if stopped:
        these = Generation.objects.filter(pk__in=[row.pk for row in stopped])
        stop_waiting([Stop(these, State.CANCELED, "canceled", {})], actor=ACTOR)
    return [row for row in rows if row not in stopped]


def _hand_out(rows: Iterable[Generation], held: list[Credential], loads: limits.Loads) -> list[Claim]:
    claims: list[Claim] = []
    for row in rows:
        offer = row.offer()
        while credential := _pick(row, offer, held, loads):
            try:
                claimed = _claim(row, offer, credential, loads)
            except Unreadable:
                # It rests, and the next key has its chance at once.
                credential.rest(seconds=REST_SECONDS_UNREADABLE, because="Its key cannot be opened any more.")
                log.error("credential %s is unreadable and rests", credential.pk)
                held.remove(credential)
                continue
            if claimed is not None:
                loads.use(credential, offer)
                claims.append(claimed)
            break
    return claims


def _pick(row: Generation, offer: Offer, held: list[Credential], loads: limits.Loads) -> Credential | None:
    """The pinned credential, else the team's own before the installation's, in their order, the least busy first."""
    fitting = [one for one in held if _serves(one, row) and loads.free(one, offer) > 0]
    return min(
        fitting,
        key=lambda one: (one.team_id is None, one.position, loads.running[one.pk, offer.limit_group], one.pk),
        default=None,
    )


def _serves(credential: Credential, row: Generation) -> bool:
    """Whether this key, which sends what only it can do, may send it: the one it is pinned to, even while it drains."""
    if row.credential_id is not None:
        return credential.pk == row.credential_id
    return (
        credential.provider == row.provider
        and credential.state == CredentialState.ACTIVE
        and credential.team_id in {None, row.team_id}
    )


def _claim(row: Generation, offer: Offer, credential: Credential, loads: limits.Loads) -> Claim | None:
    """Write the lease and the attempt of one row; None when somebody else was first or it cannot be sent at all.

    Raises Unreadable when it is the key that cannot be opened.
    """
    if _is_forgotten(row, offer):
        _refuse(row, Reason.NOT_FOUND)
        return None
    try:
        account = connections.account_of(credential)
        attempt, token = Attempt.open_for(row, credential=credential, limit_group=offer.limit_group)
        callback_url = connections.callback_url(credential, token)
        order = connections.order_for(
            row, credential=credential, offer=offer, reference=str(row.pk), callback_url=callback_url
        )
    except connections.SourceNotReady:
        row.postpone(clock.now() + COPY_WAIT)
        queue.later("copy", generation=row.pk)
        return None
    except connections.SourceMissing:
        _refuse(row, Reason.SOURCE_GONE)
        return None
    lease = secrets.token_hex(16)
    taken = row.move(
        State.SUBMITTING,
        actor=ACTOR,
        credential=credential,
        submits=row.submits + 1,
        lease_token=lease,
        lease_until=clock.now() + SUBMIT_LEASE,
    )
    if not taken:
        return None
    attempt.save()
    reads_as = min(loads.accounts.get(credential.pk, (credential.pk,)))
    line = Line(credential=credential.pk, provider=credential.provider, account=account, reads_as=reads_as)
    return Claim(generation=row.pk, attempt=attempt.pk, token=lease, line=line, order=order)


def _is_forgotten(row: Generation, offer: Offer) -> bool:
    """Whether it would name a task the vendor no longer knows by the time it hears of it."""
    if offer.source_by is not SourceBy.TASK_ID or row.source is None or row.source.generation.accepted_at is None:
        return False
    return clock.now() + SUBMIT_LEASE - row.source.generation.accepted_at >= TASK_LIFE


def _refuse(row: Generation, reason: Reason) -> None:
    if row.move(State.FAILED, actor=ACTOR, reason=reason):
        ledger.release(generation=row, actor=ACTOR, reason=reason)
