"""Canceling and retrying through the addresses."""

from collections.abc import Callable

from django.test import Client
from django.urls import reverse

from generations.models import Generation, Member, ReviewCase, State
from generations.providers.base import Failed, Fault
from tests.conftest import Cast
from tests.making import fail, finish, hand_over, make_waiting

HTMX = {"HX-Request": "true"}
SignIn = Callable[[Member], Client]


def cancellation(row: Generation) -> str:
    return reverse("generation_cancellation", args=[row.pk])


def retry(row: Generation) -> str:
    return reverse("generation_retry", args=[row.pk])


class TestCancelling:
    def test_a_waiting_picture_returns_its_credits(self, cast: Cast, signed_in: SignIn) -> None:
        row = make_waiting(cast.ben)
        answer = signed_in(cast.ben).post(cancellation(row), headers=HTMX)

        row.refresh_from_db()
        assert (answer.status_code, row.state) == (200, State.CANCELED)
        assert b"500" in answer.content

    def test_too_late_says_so_and_changes_nothing(self, cast: Cast, signed_in: SignIn) -> None:
        row = hand_over(make_waiting(cast.ben))
        answer = signed_in(cast.ben).post(cancellation(row), headers=HTMX)

        row.refresh_from_db()
        assert row.state == State.RUNNING
        assert "Too late to cancel" in answer.content.decode()

    def test_anothers_is_left_to_its_maker_and_who_manages(self, cast: Cast, signed_in: SignIn) -> None:
        row = make_waiting(cast.ada)
        assert signed_in(cast.ben).post(cancellation(row)).status_code == 404

        row = make_waiting(cast.ben)
        assert signed_in(cast.ada).post(cancellation(row)).status_code == 302


class TestRetrying:
    def test_a_failed_picture_orders_it_again(self, cast: Cast, signed_in: SignIn) -> None:
        row = fail(make_waiting(cast.ben), Failed(fault=Fault.VENDOR))
        answer = signed_in(cast.ben).post(retry(row), headers=HTMX)

        again = Generation.objects.get(retry_of=row)
        assert (again.prompt, again.shape, again.state) == (row.prompt, row.shape, State.QUEUED)
        assert f'id="generation-{again.pk}"'.encode() in answer.content

    def test_what_is_done_says_there_is_nothing_to_retry(self, cast: Cast, signed_in: SignIn) -> None:
        row = make_waiting(cast.ben)
        finish(row)
        answer = signed_in(cast.ben).post(retry(row), headers=HTMX)

        assert "nothing to retry" in answer.content.decode()
        assert Generation.objects.count() == 1

    def test_a_key_used_for_another_order_is_a_conflict(self, cast: Cast, signed_in: SignIn) -> None:
        rows = [fail(make_waiting(cast.ben), Failed(fault=Fault.VENDOR)) for _ in range(2)]
        client = signed_in(cast.ben)
        answers = [client.post(retry(row), {"request_key": "one"}, headers=HTMX) for row in rows]

        assert [answer.status_code for answer in answers] == [200, 409]
        assert "already sent with another order" in answers[1].content.decode()

    def test_twice_with_one_key_orders_once(self, cast: Cast, signed_in: SignIn) -> None:
        row = fail(make_waiting(cast.ben), Failed(fault=Fault.VENDOR))
        client = signed_in(cast.ben)
        for _ in range(2):
            client.post(retry(row), {"request_key": "again"}, headers=HTMX)

        assert Generation.objects.filter(retry_of=row).count() == 1


class TestReviewing:
    def test_what_is_on_its_way_opens_one_case_for_who_manages(self, cast: Cast, signed_in: SignIn) -> None:
        row, ada = hand_over(make_waiting(cast.ben)), signed_in(cast.ada)
        address = reverse("generation_review", args=[row.pk])
        assert address in ada.get(reverse("generation", args=[row.pk])).content.decode()
        pages = [ada.post(address, follow=True) for _ in range(2)]

        assert [page.status_code for page in pages] == [200, 200]
        case = ReviewCase.objects.get()
        assert (case.generation, case.image) == (row, None)

    def test_is_not_for_the_maker_nor_for_what_brings_nothing(self, cast: Cast, signed_in: SignIn) -> None:
        own, failed = make_waiting(cast.ada), fail(make_waiting(cast.ben), Failed(fault=Fault.VENDOR))
        ada = signed_in(cast.ada)
        for row, words in ((own, "for somebody else to decide"), (failed, "Nothing comes of this any more")):
            page = reverse("generation", args=[row.pk])
            assert reverse("generation_review", args=[row.pk]) not in ada.get(page).content.decode()
            answer = ada.post(reverse("generation_review", args=[row.pk]), follow=True)
            assert words in answer.content.decode()

        assert not ReviewCase.objects.exists()
