"""What vendors took is held against what was charged: every order once, those nobody paid for by name."""

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from generations import ledger
from generations.models import (
    Attempt,
    BalanceReading,
    Credential,
    Generation,
    Member,
    Outcome,
    Person,
    Reason,
    State,
    clock,
)
from generations.providers.base import Failed, Fault, Ready
from generations.queries.vendor_balances import gaps_of
from generations.queries.vendor_costs import ModelCost, VendorCosts, vendor_cost_rows, vendor_costs
from generations.services.pumping import verdicts
from generations.services.pumping.talk import Looked
from generations.services.pumping.verdicts import ends
from tests.conftest import Cast
from tests.desk import seated
from tests.making import PAINTER, finish, hand_over, make_waiting

DAY = 24 * 3600


def of(cast: Cast) -> VendorCosts:
    return vendor_costs(cast.team, period=30)


def only(cast: Cast) -> ModelCost:
    [model] = of(cast).models
    return model


def price(row: Generation, cost: str | None, *, assumed: str | None = "4") -> None:
    """As if the vendor had told that cost, or nothing where so much was assumed."""
    Attempt.objects.filter(generation=row).update(vendor_cost=cost)
    Generation.objects.filter(pk=row.pk).update(vendor_cost=cost, assumed_cost=assumed)


def paid(cast: Cast, cost: str | None = "4", **facts: str | None) -> Generation:
    row = make_waiting(cast.ben)
    finish(row)
    price(row, cost, **facts)
    return row


def failed(cast: Cast, cost: str | None = "4") -> Generation:
    row = hand_over(make_waiting(cast.ben))
    verdicts.apply([Looked(row.pk, Failed(fault=Fault.VENDOR))])
    price(row, cost)
    return row


def lapsed(cast: Cast) -> Generation:
    row = hand_over(make_waiting(cast.ben))
    ends.lapse(row, Reason.TIMEOUT)
    price(row, None)
    return row


class TestAModel:
    def test_costs_what_was_told_or_else_assumed(self, cast: Cast) -> None:
        paid(cast, "4.5")
        paid(cast, None)
        paid(cast, None, assumed=None)
        model = only(cast)

        assert (model.vendor, model.model, model.unit) == ("Demo", "Demo painter", "credits")
        assert (model.taken, model.delivered, model.open, model.wasted) == (3, 3, 0, 0)
        assert (model.cost, model.assumed, model.unknown) == (Decimal("8.5"), 1, 1)
        assert (model.charged, model.waste) == (15, Decimal(0))

    def test_is_charged_less_what_came_back(self, cast: Cast) -> None:
        row = paid(cast)
        paid(cast)
        ledger.refund(generation=row, amount=2, reason="blurred", key="sorry", actor="test")

        assert only(cast).charged == 8

    def test_wastes_what_nobody_paid_for(self, cast: Cast) -> None:
        paid(cast)
        failed(cast, "1.25")
        lapsed(cast)
        recovered = lapsed(cast)
        verdicts.apply([Looked(recovered.pk, Ready(urls=(f"demo:{recovered.vendor_task_id}",)))])
        finish(recovered) if recovered.is_open else None
        hand_over(make_waiting(cast.ben))
        found, model = of(cast), only(cast)

        assert (model.taken, model.delivered, model.wasted, model.open) == (5, 1, 3, 1)
        assert (model.waste, model.charged) == (Decimal("9.25"), 5)
        assert [one.why for one in found.waste][-1] == "The vendor could not make this picture"
        assert [one.cost for one in found.waste] == [4, 4, Decimal("1.25")]
        assert [one.is_told for one in found.waste] == [False, False, True]

    def test_counts_no_order_that_was_not_taken(self, cast: Cast) -> None:
        make_waiting(cast.ben)
        row = make_waiting(cast.ben)
        refused = Attempt.objects.create(
            generation=row, credential=Credential.objects.filter(team=cast.team)[0], number=1, token_hash="x"
        )
        refused.end(Outcome.REFUSED)

        assert of(cast).models == []

    def test_is_of_the_keys_asked_for_alone(self, cast: Cast) -> None:
        paid(cast)
        assert vendor_costs(cast.mallory.team, period=30).models == vendor_costs(None, period=30).models == []
        Credential.objects.filter(team=cast.team).update(team=None)

        assert of(cast).models == []
        assert vendor_costs(None, period=30).taken == 1

    def test_of_another_time_is_left_out(self, cast: Cast, pass_time: Callable[[float], None]) -> None:
        paid(cast)
        pass_time(31 * DAY)

        assert of(cast).models == []
        assert vendor_costs(cast.team, period=365).taken == 1


class TestTheSheet:
    def test_has_every_order_taken_and_adds_up_to_the_page(self, cast: Cast) -> None:
        row = paid(cast, "4.5")
        failed(cast)
        paid(cast, None, assumed=None)
        ledger.refund(generation=row, amount=2, reason="blurred", key="sorry", actor="test")
        head, *lines = vendor_cost_rows(cast.team, period=30)
        table = [dict(zip(map(str, head), map(str, line), strict=True)) for line in lines]

        assert len(table) == Attempt.objects.filter(outcome=Outcome.ACCEPTED).count() == 3
        assert [line["Cost is"] for line in table] == ["told", "told", "unknown"]
        assert [line["Member"] for line in table] == ["Ben"] * 3
        model = only(cast)
        assert sum(Decimal(line["Cost"] or 0) for line in table) == model.cost
        assert sum(int(line["Charged"]) - int(line["Given back"]) for line in table) == model.charged

    def test_holds_nothing_a_spreadsheet_would_run(self, cast: Cast, signed_in: Callable[[Member], Client]) -> None:
        paid(cast)
        Credential.objects.filter(team=cast.team).update(label="=HYPERLINK(1)")
        text = signed_in(cast.ada).get(reverse("vendor_report_file")).getvalue().decode()
        [line] = csv.DictReader(io.StringIO(text, newline=""))

        assert line["Key"] == "'=HYPERLINK(1)"
        assert text.count("\r\n") == 2


class TestABalance:
    def read(self, key: Credential, *amounts: str, hours: float = 1) -> None:
        """So many readings, an hour apart, the last one an hour ago."""
        begin = clock.now() - timedelta(hours=hours * len(amounts))
        for number, amount in enumerate(amounts):
            at = begin + timedelta(hours=hours * number)
            BalanceReading.objects.create(credential=key, amount=Decimal(amount), at=at)

    @pytest.fixture
    def key(self, cast: Cast) -> Credential:
        key: Credential = Credential.objects.filter(team=cast.team)[0]
        return key

    def spend(self, cast: Cast, cost: str | None, hours: float) -> None:
        row = paid(cast, cost, assumed=None)
        Attempt.objects.filter(generation=row).update(started_at=clock.now() - timedelta(hours=hours))

    def test_differs_by_what_we_do_not_know_of(self, cast: Cast, key: Credential) -> None:
        self.read(key, "100", "93", "90")  # 3, 2 and 1 hours ago
        self.spend(cast, "4", hours=2.5)
        self.spend(cast, "3", hours=1.5)
        self.spend(cast, None, hours=1.5)
        self.spend(cast, "50", hours=0.5)  # after the last reading
        [gap] = of(cast).gaps

        assert (gap.first, gap.last, gap.came_in, gap.went_out) == tuple(map(Decimal, (100, 90, 0, 10)))
        assert (gap.cost, gap.unknown, gap.unexplained) == (Decimal(7), 1, Decimal(3))

    def test_that_rose_was_topped_up(self, cast: Cast, key: Credential) -> None:
        self.read(key, "10", "107", "104")
        self.spend(cast, "3", hours=2.5)
        self.spend(cast, "3", hours=1.5)
        [gap] = of(cast).gaps

        assert (gap.came_in, gap.went_out, gap.cost, gap.unexplained) == tuple(map(Decimal, (100, 6, 6, 0)))

    def test_counts_the_work_of_every_row_of_the_same_key(self, cast: Cast, key: Credential) -> None:
        Credential.objects.filter(pk=key.pk).update(key_print="same")
        other = Credential.objects.create(team=cast.team, provider="demo", label="Before", key_print="same")
        self.read(key, "10", "6")
        self.spend(cast, "4", hours=1.5)
        Attempt.objects.update(credential=other)
        [gap] = gaps_of(cast.team, since=clock.now() - timedelta(days=1))

        assert gap.unexplained == 0

    def test_says_of_other_teams_only_that_they_use_the_account(
        self, cast: Cast, key: Credential, signed_in: Callable[[Member], Client]
    ) -> None:
        Credential.objects.filter(pk=key.pk).update(key_print="same")
        self.read(key, "10", "6")
        self.spend(cast, "4", hours=1.5)
        [gap] = of(cast).gaps
        assert (gap.cost, gap.is_shared) == (Decimal(4), False)

        theirs = Credential.objects.create(team=cast.mallory.team, provider="demo", label="Theirs", key_print="same")
        Attempt.objects.update(credential=theirs)
        [gap] = of(cast).gaps
        assert (gap.cost, gap.unknown, gap.is_shared) == (Decimal(0), 0, True)
        page = signed_in(cast.ada).get(reverse("vendor_report")).content.decode()
        assert "Others use this account, too" in page

    def test_read_once_says_nothing_yet(self, cast: Cast, key: Credential) -> None:
        self.read(key, "10")

        assert of(cast).gaps == []


class TestThePages:
    def test_show_managers_their_own_keys(self, cast: Cast, signed_in: Callable[[Member], Client]) -> None:
        failed(cast)
        TestABalance().read(Credential.objects.filter(team=cast.team)[0], "12.5", "10")
        page = signed_in(cast.ada).get(reverse("vendor_report"), {"days": "7"}).content.decode()

        assert "1 order taken in 7 days" in page
        assert "The vendor could not make this picture" in page
        assert "12.5" in page
        assert reverse("vendor_report") in signed_in(cast.ada).get(reverse("report")).content.decode()

    def test_show_other_teams_nothing_of_it(self, cast: Cast, signed_in: Callable[[Member], Client]) -> None:
        paid(cast)
        mallory = signed_in(cast.mallory)

        assert "0 orders taken" in mallory.get(reverse("vendor_report")).content.decode()
        assert PAINTER.label not in mallory.get(reverse("vendor_report_file")).getvalue().decode()

    @pytest.mark.parametrize("address", ["vendor_report", "vendor_report_file"])
    def test_are_for_those_who_manage(self, cast: Cast, address: str, signed_in: Callable[[Member], Client]) -> None:
        assert signed_in(cast.ben).get(reverse(address)).status_code == 403

    def test_show_superusers_the_keys_of_the_installation(self, cast: Cast) -> None:
        paid(cast)
        Credential.objects.filter(team=cast.team).update(team=None)
        root = seated(Person.objects.create_superuser("root@studio.test", "a lamp beside the window"))
        clerk = seated(Person.objects.create_user("clerk@studio.test", "a lamp beside the window", is_staff=True))
        page, file = reverse("admin:generations_price_vendors"), reverse("admin:generations_price_vendors_file")

        assert "1 order taken" in root.get(page).content.decode()
        [line] = csv.DictReader(io.StringIO(root.get(file).getvalue().decode(), newline=""))
        assert (line["Team"], line["Model"], line["State"]) == ("North", PAINTER.label, State.SUCCEEDED.label)
        assert {clerk.get(page).status_code, clerk.get(file).status_code} == {403}
