"""What each vendor's answers to a look lead to, once it has taken an order: a table each, as its documents have it.

A row says what is answered from then on, what becomes of the picture, after how many looks at most, whom the staff hear
of and whether the key rests. What does not end the picture is waited out, and the picture comes when the vendor is
itself again; if it never is, the deadline decides.
"""

from dataclasses import dataclass, replace

import pytest

from generations.models import Generation, Reason, State
from tests.journeys.street import Street
from tests.simulators.standin import GATEWAY, HTML, Reply

LATE = Reason.TIMEOUT
"""It is asked for until the deadline, and then its credits go back: at once, or within a minute if it never answers."""
STORM = 90
"""More looks than this at one task, in a quarter of an hour, would be a storm."""


@dataclass(frozen=True)
class Case:
    says: Reply
    ends: str
    tells: frozenset[str]
    looks_max: int
    lasts: tuple[float, float]
    """How long after the first look it ends, at least and at most."""
    rests: bool = False


def case(
    says: Reply,
    ends: str,
    *tells: str,
    looks_max: int = 1,
    lasts: tuple[float, float] = (0, 30),
    rests: bool = False,
) -> Case:
    return Case(says, ends, frozenset(tells), looks_max, lasts, rests)


def late(says: Reply, *tells: str, looks_max: int = STORM, rests: bool = False) -> Case:
    return case(says, LATE, *tells, looks_max=looks_max, lasts=(590, 960), rests=rests)


def lost(says: Reply) -> Case:
    """Not visible yet for a while; then five tries in five minutes."""
    return case(says, Reason.NOT_FOUND, "vendor", looks_max=50, lasts=(330, 420))


def empty(says: Reply) -> Case:
    """Three more looks in half a minute."""
    return case(says, Reason.BAD_ANSWER, "vendor", looks_max=4, lasts=(28, 34))


def kie(code: int, *, http: int = 0, **data: object) -> Reply:
    return Reply(http or code, {"code": code, "msg": "no", "data": data or None})


def apixo(code: int, **data: object) -> Reply:
    return Reply(code, {"code": code, "message": "no", "data": data or None})


def one(code: int) -> Reply:
    return Reply(code, {"error": {"code": code, "message": "no", "type": "error"}})


def done(**data: object) -> Reply:
    return Reply(200, {"code": 200, "msg": "success", "data": data})


def page(status: int) -> Reply:
    return Reply(status, GATEWAY.body, HTML)


NOTHING = {
    **{f"{status} as a page": late(page(status)) for status in (200, 500, 502, 503, 504)},
    "broken JSON": late(Reply(200, b'{"code": 200, "data": {"state": "succ')),
    "a list": late(Reply(200, [1, 2])),
    "a cut answer": late(Reply(200, {"code": 200}, cut=True)),
    "no answer": late(Reply(vanish=True)),
}
APIKLEY = {
    "501": case(kie(501), Reason.VENDOR),
    "501 hidden": case(kie(501, http=200), Reason.VENDOR),
    "408": case(kie(408, http=200), Reason.VENDOR),
    "400": case(kie(400), Reason.VENDOR, "vendor"),
    "505": case(kie(505, http=200), Reason.VENDOR, "vendor"),
    "failed": case(done(state="fail", failCode="500", failMsg="oops"), Reason.VENDOR),
    "failed for its content": case(done(state="fail", failCode="422", failMsg="safety"), Reason.CONTENT_POLICY),
    "failed for its input": case(done(state="failed", failCode=422, failMsg="too long"), Reason.REFUSED_INPUT),
    "failed for money": case(done(state="fail", failCode="402"), Reason.OUT_OF_FUNDS, "credential", rests=True),
    "404": lost(kie(404)),
    "422": lost(kie(422, http=200)),
    "done without an address": empty(done(state="success", resultJson='{"resultUrls":[]}')),
    "done with nonsense": empty(done(state="success", resultJson="{")),
    "a state nobody knows": late(done(state="pondering")),
    "another task": late(done(state="success", taskId="another", resultJson='{"resultUrls":["https://a.test/b"]}')),
    "401": late(kie(401), "credential", looks_max=25, rests=True),
    "401 hidden": late(kie(401, http=200), "credential", looks_max=25, rests=True),
    "403": late(kie(403), "credential", looks_max=25, rests=True),
    "402": late(kie(402, http=200), "credential", looks_max=25, rests=True),
    "429": late(kie(429, http=200)),
    "455": late(kie(455, http=200)),
    "500": late(kie(500)),
    "502": late(kie(502, http=200)),
    "999": late(kie(999, http=200)),
}
APIXO = {
    "failed": case(done(state="failed", failCode="Unknown error"), Reason.VENDOR),
    "failed for its content": case(done(state="failed", failCode="NSFW"), Reason.CONTENT_POLICY),
    "failed for money": case(
        done(state="failed", failCode="INSUFFICIENT_CREDITS"), Reason.OUT_OF_FUNDS, "credential", rests=True
    ),
    "400": case(apixo(400), Reason.VENDOR, "vendor"),
    "404": lost(apixo(404)),
    "done without an address": empty(done(state="success", resultJson='{"resultUrls":[]}')),
    "a state nobody knows": late(done(state="pondering")),
    "401": late(apixo(401), "credential", looks_max=25, rests=True),
    "403": late(apixo(403), "credential", looks_max=25, rests=True),
    "429": late(apixo(429)),
    "503": late(apixo(503)),
}
APIINONE = {
    "failed": case(done(status="FAILED", error_message="Provider error"), Reason.VENDOR),
    "failed for its content": case(done(status="failed", error="rejected by the safety system"), Reason.CONTENT_POLICY),
    "400": case(one(400), Reason.VENDOR, "vendor"),
    "404": lost(one(404)),
    "done without an address": empty(done(status="completed", output={})),
    "done with our own address": empty(done(status="completed", request={"url": "https://a.test/b.png"})),
    "a state nobody knows": late(done(status="pondering")),
    "401": late(one(401), "credential", looks_max=25, rests=True),
    "403": late(one(403), "credential", looks_max=25, rests=True),
    "429": late(one(429)),
    "500": late(one(500)),
}
TABLES = {"apikley": APIKLEY | NOTHING, "apixo": APIXO | NOTHING, "apiinone": APIINONE | NOTHING}
ALL = [(vendor, name, row) for vendor, table in TABLES.items() for name, row in table.items()]
ROWS = [(pytest.param(vendor, row, id=f"{vendor} {name}"), name, row) for vendor, name, row in ALL]
ENDING = [one for one, _, row in ROWS if row.ends != LATE]
PASSING = [one for one, _, row in ROWS if row.looks_max > 1]
NEVER = [one for one, name, _ in ROWS if name in {"401", "no answer"}]
"""Of those the deadline ends, one of each way there."""


def take(street: Street, vendor: str) -> Generation:
    """An order the vendor has taken; nobody has looked yet."""
    (made,) = street.order(vendor)
    street.go(0)
    made = street.now(made)
    assert made.state == State.RUNNING
    return made


def expect_said(street: Street, vendor: str, row: Case) -> None:
    """What staff hear, what becomes of the key, and that nothing else did."""
    assert street.alerts() == row.tells
    assert len(street.calls(vendor)) == 1
    key = street.keys[vendor]
    key.refresh_from_db()
    assert key.offers_off == {}
    assert bool(key.troubles) == row.rests


@pytest.mark.parametrize(("vendor", "row"), [*ENDING, *NEVER])
def test_an_answer_for_ever_leads_to_what_the_table_says(street: Street, vendor: str, row: Case) -> None:
    made = take(street, vendor)
    first_look = made.next_at
    street.vendors[vendor].say("look", row.says, times=None)
    street.go(row.lasts[1] + 30)

    made = street.now(made)
    assert (made.state, made.reason) == (State.LAPSED if row.ends == LATE else State.FAILED, row.ends)
    assert made.finished_at is not None
    assert row.lasts[0] <= (made.finished_at - first_look).total_seconds() <= row.lasts[1]
    assert len(street.calls(vendor, "look")) <= row.looks_max
    assert street.balance() == (500, 0)
    expect_said(street, vendor, row)


@pytest.mark.parametrize(("vendor", "row"), PASSING)
def test_an_answer_that_passes_does_no_harm(street: Street, vendor: str, row: Case) -> None:
    """Three times over, and then the vendor is itself again: one picture, one charge."""
    made = take(street, vendor)
    street.vendors[vendor].say("look", row.says, times=3)
    street.go()

    assert street.standing(made) == (State.SUCCEEDED, "")
    assert street.balance() == (495, 0)
    assert len(street.calls(vendor, "look")) <= 8
    tells = row.tells if row.ends == LATE else frozenset()
    expect_said(street, vendor, replace(row, tells=tells))


@pytest.mark.parametrize(("vendor", "says"), [("apikley", kie(429)), ("apixo", apixo(429)), ("apiinone", one(429))])
def test_a_vendor_that_says_when_to_look_again_is_heeded(street: Street, vendor: str, says: Reply) -> None:
    made = take(street, vendor)
    told = Reply(says.status, says.body, {"Retry-After": "50"})
    street.vendors[vendor].say("look", told, times=None)
    street.go(480)

    assert street.now(made).state == State.RUNNING
    assert len(street.calls(vendor, "look")) == 10
