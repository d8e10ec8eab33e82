"""Turns a stored credential into a provider's account, and a generation into the order that provider gets."""

from urllib.parse import urlsplit

from django.conf import settings

from generations import providers, storage
from generations.models import Credential, Generation
from generations.providers.base import Account, Offer, Order, Provider, Source, SourceBy
from generations.vault import Unreadable, Vault


class SourceMissing(Exception):
    """The picture to upscale is gone, so the order cannot be written."""


def vault() -> Vault:
    return Vault(settings.FIELD_KEYS)


def account_of(credential: Credential) -> Account:
    """What the provider needs to work for this credential.

    Raises `vault.Unreadable` when its key cannot be opened, also for want of a usable sealing key: that stops this
    credential alone. One without a key, as the demo's, needs no vault.
    """
    secret = ""
    if credential.sealed_key:
        try:
            opener = vault()
        except ValueError as error:
            raise Unreadable(str(error)) from error
        secret = opener.open(credential.sealed_key, binding=f"credential:{credential.pk}:key")
    return Account(
        secret=secret,
        base_url=settings.PROVIDER_BASE_URLS.get(credential.provider, ""),
        folder=str(settings.DEMO_DIR),
    )


def provider_of(credential: Credential) -> Provider:
    """The provider, ready for work that needs no connection, such as reading its own results."""
    return providers.get(credential.provider)(account=account_of(credential))


def origin_of(credential: Credential) -> str | None:
    """The scheme, host and port results of this provider may come from although they are not public."""
    base_url = settings.PROVIDER_BASE_URLS.get(credential.provider)
    if not base_url:
        return None
    parts = urlsplit(base_url)
    return f"{parts.scheme}://{parts.netloc}"


def order_for(generation: Generation, *, offer: Offer, reference: str, callback_url: str | None = None) -> Order:
    """The order as plain data. Raises SourceMissing when the source picture was deleted or hidden meanwhile."""
    return Order(
        offer=offer,
        prompt=generation.prompt,
        choices={**generation.choices, "shape": generation.shape},
        source=_source(generation, offer),
        callback_url=callback_url,
        reference=reference,
    )


def _source(generation: Generation, offer: Offer) -> Source | None:
    if offer.source_by is SourceBy.NOTHING:
        return None
    image = generation.source
    if image is None or image.deleted_at is not None or image.hidden_at is not None:
        raise SourceMissing(f"generation {generation.pk} has lost its source")
    return Source(
        task_id=image.generation.vendor_task_id if offer.source_by is SourceBy.TASK_ID else None,
        path=str(storage.original_path(image)) if offer.source_by is SourceBy.FILE else None,
        width=image.width,
        height=image.height,
        format=image.format,
    )
