"""A vendor that takes another amount than the price book assumes is told of once a day, and not longer than it does."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db.models import QuerySet

from generations.models import Alert, Credential, Generation, Notice, Price, clock
from generations.providers.base import Failed, Fault, Progress, Ready
from generations.services import auditing
from generations.services.pumping import verdicts
from generations.services.pumping.talk import Looked
from tests.conftest import Cast
from tests.making import hand_over, make_waiting

DAY = 24 * 3600


@pytest.fixture(autouse=True)
def _assumed(cast: Cast) -> None:
    """The price book assumes that the demo takes 4."""
    started = clock.now() - timedelta(minutes=5)
    Price.objects.create(provider="demo", offer_key="painter", credits=5, vendor_cost=4, starts_at=started)


def told(cast: Cast, cost: str | None, *, failed: bool = False) -> Generation:
    row = hand_over(make_waiting(cast.ben))
    amount = None if cost is None else Decimal(cost)
    result: Progress = Ready(urls=("demo:x",), cost=amount)
    if failed:
        result = Failed(fault=Fault.VENDOR, cost=amount)
    verdicts.apply([Looked(row.pk, result)])
    row.refresh_from_db()
    return row


def open_alerts() -> list[Alert]:
    return list(Alert.objects.filter(kind="cost", resolved_at=None))


def test_the_line_of_the_attempt_says_what_was_told(cast: Cast) -> None:
    row = told(cast, "4.5")

    assert (row.vendor_cost, row.attempts.get().vendor_cost) == (Decimal("4.5"), Decimal("4.5"))
    assert row.price == row.hold.amount == 5  # what people pay does not move by it
    assert auditing.examine_rows().is_clean


def test_another_cost_is_told_once_a_day_to_staff_and_to_the_owners_of_the_key(
    cast: Cast, pass_time: Callable[[float], None]
) -> None:
    for _ in range(3):
        told(cast, "4.5")
    [alert] = open_alerts()

    assert (alert.subject, alert.count) == ("demo:painter", 3)
    assert alert.words == "Demo: Demo painter took 4.5 credits for one order; the price book assumes 4."
    [notice] = Notice.objects.filter(kind="cost")
    assert (notice.person, notice.team, notice.path) == (cast.ada.person, cast.team, "/credits/report/vendors/")
    assert "Nobody was charged differently" in notice.words

    pass_time(DAY)
    told(cast, "4.5")
    assert len(open_alerts()) == 1
    assert Notice.objects.filter(kind="cost").count() == 2


def test_it_is_over_when_the_vendor_agrees_again(cast: Cast, pass_time: Callable[[float], None]) -> None:
    told(cast, "4.5")
    told(cast, "4.0000")
    assert open_alerts() == []
    told(cast, "5")

    assert (len(open_alerts()), Alert.objects.filter(kind="cost").count()) == (1, 1)  # still the same day's
    assert Notice.objects.filter(kind="cost").count() == 1
    told(cast, "4")
    pass_time(DAY)
    told(cast, "5")

    assert (len(open_alerts()), Alert.objects.filter(kind="cost").count()) == (1, 2)


def test_a_key_of_the_installation_is_nothing_owners_must_hear_of(cast: Cast) -> None:
    row = hand_over(make_waiting(cast.ben))
    Credential.objects.filter(provider="demo", team=cast.team).update(team=None)
    verdicts.apply([Looked(row.pk, Ready(urls=("demo:x",), cost=Decimal(9)))])

    assert len(open_alerts()) == 1
    assert not Notice.objects.filter(kind="cost").exists()


@pytest.mark.parametrize(("cost", "failed"), [(None, False), ("0", True), (None, True), ("4", True)])
def test_what_says_nothing_else_is_no_news(cast: Cast, cost: str | None, failed: bool) -> None:
    told(cast, cost, failed=failed)

    assert not Alert.objects.filter(kind="cost").exists()


def test_a_failure_that_cost_something_else_is(cast: Cast) -> None:
    told(cast, "2", failed=True)

    assert len(open_alerts()) == 1


def test_where_nobody_knew_there_is_nothing_to_compare(cast: Cast) -> None:
    row = hand_over(make_waiting(cast.ben))
    QuerySet(Generation).filter(pk=row.pk).update(assumed_cost=None)
    verdicts.apply([Looked(row.pk, Ready(urls=("demo:x",), cost=Decimal(9)))])

    assert not Alert.objects.filter(kind="cost").exists()
