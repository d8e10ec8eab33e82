"""The stand-in for Apikley behaves as its documents say the vendor does, and the adapter gets along with it."""

import base64
import io
import json
import time
from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from generations.providers.apikley import CRISP, DRAW, UPSCALE, Apikley
from generations.providers.base import (
    Account,
    Announcement,
    Failed,
    Fault,
    KeyRefused,
    NotFound,
    Offer,
    Order,
    Progress,
    Ready,
    Refused,
    Source,
    Unknown,
    Unreachable,
    Unsupported,
    Working,
)
from generations.providers.http import HttpDoor
from tests.providers.wires import Speaker
from tests.simulators.apikley import FAILURES, ApikleyKnobs, ApikleyStandIn
from tests.simulators.ears import Ear, listening, wait_for
from tests.simulators.raw import closed_port
from tests.simulators.standin import Reply, Request, call, picture, serving

KEY = "kie-1"
BEARER = {"Authorization": f"Bearer {KEY}"}


@pytest.fixture
def vendor() -> Iterator[ApikleyStandIn]:
    stand_in = ApikleyStandIn()
    with serving(stand_in):
        yield stand_in


@pytest.fixture
def ear() -> Iterator[Ear]:
    with listening() as hearing:
        yield hearing


def ask(vendor: ApikleyStandIn, method: str, path: str, body: Any = None, headers: Any = BEARER) -> tuple[int, Any]:
    content = None if body is None else json.dumps(body).encode()
    status, _, told = call(method, f"{vendor.url}{path}", content, headers)
    return status, json.loads(told)


def create(vendor: ApikleyStandIn, prompt: str = "a boat", **more: Any) -> tuple[int, Any]:
    body = {"model": "grok-imagine/text-to-image", "input": {"prompt": prompt, "aspect_ratio": "3:2"}, **more}
    return ask(vendor, "POST", "/api/v1/jobs/createTask", body)


def made(vendor: ApikleyStandIn, prompt: str = "a boat", **more: Any) -> str:
    status, told = create(vendor, prompt, **more)
    assert (status, told["code"], told["msg"]) == (200, 200, "success")
    return str(told["data"]["taskId"])


def look(vendor: ApikleyStandIn, task_id: str) -> Any:
    return ask(vendor, "GET", f"/api/v1/jobs/recordInfo?taskId={task_id}")[1]


def order(offer: Offer = DRAW, *, prompt: str = "a boat", callback_url: str | None = None, **source: str) -> Order:
    choices = {"shape": "3:2"} if offer is DRAW else {}
    named = Source(task_id=source.get("task_id"), url=source.get("url")) if source else None
    return Order(offer=offer, prompt=prompt, choices=choices, source=named, callback_url=callback_url)


APIKLEY = Speaker(Apikley, key=KEY, task="", drawing=order(), door=partial(HttpDoor, create_seconds_max=0.5))
talk = APIKLEY.talk


def ended(vendor: ApikleyStandIn, wanted: Order) -> tuple[str, Progress]:
    async def whole(provider: Apikley) -> tuple[str, Progress]:
        task_id = (await provider.submit(wanted)).task_id
        vendor.pass_time(60)
        return task_id, await provider.check(task_id, wanted.offer)

    return talk(vendor, whole)


def size_of(vendor: ApikleyStandIn, progress: Progress) -> tuple[tuple[int, int], str | None]:
    assert isinstance(progress, Ready)
    status, _, content = call("GET", progress.urls[0])
    assert status == 200
    with Image.open(io.BytesIO(content)) as image:
        return image.size, image.format


class TestKeys:
    def test_must_be_known(self, vendor: ApikleyStandIn) -> None:
        for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {KEY}"}):
            for method, path in (("GET", "/api/v1/chat/credit"), ("POST", "/api/v1/jobs/createTask")):
                status, told = ask(vendor, method, path, {}, headers)
                assert (status, told["code"], told["msg"]) == (401, 401, "You do not have access permissions")

    def test_own_their_tasks(self, vendor: ApikleyStandIn) -> None:
        task_id = made(vendor)
        vendor.pass_time(20)
        other = {"Authorization": "Bearer kie-2"}
        path = f"/api/v1/jobs/recordInfo?taskId={task_id}"
        assert ask(vendor, "GET", path, None, other)[1]["msg"] == "recordInfo is null"
        assert ask(vendor, "GET", path)[1]["data"]["state"] == "success"

    def test_spend_their_balance_to_the_end(self, vendor: ApikleyStandIn) -> None:
        vendor.knobs.balance = 10
        made(vendor, "one")
        made(vendor, "this will fail")  # failed work is not charged
        made(vendor, "two")
        assert ask(vendor, "GET", "/api/v1/chat/credit")[1] == {"code": 200, "msg": "success", "data": 2}
        assert create(vendor)[1] == {"code": 402, "msg": "Credits insufficient", "data": None}
        assert talk(vendor, lambda provider: provider.balance()) == Decimal(2)


class TestValidation:
    @pytest.mark.parametrize(
        ("body", "code"),
        [
            ({}, 404),
            ({"model": "midjourney"}, 404),
            ({"model": "grok-imagine/text-to-image"}, 422),
            ({"model": "grok-imagine/text-to-image", "input": {"prompt": ""}}, 422),
            ({"model": "grok-imagine/text-to-image", "input": {"prompt": "x" * 5001}}, 422),
            ({"model": "grok-imagine/text-to-image", "input": {"prompt": "x", "aspect_ratio": "4:3"}}, 500),
            ({"model": "grok-imagine/text-to-image", "input": {"prompt": "x", "n": 2}}, 422),
            (
                {"model": "grok-imagine/text-to-image", "input": {"prompt": "x"}, "callBackUrl": "http://a.example/"},
                422,
            ),
            ({"model": "grok-imagine/upscale", "input": {}}, 422),
            ({"model": "grok-imagine/upscale", "input": {"task_id": "nobody"}}, 422),
            ({"model": "recraft/crisp-upscale", "input": {}}, 422),
            ({"model": "recraft/crisp-upscale", "input": {"image": "http://a.example/1.png"}}, 422),
        ],
    )
    def test_objects_to_what_it_cannot_do(self, vendor: ApikleyStandIn, body: Any, code: int) -> None:
        for errors, status in (("http", code), ("ok", 200)):
            vendor.knobs.errors = errors
            answered, told = ask(vendor, "POST", "/api/v1/jobs/createTask", body)
            assert (answered, told["code"], told["data"]) == (status, code, None)
        assert vendor.tasks == {}

    def test_may_spell_its_texts_otherwise(self, vendor: ApikleyStandIn) -> None:
        vendor.knobs.text_name = "message"
        assert create(vendor, "")[1]["message"] == "prompt is required"

    def test_enlarges_only_what_was_drawn_for_the_same_key_within_a_day(self, vendor: ApikleyStandIn) -> None:
        task_id = talk(vendor, lambda provider: provider.submit(order())).task_id

        def enlarge(key: str = KEY) -> None:
            talk(vendor, lambda provider: provider.submit(order(UPSCALE, task_id=task_id)), secret=key)

        def expect_refusal(key: str = KEY) -> None:
            with pytest.raises(Refused) as caught:
                enlarge(key)
            assert (caught.value.fault, caught.value.tell) == (Fault.REFUSED_INPUT, True)

        expect_refusal()
        vendor.pass_time(20)
        enlarge()
        expect_refusal("kie-2")
        vendor.knobs.video_only = True
        expect_refusal()
        vendor.knobs.video_only = False
        vendor.pass_time(24 * 3600)
        expect_refusal()


class TestTasks:
    def test_are_seen_after_a_while_and_go_through_their_states(self, vendor: ApikleyStandIn) -> None:
        task_id = made(vendor)
        assert len(task_id) == 32
        assert look(vendor, task_id) == {"code": 422, "msg": "recordInfo is null", "data": None}
        seen = []
        for _ in range(30):
            vendor.pass_time(0.5)
            data = look(vendor, task_id)["data"]
            seen.append(data["state"] if data else None)
        assert list(dict.fromkeys(seen)) == [None, "waiting", "queuing", "generating", "success"]
        assert vendor.counts.looks[task_id] == 31

    def test_tell_all_there_is_to_tell(self, vendor: ApikleyStandIn) -> None:
        hook = f"http://127.0.0.1:{closed_port()}/hooks/apikley/x/"
        task_id = made(vendor, "a boat", callBackUrl=hook)
        vendor.pass_time(60)
        data = look(vendor, task_id)["data"]
        assert isinstance(data["resultJson"], str)
        assert len(json.loads(data["resultJson"])["resultUrls"]) == 1
        assert json.loads(data["param"])["callBackUrl"] == hook
        assert data["creditsConsumed"] == 4
        assert data["completeTime"] - data["createTime"] == data["costTime"]
        memory = talk(vendor, lambda provider: provider.recall(task_id, DRAW))
        assert (memory.callback_url, memory.prompt) == (hook, "a boat")

    def test_are_missed_by_nobody_who_asks_without_an_id(self, vendor: ApikleyStandIn) -> None:
        assert look(vendor, "")["msg"] == "taskId parameter is required"

    def test_are_not_found_too_soon(self, vendor: ApikleyStandIn) -> None:
        task_id = made(vendor)
        with pytest.raises(NotFound):
            talk(vendor, lambda provider: provider.check(task_id, DRAW))

    @pytest.mark.parametrize(("outcome", "told"), FAILURES.items())
    @pytest.mark.parametrize("errors", ["http", "ok"])
    def test_fail_when_asked_to(self, vendor: ApikleyStandIn, outcome: str, told: tuple[str, str], errors: str) -> None:
        vendor.knobs.errors = errors
        _, progress = ended(vendor, order(prompt=f"a boat {outcome}"))
        assert isinstance(progress, Failed)
        assert (progress.vendor_code, progress.vendor_text) == told

    @pytest.mark.parametrize(("word", "count"), [("", 1), ("six", 6), ("twice", 1), ("object", 1), ("dreaming", 1)])
    def test_bring_one_picture_or_six(self, vendor: ApikleyStandIn, word: str, count: int) -> None:
        _, progress = ended(vendor, order(prompt=f"a boat {word}"))
        assert size_of(vendor, progress) == ((1248, 832), "JPEG")
        assert isinstance(progress, Ready)
        assert len(progress.urls) == count

    @pytest.mark.parametrize("word", ["empty", "garbled"])
    def test_can_be_done_without_a_picture(self, vendor: ApikleyStandIn, word: str) -> None:
        assert ended(vendor, order(prompt=word))[1] == Ready(urls=(), cost=Decimal(4))

    @pytest.mark.parametrize("word", ["never", "slow"])
    def test_can_take_their_time(self, vendor: ApikleyStandIn, word: str) -> None:
        assert ended(vendor, order(prompt=word))[1] == Working()

    def test_enlarge_drawings_by_their_id_and_pictures_by_their_address(self, vendor: ApikleyStandIn) -> None:
        task_id, _ = ended(vendor, order())
        assert size_of(vendor, ended(vendor, order(UPSCALE, task_id=task_id))[1]) == ((2496, 1664), "JPEG")
        url = vendor.keep(picture(60, 40, "PNG"), "PNG")
        assert size_of(vendor, ended(vendor, order(CRISP, url=url))[1]) == ((120, 80), "WEBP")

    @pytest.mark.parametrize("content", [b"", b"<svg/>", b"\x89PNG" + bytes(100)])
    def test_fail_for_a_source_that_is_no_picture(self, vendor: ApikleyStandIn, content: bytes) -> None:
        _, progress = ended(vendor, order(CRISP, url=vendor.keep(content, "PNG")))
        assert isinstance(progress, Failed)
        assert progress.fault is Fault.REFUSED_INPUT

    def test_fail_for_a_source_over_ten_megabytes(self, vendor: ApikleyStandIn) -> None:
        url = vendor.keep(picture(60, 40, "PNG") + bytes(10_000_000), "PNG")
        assert isinstance(ended(vendor, order(CRISP, url=url))[1], Failed)

    def test_leave_files_that_are_gone_after_a_day_but_can_be_linked_again(self, vendor: ApikleyStandIn) -> None:
        _, progress = ended(vendor, order())
        assert isinstance(progress, Ready)
        [url] = progress.urls
        assert call("GET", url)[0] == 200
        vendor.pass_time(24 * 3600)
        assert call("GET", url)[0] == 404
        fresh = talk(vendor, lambda provider: provider.fresh_link(url))
        assert call("GET", fresh)[0] == 200
        vendor.pass_time(20 * 60)
        assert call("GET", fresh)[0] == 404
        with pytest.raises(Unsupported):
            talk(vendor, lambda provider: provider.fresh_link("https://a.example/1.png"))


class TestAnswers:
    def test_can_be_lost_while_the_task_is_made(self, vendor: ApikleyStandIn, ear: Ear) -> None:
        with pytest.raises(Unknown):
            talk(vendor, lambda provider: provider.submit(order(prompt="vanish", callback_url=ear.url)))
        assert vendor.counts.creates == {"vanish": 1}
        vendor.pass_time(60)
        wait_for(lambda: bool(ear.heard))
        task_id = ear.heard[0]["data"]["taskId"]
        assert talk(vendor, lambda provider: provider.recall(task_id, DRAW)).callback_url == ear.url

    def test_can_come_from_a_gateway_that_made_nothing(self, vendor: ApikleyStandIn) -> None:
        with pytest.raises(Unknown):
            talk(vendor, lambda provider: provider.submit(order(prompt="gateway")))
        assert vendor.counts.creates == {}

    @pytest.mark.parametrize(
        ("word", "code"), [("crowded", 429), ("capped", 433), ("maintenance", 455), ("disabled", 505), ("strange", 999)]
    )
    def test_can_be_any_code(self, vendor: ApikleyStandIn, word: str, code: int) -> None:
        status, told = create(vendor, f"a {word} boat")
        assert (status, told["code"]) == (code if code < 600 else 200, code)
        vendor.knobs.errors = "ok"
        status, told = create(vendor, f"a {word} boat")
        assert (status, told["code"]) == (200, code)

    def test_turn_away_the_twenty_first_in_ten_seconds(self, vendor: ApikleyStandIn) -> None:
        codes = [create(vendor)[1]["code"] for _ in range(22)]
        assert codes == [200] * 20 + [429] * 2
        assert vendor.counts.turned_away == 2
        assert vendor.counts.creates_window_peak[KEY] == 22

    def test_turn_away_what_is_too_much_at_once_or_in_an_hour(self, vendor: ApikleyStandIn) -> None:
        vendor.knobs.running["grok-imagine/text-to-image"] = 1
        vendor.knobs.hourly["grok-imagine/text-to-image"] = 2
        assert [create(vendor)[1]["code"] for _ in range(2)] == [200, 429]
        vendor.pass_time(60)
        assert [create(vendor)[1]["code"] for _ in range(2)] == [200, 429]
        vendor.pass_time(60)
        assert create(vendor)[1]["code"] == 429
        assert vendor.counts.running_peak[f"{KEY} grok-imagine/text-to-image"] == 1


class TestCallbacks:
    def called(self, vendor: ApikleyStandIn, ear: Ear, prompt: str = "a boat", count: int = 1) -> tuple[str, list[Any]]:
        task_id = made(vendor, prompt, callBackUrl=ear.url)
        assert ear.heard == []
        vendor.pass_time(60)
        wait_for(lambda: len(ear.heard) == count)
        return task_id, ear.heard

    def test_come_at_the_end_in_full(self, vendor: ApikleyStandIn, ear: Ear) -> None:
        task_id, [body] = self.called(vendor, ear)
        assert (body["code"], body["data"]["state"], body["data"]["taskId"]) == (200, "success", task_id)
        assert body["data"]["consumeCredits"] == 4
        assert body["data"]["remainedCredits"] == 996
        assert body["data"]["costTime"] < 100  # seconds here, milliseconds in an answer to a look

    def test_come_for_failures_too(self, vendor: ApikleyStandIn, ear: Ear) -> None:
        _, [body] = self.called(vendor, ear, "unsafe")
        assert (body["code"], body["data"]["state"], body["data"]["failCode"]) == (501, "fail", "422")

    @pytest.mark.parametrize("shape", ["full", "minimal", "task_id"])
    def test_name_their_task_in_every_shape(self, vendor: ApikleyStandIn, ear: Ear, shape: str) -> None:
        vendor.knobs.callback_shape = shape
        task_id, [body] = self.called(vendor, ear)
        provider = Apikley(account=Account(secret=KEY))
        assert provider.read_callback(body, {}, now=0) == Announcement(task_id=task_id)

    def test_come_twice_or_late_or_never_or_early(self, vendor: ApikleyStandIn, ear: Ear) -> None:
        vendor.knobs.callback_times = 2
        _, heard = self.called(vendor, ear, count=2)
        assert heard[0] == heard[1]
        vendor.knobs.callback_times, vendor.knobs.callback_delay = 1, 100.0
        made(vendor, callBackUrl=ear.url)
        vendor.knobs.callback = "off"
        made(vendor, callBackUrl=ear.url)
        vendor.pass_time(60)
        vendor.knobs.callback, vendor.knobs.callback_early = "on", True
        early = made(vendor, callBackUrl=ear.url)
        assert ear.heard[2:][0]["data"]["taskId"] == early
        assert len(ear.heard) == 3
        vendor.pass_time(60)
        wait_for(lambda: len(ear.heard) == 4)

    def test_can_be_kept_and_sent_the_last_first(self, vendor: ApikleyStandIn, ear: Ear) -> None:
        vendor.knobs.callback_held = True
        made_ids = [made(vendor, callBackUrl=ear.url) for _ in range(3)]
        vendor.release_callbacks()
        assert [body["data"]["taskId"] for body in ear.heard] == made_ids[::-1]

    def test_can_lie(self, vendor: ApikleyStandIn, ear: Ear) -> None:
        vendor.knobs.callback_claim, vendor.knobs.callback_id = "success", "0" * 32
        _, [body] = self.called(vendor, ear, "fail")
        assert (body["data"]["state"], body["data"]["taskId"]) == ("success", "0" * 32)

    def test_can_be_signed(self, vendor: ApikleyStandIn) -> None:
        vendor.knobs.callback_key = "hook-key"
        headers = vendor.signed("a-task")
        provider = Apikley(account=Account(secret=KEY, webhook_secret="hook-key"))
        lower = {name.lower(): text for name, text in headers.items()}
        told = provider.read_callback({"data": {"taskId": "a-task"}}, lower, now=time.time())
        assert told == Announcement(task_id="a-task")


class TestUploads:
    def upload(self, vendor: ApikleyStandIn, way: str, **fields: str) -> tuple[int, Any]:
        return ask(vendor, "POST", f"/file-upload/api/file-{way}-upload", fields)

    @pytest.mark.parametrize("shape", ["page", "quickstart"])
    @pytest.mark.parametrize(("kind", "media_type"), [("PNG", "image/png"), ("WEBP", "image/webp")])
    def test_of_the_adapter_are_forms(
        self, vendor: ApikleyStandIn, tmp_path: Path, shape: str, kind: str, media_type: str
    ) -> None:
        vendor.knobs.upload_shape = shape
        (tmp_path / "source").write_bytes(picture(30, 20, kind))
        url = talk(vendor, lambda provider: provider.upload(path=str(tmp_path / "source"), media_type=media_type))
        assert vendor.file_named(url) == picture(30, 20, kind)
        [(_, request)] = vendor.calls
        assert request.path == "/file-upload/api/file-stream-upload"
        assert request.key == KEY
        form = request.form()
        assert form.keys() == {"file", "uploadPath", "fileName"}
        assert form["uploadPath"][1] == b"imagine-studio/upscale"
        assert form["fileName"][1].decode() == form["file"][0] == url.rpartition("/")[2]

    def test_of_the_adapter_go_where_the_environment_says(self, vendor: ApikleyStandIn, tmp_path: Path) -> None:
        (tmp_path / "source").write_bytes(picture(30, 20))
        upload = {"path": str(tmp_path / "source"), "media_type": "image/jpeg"}
        place = f"{vendor.url}/file-upload/"
        assert talk(vendor, lambda provider: provider.upload(**upload), base_url="http://127.0.0.1:9", upload_url=place)
        with pytest.raises(KeyRefused):
            talk(vendor, lambda provider: provider.upload(**upload), secret="wrong")
        for body in (
            {"code": 500, "msg": "Upload failed"},
            {"success": False, "code": 200},
            {"code": 200, "data": {"downloadUrl": "x"}},
        ):
            vendor.say("upload", Reply(200, body))
            with pytest.raises(Unreachable):
                talk(vendor, lambda provider: provider.upload(**upload))

    def test_take_text_and_addresses(self, vendor: ApikleyStandIn) -> None:
        content = picture(30, 20, "PNG")
        plain = base64.b64encode(content).decode()
        for way, fields in (
            ("base64", {"base64Data": plain}),
            ("base64", {"base64Data": f"data:image/png;base64,{plain}"}),
            ("url", {"fileUrl": vendor.keep(content, "PNG")}),
        ):
            status, told = self.upload(vendor, way, uploadPath="a/b", fileName="c.png", **fields)
            assert (status, told["success"], told["data"]["filePath"]) == (200, True, "a/b/c.png")
            assert call("GET", told["data"]["downloadUrl"])[2] == content

    def test_end_after_three_days(self, vendor: ApikleyStandIn) -> None:
        vendor.knobs.upload_shape = "quickstart"
        told = self.upload(vendor, "base64", uploadPath="a", base64Data=base64.b64encode(picture(3, 2)).decode())[1]
        assert {"fileId", "originalName", "fileUrl", "uploadTime", "expiresAt"} <= told["data"].keys()
        vendor.pass_time(3 * 24 * 3600)
        assert call("GET", told["data"]["fileUrl"])[0] == 404

    @pytest.mark.parametrize(
        "fields",
        [
            {"base64Data": "AAAA"},
            {"uploadPath": "/a", "base64Data": "AAAA"},
            {"uploadPath": "a"},
            {"uploadPath": "a", "base64Data": "?"},
            {"uploadPath": "a", "base64Data": "AAAA"},
        ],
    )
    def test_refuse_what_is_incomplete(self, vendor: ApikleyStandIn, fields: dict[str, str]) -> None:
        status, told = self.upload(vendor, "base64", **fields)
        assert (status, told["success"], told["code"]) == (400, False, 400)

    def test_read_forms(self) -> None:
        body = (
            b'--X\r\nContent-Disposition: form-data; name="uploadPath"\r\n\r\na/b\r\n'
            b'--X\r\nContent-Disposition: form-data; name="file"; filename="c.png"\r\n'
            b"Content-Type: image/png\r\n\r\n\x89PNG\r\n\r\nbytes\r\n--X--\r\n"
        )
        request = Request("POST", "/", {}, {"content-type": "multipart/form-data; boundary=X"}, body)
        assert request.form() == {"uploadPath": ("", b"a/b"), "file": ("c.png", b"\x89PNG\r\n\r\nbytes")}


class TestTheControlDesk:
    def test_turns_knobs_and_shows_counters_to_another_process(self, vendor: ApikleyStandIn) -> None:
        status, told = ask(vendor, "POST", "/__control", {"images": 6, "invisible_seconds": 0, "speed": 1000}, {})
        assert (status, told["knobs"]["images"]) == (200, 6)
        task_id = made(vendor)
        wait_for(lambda: look(vendor, task_id)["data"]["state"] == "success")
        assert len(json.loads(look(vendor, task_id)["data"]["resultJson"])["resultUrls"]) == 6
        counts = ask(vendor, "GET", "/__control", None, {})[1]["counts"]
        assert counts["creates"] == {"a boat": 1}
        assert counts["looks_most"] >= 2

    def test_puts_words_into_its_mouth(self, vendor: ApikleyStandIn) -> None:
        said = {"create": {"status": 503, "body": {"code": 503}, "headers": {"Retry-After": "9"}, "working": True}}
        assert ask(vendor, "POST", "/__control", {"say": said}, {})[0] == 200
        assert create(vendor) == (503, {"code": 503})
        assert vendor.counts.creates == {"a boat": 1}
        assert create(vendor)[0] == 200

    def test_lets_time_pass_and_refuses_knobs_it_does_not_have(self, vendor: ApikleyStandIn) -> None:
        task_id = made(vendor)
        ask(vendor, "POST", "/__control", {"pass_time": 60}, {})
        assert look(vendor, task_id)["data"]["state"] == "success"
        assert ask(vendor, "POST", "/__control", {"sped": 60}, {})[0] == 400


class TestKnobs:
    def test_allow_for_no_waiting_at_all(self) -> None:
        knobs = ApikleyKnobs(
            invisible_seconds=0, waiting_seconds=0, queuing_seconds=0, generating_seconds=(0.0, 0.0), wide=False
        )
        with serving(vendor := ApikleyStandIn(knobs)):
            assert look(vendor, made(vendor))["data"]["state"] == "success"
            body = {"model": "grok-imagine/text-to-image", "input": {"prompt": "x", "aspect_ratio": "16:9"}}
            assert ask(vendor, "POST", "/api/v1/jobs/createTask", body)[1]["code"] == 500
