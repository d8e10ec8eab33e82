"""A superuser writes the price book at the desk; what holds already is only looked at."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from generations.models import Person, Price, clock
from generations.queries.prices import price_of
from tests.conftest import Cast
from tests.desk import seated

NEW = "admin:generations_price_add"
HOUR = timedelta(hours=1)


@pytest.fixture
def desk(cast: Cast) -> Client:
    return seated(Person.objects.create_superuser("staff@studio.test", "a lamp beside the window"))


def wish(credits: int | str, hours: float | None = None, offer: str = "demo:painter", **more: str) -> dict[str, object]:
    moment = None if hours is None else clock.now() + hours * HOUR
    at = {} if moment is None else {"starts_at_0": f"{moment:%Y-%m-%d}", "starts_at_1": f"{moment:%H:%M:%S}"}
    return {"offer": offer, "credits": credits, **at, **more}


def painter() -> int | None:
    return price_of(provider="demo", offer="painter")


def page_of(price: Price, page: str = "change") -> str:
    return reverse(f"admin:generations_price_{page}", args=[price.pk])


def test_a_price_without_a_moment_holds_at_once(desk: Client, pass_time: Callable[[float], None]) -> None:
    assert "holds at once: in 10 seconds" in desk.get(reverse(NEW)).content.decode()
    assert desk.post(reverse(NEW), wish(9)).status_code == 302
    assert painter() == 5
    pass_time(10)

    assert painter() == 9


def test_a_price_is_announced_changed_and_withdrawn(desk: Client, pass_time: Callable[[float], None]) -> None:
    desk.post(reverse(NEW), wish(9, hours=2))
    price = Price.objects.get(credits=9)
    assert painter() == 5
    assert desk.post(page_of(price), wish(7, hours=3, vendor_cost="1.25")).status_code == 302
    price.refresh_from_db()
    assert (price.credits, str(price.vendor_cost)) == (7, "1.2500")
    page = desk.get(page_of(price)).content.decode()

    assert "staff@studio.test has changed 9 credits for any choice" in page
    assert "7 credits for any choice, at a cost of 1.25" in page
    assert "begins later" in desk.get(reverse("admin:generations_price_changelist")).content.decode()

    assert desk.post(page_of(price, "delete"), {"post": "yes"}).status_code == 302
    assert not Price.objects.filter(pk=price.pk).exists()


def test_a_price_that_holds_is_only_looked_at(desk: Client) -> None:
    price = Price.objects.get(provider="demo", offer_key="painter")
    page = desk.get(page_of(price))

    assert b"the price the studio began with" in page.content
    assert b'name="credits"' not in page.content
    assert desk.post(page_of(price), wish(1)).status_code == 403
    assert desk.post(page_of(price, "delete"), {"post": "yes"}).status_code == 403
    assert desk.post(
        reverse("admin:generations_price_changelist"),
        {"action": "delete_selected", "_selected_action": [str(price.pk)], "post": "yes"},
    ).status_code in {200, 302}
    assert painter() == 5


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (wish(9, hours=-1), "cannot begin in the past"),
        (wish(9, offer="demo:painter", choice="resolution=8k"), "not with that choice"),
        (wish(-1), "greater than or equal to 0"),
        (wish(2_000_000), "less than or equal to 1000000"),
        (wish(9, vendor_cost="-1"), "greater than or equal to 0"),
    ],
)
def test_what_makes_no_sense_is_refused(desk: Client, sent: dict[str, object], said: str) -> None:
    assert said in desk.post(reverse(NEW), sent).content.decode()
    assert painter() == 5


def test_two_prices_never_begin_at_once(desk: Client) -> None:
    sent = wish(9, hours=2)
    desk.post(reverse(NEW), sent)

    assert "Another price" in desk.post(reverse(NEW), sent).content.decode()


def test_a_price_that_began_while_it_was_edited_stays(desk: Client, pass_time: Callable[[float], None]) -> None:
    desk.post(reverse(NEW), wish(9, hours=2))
    price = Price.objects.get(credits=9)
    sent = wish(1, hours=5)
    pass_time(2 * 3600)
    desk = seated(Person.objects.get(email="staff@studio.test"))

    assert desk.post(page_of(price), sent).status_code == 403
    assert painter() == 9


def test_staff_who_are_no_superusers_see_nothing_of_it(cast: Cast) -> None:
    clerk = seated(Person.objects.create_user("clerk@studio.test", "a lamp beside the window", is_staff=True))

    assert clerk.get(reverse(NEW)).status_code == 403
    assert clerk.post(reverse(NEW), wish(1)).status_code == 403
    assert painter() == 5
