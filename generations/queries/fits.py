"""Which upscales fit a stored picture, among everything the vendors set up for its team sell.

What the catalogue wants to know of the picture is read here. Offers an admin switched off are left out.
"""

from dataclasses import replace

from django.conf import settings

from generations import providers, reach, storage
from generations.models import CredentialState, Doors, Image, Member, Sales, UpscaleRule, clock
from generations.providers.base import Offer, Operation, Provider, SourceBy
from generations.providers.catalogue import Fit, Subject, fits
from generations.queries.closures import back_words, closed_words
from generations.queries.vendors import refused_words, standings


def fits_for(image: Image, *, member: Member, sales: Sales | None = None) -> list[Fit]:
    """Every upscale on sale to the team, held against this picture; what is closed to this member comes last.

    `sales` is what is on sale, where the caller read it already.
    """
    standing = standings(member.team)
    reaching = frozenset(key for key, found in standing.items() if found.reaches_us)
    subject = replace(subject_of(image), reached_by=reaching)
    closed = {key: paused_words(providers.get(key).label) for key, found in standing.items() if found.is_paused}
    offers = _offers(image, set(standing), sales or Sales.read())
    closed |= {
        key: barred_words(providers.get(key).label) for key in UpscaleRule.objects.barred(member) & set(standing)
    }
    doors = Doors.read()
    shut = {provider.key: doors.against(provider.key) for provider, _ in offers}
    closed |= {key: f"{closed_words(one)} {back_words(one)}" for key, one in shut.items() if one}
    off = {key: set(found.offers_off) for key, found in standing.items()}
    account = image.generation.credential
    why = {}
    for provider, offer in offers:
        its_own = account is not None and account.provider == provider.key and offer.source_by is SourceBy.TASK_ID
        only = account.offers_off if account is not None and its_own else off.get(provider.key, ())
        refused = refused_words(provider.label, offer.label) if offer.key in only else ""
        why[provider.key, offer.key] = closed.get(provider.key) or refused
    found = fits(subject, [one for one in offers if not why[one[0].key, one[1].key]])
    rest = fits(subject, [one for one in offers if why[one[0].key, one[1].key]])
    return found + [replace(fit, possible=False, reason=why[fit.provider.key, fit.offer.key]) for fit in rest]


def fit_of(image: Image, *, member: Member, provider: str, offer: str) -> Fit | None:
    """One of them, or None where it is not on sale to the team."""
    found = (one for one in fits_for(image, member=member) if (one.provider.key, one.offer.key) == (provider, offer))
    return next(found, None)


def paused_words(vendor: str) -> str:
    """Why nothing can be ordered there."""
    return f"{vendor} is paused for this team. Your owner can resume it."


def barred_words(vendor: str) -> str:
    """Why this member cannot order there, though others may."""
    return f"Your team does not let you upscale with {vendor}. Its owners and admins decide who may."


def subject_of(image: Image) -> Subject:
    """The picture, as far as upscaling cares."""
    generation = image.generation
    account = generation.credential
    stands = account.state_for_its_own() if account is not None else None
    return Subject(
        width=image.width,
        height=image.height,
        format=image.format,
        size_bytes=image.size_bytes,
        drawn_by=generation.provider if generation.operation == Operation.DRAW else None,
        task_id=generation.vendor_task_id or None,
        task_age_seconds=(clock.now() - generation.accepted_at).total_seconds() if generation.accepted_at else None,
        image_index=image.index,
        account_is_in_use=stands == CredentialState.ACTIVE,
        account_is_paused=stands == CredentialState.PAUSED,
        has_link=storage.vendor_link(image) is not None,
        has_public_address=reach.is_public(settings.PUBLIC_URL),
    )


def _offers(image: Image, set_up: set[str], sales: Sales) -> list[tuple[type[Provider], Offer]]:
    """What these vendors sell; an account that drew the picture counts while it drains."""
    drew = image.generation.provider if image.generation.credential_id else ""
    return [
        (provider, offer)
        for provider, offer in providers.offers(Operation.UPSCALE)
        if sales.is_on(provider.key, offer)
        and (provider.key in set_up or (provider.key == drew and offer.source_by is SourceBy.TASK_ID))
    ]
