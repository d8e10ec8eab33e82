"""Where each vendor is, and whether it could come to us from there.

An address of ours is worth telling only to who can get there: any other is a callback that never comes and a picture
that cannot be read. An address for people alone, as `http://localhost:8000`, is no reason to tell it to a vendor.
"""

import ipaddress
from urllib.parse import urlsplit

from django.conf import settings

from generations import outgoing, providers
from generations.models import Credential

INSIDE = (
    "localhost", "localdomain", "local", "internal", "intranet", "private", "corp", "home", "lan", "home.arpa", "test",
    "example", "invalid", "onion",
)  # fmt: skip
"""Ends of names that mean nothing on the open internet: kept for inner networks, for tests, or for nobody."""


def base_url_of(credential: Credential) -> str:
    """A superuser's address for it before the environment's, and that before the vendor's own; "" for the demo."""
    return credential.base_url or base_url_at(credential.provider)


def base_url_at(provider: str) -> str:
    """The same without a word of a superuser."""
    vendor = providers.PROVIDERS.get(provider)
    return settings.PROVIDER_BASE_URLS.get(provider) or (vendor.base_url if vendor else "")


def reaches_us(base_url: str) -> bool:
    """Whether the vendor at this address can read what is at ours, and call it.

    Every vendor can where ours is https at a public host. A vendor that the environment allows to be private is one of
    our own network, as a stand-in on this machine is, and can wherever the studio is.
    """
    if not settings.PUBLIC_URL:
        return False
    return is_public(settings.PUBLIC_URL) or urlsplit(base_url).hostname in settings.ALLOW_PRIVATE_HOSTS


def is_public(url: str) -> bool:
    """Whether it looks like an address the web can see: https, and a public host by name or by number."""
    parts = urlsplit(url)
    host = (parts.hostname or "").rstrip(".")
    if parts.scheme != "https" or not host:
        return False
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return "." in host and not host.endswith(tuple(f".{end}" for end in INSIDE))
    return outgoing.is_public(host)
