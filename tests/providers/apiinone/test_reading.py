"""Every way API in One might answer, read the same."""

import json
from decimal import Decimal
from typing import Any

import pytest

from generations.providers.apiinone.reading import (
    ECHO_KEYS,
    FAILURE,
    FAILURE_KEYS,
    RESULT_KEYS,
    RUNNING,
    SUCCESS,
    addresses_in,
    cost_in,
    echo_in,
    failure_text_in,
    is_envelope,
    key_names,
    moment_in,
    node_of,
    number_in,
    state_in,
    task_id_in,
)

FIRST, SECOND = "https://cdn.vendor-files.example/n31/0.jpg", "https://cdn.vendor-files.example/n31/1.jpg"
OURS = "https://studio.example.org/must-not-be-taken.png"
PROMPT = "A fox reading a newspaper on a tram, watercolor"
REJECTED = "The prompt was rejected by the safety system"


def enveloped(**data: object) -> dict[str, object]:
    return {"code": 200, "message": "success", "data": data}


P3_ITEM = {"id": "a1", "image_url": FIRST, "status": "complete", "fail_message": None}
PROFILES: dict[str, dict[str, Any]] = {
    "P1": {
        "running": enveloped(task_id="n31", status="IN_PROGRESS", created_at="2026-03-03T09:31:40Z"),
        "success": enveloped(task_id="n31", status="completed", output={"image_urls": [FIRST]}, credits_consumed=5),
        "failure": enveloped(task_id="n31", status="failed", error=REJECTED),
    },
    "P2": {
        "running": enveloped(task_id="n31", status="PENDING", request={"prompt": PROMPT, "url": OURS}, response=None),
        "success": enveloped(
            task_id="n31",
            status="SUCCESS",
            request={"prompt": PROMPT, "url": OURS},
            response=[FIRST],
            error_message=None,
        ),
        "failure": enveloped(task_id="n31", status="FAILED", request={}, response=None, error_message=REJECTED),
    },
    "P3": {
        "running": enveloped(type="RUNNING", request_body={"input_urls": [OURS]}, response_data=None),
        "success": enveloped(type="SUCCESS", request_body={"input_urls": [OURS]}, response_data=[P3_ITEM]),
        "failure": enveloped(type="FAILED", response_data=[], fail_message=REJECTED),
    },
    "P4": {
        "running": enveloped(taskId="n31", state="generating"),
        "success": enveloped(taskId="n31", state="success", resultJson=json.dumps({"resultUrls": [FIRST]})),
        "failure": enveloped(taskId="n31", state="fail", failCode="500", failMsg=REJECTED),
    },
    "P5": {
        "running": {"id": "n31", "status": "pending", "model": "grok-imagine/text-to-image"},
        "success": {"id": "n31", "status": "completed", "output": {"url": FIRST}},
        "failure": {"id": "n31", "status": "failed", "error": {"message": REJECTED}},
    },
}


def addresses(node: dict[str, object]) -> tuple[str, ...]:
    return addresses_in(node, wanted=lambda address: address.startswith("https://"))


class TestProfiles:
    @pytest.mark.parametrize("profile", PROFILES)
    def test_are_all_understood(self, profile: str) -> None:
        answers = PROFILES[profile]
        assert state_in(answers["running"]) in RUNNING
        assert state_in(answers["success"]) in SUCCESS
        assert state_in(answers["failure"]) in FAILURE
        assert addresses_in(node_of(answers["success"]), wanted=lambda _: True) == (FIRST,)
        assert addresses_in(node_of(answers["running"]), wanted=lambda _: True) == ()
        assert failure_text_in(node_of(answers["failure"])) == REJECTED
        assert {number_in(200, answer) for answer in answers.values()} == {200}


class TestStates:
    @pytest.mark.parametrize("word", sorted(RUNNING | SUCCESS | FAILURE))
    def test_are_the_same_in_any_spelling(self, word: str) -> None:
        for spelled in (word.upper(), word.title(), word.replace("_", "-"), f" {word.replace('_', ' ')} "):
            assert state_in(enveloped(status=spelled)) == word

    @pytest.mark.parametrize(
        ("body", "word"),
        [
            ({"data": {"status": "a", "state": "b", "type": "done"}, "status": "c"}, "a"),
            ({"data": {"status": "", "state": "b", "type": "done"}}, "b"),
            ({"data": {"status": 7, "state": None, "type": "done"}, "status": "c"}, "done"),
            ({"data": {"type": "image"}, "status": "c"}, "c"),
            ({"data": {"type": "image"}}, ""),
            ({"data": [], "status": "c"}, "c"),
            ([], ""),
        ],
    )
    def test_are_looked_for_in_order(self, body: object, word: str) -> None:
        assert state_in(body) == word


class TestAddresses:
    @pytest.mark.parametrize("key", RESULT_KEYS)
    @pytest.mark.parametrize(
        "held",
        [FIRST, [FIRST, FIRST], {"a": [{"b": {"c": f" {FIRST} "}}]}, json.dumps({"x": FIRST}), json.dumps(FIRST)],
    )
    def test_are_found_under_every_key_at_any_depth(self, key: str, held: object) -> None:
        assert addresses({key: held}) == (FIRST,)

    def test_keep_the_order_of_the_keys_and_of_the_answer(self) -> None:
        node: dict[str, object] = {"url": "https://z.example/", "images": [SECOND, FIRST], "result_urls": [FIRST]}
        assert addresses(node) == (FIRST, SECOND, "https://z.example/")

    def test_are_at_most_twelve(self) -> None:
        assert len(addresses({"images": [f"https://a.example/{number}" for number in range(40)]})) == 12

    @pytest.mark.parametrize("echo", [*ECHO_KEYS, "callBackUrl", "inputUrls", "requestBody", "Input"])
    def test_are_never_our_own(self, echo: str) -> None:
        assert addresses({"output": {echo: {"deep": [OURS]}, "url": FIRST}, echo: OURS}) == (FIRST,)
        assert addresses({"output": json.dumps({echo: [OURS]})}) == ()

    def test_are_not_below_keys_nobody_named(self) -> None:
        assert addresses({"artwork": FIRST, "model": FIRST}) == ()

    @pytest.mark.parametrize("preview", ["thumb", "thumbnail", "thumbnail_url", "previewUrl"])
    def test_of_previews_count_only_where_there_are_no_others(self, preview: str) -> None:
        assert addresses({"output": {preview: SECOND, "url": FIRST}}) == (FIRST,)
        assert addresses({"output": {preview: [SECOND], "width": 64}}) == (SECOND,)
        assert addresses({"output": {preview: FIRST, "url": FIRST}}) == (FIRST,)

    @pytest.mark.parametrize("text", ["http://a.example/", "see https://a.example/", "https://a b", "https://", "", 7])
    def test_are_whole_texts(self, text: object) -> None:
        assert addresses({"url": text}) == ()

    def test_in_json_within_json_are_left_alone(self) -> None:
        assert addresses({"result": json.dumps({"again": json.dumps([FIRST])})}) == ()

    def test_are_looked_for_without_ever_breaking(self) -> None:
        deep: object = FIRST
        for _ in range(5000):
            deep = [deep]
        assert addresses({"result": deep}) == (FIRST,)
        assert addresses({"result": "[" * 100_000, "output": "{", "response": None}) == ()


class TestErrors:
    @pytest.mark.parametrize(
        ("status", "body", "number"),
        [
            (400, {"error": {"code": 402, "message": "no"}}, 402),
            (400, {"error": {"code": "invalid", "message": "no"}, "code": 500}, 400),
            (400, {"error": {"message": "no"}, "code": 500}, 500),
            (200, {"code": 402, "message": "no"}, 402),
            (402, {"code": 200, "message": "success"}, 402),
            (200, {"code": "402"}, 200),
            (200, {"code": True}, 200),
            (502, None, 502),
            (404, [], 404),
        ],
    )
    def test_have_a_number(self, status: int, body: object, number: int) -> None:
        assert number_in(status, body) == number

    def test_of_the_vendor_come_in_an_envelope(self) -> None:
        assert is_envelope({"error": {}})
        assert is_envelope({"code": 500})
        assert not is_envelope({"error": "Bad gateway"})
        assert not is_envelope(None)


class TestFacts:
    @pytest.mark.parametrize("key", FAILURE_KEYS)
    def test_a_failure_speaks_in_many_places(self, key: str) -> None:
        assert failure_text_in({key: "why"}) == "why"
        assert failure_text_in({key: {"message": "why"}}) == "why"
        assert failure_text_in({key: "x" * 2000}) == "x" * 500
        assert failure_text_in({key: 7}) == ""

    @pytest.mark.parametrize(
        ("node", "cost"),
        [
            ({"credits_consumed": 5, "cost": 7}, Decimal(5)),
            ({"consumed_credits": 4.5}, Decimal("4.5")),
            ({"credits": "5", "cost": 0}, Decimal(0)),
            ({"credits": True}, None),
            ({"credits": float("nan"), "cost": 3}, Decimal(3)),
            ({}, None),
        ],
    )
    def test_a_cost_is_a_number(self, node: dict[str, object], cost: Decimal | None) -> None:
        assert cost_in(node) == cost

    def test_a_task_is_named_by_the_first_that_names_one(self) -> None:
        assert task_id_in({"data": {"task_id": None, "taskId": "", "id": "c"}, "task_id": "d"}) == "c"
        assert task_id_in({"data": None, "task_id": "d", "id": "e"}) == "d"
        assert task_id_in({"data": {}}) is None
        assert task_id_in("text") is None

    def test_an_echo_is_found_wherever_it_is_repeated(self) -> None:
        assert echo_in({"request": {"prompt": PROMPT}}, "prompt") == PROMPT
        assert echo_in({"param": json.dumps({"callBackUrl": OURS})}, "callback_url", "callBackUrl") == OURS
        assert echo_in({"input": ["prompt"], "prompt": 7}, "prompt") is None

    @pytest.mark.parametrize(
        ("text", "moment"),
        [
            ("2026-03-03T09:31:40Z", 1772530300.0),
            ("2026-03-03T09:31:40", 1772530300.0),
            ("2026-03-03T11:31:40+02:00", 1772530300.0),
            ("soon", None),
            (1772530300, None),
            ("0001-01-01T00:00:00+23:59", None),
            ("9999-12-31T23:59:59-23:59", None),
        ],
    )
    def test_a_moment_without_a_zone_is_taken_for_utc(self, text: object, moment: float | None) -> None:
        assert moment_in({"created_at": text}) == moment

    def test_names_of_keys_tell_nothing_else(self) -> None:
        assert key_names({"a": "secret", "b": {"c": "secret"}, "d\n": [{"e": 1}]}) == "a, b, b.c, d?"
        assert key_names("secret") == "none, it is str"
        assert len(key_names({str(number): {} for number in range(1000)})) < 200
