"""What answers of a vendor do to rows: each is written whatever the others hold, and no accepted order is lost."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from generations import ledger
from generations.models import Alert, Attempt, Credential, Generation, Outcome, Reason, State
from generations.providers.base import Accepted, Busy, Failed, Fault, Progress, Ready, Refused, Working
from generations.services import auditing, sweeping
from generations.services.pumping import verdicts
from generations.services.pumping.claims import Claim, claim
from generations.services.pumping.talk import Looked, Submitted
from generations.services.pumping.verdicts.looks import EMPTY_TRIES
from tests.conftest import Cast
from tests.making import hand_over, make_waiting, without_vendor


def claims_of(cast: Cast) -> list[Claim]:
    return claim(credentials=list(Credential.objects.filter(team=cast.team)), slots=16)


def accepted(one: Claim, task_id: str, cost: Decimal | None = None) -> Submitted:
    return Submitted(one.generation, one.attempt, one.token, Accepted(task_id=task_id, cost=cost))


@pytest.mark.parametrize("cost", ["NaN", "Infinity", "-1", "123456789012", "0.123456789"])
def test_a_cost_that_makes_no_sense_is_left_out(cast: Cast, cost: str) -> None:
    row = hand_over(make_waiting(cast.ben))
    verdicts.apply([Looked(row.pk, Ready(urls=("demo:x",), cost=Decimal(cost)))])

    row.refresh_from_db()
    assert row.state == State.FETCHING
    assert row.vendor_cost in {None, Decimal("0.1235")}


@pytest.mark.parametrize("text", ["half an emoji \ud83d", "a nul \0 in it", "x" * 5000])
def test_words_that_are_no_text_are_kept_as_far_as_they_are(cast: Cast, text: str) -> None:
    row = hand_over(make_waiting(cast.ben))
    verdicts.apply([Looked(row.pk, Failed(fault=Fault.VENDOR, vendor_code=text, vendor_text=text))])

    row.refresh_from_db()
    assert row.state == State.FAILED
    assert row.vendor_text


@pytest.mark.parametrize("text", ["half an emoji \ud83d", "a nul \0 in it"])
def test_words_of_a_finished_task_without_a_picture_end_it_all_the_same(cast: Cast, text: str) -> None:
    """Staff hear them; a database that refuses them must not keep the picture waiting until its deadline."""
    row = hand_over(make_waiting(cast.ben))
    for _ in range(EMPTY_TRIES + 1):
        verdicts.apply([Looked(row.pk, Ready(urls=(), vendor_text=text))])

    row.refresh_from_db()
    assert (row.state, row.reason) == (State.FAILED, Reason.BAD_ANSWER)
    assert "\0" not in Alert.objects.get(kind="vendor").words


def test_one_answer_that_cannot_be_written_does_not_hurt_the_others(cast: Cast) -> None:
    rows = [make_waiting(cast.ben) for _ in range(3)]
    broken = hand_over(rows[0])
    others = [hand_over(row) for row in rows[1:]]
    Generation.objects.filter(pk=broken.pk).update(offer_key="no longer sold")
    done = [Looked(row.pk, Ready(urls=("demo:x",))) for row in others]
    left = verdicts.apply([Looked(broken.pk, Working()), *done])

    assert left == []
    assert Generation.objects.filter(state=State.FETCHING).count() == 2


def test_an_accepted_order_that_cannot_be_written_is_kept_for_later(cast: Cast) -> None:
    make_waiting(cast.ben)
    answer = accepted(claims_of(cast)[0], "t1")
    with without_vendor("demo"):
        left = verdicts.apply([answer])
        assert left == [answer]
        assert Generation.objects.get().state == State.SUBMITTING

    assert verdicts.apply(left) == []
    assert Generation.objects.get().vendor_task_id == "t1"


def test_an_order_accepted_while_in_doubt_runs_on(cast: Cast, pass_time: Callable[[float], None]) -> None:
    """T3b."""
    make_waiting(cast.ben)
    one = claims_of(cast)[0]
    pass_time(61)
    sweeping.sweep()
    assert Attempt.objects.get().outcome == Outcome.UNKNOWN
    verdicts.apply([accepted(one, "t1")])

    row = Generation.objects.get()
    assert (row.state, row.vendor_task_id) == (State.RUNNING, "t1")
    assert Attempt.objects.get().outcome == Outcome.ADOPTED


def test_an_order_accepted_after_the_credits_went_back_is_still_watched(
    cast: Cast, pass_time: Callable[[float], None]
) -> None:
    make_waiting(cast.ben)
    one = claims_of(cast)[0]
    for seconds in (61, 601):
        pass_time(seconds)
        sweeping.sweep()
    assert Generation.objects.get().state == State.LAPSED
    verdicts.apply([accepted(one, "t1")])

    row = Generation.objects.get()
    assert (row.state, row.vendor_task_id) == (State.LAPSED, "t1")
    assert row.accepted_at == row.attempts.get().started_at  # its link has been growing old since then
    verdicts.apply([Looked(row.pk, Ready(urls=("demo:t1",)))])
    assert Generation.objects.get().result_urls == ["demo:t1"]
    assert auditing.audit() == []


def test_an_order_accepted_twice_under_one_name_is_doubted(cast: Cast) -> None:
    """F23."""
    make_waiting(cast.ben, count=2)
    first, second = claims_of(cast)
    verdicts.apply([accepted(first, "same"), accepted(second, "same")])

    states = sorted(Generation.objects.values_list("state", flat=True))
    assert states == [State.IN_DOUBT, State.RUNNING]


def test_a_busy_vendor_leaves_the_row_free_for_any_key(cast: Cast, pass_time: Callable[[float], None]) -> None:
    make_waiting(cast.ben)
    one = claims_of(cast)[0]
    verdicts.apply([Submitted(one.generation, one.attempt, one.token, Busy("later", retry_after=0))])
    row = Generation.objects.get()
    assert (row.state, row.credential) == (State.QUEUED, None)

    pass_time(2)
    spare = Credential.objects.create(team=cast.team, provider="demo", label="Spare")
    Credential.objects.filter(label="Demo").update(state="draining")
    claims_of(cast)
    assert Generation.objects.get().credential == spare


def test_a_refusal_returns_the_credits_once(cast: Cast) -> None:
    make_waiting(cast.ben)
    one = claims_of(cast)[0]
    no = Submitted(one.generation, one.attempt, one.token, Refused("no", fault=Fault.CONTENT_POLICY))
    verdicts.apply([no])
    verdicts.apply([no])

    row = Generation.objects.get()
    assert (row.state, row.reason) == (State.FAILED, Reason.CONTENT_POLICY)
    account = ledger.account_of(cast.ben)
    assert (account.posted, account.held) == (500, 0)
    assert auditing.audit() == []


@pytest.mark.parametrize("answer", [Ready(urls=()), Failed(fault=Fault.VENDOR)])
def test_an_answer_about_a_row_that_ended_changes_nothing(cast: Cast, answer: Progress) -> None:
    row = hand_over(make_waiting(cast.ben))
    verdicts.apply([Looked(row.pk, Failed(fault=Fault.CONTENT_POLICY))])
    verdicts.apply([Looked(row.pk, answer)])

    row.refresh_from_db()
    assert row.reason == Reason.CONTENT_POLICY


class TestOrdersAVendorCannotUse:
    """One is a person's; five of an offer within an hour are ours, and staff hear of it, once."""

    def refused_at_once(self, cast: Cast) -> None:
        make_waiting(cast.ben)
        one = claims_of(cast)[0]
        no = Refused("no", fault=Fault.REFUSED_INPUT, vendor_code="422", vendor_text="bad shape")
        verdicts.apply([Submitted(one.generation, one.attempt, one.token, no)])

    def failed_later(self, cast: Cast, fault: Fault = Fault.REFUSED_INPUT) -> None:
        row = hand_over(make_waiting(cast.ben))
        verdicts.apply([Looked(row.pk, Failed(fault=fault, vendor_code="400"))])

    def told(self) -> list[tuple[str, int]]:
        return list(Alert.objects.filter(kind="refused").values_list("subject", "count"))

    def test_are_told_of_at_the_fifth_however_they_were_refused(self, cast: Cast) -> None:
        for _ in range(2):
            self.refused_at_once(cast)
            self.failed_later(cast)
        assert self.told() == []

        self.refused_at_once(cast)
        assert self.told() == [("demo:painter", 1)]
        assert Alert.objects.get().words == (
            "demo: painter could not use 5 orders within an hour. The last: 422 bad shape"
        )

        self.failed_later(cast)
        assert self.told() == [("demo:painter", 2)]

    def test_are_not_those_of_another_hour_or_another_fault(
        self, cast: Cast, pass_time: Callable[[float], None]
    ) -> None:
        for _ in range(4):
            self.refused_at_once(cast)
            self.failed_later(cast, Fault.CONTENT_POLICY)
        pass_time(3601)
        self.refused_at_once(cast)
        assert self.told() == []

    def test_of_today_are_one_alert_after_it_was_dealt_with(self, cast: Cast) -> None:
        for _ in range(5):
            self.refused_at_once(cast)
        Alert.objects.resolve("refused", subject="demo:painter")
        self.refused_at_once(cast)
        assert self.told() == [("demo:painter", 2)]
