"""Words the tests of teams share: somebody joins by a link, and what an inbox says."""

from generations.models import Invitation, Member, Notice, Person, Role
from generations.services import teams

LONG_ENOUGH = "nine lamps on a sill"


def token_of(path: str) -> str:
    """The secret at the end of an invitation's path."""
    return path.rstrip("/").rpartition("/")[2]


def link(by: Member, role: Role = Role.CREATOR) -> Invitation:
    """An invitation without an address, found again as whoever opens its link finds it."""
    found = teams.find(token=token_of(teams.make_link(by=by, role=role)))
    assert found is not None
    return found


def newcomer(invitation: Invitation, name: str = "Nia") -> Person:
    return teams.join_as_new(
        invitation=invitation, email=f"{name.lower()}@studio.test", name=name, password=LONG_ENOUGH
    )


def kinds(member: Member) -> list[str]:
    """What the inbox of this member's person holds, oldest first."""
    return list(Notice.objects.filter(person=member.person).order_by("pk").values_list("kind", flat=True))
