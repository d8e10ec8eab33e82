"""The stand-in for API in One behaves as its documents, and what was guessed about it, say the vendor does."""

import json
from collections.abc import Iterator
from http.client import RemoteDisconnected
from typing import Any

import pytest

from tests.simulators.apiinone import ApiInOneStandIn
from tests.simulators.ears import listening, wait_for
from tests.simulators.standin import call, serving

KEY = {"Authorization": "Bearer aio_1"}


@pytest.fixture
def vendor() -> Iterator[ApiInOneStandIn]:
    stand_in = ApiInOneStandIn()
    with serving(stand_in):
        yield stand_in


def create(vendor: ApiInOneStandIn, body: Any, **headers: str) -> tuple[int, Any]:
    url = f"{vendor.url}/api/v1/images/generations"
    status, _, told = call("POST", url, json.dumps(body).encode(), headers or KEY)
    return status, json.loads(told)


def made(vendor: ApiInOneStandIn, **body: str) -> str:
    status, told = create(vendor, body)
    assert (status, told["code"], told["data"]["status"]) == (200, 200, "IN_PROGRESS")
    return str(told["data"]["task_id"])


def look(vendor: ApiInOneStandIn, task_id: str, **headers: str) -> tuple[int, Any]:
    status, _, told = call("GET", f"{vendor.url}/api/v1/tasks/{task_id}", headers=headers or KEY)
    return status, json.loads(told)


class TestCreating:
    @pytest.mark.parametrize("model", ["grok-imagine", "grok-imagine/text-to-image", None])
    def test_takes_either_name_of_the_model_or_none(self, vendor: ApiInOneStandIn, model: str | None) -> None:
        task_id = made(vendor, prompt="a fox", **({} if model is None else {"model": model}))
        assert (task_id[:3], task_id[-5:]) == ("n31", "_grok")
        assert vendor.left("aio_1") == 995

    def test_answers_in_the_older_form_too(self, vendor: ApiInOneStandIn) -> None:
        vendor.knobs.form = "B"
        status, told = create(vendor, {"prompt": "a fox"})
        assert (status, told["status"]) == (200, "pending")
        assert told["id"] in vendor.tasks

    def test_knows_its_keys(self, vendor: ApiInOneStandIn) -> None:
        told = {"error": {"code": 401, "message": "Invalid API key", "type": "authentication_error"}}
        for key in ("Bearer sk_1", "Bearer aio_wrong", "Basic aio_1"):
            assert create(vendor, {"prompt": "a fox"}, Authorization=key) == (401, told)
            assert look(vendor, "studio-connection-test", Authorization=key) == (401, told)
        assert look(vendor, "studio-connection-test")[0] == 404

    @pytest.mark.parametrize(
        "body",
        [
            [],
            {},
            {"prompt": ""},
            {"prompt": "x" * 5001},
            {"prompt": "a fox", "aspect_ratio": "16:9"},
            {"prompt": "a fox", "model": "dall-e"},
            {"prompt": "a fox", "input": {}},
            {"prompt": "a fox", "callback_url": "http://studio.example.org/"},
            {"model": "grok-imagine/upscale"},
            {"model": "grok-imagine/upscale", "task_id": "n31_nobody_grok"},
        ],
    )
    def test_refuses_what_is_not_documented(self, vendor: ApiInOneStandIn, body: Any) -> None:
        status, told = create(vendor, body)
        assert (status, told["error"]["code"], told["error"]["type"]) == (400, 400, "invalid_request")
        assert vendor.tasks == {}

    def test_enlarges_finished_pictures_of_the_same_account(self, vendor: ApiInOneStandIn) -> None:
        running, failed = made(vendor, prompt="a fox"), made(vendor, prompt="fail")
        upscale = {"model": "grok-imagine/upscale"}
        assert create(vendor, {**upscale, "task_id": running})[0] == 400
        vendor.pass_time(10)
        assert create(vendor, {**upscale, "task_id": failed})[0] == 400
        assert create(vendor, {**upscale, "task_id": running}, Authorization="Bearer aio_2")[0] == 400
        made(vendor, task_id=running, **upscale)

    def test_takes_five_at_once_and_ten_in_ten_seconds(self, vendor: ApiInOneStandIn) -> None:
        for _ in range(5):
            made(vendor, prompt="a fox")
        told = {"error": {"code": 429, "message": "Rate limit exceeded", "type": "rate_limit"}}
        assert create(vendor, {"prompt": "a fox"}) == (429, told)
        vendor.knobs.running_max = 50
        for _ in range(4):
            made(vendor, prompt="a fox")
        assert create(vendor, {"prompt": "a fox"}) == (429, told)
        assert vendor.counts.turned_away == 2

    def test_gives_back_what_a_failure_cost(self, vendor: ApiInOneStandIn) -> None:
        vendor.knobs.balance = 5
        made(vendor, prompt="fail")
        assert create(vendor, {"prompt": "a fox"})[0] == 402
        vendor.pass_time(10)
        made(vendor, prompt="a fox")

    def test_can_be_told_what_to_answer_by_a_word(self, vendor: ApiInOneStandIn) -> None:
        for word, status in (("internal", 500), ("maintenance", 455), ("unavailable", 503), ("forbidden", 403)):
            assert create(vendor, {"prompt": f"a fox, {word}"})[0] == status
        with pytest.raises(RemoteDisconnected):
            create(vendor, {"prompt": "vanish"})
        assert vendor.counts.creates == {"vanish": 1}
        url, body = f"{vendor.url}/api/v1/images/generations", b'{"prompt": "gateway"}'
        status, headers, content = call("POST", url, body, KEY)
        assert (status, headers["content-type"]) == (502, "text/html")
        assert content.startswith(b"<html>")


class TestLooking:
    def test_shows_how_a_task_gets_on(self, vendor: ApiInOneStandIn) -> None:
        task_id = made(vendor, prompt="a fox")
        assert look(vendor, task_id)[1]["data"]["status"] == "IN_PROGRESS"
        vendor.pass_time(10)
        data = look(vendor, task_id)[1]["data"]
        assert (data["status"], data["credits_consumed"]) == ("completed", 5)
        [url] = data["output"]["image_urls"]
        assert call("GET", url)[0] == 200
        vendor.pass_time(vendor.knobs.result_seconds)
        assert call("GET", url)[0] == 404
        assert look(vendor, task_id)[0] == 404

    def test_can_be_stuck_or_empty_handed(self, vendor: ApiInOneStandIn) -> None:
        stuck, empty = made(vendor, prompt="never"), made(vendor, prompt="empty")
        vendor.pass_time(3600)
        assert look(vendor, stuck)[1]["data"]["status"] == "IN_PROGRESS"
        assert look(vendor, empty)[1]["data"]["output"] == {"image_urls": []}

    def test_may_be_what_moves_a_task(self, vendor: ApiInOneStandIn) -> None:
        vendor.knobs.lazy = True
        task_id = made(vendor, prompt="a fox")
        vendor.pass_time(3600)
        states = [look(vendor, task_id)[1]["data"]["status"] for _ in range(2)]
        assert states == ["IN_PROGRESS", "completed"]

    def test_may_find_nothing_yet(self, vendor: ApiInOneStandIn) -> None:
        vendor.knobs.invisible_seconds = 30
        task_id = made(vendor, prompt="a fox")
        assert look(vendor, task_id)[1] == {"error": {"code": 404, "message": "Task not found", "type": "not_found"}}
        vendor.pass_time(30)
        assert look(vendor, task_id)[0] == 200


class TestCallingBack:
    def test_names_the_task_in_an_odd_place(self, vendor: ApiInOneStandIn) -> None:
        with listening() as ear:
            vendor.knobs.callback_times = 2
            task_id = made(vendor, prompt="a fox", callback_url=ear.url)
            vendor.pass_time(10)
            wait_for(lambda: vendor.counts.callbacks["200"] == 2)
            assert [said["taskId"] for said in ear.heard] == [task_id] * 2
            vendor.knobs.callback = "off"
            made(vendor, prompt="a fox", callback_url=ear.url)
            assert not vendor.waiting
