"""Why a picture waits in our own line, in words, and until when as far as anybody can tell.

Waiting is never a failure: a vendor's places are taken, its hour is used up, its key rests or is switched off, staff
paused it, or the smaller copy it reads is not made yet.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from generations import limits, providers, storage
from generations.models import Attempt, Closure, Credential, CredentialState, Doors, Generation, Outcome, State
from generations.providers import catalogue
from generations.providers.base import Offer
from generations.queries.suspensions import sentence_of
from generations.queries.words import roughly


@dataclass(frozen=True, kw_only=True, slots=True)
class Wait:
    """A headline, what becomes of it, and the moment things change, where one is known.

    `places` says that only a place at the vendor is missing, which others give back as their pictures end, and how many
    there are; or, with `round_seconds`, that so many are taken in so long. `openings` are the moments at which the
    vendor takes one more, where its hour is used up.
    """

    words: str
    promise: str = "It goes on by itself."
    until: datetime | None = None
    places: int = 0
    round_seconds: float = field(default=0.0, compare=False)
    openings: tuple[datetime, ...] = field(default=(), compare=False)


HELD = "It goes on when your owner changes that. After a day in line its credits come back."
"""What becomes of a wait that only a person can end."""
HELD_BY_STAFF = "It goes on when whoever runs the studio changes that. After a day in line its credits come back."


def waits_of(rows: Iterable[Generation], *, places: Mapping[UUID, int], moment: datetime) -> dict[UUID, Wait]:
    """For each waiting generation what it waits for; one that is simply next has no entry.

    Asks the database per vendor and offer that is waited for, not per row. Give it rows with `source` already there.
    """
    waiting = [row for row in rows if row.state == State.QUEUED]
    found: dict[UUID, Wait] = {}
    reasons: dict[tuple[int, str, str, int | None], Wait | None] = {}
    doors = Doors.read() if waiting else None
    for row in waiting:
        if doors is not None and (pause := doors.pause_of(row.provider)):
            found[row.pk] = _paused(pause)
            continue
        if _waits_for_its_copy(row):
            found[row.pk] = Wait(words="A smaller copy is being made first")
            continue
        if row.next_at > moment and row.submits:
            found[row.pk] = Wait(words="The vendor could not take it yet", until=row.next_at)
            continue
        key = (row.team_id, row.provider, row.offer_key, row.credential_id)
        if key not in reasons:
            reasons[key] = _reason(row, moment, line=max(places.values(), default=1))
        reason = reasons[key]
        if reason is not None:
            found[row.pk] = _with_time(reason, row, places.get(row.pk))
    return found


def _paused(pause: Closure) -> Wait:
    """Staff closed its vendor: why, and until when if they said so."""
    goes_on = "It goes on by itself then." if pause.ends_at else "It goes on when they open it again."
    promise = f"{sentence_of(pause.reason)} {goes_on} After a day in line its credits come back."
    return Wait(words="Paused by the studio’s staff", promise=promise, until=pause.ends_at)


def _waits_for_its_copy(row: Generation) -> bool:
    """Whether the JPEG that goes in place of its picture is still missing."""
    if catalogue.COPY not in row.choices or row.source is None:
        return False
    try:
        bytes_max = catalogue.copy_bytes_max(row.offer(), row.choices)
    except (providers.UnknownOffer, providers.UnknownProvider):
        return False
    return bytes_max is not None and storage.copy_path(row.source, bytes_max) is None


def _reason(row: Generation, moment: datetime, *, line: int) -> Wait | None:
    try:
        offer = row.offer()
    except (providers.UnknownOffer, providers.UnknownProvider):
        return None
    keys = _keys(row)
    # What only one key can do waits for that key, also while it takes nothing else any more.
    active = [key for key in keys if key.sends]
    if not active:
        return Wait(words="The vendor is switched off", promise=_held(keys))
    selling = [key for key in active if offer.key not in key.offers_off]
    if not selling:
        return Wait(words="The vendor does not take it on the key at hand", promise=_held(active))
    awake = [key for key in selling if key.paused_until is None or key.paused_until <= moment]
    if not awake:
        first = min(selling, key=lambda key: key.paused_until or moment)
        return Wait(words=first.paused_because.rstrip(".") or "The vendor rests", until=first.paused_until)
    return _full(awake, offer, moment, line=line)


def _keys(row: Generation) -> list[Credential]:
    if row.credential_id is not None:
        return list(Credential.objects.filter(pk=row.credential_id))
    mine = Credential.objects.filter(Q(team=row.team_id) | Q(team=None), provider=row.provider)
    return list(mine.filter(state__in=[CredentialState.ACTIVE, CredentialState.PAUSED]))


def _full(keys: list[Credential], offer: Offer, moment: datetime, *, line: int) -> Wait | None:
    """What is used up at every one of these keys; None while one has a place."""
    loads = limits.loads_of(keys, moment=moment)
    if any(loads.free(key, offer) > 0 for key in keys):
        return None
    most = [limits.limits_of(key, offer) for key in keys]
    places = _over_accounts(loads, keys, [one.running for one in most])
    hourly = _over_accounts(loads, keys, [one.hourly for one in most])
    if not places or not hourly:
        return Wait(words="The key is set to take nothing", promise=_held(keys))
    both = zip(keys, most, strict=True)
    in_time = [(key, one) for key, one in both if loads.hourly[key.pk, offer.limit_group] < one.hourly]
    roomy = [key for key, one in in_time if loads.running[key.pk, offer.limit_group] < one.running]
    if roomy:
        return _paced(loads, roomy, offer)
    if in_time:
        places = _over_accounts(loads, [key for key, _ in in_time], [one.running for _, one in in_time])
        which = f"All {places:,} places at the vendor are" if places > 1 else "The one place at the vendor is"
        return Wait(words=f"{which} taken", places=places)
    openings = _openings(loads, keys, [one.hourly for one in most], offer=offer, line=line)
    first = openings[0] if openings else None
    return Wait(words=f"The vendor takes {hourly:,} an hour", until=first, openings=tuple(openings))


def _paced(loads: limits.Loads, keys: list[Credential], offer: Offer) -> Wait:
    """Keys with free places that take nothing this moment: in seconds, or as soon as one order shows that they work."""
    burst = providers.get(keys[0].provider).creates_max
    swift = [key for key in keys if burst and loads.burst[key.pk] + offer.creations > burst[0]]
    if not burst or not swift:
        return Wait(words="The key is being tried with one order")
    most, seconds = burst
    taken = _over_accounts(loads, swift, [most] * len(swift))
    words = f"The vendor takes {taken:,} in {seconds:g} seconds"
    round_seconds = seconds + limits.BURST_SLACK_SECONDS
    return Wait(words=words, places=max(1, taken // offer.creations), round_seconds=round_seconds)


def _held(keys: list[Credential]) -> str:
    """Who can end it: keys of the whole installation are no owner's to change."""
    return HELD_BY_STAFF if keys and all(key.team_id is None for key in keys) else HELD


def _over_accounts(loads: limits.Loads, keys: list[Credential], most: list[int]) -> int:
    """What these keys take together: keys of one account share what the widest of them has."""
    widest: dict[int, int] = {}
    for key, number in zip(keys, most, strict=True):
        account = min(loads.accounts[key.pk])
        widest[account] = max(number, widest.get(account, 0))
    return sum(widest.values())


def _openings(
    loads: limits.Loads, keys: list[Credential], most: list[int], *, offer: Offer, line: int
) -> list[datetime]:
    """When the creations that use the hour up no longer count, one after another; as many as there are in line."""
    widest: dict[frozenset[int], tuple[int, int]] = {}
    for key, number in zip(keys, most, strict=True):
        account, made = frozenset(loads.accounts[key.pk]), loads.hourly[key.pk, offer.limit_group]
        widest[account] = max((number, made), widest.get(account, (0, 0)))
    found: list[datetime] = []
    for account, (number, made) in widest.items():
        counted = Attempt.objects.filter(credential__in=account, limit_group=offer.limit_group)
        counted = counted.filter(started_at__gt=loads.moment - limits.WINDOW)
        counted = counted.exclude(outcome__in=[Outcome.NOT_SENT, Outcome.BUSY]).order_by("started_at")
        # Of those over the limit the oldest give no place back.
        over = max(0, made - number)
        found += [began + limits.WINDOW for began in counted.values_list("started_at", flat=True)[over : over + line]]
    return sorted(found)


def _with_time(wait: Wait, row: Generation, place: int | None) -> Wait:
    """An estimate for this place in line, as far as our own line tells.

    Where only a place is missing, so many rounds of the usual time; where the hour is used up, the opening that falls
    to it, an hour later for each time the line goes through all of them.
    """
    if place is None:
        return wait
    if wait.openings:
        hours, turn = divmod(place - 1, len(wait.openings))
        return replace(wait, until=wait.openings[turn] + hours * limits.WINDOW)
    if not wait.places:
        return wait
    rounds = -(-place // wait.places)
    seconds = wait.round_seconds or sum(row.offer().usual_seconds) / 2
    return replace(wait, words=f"{wait.words}, yours in {roughly(rounds * seconds)}")
