"""Archives over HTTP: ordered with a press, watched, fetched in parts, for nobody else."""

import io
import uuid
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from generations import storage
from generations.models import Archive, Member, Suspension
from tests.archives import go_on, pack
from tests.cases import decide, report
from tests.conftest import Cast
from tests.making import finish, finish_many, finish_one, make_waiting

SignIn = Callable[[Member], Client]


@pytest.fixture
def vera(cast: Cast, signed_in: SignIn) -> Client:
    return signed_in(cast.vera)


def place(row: Archive, what: str = "archive") -> str:
    return reverse(what, args=[row.pk])


def fetch(client: Client, row: Archive, **headers: str) -> tuple[Any, bytes]:
    answer = client.get(place(row, "archive_file"), headers=headers)
    return answer, answer.getvalue()


def test_chosen_pictures_are_ordered_watched_and_fetched(cast: Cast, vera: Client) -> None:
    images = [finish_one(cast.ben), finish_one(cast.ben)]
    answer = vera.post(reverse("archives"), {"image": [str(image.pk) for image in images]})
    row = Archive.objects.get()
    assert (answer.status_code, answer.headers["Location"]) == (302, place(row))
    page = vera.get(place(row)).content.decode()
    for words in ("2 pictures", "Waiting", "data-poll-live", "Cancel"):
        assert words in page
    assert fetch(vera, row)[0].status_code == 404
    go_on(row)

    page = vera.get(place(row)).content.decode()
    for words in ("Ready", "Download", "h 59 min left", row.sha256):
        assert words in page
    assert "data-poll-live" not in page
    answer, body = fetch(vera, row)
    assert answer.headers["Content-Type"] == "application/zip"
    assert "no-store" in answer.headers["Cache-Control"]
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{row.name}"'
    assert zipfile.ZipFile(io.BytesIO(body)).testzip() is None


def test_two_presses_are_one_archive(cast: Cast, vera: Client) -> None:
    body = {"image": str(finish_one(cast.ben).pk), "request_key": "once"}
    places = {vera.post(reverse("archives"), body).headers["Location"] for _ in range(2)}
    assert len(places) == Archive.objects.count() == 1


def test_a_whole_order_is_packed_with_one_press(cast: Cast, vera: Client) -> None:
    first = make_waiting(cast.ben, count=3)
    assert first.batch is not None
    rows = list(first.batch.generations.order_by("position"))
    images = [finish(row) for row in rows]
    assert "Download all as a ZIP file" in vera.get("/").content.decode()
    for _ in range(2):
        vera.post(reverse("archives"), {"batch": str(first.batch_id)})
    row = Archive.objects.get()
    assert [entry.image_id for entry in row.entries.order_by("place")] == [image.pk for image in images]


@pytest.mark.parametrize("body", [{}, {"image": "nonsense"}, {"batch": "nonsense"}, {"image": str(uuid.uuid4())}])
def test_what_cannot_be_packed_is_said(vera: Client, body: dict[str, str]) -> None:
    answer = vera.post(reverse("archives"), body)
    assert (answer.status_code, 'role="alert"' in answer.content.decode()) == (422, True)
    answer = vera.post(reverse("archives"), body, headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Reswap"]) == (422, "none")
    assert 'id="toasts"' in answer.content.decode()


def test_htmx_is_sent_to_the_page(cast: Cast, vera: Client) -> None:
    body = {"image": str(finish_one(cast.ben).pk)}
    answer = vera.post(reverse("archives"), body, headers={"HX-Request": "true"})
    assert answer.headers["HX-Redirect"] == place(Archive.objects.get())


def test_a_poll_says_nothing_until_there_is_something(cast: Cast, vera: Client) -> None:
    images = [finish_one(cast.ben)]
    vera.post(reverse("archives"), {"image": str(images[0].pk)})
    row = Archive.objects.get()
    polled = f"{place(row)}?seen=wa0"
    assert polled.replace("&", "&amp;") in vera.get(place(row)).content.decode()
    assert vera.get(polled, headers={"HX-Request": "true"}).status_code == 204
    go_on(row)
    answer = vera.get(polled, headers={"HX-Request": "true"})
    assert "ready to download" in answer.content.decode()
    assert "<html" not in answer.content.decode()


def test_a_download_goes_on_where_it_broke_off(cast: Cast, vera: Client) -> None:
    row = pack(cast.vera, [finish_one(cast.ben)])
    answer, whole = fetch(vera, row)
    assert (answer.headers["Accept-Ranges"], int(answer.headers["Content-Length"])) == ("bytes", len(whole))
    tag = answer.headers["ETag"]
    answer, rest = fetch(vera, row, Range="bytes=100-", **{"If-Range": tag})
    assert (answer.status_code, rest) == (206, whole[100:])
    assert answer.headers["Content-Range"] == f"bytes 100-{len(whole) - 1}/{len(whole)}"
    for asked, part in (("bytes=0-0", whole[:1]), ("bytes=5-9", whole[5:10]), ("bytes=-7", whole[-7:])):
        answer, body = fetch(vera, row, Range=asked)
        assert (answer.status_code, body, answer.headers["Content-Length"]) == (206, part, str(len(part)))
    for asked in ("bytes=9-5", "bytes=0-1,5-6", "lines=1-2", "bytes=-", "bytes=x-"):
        answer, body = fetch(vera, row, Range=asked)
        assert (answer.status_code, body) == (200, whole), asked
    answer, body = fetch(vera, row, Range="bytes=0-1", **{"If-Range": '"another"'})
    assert (answer.status_code, body) == (200, whole)
    for asked in (f"bytes={len(whole)}-", "bytes=-0"):
        answer, _ = fetch(vera, row, Range=asked)
        assert (answer.status_code, answer.headers["Content-Range"]) == (416, f"bytes */{len(whole)}")


def test_it_is_nobody_elses(cast: Cast, vera: Client, signed_in: SignIn) -> None:
    row = pack(cast.vera, [finish_one(cast.ben)])
    for member in (cast.ada, cast.ben, cast.mallory):
        client = signed_in(member)
        assert client.get(place(row)).status_code == 404
        assert client.get(place(row, "archive_file")).status_code == 404
        for what in ("archive_retry", "archive_removal"):
            assert client.post(place(row, what)).status_code == 404
        assert str(row.pk) not in client.get(reverse("archives")).content.decode()
    assert str(row.pk) in vera.get(reverse("archives")).content.decode()


def test_a_broken_file_is_named_and_the_others_are_a_press_away(cast: Cast, vera: Client) -> None:
    whole, broken = finish_one(cast.ben, "a lamp"), finish_one(cast.ben, "a crooked door")
    storage.original_path(broken).unlink()
    row = pack(cast.vera, [whole, broken])
    page = vera.get(place(row)).content.decode()
    for words in ("Not packed", "a crooked door", "Its file is missing", "Pack the others", "Try again"):
        assert words in page
    assert "a lamp" not in page
    vera.post(place(row, "archive_retry"), {"without": "1"})
    go_on(row)
    page = vera.get(place(row)).content.decode()
    assert "1 left out: without a whole file, as you chose" in page


def test_what_was_hidden_since_takes_it_away_and_says_so(cast: Cast, vera: Client) -> None:
    image, other = finish_one(cast.ben), finish_one(cast.ben)
    row = pack(cast.vera, [image, other])
    other.generation.share(private=True)
    assert fetch(vera, row)[0].status_code == 404
    page = vera.get(place(row)).content.decode()
    assert "no longer there" in page
    assert "Pack again" in page
    decide(report(cast.vera, image), cast.ada)
    vera.post(place(row, "archive_retry"))
    assert go_on(row).reason == "empty"


def test_removing_it_leaves_the_pictures(cast: Cast, vera: Client) -> None:
    image = finish_one(cast.ben)
    row = pack(cast.vera, [image])
    vera.post(place(row, "archive_removal"))
    assert not Archive.objects.exists()
    assert storage.original_path(image).exists()
    assert "Nothing packed" in vera.get(reverse("archives")).content.decode()


def test_who_is_suspended_orders_and_fetches_none(cast: Cast, vera: Client) -> None:
    image = finish_one(cast.ben)
    row = pack(cast.vera, [image])
    Suspension.objects.create(person=cast.vera.person, reason="A test.")
    assert vera.post(reverse("archives"), {"image": str(image.pk)}).status_code == 403
    assert fetch(vera, row)[0].status_code == 404


def test_the_page_asks_as_much_however_many_there_are(cast: Cast, vera: Client) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert vera.get(reverse("archives")).status_code == 200
        return len(queries)

    pack(cast.vera, finish_many(cast.ben, 2))
    asked()
    one = asked()
    for _ in range(3):
        pack(cast.vera, [finish_one(cast.ben)])
    assert asked() == one
