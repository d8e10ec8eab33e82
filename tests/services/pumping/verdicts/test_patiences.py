"""How long an order that was not taken is tried again, part by part: the waits, their end, and what does not count.

What each vendor's answers ask for is in `tests/journeys/test_refusals.py`; here is what is made of it.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from generations.models import Alert, Attempt, Credential, Generation, Health, Outcome, Reason, State, clock
from generations.providers.base import Accepted, Busy, Fault, NotSent, Patience, Refused, SubmitError, Working
from generations.services import auditing
from generations.services.pumping import verdicts
from generations.services.pumping.claims import Claim, claim
from generations.services.pumping.talk import GivenBack, Looked, Submitted
from generations.services.pumping.verdicts import looks
from tests.conftest import Cast
from tests.making import hand_over, make_waiting

NOT_SENT = (5.0, 10.0, 20.0)
"""The waits where a vendor cannot even be reached."""
LONG = Patience(seconds_max=None)


class Desk:
    """Hands one picture over, again and again, and says how long it is to wait each time."""

    def __init__(self, cast: Cast, pass_time: Callable[[float], None]) -> None:
        self.pass_time = pass_time
        self.row = make_waiting(cast.ben)
        self.key = Credential.objects.get(team=cast.team)

    def claims(self) -> list[Claim]:
        return claim(credentials=[self.now_key()], slots=16)

    def now(self) -> Generation:
        return Generation.objects.get(pk=self.row.pk)

    def now_key(self) -> Credential:
        return Credential.objects.get(pk=self.key.pk)

    def answer(self, said: Accepted | SubmitError) -> float:
        """One try with this answer, as soon as it may be made; says how long the next one waits, 0 after the end."""
        self.pass_time(max(0.0, (self.now().next_at - clock.now()).total_seconds()) + 0.001)
        (one,) = self.claims()
        verdicts.apply([Submitted(one.generation, one.attempt, one.token, said)])
        row = self.now()
        return (row.next_at - clock.now()).total_seconds() if row.state == State.QUEUED else 0.0


@pytest.fixture
def desk(cast: Cast, pass_time: Callable[[float], None]) -> Iterator[Desk]:
    yield Desk(cast, pass_time)
    assert auditing.audit() == []


def is_about(wait: float, nominal: float) -> bool:
    """As long as was meant, give or take a fifth and the time the test itself took."""
    return 0.8 * nominal - 1.0 <= wait <= 1.2 * nominal


class TestTheWaits:
    def test_double_up_to_the_longest(self, desk: Desk) -> None:
        waits = [desk.answer(Busy("later", patience=LONG)) for _ in range(8)]

        meant = (2, 4, 8, 16, 32, 60, 60, 60)
        assert all(is_about(*pair) for pair in zip(waits, meant, strict=True)), waits

    def test_begin_where_the_verdict_says(self, desk: Desk) -> None:
        patience = Patience(first_seconds=30, longest_seconds=100, seconds_max=None)
        waits = [desk.answer(Busy("maintenance", patience=patience)) for _ in range(4)]

        assert all(is_about(*pair) for pair in zip(waits, (30, 60, 100, 100), strict=True)), waits

    def test_are_others_where_the_vendor_cannot_be_reached(self, desk: Desk) -> None:
        waits = [desk.answer(NotSent("refused")) for _ in NOT_SENT]

        assert all(is_about(*pair) for pair in zip(waits, NOT_SENT, strict=True)), waits

    @pytest.mark.parametrize(("asked", "waits"), [(30, 30), (0, 1), (7200, 7200)])
    def test_are_the_vendors_own_where_it_names_one(self, desk: Desk, asked: float, waits: float) -> None:
        """To the second and however often; it asks for none at all and gets one second."""
        found = [desk.answer(Busy("later", retry_after=asked, patience=LONG)) for _ in range(3)]

        assert all(waits - 1.0 <= wait <= waits for wait in found), found

    def test_are_the_keys_too_where_it_is_the_vendor_that_is_busy(self, desk: Desk) -> None:
        wait = desk.answer(Busy("later", patience=LONG))
        key = desk.now_key()

        assert key.paused_until is not None
        assert (key.paused_until - clock.now()).total_seconds() == pytest.approx(wait, abs=1)
        assert (key.health(clock.now()), key.troubles) == (Health.OPEN, 0), "it is not to blame"

    def test_are_not_the_keys_where_it_is_this_order(self, desk: Desk) -> None:
        desk.answer(Busy("oops", fault=Fault.VENDOR, patience=LONG))

        assert desk.now_key().health(clock.now()) is Health.CLOSED


class TestTheEnd:
    def test_comes_after_so_many_tries(self, desk: Desk) -> None:
        patience = Patience(tries_max=3, seconds_max=None)
        waits = [desk.answer(Busy("oops", fault=Fault.VENDOR, patience=patience)) for _ in range(3)]

        assert [bool(wait) for wait in waits] == [True, True, False]
        assert (desk.now().state, desk.now().reason) == (State.FAILED, Reason.VENDOR)

    def test_comes_after_three_more_where_the_vendor_cannot_be_reached(self, desk: Desk) -> None:
        for _ in range(4):
            assert desk.now().state == State.QUEUED
            desk.answer(NotSent("refused"))

        assert (desk.now().state, desk.now().reason) == (State.FAILED, Reason.UNREACHABLE)
        assert set(Alert.objects.values_list("kind", flat=True)) == {"vendor"}

    def test_comes_after_so_many_seconds_of_being_turned_away(self, desk: Desk) -> None:
        patience = Patience(first_seconds=10, longest_seconds=10, seconds_max=60)
        waited = 0.0
        while wait := desk.answer(Busy("later", patience=patience)):
            waited += wait

        assert 60 - 1.2 * 10 <= waited <= 60 + 1.2 * 10 + 7
        assert (desk.now().state, desk.now().reason) == (State.FAILED, Reason.BUSY)

    def test_counts_the_pause_the_vendor_asked_for(self, desk: Desk) -> None:
        patience = Patience(seconds_max=600)
        waits = [desk.answer(Busy("later", retry_after=300, patience=patience)) for _ in range(3)]

        assert [round(wait, -1) for wait in waits] == [300, 300, 0]


class TestWhatDoesNotCount:
    def test_is_an_answer_of_another_kind_in_between(self, desk: Desk) -> None:
        """Each trouble begins anew: neither its waits nor its tries go on from the last time."""
        patience = Patience(tries_max=3, seconds_max=None)
        oops = Busy("oops", fault=Fault.VENDOR, patience=patience)
        waits = [desk.answer(said) for said in (oops, oops, NotSent("refused"), oops, oops)]

        assert all(is_about(*pair) for pair in zip(waits, (2, 4, 5, 2, 4), strict=True)), waits
        assert desk.answer(oops) == 0.0

    def test_is_another_reason_to_be_busy(self, desk: Desk) -> None:
        waits = [desk.answer(Busy(words, patience=LONG)) for words in ("full", "full", "maintenance")]

        assert all(is_about(*pair) for pair in zip(waits, (2, 4, 2), strict=True)), waits

    def test_is_what_a_pump_gave_back(self, desk: Desk) -> None:
        """It was not turned away: it goes out again at once, and the row of refusals goes on behind it."""
        said: list[SubmitError] = [Busy("full", patience=LONG), Busy("full", patience=LONG), GivenBack()]
        waits = [desk.answer(one) for one in [*said, Busy("full", patience=LONG)]]

        assert is_about(waits[1], 4)
        assert waits[2] <= 0
        assert is_about(waits[3], 8)

    def test_is_the_time_in_line(self, desk: Desk) -> None:
        """Between two refusals no more than the pause counts, however long there was no place."""
        patience = Patience(first_seconds=10, longest_seconds=10, seconds_max=60)
        for _ in range(3):
            desk.pass_time(3600)
            assert desk.answer(Busy("later", patience=patience))

        assert desk.now().state == State.QUEUED


class TestOneIncident:
    """All that was on its way to a key when its vendor refused it."""

    @pytest.fixture
    def crowd(self, cast: Cast) -> list[Claim]:
        make_waiting(cast.ben, count=4)
        return claim(credentials=list(Credential.objects.filter(team=cast.team)), slots=16)

    def say(self, claims: list[Claim], error: Callable[[], SubmitError]) -> None:
        for one in claims:
            verdicts.apply([Submitted(one.generation, one.attempt, one.token, error())])

    def test_makes_a_key_rest_once(self, cast: Cast, crowd: list[Claim]) -> None:
        self.say(crowd, lambda: Refused("no", fault=Fault.CREDENTIALS))

        key = Credential.objects.get(team=cast.team)
        assert key.troubles == 1
        assert key.paused_until is not None
        assert 590 <= (key.paused_until - clock.now()).total_seconds() <= 600
        assert Alert.objects.filter(kind="credential").count() == 1

    def test_is_for_each_picture_its_first_try(self, crowd: list[Claim]) -> None:
        self.say(crowd, lambda: Busy("later", patience=LONG))

        waits = [(row.next_at - clock.now()).total_seconds() for row in Generation.objects.all()]
        assert len(waits) == 4
        assert all(is_about(wait, 2) for wait in waits), waits

    def test_again_after_the_rest_makes_a_longer_one_and_success_ends_it(
        self, cast: Cast, pass_time: Callable[[float], None]
    ) -> None:
        rests = []
        for _ in range(5):
            make_waiting(cast.ben)
            (one,) = claim(credentials=list(Credential.objects.filter(team=cast.team)), slots=16)
            self.say([one], lambda: Refused("no", fault=Fault.CREDENTIALS))
            key = Credential.objects.get(team=cast.team)
            assert key.paused_until is not None
            rests.append(round((key.paused_until - clock.now()).total_seconds(), -2))
            pass_time(rests[-1] + 60)
        assert rests == [600, 1200, 2400, 3600, 3600]

        make_waiting(cast.ben)
        (one,) = claim(credentials=list(Credential.objects.filter(team=cast.team)), slots=16)
        verdicts.apply([Submitted(one.generation, one.attempt, one.token, Accepted(task_id="t1"))])
        key = Credential.objects.get(team=cast.team)
        assert (key.troubles, key.paused_until, key.health(clock.now())) == (0, None, Health.CLOSED)
        make_waiting(cast.ben)
        (one,) = claim(credentials=[key], slots=16)
        self.say([one], lambda: Refused("no", fault=Fault.CREDENTIALS))
        assert Credential.objects.get(team=cast.team).troubles == 1


class TestALook:
    def test_that_is_too_much_waits_longer_each_time_until_one_is_answered(
        self, cast: Cast, pass_time: Callable[[float], None]
    ) -> None:
        row = hand_over(make_waiting(cast.ben))

        def look(said: Any) -> float:
            verdicts.apply([Looked(row.pk, said)])
            row.refresh_from_db()
            wait = (row.next_at - clock.now()).total_seconds()
            pass_time(wait)
            return wait

        waits = [round(look(Busy("later"))) for _ in range(5)]
        assert waits == sorted(waits)
        assert (waits[0], waits[-1]) == (5, 60)
        look(Working())
        assert row.busy_seconds == 0
        assert round(look(Busy("later"))) < 60

    @pytest.mark.parametrize(("late", "wait"), [(0.0, 6.0), (2.0, 4.0), (20.0, 3.0)])
    def test_keeps_time_when_its_answer_is_written_late(
        self, cast: Cast, pass_time: Callable[[float], None], late: float, wait: float
    ) -> None:
        """Long after the usual time, six seconds after the last one was asked; but never two close together."""
        row = hand_over(make_waiting(cast.ben))
        pass_time(row.offer().usual_seconds[1] + looks.EAGER_SECONDS + 50)
        verdicts.apply([Looked(row.pk, Working(), asked=clock.now() - timedelta(seconds=late))])
        row.refresh_from_db()
        assert row.next_at is not None
        assert (row.next_at - clock.now()).total_seconds() == pytest.approx(wait, abs=0.8)


def test_every_try_is_kept_with_what_was_said(desk: Desk) -> None:
    for said in (Busy("full", patience=LONG), NotSent("refused"), Accepted(task_id="t1")):
        desk.answer(said)

    kept = list(Attempt.objects.order_by("number").values_list("outcome", "detail"))
    assert kept == [(Outcome.BUSY, "full"), (Outcome.NOT_SENT, "refused"), (Outcome.ACCEPTED, "")]
