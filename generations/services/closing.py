"""A person deletes their own account. What they did stays in the books, without a name.

Their memberships end as if they had left: waiting work is cancelled, credits go back to the pool. Their pictures go to
somebody else, stay under "Former member", or are deleted with the words they typed, as they choose for each team (S66).
Their address is taken out of every row that had it.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from django.contrib.admin.models import LogEntry
from django.contrib.auth.hashers import make_password
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Q

from generations.models import AuditEntry, CreditAsk, Export, ImageReport, Invitation, Member, Person, Role
from generations.services import archiving, devices, exporting, packing, teams, uploading

log = logging.getLogger(__name__)

NAMELESS = "Former member"
FORMER_STAFF = "former-staff@studio.invalid"
"""No address anybody could have."""


class StillNeeded(Exception):
    """Somebody would be left without an owner, or the studio without anybody who runs it; the message says what to do.

    `names` are the teams.
    """

    def __init__(self, names: list[str]) -> None:
        self.names = names
        listed = " and ".join([", ".join(names[:-1]), names[-1]] if names[1:] else names)
        super().__init__(f"You are the only owner of {listed}. Make somebody else owner there first.")


class RunsTheStudio(StillNeeded):
    def __init__(self) -> None:
        super().__init__([])
        self.args = (
            "Nobody else may run this studio: you are its only superuser. Make another one first, on the machine it "
            "runs on: manage.py create_owner --superuser.",
        )


@dataclass(frozen=True, kw_only=True)
class Fate:
    """What becomes of the pictures in one team: an heir has them, or they are deleted, or they stay without a name."""

    heir: Member | None = None
    takes_down: bool = False


@dataclass(frozen=True, kw_only=True)
class Parting:
    """What is at stake in one of the person's teams. With nobody else in it all of it goes, whatever its rule."""

    member: Member
    departure: teams.Departure
    is_last: bool
    may_take_down: bool


def refusal_for(person: Person) -> StillNeeded | None:
    """Why this account cannot be deleted now, or None."""
    if names := needed_in(person):
        return StillNeeded(names)
    return RunsTheStudio() if _runs_alone(person) else None


def needed_in(person: Person) -> list[str]:
    """The teams this person cannot leave: they alone own them, and others are in there."""
    found = []
    for member in Member.objects.of(person).filter(role=Role.OWNER):
        others = Member.objects.present().filter(team=member.team_id).exclude(pk=member.pk)
        if others.exists() and not others.filter(role=Role.OWNER).exists():
            found.append(member.team.name)
    return found


def partings(person: Person) -> list[Parting]:
    """What is at stake in each of the person's teams."""
    return [
        Parting(
            member=member,
            departure=teams.departure_of(member),
            is_last=not teams.has_others(member),
            may_take_down=member.team.may_take_down,
        )
        for member in Member.objects.of(person)
    ]


def close(person: Person, *, fates: Mapping[int, Fate] | None = None) -> None:
    """End every membership, then the account and every session of it, at once or not at all.

    `fates` are by the number of the team; the pictures of a team it does not name stay there. Raises StillNeeded, and
    TeamRefusal for a fate that is not to be had any more.
    """
    number, export = person.pk, Export.objects.filter(person=person).first()
    with transaction.atomic():
        if person.is_superuser:  # of two who go at once, the second waits here
            superusers = Person.objects.select_for_update(no_key=True).filter(is_superuser=True)
            list(superusers.order_by("pk").values_list("pk", flat=True))
        if refusal := refusal_for(person):
            raise refusal
        try:
            for member in sorted(Member.objects.of(person), key=lambda one: one.team_id):  # teams lock in one order
                fate = (fates or {}).get(member.team_id, Fate())
                teams.close(member=member, heir=fate.heir, takes_down=fate.takes_down)
        except teams.LastOwner:  # the other owner went at this very moment
            raise StillNeeded(needed_in(person)) from None
        AuditEntry.note("account_deleted", by=None, actor=f"person:{number}", target=f"person:{number}")
        packed = archiving.forget(person)
        _forget(person)
        devices.end_all(person)
        person.delete()
    if export is not None:
        exporting.discard(export)
    for path in packed:
        packing.discard(path)
    log.info("account %s deleted", number)


def _runs_alone(person: Person) -> bool:
    if not person.is_superuser:
        return False
    others = Person.objects.filter(is_superuser=True, is_active=True).exclude(pk=person.pk)
    return not others.exists()


def _forget(person: Person) -> None:
    """Take the address out of rows that outlive the account. An invitation that still waits is the team's wish."""
    Invitation.objects.filter(email=person.email).exclude(accepted_at=None, revoked_at=None).update(email="")
    Invitation.objects.filter(accepted_by__person=person).update(email="")
    kind = ContentType.objects.get_for_model(Person)
    LogEntry.objects.filter(content_type=kind, object_id=str(person.pk)).update(object_repr=NAMELESS)
    CreditAsk.objects.filter(member__person=person).update(reason="")
    ImageReport.objects.filter(member__person=person).update(words="")
    AuditEntry.objects.filter(Q(person=person) | Q(actor=f"person:{person.pk}")).forget_addresses()
    teams.forget_prompts(Q(member__person=person))
    uploading.forget_of(person)
    _keep_desk_history(person)


def _keep_desk_history(person: Person) -> None:
    """What they did at the desk would go with them: it becomes the work of somebody without a name."""
    done = LogEntry.objects.filter(user=person)
    if done.exists():
        facts = {"name": "Former staff", "is_active": False, "password": make_password(None)}
        done.update(user=Person.objects.get_or_create(email=FORMER_STAFF, defaults=facts)[0])
