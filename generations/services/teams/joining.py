"""Somebody with an invitation becomes a member. It is spent in the same transaction, never by opening the link."""

import logging

from django.contrib.auth.password_validation import validate_password
from django.db import IntegrityError, transaction
from django.urls import reverse

from generations.models import AuditEntry, Invitation, Member, Person, Role
from generations.queries.suspensions import suspended_words
from generations.services import funding, notifying
from generations.services.teams import locking
from generations.services.teams.inviting import InvitationGone, may_give
from generations.services.teams.refusals import TeamRefusal

log = logging.getLogger(__name__)


class AlreadyMember(TeamRefusal):
    def __init__(self, team: object) -> None:
        super().__init__(f"You are in {team} already.")


class NotForYou(TeamRefusal):
    def __init__(self, invitation: Invitation) -> None:
        super().__init__(
            f"This invitation is for {masked(invitation.email)}, and you are signed in with another address. "
            "Sign in with that one, or ask for an invitation to yours."
        )


class NotNow(TeamRefusal):
    """Who is suspended joins no team; the invitation waits for them."""


class AddressTaken(TeamRefusal):
    def __init__(self) -> None:
        super().__init__("There is an account with this address. Sign in first, then open the invitation again.")


def join(*, invitation: Invitation, person: Person) -> Member:
    """Make this person a member and their pages speak for the team. An invitation by e-mail is for its own address.

    Raises InvitationGone, AlreadyMember, NotForYou, NotNow.
    """
    try:
        with transaction.atomic():
            if Member.objects.of(person).filter(team=invitation.team_id).exists():
                raise AlreadyMember(invitation.team)
            if not is_for(invitation, person):
                raise NotForYou(invitation)
            if words := waiting_words(person):
                raise NotNow(words)
            return _spend(invitation, person)
    except IntegrityError as error:  # by another invitation, at the same moment
        raise AlreadyMember(invitation.team) from error


def join_as_new(*, invitation: Invitation, email: str, name: str, password: str) -> Person:
    """Make the account and the member in one step. An invitation by e-mail is for its own address alone.

    Raises InvitationGone, AddressTaken, and ValidationError for a weak password.
    """
    address = (invitation.email or email).strip().lower()
    validate_password(password, Person(email=address, name=name))
    try:
        with transaction.atomic():
            person = Person.objects.create_user(address, password, name=name)
            _spend(invitation, person)
    except IntegrityError as error:
        raise AddressTaken from error
    return person


def is_for(invitation: Invitation, person: Person) -> bool:
    """Whether this person may use it: a link is for whoever has it."""
    return invitation.email in {"", person.email}


def waiting_words(person: Person) -> str:
    """Why this person joins nothing now; "" for who is not suspended."""
    words = suspended_words(person, None)
    return f"{words} The invitation is not used up: open this link again when that is over." if words else ""


def masked(email: str) -> str:
    """As much of an address as its owner needs to know it again, and nobody else can write to."""
    name, _, domain = email.partition("@")
    return f"{name[:1]}…@{domain}"


def _spend(invitation: Invitation, person: Person) -> Member:
    """An invitation is worth what whoever made it may still give; also where they lose that at this very moment."""
    locking.lock(invitation.team)
    invitation = Invitation.objects.select_related("team", "invited_by__person").get(pk=invitation.pk)
    team, host = invitation.team, invitation.invited_by
    if host is None or not may_give(host, invitation.role) or not invitation.use():
        raise InvitationGone
    member = Member.objects.create(team=team, person=person, role=invitation.role)
    Invitation.objects.filter(pk=invitation.pk).update(accepted_by=member)
    if Role(member.role) is not Role.VIEWER:
        funding.start_member(member)
    person.choose(team)
    AuditEntry.note("member_joined", by=member, target=f"member:{member.pk}", after={"role": member.role})
    if host.person:
        word = notifying.Word(kind="member_joined", subject=f"{person.called} joined {team}", path=reverse("team"))
        notifying.tell(host.person, word, team=team)
    log.info("member %s joined team %s", member.pk, team.pk)
    return member
