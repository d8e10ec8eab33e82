"""One picture at a signed address: for whoever holds it, for an hour, and nothing else (S40, F62)."""

import http.client
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.signing import Signer
from django.http import FileResponse, HttpResponseBase
from django.test import Client
from django.urls import reverse

from generations import storage
from generations.models import Image, clock
from tests.conftest import Cast
from tests.making import finish_one

MINUTE = 60.0
SEALED = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, noimageindex",
}


@pytest.fixture
def image(cast: Cast, settings: Any) -> Image:
    settings.PUBLIC_URL = "https://studio.example.org"
    return finish_one(cast.ben)


def path_of(image: Image, **facts: int) -> str:
    address = storage.source_address(image, **facts)
    assert address.startswith("https://studio.example.org/sources/")
    return urlsplit(address).path


def get(path: str, method: str = "get") -> HttpResponseBase:
    """Asked by somebody nobody knows."""
    answer: HttpResponseBase = getattr(Client(), method)(path)
    return answer


def body(answer: HttpResponseBase) -> bytes:
    assert isinstance(answer, FileResponse)
    content = b"".join(answer.streaming_content)  # type: ignore[arg-type]  # files stream
    answer.close()
    return content


class TestWithinTheHour:
    def test_the_picture_comes_as_often_as_it_is_asked_for(
        self, image: Image, pass_time: Callable[[float], None]
    ) -> None:
        path = path_of(image)
        for _ in range(2):
            answer = get(path)
            assert answer.status_code == 200
            assert body(answer) == storage.original_path(image).read_bytes()
            pass_time(29 * MINUTE)

    def test_it_says_what_it_is_and_seals_itself_off(self, image: Image) -> None:
        answer = get(path_of(image))
        body(answer)

        assert SEALED.items() <= dict(answer.headers).items()
        assert answer.headers["Content-Type"] == "image/jpeg"
        assert int(answer.headers["Content-Length"]) == image.size_bytes
        assert "private" in answer.headers["Cache-Control"]
        assert not answer.cookies
        assert answer.headers["Content-Disposition"] == 'inline; filename="source.jpg"'

    def test_a_head_tells_the_same_without_the_bytes(self, image: Image) -> None:
        answer = get(path_of(image), "head")
        answer.close()

        assert (answer.status_code, int(answer.headers["Content-Length"])) == (200, image.size_bytes)

    @pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options"])
    def test_nothing_else_is_possible_with_or_without_a_secret(self, image: Image, method: str) -> None:
        path = path_of(image)

        assert get(path, method).status_code == 405
        assert Client(enforce_csrf_checks=True).post(path).status_code == 405

    def test_a_copy_comes_under_an_address_of_its_own(self, image: Image) -> None:
        with storage.workspace() as folder:
            (folder / "copy").write_bytes(b"a smaller copy")
            storage.keep(folder / "copy", name=storage.copy_name(sha256=image.sha256, bytes_max=5000))
        answer = get(path_of(image, copy_bytes_max=5000))

        assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/jpeg")
        assert body(answer) == b"a smaller copy"
        assert get(path_of(image, copy_bytes_max=4000)).status_code == 404


class TestRefused:
    def test_after_the_hour(self, image: Image, pass_time: Callable[[float], None]) -> None:
        path = path_of(image)
        pass_time(59 * MINUTE)
        answer = get(path)
        answer.close()
        pass_time(MINUTE)

        assert (answer.status_code, get(path).status_code) == (200, 403)
        assert SEALED.items() <= dict(get(path).headers).items()

    def test_when_anything_of_it_was_changed(self, image: Image) -> None:
        path = path_of(image)
        payload, _, signature = path.removeprefix("/sources/").removesuffix("/").rpartition(".")
        for token in (payload, f"{payload}.", f"{payload[:-1]}.{signature}", f"{payload}.{signature[:-1]}", "x", "a.b"):
            answer = get(f"/sources/{token}/")
            assert (answer.status_code, answer.cookies) == (403, {}), token

    def test_when_it_was_signed_for_another_purpose(self, image: Image) -> None:
        ends_at = int(clock.now().timestamp()) + 3600
        token = Signer(salt="something else", sep=".").sign_object([image.pk.hex, None, ends_at])

        assert get(reverse("source", args=[token])).status_code == 403

    @pytest.mark.parametrize("mark", ["deleted_at", "hidden_at"])
    def test_when_the_picture_was_deleted_or_hidden(self, image: Image, mark: str) -> None:
        path = path_of(image)
        Image.objects.update(**{mark: clock.now()})

        assert get(path).status_code == 404

    def test_when_there_is_no_such_picture_or_file(self, image: Image) -> None:
        path = path_of(image)
        storage.original_path(image).unlink()
        assert get(path).status_code == 404

        Image.objects.all().delete()
        assert get(path).status_code == 404

    def test_a_list_of_them(self, image: Image) -> None:
        assert get("/sources/").status_code == 404


def test_an_address_names_nothing_but_the_picture(cast: Cast, image: Image) -> None:
    path = path_of(image)
    signed = Signer(salt=storage.SOURCE_PURPOSE, sep=".").unsign_object(
        path.removeprefix("/sources/").removesuffix("/")
    )

    assert signed[:2] == [image.pk.hex, None]
    assert image.sha256 not in path
    assert json.dumps(signed).count("-") == 0


@pytest.mark.django_db(transaction=True)
def test_a_vendor_reads_it_over_http(cast: Cast, settings: Any, live_server: Any) -> None:
    settings.PUBLIC_URL = live_server.url
    image = finish_one(cast.ben)
    address = urlsplit(storage.source_address(image))
    told = []
    for method in ("HEAD", "GET", "GET", "POST"):
        line = http.client.HTTPConnection(str(address.hostname), address.port, timeout=10)
        line.request(method, address.path)
        answer = line.getresponse()
        told.append((method, answer.status, len(answer.read()), answer.headers["Set-Cookie"]))
        line.close()

    size = image.size_bytes
    assert told == [("HEAD", 200, 0, None), ("GET", 200, size, None), ("GET", 200, size, None), ("POST", 405, 0, None)]
