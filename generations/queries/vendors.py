"""How each vendor is doing for a team: at work, resting after a refusal, or paused by a person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.db.models import F, Q

from generations import providers, reach
from generations.models import Credential, CredentialState, Team, clock


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """One vendor. `rests` says why all its keys rest, `until` when the first of them is tried again.

    `offers_off` are those it refuses on every key in use, each with its answer; `reaches_us` says whether it can read
    what is at our address, from wherever its keys in use lead.
    """

    is_paused: bool = False
    rests: str = ""
    until: datetime | None = None
    offers_off: Mapping[str, str] = field(default_factory=dict)
    reaches_us: bool = field(default=False, compare=False)


def standings(team: Team) -> dict[str, Standing]:
    """Every vendor set up for the team, in the order of its keys. One query."""
    moment = clock.now()
    mine = Credential.objects.filter(Q(team=team) | Q(team=None), provider__in=providers.PROVIDERS)
    in_use = mine.filter(state__in=[CredentialState.ACTIVE, CredentialState.PAUSED])
    keys: dict[str, list[Credential]] = {}
    for key in in_use.order_by(F("team").asc(nulls_last=True), "position", "pk"):
        keys.setdefault(key.provider, []).append(key)
    active = {key: [one for one in found if one.state == CredentialState.ACTIVE] for key, found in keys.items()}
    return {provider: _standing(found, moment) for provider, found in active.items()}


def standing_of(key: Credential) -> Standing:
    """How this key alone is doing, for work that no other can do: while it sends, whatever its state is called."""
    return _standing([key] if key.sends else [], clock.now())


def _standing(active: list[Credential], moment: datetime) -> Standing:
    if not active:
        return Standing(is_paused=True)
    resting = [(key.paused_until, key.paused_because) for key in active if key.paused_until]
    resting = [(until, because) for until, because in resting if until > moment]
    reaches_us = all(reach.reaches_us(reach.base_url_of(key)) for key in active)
    found = Standing(offers_off=offers_off(active), reaches_us=reaches_us)
    if len(resting) < len(active):
        return found
    until, because = min(resting)
    return replace(found, rests=because or "Resting after a refusal.", until=until)


def offers_off(keys: Sequence[Credential]) -> dict[str, str]:
    """The offers that every one of these keys is refused, with what the vendor answered the first."""
    if not keys:
        return {}
    return {offer: words for offer, words in keys[0].offers_off.items() if all(offer in key.offers_off for key in keys)}


def refused_words(vendor: str, offer: str) -> str:
    """Why an offer cannot be ordered that no key of the team may use."""
    return f"{vendor} does not take orders for {offer} on the key at hand. Your owner can test the key to try again."
