"""Ways to enlarge that nobody in the team can order now: switched off, or sold by a vendor it has no key for.

Whoever may change that reads of both, with the page where it is changed. Others read what was switched off at a vendor
the team uses; of vendors it does not use they hear nothing, for all they could do is ask.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace

from django.urls import reverse

from generations import providers
from generations.models import Image, Member, Sales
from generations.providers.base import Operation, Provider
from generations.providers.catalogue import Fit, fits
from generations.queries.fits import subject_of


@dataclass(frozen=True, kw_only=True, slots=True)
class ClosedWay:
    """What it would be, why it is closed, and what the reader can do about it, "" where that is nothing."""

    fit: Fit
    act: str = ""
    url: str = ""


def closed_ways(
    image: Image, *, member: Member, sales: Sales, set_up: Collection[str], listed: Collection[tuple[str, str]]
) -> list[ClosedWay]:
    """All that the vendors of the table sell beside what is `listed`; `set_up` are those the team uses."""
    pairs = [pair for pair in providers.offers(Operation.UPSCALE) if (pair[0].key, pair[1].key) not in listed]
    found = []
    for fit in fits(subject_of(image), pairs):
        if not sales.is_on(fit.provider.key, fit.offer):
            if member.may_manage or fit.provider.key in set_up:
                found.append(_switched_off(fit, member))
        elif member.may_manage and fit.provider.key not in set_up:
            found.append(_without_key(fit))
    return found


def _switched_off(fit: Fit, member: Member) -> ClosedWay:
    closed = replace(fit, possible=False, reason="Switched off here. Whoever runs the studio can switch it on.")
    if member.person is None or not member.person.is_superuser:
        return ClosedWay(fit=closed)
    return ClosedWay(fit=closed, act="Switch it on", url=reverse("admin:generations_offerswitch_changelist"))


def _without_key(fit: Fit) -> ClosedWay:
    closed = replace(fit, possible=False, reason=_key_words(fit.provider))
    return ClosedWay(fit=closed, act="Add a key" if fit.provider.needs_key else "Add it", url=reverse("credential_new"))


def _key_words(vendor: type[Provider]) -> str:
    needed = "There is no key for it yet" if vendor.needs_key else "It needs no key, only to be added"
    return f"{vendor.label} is not set up for this team. {needed}."
