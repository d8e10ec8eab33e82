"""Bringing pictures: several at once, each with its own outcome; nobody else's files are ever read."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from generations import storage
from generations.models import Image, Member, Suspension, Team, Upload
from tests.conftest import Cast
from tests.uploads import bring, check, drawn

HTMX = {"HX-Request": "true"}


@pytest.fixture
def ben(cast: Cast, signed_in: Callable[[Member], Client]) -> Client:
    return signed_in(cast.ben)


def files(*bodies: bytes) -> list[SimpleUploadedFile]:
    return [SimpleUploadedFile(f"harbor {number}.png", body) for number, body in enumerate(bodies)]


def post(client: Client, *bodies: bytes, **fields: Any) -> Any:
    fields = {"request_key": "one", "files": files(*bodies)} | fields
    headers = fields.pop("headers", HTMX)
    return client.post("/uploads/", fields, headers=headers)


def arriving() -> list[Path]:
    return list((settings.MEDIA_ROOT / storage.INCOMING).glob("*"))


class TestBringing:
    def test_several_at_once_tells_of_each(self, ben: Client) -> None:
        answer = post(ben, drawn(), b"nothing")
        assert answer.status_code == 202
        assert 'hx-get="/uploads/news/"' in answer.content.decode()
        for row in Upload.objects.all():
            check(row)
        news = ben.get("/uploads/news/", headers=HTMX).content.decode()
        assert "1 in your library, 1 not taken" in news
        assert "hx-get" not in news
        assert f"/images/{Image.objects.get().pk}/upscale/" in news

    def test_without_script_comes_back_to_the_form(self, ben: Client) -> None:
        answer = post(ben, drawn(), headers={}, title="A harbor", private="on")
        assert (answer.status_code, answer["Location"]) == (302, "/uploads/")
        row = Upload.objects.get()
        assert (row.title, row.is_private) == ("A harbor", True)
        assert b"Look again" in ben.get("/uploads/").content

    def test_a_double_click_is_one(self, ben: Client) -> None:
        assert post(ben, drawn()).status_code == post(ben, drawn()).status_code == 202
        assert Upload.objects.count() == 1

    def test_nothing_asks_for_something(self, ben: Client) -> None:
        answer = post(ben)
        assert (answer.status_code, "Choose one picture" in answer.content.decode()) == (422, True)

    def test_what_is_too_large_is_read_past_and_the_others_stay(self, ben: Client, settings: Any) -> None:
        settings.UPLOAD_MB = 1
        assert post(ben, bytes(1_000_001), drawn()).status_code == 202
        assert "larger than 1 MB" in ben.get("/uploads/news/").content.decode()
        assert sorted(Upload.objects.values_list("state", flat=True)) == ["refused", "waiting"]

    def test_far_too_much_is_not_even_read(self, ben: Client, settings: Any) -> None:
        settings.UPLOAD_MB, settings.DATA_UPLOAD_MAX_NUMBER_FILES = 1, 1
        answer = post(ben, bytes(2_100_000))
        assert (answer.status_code, "more than 1 MB at once" in answer.content.decode()) == (422, True)
        assert arriving() == []

    def test_leaves_only_what_waits(self, ben: Client) -> None:
        post(ben, drawn(), drawn(color="red"))
        assert len(arriving()) == Upload.objects.count() == 2

    def test_a_full_team_hears_so_and_keeps_nothing(self, cast: Cast, ben: Client, tmp_path: Path) -> None:
        bring(cast.ben, tmp_path)
        Team.objects.filter(pk=cast.team.pk).update(bytes_max=500)
        answer = post(ben, drawn(color="red"), request_key="two")
        assert answer.status_code == 422
        assert "Your team’s storage is full" in answer.content.decode()
        assert arriving() == []


class TestWhoIsNotAsked:
    @pytest.mark.parametrize("who", ["vera", None])
    def test_leaves_nothing_behind(self, cast: Cast, signed_in: Callable[[Member], Client], who: str | None) -> None:
        client = signed_in(getattr(cast, who)) if who else Client()
        assert post(client, drawn()).status_code in {302, 403} or not who
        assert (arriving(), Upload.objects.count()) == ([], 0)

    def test_who_is_suspended_leaves_nothing_behind(self, cast: Cast, ben: Client) -> None:
        Suspension.objects.create(person=cast.ben.person, reason="A test.")
        post(ben, drawn())
        assert Upload.objects.count() == 0

    def test_no_other_address_takes_files(self, ben: Client) -> None:
        ben.post("/batches/", {"prompt": "a lamp", "files": files(drawn())})
        assert arriving() == []

    def test_without_the_proof_that_the_form_is_ours_nothing_stays(self, cast: Cast) -> None:
        client = Client(enforce_csrf_checks=True)
        assert cast.ben.person is not None
        client.force_login(cast.ben.person)
        assert post(client, drawn()).status_code == 403
        assert Upload.objects.count() == 0

    def test_a_connection_that_breaks_leaves_nothing(self, ben: Client) -> None:
        body = b'--b\r\nContent-Disposition: form-data; name="files"; filename="a.png"\r\n\r\n' + drawn()

        class Broken(io.BytesIO):
            def read(self, size: int | None = -1, /) -> bytes:
                if self.tell() >= len(body):
                    raise OSError("gone")
                return super().read(size)

        ben.raise_request_exception = False
        length = str(len(body) + 5000)
        ben.generic(
            "POST",
            "/uploads/",
            b"",
            "multipart/form-data; boundary=b",
            **{"wsgi.input": Broken(body), "CONTENT_LENGTH": length},  # type: ignore[arg-type]  # what the server sets
        )
        assert Upload.objects.count() == 0


class TestItsPage:
    def test_says_who_brought_it_and_offers_no_prompt_again(
        self, cast: Cast, ben: Client, tmp_path: Path, signed_in: Callable[[Member], Client]
    ) -> None:
        image = bring(cast.ben, tmp_path)
        page = signed_in(cast.ada).get(f"/images/{image.pk}/").content.decode()
        assert "<dt>Uploaded by</dt>" in page
        assert "Uploaded</" in page or "Uploaded" in page
        for words in ("?from=", "How it was made", "Vendor task", "Cost"):
            assert words not in page.partition('id="image-panel"')[2].partition("</aside>")[0]
        assert signed_in(cast.mallory).get(f"/images/{image.pk}/").status_code == 404

    def test_of_the_library_finds_it_by_its_words_and_its_kind(self, cast: Cast, ben: Client, tmp_path: Path) -> None:
        image = bring(cast.ben, tmp_path)
        card = f'id="image-{image.pk}"'
        for query in ("q=harb", "kind=upload"):
            assert card in ben.get(f"/library/?{query}").content.decode()
        assert card not in ben.get("/library/?kind=draw").content.decode()

    def test_of_the_library_has_a_door_for_who_may(
        self, cast: Cast, ben: Client, signed_in: Callable[[Member], Client]
    ) -> None:
        door = b"data-upload-door"
        pages = [client.get("/library/").content for client in (ben, signed_in(cast.vera))]
        assert [door in page for page in pages] == [True, False]
