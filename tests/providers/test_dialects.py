"""What the family's answers have in common, read from whatever a vendor may send."""

from decimal import Decimal

import pytest

from generations.providers import dialects
from generations.providers.base import Fault, Forged

SECRET = "hook-key-for-tests-01"
TASK = "7c1e0f4b9a2d4e6f8b3c5d7e9f102132"
MOMENT = 1772530214
SIGNED = "toHatiYS5DMkIxFisOFDlo+tHbcKygsKzsrBR+Pmj6E="


class TestEnvelopes:
    @pytest.mark.parametrize("body", [None, [], "x", 7, {}, {"data": None}, {"data": []}, {"data": "x"}])
    def test_without_data_hold_nothing(self, body: object) -> None:
        assert dialects.data_of(body) == {}
        assert dialects.task_id_in(body) == ""

    @pytest.mark.parametrize(("body", "code"), [({"code": 501}, 501), ({"code": True}, None), ({"code": "501"}, None)])
    def test_have_a_code_only_where_it_is_a_number(self, body: object, code: int | None) -> None:
        assert dialects.said_code(body) == code

    def test_of_anything_else_have_none(self) -> None:
        assert dialects.said_code(None) is None
        assert dialects.said_code([{"code": 200}]) is None

    @pytest.mark.parametrize(
        "body",
        [
            {"data": {"taskId": "a", "task_id": "b"}, "taskId": "c", "task_id": "d"},
            {"data": {"taskId": None, "task_id": "a"}, "taskId": "c"},
            {"data": {"taskId": 7}, "taskId": "a", "task_id": "d"},
            {"data": None, "taskId": "", "task_id": "a"},
        ],
    )
    def test_name_their_task_in_one_of_four_places(self, body: object) -> None:
        assert dialects.task_id_in(body) == "a"


class TestResults:
    @pytest.mark.parametrize(
        "held",
        [
            '{"resultUrls": ["https://a.example/1", "https://a.example/2", "https://a.example/1"]}',
            {"resultUrls": ["https://a.example/1", None, 7, "", "ftp://a.example/x", "a b", "https://a.example/2"]},
        ],
    )
    def test_are_each_address_once_in_order(self, held: object) -> None:
        assert dialects.result_urls(held) == ("https://a.example/1", "https://a.example/2")

    def test_may_be_one_address_alone(self) -> None:
        assert dialects.result_urls('{"resultUrls": "https://a.example/1"}') == ("https://a.example/1",)

    def test_are_twelve_at_most(self) -> None:
        assert len(dialects.result_urls({"resultUrls": [f"https://a.example/{n}" for n in range(30)]})) == 12

    @pytest.mark.parametrize("held", [None, "", "{", "[]", "null", 7, [], {}, {"resultUrls": {}}, "[" * 90_000])
    def test_are_none_where_nothing_can_be_read(self, held: object) -> None:
        assert dialects.result_urls(held) == ()


class TestAmounts:
    @pytest.mark.parametrize(("value", "amount"), [(1208, "1208"), (812.5, "812.5"), ("3.10", "3.10"), (0, "0")])
    def test_are_numbers_however_they_are_written(self, value: object, amount: str) -> None:
        assert dialects.number(value) == Decimal(amount)

    @pytest.mark.parametrize("value", [None, True, "much", "", [], {}, float("nan"), float("inf"), "1e999999", 10**20])
    def test_that_cannot_be_are_none(self, value: object) -> None:
        assert dialects.number(value) is None


class TestTexts:
    @pytest.mark.parametrize(
        ("value", "words"), [(" a ", "a"), (501, "501"), (None, ""), (True, ""), ([], ""), ("x" * 900, "x" * 500)]
    )
    def test_are_short_and_plain(self, value: object, words: str) -> None:
        assert dialects.text(value) == words


class TestFaults:
    @pytest.mark.parametrize(
        ("code", "words", "fault"),
        [
            ("422", "Your prompt was rejected by the safety system", Fault.CONTENT_POLICY),
            ("SENSITIVE_WORD_ERROR", "", Fault.CONTENT_POLICY),
            ("500", "Content is NSFW", Fault.CONTENT_POLICY),
            ("x", "flagged by Moderation", Fault.CONTENT_POLICY),
            ("x", "against our policy", Fault.CONTENT_POLICY),
            ("x", "This violates the rules", Fault.CONTENT_POLICY),
            ("x", "prohibited", Fault.CONTENT_POLICY),
            ("401", "the key has expired", Fault.CREDENTIALS),
            ("402", "", Fault.OUT_OF_FUNDS),
            ("433", "", Fault.OUT_OF_FUNDS),
            ("400", "", Fault.REFUSED_INPUT),
            ("422", "", Fault.REFUSED_INPUT),
            ("500", "The image is too large", Fault.REFUSED_INPUT),
            ("500", "Unsupported image format", Fault.REFUSED_INPUT),
            ("UNSUPPORTED_FORMAT", "", Fault.REFUSED_INPUT),
            ("500", "image_format is not one of ours", Fault.REFUSED_INPUT),
            ("IMAGE_TOO_LARGE", "", Fault.REFUSED_INPUT),
            ("URL_EXPIRED", "", Fault.REFUSED_INPUT),
            ("IMAGE_NOT_FOUND", "", Fault.REFUSED_INPUT),
            ("x", "the address has expired", Fault.REFUSED_INPUT),
            ("404", "image not found", Fault.REFUSED_INPUT),
            ("500", "no further information", Fault.VENDOR),
            ("429", "", Fault.BUSY),
            ("455", "", Fault.BUSY),
            ("408", "timeout", Fault.VENDOR),
            ("501", "internal error", Fault.VENDOR),
            ("", "try again later", Fault.VENDOR),
            ("", "", Fault.VENDOR),
        ],
    )
    def test_follow_from_code_and_words(self, code: str, words: str, fault: Fault) -> None:
        assert dialects.fault_in(code, words) is fault


class TestSignatures:
    def test_are_made_as_published(self) -> None:
        assert dialects.signature(SECRET, TASK, str(MOMENT)) == SIGNED

    def headers(self, **other: str) -> dict[str, str]:
        told = {"timestamp": str(MOMENT), "signature": SIGNED, **other}
        return {f"x-webhook-{name}": value for name, value in told.items()}

    @pytest.mark.parametrize("apart", [-300, 0, 300])
    def test_hold_for_five_minutes_either_way(self, apart: int) -> None:
        dialects.expect_signed(SECRET, TASK, self.headers(), now=MOMENT + apart)

    @pytest.mark.parametrize("apart", [-301, 301, 10**9])
    def test_do_not_hold_longer(self, apart: int) -> None:
        with pytest.raises(Forged):
            dialects.expect_signed(SECRET, TASK, self.headers(), now=MOMENT + apart)

    @pytest.mark.parametrize(
        "other",
        [
            {"signature": ""},
            {"signature": SIGNED[:-1]},
            {"signature": "AAAA" + SIGNED[4:]},
            {"signature": "ünprïntable"},
            {"signature": "\udcff"},
            {"timestamp": ""},
            {"timestamp": "-1"},
            {"timestamp": f"{MOMENT}.0"},
            {"timestamp": "١٧٧٢٥٣٠٢١٤"},
            {"timestamp": "9" * 5000},
            {"timestamp": str(MOMENT + 1)},
        ],
    )
    def test_that_are_odd_are_forged(self, other: dict[str, str]) -> None:
        with pytest.raises(Forged):
            dialects.expect_signed(SECRET, TASK, self.headers(**other), now=MOMENT)

    def test_prove_one_task_and_one_key_only(self) -> None:
        for secret, task_id in ((SECRET, "another"), ("another", TASK), (SECRET, ""), (SECRET, "\ud800")):
            with pytest.raises(Forged):
                dialects.expect_signed(secret, task_id, self.headers(), now=MOMENT)
        with pytest.raises(Forged):
            dialects.expect_signed(SECRET, TASK, {}, now=MOMENT)
