"""Leaving and removal: pictures go to an heir or stay nameless, work ends, and every credit is accounted for."""

from collections import Counter
from collections.abc import Callable
from io import StringIO

import pytest
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from generations import ledger
from generations.models import AuditEntry, CreditAccount, Generation, Image, Lease, Member, Notice, Role, State, Team
from generations.providers.base import Failed, Fault
from generations.services import housekeeping, teams
from generations.services.pumping import verdicts
from generations.services.pumping.talk import Looked
from tests.conftest import Cast, join
from tests.making import finish, finish_one, hand_over, make_waiting
from tests.services.teams.people import kinds
from tests.views.test_studio import HTMX, poll_address

SignIn = Callable[[Member], Client]


@pytest.fixture
def noa(cast: Cast) -> Member:
    return join(cast.team, "Noa", Role.CREATOR, credits=0)


def keep_private(image: Image) -> Image:
    image.generation.share(private=True)
    return image


def seen_by(member: Member) -> set[object]:
    return set(Image.objects.visible_to(member).values_list("pk", flat=True))


def state_of(row: Generation) -> str:
    row.refresh_from_db()
    return row.state


def pool(team: Team) -> int:
    account = ledger.pool_of(team)
    return account.available


def audit_is_clean() -> bool:
    out = StringIO()
    call_command("studio_audit", "--strict", stdout=out)
    return "0 findings" in out.getvalue()


class TestThePictures:
    def test_go_to_the_heir_who_sees_the_private_ones_too(self, cast: Cast, noa: Member) -> None:
        shared, private = finish_one(cast.ben), keep_private(finish_one(cast.ben, "a secret lamp"))
        assert seen_by(noa) == {shared.pk}
        teams.remove(by=cast.ada, member=cast.ben, heir=noa)

        assert seen_by(noa) == {shared.pk, private.pk}
        assert seen_by(cast.vera) == {shared.pk}
        assert AuditEntry.objects.get(action="member_removed").after == {
            "pictures": f"member:{noa.pk}",
            "private pictures": 1,
        }

    def test_of_who_was_taken_out_by_the_heir_are_named_in_what_they_are_told(self, cast: Cast) -> None:
        teams.remove(by=cast.ada, member=cast.ben, heir=cast.ada)
        told = Notice.objects.get(person=cast.ben.person, kind="member_removed").words
        assert "Ada, who took you out, has what you made there, also what you kept private." in told

    def test_stay_under_former_member_without_one(self, cast: Cast, noa: Member) -> None:
        shared, private = finish_one(cast.ben), keep_private(finish_one(cast.ben))
        teams.leave(member=cast.ben, heir=None)

        assert seen_by(noa) == {shared.pk}
        assert private in Image.objects.openable_by(cast.ada)
        assert AuditEntry.objects.get(action="member_left").after == {"pictures": "former member"}

    def test_left_by_others_go_on_to_the_next_heir(self, cast: Cast, noa: Member) -> None:
        private = keep_private(finish_one(cast.ben))
        teams.leave(member=cast.ben, heir=noa)
        teams.leave(member=noa, heir=cast.vera)
        assert seen_by(cast.vera) == {private.pk}

    def test_go_to_nobody_outside_the_team_and_not_to_who_leaves(self, cast: Cast) -> None:
        for wrong in (cast.mallory, cast.ben):
            with pytest.raises(teams.TeamRefusal, match="in the team"):
                teams.remove(by=cast.ada, member=cast.ben, heir=wrong)
        assert Member.objects.present().filter(pk=cast.ben.pk).exists()


class TestTheWork:
    def test_in_line_is_cancelled_and_its_credits_go_to_the_pool(self, cast: Cast) -> None:
        waiting = make_waiting(cast.ben, count=3)
        before = pool(cast.team)
        teams.remove(by=cast.ada, member=cast.ben, heir=None)

        assert state_of(waiting) == State.CANCELED
        assert Generation.objects.open().count() == 0
        account = CreditAccount.objects.get(member=cast.ben)
        assert (account.posted, account.held, pool(cast.team)) == (0, 0, before + 500)
        assert audit_is_clean()

    def test_at_a_vendor_is_finished_paid_and_belongs_to_the_heir(self, cast: Cast, noa: Member) -> None:
        row = hand_over(make_waiting(cast.ben))
        Generation.objects.filter(pk=row.pk).update(is_private=True)
        teams.remove(by=cast.ada, member=cast.ben, heir=noa)
        image = finish(row)

        assert (state_of(row), seen_by(noa)) == (State.SUCCEEDED, {image.pk})
        account = CreditAccount.objects.get(member=cast.ben)
        assert (account.posted, account.held) == (0, 0)
        assert audit_is_clean()

    def test_that_fails_at_the_vendor_later_pays_the_pool_by_housekeeping(self, cast: Cast) -> None:
        row = hand_over(make_waiting(cast.ben))
        before = pool(cast.team)
        teams.remove(by=cast.ada, member=cast.ben, heir=None)
        assert pool(cast.team) == before + 500 - row.price

        verdicts.apply([Looked(row.pk, Failed(fault=Fault.VENDOR))])
        assert CreditAccount.objects.get(member=cast.ben).available == row.price
        assert (teams.return_credits(), teams.return_credits()) == (1, 0)
        assert pool(cast.team) == before + 500
        assert audit_is_clean()

    def test_that_comes_back_into_line_is_cancelled_by_housekeeping(self, cast: Cast) -> None:
        """A vendor that is busy gives work back; nobody is there to want it any more."""
        row = make_waiting(cast.ben)
        Member.objects.filter(pk=cast.ben.pk).update(left_at=row.created_at)
        done: Counter[str] = Counter()
        housekeeping.keep_house(done)

        assert (state_of(row), done["work of leavers cancelled"], done["credits returned"]) == (State.CANCELED, 1, 1)
        assert audit_is_clean()


class TestThePerson:
    def test_is_told_and_their_next_poll_is_refused(self, cast: Cast, signed_in: SignIn) -> None:
        make_waiting(cast.ada)
        Lease.objects.take("pump:0", seconds=100_000)
        client = signed_in(cast.ben)
        address = poll_address(client.get("/").content)
        assert client.get(address, headers=HTMX).status_code == 204
        teams.remove(by=cast.ada, member=cast.ben, heir=None)

        answer = client.get(address, headers=HTMX)
        assert (answer.status_code, answer.content) == (200, b"")
        assert answer.headers["HX-Redirect"].startswith("/login/")
        assert client.get("/").headers["Location"] == "/login/?next=/"
        assert kinds(cast.ben) == ["member_removed"]

    def test_is_signed_out_everywhere_when_it_was_their_only_team(self, cast: Cast, signed_in: SignIn) -> None:
        here, there = signed_in(cast.ben), signed_in(cast.ben)
        for client in (here, there):
            assert client.get("/account/").status_code == 200
        teams.remove(by=cast.ada, member=cast.ben, heir=None)

        assert {client.get("/account/").status_code for client in (here, there)} == {302}
        assert Session.objects.count() == 0

    def test_of_two_teams_stays_signed_in_and_finds_the_one_closed_at_once(self, cast: Cast, signed_in: SignIn) -> None:
        assert cast.ben.person is not None
        image = finish_one(cast.ben)
        Member.objects.create(team=cast.mallory.team, person=cast.ben.person, role=Role.CREATOR)
        client = signed_in(cast.ben)
        page = reverse("image", args=[image.pk])
        assert client.get(page).status_code == 200
        teams.remove(by=cast.ada, member=cast.ben, heir=None)

        assert client.get(page).status_code == 404
        assert client.post(reverse("team_choice", args=[cast.team.pk])).status_code == 404
        answer = client.get("/team/")
        assert answer.status_code == 200
        assert "North" not in answer.content.decode()

    def test_is_in_their_other_team_from_then_on(self, cast: Cast) -> None:
        assert cast.ben.person is not None
        south = Member.objects.create(team=cast.mallory.team, person=cast.ben.person, role=Role.CREATOR)
        cast.ben.person.choose(cast.team)
        teams.remove(by=cast.ada, member=cast.ben, heir=None)
        assert list(Member.objects.of(cast.ben.person)) == [south]

    def test_who_leaves_has_the_managers_told_and_nobody_else(self, cast: Cast) -> None:
        teams.leave(member=cast.ben, heir=None)
        assert (kinds(cast.ada), kinds(cast.vera)) == (["member_left"], [])

    def test_goes_once(self, cast: Cast) -> None:
        teams.leave(member=cast.ben, heir=None)
        with pytest.raises(teams.TeamRefusal, match="already"):
            teams.leave(member=cast.ben, heir=None)


class TestWhoMay:
    def test_the_last_owner_neither_leaves_nor_is_removed(self, cast: Cast) -> None:
        make_waiting(cast.ada)
        with pytest.raises(teams.LastOwner):
            teams.leave(member=cast.ada, heir=None)
        with pytest.raises(teams.LastOwner):
            teams.remove(by=cast.ada, member=cast.ada, heir=None)
        assert Generation.objects.open().count() == 1

    def test_an_admin_removes_no_owner(self, cast: Cast) -> None:
        ana = join(cast.team, "Ana", Role.ADMIN, credits=0)
        with pytest.raises(teams.NotAllowed):
            teams.remove(by=ana, member=cast.ada, heir=None)

    def test_nobody_removes_from_another_team(self, cast: Cast) -> None:
        with pytest.raises(teams.TeamRefusal):
            teams.remove(by=cast.mallory, member=cast.ben, heir=None)
        assert Member.objects.present().filter(pk=cast.ben.pk).exists()

    @pytest.mark.parametrize("name", ["ben", "vera"])
    def test_who_does_not_manage_removes_nobody(self, cast: Cast, name: str) -> None:
        with pytest.raises(teams.NotAllowed):
            teams.remove(by=getattr(cast, name), member=cast.ada, heir=None)


def test_what_is_at_stake_is_counted_before(cast: Cast) -> None:
    finish_one(cast.ben)
    keep_private(finish_one(cast.ben))
    row = hand_over(make_waiting(cast.ben))
    make_waiting(cast.ben, count=2)
    account = CreditAccount.objects.get(member=cast.ben)

    assert teams.departure_of(cast.ben) == teams.Departure(
        pictures=2, private_pictures=1, waiting=2, at_vendor=1, credits=account.available, held=3 * row.price
    )
