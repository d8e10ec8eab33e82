"""Site staff add credits: to a team's pool or to a member, with a reason, each key once."""

import pytest
from django.test import Client
from django.urls import reverse

from generations import ledger
from generations.models import CreditEntry, Person
from generations.queries.statement import Asked, account_for, statement_of
from tests.conftest import Cast
from tests.desk import seated

NEW = "admin:generations_creditentry_add"


@pytest.fixture
def staff(cast: Cast) -> Person:
    return Person.objects.create_superuser("staff@studio.test", "a lamp beside the window")


@pytest.fixture
def desk(staff: Person) -> Client:
    return seated(staff)


def grant(cast: Cast, **changes: str) -> dict[str, str]:
    """As the page that asks sends it."""
    typed = {"team": str(cast.team.pk), "to": "", "amount": "70", "reason": "Invoice 118", "key": "inv-118"}
    return typed | {"confirmed": "1"} | changes


class TestAGrant:
    def test_goes_into_the_pool_with_reason_and_who_did_it(self, cast: Cast, desk: Client, staff: Person) -> None:
        before = ledger.pool_of(cast.team).posted
        assert desk.post(reverse(NEW), grant(cast)).status_code == 302

        assert ledger.pool_of(cast.team).posted == before + 70
        line = statement_of(account_for(cast.ada, "pool"), Asked(), viewer=cast.ada).entries[0]
        assert (line.words, line.by, line.delta_posted) == ("Credits added: Invoice 118", "Site staff", 70)
        assert CreditEntry.objects.get(idempotency_key="inv-118").actor == f"person:{staff.pk}"

    def test_asks_first_and_loses_nothing_typed(self, cast: Cast, desk: Client) -> None:
        before = ledger.pool_of(cast.team).posted
        asked = desk.post(reverse(NEW), grant(cast, to="ben@studio.test", confirmed=""))
        page = asked.content.decode()

        assert asked.status_code == 200
        assert f"70\N{NO-BREAK SPACE}credits for {cast.ben}, through the pool of {cast.team}." in page
        assert "Credits added: Invoice 118" in page
        assert ledger.pool_of(cast.team).posted == before
        back = page.split('class="button" href="')[1].split('"')[0].replace("&amp;", "&")
        again = desk.get(back).content.decode()
        assert all(f'value="{typed}"' in again for typed in ("70", "Invoice 118", "inv-118", "ben@studio.test"))

    def test_sent_twice_adds_once_and_says_so(self, cast: Cast, desk: Client) -> None:
        before = ledger.pool_of(cast.team).posted
        desk.post(reverse(NEW), grant(cast))
        answer = desk.post(reverse(NEW), grant(cast), follow=True)

        assert "nothing more was added" in answer.content.decode()
        assert ledger.pool_of(cast.team).posted == before + 70

    def test_with_a_key_used_for_something_else_adds_nothing(self, cast: Cast, desk: Client) -> None:
        before = ledger.pool_of(cast.team).posted
        desk.post(reverse(NEW), grant(cast))
        answer = desk.post(reverse(NEW), grant(cast, amount="71"), follow=True)

        assert "Nothing was granted" in answer.content.decode()
        assert ledger.pool_of(cast.team).posted == before + 70

    def test_for_a_member_goes_through_the_pool(self, cast: Cast, desk: Client) -> None:
        pool, own = ledger.pool_of(cast.team).posted, ledger.account_of(cast.ben).posted
        desk.post(reverse(NEW), grant(cast, to="BEN@studio.test"))

        assert (ledger.pool_of(cast.team).posted, ledger.account_of(cast.ben).posted) == (pool, own + 70)

    @pytest.mark.parametrize(
        "wrong",
        [
            {"amount": "0"}, {"amount": "-5"}, {"amount": "1.5"}, {"amount": ""}, {"amount": "9" * 20},
            {"reason": ""}, {"reason": " "}, {"key": ""}, {"team": "0"},
            {"to": "mallory@studio.test"}, {"to": "nobody"},
        ],
        ids=str,
    )  # fmt: skip
    def test_that_makes_no_sense_adds_nothing(self, cast: Cast, desk: Client, wrong: dict[str, str]) -> None:
        lines = CreditEntry.objects.count()
        answer = desk.post(reverse(NEW), grant(cast, **wrong))

        unasked = desk.post(reverse(NEW), grant(cast, **wrong, confirmed=""))

        assert answer.status_code == unasked.status_code == 200
        assert "errorlist" in answer.content.decode()
        assert "errorlist" in unasked.content.decode()
        assert CreditEntry.objects.count() == lines

    def test_comes_with_a_key_of_its_own(self, cast: Cast, desk: Client) -> None:
        first, second = (desk.get(reverse(NEW)).content.decode().split('value="desk:')[1][:32] for _ in range(2))

        assert first != second


def test_a_line_that_was_written_is_only_looked_at(cast: Cast, desk: Client) -> None:
    entry = CreditEntry.objects.order_by("pk")[0]
    assert desk.get(reverse("admin:generations_creditentry_change", args=[entry.pk])).status_code == 200
    assert (
        desk.post(reverse("admin:generations_creditentry_change", args=[entry.pk]), {"reason": "x"}).status_code == 403
    )


def test_staff_without_all_rights_grant_nothing(cast: Cast) -> None:
    helper = Person.objects.create_user("helper@studio.test", "a lamp beside the window", is_staff=True)

    assert seated(helper).post(reverse(NEW), grant(cast)).status_code == 403
