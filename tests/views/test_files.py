"""Pictures over HTTP: the bytes we stored, named for people, cached by nobody else."""

from collections.abc import Callable
from hashlib import sha256

from django.db import connection
from django.http import FileResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from generations import storage
from generations.models import Member
from tests.cases import decide, report
from tests.conftest import Cast
from tests.making import finish_one

SignIn = Callable[[Member], Client]


def body(answer: FileResponse) -> bytes:
    content = b"".join(answer.streaming_content)  # type: ignore[arg-type]  # files stream
    answer.close()
    return content


def test_the_original_is_kept_byte_for_byte(cast: Cast, signed_in: SignIn) -> None:
    image = finish_one(cast.ben)
    answer = signed_in(cast.vera).get(reverse("image_original", args=[image.pk]))

    assert sha256(body(answer)).hexdigest() == image.sha256  # type: ignore[arg-type]  # a file streams
    assert answer.headers["Content-Type"] == storage.MEDIA_TYPES[image.format]


def test_every_rendition_is_a_webp_of_its_width(cast: Cast, signed_in: SignIn) -> None:
    image = finish_one(cast.ben)
    client = signed_in(cast.ben)
    assert image.widths == [384, 768, 1248]  # nothing is enlarged: 1600 would be wider than the picture
    for width in image.widths:
        answer = client.get(reverse("image_file", args=[image.pk, width]))
        assert answer.headers["Content-Type"] == "image/webp"
        assert body(answer)[8:12] == b"WEBP"  # type: ignore[arg-type]  # a file streams


def test_a_width_we_do_not_have_is_not_found(cast: Cast, signed_in: SignIn) -> None:
    image = finish_one(cast.ben)

    assert signed_in(cast.ben).get(reverse("image_file", args=[image.pk, 999])).status_code == 404


def test_what_the_browser_has_is_not_sent_again(cast: Cast, signed_in: SignIn) -> None:
    address = reverse("image_original", args=[finish_one(cast.ben).pk])
    client = signed_in(cast.ben)
    first = client.get(address)
    first.close()
    again = client.get(address, headers={"If-None-Match": first.headers["ETag"]})

    assert again.status_code == 304
    assert again.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_the_browser_asks_each_time_and_that_costs_four_statements(cast: Cast, signed_in: SignIn) -> None:
    image = finish_one(cast.ben)
    client = signed_in(cast.vera)
    for address in (
        reverse("image_original", args=[image.pk]),
        reverse("image_file", args=[image.pk, image.widths[0]]),
    ):
        first = client.get(address)
        first.close()
        assert first.headers["Cache-Control"] == "private, no-cache"
        with CaptureQueriesContext(connection) as asked:
            again = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
        assert again.status_code == 304
        assert again.headers["Cache-Control"] == "private, no-cache"
        assert len(asked) == 4, [one["sql"] for one in asked]


def test_what_a_moderator_hid_is_gone_from_where_the_browser_kept_it(cast: Cast, signed_in: SignIn) -> None:
    image = finish_one(cast.ben)
    addresses = [reverse("image_original", args=[image.pk])]
    addresses += [reverse("image_file", args=[image.pk, width]) for width in image.widths]
    client = signed_in(cast.vera)
    tags = {}
    for address in addresses:
        answer = client.get(address)
        answer.close()
        tags[address] = answer.headers["ETag"]
    decide(report(cast.vera, image), cast.ada)

    for address, tag in tags.items():
        answer = client.get(address, headers={"If-None-Match": tag})
        assert answer.status_code == 404, address
        assert "no-store" in answer.headers["Cache-Control"]


def test_a_download_is_named_after_the_prompt(cast: Cast, signed_in: SignIn) -> None:
    image = finish_one(cast.ben, 'A "lamp"/../../etc\r\nX: y \u202e at dusk')
    answer = signed_in(cast.ben).get(reverse("image_original", args=[image.pk]) + "?download=1")
    answer.close()

    told = answer.headers["Content-Disposition"]
    assert told.startswith('attachment; filename="a-lampetc-x-y-at-dusk-')
    assert told.endswith('.jpg"')


def test_a_file_removed_behind_our_back_is_not_an_error(cast: Cast, signed_in: SignIn) -> None:
    image = finish_one(cast.ben)
    storage.original_path(image).unlink()

    assert signed_in(cast.ben).get(reverse("image_original", args=[image.pk])).status_code == 404


def test_two_equal_pictures_share_one_file(cast: Cast) -> None:
    image = finish_one(cast.ben)
    path = storage.original_path(image)
    copy = path.parent / "again"
    copy.write_bytes(path.read_bytes())
    storage.keep(copy, name=storage.original_name(sha256=image.sha256, format=image.format))

    assert len(list(path.parent.glob(f"{image.sha256}*"))) == 1
