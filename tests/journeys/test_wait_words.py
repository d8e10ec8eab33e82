"""A wait names the reason that is true: places only where they are taken, and who can end what a person began."""

import pytest

from generations import providers
from generations.models import Credential, CredentialState, Generation, clock
from generations.queries import feed
from generations.queries.waits import HELD, HELD_BY_STAFF, Wait, waits_of
from generations.services.pumping.claims import claim
from tests.conftest import Cast
from tests.making import hand_over, make_waiting


def wait_of(row: Generation) -> Wait | None:
    row.refresh_from_db()
    return waits_of([row], places=feed.places([row]), moment=clock.now()).get(row.pk)


@pytest.fixture
def key(cast: Cast) -> Credential:
    return Credential.objects.get(team=cast.team, provider="demo")


def test_a_row_that_only_a_switched_off_key_can_do_says_so(cast: Cast, key: Credential) -> None:
    row = make_waiting(cast.ben)
    Generation.objects.filter(pk=row.pk).update(credential=key)
    key.pause()

    assert wait_of(row) == Wait(words="The vendor is switched off", promise=HELD)


def test_a_key_that_is_replaced_is_waited_for_as_before(cast: Cast, key: Credential) -> None:
    row = make_waiting(cast.ben)
    Generation.objects.filter(pk=row.pk).update(credential=key)
    key.drain(label="Demo (replaced)")
    heir = Credential.objects.create(team=cast.team, provider="demo", label="Demo", replaces=key)

    assert wait_of(row) is None
    heir.pause()
    assert wait_of(row) == Wait(words="The vendor is switched off", promise=HELD)


@pytest.mark.parametrize("number", [1, 2])
def test_the_vendors_short_window_is_no_lack_of_places(
    cast: Cast, key: Credential, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    monkeypatch.setattr(providers.get("demo"), "creates_max", (number, 10.0))
    for _ in range(number):
        hand_over(make_waiting(cast.ben))
    found = wait_of(make_waiting(cast.ben))
    assert found == Wait(
        words=f"The vendor takes {number} in 10 seconds, yours in under a minute", places=number, round_seconds=11
    )

    Credential.objects.filter(pk=key.pk).update(running_max=number)
    found = wait_of(make_waiting(cast.ben))
    assert found is not None
    assert "at the vendor" in found.words


def test_the_time_is_that_of_the_window(cast: Cast, key: Credential, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(providers.get("demo"), "creates_max", (1, 10.0))
    hand_over(make_waiting(cast.ben))
    row = [make_waiting(cast.ben) for _ in range(30)][-1]
    found = wait_of(row)

    assert found is not None
    assert found.words == "The vendor takes 1 in 10 seconds, yours in about 6 min"


def test_a_key_that_is_tried_with_one_order_says_so(cast: Cast, key: Credential) -> None:
    make_waiting(cast.ben)
    Credential.objects.filter(pk=key.pk).update(troubles=1)
    assert len(claim(credentials=[Credential.objects.get(pk=key.pk)], slots=16)) == 1

    assert wait_of(make_waiting(cast.ben)) == Wait(words="The key is being tried with one order")


@pytest.mark.parametrize("facts", [{"state": CredentialState.PAUSED}, {"running_max": 0}])
def test_a_key_of_the_installation_is_no_owners_to_change(
    cast: Cast, key: Credential, facts: dict[str, object]
) -> None:
    row = make_waiting(cast.ben)
    Credential.objects.filter(pk=key.pk).update(team=None, **facts)
    found = wait_of(row)
    assert found is not None
    assert found.promise == HELD_BY_STAFF

    Credential.objects.create(team=cast.team, provider="demo", label="Own", **facts)
    found = wait_of(row)
    assert found is not None
    assert found.promise == HELD
