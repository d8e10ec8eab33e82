"""A team's books are added up again, by who manages it at any time and by the house each day."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django_q.models import OrmQ

from generations import queue
from generations.models import Alert, BookProof, CreditEntry, Member
from generations.services import auditing, housekeeping
from tests.conftest import Cast
from tests.making import finish, make_waiting
from tests.running import run_jobs
from tests.views.test_studio import HTMX


def tamper(sql: str, *values: int) -> None:
    """Change the ledger as nothing in the studio can."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


class TestAProof:
    def test_counts_every_line_of_the_team_and_of_no_other(self, cast: Cast) -> None:
        finish(make_waiting(cast.ben))
        proof = auditing.prove_books(team=cast.team)

        assert proof.is_clean
        assert proof.lines == CreditEntry.objects.filter(account__team=cast.team).count()
        assert proof.lines < CreditEntry.objects.count()

    @pytest.mark.parametrize(
        "sql",
        [
            "UPDATE generations_creditaccount SET posted = posted + 1 WHERE id = %s",
            "UPDATE generations_creditaccount SET seq = seq + 1 WHERE id = %s",
            "UPDATE generations_creditentry SET posted_after = posted_after + 7 WHERE seq > 1 AND account_id = %s",
        ],
    )
    def test_finds_what_does_not_fit_and_tells_staff_until_it_fits(self, cast: Cast, sql: str) -> None:
        make_waiting(cast.ben)
        account = cast.ben.account.pk
        tamper(sql, account)
        assert not auditing.prove_books(team=cast.team).is_clean
        assert Alert.objects.filter(kind="books", resolved_at=None).exists()
        tamper(sql.replace(" + ", " - "), account)

        assert auditing.prove_books(team=cast.team).is_clean
        assert not Alert.objects.filter(kind="books", resolved_at=None).exists()
        assert BookProof.objects.count() == 1

    def test_of_all_is_one_job_for_each_team_and_finds_the_wrong_one(self, cast: Cast) -> None:
        tamper("UPDATE generations_creditaccount SET posted = posted + 1 WHERE id = %s", cast.ben.account.pk)
        queue.later("books")

        assert run_jobs() == ["books"] * 3
        assert {proof.team: proof.is_clean for proof in BookProof.objects.all()} == {
            cast.team: False,
            cast.mallory.team: True,
        }


class TestThePage:
    def test_has_a_worker_add_up_when_asked_and_comes_by_for_the_result(
        self, cast: Cast, signed_in: Callable[[Member], Client]
    ) -> None:
        ada, lines = signed_in(cast.ada), CreditEntry.objects.filter(account__team=cast.team).count()
        asked = ada.post(reverse("books_proof"), headers=HTMX).content.decode()
        assert "are being added up" in asked
        assert f'hx-get="{reverse("books_proof")}"' in asked
        assert "Add up now" not in ada.get(reverse("credits")).content.decode()
        assert ada.get(reverse("books_proof"), headers=HTMX).status_code == 204
        assert not BookProof.objects.exists()

        assert run_jobs() == ["books"]
        for page in (ada.get(reverse("books_proof"), headers=HTMX), ada.get(reverse("credits"))):
            assert f"{lines} lines of your team’s books add up" in page.content.decode()
            assert "Add up now" in page.content.decode()

    def test_without_script_says_so_after_a_reload(self, cast: Cast, signed_in: Callable[[Member], Client]) -> None:
        ada = signed_in(cast.ada)
        assert ada.post(reverse("books_proof")).headers["Location"] == reverse("credits")
        assert "are being added up" in ada.get(reverse("credits")).content.decode()
        run_jobs()

        assert "books add up" in ada.get(reverse("credits")).content.decode()
        assert ada.get(reverse("books_proof")).headers["Location"] == reverse("credits")

    def test_asks_once_however_often_it_is_pressed_and_once_a_minute(
        self, cast: Cast, signed_in: Callable[[Member], Client], pass_time: Callable[[float], None]
    ) -> None:
        ada, ran = signed_in(cast.ada), []
        for seconds in (0, 30, 31):
            pass_time(seconds)
            ada.post(reverse("books_proof"))
            again = ada.post(reverse("books_proof"), headers=HTMX).content.decode()
            assert ("are being added up" in again) == ("less than a minute ago" not in again)
            ran.append(run_jobs())

        assert ran == [["books"], [], ["books"]]

    def test_says_that_no_worker_came(
        self, cast: Cast, signed_in: Callable[[Member], Client], pass_time: Callable[[float], None]
    ) -> None:
        ada = signed_in(cast.ada)
        ada.post(reverse("books_proof"))
        pass_time(301)
        page = ada.get(reverse("books_proof"), headers=HTMX).content.decode()
        assert "no worker has taken it up yet" in page
        assert "Add up now" in page

        run_jobs()
        assert "no worker" not in ada.get(reverse("credits")).content.decode()

    def test_is_refused_to_others(self, cast: Cast, signed_in: Callable[[Member], Client]) -> None:
        ben = signed_in(cast.ben)

        assert {ask(reverse("books_proof")).status_code for ask in (ben.get, ben.post)} == {403}
        assert "books" not in ben.get(reverse("credits")).content.decode()


def test_the_house_asks_for_it_once_a_day(cast: Cast, pass_time: Callable[[float], None]) -> None:
    assert [housekeeping.ask_for_proof() for _ in range(2)] == [True, False]
    pass_time(24 * 3600 + 1)

    assert housekeeping.ask_for_proof()
    assert OrmQ.objects.count() == 4  # the books and the audit, twice; the demo has no key to ask about
