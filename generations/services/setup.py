"""The first run: the one-time set-up link, the first owner and team, and what they need to make a first picture."""

import logging
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.db import transaction
from django.urls import reverse

from generations import ledger
from generations.models import Credential, Member, Person, Price, Role, SetupLink, Team, clock

log = logging.getLogger(__name__)

DEMO_CREDITS = 1000
OWNER_CREDITS = 500
DEMO_REASON = "Demo credits to start with"
ACTOR = "setup"


class SetupClosed(Exception):
    """The link was used, or replaced, or the studio has an owner already."""


class TeamNameTaken(Exception):
    """More than one team has this name: say which by renaming one."""


@dataclass(frozen=True)
class Owner:
    person: Person
    team: Team | None
    made: bool


def needs_owner() -> bool:
    """Whether nobody owns anything here yet."""
    return not Member.objects.present().filter(role=Role.OWNER).exists()


def new_setup_link(base_url: str) -> str | None:
    """The address of the set-up page, valid until it is used or the next one is made; None once there is an owner."""
    if not needs_owner():
        SetupLink.objects.open().update(closed_at=clock.now())
        return None
    return base_url.rstrip("/") + reverse("setup", args=[SetupLink.make()])


def is_open(*, token: str) -> bool:
    """Whether the set-up page may be shown to whoever has this token."""
    return SetupLink.objects.matching(token).exists() and needs_owner()


def set_up(*, token: str, team: str, name: str, email: str, password: str) -> Person:
    """Make the owner, who is also the superuser, and their team. Raises SetupClosed; then nothing was made."""
    with transaction.atomic():
        if not needs_owner() or not SetupLink.objects.matching(token).update(closed_at=clock.now()):
            raise SetupClosed
        person = Person.objects.create_superuser(email, password, name=name)
        _found(person, team)
    log.info("the studio was set up by person %s", person.pk)
    return person


def create_owner(*, email: str, team: str, password: str, superuser: bool) -> Owner:
    """Make an owner from the command line, or a new team for one who is known; their account is not touched.

    The first owner of the installation is also its superuser, and closes the set-up link. A team of that name that
    exists gets one more owner who is new here; who is known is invited to it. Raises ValidationError for a weak
    password and TeamNameTaken.
    """
    team = " ".join(team.split())
    with transaction.atomic():
        known = Person.objects.filter(email__iexact=email.strip()).first()
        if known is not None:
            is_new = known.is_active and not Team.objects.filter(name=team).exists()
            return Owner(known, _found(known, team) if is_new else None, made=False)
        first = needs_owner()
        person = Person(email=email.strip().lower())
        validate_password(password, person)
        person = Person.objects.create_user(
            email, password, is_staff=first or superuser, is_superuser=first or superuser
        )
        made_team = _found(person, team)
        SetupLink.objects.open().update(closed_at=clock.now())
    return Owner(person, made_team, made=True)


def _found(person: Person, name: str) -> Team:
    """The team with its owner; a new team also gets the demo vendor and demo credits."""
    found = list(Team.objects.filter(name=name)[:2])
    if len(found) > 1:
        raise TeamNameTaken
    if found:
        Member.objects.create(team=found[0], person=person, role=Role.OWNER)
        return found[0]
    Price.seed()
    team = Team.objects.create(name=name)
    member = Member.objects.create(team=team, person=person, role=Role.OWNER)
    Credential.objects.create(team=team, provider="demo", label="Demo")
    pool = ledger.pool_of(team)
    ledger.grant(account=pool, amount=DEMO_CREDITS, reason=DEMO_REASON, key=f"demo:{team.pk}", actor=ACTOR)
    ledger.transfer(
        source=pool,
        target=ledger.account_of(member),
        amount=OWNER_CREDITS,
        reason=DEMO_REASON,
        key=f"demo:{team.pk}:owner",
        actor=ACTOR,
    )
    return team


def folders() -> None:
    """Make the folders the studio writes to."""
    for folder in (settings.DATA_DIR, settings.MEDIA_ROOT, settings.DEMO_DIR):
        folder.mkdir(parents=True, exist_ok=True)
