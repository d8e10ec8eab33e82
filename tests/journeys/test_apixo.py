"""APIXO's two offers from the order to the shelf: what is sent, what comes of it, and what it costs."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from generations.models import CallbackHint, Generation, Image, Reason, State
from generations.services import ordering
from tests.journeys.street import SIDES, Street

FORMATS = {"jpg": "JPEG", "png": "PNG", "webp": "WEBP"}


def only_image(row: Generation) -> Image:
    image: Image = row.images.get()
    return image


def seconds_taken(row: Generation) -> float:
    assert row.finished_at is not None
    assert row.accepted_at is not None
    taken: timedelta = row.finished_at - row.accepted_at
    return taken.total_seconds()


class TestADrawing:
    def test_is_asked_for_as_the_documents_say(self, street: Street) -> None:
        street.draw("apixo", "A paper boat", shape="3:2")

        (sent,) = street.calls("apixo")
        assert sent.path == "/api/v1/generateTask/grok-image"
        assert sent.headers["authorization"] == "Bearer apx-1"
        assert sent.json() == {
            "request_type": "async",
            "input": {"mode": "text-to-image", "prompt": "A paper boat", "aspect_ratio": "3:2"},
        }

    def test_is_looked_at_under_its_model_and_not_too_often(self, street: Street) -> None:
        row = street.draw("apixo")

        looks = street.calls("apixo", "look")
        assert {look.path for look in looks} == {"/api/v1/statusTask/grok-image"}
        assert [dict(look.query) for look in looks] == [{"taskId": row.vendor_task_id}] * len(looks)
        assert {look.headers["authorization"] for look in looks} == {"Bearer apx-1"}
        assert len(looks) <= 3

    def test_is_stored_and_paid_once(self, street: Street) -> None:
        row = street.draw("apixo", shape="2:3")

        assert row.state == State.SUCCEEDED
        assert (only_image(row).width, only_image(row).height) == (64, 96)
        assert street.balance() == (495, 0)

    def test_of_several_pictures_is_one_generation_charged_once(self, street: Street) -> None:
        row = street.draw("apixo", "several lamps")

        assert [image.index for image in row.images.order_by("index")] == [0, 1, 2, 3]
        assert street.balance() == (495, 0)
        assert street.apixo.counts.creates == {"several lamps": 1}


class TestAnUpscale:
    @pytest.mark.parametrize(("resolution", "output_format"), [("2k", "jpg"), ("4k", "png"), ("8k", "webp")])
    def test_has_the_size_and_the_format_that_were_chosen(
        self, street: Street, resolution: str, output_format: str
    ) -> None:
        drawn = street.draw("apikley")
        row = street.enlarge(
            only_image(drawn), "apixo", "image-upscaler", resolution=resolution, output_format=output_format
        )
        street.go()

        (sent,) = street.calls("apixo")
        assert sent.path == "/api/v1/generateTask/image-upscaler"
        assert sent.json() == {
            "request_type": "async",
            "input": {
                "mode": "image-to-image",
                "image_urls": [drawn.result_urls[0]],
                "resolution": resolution,
                "output_format": output_format,
            },
        }
        assert {look.path for look in street.calls("apixo", "look")} == {"/api/v1/statusTask/image-upscaler"}
        row, image = street.now(row), only_image(street.now(row))
        assert (row.state, row.vendor_cost, row.assumed_cost) == (State.SUCCEEDED, None, Decimal("0.01"))
        assert (max(image.width, image.height), image.format) == (SIDES[resolution], FORMATS[output_format])
        assert image.parent_id == only_image(drawn).pk
        assert street.balance() == (490, 0)

    def test_that_nobody_chose_anything_for_is_a_4k_jpeg(self, street: Street) -> None:
        row = street.enlarge(only_image(street.draw("apixo")), "apixo", "image-upscaler")
        street.go()

        sent = street.bodies("apixo")[-1]["input"]
        assert (sent["resolution"], sent["output_format"]) == ("4k", "jpg")
        assert street.now(row).state == State.SUCCEEDED

    def test_of_an_old_picture_reads_it_at_our_own_address(self, street: Street) -> None:
        """F62: fetched twice within the hour; a changed address leads nowhere."""
        door = street.open_door()
        street.apixo.knobs.callback = "off"
        street.apixo.knobs.fetches = 2
        drawn = street.draw("apikley")
        street.pass_time(21 * 3600)
        door.visits.clear()
        row = street.enlarge(only_image(drawn), "apixo", "image-upscaler")
        street.go()

        (address,) = street.bodies("apixo")[-1]["input"]["image_urls"]
        assert address.startswith(f"{door.url}/sources/")
        assert [(visit.method, visit.path, visit.status) for visit in door.visits] == [
            ("GET", address.removeprefix(door.url), 200)
        ] * 2
        assert street.now(row).state == State.SUCCEEDED

    def test_of_an_old_picture_without_a_public_address_is_refused_before_any_hold(self, street: Street) -> None:
        drawn = street.draw("apikley")
        street.pass_time(21 * 3600)

        with pytest.raises(ordering.OfferUnavailable, match="no public address"):
            street.enlarge(only_image(drawn), "apixo", "image-upscaler")
        assert street.balance() == (495, 0)

    def test_whose_source_cannot_be_fetched_fails_and_staff_hear_of_it(self, street: Street) -> None:
        """Our public address may be none that vendors can reach."""
        drawn = street.draw("apikley")
        street.apikley.knobs.result_seconds = 1.0
        row = street.enlarge(only_image(drawn), "apixo", "image-upscaler")
        Generation.objects.filter(pk=drawn.pk).update(result_urls=[f"{street.apikley.url}/files/nothing.jpg"])
        street.go()

        assert street.standing(row) == (State.FAILED, Reason.REFUSED_INPUT)
        assert street.now(row).vendor_code == "IMAGE_DOWNLOAD_FAILED"
        assert street.alerts() == {"vendor"}
        assert street.balance() == (495, 0)

    def test_may_be_done_by_the_next_key(self, street: Street) -> None:
        """Any account will do that can read the address."""
        drawn = street.draw("apixo")
        second = street.add_key("apixo", "Second", key="apx-2")
        street.keys["apixo"].pause()
        row = street.enlarge(only_image(drawn), "apixo", "image-upscaler")
        street.go()

        assert (street.now(row).state, street.now(row).credential) == (State.SUCCEEDED, second)


class TestACallback:
    @pytest.fixture(autouse=True)
    def _public(self, street: Street) -> None:
        street.open_door()

    def enlarged(self, street: Street) -> Generation:
        """By a vendor that usually takes twenty seconds, and seven this time."""
        row = street.enlarge(only_image(street.draw("apikley")), "apixo", "image-upscaler", resolution="2k")
        street.go()
        return street.now(row)

    def test_is_asked_for_as_the_documents_say(self, street: Street) -> None:
        assert street.door is not None
        self.enlarged(street)

        body = street.bodies("apixo")[0]
        assert body["request_type"] == "callback"
        assert body["callback_url"].startswith(f"{street.door.url}/hooks/apixo/")
        assert set(body) == {"request_type", "callback_url", "input"}

    def test_brings_the_look_forward(self, street: Street) -> None:
        row = self.enlarged(street)

        assert row.state == State.SUCCEEDED
        assert seconds_taken(row) < 9
        assert len(street.calls("apixo", "look")) == 1

    def test_of_a_failure_is_a_reason_to_look_like_any_other(self, street: Street) -> None:
        street.apixo.knobs.outcome = "SensitiveContent"
        row = self.enlarged(street)

        assert (row.state, row.reason) == (State.FAILED, Reason.CONTENT_POLICY)
        assert seconds_taken(row) < 9

    @pytest.mark.parametrize("knobs", [{"callback": "off"}, {"callback_times": 20}, {"callback_early": True}])
    def test_may_be_missing_repeated_or_early(self, street: Street, knobs: dict[str, Any]) -> None:
        for name, value in knobs.items():
            setattr(street.apixo.knobs, name, value)
        row = self.enlarged(street)

        assert row.state == State.SUCCEEDED
        assert CallbackHint.objects.filter(attempt__generation=row).count() == (0 if "callback" in knobs else 1)
        assert street.balance() == (490, 0)

    def test_brings_home_a_task_whose_answer_was_lost(self, street: Street) -> None:
        """APIXO echoes nothing of an order, so the time it was made at is the proof, while no other could be meant."""
        row = street.draw("apixo", "a lamp vanish")

        assert (row.state, street.balance()) == (State.SUCCEEDED, (495, 0))
        assert street.apixo.counts.creates == {"a lamp vanish": 1}

    def test_brings_nothing_home_where_two_could_be_meant(self, street: Street) -> None:
        rows = street.order("apixo", "a lamp vanish", count=2)
        street.go(300)

        assert {street.now(row).state for row in rows} == {State.IN_DOUBT}
        street.go(400)
        assert {street.standing(row) for row in rows} == {(State.LAPSED, Reason.SUBMISSION_UNKNOWN)}
        assert street.balance() == (500, 0)
