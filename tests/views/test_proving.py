"""S17: the site's staff changes keys and credits of a team with a second factor, as at the desk."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from generations import ledger
from generations.models import Allowance, Credential, CredentialState, Member, Person
from tests.conftest import Cast
from tests.desk import equip, seated

SignIn = Callable[[Member], Client]
GIVEN = {"amount": "30", "reason": "a series", "request_key": "once"}


@pytest.fixture
def ada(cast: Cast) -> Person:
    """The owner, who is staff of the site, too."""
    assert cast.ada.person is not None
    cast.ada.person.is_staff = True
    cast.ada.person.save()
    return cast.ada.person


def deeds(cast: Cast) -> dict[str, dict[str, str]]:
    key = Credential.objects.get(team=cast.team)
    return {
        reverse("credential_pause", args=[key.pk]): {},
        reverse("member_credits", args=[cast.ben.pk]): GIVEN,
        reverse("member_allowance", args=[cast.ben.pk]): {"amount": "30", "rollover": "0"},
    }


def nothing_was_done(cast: Cast) -> bool:
    key = Credential.objects.get(team=cast.team)
    left = ledger.account_of(cast.ben).available
    return (key.state, left, Allowance.objects.exists()) == (CredentialState.ACTIVE, 500, False)


def test_who_has_no_factor_is_led_to_one(cast: Cast, ada: Person, signed_in: SignIn) -> None:
    client = signed_in(cast.ada)
    for place, facts in deeds(cast).items():
        answer = client.post(place, facts)
        assert (answer.status_code, answer.headers["Location"]) == (302, reverse("factors")), place
        assert client.post(place, facts, headers={"HX-Request": "true"})["HX-Redirect"] == reverse("factors")
    assert client.get(reverse("credential_new")).headers["Location"] == reverse("factors")
    assert "Set one up first" in client.get(reverse("factors")).content.decode()
    assert nothing_was_done(cast)


def test_who_came_by_a_password_shows_the_factor_and_nothing_less(cast: Cast, ada: Person, signed_in: SignIn) -> None:
    client = signed_in(cast.ada)
    equip(ada)
    for place, facts in deeds(cast).items():
        answer = client.post(place, facts)
        assert answer.headers["Location"].startswith(reverse("mfa_reauthenticate")), place
    assert "Use your password" not in client.get(answer.headers["Location"]).content.decode()
    assert nothing_was_done(cast)


def test_who_showed_it_in_this_session_does_it(cast: Cast, ada: Person) -> None:
    client = seated(ada)
    for place, facts in deeds(cast).items():
        assert client.post(place, facts).status_code == 302, place
    assert not nothing_was_done(cast)
    assert ledger.account_of(cast.ben).available == 530


def test_nobody_else_needs_one(cast: Cast, signed_in: SignIn) -> None:
    client = signed_in(cast.ada)
    assert client.post(reverse("member_credits", args=[cast.ben.pk]), GIVEN).status_code == 302
    assert ledger.account_of(cast.ben).available == 530
