"""How a person signs in, and where: what the account page shows of it. Reads; the secrets stay sealed."""

from dataclasses import dataclass
from datetime import datetime

from allauth.mfa import app_settings
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef

from generations.models import Person, clock

BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrom", "Chrome"),
    ("Safari", "Safari"),
)
"""A sign in the browser's own words, and its name; the first that fits, for most claim to be others too."""
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)
UNKNOWN = "0.0.0.0"  # noqa: S104  # what is noted where the address is hidden
HAND_HELD = frozenset({"iPhone", "iPad", "Android"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Passkey:
    pk: int
    name: str
    added_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """One session. `address` is where it was used last; empty where a proxy hides it."""

    pk: int
    device: str
    icon: str
    address: str
    since: datetime
    seen_at: datetime
    is_this: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Security:
    has_password: bool
    organization: bool
    app_since: datetime | None
    passkeys: list[Passkey]
    codes_left: int
    codes_of: int
    places: list[Place]

    @property
    def has_factor(self) -> bool:
        return bool(self.app_since or self.passkeys)


def security_of(person: Person, *, session_key: str | None) -> Security:
    """All of it for one person, who looks at it in the session with that key."""
    rows: dict[str, list[Authenticator]] = {kind: [] for kind in Authenticator.Type.values}
    for row in Authenticator.objects.filter(user=person).order_by("pk"):
        rows[row.type].append(row)
    codes = rows[Authenticator.Type.RECOVERY_CODES]
    apps = rows[Authenticator.Type.TOTP]
    return Security(
        has_password=person.has_usable_password(),
        organization=SocialAccount.objects.filter(user=person).exists(),
        app_since=apps[0].created_at if apps else None,
        passkeys=[
            Passkey(pk=row.pk, name=row.wrap().name, added_at=row.created_at, used_at=row.last_used_at)
            for row in rows[Authenticator.Type.WEBAUTHN]
        ],
        codes_left=app_settings.RECOVERY_CODE_COUNT - codes[0].data["used_mask"].bit_count() if codes else 0,
        codes_of=app_settings.RECOVERY_CODE_COUNT,
        places=_places(person, session_key),
    )


def device_of(agent: str) -> tuple[str, str]:
    """What to call the browser that sent this, and the icon of its kind: ("Firefox on macOS", "laptop")."""
    browser = next((name for sign, name in BROWSERS if sign in agent), "")
    system = next((name for sign, name in SYSTEMS if sign in agent), "")
    icon = "phone" if system in HAND_HELD else "laptop"
    if browser and system:
        return f"{browser} on {system}", icon
    return browser or system or "A program", icon


def _places(person: Person, session_key: str | None) -> list[Place]:
    """Those that live, this one first, then the ones used last."""
    alive = Session.objects.filter(session_key=OuterRef("session_key"), expire_date__gt=clock.now())
    rows = UserSession.objects.filter(Exists(alive), user=person).order_by("-last_seen_at")
    places = [_place(row, session_key) for row in rows]
    return sorted(places, key=lambda place: not place.is_this)


def _place(row: UserSession, session_key: str | None) -> Place:
    device, icon = device_of(row.user_agent)
    return Place(
        pk=row.pk,
        device=device,
        icon=icon,
        address="" if row.ip == UNKNOWN else row.ip,
        since=row.created_at,
        seen_at=row.last_seen_at,
        is_this=row.session_key == session_key,
    )
