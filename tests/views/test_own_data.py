"""Taking one's data along and deleting one's account: after showing who one is, and never somebody else's."""

import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django_q.models import OrmQ

from generations.models import Generation, Image, Member, Person, Team
from generations.services import teams
from tests.conftest import PASSWORD, Cast
from tests.making import finish_one, make_waiting
from tests.running import run_jobs

SignIn = Callable[[Member], Client]


@pytest.fixture
def ben(cast: Cast, signed_in: SignIn) -> Client:
    return signed_in(cast.ben)


def fetch(client: Client) -> Any:
    answer = client.get("/account/export/file/")
    body = answer.getvalue()
    return answer, body


class TestTheExport:
    def test_is_asked_for_told_and_fetched(self, cast: Cast, ben: Client) -> None:
        finish_one(cast.ben)
        OrmQ.objects.all().delete()
        assert "Put my data together" in ben.get("/account/export/").content.decode()
        ben.post("/account/export/")
        assert "Being put together" in ben.get("/account/export/").content.decode()
        assert ben.get("/account/export/file/").status_code == 404
        run_jobs()

        assert "Ready: 1 picture" in ben.get("/account/export/").content.decode()
        assert "Your data is ready" in ben.get("/inbox/").content.decode()
        answer, body = fetch(ben)
        assert answer["Content-Type"] == "application/zip"
        assert answer["Content-Disposition"] == 'attachment; filename="imagine-studio-my-data.zip"'
        assert "no-store" in answer["Cache-Control"]
        assert zipfile.ZipFile(io.BytesIO(body)).testzip() is None

    def test_is_nobody_elses(self, cast: Cast, ben: Client, signed_in: SignIn) -> None:
        ben.post("/account/export/")
        run_jobs()
        for member in (cast.ada, cast.vera, cast.mallory):
            assert signed_in(member).get("/account/export/file/").status_code == 404

    def test_asks_again_who_it_is_after_a_while(self, ben: Client, pass_time: Callable[[float], None]) -> None:
        ben.post("/account/export/")
        run_jobs()
        pass_time(600)
        for answer in (ben.post("/account/export/"), ben.get("/account/export/file/")):
            assert answer.status_code == 302
            assert "/login/again/" in answer.headers["Location"]
        assert ben.get("/account/export/").status_code == 200


class TestTheDeletion:
    def test_wants_the_password_and_ends_everything(self, cast: Cast, ben: Client) -> None:
        make_waiting(cast.ben)
        page = ben.get("/account/deletion/").content.decode()
        for words in ("North", "1, will be cancelled", "go back to the pool"):
            assert words in page
        answer = ben.post("/account/deletion/", {"password": "wrong"})
        assert answer.status_code == 422
        assert "That is not your password" in answer.content.decode()

        answer = ben.post("/account/deletion/", {"password": PASSWORD})
        assert (answer.status_code, answer.headers["Location"]) == (302, "/login/")
        assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
        assert ben.get("/").status_code == 302
        assert not Person.objects.filter(email="ben@studio.test").exists()

    def test_asks_for_each_team_what_becomes_of_the_pictures_and_says_the_effect_before(
        self, cast: Cast, ben: Client
    ) -> None:
        finish_one(cast.ben, "a canary on a lamp")
        page = ben.get("/account/deletion/").content.decode()
        for words in (
            "Keep it under",
            "Delete it, with the words you typed",
            "Hand it over to Vera",
            "within two days",
        ):
            assert words in page
        name = f"pictures_{cast.team.pk}"
        for wrong in ("nonsense", str(cast.mallory.pk), str(cast.ben.pk)):
            answer = ben.post("/account/deletion/", {"password": PASSWORD, name: wrong})
            assert answer.status_code == 422
        ben.post("/account/deletion/", {"password": PASSWORD, name: "delete"})
        assert not Image.objects.with_file().exists()
        assert not Generation.objects.exclude(prompt="").exists()

    def test_offers_no_deletion_of_pictures_where_the_team_keeps_them(self, cast: Cast, ben: Client) -> None:
        Team.objects.filter(pk=cast.team.pk).update(may_take_down=False)
        page = ben.get("/account/deletion/").content.decode()
        assert "Delete it, with the words" not in page
        assert "what was made in it stays" in page
        answer = ben.post("/account/deletion/", {"password": PASSWORD, f"pictures_{cast.team.pk}": "delete"})
        assert answer.status_code == 422
        assert Person.objects.filter(email="ben@studio.test").exists()

    def test_of_who_is_alone_in_a_team_says_that_all_of_it_goes(self, cast: Cast, signed_in: SignIn) -> None:
        client = signed_in(cast.mallory)
        assert "Nobody else is in this team" in client.get("/account/deletion/").content.decode()
        client.post("/account/deletion/", {"password": PASSWORD})
        assert not Person.objects.filter(email="mallory@studio.test").exists()

    def test_of_the_only_superuser_is_refused_with_the_way_out(self, cast: Cast, ben: Client) -> None:
        Person.objects.filter(email="ben@studio.test").update(is_superuser=True)
        assert "create_owner --superuser" in ben.get("/account/deletion/").content.decode()
        answer = ben.post("/account/deletion/", {"password": PASSWORD})
        assert (answer.status_code, "only superuser" in answer.content.decode()) == (422, True)
        assert Person.objects.filter(email="ben@studio.test").exists()

    def test_ends_the_sessions_in_other_browsers(self, cast: Cast, ben: Client, signed_in: SignIn) -> None:
        other = signed_in(cast.ben)
        assert other.get("/").status_code == 200
        ben.post("/account/deletion/", {"password": PASSWORD})
        assert other.get("/").status_code == 302

    def test_of_the_last_owner_says_what_to_do_first(self, cast: Cast, signed_in: SignIn) -> None:
        ada = signed_in(cast.ada)
        assert "only owner of North" in ada.get("/account/deletion/").content.decode()
        answer = ada.post("/account/deletion/", {"password": PASSWORD})
        assert answer.status_code == 422
        assert "only owner of North" in answer.content.decode()
        assert Member.objects.present().filter(pk=cast.ada.pk).exists()

    def test_is_open_to_who_is_in_no_team(self, cast: Cast, ben: Client) -> None:
        teams.leave(member=cast.ben, heir=None)
        assert ben.get("/account/deletion/").status_code == 302
        ben.post("/login/", {"login": "ben@studio.test", "password": PASSWORD})
        assert ben.get("/account/deletion/").status_code == 200
        ben.post("/account/deletion/", {"password": PASSWORD})
        assert not Person.objects.filter(email="ben@studio.test").exists()

    def test_without_a_password_asks_for_another_proof_and_a_tick(
        self, cast: Cast, ben: Client, pass_time: Callable[[float], None]
    ) -> None:
        person = cast.ben.person
        assert person is not None
        person.set_unusable_password()
        person.save()
        client = Client()
        client.force_login(person)
        assert client.post("/account/deletion/", {}).status_code == 422
        pass_time(600)
        assert client.post("/account/deletion/", {"sure": "on"}).status_code == 302
        assert Person.objects.filter(pk=person.pk).exists()
        client.force_login(person)
        assert client.post("/account/deletion/", {"sure": "on"}).status_code == 302
        assert not Person.objects.filter(pk=person.pk).exists()

    def test_guesses_are_limited(self, ben: Client) -> None:
        statuses = {ben.post("/account/deletion/", {"password": "wrong"}).status_code for _ in range(12)}
        assert statuses == {422, 429}
