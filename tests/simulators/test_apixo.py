"""The stand-in for APIXO behaves as its documents say the vendor does."""

import io
import json
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from PIL import Image

from tests.simulators.apixo import FAIL_CODES, PENDING_SECONDS, ApixoKnobs, ApixoStandIn
from tests.simulators.ears import Ear, listening, wait_for
from tests.simulators.standin import call, picture, serving

KEY = {"Authorization": "Bearer apx_1"}
DRAWING = {"mode": "text-to-image", "prompt": "a boat", "aspect_ratio": "3:2"}


@pytest.fixture
def vendor() -> Iterator[ApixoStandIn]:
    stand_in = ApixoStandIn(ApixoKnobs(sides={"2k": 64, "4k": 128, "8k": 256}))
    with serving(stand_in):
        yield stand_in


@pytest.fixture
def ear() -> Iterator[Ear]:
    with listening() as hearing:
        yield hearing


def ask(vendor: ApixoStandIn, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
    content = None if body is None else json.dumps(body).encode()
    status, _, told = call(method, f"{vendor.url}/api/v1{path}", content, headers or KEY)
    return status, json.loads(told)


def made(vendor: ApixoStandIn, model: str = "grok-image", **wrapper: Any) -> str:
    body = {"request_type": "async", "input": DRAWING, **wrapper}
    status, told = ask(vendor, "POST", f"/generateTask/{model}", body)
    assert (status, told["code"], told["message"]) == (200, 200, "success")
    return str(told["data"]["taskId"])


def look(vendor: ApixoStandIn, task_id: str, model: str = "grok-image") -> Any:
    return ask(vendor, "GET", f"/statusTask/{model}?taskId={task_id}")[1]["data"]


def enlarging(vendor: ApixoStandIn, **wishes: Any) -> dict[str, Any]:
    return {"image_urls": [vendor.keep(picture(60, 40), "JPEG")], **wishes}


class TestValidation:
    @pytest.mark.parametrize(
        ("given", "message"),
        [
            (None, "The required parameter {{input}} is missing."),
            ({"mode": "text-to-image"}, "Invalid mode type. Supported: image-to-image"),
            ({}, "The required parameter {{image_urls}} is missing."),
            ({"image_urls": "https://a.example/"}, "The parameter {{image_urls}} must be Array type."),
            ({"image_urls": []}, "The parameter {{image_urls}} must contain exactly 1 image."),
            ({"image_urls": [1]}, "The parameter {{image_urls}} Array elements must be String type."),
            ({"image_urls": [""]}, "The parameter {{image_urls}} cannot contain empty string."),
            (
                {"image_urls": ["https://a.example/"], "resolution": "16k"},
                "The parameter {{resolution}} must be either '2k', '4k' or '8k'.",
            ),
            (
                {"image_urls": ["https://a.example/"], "output_format": "gif"},
                "The parameter {{output_format}} must be either 'jpg', 'png' or 'webp'.",
            ),
        ],
    )
    def test_uses_the_documents_words(self, vendor: ApixoStandIn, given: Any, message: str) -> None:
        body = {"request_type": "async"} if given is None else {"request_type": "async", "input": given}
        told = ask(vendor, "POST", "/generateTask/image-upscaler", body)
        assert told == (400, {"code": 400, "message": message, "data": None})
        assert vendor.tasks == {}

    def test_wants_a_key_a_model_and_a_place_to_call(self, vendor: ApixoStandIn) -> None:
        body = {"request_type": "callback", "input": DRAWING}
        assert ask(vendor, "POST", "/generateTask/grok-image", body, Authorization="Bearer wrong")[0] == 401
        assert ask(vendor, "GET", "/apikeys/current-balance", Authorization="Basic x")[0] == 401
        assert ask(vendor, "POST", "/generateTask/midjourney", body)[0] == 404
        for url in ("", "http://studio.example.org/hook/"):
            assert ask(vendor, "POST", "/generateTask/grok-image", {**body, "callback_url": url})[0] == 400


class TestTasks:
    def test_wait_work_and_end(self, vendor: ApixoStandIn) -> None:
        task_id = made(vendor)
        assert len(task_id) == 32
        assert look(vendor, task_id)["state"] == "pending"
        vendor.pass_time(PENDING_SECONDS)
        assert look(vendor, task_id)["state"] == "processing"
        vendor.pass_time(6)
        ended = look(vendor, task_id)
        assert ended["state"] == "success"
        assert json.loads(ended["resultJson"])["resultUrls"]
        assert vendor.counts.looks[task_id] == 3

    def test_are_known_to_their_model_and_key_only(self, vendor: ApixoStandIn) -> None:
        task_id = made(vendor)
        for model, key in (("image-upscaler", "Bearer apx_1"), ("grok-image", "Bearer apx_2")):
            path = f"/statusTask/{model}?taskId={task_id}"
            assert ask(vendor, "GET", path, Authorization=key) == (
                404, {"code": 404, "message": "Task not found", "data": None},
            )  # fmt: skip

    @pytest.mark.parametrize("code", FAIL_CODES)
    def test_fail_as_wished(self, vendor: ApixoStandIn, code: str) -> None:
        task_id = made(vendor, input={**DRAWING, "prompt": f"a boat, {code.replace(' ', '_')}"})
        vendor.pass_time(10)
        assert look(vendor, task_id)["failCode"] == code

    @pytest.mark.parametrize(
        ("content", "media_type", "code"),
        [
            (None, "", "IMAGE_DOWNLOAD_FAILED"),
            (b"<html>", "text/html", "ImageFormatIncorrect"),
            (picture(8, 8), "text/html", "ImageFormatIncorrect"),
            (b"\0" * 10_000_001, "image/png", "IMAGE_TOO_LARGE"),
        ],
    )
    def test_really_fetch_their_source(
        self, vendor: ApixoStandIn, content: bytes | None, media_type: str, code: str
    ) -> None:
        url = f"{vendor.url}/files/none" if content is None else vendor.keep(content, media_type)
        task_id = made(vendor, "image-upscaler", input={"image_urls": [url]})
        vendor.pass_time(30)
        assert look(vendor, task_id, "image-upscaler")["failCode"] == code

    def test_do_not_fetch_plain_http_from_elsewhere(self, vendor: ApixoStandIn) -> None:
        task_id = made(vendor, "image-upscaler", input={"image_urls": ["http://192.0.2.1/a.png"]})
        vendor.pass_time(30)
        assert look(vendor, task_id, "image-upscaler")["failCode"] == "IMAGE_DOWNLOAD_FAILED"

    def test_leave_results_that_grow_with_the_tier_and_end(self, vendor: ApixoStandIn) -> None:
        widths = {}
        for tier in ("2k", "4k", "8k"):
            task_id = made(vendor, "image-upscaler", input=enlarging(vendor, resolution=tier.upper()))
            vendor.pass_time(30)
            [url] = json.loads(look(vendor, task_id, "image-upscaler")["resultJson"])["resultUrls"]
            status, headers, content = call("GET", url)
            assert (status, headers["content-type"]) == (200, "image/jpeg")
            with Image.open(io.BytesIO(content)) as image:
                widths[tier] = image.width
        assert widths == {"2k": 64, "4k": 128, "8k": 256}
        vendor.pass_time(vendor.knobs.result_seconds + 60)
        assert call("GET", url)[0] == 404


class TestAccounts:
    def test_pay_for_every_order(self, vendor: ApixoStandIn) -> None:
        for _ in range(3):
            made(vendor)
        assert ask(vendor, "GET", "/apikeys/current-balance")[1]["data"] == 74.84

    def test_have_only_so_many_places(self, vendor: ApixoStandIn) -> None:
        for _ in range(5):
            made(vendor)
        body = {"request_type": "async", "input": DRAWING}
        vendor.knobs.retry_after = "7"
        assert ask(vendor, "POST", "/generateTask/grok-image", body)[0] == 429
        assert vendor.counts.turned_away == 1
        vendor.pass_time(10)
        made(vendor)


def called(vendor: ApixoStandIn, times: int) -> bool:
    return vendor.counts.callbacks.total() == times


class TestCallbacks:
    def test_come_with_the_status_and_again_until_they_are_heard(self, vendor: ApixoStandIn, ear: Ear) -> None:
        ear.says = [500, 404, 200]
        task_id = made(vendor, request_type="callback", callback_url=ear.url, input={**DRAWING, "prompt": "unsafe"})
        for number, seconds in enumerate((10, 30, 120, 600), start=1):
            vendor.pass_time(seconds)
            wait_for(partial(called, vendor, min(number, 3)))
        assert [body["data"]["taskId"] for body in ear.heard] == [task_id] * 3
        assert ear.heard[0]["code"] == 200
        assert ear.heard[0]["data"] == look(vendor, task_id)

    def test_can_come_twice_early_or_not_at_all(self, vendor: ApixoStandIn, ear: Ear) -> None:
        vendor.knobs.callback_times, vendor.knobs.callback_early = 2, True
        made(vendor, request_type="callback", callback_url=ear.url)
        assert len(ear.heard) == 2
        vendor.knobs.callback = "off"
        made(vendor, request_type="callback", callback_url=ear.url)
        assert len(ear.heard) == 2

    def test_are_for_those_who_asked_for_them(self, vendor: ApixoStandIn, ear: Ear) -> None:
        vendor.knobs.callback_early = True
        made(vendor, request_type="async", callback_url=ear.url)
        assert ear.heard == []
