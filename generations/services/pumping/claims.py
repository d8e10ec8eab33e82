"""Who is sent next: free places go round the members, and a claim is on disk before any byte leaves."""

import logging
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from functools import reduce
from operator import or_
from uuid import UUID

from django.db import transaction
from django.db.models import Count, F, Q, QuerySet, Window
from django.db.models.functions import RowNumber

from generations import connections, ledger, limits, providers
from generations.models import AT_VENDOR, Attempt, Credential, CredentialState, Generation, Reason, State, clock
from generations.models.generation.states import SUBMIT_LEASE
from generations.providers.base import Offer, Order
from generations.services.pumping.talk import Line
from generations.vault import Unreadable

log = logging.getLogger(__name__)

ACTOR = "pump"
REST_AFTER_UNREADABLE = timedelta(minutes=10)


@dataclass(frozen=True)
class Claim:
    """A generation this pump may send now."""

    generation: UUID
    attempt: int
    token: str
    line: Line
    order: Order


def claim(*, credentials: list[Credential], slots: int) -> list[Claim]:
    """Move up to `slots` queued generations to `submitting` (T2) and return what to send.

    Takes only what free places, hourly limits and turns allow; a killed pump leaves no more than that in doubt.
    Committed when this returns.
    """
    moment = clock.now()
    queued = Generation.objects.filter(state=State.QUEUED, deadline_at__gt=moment).due(moment)
    if slots <= 0 or not queued.filter(provider__in={one.provider for one in credentials}).exists():
        return []
    with transaction.atomic():
        # The rows of the credentials are the lock under which places are counted.
        free = Credential.objects.filter(pk__in=[one.pk for one in credentials]).free(moment)
        held = list(free.order_by("pk").select_for_update(no_key=True))
        loads = limits.loads_of(held, moment=moment)
        fitting = _with_places(held, loads)
        return _hand_out(_in_turn(queued.filter(fitting), slots), held, loads, slots) if fitting else []


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
    rows = list(ranked.select_related("source__generation", "team"))
    at_vendor = Generation.objects.filter(state__in=AT_VENDOR, member__in={row.member_id for row in rows})
    busy = {
        (row["member"], row["offer_key"]): row["number"]
        for row in at_vendor.values("member", "offer_key").annotate(number=Count("pk"))
    }
    turns = {row.pk: busy.get((row.member_id, row.offer_key), 0) + row.turn for row in rows}
    return sorted(rows, key=lambda row: (turns[row.pk], row.pk))


def _hand_out(rows: Iterable[Generation], held: list[Credential], loads: limits.Loads, slots: int) -> list[Claim]:
    claims: list[Claim] = []
    for row in rows:
        if len(claims) == slots:
            break
        offer = row.offer()
        credential = _pick(row, offer, held, loads)
        if credential is None:
            continue
        claimed = _claim(row, offer, credential)
        if claimed is not None:
            loads.use(credential, offer)
            claims.append(claimed)
    return claims


def _pick(row: Generation, offer: Offer, held: list[Credential], loads: limits.Loads) -> Credential | None:
    """The pinned credential, else the team's own before the installation's, in their order, the least busy first."""
    fitting = [
        one
        for one in held
        if (one.pk == row.credential_id if row.credential_id else _serves(one, row)) and loads.free(one, offer) > 0
    ]
    return min(
        fitting,
        key=lambda one: (one.team_id is None, one.position, loads.running[one.pk, offer.limit_group], one.pk),
        default=None,
    )


def _serves(credential: Credential, row: Generation) -> bool:
    return (
        credential.provider == row.provider
        and credential.state == CredentialState.ACTIVE
        and credential.team_id in {None, row.team_id}
    )


def _claim(row: Generation, offer: Offer, credential: Credential) -> Claim | None:
    """Write the lease and the attempt of one row; None when somebody else was first or it cannot be sent at all."""
    try:
        account = connections.account_of(credential)
        order = connections.order_for(row, offer=offer, reference=str(row.pk))
    except Unreadable:
        credential.pause(until=clock.now() + REST_AFTER_UNREADABLE, because="Its key cannot be opened any more.")
        log.error("credential %s is unreadable and rests", credential.pk)
        return None
    except connections.SourceMissing:
        _refuse(row, Reason.SOURCE_GONE)
        return None
    attempt, _ = Attempt.open_for(row, credential=credential, limit_group=offer.limit_group)
    token = secrets.token_hex(16)
    taken = row.move(
        State.SUBMITTING,
        actor=ACTOR,
        credential=credential,
        submits=row.submits + 1,
        lease_token=token,
        lease_until=clock.now() + SUBMIT_LEASE,
    )
    if not taken:
        return None
    attempt.save()
    line = Line(credential=credential.pk, provider=credential.provider, account=account)
    return Claim(generation=row.pk, attempt=attempt.pk, token=token, line=line, order=order)


def _refuse(row: Generation, reason: Reason) -> None:
    if row.move(State.FAILED, actor=ACTOR, reason=reason):
        ledger.release(generation=row, actor=ACTOR, reason=reason)
