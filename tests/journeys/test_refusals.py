"""What each vendor's refusals of an order lead to: one table a vendor, as its documents have it.

Each row says what is answered, what becomes of the picture, and what else: whether the key rests, or the offer is off
on it, and another one takes over, whom the staff hear of, and how often and when the order is tried again.
"""

from dataclasses import dataclass
from itertools import pairwise

import pytest

from generations.models import Attempt, Credential, Outcome, Reason, State
from tests.journeys.street import Street
from tests.simulators.raw import trap
from tests.simulators.standin import GATEWAY, HTML, Reply

PAGE = GATEWAY.body
DOUBT = "doubt"


@dataclass(frozen=True)
class Again:
    """How often an order is tried again: after these waits, and then after the last of them until so long is over."""

    waits: tuple[float, ...]
    until: float = 0.0

    def is_kept(self, waited: list[float], lasted: float) -> bool:
        if self.until:
            expected = [*self.waits, *[self.waits[-1]] * (len(waited) - len(self.waits))]
            in_time = 0 <= lasted - self.until <= 1.2 * self.waits[-1]
        else:
            expected, in_time = [*self.waits], len(waited) == len(self.waits)
        return in_time and all(
            0.8 * most <= wait <= 1.2 * most + 1 for wait, most in zip(waited, expected, strict=False)
        )


@dataclass(frozen=True)
class Case:
    """``ends`` is the reason of the failure, or DOUBT; ``tells`` are the kinds of what staff hear."""

    says: Reply
    ends: str
    tells: frozenset[str]
    rests: float = 0.0
    is_off: bool = False
    again: Again | None = None


def case(
    says: Reply, ends: str, *tells: str, rests: float = 0.0, is_off: bool = False, again: Again | None = None
) -> Case:
    return Case(says, ends, frozenset(tells), rests, is_off, again)


def kie(code: int, words: str = "no", *, http: int = 0, **data: str) -> Reply:
    return Reply(http or code, {"code": code, "msg": words, "data": data or None})


def apixo(code: int, words: str = "no", **data: str) -> Reply:
    return Reply(code, {"code": code, "message": words, "data": data or None})


def one(code: int, words: str = "no", kind: str = "error") -> Reply:
    return Reply(code, {"error": {"code": code, "message": words, "type": kind}})


def page(status: int) -> Reply:
    return Reply(status, PAGE, HTML)


TWICE_MORE = Again((2, 4))
BUSY = Again((2, 4, 8, 16, 32, 60), until=600)
MAINTENANCE = Again((30, 60, 120, 240, 300), until=1800)
UNAVAILABLE = Again((30, 60, 120, 240, 300), until=900)

APIKLEY = {
    "400": case(kie(400), Reason.REFUSED_INPUT),
    "400 hidden": case(kie(400, http=200), Reason.REFUSED_INPUT),
    "422": case(kie(422, "prompt is required"), Reason.REFUSED_INPUT),
    "422 hidden": case(kie(422, http=200), Reason.REFUSED_INPUT),
    "422 about the content": case(kie(422, "It violates the policy"), Reason.CONTENT_POLICY),
    "401": case(kie(401), Reason.CREDENTIALS, "credential", rests=600),
    "401 hidden": case(kie(401, http=200), Reason.CREDENTIALS, "credential", rests=600),
    "403": case(kie(403), Reason.CREDENTIALS, "credential", rests=600),
    "403 as a page": case(page(403), Reason.CREDENTIALS, "credential", rests=600),
    "402": case(kie(402), Reason.OUT_OF_FUNDS, "credential", rests=600),
    "402 hidden": case(kie(402, http=200), Reason.OUT_OF_FUNDS, "credential", rests=600),
    "404": case(kie(404), Reason.NOT_SOLD, "vendor"),
    "404 as a page": case(page(404), Reason.NOT_SOLD, "vendor"),
    "429": case(kie(429), Reason.BUSY, "vendor", again=BUSY),
    "429 hidden": case(kie(429, http=200), Reason.BUSY, "vendor", again=BUSY),
    "433": case(kie(433, http=200), Reason.OUT_OF_FUNDS, "credential", "vendor", rests=3600),
    "455": case(kie(455, http=200), Reason.BUSY, "vendor", again=MAINTENANCE),
    "500": case(kie(500), Reason.VENDOR, "vendor", again=TWICE_MORE),
    "500 hidden": case(kie(500, http=200), Reason.VENDOR, "vendor", again=TWICE_MORE),
    "501": case(kie(501), Reason.VENDOR),
    "501 hidden": case(kie(501, http=200), Reason.VENDOR),
    "505": case(kie(505), Reason.VENDOR, "offer", is_off=True),
    "505 hidden": case(kie(505, http=200), Reason.VENDOR, "offer", is_off=True),
    "505 as a page": case(page(505), Reason.VENDOR, "vendor"),
    "999": case(kie(999, http=200), DOUBT, "vendor"),
    "200 without a task": case(kie(200), DOUBT, "vendor"),
    "500 with a task": case(kie(500, taskId="t-1"), DOUBT, "vendor"),
}
APIXO = {
    "400": case(apixo(400, "The parameter {{prompt}} is too long."), Reason.REFUSED_INPUT),
    "400 without money": case(apixo(400, "Insufficient credits"), Reason.OUT_OF_FUNDS, "credential", rests=600),
    "400 of its content": case(apixo(400, "Rejected", failCode="SensitiveContent"), Reason.CONTENT_POLICY),
    "400 of its source": case(apixo(400, "Rejected", failCode="IMAGE_DOWNLOAD_FAILED"), Reason.REFUSED_INPUT, "vendor"),
    "401": case(apixo(401), Reason.CREDENTIALS, "credential", rests=600),
    "402": case(apixo(402), Reason.OUT_OF_FUNDS, "credential", rests=600),
    "403 of its content": case(apixo(403, "It violates the policy"), Reason.CONTENT_POLICY),
    "403": case(apixo(403, "Access denied"), Reason.VENDOR, "offer", is_off=True),
    "403 as a page": case(page(403), Reason.VENDOR, "vendor"),
    "404": case(apixo(404), Reason.NOT_SOLD, "offer", is_off=True),
    "404 as a page": case(page(404), Reason.NOT_SOLD, "vendor"),
    "429": case(apixo(429), Reason.BUSY, "vendor", again=BUSY),
    "500": case(apixo(500), Reason.VENDOR, "vendor", again=TWICE_MORE),
    "502": case(apixo(502), Reason.VENDOR, "vendor", again=TWICE_MORE),
    "504": case(apixo(504), Reason.VENDOR, "vendor", again=TWICE_MORE),
    "503": case(apixo(503), Reason.BUSY, "vendor", again=UNAVAILABLE),
    "999": case(apixo(999), DOUBT, "vendor"),
    "200 without a task": case(apixo(200), DOUBT, "vendor"),
}
APIINONE = {
    "400": case(one(400, "Invalid parameters"), Reason.REFUSED_INPUT),
    "400 of its content": case(one(400, "It violates the policy"), Reason.CONTENT_POLICY),
    "400 without money": case(one(400, "Insufficient credits"), Reason.OUT_OF_FUNDS, "credential", rests=600),
    "401": case(one(401), Reason.CREDENTIALS, "credential", rests=600),
    "402": case(one(402), Reason.OUT_OF_FUNDS, "credential", rests=600),
    "402 flat": case(kie(402), Reason.OUT_OF_FUNDS, "credential", rests=600),
    "402 flat and hidden": case(kie(402, http=200), Reason.OUT_OF_FUNDS, "credential", rests=600),
    "403": case(one(403, "Access denied"), Reason.CREDENTIALS, "credential", rests=600),
    "403 of its content": case(one(403, "It violates the policy"), Reason.CONTENT_POLICY),
    "403 without money": case(one(403, "No credits left"), Reason.OUT_OF_FUNDS, "credential", rests=600),
    "403 as a page": case(page(403), DOUBT, "vendor"),
    "404": case(one(404), Reason.NOT_SOLD, "vendor"),
    "404 as a page": case(page(404), DOUBT, "vendor"),
    "422": case(one(422), Reason.REFUSED_INPUT),
    "429": case(one(429), Reason.BUSY, "vendor", again=BUSY),
    "455": case(one(455), Reason.BUSY, "vendor", again=UNAVAILABLE),
    "503": case(one(503), Reason.BUSY, "vendor", again=UNAVAILABLE),
    "500": case(one(500), Reason.VENDOR, "vendor", again=TWICE_MORE),
    "302": case(Reply(302, PAGE, {**HTML, "Location": "https://example.org/"}), Reason.VENDOR, "vendor"),
    "200 without a task": case(Reply(200, {"code": 200, "data": {}}), DOUBT, "vendor"),
}
GATEWAYS = {
    **{f"{status} as a page": case(page(status), DOUBT, "vendor") for status in (200, 500, 502, 503, 504)},
    "broken JSON": case(Reply(200, b'{"code": 200, "data": {"taskId": "x'), DOUBT, "vendor"),
    "a list": case(Reply(200, [1, 2]), DOUBT, "vendor"),
    "a cut answer": case(Reply(200, {"code": 200}, cut=True), DOUBT, "vendor"),
    "no answer": case(Reply(vanish=True), DOUBT, "vendor"),
}
APIXO_GATEWAYS = GATEWAYS | {"503 as a page": case(page(503), Reason.BUSY, "vendor", again=UNAVAILABLE)}
TABLES = {"apikley": APIKLEY | GATEWAYS, "apixo": APIXO | APIXO_GATEWAYS, "apiinone": APIINONE | GATEWAYS}
ALL = [(vendor, name, row) for vendor, table in TABLES.items() for name, row in table.items()]
ROWS = [pytest.param(vendor, row, id=f"{vendor} {name}") for vendor, name, row in ALL]
AT_ONCE = [
    pytest.param(vendor, row, id=f"{vendor} {name}")
    for vendor, name, row in ALL
    if row.ends != DOUBT and row.again is None
]


def waits_of(attempts: list[Attempt]) -> list[float]:
    """Seconds from the end of each try to the start of the next."""
    return [
        (after.started_at - before.ended_at).total_seconds()
        for before, after in pairwise(attempts)
        if before.ended_at is not None
    ]


def expect_resting(key: Credential, seconds: float) -> None:
    key.refresh_from_db()
    assert bool(key.troubles) == bool(seconds)
    if seconds:
        assert key.paused_until is not None
        assert key.last_error_at is not None
        assert (key.paused_until - key.last_error_at).total_seconds() == pytest.approx(seconds)


@pytest.mark.parametrize(("vendor", "row"), ROWS)
def test_a_refusal_leads_to_what_the_table_says(street: Street, vendor: str, row: Case) -> None:
    street.vendors[vendor].say("create", row.says, times=None)
    (made,) = street.order(vendor)
    street.go(300 if row.ends == DOUBT else 3600)

    if row.ends == DOUBT:
        assert street.standing(made) == (State.IN_DOUBT, "")
        assert street.balance() == (500, 5)
        street.go(400)
        assert street.standing(made) == (State.LAPSED, Reason.SUBMISSION_UNKNOWN)
    else:
        assert street.standing(made) == (State.FAILED, row.ends)
    assert street.balance() == (500, 0)
    assert street.alerts() == row.tells
    street.keys[vendor].refresh_from_db()
    assert bool(street.keys[vendor].offers_off) == row.is_off
    expect_resting(street.keys[vendor], row.rests)

    attempts = list(made.attempts.order_by("number"))
    assert len(street.calls(vendor)) == len(attempts)
    lasted = (attempts[-1].started_at - attempts[0].started_at).total_seconds()
    again = row.again or Again(())
    assert again.is_kept(waits_of(attempts), lasted), (waits_of(attempts), lasted)


@pytest.mark.parametrize(("vendor", "row"), AT_ONCE)
def test_only_the_refusal_of_a_key_is_another_keys_chance(street: Street, vendor: str, row: Case) -> None:
    second = street.add_key(vendor, "Second")
    street.vendors[vendor].say("create", row.says)
    made = street.draw(vendor)

    keys = list(made.attempts.order_by("number").values_list("credential", flat=True))
    if row.rests or row.is_off:
        assert (made.state, street.balance()) == (State.SUCCEEDED, (495, 0))
        assert keys == [street.keys[vendor].pk, second.pk]
    else:
        assert (made.state, made.reason) == (State.FAILED, row.ends)
        assert keys == [street.keys[vendor].pk]


def test_an_address_that_leads_inside_is_sent_no_order(street: Street) -> None:
    """S38: a superuser's address was public when it was saved. Every try is judged anew, and nothing leaves."""
    with trap() as inside:
        typed = f"https://localhost:{inside.port}"
        Credential.objects.filter(pk=street.keys["apikley"].pk).update(base_url=typed)
        row = street.draw("apikley")
        assert not inside.was_called()

    tries = Attempt.objects.filter(generation=row)
    assert (row.state, row.reason) == (State.FAILED, Reason.UNREACHABLE)
    assert set(tries.values_list("outcome", "detail")) == {
        (Outcome.NOT_SENT, "The vendor's address does not lead to the open internet.")
    }
    assert street.balance()[1] == 0
