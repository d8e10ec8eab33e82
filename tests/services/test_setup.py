"""The first run: one link, one owner, a team that can make pictures at once."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from generations import ledger
from generations.models import Credential, CreditEntry, Member, Person, Price, Role, SetupLink, Team
from generations.services import auditing, setup

PASSWORD = "a lamp beside the window"
FORM = {"team": "North", "name": "Ada", "email": "Ada@Studio.test", "password": PASSWORD, "vendor": "demo"}


def link() -> str:
    address = setup.new_setup_link("http://studio.test")
    assert address is not None
    return address.removeprefix("http://studio.test")


def create_owner(
    monkeypatch: pytest.MonkeyPatch, email: str = "ada@studio.test", team: str = "North", **more: object
) -> str:
    out = StringIO()
    monkeypatch.setattr("sys.stdin", StringIO(f"{more.pop('password', PASSWORD)}\n"))
    call_command("create_owner", email=email, team=team, password_stdin=True, stdout=out, **more)
    return out.getvalue()


@pytest.mark.django_db
class TestTheLink:
    def test_makes_the_owner_signs_them_in_and_dies(self) -> None:
        address, client = link(), Client()
        answer = client.post(address, FORM)

        assert (answer.status_code, answer.headers["Location"]) == (302, reverse("studio"))
        assert client.get(reverse("studio")).status_code == 200
        person = Person.objects.get()
        assert (person.email, person.is_superuser) == ("ada@studio.test", True)
        assert Member.objects.get().role == Role.OWNER
        assert Client().get(address).status_code == 404
        assert Client().post(address, FORM | {"email": "eve@studio.test"}).status_code == 404

    def test_gives_the_team_credits_prices_and_the_demo_vendor(self) -> None:
        Client().post(link(), FORM)

        team = Team.objects.get()
        assert ledger.pool_of(team).posted == setup.DEMO_CREDITS - setup.OWNER_CREDITS
        assert ledger.account_of(Member.objects.get()).posted == setup.OWNER_CREDITS
        assert Credential.objects.get().provider == "demo"
        assert Price.objects.filter(provider="demo").count() == 3
        assert set(CreditEntry.objects.values_list("reason", flat=True)) == {setup.DEMO_REASON}
        assert auditing.audit() == []

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            ({"password": "short"}, "at least 12 characters"),
            ({"password": "q1w2e3r4t5y6"}, "common"),
            ({"email": "nobody"}, "valid email"),
            ({"team": ""}, "required"),
            ({"name": "", "team": ""}, "required"),
        ],
    )
    def test_refuses_what_is_wrong_and_stays_open(self, change: dict[str, str], words: str) -> None:
        address = link()
        answer = Client().post(address, FORM | change)

        assert answer.status_code == 422
        assert words in answer.content.decode()
        assert not Person.objects.exists()
        assert Client().get(address).status_code == 200

    def test_is_replaced_by_the_next_one(self) -> None:
        first, second = link(), link()

        assert Client().get(first).status_code == 404
        assert Client().get(second).status_code == 200

    def test_is_kept_only_as_a_hash(self) -> None:
        token = link().rstrip("/").rpartition("/")[2]

        assert token not in str(list(SetupLink.objects.values()))

    def test_is_not_made_once_there_is_an_owner(self) -> None:
        address = link()
        Client().post(address, FORM)

        assert setup.new_setup_link("http://studio.test") is None

    def test_of_an_invented_token_shows_nothing(self) -> None:
        link()

        assert Client().get(reverse("setup", args=["invented"])).status_code == 404


@pytest.mark.django_db
class TestCreateOwner:
    def test_makes_the_first_owner_a_superuser_and_closes_the_link(self, monkeypatch: pytest.MonkeyPatch) -> None:
        address = link()
        said = create_owner(monkeypatch)

        assert "ada@studio.test owns the team North" in said
        assert Person.objects.get().is_superuser
        assert Client().get(address).status_code == 404
        assert ledger.account_of(Member.objects.get()).posted == setup.OWNER_CREDITS

    def test_run_again_changes_nothing_and_says_so(self, monkeypatch: pytest.MonkeyPatch) -> None:
        create_owner(monkeypatch)
        said = create_owner(monkeypatch, email="ADA@studio.test", password="another long password")

        assert "Nothing was changed" in said
        assert Team.objects.count() == 1
        assert Person.objects.get().check_password(PASSWORD)

    def test_founds_a_second_team_for_who_is_known_once_and_leaves_their_account(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        create_owner(monkeypatch)
        said = [
            create_owner(monkeypatch, email="ADA@studio.test", team=" Other  team", password="another long password")
            for _ in range(2)
        ]

        assert "owns the new team Other team, too" in said[0]
        assert "Nothing was changed" in said[1]
        assert list(Member.objects.order_by("pk").values_list("team__name", "role")) == [
            ("North", "owner"),
            ("Other team", "owner"),
        ]
        assert Person.objects.get().check_password(PASSWORD)
        assert auditing.audit() == []

    def test_brings_nobody_who_is_known_into_a_team_that_exists(self, monkeypatch: pytest.MonkeyPatch) -> None:
        create_owner(monkeypatch)
        create_owner(monkeypatch, email="mallory@studio.test", team="South")
        assert "Nothing was changed" in create_owner(monkeypatch, email="mallory@studio.test", team="North")
        assert Member.objects.filter(person__email="mallory@studio.test").count() == 1

    def test_makes_later_owners_ordinary_people(self, monkeypatch: pytest.MonkeyPatch) -> None:
        create_owner(monkeypatch)
        create_owner(monkeypatch, email="mallory@studio.test", team="South")

        assert not Person.objects.get(email="mallory@studio.test").is_superuser
        assert Team.objects.count() == 2

    def test_adds_an_owner_to_a_team_that_exists_without_new_credits(self, monkeypatch: pytest.MonkeyPatch) -> None:
        create_owner(monkeypatch)
        create_owner(monkeypatch, email="ben@studio.test")

        assert Team.objects.get().members.count() == 2
        assert ledger.pool_of(Team.objects.get()).posted == setup.DEMO_CREDITS - setup.OWNER_CREDITS

    @pytest.mark.parametrize(
        ("wrong", "words"),
        [({"password": "short"}, "at least 12"), ({"email": "nobody"}, "valid email"), ({"team": " "}, "needs a name")],
    )
    def test_says_what_is_wrong(self, monkeypatch: pytest.MonkeyPatch, wrong: dict[str, str], words: str) -> None:
        with pytest.raises(CommandError, match=words):
            create_owner(monkeypatch, **wrong)
        assert not Person.objects.exists()

    def test_the_owner_can_sign_in(self, monkeypatch: pytest.MonkeyPatch) -> None:
        create_owner(monkeypatch)
        client = Client()
        answer = client.post(reverse("account_login"), {"login": "Ada@studio.test", "password": PASSWORD})

        assert (answer.status_code, answer.headers["Location"]) == (302, "/")
