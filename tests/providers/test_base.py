"""What an answer amounts to, for a vendor that has nothing special to say about it."""

import asyncio
import dataclasses
import re
from pathlib import Path

import pytest

from generations import providers
from generations.providers.base import (
    Accepted,
    Account,
    Answer,
    Busy,
    CheckError,
    Fault,
    KeyRefused,
    NotFound,
    Offer,
    Operation,
    Order,
    Progress,
    Provider,
    ProviderError,
    Refused,
    Unknown,
    Unreachable,
    Unsupported,
    Verdict,
    Working,
    checked_task_id,
)

OFFER = Offer(
    key="o",
    label="O",
    operation=Operation.DRAW,
    credits=1,
    usual_seconds=(1, 2),
    result_bytes_max=1,
    limit_group="draw",
    running_max=1,
    hourly_max=1,
)


class Plain(Provider):
    key = "plain"
    label = "Plain"
    offers = (OFFER,)

    async def submit(self, order: Order) -> Accepted:
        return Accepted(task_id=order.prompt)

    async def check(self, task_id: str, offer: Offer) -> Progress:
        if task_id == "lost":
            raise NotFound
        if task_id == "bug":
            raise ZeroDivisionError
        return Working()


class Forgiving(Plain):
    unavailable_is_free = True


def provider(kind: type[Plain] = Plain) -> Plain:
    return kind(account=Account(secret="s3cret", webhook_secret="w3bhook"))


def answered(status: int, body: object = None, retry_after: float | None = None) -> Answer:
    return Answer(status=status, headers={}, body=body, retry_after=retry_after)


class TestTaskIds:
    @pytest.mark.parametrize("value", ["7c1e0f4b9a2d4e6f", "task_grok_1", "a" * 255, "t:1", 12345])
    def test_ordinary_ones_are_taken_as_they_are(self, value: object) -> None:
        assert checked_task_id(value) == str(value)

    @pytest.mark.parametrize(
        "value",
        [
            None,
            "",
            "../x",
            "a\nb",
            "a b",
            "a\tb",
            "x" * 5120,
            "a" * 256,
            "a\\b",
            "a\x00b",
            "a\u202eb",
            True,
            1.5,
            ["a"],
            {},
        ],
    )
    def test_anything_odd_is_unknown_and_not_repeated_in_the_log(self, value: object) -> None:
        """F24"""
        with pytest.raises(Unknown) as trouble:
            checked_task_id(value)
        assert len(trouble.value.detail) < 80


class TestVerdicts:
    @pytest.mark.parametrize("body", [{"code": 200, "data": {}}, {"task": "x"}, [1]])
    def test_an_acceptance_passes(self, body: object) -> None:
        provider().expect_accepted(answered(200, body))

    @pytest.mark.parametrize(
        ("code", "fault"),
        [
            (400, Fault.REFUSED_INPUT),
            (401, Fault.CREDENTIALS),
            (402, Fault.OUT_OF_FUNDS),
            (403, Fault.CREDENTIALS),
            (404, Fault.NOT_FOUND),
            (422, Fault.REFUSED_INPUT),
            (501, Fault.VENDOR),
            (505, Fault.VENDOR),
        ],
    )
    def test_refusals_are_final_in_the_status_and_in_the_body(self, code: int, fault: Fault) -> None:
        for answer in (answered(code), answered(200, {"code": code, "msg": "no"})):
            with pytest.raises(Refused) as refusal:
                provider().expect_accepted(answer)
            assert refusal.value.fault is fault
            assert refusal.value.vendor_code == str(code)

    @pytest.mark.parametrize("code", [429, 455])
    def test_busy_is_busy_and_keeps_the_time_told(self, code: int) -> None:
        for answer in (answered(code, None, 30.0), answered(200, {"code": code}, 30.0)):
            with pytest.raises(Busy) as busy:
                provider().expect_accepted(answer)
            assert busy.value.retry_after == 30.0

    @pytest.mark.parametrize(
        "answer",
        [
            answered(500),
            answered(502, None),
            answered(504),
            answered(503, None, 5.0),
            answered(200, None),
            answered(200, {"code": 999}),
            answered(302),
        ],
    )
    def test_everything_else_is_unknown(self, answer: Answer) -> None:
        with pytest.raises(Unknown):
            provider().expect_accepted(answer)

    def test_a_vendor_that_promises_it_may_be_asked_again_after_a_503(self) -> None:
        with pytest.raises(Busy):
            provider(Forgiving).expect_accepted(answered(503, None, 5.0))
        with pytest.raises(Unknown):
            provider(Forgiving).expect_accepted(answered(503))

    def test_the_code_in_the_body_decides_over_the_status(self) -> None:
        with pytest.raises(Refused):
            provider().expect_accepted(answered(500, {"code": 422}))
        provider().expect_accepted(answered(200, {"code": True}))

    def test_vendor_texts_are_shortened_and_kept_for_staff(self) -> None:
        with pytest.raises(Refused) as refusal:
            provider().expect_accepted(answered(200, {"code": 400, "message": "x" * 9000}))
        assert len(refusal.value.vendor_text) == 500


class TestLooks:
    @pytest.mark.parametrize(
        ("answer", "kind"),
        [
            (answered(401), KeyRefused),
            (answered(403), KeyRefused),
            (answered(402), KeyRefused),
            (answered(404), NotFound),
            (answered(200, {"code": 404}), NotFound),
            (answered(429, None, 3.0), Busy),
            (answered(503, None, 3.0), Unreachable),
            (answered(200, None), Unreachable),
            (answered(500, {"code": 500}), Unreachable),
        ],
    )
    def test_what_cannot_be_read_says_why(self, answer: Answer, kind: type[CheckError]) -> None:
        with pytest.raises(kind) as trouble:
            provider().expect_readable(answer)
        if answer.retry_after is not None:
            assert getattr(trouble.value, "retry_after") == 3.0  # noqa: B009  # two kinds of trouble carry it

    def test_an_empty_account_is_told_apart_from_a_wrong_key(self) -> None:
        with pytest.raises(KeyRefused) as trouble:
            provider().expect_readable(answered(402))
        assert trouble.value.fault is Fault.OUT_OF_FUNDS

    def test_a_readable_answer_passes(self) -> None:
        provider().expect_readable(answered(200, {"code": 200}))

    def test_many_are_asked_at_once_and_one_without_news_harms_nobody(self) -> None:
        found = asyncio.run(provider().check_many([("a", OFFER), ("lost", OFFER), ("b", OFFER)]))
        assert found["a"] == Working() == found["b"]
        assert isinstance(found["lost"], NotFound)

    def test_a_programming_error_is_not_hidden_among_them(self) -> None:
        with pytest.raises(ZeroDivisionError):
            asyncio.run(provider().check_many([("a", OFFER), ("bug", OFFER)]))


def test_what_a_vendor_lacks_is_unsupported() -> None:
    with pytest.raises(Unsupported):
        asyncio.run(provider().balance())
    with pytest.raises(Unsupported):
        asyncio.run(provider().upload(path="x", media_type="image/png"))


def test_keys_do_not_show_in_a_printed_account() -> None:
    assert "s3cret" not in repr(provider().account)
    assert "w3bhook" not in repr(provider().account)


def test_all_refusals_are_of_one_family() -> None:
    assert issubclass(Busy, CheckError)
    assert all(issubclass(kind, ProviderError) for kind in (Refused, Unknown, Unreachable, Unsupported))


def test_offers_and_orders_can_be_kept_in_sets() -> None:
    assert len({OFFER, OFFER, Order(offer=OFFER, prompt="a", choices={"shape": "1:1"})}) == 2


class TestThePageForNewVendors:
    """generations/providers/README.md names everything a vendor declares and fills in."""

    OF_THE_STUDIO = frozenset({"door", "bearer", "address", "aclose"})
    """What a provider is given, or is called by others for."""

    @pytest.fixture
    def named(self) -> set[str]:
        page = re.sub(r"```.*?```", "", Path(providers.__file__).with_name("README.md").read_text(), flags=re.DOTALL)
        return {name for code in re.findall(r"`([^`]+)`", page) for name in re.findall(r"[a-z_]+", code)}

    def test_names_what_is_declared_and_filled_in(self, named: set[str]) -> None:
        known = {name for name in {*vars(Provider), *Provider.__annotations__} if not name.startswith("_")}
        assert known - self.OF_THE_STUDIO <= named

    @pytest.mark.parametrize("kind", [Offer, Verdict])
    def test_names_every_field(self, named: set[str], kind: type[Offer | Verdict]) -> None:
        assert {field.name for field in dataclasses.fields(kind)} <= named
