"""Seats a team, has its orders and pictures written, and indexes them as the studio does."""

from collections.abc import Iterator

from django.db import connection, transaction

from generations import search
from generations.models import Image, Member, Person, Role, Team
from generations.services import indexing
from generations.services.benchmarking import writing

DOMAIN = "benchmark.invalid"
INDEXED_AT_ONCE = 20_000
TEAM_CHARACTERS_MAX = 80
SEATS = (
    (Role.OWNER, "Olga Benchmark"), (Role.ADMIN, "Anders Probe"), (Role.CREATOR, "Camille Load"),
    (Role.CREATOR, "Chidi Sample"), (Role.CREATOR, "Carmen Trial"), (Role.CREATOR, "Casper Measure"),
    (Role.CREATOR, "Chloë Figure"), (Role.CREATOR, "Corin Test"), (Role.VIEWER, "Viktor Gauge"),
)  # fmt: skip


class StudioInUse(Exception):
    """People work here."""


def seat(*, name: str, among_people: bool = False) -> list[Member]:
    """The members of a new team of that name. Raises StudioInUse where people are who were not made here."""
    if not among_people and Person.objects.exclude(email__endswith=f"@{DOMAIN}").exists():
        raise StudioInUse(
            "People work in this studio: a million pictures nobody paid for would stand in its books for ever. "
            "Measure in a studio of its own, with another DATABASE_URL or DATA_DIR."
        )
    with transaction.atomic():
        team = Team.objects.create(name=name[:TEAM_CHARACTERS_MAX])
        return [_member(team, role, called) for role, called in SEATS]


def _member(team: Team, role: Role, called: str) -> Member:
    """Somebody who never can sign in."""
    person = Person(email=f"{called.split()[0].lower()}.{team.pk}@{DOMAIN}", name=called)
    person.set_unusable_password()
    person.save()
    return Member.objects.create(team=team, person=person, role=role)


def fill(*, members: list[Member], number: int) -> Iterator[tuple[str, int]]:
    """Give their team so many generations with a picture each, over the last months; says now and then how far it is.

    One in a thousand is hidden, and one in two hundred deleted. Nobody may search meanwhile.
    """
    team = members[0].team
    with transaction.atomic():
        writing.write(members=members, number=number)
    _look_over()
    yield "written", number
    keys = list(Image.objects.filter(team=team).order_by("pk").values_list("pk", flat=True))
    with search.sorted_at_the_end():
        for begin in range(0, len(keys), INDEXED_AT_ONCE):
            indexing.index_keys(keys[begin : begin + INDEXED_AT_ONCE])
            yield "indexed", min(begin + INDEXED_AT_ONCE, len(keys))
    _look_over()


def _look_over() -> None:
    """Tell the database how much it holds: it would read all of it for each of the steps that follow."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
