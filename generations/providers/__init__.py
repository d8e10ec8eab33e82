"""The table of vendors. A new one is its class in ``PROVIDERS``; nothing else in the studio names a vendor."""

from .apiinone import ApiInOne
from .apikley import Apikley
from .apixo import Apixo
from .base import Offer, Operation, Provider
from .demo import Demo

PROVIDERS: dict[str, type[Provider]] = {provider.key: provider for provider in (Apikley, Apixo, ApiInOne, Demo)}


class UnknownProvider(LookupError):
    """No vendor has this key."""


class UnknownOffer(LookupError):
    """The vendor does not sell this."""


def get(key: str) -> type[Provider]:
    """The vendor with this key. Raises UnknownProvider."""
    try:
        return PROVIDERS[key]
    except KeyError:
        raise UnknownProvider(f"There is no provider {key!r}.") from None


def choices() -> list[tuple[str, str]]:
    """Key and label of every vendor, for fields and forms."""
    return [(provider.key, provider.label) for provider in PROVIDERS.values()]


def offers(operation: Operation) -> list[tuple[type[Provider], Offer]]:
    """Everything any vendor sells for this operation, in the order of the table."""
    return [
        (provider, offer)
        for provider in PROVIDERS.values()
        for offer in provider.offers
        if offer.operation is Operation(operation)
    ]


def offer(provider_key: str, offer_key: str) -> Offer:
    """One offer. Raises UnknownProvider or UnknownOffer."""
    for found in get(provider_key).offers:
        if found.key == offer_key:
            return found
    raise UnknownOffer(f"{provider_key} has no offer {offer_key!r}.")
