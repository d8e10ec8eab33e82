"""What stands at the side of every page: the places, the credits left, who is signed in, and why they may not act.

Nothing is asked of the database before a template writes it, so a fragment without a rail costs no query.
"""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from generations.models import Allowance, CreditAccount, Member, Notice, Person, ReviewCase, Reviewer, Theme
from generations.queries.counting import count_text, counted
from generations.queries.prompt_pages import prompts_waiting
from generations.queries.suspensions import is_suspended, suspended_words

PLACES = (
    ("studio", "Studio", "studio", "s"),
    ("library", "Library", "library", "l"),
    ("boards", "Boards", "board", "b"),
    ("credits", "Credits", "credits", "c"),
    ("team", "Team", "team", "t"),
    ("inbox", "Inbox", "mail", "i"),
)
"""URL name, word, icon, key."""
BELONGS = {
    "board": "boards",
    "board_new": "boards",
    "board_details": "boards",
    "board_removal": "boards",
    "image": "library",
    "selection": "library",
    "trash": "library",
    "trash_removal": "library",
    "image_boards": "library",
    "image_report": "library",
    "image_upscale": "library",
    "credentials": "team",
    "credential_new": "team",
    "credential_details": "team",
    "credential_replacement": "team",
    "credential_removal": "team",
    "roles": "team",
    "member_credits": "team",
    "member_allowance": "team",
    "brake": "credits",
    "report": "credits",
    "statement_sheet": "credits",
    "generation": "credits",
    "asks": "credits",
    "ask": "inbox",
    "notice": "inbox",
    "team_settings": "team",
    "retention": "team",
    "invitations": "team",
    "member_removal": "team",
    "rules": "team",
    "rule": "team",
    "rule_new": "team",
    "rule_removal": "team",
    "prompts": "inbox",
    "hit_appeal": "inbox",
    "review_prompts": "review",
    "held_decision": "review",
    "appeal_decision": "review",
    "review_case": "review",
    "review_purge": "review",
    "review_reversal": "review",
}
"""Pages without a place of their own stand in another one."""
KEPT = {name for name, *_ in PLACES} | {"account", "roles", "credentials", "report"}
"""Where a switch of team leaves somebody: what stands there is another team's, the page is the same."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    url: str
    name: str
    icon: str
    key: str
    is_current: bool
    count: int = 0
    counted: str = "unread"

    @property
    def count_text(self) -> str:
        return count_text(self.count)


@dataclass(frozen=True, kw_only=True, slots=True)
class Room:
    """One of the person's teams, to go to."""

    pk: int
    name: str
    tone: str
    is_current: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Shortage:
    """That few credits are left, in a word, with an icon and the mood of its color."""

    words: str
    icon: str
    mood: str


LOW = Shortage(words="Low", icon="warning", mood="caution")
NONE_LEFT = Shortage(words="None left", icon="cancel", mood="danger")
LOW_PART = 5
"""Credits are low at this part of what a member usually has: a fifth."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Rail:
    """Credits are whole; `held` are set aside for pictures under way and not part of `available`."""

    person: Person
    member: Member | None
    team_name: str
    available: int
    held: int
    shortage: Shortage | None
    place: str
    here: str
    places: list[Place]
    rooms: list[Room]
    is_staff: bool
    suspended: str

    @property
    def may_review(self) -> bool:
        """Whether the review queue is one of their places."""
        return any(place.name == "Review" for place in self.places)


def rail(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `rail` (a Rail, or something false before sign-in) and `theme`, both found when first used."""
    return {"rail": SimpleLazyObject(lambda: _rail(request)), "theme": SimpleLazyObject(lambda: _theme(request))}


def _rail(request: HttpRequest) -> Rail | None:
    person = _person(request)
    if person is None:
        return None
    member = getattr(request, "member", None) or None
    mine = list(Member.objects.of(person).annotate(is_suspended=is_suspended()))
    held = {one.pk for one in mine if one.is_suspended}  # type: ignore[attr-defined]  # annotated
    accounts = CreditAccount.objects.select_related("member__allowance")
    account = accounts.filter(member=member).first() if member else None
    url_name = request.resolver_match.url_name if request.resolver_match else None
    place = BELONGS.get(url_name or "", url_name or "")
    return Rail(
        person=person,
        member=member,
        team_name=member.team.name if member else "",
        available=account.available if account else 0,
        held=account.held if account else 0,
        shortage=_shortage(member, account),
        place=place,
        here=url_name if url_name in KEPT else place,
        places=_places(place, person, member),
        rooms=[_room(one, member) for one in mine] if len(mine) > 1 else [],
        is_staff=person.is_staff,
        suspended=suspended_words(person, member) if member and member.pk in held else "",
    )


def _shortage(member: Member | None, account: CreditAccount | None) -> Shortage | None:
    """Measured by the monthly allowance, or without one by what members of the team begin with."""
    if member is None or not member.may_create:
        return None
    available = account.available if account else 0
    if available <= 0:
        return NONE_LEFT
    allowance: Allowance | None = getattr(account.member, "allowance", None) if account else None
    usual = allowance.amount if allowance else member.team.starting_credits
    return LOW if available * LOW_PART <= usual else None


def _room(one: Member, current: Member | None) -> Room:
    return Room(
        pk=one.team_id,
        name=one.team.name,
        tone=f"h{one.team_id * 7 % 12}",
        is_current=current is not None and one.team_id == current.team_id,
    )


def _places(current: str, person: Person, member: Member | None) -> list[Place]:
    unread = counted(Notice.objects.filter(person=person).unread())
    places = [
        Place(
            url=reverse(url_name),
            name=name,
            icon=icon,
            key=key,
            is_current=url_name == current,
            count=unread if url_name == "inbox" else 0,
        )
        for url_name, name, icon, key in PLACES
    ]
    reviewer = Reviewer.of_staff(person) or (Reviewer.of_member(member) if member else None)
    if reviewer is not None:
        places.append(_review(reviewer, is_current=current == "review"))
    if person.is_staff:
        places.append(Place(url=reverse("admin:index"), name="Desk", icon="monitor", key="", is_current=False))
    return places


def _review(reviewer: Reviewer, *, is_current: bool) -> Place:
    """For those whom it concerns: nobody else's page asks how much waits, pictures and prompts alike."""
    waiting = counted(ReviewCase.objects.within(reviewer).open()) + prompts_waiting(reviewer)
    where = reverse("review")
    return Place(
        url=where, name="Review", icon="review", key="", is_current=is_current, count=waiting, counted="waiting"
    )


def _theme(request: HttpRequest) -> str:
    person = _person(request)
    return person.theme if person else Theme.AUTO.value


def _person(request: HttpRequest) -> Person | None:
    person = getattr(request, "user", None)
    return person if person is not None and person.is_authenticated else None
