"""How much a vendor's account still takes: places in use and creations of the last hour, counted from our rows."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Count

from generations import providers
from generations.models import AT_VENDOR, Attempt, Credential, Generation, Outcome
from generations.providers.base import Offer

WINDOW = timedelta(hours=1)


@dataclass
class Loads:
    """Places each credential has in use, per limit group, while one transaction hands out more."""

    running: Counter[tuple[int, str]] = field(default_factory=Counter)
    hourly: Counter[tuple[int, str]] = field(default_factory=Counter)

    def free(self, credential: Credential, offer: Offer) -> int:
        """How many more orders of this offer the credential takes now. A limit of its own of 0 means none at all."""
        place = (credential.pk, offer.limit_group)
        running_max = offer.running_max if credential.running_max is None else credential.running_max
        hourly_max = offer.hourly_max if credential.hourly_max is None else credential.hourly_max
        return min(running_max - self.running[place], hourly_max - self.hourly[place])

    def use(self, credential: Credential, offer: Offer) -> None:
        self.running[credential.pk, offer.limit_group] += 1
        self.hourly[credential.pk, offer.limit_group] += 1


def loads_of(credentials: Iterable[Credential], *, moment: datetime) -> Loads:
    """What these credentials have in use. Exact while the caller's transaction holds their rows locked."""
    keys = [credential.pk for credential in credentials]
    loads = Loads()
    at_vendor = Generation.objects.filter(credential__in=keys, state__in=AT_VENDOR)
    for row in at_vendor.values("credential", "provider", "offer_key").annotate(number=Count("pk")):
        group = _group(row["provider"], row["offer_key"])
        loads.running[row["credential"], group] += row["number"]
    # A request that never left, or that the vendor was too busy for, used nothing up.
    created = Attempt.objects.filter(credential__in=keys, started_at__gt=moment - WINDOW)
    created = created.exclude(outcome__in=[Outcome.NOT_SENT, Outcome.BUSY])
    for made in created.values("credential", "limit_group").annotate(number=Count("pk")):
        loads.hourly[made["credential"], made["limit_group"]] += made["number"]
    return loads


def _group(provider: str, offer_key: str) -> str:
    try:
        return providers.offer(provider, offer_key).limit_group
    except (providers.UnknownOffer, providers.UnknownProvider):
        return ""  # no longer sold: it shares no limit with what is
