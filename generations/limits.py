"""How much a vendor's account still takes: places in use and creations of the last hour, counted from our rows.

One key stored twice, whoever stored it, is one account at the vendor and counted as one. So are a key and the one that
replaced it: most likely they are.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Count, Exists, OuterRef, Q

from generations import providers
from generations.models import AT_VENDOR, Attempt, Credential, Generation, Health, Outcome, State
from generations.providers.base import Offer

WINDOW = timedelta(hours=1, minutes=1)
"""A minute more than the vendor's: it counts from when an order arrives, and one may be longer on its way."""
LATE = timedelta(minutes=30)
"""For so long after its credits went back a task still counts as running: a vendor goes on with what we no longer wait
for. The vendors' files have a stuck task ended upstream within ten minutes and one last look taken after thirty; what
is still there by then may never end, and must not keep a place from everybody for a day.
"""
BURST_SLACK_SECONDS = 1.0
"""The same for the vendor's short window."""


@dataclass
class Loads:
    """Places each credential has in use while one transaction hands out more.

    `running` and `hourly` are per limit group; `burst` counts all creations of the vendor's short window, `sending`
    the submits under way on keys that are only being tried again. Whoever sends has `slots` hands for each credential,
    of which `in_hand` are busy: a vendor that does not answer then keeps no other waiting. `accounts` names the others
    of those keys that share an account with one of them.
    """

    moment: datetime
    accounts: Mapping[int, Collection[int]] = field(default_factory=dict)
    slots: int | None = None
    in_hand: Counter[int] = field(default_factory=Counter)
    running: Counter[tuple[int, str]] = field(default_factory=Counter)
    hourly: Counter[tuple[int, str]] = field(default_factory=Counter)
    burst: Counter[int] = field(default_factory=Counter)
    sending: Counter[int] = field(default_factory=Counter)

    def free(self, credential: Credential, offer: Offer) -> int:
        """How many more orders of this offer the credential takes now. A limit of its own of 0 means none at all."""
        if offer.key in credential.offers_off or credential.health(self.moment) is Health.OPEN:
            return 0
        place = (credential.pk, offer.limit_group)
        most = limits_of(credential, offer)
        free = min(most.running - self.running[place], most.hourly - self.hourly[place])
        burst = _burst_of(credential)
        if burst is not None:
            free = min(free, (burst[0] - self.burst[credential.pk]) // offer.creations)
        if credential.health(self.moment) is Health.HALF_OPEN:
            free = min(free, 1 - self.sending[credential.pk])
        if self.slots is not None:
            free = min(free, self.slots - self.in_hand[credential.pk])
        return free

    def use(self, credential: Credential, offer: Offer) -> None:
        for pk in self.accounts.get(credential.pk, (credential.pk,)):
            self.running[pk, offer.limit_group] += 1
            self.hourly[pk, offer.limit_group] += 1
            self.burst[pk] += offer.creations
        self.sending[credential.pk] += 1
        self.in_hand[credential.pk] += 1


@dataclass(frozen=True)
class Most:
    """The limits that hold for one offer at one credential."""

    running: int
    hourly: int


def limits_of(credential: Credential, offer: Offer) -> Most:
    """The credential's own limits where it has some, else the offer's."""
    running = offer.running_max if credential.running_max is None else credential.running_max
    hourly = offer.hourly_max if credential.hourly_max is None else credential.hourly_max
    return Most(running=running, hourly=hourly)


def loads_of(credentials: Iterable[Credential], *, moment: datetime, across_teams: bool = True) -> Loads:
    """What these credentials have in use. Exact while the caller's transaction holds their rows locked.

    Without `across_teams` each counts what its own team has in use: for people, who hear nothing of other teams.
    """
    held = list(credentials)
    accounts = accounts_of(held, across_teams=across_teams)
    loads = Loads(moment=moment, accounts=accounts)
    # Each of them counts for every key that shares its account.
    sharing: dict[int, list[int]] = {}
    for pk in (one.pk for one in held):
        for key in accounts[pk]:
            sharing.setdefault(key, []).append(pk)
    late = Q(state=State.LAPSED, changed_at__gt=moment - LATE, result_urls=[])
    at_vendor = Generation.objects.filter(Q(state__in=AT_VENDOR) | late, credential__in=sharing)
    for row in at_vendor.values("credential", "provider", "offer_key").annotate(number=Count("pk")):
        group = _group(row["provider"], row["offer_key"])
        for pk in sharing[row["credential"]]:
            loads.running[pk, group] += row["number"]
    # A request that never left, or that the vendor was too busy for, used nothing up.
    created = Attempt.objects.filter(credential__in=sharing, started_at__gt=moment - WINDOW)
    created = created.exclude(outcome__in=[Outcome.NOT_SENT, Outcome.BUSY])
    for made in created.values("credential", "limit_group").annotate(number=Count("pk")):
        for pk in sharing[made["credential"]]:
            loads.hourly[pk, made["limit_group"]] += made["number"]
    _count_bursts(held, loads)
    _count_sending(held, loads)
    return loads


def accounts_of(credentials: Collection[Credential], *, across_teams: bool = True) -> dict[int, frozenset[int]]:
    """For each of these the rows of the same account, its own among them. One query.

    The same account have rows with the same key, in whatever team or in their own alone, and all they replaced or were
    replaced by.
    """
    rows = Credential.objects.filter(provider__in={one.provider for one in credentials})
    twin = rows.filter(provider=OuterRef("provider"), key_print=OuterRef("key_print")).exclude(pk=OuterRef("pk"))
    twin = twin if across_teams else twin.filter(team=OuterRef("team"))
    linked = rows.filter(Q(replaces__isnull=False) | Q(~Q(key_print=""), Exists(twin)))
    account: dict[int, set[int]] = {}
    first: dict[tuple[str, str, int | None], int] = {}
    for pk, old, provider, key, team in linked.order_by("pk").values_list(
        "pk", "replaces", "provider", "key_print", "team"
    ):
        twins = {first.setdefault((provider, key, None if across_teams else team), pk)} if key else set()
        both: set[int] = set()
        for one in {pk, *twins, *({old} if old else ())}:
            both |= account.get(one, {one})
        account.update(dict.fromkeys(both, both))
    return {one.pk: frozenset(account.get(one.pk, {one.pk})) for one in credentials}


def account_numbers(credentials: Collection[Credential]) -> dict[int, int]:
    """For each of these one number that all rows of its account have: the oldest row's. One query."""
    return {pk: min(account) for pk, account in accounts_of(credentials).items()}


def _count_bursts(credentials: Iterable[Credential], loads: Loads) -> None:
    """Every try of the vendor's short window counts, turned away or not: that is how vendors count."""
    for credential in credentials:
        burst = _burst_of(credential)
        if burst is not None:
            since = loads.moment - timedelta(seconds=burst[1] + BURST_SLACK_SECONDS)
            # One that is still on its way has yet to arrive; one just answered may have arrived just now.
            on_its_way = Q(outcome=Outcome.OPEN, generation__state=State.SUBMITTING)
            counted = on_its_way | Q(started_at__gt=since) | Q(ended_at__gt=since)
            tries = Attempt.objects.filter(counted, credential__in=loads.accounts[credential.pk])
            left = tries.exclude(outcome=Outcome.NOT_SENT).values_list("generation__offer_key")
            for offer_key, number in left.annotate(number=Count("pk")):
                loads.burst[credential.pk] += number * _creations(credential.provider, offer_key)


def _count_sending(credentials: Iterable[Credential], loads: Loads) -> None:
    tried = [one.pk for one in credentials if one.health(loads.moment) is Health.HALF_OPEN]
    if tried:
        sending = Generation.objects.filter(credential__in=tried, state=State.SUBMITTING)
        loads.sending.update(sending.values_list("credential", flat=True))


def _burst_of(credential: Credential) -> tuple[int, float] | None:
    try:
        return providers.get(credential.provider).creates_max
    except providers.UnknownProvider:
        return None


def _creations(provider: str, offer_key: str) -> int:
    try:
        return providers.offer(provider, offer_key).creations
    except (providers.UnknownOffer, providers.UnknownProvider):
        return 1


def _group(provider: str, offer_key: str) -> str:
    try:
        return providers.offer(provider, offer_key).limit_group
    except (providers.UnknownOffer, providers.UnknownProvider):
        return ""  # no longer sold: it shares no limit with what is
