"""`python -m tests.services.teams <race>`: people do the same thing at the same moment, each in a thread of their own.

The last line printed is what became of it, as JSON.
"""

import json
import secrets
import sys
from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any

import django

django.setup()

from django.db import connection  # noqa: E402  # the models are there only after set-up

from generations import ledger  # noqa: E402
from generations.models import Invitation, Member, Notice, Person, Role, Team  # noqa: E402
from generations.services import closing, teams  # noqa: E402
from generations.services.auditing import audit  # noqa: E402
from tests.services.teams.people import link  # noqa: E402


def race(*acts: Callable[[], object]) -> list[str]:
    """Do all of them at once; "in" or "done" where it worked, else the name of the refusal. Sorted."""
    seen: list[str] = []
    start = Barrier(len(acts))

    def run(act: Callable[[], object]) -> None:
        try:
            start.wait(timeout=30)
            seen.append(str(act() or "done"))
        except Exception as refusal:  # noqa: BLE001  # whatever it is, the test compares its name
            seen.append(type(refusal).__name__)
        finally:
            connection.close()

    threads = [Thread(target=run, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return sorted(seen)


def found() -> Member:
    """The owner of a new team with credits in its pool."""
    team = Team.objects.create(name="raced")
    ledger.grant(account=ledger.pool_of(team), amount=1000, reason="test", key=f"found:{team.pk}", actor="test")
    return enter(team, Role.OWNER)


def enter(team: Team, role: Role) -> Member:
    person = Person.objects.create_user(f"{secrets.token_hex(4)}@studio.test", None, name="Racer")
    return Member.objects.create(team=team, person=person, role=role)


def again(invitation: Invitation) -> Invitation:
    return Invitation.objects.select_related("team", "invited_by__person").get(pk=invitation.pk)


def one_link() -> dict[str, Any]:
    """Four strangers open the same link and all send the form."""
    invitation = link(found())

    def join(name: str) -> str:
        words = {"email": f"{name}@studio.test", "name": name, "password": "nine lamps on a sill"}
        teams.join_as_new(invitation=again(invitation), **words)
        return "in"

    names = [secrets.token_hex(4) for _ in range(4)]
    seen = race(*[lambda name=name: join(name) for name in names])
    return {"seen": seen, "people": Person.objects.filter(name__in=names).count(), "audit": len(audit())}


def invite_together() -> dict[str, Any]:
    """Two who manage the team invite the same address, where no e-mail is sent."""
    one = found()
    other = enter(one.team, Role.OWNER)
    address = f"{secrets.token_hex(4)}@x.test"

    def invite(by: Member) -> str:
        [invited] = teams.invite(by=again_by(by), emails=[address], role=Role.VIEWER)
        return f"{invited.outcome} with{' a' if invited.path else 'out a'} link"

    seen = race(lambda: invite(one), lambda: invite(other))
    return {"seen": seen, "waiting": Invitation.objects.waiting().filter(email=address).count()}


def again_by(member: Member) -> Member:
    return Member.objects.select_related("team", "person").get(pk=member.pk)


def long_names() -> dict[str, Any]:
    """A team and a person called as long as can be: joining and leaving tell of them, whatever the column takes."""
    owner = found()
    Team.objects.filter(pk=owner.team_id).update(name="T" * 80)
    name = "N" * 120
    words = {"email": f"{secrets.token_hex(4)}@studio.test", "name": name, "password": "nine lamps on a sill"}
    person = teams.join_as_new(invitation=link(again_by(owner)), **words)
    teams.leave(member=Member.objects.select_related("team", "person").get(person=person), heir=None)
    told = Notice.objects.filter(person=owner.person)
    return {"told": [len(line.subject) for line in told.order_by("pk")]}


def two_links() -> dict[str, Any]:
    """One person presses Join in two tabs, each with another invitation to the same team."""
    owner = found()
    person = Person.objects.create_user(f"{secrets.token_hex(4)}@studio.test", None)

    def join(invitation: Invitation) -> str:
        teams.join(invitation=again(invitation), person=Person.objects.get(pk=person.pk))
        return "in"

    one, other = link(owner), link(owner)
    seen = race(lambda: join(one), lambda: join(other))
    return {"seen": seen, "members": Member.objects.of(person).count()}


def _two_owners(act: Callable[[Member, Member], None]) -> dict[str, Any]:
    one = found()
    other = enter(one.team, Role.OWNER)

    def fresh(member: Member) -> Member:
        return Member.objects.select_related("team", "person").get(pk=member.pk)

    seen = race(lambda: act(fresh(one), fresh(other)), lambda: act(fresh(other), fresh(one)))
    owners = Member.objects.present().filter(team=one.team, role=Role.OWNER).count()
    return {"seen": seen, "owners": owners}


def _two_accounts(*, superusers: bool) -> dict[str, Any]:
    """Both owners of a team, who are in a second one too, delete their accounts at once."""
    Person.objects.update(is_superuser=False)
    one = found()
    second = found().team
    Member.objects.filter(team=second).update(left_at=second.created_at)
    people = [person for person in (one.person, enter(one.team, Role.OWNER).person) if person]
    for person in people:
        Member.objects.create(team=second, person=person, role=Role.OWNER)
        Person.objects.filter(pk=person.pk).update(is_superuser=superusers, team=one.team)
    people[1].choose(second)  # each begins with another of the two
    numbers = [person.pk for person in people]
    seen = race(*[lambda pk=pk: closing.close(Person.objects.get(pk=pk)) for pk in numbers])
    return {"seen": seen, "left": Person.objects.filter(pk__in=numbers).count(), "audit": len(audit())}


RACES: dict[str, Callable[[], dict[str, Any]]] = {
    "one_link": one_link,
    "two_links": two_links,
    "invite_together": invite_together,
    "long_names": long_names,
    "demote_each_other": lambda: _two_owners(lambda me, you: teams.change_role(by=me, member=you, role=Role.CREATOR)),
    "delete_together": lambda: _two_accounts(superusers=False),
    "delete_both_superusers": lambda: _two_accounts(superusers=True),
    "leave_together": lambda: _two_owners(lambda me, _: teams.leave(member=me, heir=None)),
    "remove_each_other": lambda: _two_owners(lambda me, you: teams.remove(by=me, member=you, heir=None)),
}

if __name__ == "__main__":
    sys.stdout.write(json.dumps(RACES[sys.argv[1]]()) + "\n")
