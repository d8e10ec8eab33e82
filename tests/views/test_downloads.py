"""How saved files are called, and what they say of themselves, as each person likes it."""

import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from PIL import Image as Pillow

from generations import storage
from generations.models import Image, Member
from tests.conftest import Cast
from tests.making import finish_one

SignIn = Callable[[Member], Client]


@pytest.fixture
def ben(cast: Cast, signed_in: SignIn) -> Client:
    return signed_in(cast.ben)


def save(client: Client, image: Image, query: str = "download=1") -> tuple[Any, bytes]:
    answer = client.get(f"{reverse('image_original', args=[image.pk])}?{query}")
    return answer, answer.getvalue()


def words_in(body: bytes) -> bytes:
    with Pillow.open(io.BytesIO(body)) as picture:
        found: bytes = picture.info.get("xmp", b"")
    return found


def test_a_pattern_is_shown_saved_and_used(cast: Cast, ben: Client) -> None:
    image = finish_one(cast.ben, "a lamp")
    typed = {"file_pattern": "{maker} {width} {prompt}"}
    shown = ben.get(reverse("downloads"), typed, headers={"HX-Request": "true"}).content.decode()
    assert "ben 1536 a-lighthouse-in-fog.png" in shown
    assert "<html" not in shown
    assert ben.post(reverse("downloads"), typed).status_code == 302
    assert "{maker} {width} {prompt}" in ben.get(reverse("downloads")).content.decode()
    answer, _ = save(ben, image)
    assert answer.headers["Content-Disposition"] == f'attachment; filename="ben {image.width} a-lamp.jpg"'


def test_an_unknown_word_is_an_error_at_the_field_that_names_the_known(cast: Cast, ben: Client) -> None:
    for answer in (
        ben.post(reverse("downloads"), {"file_pattern": "{size}"}),
        ben.get(reverse("downloads"), {"file_pattern": "{size}"}, headers={"HX-Request": "true"}),
    ):
        page = answer.content.decode()
        assert "There is no {size}. Known are {prompt}, {id}, {date}" in page
    assert ben.post(reverse("downloads"), {"file_pattern": "a/b"}).status_code == 422
    assert cast.ben.person is not None
    cast.ben.person.refresh_from_db()
    assert cast.ben.person.file_pattern == ""


def test_settings_are_in_the_file_only_where_they_are_wanted(cast: Cast, ben: Client) -> None:
    image = finish_one(cast.ben, "a lamp nobody knows of")
    original = storage.original_path(image).read_bytes()
    plain, body = save(ben, image)
    assert body == original
    answer, copy = save(ben, image, "download=1&settings=1")
    assert b"a lamp nobody knows of" in words_in(copy)
    assert int(answer.headers["Content-Length"]) == len(copy)
    assert answer.headers["ETag"] != plain.headers["ETag"]
    assert b"credits" not in words_in(copy)

    ben.post(reverse("downloads"), {"writes_settings": "on", "writes_credits": "on"})
    assert b"<studio:credits>5</studio:credits>" in words_in(save(ben, image)[1])
    assert save(ben, image, "download=1&settings=0")[1] == original
    assert save(ben, image, "")[1] == original  # what is looked at is the original, whatever is saved
    assert save(ben, image, "settings=1")[1] == original
    assert storage.original_path(image).read_bytes() == original


def test_a_file_beside_it_says_the_same(cast: Cast, ben: Client, signed_in: SignIn) -> None:
    image = finish_one(cast.ben, "a lamp")
    answer = ben.get(reverse("image_settings", args=[image.pk]))
    facts = json.loads(answer.content)
    assert (facts["prompt"], facts["vendor"], facts["maker"], facts["sha256"]) == (
        "a lamp",
        "Demo",
        "Ben",
        image.sha256,
    )
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="a-lamp-')
    assert answer.headers["Content-Disposition"].endswith('.json"')
    assert signed_in(cast.mallory).get(reverse("image_settings", args=[image.pk])).status_code == 404


def test_a_broken_download_of_an_original_goes_on(cast: Cast, ben: Client) -> None:
    image = finish_one(cast.ben)
    place = f"{reverse('image_original', args=[image.pk])}?download=1&settings=1"
    whole = save(ben, image, "download=1&settings=1")[1]
    answer = ben.get(place, headers={"Range": "bytes=50-99999999"})
    assert (answer.status_code, answer.getvalue()) == (206, whole[50:])
