"""What left a vendor's account beyond what our work there cost is told, and little is not."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from generations.models import Alert, Attempt, BalanceReading, Credential, Generation, Notice, clock
from generations.queries.vendor_balances import gap_of
from generations.services.credentials.comparing import ALERT, compare, tolerance
from tests.conftest import Cast
from tests.making import hand_over, make_waiting


@pytest.fixture
def key(cast: Cast) -> Credential:
    key: Credential = Credential.objects.filter(team=cast.team)[0]
    return key


def read(key: Credential, *amounts: str) -> None:
    """So many readings, an hour apart, the last one just now."""
    for number, amount in enumerate(reversed(amounts)):
        at = clock.now() - timedelta(hours=number)
        BalanceReading.objects.create(credential=key, amount=Decimal(amount), at=at)


def spend(cast: Cast, cost: str | None, number: int = 1) -> None:
    """Orders taken half an hour ago, each at that cost."""
    for _ in range(number):
        row = make_waiting(cast.ben)
        hand_over(row)
        half = clock.now() - timedelta(minutes=30)
        Attempt.objects.filter(generation=row).update(vendor_cost=cost, started_at=half)
        Generation.objects.filter(pk=row.pk).update(vendor_cost=cost, assumed_cost=None)


def told() -> list[str]:
    return list(Alert.objects.filter(kind=ALERT, resolved_at=None).values_list("words", flat=True))


class TestAGap:
    @pytest.mark.parametrize(
        ("left", "is_told"),
        [("980", False), ("960", False), ("959.9", True), ("1500", False)],
        ids=["explained", "five orders", "more", "topped up"],
    )
    def test_beyond_five_orders_is_told(self, cast: Cast, key: Credential, left: str, is_told: bool) -> None:
        spend(cast, "4", number=5)
        read(key, "1000", left)

        assert compare(key) == is_told
        assert len(told()) == is_told

    def test_is_beyond_a_tenth_where_that_is_more(self, cast: Cast, key: Credential) -> None:
        spend(cast, "10")
        read(key, "1000", "990")
        gap = gap_of(key, since=clock.now() - timedelta(days=1))

        assert gap
        assert (tolerance(gap), tolerance(replace(gap, cost=Decimal(600)))) == (Decimal(50), Decimal(60))

    def test_without_any_work_is_told_at_once(self, cast: Cast, key: Credential) -> None:
        read(key, "1000", "999")
        assert compare(key)
        assert not compare(key)

        [words] = told()
        assert words.startswith("Demo, Demo: 1 credits left the account since")
        assert "cost 0. 1 are not explained." in words
        notice = Notice.objects.get()
        assert (notice.person, notice.kind) == (cast.ada.person, "bill")

    def test_that_orders_of_unknown_cost_may_explain_is_not_told(self, cast: Cast, key: Credential) -> None:
        spend(cast, None, number=2)
        read(key, "1000", "900")
        assert not compare(key)
        spend(cast, "20")

        assert not compare(key)  # 20 known, 40 for two that are not, 5 times 20 beside
        BalanceReading.objects.filter(amount=900).update(amount=830)
        assert compare(key)

    def test_ends_when_it_is_explained_or_over(
        self, cast: Cast, key: Credential, pass_time: Callable[[float], None]
    ) -> None:
        read(key, "1000", "900")
        assert compare(key)
        pass_time(8 * 24 * 3600)
        assert not compare(key)
        assert len(told()) == 1  # nothing newer was read
        read(key, "900", "900")
        compare(key)

        assert told() == []

    def test_counts_the_work_of_everybody_on_the_account_and_tells_a_team_nothing_of_it(
        self, cast: Cast, key: Credential
    ) -> None:
        Credential.objects.filter(pk=key.pk).update(key_print="same")
        theirs = Credential.objects.create(team=cast.mallory.team, provider="demo", label="Theirs", key_print="same")
        spend(cast, "4")
        Attempt.objects.update(credential=theirs)
        key.refresh_from_db()
        read(key, "100", "96")
        assert not compare(key)
        BalanceReading.objects.filter(amount=96).update(amount=10)

        assert compare(key)
        assert not Notice.objects.exists()
