"""What stands at the side of every page: the places, the credits left, and who is signed in.

Nothing is asked of the database before a template writes it, so a fragment without a rail costs no query.
"""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from generations.models import CreditAccount, Member, Person, Theme

PLACES = (
    ("studio", "Studio", "studio", "s"),
    ("library", "Library", "library", "l"),
    ("credits", "Credits", "credits", "c"),
)
"""URL name, word, icon, key."""
BELONGS = {"image": "library", "image_upscale": "library"}
"""Pages without a place of their own stand in another one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    url: str
    name: str
    icon: str
    key: str
    is_current: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Rail:
    """Credits are whole; `held` are set aside for pictures under way and not part of `available`."""

    person: Person
    member: Member | None
    team_name: str
    available: int
    held: int
    place: str
    places: list[Place]
    is_staff: bool


def rail(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `rail` (a Rail, or something false before sign-in) and `theme`, both found when first used."""
    return {"rail": SimpleLazyObject(lambda: _rail(request)), "theme": SimpleLazyObject(lambda: _theme(request))}


def _rail(request: HttpRequest) -> Rail | None:
    person = _person(request)
    if person is None:
        return None
    member = getattr(request, "member", None) or None
    account = CreditAccount.objects.filter(member=member).first() if member else None
    url_name = request.resolver_match.url_name if request.resolver_match else None
    place = BELONGS.get(url_name or "", url_name or "")
    return Rail(
        person=person,
        member=member,
        team_name=member.team.name if member else "",
        available=account.available if account else 0,
        held=account.held if account else 0,
        place=place,
        places=_places(place, is_staff=person.is_staff),
        is_staff=person.is_staff,
    )


def _places(current: str, *, is_staff: bool) -> list[Place]:
    places = [
        Place(url=reverse(url_name), name=name, icon=icon, key=key, is_current=url_name == current)
        for url_name, name, icon, key in PLACES
    ]
    if is_staff:
        places.append(Place(url=reverse("admin:index"), name="Desk", icon="review", key="", is_current=False))
    return places


def _theme(request: HttpRequest) -> str:
    person = _person(request)
    return person.theme if person else Theme.AUTO.value


def _person(request: HttpRequest) -> Person | None:
    person = getattr(request, "user", None)
    return person if person is not None and person.is_authenticated else None
