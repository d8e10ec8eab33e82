"""`manage.py benchmark_data` makes a team to measure with, found as any other, and never where people work."""

import io

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from generations.models import Generation, Image, Member, Role, Team
from generations.queries.library import wall_for
from generations.queries.search import Wanted
from tests.conftest import Cast

NUMBER = 1100


def make(*options: str) -> str:
    call_command("benchmark_data", f"--number={NUMBER}", *options, stdout=(said := io.StringIO()))
    return said.getvalue()


def test_a_team_is_there_with_all_that_makes_searching_hard(db: None) -> None:
    said = make()

    team = Team.objects.get(name=f"Benchmark of {NUMBER:,} pictures")
    images = Image.objects.filter(team=team)
    assert f"Team #{team.pk}" in said
    assert "do not add up" in said
    assert images.count() == Generation.objects.filter(team=team).count() == NUMBER
    for facts in ({"hidden_at": None}, {"deleted_at": None}, {"parent": None}, {"generation__is_private": False}):
        assert 0 < images.filter(**facts).count() < NUMBER
    assert images.values("generation__provider").distinct().count() == 4
    assert images.values("generation__shape").distinct().count() > 2
    viewer = Member.objects.get(team=team, role=Role.VIEWER)
    everything, lamps = wall_for(viewer), wall_for(viewer, Wanted(words="photograph"))
    assert everything.count_text == f"{Image.objects.visible_to(viewer).count()} pictures"
    assert lamps.images
    assert all("photograph" in Image.objects.get(pk=one.picture.id).generation.prompt for one in lamps.images)
    assert wall_for(viewer, Wanted(picked={"kind": ("draw", "upscale")})).count_text == everything.count_text


def test_it_stays_away_from_people_unless_told(cast: Cast) -> None:
    with pytest.raises(CommandError, match=r"People work in this studio.*--among-people"):
        make()
    assert not Team.objects.filter(name__startswith="Benchmark").exists()
    make("--among-people", "--team=Pit")

    assert Team.objects.filter(name="Pit").exists()
    assert wall_for(cast.ada).images == []


def test_a_senseless_number_is_refused(db: None) -> None:
    with pytest.raises(CommandError, match="from 1 to"):
        call_command("benchmark_data", "--number=0")
