"""What weighs at the desk is done by who showed a moment ago who they are (S25)."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from generations.models import Credential, CreditEntry, Person, Price
from generations.services import proving
from tests.conftest import Cast
from tests.desk import seated


@pytest.fixture
def desk(cast: Cast) -> Client:
    return seated(Person.objects.create_superuser("staff@studio.test", "a lamp beside the window"))


def test_keys_credits_and_prices_are_not_changed_after_five_minutes(
    cast: Cast, desk: Client, pass_time: Callable[[float], None]
) -> None:
    key = Credential.objects.filter(team=cast.team)[0]
    grant = {
        "team": cast.team.pk,
        "to": "",
        "amount": "70",
        "reason": "Invoice 118",
        "confirmed": "1",
        "key": "inv-118",
    }
    sent = {
        reverse("admin:generations_creditentry_add"): grant,
        reverse("admin:generations_price_add"): {"offer": "demo:painter", "credits": "9"},
        reverse("admin:generations_credential_changelist"): {
            "action": "remove",
            "_selected_action": [key.pk],
            "confirmed": "1",
        },
    }
    before = CreditEntry.objects.count(), Price.objects.count(), key.state
    pass_time(301)
    for place, facts in sent.items():
        answer = desk.post(place, facts)
        assert (answer.status_code, answer["Location"].split("?")[0]) == (302, reverse("mfa_reauthenticate"))
    key.refresh_from_db()
    assert (CreditEntry.objects.count(), Price.objects.count(), key.state) == before

    session = desk.session
    proving.record(session, by_factor=True)
    session.save()
    assert desk.post(reverse("admin:generations_creditentry_add"), grant).status_code == 302
    assert CreditEntry.objects.count() == before[0] + 1


def test_lists_are_read_all_the_same_and_no_form_is_filled_in_vain(
    cast: Cast, desk: Client, pass_time: Callable[[float], None]
) -> None:
    pass_time(301)
    assert desk.get(reverse("admin:generations_creditentry_changelist")).status_code == 200
    assert desk.get(reverse("admin:generations_creditentry_add")).status_code == 302
