"""A vendor is at work while one of its keys is, rests while all do, and is paused when a person paused them all."""

from datetime import timedelta

from generations.models import Credential, clock
from generations.queries.vendors import Standing, standings
from tests.conftest import Cast


def key(cast: Cast, label: str, state: str = "active", *, rests: int = 0) -> Credential:
    until = clock.now() + timedelta(seconds=rests) if rests else None
    row: Credential = Credential.objects.create(
        team=cast.team, provider="demo", label=label, state=state, paused_until=until, paused_because=f"{label}."
    )
    return row


def test_one_key_at_work_is_enough(cast: Cast) -> None:
    key(cast, "Second", rests=60)
    key(cast, "Third", "paused")
    assert standings(cast.team) == {"demo": Standing()}


def test_all_keys_resting_name_the_first_to_come_back(cast: Cast) -> None:
    Credential.objects.all().delete()
    key(cast, "Late", rests=600)
    soon = key(cast, "Soon", rests=60)
    assert standings(cast.team) == {"demo": Standing(rests="Soon.", until=soon.paused_until)}


def test_a_rest_that_is_over_is_none(cast: Cast) -> None:
    Credential.objects.update(paused_until=clock.now() - timedelta(seconds=1))
    assert standings(cast.team) == {"demo": Standing()}


def test_paused_by_a_person(cast: Cast) -> None:
    Credential.objects.update(state="paused")
    assert standings(cast.team) == {"demo": Standing(is_paused=True)}


def test_what_drains_or_is_retired_takes_nothing_new(cast: Cast) -> None:
    for state in ("draining", "retired"):
        Credential.objects.update(state=state)
        assert standings(cast.team) == {}


def test_the_installations_key_serves_every_team(cast: Cast) -> None:
    Credential.objects.filter(team=cast.team).update(team=None)
    assert set(standings(cast.team)) == set(standings(cast.mallory.team)) == {"demo"}


def test_a_vendor_this_version_no_longer_has_is_none(cast: Cast) -> None:
    Credential.objects.update(provider="gone")
    assert standings(cast.team) == {}
