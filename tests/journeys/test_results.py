"""What may be behind a result's address instead of the picture, by the numbers of the fault matrix.

The transfer itself is tested in `test_downloads` (F48, F50), `test_outgoing` (F51, F54 to F56) and `test_pictures`
(F49, F52, F53). Here is what the studio makes of it: how often it tries again, when it gives up, and what that costs.
"""

import io
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from django.conf import settings
from PIL import Image as Pillow

from generations import storage
from generations.models import Generation, Image, Reason, State
from generations.providers.apikley import Apikley
from generations.services import collecting, sweeping
from generations.services.collecting import bringing
from tests.journeys.street import Street
from tests.simulators.raw import Raw, answer, serving
from tests.simulators.standin import Reply, picture

HTML = b"<!doctype html><title>Sign in</title>"
SVG = b"<svg xmlns='http://www.w3.org/2000/svg'/>"
PDF = b"%PDF-1.7\n%%EOF\n"
TAKEN = Reply(200, {"code": 200, "msg": "success", "data": {"taskId": "t-1"}})
LOST, INVALID = Reason.RESULT_LOST, Reason.RESULT_INVALID


def gif() -> bytes:
    file = io.BytesIO()
    Pillow.new("RGB", (8, 8)).save(file, "GIF")
    return file.getvalue()


def bomb() -> bytes:
    """A small file that says it is 12,000 pixels a side."""
    file = io.BytesIO()
    Pillow.new("1", (12_000, 12_000)).save(file, "PNG", compress_level=9)
    return file.getvalue()


def done(*urls: str) -> Reply:
    listed = ",".join(f'"{url}"' for url in urls)
    result = f'{{"resultUrls":[{listed}]}}'
    return Reply(200, {"code": 200, "msg": "success", "data": {"state": "success", "resultJson": result}})


def shown(street: Street, content: bytes, seconds: float = 0.0) -> str:
    """The address of something the vendor shows."""
    return street.apikley.keep(content, "JPEG", seconds=seconds)


def expect_failed(street: Street, row: Generation, reason: Reason) -> None:
    assert street.standing(row) == (State.FAILED, reason)
    assert street.balance() == (500, 0)
    assert not Image.objects.exists()
    assert list((settings.MEDIA_ROOT / storage.INCOMING).glob("*")) == []


class TestWhatIsNoPicture:
    @pytest.mark.parametrize(
        "content",
        [HTML, SVG, PDF, gif(), b"", b"x", picture(64, 64)[:-200], bomb()],
        ids=["page", "drawing", "document", "gif", "nothing", "a byte", "cut off", "bomb"],
    )
    def test_is_fetched_three_times_and_never_kept(self, street: Street, content: bytes) -> None:
        """F49, F52."""
        street.apikley.say("look", done(shown(street, content, seconds=1e9)), times=None)
        row = street.draw("apikley")

        expect_failed(street, row, INVALID)
        assert row.fetches == collecting.INVALID_TRIES_MAX

    def test_may_become_one_in_time(self, street: Street) -> None:
        contents = iter([HTML, picture(64, 64)])
        street.apikley.say("look", done(street.apikley.keep(lambda: next(contents), "JPEG")), times=None)
        row = street.draw("apikley")

        assert (row.state, row.fetches) == (State.SUCCEEDED, 2)
        assert street.balance() == (495, 0)

    def test_is_also_what_is_larger_than_the_offer_allows(
        self, street: Street, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """F50."""
        small = tuple(replace(offer, result_bytes_max=500) for offer in Apikley.offers)
        monkeypatch.setattr(Apikley, "offers", small)
        expect_failed(street, street.draw("apikley"), INVALID)


class TestAnAddressThatIsDead:
    def test_may_only_not_be_spread_yet(self, street: Street) -> None:
        """It is tried again for a minute, and the vendor is asked for nothing."""
        street.apikley.say("look", done(f"{street.apikley.url}/files/late.jpg"), times=None)
        (row,) = street.order("apikley")
        street.go(50)
        assert street.standing(row) == (State.FETCHING, "")
        street.apikley.keep(picture(64, 64), "JPEG", name="late.jpg")
        street.go()

        assert (street.now(row).state, street.now(row).fetched_again) == (State.SUCCEEDED, 0)
        assert len(street.calls("apikley", "look")) == 1
        assert street.calls("apikley", "link") == []
        assert street.balance() == (495, 0)

    def test_is_given_minutes_before_the_credits_go_back(self, street: Street) -> None:
        """F48: a minute for each address, and longer and longer pauses before the next is asked for."""
        street.apikley.say("look", done(f"{street.apikley.url}/files/nothing.jpg"), times=None)
        street.apikley.say("link", Reply(422, {"code": 422, "msg": "not one of ours"}), times=None)
        row = street.draw("apikley")

        moves = list(row.events.order_by("seq").values_list("to_state", "at"))
        waits = [(there - here).total_seconds() for (_, here), (_, there) in pairwise(moves[3:])]
        tried, paused = waits[0::2], waits[1::2]
        assert all(60 <= seconds < 75 for seconds in tried)
        assert len(tried) == 4
        for least, seconds in zip((5, 30, 120), paused, strict=True):
            assert least <= seconds < least + 10
        expect_failed(street, row, LOST)

    def test_of_a_picture_that_came_late_is_replaced_too(self, street: Street) -> None:
        """Its credits went back long ago: it is brought home free, by the address the vendor names next."""
        street.apikley.knobs.generating_seconds = (1000.0, 1000.0)
        (row,) = street.order("apikley", "a lamp gone")
        street.go(950)
        assert street.standing(row) == (State.LAPSED, Reason.TIMEOUT)
        street.go()

        assert (street.now(row).state, street.now(row).fetched_again) == (State.RECOVERED, 1)
        assert len(street.calls("apikley", "link")) == 1
        assert street.balance() == (500, 0)

    def test_of_a_picture_that_came_late_is_given_up_in_the_end(self, street: Street) -> None:
        street.apikley.knobs.generating_seconds = (1000.0, 1000.0)
        street.apikley.say("link", Reply(422, {"code": 422, "msg": "not one of ours"}), times=None)
        (row,) = street.order("apikley", "a lamp gone")
        street.go(3600)

        expect_failed(street, row, LOST)
        assert street.now(row).fetched_again == 3

    def test_leaves_no_address_for_others_that_lasts_minutes_only(self, street: Street) -> None:
        """A vendor's second link works for twenty minutes, and a picture may be enlarged for twenty hours."""
        row = street.draw("apikley", "a lamp gone")
        street.pass_time(1500)
        drawn = row.images.get()
        assert storage.vendor_link(drawn) is None

        larger = street.enlarge(drawn, "apikley", "crisp-upscale")
        street.go()
        assert street.now(larger).state == State.SUCCEEDED
        assert len(street.calls("apikley", "upload")) == 1

    def test_is_replaced_by_the_vendor_and_else_the_picture_is_lost(self, street: Street) -> None:
        """F48: asked again three times, with a fresh link each, which the vendor does not give."""
        street.apikley.say("link", Reply(422, {"code": 422, "msg": "not one of ours"}), times=None)
        row = street.draw("apikley", "a lamp gone")

        expect_failed(street, row, LOST)
        assert row.fetched_again == 3
        assert len(street.calls("apikley", "link")) == 3
        assert len(street.calls("apikley")) == 1

    @pytest.mark.parametrize("vendor", ["apixo", "apiinone"])
    def test_of_a_vendor_without_fresh_links_is_asked_for_by_a_look(self, street: Street, vendor: str) -> None:
        street.vendors[vendor].knobs.result_seconds = -1000.0
        row = street.draw(vendor)

        expect_failed(street, row, LOST)
        assert row.fetched_again == 3
        assert len(street.calls(vendor)) == 1

    def test_costs_nothing_when_it_comes_back(self, street: Street) -> None:
        """The look brings another address, which works."""
        street.apikley.say("look", done(f"{street.apikley.url}/files/nothing.jpg"))
        row = street.draw("apikley")

        assert (row.state, row.fetched_again) == (State.SUCCEEDED, 1)
        assert street.balance() == (495, 0)


class TestAnAddressNobodyMayFollow:
    @pytest.mark.parametrize(
        ("url", "reason"),
        [
            ("http://127.0.0.1:{port}/a.jpg", LOST),
            ("https://127.0.0.1:{port}/a.jpg", LOST),
            ("https://localhost:{port}/a.jpg", LOST),
            ("https://[::ffff:127.0.0.1]:{port}/a.jpg", LOST),
            ("file:///etc/passwd", Reason.BAD_ANSWER),
        ],
    )
    def test_is_refused_without_a_packet(self, street: Street, url: str, reason: Reason) -> None:
        """F54: this machine is allowed as the vendor's own origin, and for nothing else on it."""
        with serving(answer(body=picture(64, 64))) as raw:
            street.apikley.say("look", done(url.format(port=raw.port)), times=None)
            (row,) = street.order("apikley")
            street.go(60)
            assert raw.requests == []
        expect_failed(street, row, reason)

    def test_is_replaced_by_the_vendor_at_the_second_look(self, street: Street) -> None:
        street.apikley.say("look", done("https://10.0.0.1/a.jpg"))
        row = street.draw("apikley")

        assert (row.state, row.fetched_again) == (State.SUCCEEDED, 1)
        assert street.balance() == (495, 0)


class TestAFetchThatCannotBeFinished:
    def test_because_the_line_breaks_is_tried_six_times_in_six_hours(self, street: Street) -> None:
        def play(connection: socket.socket, request: bytes) -> None:
            path = request.split(b" ", 2)[1]
            if path.startswith(b"/a.jpg"):
                connection.sendall(answer(body=b"half a picture", length=10_000))
            else:
                told = done(f"{raw.url}/a.jpg") if b"recordInfo" in path else TAKEN
                connection.sendall(answer(body=told.content(), headers=("Connection: close",)))

        with serving(play) as raw:
            street.move("apikley", raw.url)
            (row,) = street.order("apikley")
            street.go(8 * 3600)
            assert raw.paths().count("/a.jpg") == 6

        expect_failed(street, row, LOST)
        row = street.now(row)
        assert row.finished_at is not None
        assert (row.finished_at - row.created_at).total_seconds() < 6 * 3600

    def test_because_our_disk_is_full_waits_and_is_told_before_the_link_dies(
        self, street: Street, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """No fault of the picture, so it uses up no try; staff hear after an hour, and again after twenty."""
        keep = storage.keep
        monkeypatch.setattr(storage, "keep", no_room)
        (row,) = street.order("apikley")
        street.go(60)
        assert (street.now(row).state, street.alerts()) == (State.FETCHING, set())

        for hours, kinds in ((1, {"unsaved"}), (19, {"unsaved", "link_ends"})):
            street.pass_time(hours * 3600)
            sweeping.sweep()
            assert street.alerts() == kinds
        monkeypatch.setattr(storage, "keep", keep)
        street.go()

        assert (street.now(row).state, street.now(row).fetches) == (State.SUCCEEDED, 1)
        assert street.balance() == (495, 0)
        sweeping.sweep()
        assert street.alerts() == set()


class TestAResultThatTakesLong:
    """In scaled time: a second here is a minute there."""

    def test_arrives_in_one_job_and_is_decoded_in_the_next(
        self, street: Street, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """As much as the queue's 90 s allow goes into the transfer; nothing is fetched twice."""
        monkeypatch.setattr(bringing, "DECODE_WITHIN_SECONDS", 0.2)
        with slow_host(street, pictures=1) as raw:
            row = street.draw("apikley")
            assert raw.paths().count("/0.jpg") == 1

        assert (row.state, row.fetches) == (State.SUCCEEDED, 1)
        assert street.balance() == (495, 0)
        assert list((settings.MEDIA_ROOT / storage.INCOMING).glob("*")) == []

    def test_together_with_others_takes_several_jobs(self, street: Street, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(bringing, "DECODE_WITHIN_SECONDS", 0.2)
        with slow_host(street, pictures=3) as raw:
            row = street.draw("apikley")
            assert sorted(path for path in raw.paths() if path.endswith(".jpg")) == ["/0.jpg", "/1.jpg", "/2.jpg"]

        assert (row.state, row.missing, row.fetches) == (State.SUCCEEDED, 0, 1)
        assert [image.index for image in row.images.order_by("index")] == [0, 1, 2]
        assert street.balance() == (495, 0)

    def test_has_more_time_the_larger_it_may_be(self, street: Street, monkeypatch: pytest.MonkeyPatch) -> None:
        """Half a second is too short for it, and the offer's cap makes that more."""
        monkeypatch.setattr(bringing, "TRANSFER_SECONDS_MIN", 0.1)
        with slow_host(street, pictures=1):
            row = street.draw("apikley")
        assert (row.state, row.fetches) == (State.SUCCEEDED, 1)

    def test_is_cut_off_in_time_for_the_job(self, street: Street, monkeypatch: pytest.MonkeyPatch) -> None:
        """So that the try is counted by whoever made it, and comes to an end of its own."""
        monkeypatch.setattr(bringing, "TRANSFERS_END_SECONDS", 0.1)
        goes_on = threading.Event()
        with slow_host(street, pictures=1, seconds=60, goes_on=goes_on):
            (row,) = street.order("apikley")
            street.go(5)
            row = street.now(row)
            assert (row.state, row.fetches, row.starts, row.lease_token) == (State.FETCHING, 1, 0, "")
            goes_on.set()
            street.go()
        assert (street.now(row).state, street.now(row).fetches) == (State.SUCCEEDED, 2)


@contextmanager
def slow_host(
    street: Street, *, pictures: int, seconds: float = 0.3, goes_on: threading.Event | None = None
) -> Iterator[Raw]:
    """A vendor that names so many pictures, each of which takes so long to arrive, or until it goes on."""
    wait = goes_on or threading.Event()

    def play(connection: socket.socket, request: bytes) -> None:
        path = request.split(b" ", 2)[1]
        if path.endswith(b".jpg"):
            whole = answer(body=picture(64, 64))
            connection.sendall(whole[:200])
            wait.wait(seconds)
            connection.sendall(whole[200:])
        else:
            named = [f"{raw.url}/{number}.jpg" for number in range(pictures)]
            told = done(*named) if b"recordInfo" in path else TAKEN
            connection.sendall(answer(body=told.content(), headers=("Connection: close",)))

    with serving(play) as raw:
        street.move("apikley", raw.url)
        yield raw
        wait.set()


def no_room(file: Path, *, name: str) -> None:
    raise OSError(28, "No space left on device")
