"""Work goes to the first key that can take it, and people say which one is first."""

import pytest

from generations.models import Credential, Team
from generations.services import credentials
from tests.conftest import Cast
from tests.keys import ACTOR, KEY, OTHER_KEY, add, keyed

__all__ = ["keyed"]

pytestmark = pytest.mark.usefixtures("keyed")


def order(team: Team) -> list[str]:
    return [f"{one.provider} {one.label}" for one in Credential.objects.serving(team)]


def test_the_first_key_of_a_vendor_comes_before_the_demo(cast: Cast) -> None:
    add(cast.team)
    assert order(cast.team) == ["keyed Main", "demo Demo"]
    add(cast.team, provider="mute")
    assert order(cast.team) == ["keyed Main", "mute Main", "demo Demo"]


def test_a_further_key_comes_after_its_sisters(cast: Cast) -> None:
    add(cast.team)
    add(cast.team, provider="mute")
    add(cast.team, "Backup", OTHER_KEY)
    assert order(cast.team) == ["keyed Main", "keyed Backup", "mute Main", "demo Demo"]


def test_a_key_moves_one_place_and_no_further_than_the_end(cast: Cast) -> None:
    main = add(cast.team)
    for expected in (["demo Demo", "keyed Main"],) * 2:
        credentials.move(credential=main, up=False)
        assert order(cast.team) == expected
    for expected in (["keyed Main", "demo Demo"],) * 2:
        credentials.move(credential=main, up=True)
        assert order(cast.team) == expected


def test_what_was_given_up_has_no_place(cast: Cast) -> None:
    main = add(cast.team)
    credentials.remove(credential=main, actor=ACTOR)
    credentials.move(credential=main, up=False)
    add(cast.team, "New", KEY)
    assert order(cast.team) == ["keyed New", "demo Demo"]


def test_keys_of_everybody_have_an_order_of_their_own(cast: Cast) -> None:
    shared = add(None)
    add(cast.team)
    credentials.move(credential=shared, up=True)
    assert order(cast.team) == ["keyed Main", "demo Demo", "keyed Main"]
