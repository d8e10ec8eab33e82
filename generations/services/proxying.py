"""Whether TRUSTED_PROXY_COUNT fits what arrives, so that whoever runs the studio hears of a wrong one (S24).

Too few, and all visitors of a proxy share one login limit; too many, and everybody may choose whose limit they use up.
Only what is evident counts: a stranger may write anything into a header, but not from this network.
"""

import ipaddress
from datetime import timedelta

from django.conf import settings
from django.core.cache import cache

from generations.models import Alert, clock

KIND = "proxies"
TOLD_SECONDS = 3600
"""Once told, nothing is written for so long: anybody may ask for the login page as often as they like."""
UNSEEN_MAX = timedelta(days=7)

NONE_SET = (
    "Requests come through a proxy, but TRUSTED_PROXY_COUNT is 0: all people behind it share one login limit. "
    "Set it to the number of proxies in front of the studio."
)
TOO_LOW = (
    "There are more proxies in front of the studio than TRUSTED_PROXY_COUNT says: people share the login limit of a "
    "proxy. Set it to their number."
)
TOO_HIGH = (
    "There are fewer proxies in front of the studio than TRUSTED_PROXY_COUNT says: anybody may pretend to be elsewhere "
    "and get around the login limits. Set it to their number."
)


def look(*, peer: str, forwarded: str) -> None:
    """Tell staff when a request from `peer`, with that X-Forwarded-For, does not fit the setting."""
    words = doubt_of(peer=peer, forwarded=forwarded, count=settings.TRUSTED_PROXY_COUNT)
    if words and cache.add(f"{KIND}:{settings.TRUSTED_PROXY_COUNT}", 1, timeout=TOLD_SECONDS):
        Alert.objects.tell(KIND, subject=_subject(), words=words)


def doubt_of(*, peer: str, forwarded: str, count: int) -> str:
    """What is evidently wrong about so many proxies, in words; "" when nothing is."""
    hops = [hop.strip() for hop in forwarded.split(",") if hop.strip()]
    if not count:
        return NONE_SET if hops and _is_near(peer) else ""
    if len(hops) < count:
        return TOO_HIGH if hops or _is_far(peer) else ""
    asked_by, before = hops[-count], hops[:-count]
    return TOO_LOW if _is_near(asked_by) and any(_is_far(hop) for hop in before) else ""


def standing_doubt() -> str:
    """What was told about the setting as it is now, or ""."""
    told = Alert.objects.filter(kind=KIND, subject=_subject(), resolved_at=None).values_list("words", flat=True)
    return told.first() or ""


def keep_house() -> None:
    """A doubt ends when the setting was changed, or was not met again for a week."""
    for alert in Alert.objects.filter(kind=KIND, resolved_at=None):
        if alert.subject != _subject() or clock.now() - alert.last_at > UNSEEN_MAX:
            Alert.objects.resolve(KIND, subject=alert.subject)


def _subject() -> str:
    return f"TRUSTED_PROXY_COUNT={settings.TRUSTED_PROXY_COUNT}"


def _is_near(address: str) -> bool:
    """Whether it is of this machine or a private network; what is no address is neither near nor far."""
    try:
        return not ipaddress.ip_address(address).is_global
    except ValueError:
        return False


def _is_far(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_global
    except ValueError:
        return False
