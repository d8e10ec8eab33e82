"""Monthly credits and a member's own brake through their addresses."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from generations import ledger
from generations.models import Allowance, Batch, Brake, Member, clock
from generations.queries.allowances import monthly_in
from generations.queries.months import Month
from tests.conftest import Cast
from tests.making import finish, make_waiting
from tests.views.test_studio import HTMX, ORDER

SignIn = Callable[[Member], Client]


class TestMonthlyCredits:
    def test_are_saved_paid_and_shown(self, cast: Cast, signed_in: SignIn) -> None:
        before, ada = ledger.account_of(cast.ben).posted, signed_in(cast.ada)
        ada.post(reverse("member_allowance", args=[cast.ben.pk]), {"amount": "70", "rollover": "900"})

        assert ledger.account_of(cast.ben).posted == before + 70
        assert b"0 of 70" in ada.get(reverse("team")).content
        assert b"+70" in signed_in(cast.ben).get(reverse("credits")).content

    @pytest.mark.parametrize("amount", ["", "-1", "x", "9" * 20])
    def test_of_a_wrong_amount_are_refused_at_the_field(self, cast: Cast, signed_in: SignIn, amount: str) -> None:
        address = reverse("member_allowance", args=[cast.ben.pk])
        answer = signed_in(cast.ada).post(address, {"amount": amount, "rollover": "7"}, headers=HTMX)

        assert answer.status_code == 422
        assert b'value="7"' in answer.content
        assert not Allowance.objects.exists()

    def test_are_no_business_of_creators_nor_of_other_teams(self, cast: Cast, signed_in: SignIn) -> None:
        address, form = reverse("member_allowance", args=[cast.ben.pk]), {"amount": "70", "rollover": "0"}

        assert signed_in(cast.ben).post(address, form).status_code == 403
        assert signed_in(cast.mallory).post(address, form).status_code == 404

    def test_say_when_the_next_come_in_the_teams_own_time(self, cast: Cast, signed_in: SignIn) -> None:
        cast.team.time_zone = "Asia/Tokyo"
        cast.team.save()
        Allowance.objects.create(member=cast.ben, amount=600, rollover=20, paid="9999-12")
        first = Month.of(clock.now(), "Asia/Tokyo").next()
        page = signed_in(cast.ben).get(reverse("credits")).content.decode()

        assert f"1 {first.label}, 00:00 (Asia/Tokyo)" in page
        assert "fill the account up to 620" in page
        assert "+120" in page  # 500 are there already

    def test_of_everybody_are_shown_to_who_manages_nearest_to_the_end_first(
        self, cast: Cast, signed_in: SignIn
    ) -> None:
        Allowance.objects.create(member=cast.ben, amount=6, rollover=0, paid="9999-12")
        Allowance.objects.create(member=cast.ada, amount=600, rollover=0, paid="9999-12")
        Allowance.objects.create(member=cast.mallory, amount=600, rollover=0, paid="9999-12")
        make_waiting(cast.ben)

        assert [(one.name, one.used, one.mood) for one in monthly_in(cast.team)] == [
            ("Ben", 5, "caution"),
            ("Ada", 0, ""),
        ]
        assert b"Ben, used this month" in signed_in(cast.ada).get(reverse("credits")).content
        assert b"used this month" not in signed_in(cast.ben).get(reverse("credits")).content


class TestABrake:
    def test_stops_an_order_before_anything_is_held(self, cast: Cast, signed_in: SignIn) -> None:
        ben = signed_in(cast.ben)
        ben.post(reverse("brake"), {"amount": "9", "period": "week"})
        answer = ben.post(reverse("batches"), ORDER, headers=HTMX)

        assert answer.status_code == 422
        assert b"Your own brake stops you at 9 credits a week; 9 are left" in answer.content
        assert not Batch.objects.exists()
        assert ledger.account_of(cast.ben).held == 0

    def test_counts_what_was_paid_and_what_is_set_aside(self, cast: Cast, signed_in: SignIn) -> None:
        finish(make_waiting(cast.ben))
        make_waiting(cast.ben)
        ben = signed_in(cast.ben)
        ben.post(reverse("brake"), {"amount": "14", "period": "month"})

        assert ben.post(reverse("batches"), ORDER | {"count": "1"}, headers=HTMX).status_code == 422
        ben.post(reverse("brake"), {"amount": "15", "period": "month"})
        assert ben.post(reverse("batches"), ORDER | {"count": "1"}, headers=HTMX).status_code == 200

    def test_of_nothing_is_none(self, cast: Cast, signed_in: SignIn) -> None:
        ben = signed_in(cast.ben)
        for amount in ("9", "0"):
            ben.post(reverse("brake"), {"amount": amount, "period": "week"})

        assert not Brake.objects.exists()
        assert ben.post(reverse("batches"), ORDER, headers=HTMX).status_code == 200

    def test_of_one_stops_nobody_else(self, cast: Cast, signed_in: SignIn) -> None:
        signed_in(cast.ben).post(reverse("brake"), {"amount": "1", "period": "day"})

        assert signed_in(cast.ada).post(reverse("batches"), ORDER, headers=HTMX).status_code == 200
