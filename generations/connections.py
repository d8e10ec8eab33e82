"""Turns a stored credential into a provider's account, and a generation into the order that provider gets."""

from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse

from generations import providers, reach, storage
from generations.models import Credential, Generation, Image
from generations.providers import catalogue
from generations.providers.base import Account, Offer, Order, Provider, Source, SourceBy
from generations.vault import Unreadable, Vault

USUAL_PORTS = {"https": 443, "http": 80}


class SourceMissing(Exception):
    """The picture to upscale is gone, so the order cannot be written."""


class SourceNotReady(Exception):
    """The smaller copy of the source that this order sends is not made yet."""


class KeyForAnotherHost(Unreadable):
    """The vendor's address changed since the key was entered: it goes nowhere until somebody enters it again."""


def vault() -> Vault:
    """What opens and seals our secrets. Raises ValueError without a usable sealing key."""
    return Vault(settings.FIELD_KEYS)


def key_place(credential: Credential) -> str:
    """The place its key is sealed for."""
    return f"credential:{credential.pk}:key"


def webhook_key_place(credential: Credential) -> str:
    """The place its webhook key is sealed for."""
    return f"credential:{credential.pk}:webhook"


def key_print(opener: Vault, provider: str, secret: str) -> str:
    """Which key of this vendor it is: rows with equal prints share one account there."""
    return opener.print(secret, binding=f"key of {provider}")


def account_of(credential: Credential) -> Account:
    """What the provider needs to work for this credential.

    Raises `vault.Unreadable` when a secret of it cannot be opened, also for want of a usable sealing key, or may not
    be sent to the address the vendor has now: that stops this credential alone. One without a key, as the demo's,
    needs no vault.
    """
    secret = webhook_secret = ""
    if credential.sealed_key or credential.sealed_webhook_key:
        _expect_its_host(credential)
        try:
            opener = vault()
        except ValueError as error:
            raise Unreadable(str(error)) from error
        if credential.sealed_key:
            secret = opener.open(credential.sealed_key, binding=key_place(credential))
            credential.keep_print(key_print(opener, credential.provider, secret))
        if credential.sealed_webhook_key:
            webhook_secret = opener.open(credential.sealed_webhook_key, binding=webhook_key_place(credential))
    return Account(
        secret=secret,
        webhook_secret=webhook_secret,
        base_url=reach.base_url_of(credential),
        upload_url=upload_url_of(credential),
        folder=str(settings.DEMO_DIR),
        public_only=_may_only_be_public(credential),
    )


def _may_only_be_public(credential: Credential) -> bool:
    """S38: whether it is an address a superuser typed, on a host the environment does not allow to be private."""
    return bool(credential.base_url) and urlsplit(credential.base_url).hostname not in settings.ALLOW_PRIVATE_HOSTS


def upload_url_of(credential: Credential) -> str:
    """Where its vendor takes our files, if not under its base address: the environment's, for the vendor it names.

    "" for one that a superuser sends elsewhere: whoever is there takes files under the address they gave.
    """
    return "" if credential.base_url else settings.PROVIDER_UPLOAD_URLS.get(credential.provider, "")


def hosts_of(credential: Credential) -> str:
    """Every host its key would be sent to now, separated by blanks."""
    hosts = [host_of(reach.base_url_of(credential)), host_of(upload_url_of(credential))]
    return " ".join(dict.fromkeys(host for host in hosts if host))


def host_of(url: str) -> str:
    """Where a key sent to this address ends up: the host, and the port unless that is the one of https."""
    parts = urlsplit(url)
    if not parts.hostname:
        return ""
    port = parts.port or USUAL_PORTS.get(parts.scheme, 0)
    return parts.hostname if (parts.scheme, port) == ("https", USUAL_PORTS["https"]) else f"{parts.hostname}:{port}"


def _expect_its_host(credential: Credential) -> None:
    """Raises KeyForAnotherHost. A superuser's address without https holds only while the environment lists its host."""
    parts = urlsplit(credential.base_url)
    if credential.base_url and parts.scheme != "https" and parts.hostname not in settings.ALLOW_PRIVATE_HOSTS:
        raise KeyForAnotherHost("This credential's address has no https, and no setting allows that.")
    if credential.key_host and not set(hosts_of(credential).split()) <= set(credential.key_host.split()):
        raise KeyForAnotherHost("This key was entered for another host.")


def provider_of(credential: Credential) -> Provider:
    """The provider, ready for work that needs no connection, such as reading its own results."""
    return providers.get(credential.provider)(account=account_of(credential))


def origin_of(credential: Credential) -> str | None:
    """The scheme, host and port results of this provider may come from although they are not public."""
    base_url = reach.base_url_of(credential)
    if not base_url:
        return None
    parts = urlsplit(base_url)
    return f"{parts.scheme}://{parts.netloc}"


def callback_url(credential: Credential, token: str) -> str | None:
    """Where its vendor announces that a task has ended, if it does and can reach us."""
    provider = credential.provider
    if not providers.get(provider).announces or not reach.reaches_us(reach.base_url_of(credential)):
        return None
    return f"{settings.PUBLIC_URL}{reverse('callback', args=[provider, token])}"


def order_for(
    generation: Generation, *, credential: Credential, offer: Offer, reference: str, callback_url: str | None = None
) -> Order:
    """The order as plain data, for the vendor of this credential.

    Raises SourceMissing when the source picture was deleted or hidden meanwhile, SourceNotReady when its copy is not
    made yet.
    """
    return Order(
        offer=offer,
        prompt=generation.prompt,
        choices={**generation.choices, "shape": generation.shape},
        source=_source(generation, offer, credential),
        callback_url=callback_url,
        reference=reference,
    )


def _source(generation: Generation, offer: Offer, credential: Credential) -> Source | None:
    if offer.source_by is SourceBy.NOTHING:
        return None
    image = generation.source
    if image is None or image.deleted_at is not None or image.hidden_at is not None:
        raise SourceMissing(f"generation {generation.pk} has lost its source")
    if offer.source_by is SourceBy.URL:
        has_address = reach.reaches_us(reach.base_url_of(credential))
        copy_bytes_max = catalogue.copy_bytes_max(offer, generation.choices)
        return _readable(image, copy_bytes_max=copy_bytes_max, has_address=has_address)
    return Source(
        task_id=image.generation.vendor_task_id if offer.source_by is SourceBy.TASK_ID else None,
        path=str(storage.original_path(image)) if offer.source_by is SourceBy.FILE else None,
        width=image.width,
        height=image.height,
        format=image.format,
    )


def _readable(image: Image, *, copy_bytes_max: int | None, has_address: bool) -> Source:
    """Where the vendor can read it: at the link it came from, at our signed address if it can get there, else by a
    file to upload.
    """
    path, url = storage.original_path(image), storage.vendor_link(image)
    if copy_bytes_max is not None:
        copy, url = storage.copy_path(image, copy_bytes_max), None
        if copy is None:
            raise SourceNotReady(f"the copy of image {image.pk} is not made yet")
        path = copy
    if url is None and has_address:
        url = storage.source_address(image, copy_bytes_max=copy_bytes_max)
    return Source(
        url=url,
        path=None if url else str(path),
        width=image.width,
        height=image.height,
        format=image.format if copy_bytes_max is None else "JPEG",
    )
