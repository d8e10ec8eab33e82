"""A superuser switches offers and shapes on and off, and puts aside what staff were told."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from generations import providers
from generations.models import Alert, Credential, OfferSwitch, Person, Sales, Team
from tests.conftest import Cast
from tests.desk import seated

NEW = "admin:generations_offerswitch_add"


@pytest.fixture
def staff(cast: Cast) -> Person:
    return Person.objects.create_superuser("staff@studio.test", "a lamp beside the window")


@pytest.fixture
def desk(staff: Person) -> Client:
    return seated(staff)


def shaped() -> tuple[str, Any]:
    """A vendor and an offer of it that draws more shapes than it is sold with."""
    return next(
        (vendor.key, offer) for vendor in providers.PROVIDERS.values() for offer in vendor.offers if offer.shapes_off
    )


def test_an_offer_goes_out_of_sale(desk: Client, staff: Person) -> None:
    offer = providers.offer("demo", "painter")
    assert desk.post(reverse(NEW), {"offer": "demo:painter", "because": "Too playful"}).status_code == 302

    switch = OfferSwitch.objects.get()
    assert (switch.because, switch.changed_by) == ("Too playful", f"person:{staff.pk}")
    assert not Sales.read().is_on("demo", offer)


def refuse(team: Team, label: str) -> Credential:
    """A key on which the vendor refused two of the demo's offers, as staff were told."""
    credential = Credential.objects.create(team=team, provider="demo", label=label)
    for offer in ("painter", "enlarge-2x"):
        credential.turn_off(offer, because="The vendor answered 404.")
        Alert.objects.tell("offer", subject=f"credential:{credential.pk}:{offer}", words="was switched off")
    return credential


def test_an_offer_that_is_on_again_is_tried_again_on_every_key(cast: Cast, desk: Client) -> None:
    """And on no other offer's behalf; staff need not hear any more of what they looked after."""
    refused = [refuse(cast.team, "Main"), refuse(cast.mallory.team, "Main")]
    switch = OfferSwitch.objects.create(provider="demo", offer_key="painter", is_on=False, because="gone")
    address = reverse("admin:generations_offerswitch_change", args=[switch.pk])
    desk.post(address, {"offer": "demo:enlarge-2x", "is_on": "on", "because": ""})

    switch.refresh_from_db()
    assert (switch.offer_key, switch.is_on) == ("painter", True)
    for credential in refused:
        credential.refresh_from_db()
        assert list(credential.offers_off) == ["enlarge-2x"]
    open_ones = Alert.objects.filter(resolved_at=None).values_list("subject", flat=True)
    assert set(open_ones) == {f"credential:{credential.pk}:enlarge-2x" for credential in refused}


def test_a_switch_that_was_on_all_along_speaks_for_no_key(cast: Cast, desk: Client) -> None:
    """What the vendor refuses stays refused while only the shapes are changed, or the offer goes out of sale."""
    credential = refuse(cast.team, "Main")
    switch = OfferSwitch.objects.create(provider="demo", offer_key="painter")
    address = reverse("admin:generations_offerswitch_change", args=[switch.pk])
    for facts in ({"is_on": "on", "because": "More shapes"}, {"because": "Out of sale"}):
        assert desk.post(address, facts).status_code == 302
        credential.refresh_from_db()
        assert sorted(credential.offers_off) == ["enlarge-2x", "painter"]
        assert Alert.objects.filter(resolved_at=None).count() == 2


def test_a_shape_is_switched_on(desk: Client) -> None:
    vendor, offer = shaped()
    more = offer.shapes_off[0]
    desk.post(reverse(NEW), {"offer": f"{vendor}:{offer.key}", "is_on": "on", "shapes_on": [more]})
    assert Sales.read().shapes(vendor, offer) == (*offer.shapes, more)


def test_a_shape_the_offer_does_not_draw_is_refused(desk: Client) -> None:
    _, offer = shaped()
    facts = {"offer": "demo:painter", "is_on": "on", "shapes_on": [offer.shapes_off[0]]}
    assert "does not draw" in desk.post(reverse(NEW), facts).content.decode()


def test_an_offer_has_one_switch(desk: Client) -> None:
    OfferSwitch.objects.create(provider="demo", offer_key="painter", is_on=False, because="gone")
    page = desk.post(reverse(NEW), {"offer": "demo:painter", "is_on": "on"}).content.decode()
    assert "has a switch already" in page


def test_an_alert_is_put_aside_and_not_edited(desk: Client) -> None:
    Alert.objects.tell("vendor", subject="demo:painter", words="it lost a task")
    alert = Alert.objects.get()
    assert desk.get(reverse("admin:generations_alert_add")).status_code == 403
    page = desk.get(reverse("admin:generations_alert_changelist")).content.decode()
    assert "it lost a task" in page
    facts = {"action": "resolve", "_selected_action": [str(alert.pk)]}
    desk.post(reverse("admin:generations_alert_changelist"), facts)

    alert.refresh_from_db()
    assert alert.resolved_at is not None
