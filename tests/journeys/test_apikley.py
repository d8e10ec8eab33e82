"""Apikley's three offers from the order to the shelf: what is sent, what comes of it, and what it costs."""

import json
import threading
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from generations.models import CallbackHint, Generation, Image, OfferSwitch, Reason, State
from generations.services import ordering, sweeping
from tests.journeys.street import Street
from tests.simulators.standin import Reply

DRAW, UPSCALE, CRISP = "grok-imagine/text-to-image", "grok-imagine/upscale", "recraft/crisp-upscale"


def only_image(row: Generation) -> Image:
    image: Image = row.images.get()
    return image


class TestADrawing:
    def test_is_asked_for_as_the_documents_say(self, street: Street) -> None:
        street.draw("apikley", "A lighthouse of blue glass", shape="3:2")

        (sent,) = street.calls("apikley")
        assert sent.path == "/api/v1/jobs/createTask"
        assert sent.headers["authorization"] == "Bearer kie-1"
        assert sent.headers["content-type"] == "application/json"
        assert sent.json() == {"model": DRAW, "input": {"prompt": "A lighthouse of blue glass", "aspect_ratio": "3:2"}}

    @pytest.mark.parametrize(("shape", "size"), [("16:9", (1280, 720)), ("9:16", (720, 1280))])
    def test_is_wide_or_tall_only_where_an_admin_switched_that_on(
        self, street: Street, shape: str, size: tuple[int, int]
    ) -> None:
        with pytest.raises(ordering.OfferUnavailable):
            street.order("apikley", shape=shape)
        OfferSwitch.objects.create(provider="apikley", offer_key="grok-draw", shapes_on=["16:9", "9:16"])
        row = street.draw("apikley", shape=shape)

        assert street.bodies("apikley")[-1]["input"]["aspect_ratio"] == shape
        assert (only_image(row).width, only_image(row).height) == size
        assert street.balance() == (495, 0)

    def test_is_looked_at_by_its_id_and_not_too_often(self, street: Street) -> None:
        row = street.draw("apikley")

        looks = street.calls("apikley", "look")
        assert {look.path for look in looks} == {"/api/v1/jobs/recordInfo"}
        assert [dict(look.query) for look in looks] == [{"taskId": row.vendor_task_id}] * len(looks)
        assert {look.headers["authorization"] for look in looks} == {"Bearer kie-1"}
        assert len(looks) <= 5

    def test_is_stored_and_paid_once(self, street: Street) -> None:
        row = street.draw("apikley", shape="1:1")

        assert (row.state, row.vendor_cost) == (State.SUCCEEDED, Decimal(4))
        assert (only_image(row).width, only_image(row).height) == (64, 64)
        assert street.balance() == (495, 0)

    def test_of_six_pictures_is_one_generation_charged_once(self, street: Street) -> None:
        row = street.draw("apikley", "six lamps")

        assert [image.index for image in row.images.order_by("index")] == [0, 1, 2, 3, 4, 5]
        assert street.balance() == (495, 0)
        assert street.apikley.counts.creates == {"six lamps": 1}
        # The bytes of each are those behind the address in its place.
        shown = [street.apikley.file_named(url) for url in row.result_urls]
        sizes = [len(content) for content in shown if content]
        assert [image.size_bytes for image in row.images.order_by("index")] == sizes

    def test_whose_address_is_said_twice_is_one_picture(self, street: Street) -> None:
        assert only_image(street.draw("apikley", "a lamp twice")).index == 0

    @pytest.mark.parametrize("words", ["a lamp object", "a lamp dreaming"])
    def test_told_of_in_other_ways_is_understood(self, street: Street, words: str) -> None:
        """The result as an object instead of a text; a state nobody knows, which is still working."""
        assert street.draw("apikley", words).state == State.SUCCEEDED

    def test_of_a_vendor_that_says_message_for_msg_is_no_different(self, street: Street) -> None:
        street.apikley.knobs.text_name = "message"
        assert street.draw("apikley").state == State.SUCCEEDED


class TestAGrokUpscale:
    def test_names_the_task_at_the_account_that_drew_it(self, street: Street) -> None:
        """The other key would be less busy and comes first, but does not know the drawing."""
        street.keys["apikley"].pause()
        second = street.add_key("apikley", "Second", key="kie-2")
        drawn = street.draw("apikley")
        street.keys["apikley"].resume()

        row = street.enlarge(only_image(drawn), "apikley", "grok-upscale")
        street.go()

        row = street.now(row)
        assert (row.state, row.credential) == (State.SUCCEEDED, second)
        sent = street.calls("apikley")[-1]
        assert sent.headers["authorization"] == "Bearer kie-2"
        assert sent.json() == {"model": UPSCALE, "input": {"task_id": drawn.vendor_task_id}}
        image, source = only_image(row), only_image(drawn)
        assert (image.width, image.height, image.parent_id) == (2 * source.width, 2 * source.height, source.pk)
        assert street.balance() == (500 - 5 - 12, 0)

    def test_goes_on_while_that_key_drains(self, street: Street) -> None:
        drawn = street.draw("apikley")
        street.keys["apikley"].drain(label="Main, replaced")
        street.add_key("apikley", "New", key="kie-2", replaces=street.keys["apikley"])

        row = street.enlarge(only_image(drawn), "apikley", "grok-upscale")
        street.go()

        assert street.now(row).state == State.SUCCEEDED
        assert street.calls("apikley")[-1].headers["authorization"] == "Bearer kie-1"

    def test_is_never_tried_at_another_account(self, street: Street) -> None:
        street.add_key("apikley", "Second", key="kie-2")
        drawn = street.draw("apikley")
        street.apikley.say("create", Reply(401, {"code": 401, "msg": "You do not have access permissions"}))

        row = street.enlarge(only_image(drawn), "apikley", "grok-upscale")
        street.go()

        assert street.standing(row) == (State.FAILED, Reason.CREDENTIALS)
        assert len(street.calls("apikley")) == 2

    def test_that_has_become_one_for_videos_fails_at_once_and_staff_hear_of_it(self, street: Street) -> None:
        drawn = street.draw("apikley")
        street.apikley.knobs.video_only = True

        row = street.enlarge(only_image(drawn), "apikley", "grok-upscale")
        street.go()

        assert street.standing(row) == (State.FAILED, Reason.REFUSED_INPUT)
        assert street.now(row).vendor_text == "task_id must belong to a video task"
        assert street.alerts() == {"vendor"}
        assert street.balance() == (495, 0)
        assert len(street.calls("apikley")) == 2


class TestACrispUpscale:
    @pytest.mark.parametrize("vendor", ["apikley", "apixo", "apiinone"])
    def test_reads_the_picture_at_its_own_vendors_address(self, street: Street, vendor: str) -> None:
        drawn = street.draw(vendor)

        row = street.enlarge(only_image(drawn), "apikley", "crisp-upscale")
        street.go()

        assert street.bodies("apikley")[-1] == {"model": CRISP, "input": {"image": drawn.result_urls[0]}}
        row = street.now(row)
        assert (row.state, row.vendor_cost) == (State.SUCCEEDED, Decimal("2.5"))
        image, source = only_image(row), only_image(drawn)
        assert (image.format, image.width, image.parent_id) == ("WEBP", 2 * source.width, source.pk)
        assert street.apikley.counts.calls["upload"] == 0

    def test_takes_the_second_of_several_pictures(self, street: Street) -> None:
        drawn = street.draw("apikley", "six lamps")

        row = street.enlarge(drawn.images.get(index=1), "apikley", "crisp-upscale")
        street.go()

        assert street.bodies("apikley")[-1]["input"] == {"image": drawn.result_urls[1]}
        assert street.now(row).state == State.SUCCEEDED

    @pytest.mark.parametrize("shape", ["page", "quickstart"])
    def test_of_an_old_picture_is_uploaded_first(self, street: Street, shape: str) -> None:
        street.apikley.knobs.upload_shape = shape
        drawn = street.draw("apixo")
        street.pass_time(21 * 3600)

        row = street.enlarge(only_image(drawn), "apikley", "crisp-upscale")
        street.go()

        (upload,) = street.calls("apikley", "upload")
        form = upload.form()
        name = form["fileName"][1].decode()
        assert upload.path == "/file-upload/api/file-stream-upload"
        assert upload.headers["authorization"] == "Bearer kie-1"
        assert form["uploadPath"][1] == b"imagine-studio/upscale"
        assert form["file"][1] == street.apixo.file_named(drawn.result_urls[0])
        (sent,) = street.bodies("apikley")
        assert sent["input"]["image"].endswith(f"/imagine-studio/upscale/{name}")
        assert street.now(row).state == State.SUCCEEDED

    def test_reads_it_at_our_own_address_where_there_is_one(self, street: Street) -> None:
        drawn = street.draw("apikley")
        street.pass_time(21 * 3600)
        door = street.open_door()

        row = street.enlarge(only_image(drawn), "apikley", "crisp-upscale")
        street.go()

        address = street.bodies("apikley")[-1]["input"]["image"]
        assert address.startswith(f"{door.url}/sources/")
        assert street.now(row).state == State.SUCCEEDED
        assert street.apikley.counts.calls["upload"] == 0

    def test_whose_upload_the_key_is_refused_for_fails_without_an_order(self, street: Street) -> None:
        drawn = street.draw("apixo")
        street.pass_time(21 * 3600)
        street.apikley.say("upload", Reply(401, {"success": False, "code": 401, "msg": "Invalid API Key"}), times=None)

        row = street.enlarge(only_image(drawn), "apikley", "crisp-upscale")
        street.go()

        assert street.standing(row) == (State.FAILED, Reason.CREDENTIALS)
        assert street.apikley.counts.calls["create"] == 0
        assert street.balance() == (495, 0)

    def test_whose_upload_fails_is_tried_again_because_that_costs_nothing(self, street: Street) -> None:
        drawn = street.draw("apixo")
        street.pass_time(21 * 3600)
        street.apikley.say("upload", Reply(500, {"success": False, "code": 500, "msg": "Upload failed"}), times=2)

        row = street.enlarge(only_image(drawn), "apikley", "crisp-upscale")
        street.go()

        assert street.now(row).state == State.SUCCEEDED
        calls = dict(street.apikley.counts.calls)
        calls.pop("balance", None)  # asked once a night, whatever goes on
        assert calls == {"upload": 3, "create": 1, "look": street.now(row).looks + 1}


class TestALinkThatDied:
    def test_is_replaced_by_a_fresh_one_of_the_vendors(self, street: Street) -> None:
        row = street.draw("apikley", "a lamp gone")

        assert row.state == State.SUCCEEDED
        assert row.fetched_again == 1
        (asked,) = street.bodies("apikley", "link")
        assert set(asked) == {"url"}
        assert asked["url"] not in row.result_urls


class TestACallback:
    """Apikley calls when a task ends; what it says is a hint, and the key's webhook key signs it."""

    def test_brings_the_look_forward(self, street: Street) -> None:
        door = street.open_door()
        street.apikley.knobs.generating_seconds = (0.1, 0.1)
        row = street.draw("apikley")

        sent = street.bodies("apikley")[0]["callBackUrl"]
        assert sent.startswith(f"{door.url}/hooks/apikley/")
        assert [(visit.method, visit.status) for visit in door.visits] == [("POST", 200)]
        # The look a callback asked for comes before the first planned one, 4 seconds after the order.
        assert (row.state, row.looks) == (State.SUCCEEDED, 0)
        assert row.finished_at is not None
        assert row.accepted_at is not None
        assert (row.finished_at - row.accepted_at).total_seconds() < 4

    @pytest.mark.parametrize("shape", ["full", "minimal", "task_id"])
    def test_is_understood_in_every_shape(self, street: Street, shape: str) -> None:
        door = street.open_door()
        street.apikley.knobs.callback_shape = shape
        row = street.draw("apikley")

        assert {visit.status for visit in door.visits} == {200}
        assert CallbackHint.objects.get().task_id == row.vendor_task_id

    @pytest.mark.parametrize(("signs_with", "status"), [("hook-key", 200), ("another", 401), ("", 401)])
    def test_must_be_signed_where_the_key_has_a_webhook_key(
        self, street: Street, signs_with: str, status: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        door = street.open_door()
        street.keys["apikley"].retire(label="old")
        street.add_key("apikley", "Signed", webhook_key="hook-key")
        street.apikley.knobs.callback_key = signs_with
        # The studio's clock runs ahead of the world's here, and a signature is dated by the vendor's own.
        monkeypatch.setattr("tests.simulators.apikley.time.time", street.apikley.clock.now)
        row = street.draw("apikley")

        assert {visit.status for visit in door.visits} == {status}
        assert row.state == State.SUCCEEDED  # by polling, if need be
        assert street.alerts() == (set() if status == 200 else {"callback"})

    def test_that_was_signed_is_not_taken_for_another_task_nor_six_minutes_later(
        self, street: Street, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """F32. Half a character, as the second name has one, is JSON and no text."""
        door = street.open_door()
        street.keys["apikley"].retire(label="old")
        street.add_key("apikley", "Signed", webhook_key="hook-key")
        street.apikley.knobs.callback_key = "hook-key"
        monkeypatch.setattr("tests.simulators.apikley.time.time", street.apikley.clock.now)
        row = street.draw("apikley")
        (visit,) = door.visits
        before = street.now(row).version

        def called(body: bytes) -> int:
            answer = Client().generic("POST", visit.path, body, "application/json", headers=visit.headers)
            return answer.status_code

        others = [called(json.dumps({"data": {"taskId": name}}).encode()) for name in ("another", "\ud800")]
        street.pass_time(360)
        assert (visit.status, others, called(visit.body)) == (200, [401, 401], 401)
        assert street.now(row).version == before
        assert CallbackHint.objects.count() == 1

    def test_brings_home_a_task_whose_answer_was_lost(self, street: Street) -> None:
        """F8, F17: accepted, never heard of, named by the callback, proved by the address in Apikley's memory."""
        street.open_door()
        street.apikley.knobs.hang_seconds = 0.05
        row = street.draw("apikley", "a lamp vanish")

        states = list(row.events.order_by("seq").values_list("to_state", flat=True))
        assert states == ["queued", "submitting", "in_doubt", "running", "fetching", "succeeded"]
        assert street.apikley.counts.creates == {"a lamp vanish": 1}
        assert street.balance() == (495, 0)

    def test_that_names_somebody_elses_task_brings_nothing(self, street: Street) -> None:
        """F29: the right address, another's task; Apikley remembers whose it is."""
        street.open_door()
        other = street.draw("apikley", "not this one")
        other_task = other.vendor_task_id
        Generation.objects.filter(pk=other.pk).update(vendor_task_id="forgotten")
        street.apikley.knobs.hang_seconds = 0.05
        street.apikley.knobs.callback_id = other_task
        (row,) = street.order("apikley", "a lamp vanish")
        street.go(60)

        assert street.now(row).state == State.IN_DOUBT
        assert street.alerts() == {"callback"}

    def test_that_lies_about_the_outcome_changes_nothing(self, street: Street) -> None:
        """F27."""
        street.open_door()
        street.apikley.knobs.callback_claim = "success"
        row = street.draw("apikley", "a lamp fail")

        assert (row.state, row.reason) == (State.FAILED, Reason.VENDOR)
        assert street.balance() == (500, 0)

    @pytest.mark.parametrize("knobs", [{"callback_early": True}, {"callback_times": 50}, {"callback_delay": 3000.0}])
    def test_may_come_early_often_or_late(self, street: Street, knobs: dict[str, Any]) -> None:
        """F25, F26: one picture, one charge, one hint. More than twenty in a second are turned away (S53)."""
        door = street.open_door()
        for name, value in knobs.items():
            setattr(street.apikley.knobs, name, value)
        row = street.draw("apikley")

        assert row.state == State.SUCCEEDED
        assert 200 in {visit.status for visit in door.visits} <= {200, 429}
        sweeping.sweep()  # an early one waited for the answer, and then led nowhere
        assert CallbackHint.objects.count() == 1
        assert CallbackHint.objects.filter(processed_at=None).count() == 0
        assert street.balance() == (495, 0)

    @pytest.mark.parametrize("when", ["at work", "done"])
    @pytest.mark.parametrize("heard", [("success", "fail"), ("fail", "success")])
    @pytest.mark.parametrize(
        ("prompt", "state", "left"), [("a lamp", State.SUCCEEDED, 495), ("a lamp fail", State.FAILED, 500)]
    )
    def test_that_says_another_end_than_the_one_before_changes_nothing(
        self, street: Street, prompt: str, state: str, left: int, heard: tuple[str, str], when: str
    ) -> None:
        """F26: sent in one order, heard in the other, before the end and after it: one end, and the money is right."""
        door = street.open_door()
        street.apikley.knobs.callback = "off"
        (row,) = street.order("apikley", prompt)
        street.go(2 if when == "at work" else 3600)
        row = street.now(row)
        assert (row.state == State.RUNNING) is (when == "at work")

        street.apikley.knobs.callback, street.apikley.knobs.callback_held = "on", True
        task = street.apikley.tasks[row.vendor_task_id]
        for told in reversed(heard):
            data = {"taskId": task.task_id, "state": told}
            street.apikley.call_back(task, {"code": 501 if told == "fail" else 200, "msg": told, "data": data})
        release = threading.Thread(target=street.apikley.release_callbacks)
        release.start()
        assert door.let_in(10)
        assert door.let_in(10)
        release.join()
        assert [json.loads(visit.body)["msg"] for visit in door.visits] == [*heard]
        assert [visit.status for visit in door.visits] == [200, 200]
        street.go()

        row = street.now(row)
        assert row.state == state
        ends = [to for to in row.events.values_list("to_state", flat=True) if to in {State.SUCCEEDED, State.FAILED}]
        assert ends == [state]
        assert row.images.count() == (state == State.SUCCEEDED)
        assert street.balance() == (left, 0)
        assert CallbackHint.objects.filter(processed_at=None).count() == 0

    def test_that_never_comes_is_not_missed(self, street: Street) -> None:
        street.open_door()
        street.apikley.knobs.callback = "off"
        assert street.draw("apikley").state == State.SUCCEEDED
