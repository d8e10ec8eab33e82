"""What the studio has to do without while vendors cannot reach it: while it has no address that the web can see."""

from collections.abc import Iterable

from django.conf import settings

from generations import providers, reach, storage
from generations.providers.base import Offer, Provider, SourceBy


def losses() -> list[str]:
    """A sentence for each thing that is lost or done another way; none where every vendor can reach the studio."""
    vendors = [one for key, one in providers.PROVIDERS.items() if not reach.reaches_us(reach.base_url_at(key))]
    hours = int(storage.LINK_AGE_MAX.total_seconds() // 3600)
    said = []
    if calling := [vendor.label for vendor in vendors if vendor.announces]:
        said.append(
            f"{_listed(calling)} cannot call back when a picture is ready. The studio finds out by asking alone: "
            "no picture is lost by that, but some are noticed a few seconds later."
        )
    reading = [(vendor, offer) for vendor in vendors for offer in vendor.offers if offer.source_by is SourceBy.URL]
    if taking := _named(reading, takes_uploads=True):
        said.append(
            f"For {taking}, a picture is read at the link of the vendor that made it, while that is younger than "
            f"{hours} hours. Any other, and every smaller copy, is uploaded first, which takes a little longer."
        )
    if refusing := _named(reading, takes_uploads=False):
        said.append(
            f"For {refusing}, there is only that link, because the vendor takes no uploads: no picture older than "
            f"{hours} hours can be enlarged there, none of the demo, and no smaller copy."
        )
    return said


def unseen_address() -> str:
    """The address the studio has, where it is one that only people near it can see; "" otherwise."""
    address: str = settings.PUBLIC_URL
    return "" if reach.is_public(address) else address


def _named(offers: Iterable[tuple[type[Provider], Offer]], *, takes_uploads: bool) -> str:
    """Those offers whose vendor does, or does not, take files from us: "Crisp upscale (Apikley)"."""
    named = [f"{offer.label} ({vendor.label})" for vendor, offer in offers if vendor.takes_uploads is takes_uploads]
    return _listed(named)


def _listed(names: list[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if names[1:] else names)
