"""The sweep: one row it cannot deal with keeps nobody else waiting, however many are due everybody has a turn."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import F
from django_q.models import OrmQ

from generations import queue
from generations.models import CallbackHint, Credential, Generation, Heartbeat, Lease, Member, Reason, State, clock
from generations.providers.base import CheckError, KeyRefused, NotFound, Ready, Unreachable, Working
from generations.services import announcing, collecting, housekeeping, sweeping
from generations.services.pumping import verdicts
from generations.services.pumping.talk import Looked
from tests.conftest import Cast
from tests.ledger import rows
from tests.making import hand_over, make_waiting, without_vendor


@pytest.fixture(autouse=True)
def books_added_up(db: None) -> None:
    """Today already, so that no sweep here asks for that."""
    Heartbeat.objects.stamp(housekeeping.BOOKS)


def lose_hold(row: Generation) -> None:
    """No code of ours can do this damage: the sweep cannot end such a row."""
    with connection.cursor() as cursor:
        for table, column in (("creditentry", "hold_id"), ("credithold", "id")):
            chosen = "SELECT id FROM generations_credithold WHERE generation_id = %s"
            cursor.execute(f"DELETE FROM generations_{table} WHERE {column} IN ({chosen})", [row.pk.hex])


def lose_offer(row: Generation) -> None:
    lose_hold(row)
    Generation.objects.filter(pk=row.pk).update(offer_key="no longer sold")


def garble_reason(row: Generation) -> None:
    """As by another version: the word is none of ours, which is a ValueError."""
    Generation.objects.filter(pk=row.pk).update(
        state=State.LAPSED, finished_at=clock.now(), reason="another word", starts=3
    )


def garble_refusal(row: Generation) -> None:
    """What its key may not do is said in another form, which is a TypeError."""
    credential = Credential.objects.get(team=row.team)
    Credential.objects.filter(pk=credential.pk).update(offers_off={row.offer_key: True})
    Generation.objects.filter(pk=row.pk).update(credential=credential)


@pytest.mark.parametrize("damage", [lose_offer, garble_reason, garble_refusal])
def test_a_row_nobody_can_deal_with_stops_nobody_else(cast: Cast, damage: Callable[[Generation], None]) -> None:
    broken, well = make_waiting(cast.ben), make_waiting(cast.ben)
    damage(broken)
    late = clock.now() - timedelta(seconds=1)
    over = {"state": State.LAPSED, "reason": Reason.TIMEOUT, "finished_at": late, "watch_until": late}
    Generation.objects.filter(pk=well.pk).update(**over)
    done = sweeping.sweep()

    well.refresh_from_db()
    assert (well.state, done["troubled"], done["stopped watching"]) == (State.FAILED, 1, 1)
    assert Heartbeat.objects.last("housekeeping") is not None
    assert Lease.objects.is_stale("sweep")


def test_notes_nobody_can_read_do_not_keep_a_row_from_its_end(cast: Cast) -> None:
    """The version before wrote them in other words. What is on the shelf is not found by them any more."""
    row = hand_over(make_waiting(cast.ben))
    verdicts.apply([Looked(row.pk, Ready(urls=("demo:x", "demo:y")))])
    notes = [{"index": 0, "file": "as it was noted before"}, "not even that"]
    Generation.objects.filter(pk=row.pk).update(arrived=notes, starts=3)

    assert sweeping.sweep()["failed"] == 1
    row.refresh_from_db()
    assert (row.state, row.reason) == (State.FAILED, Reason.WORKER_CRASH)


def test_pictures_with_notes_nobody_can_read_are_fetched_anew(cast: Cast) -> None:
    row = hand_over(make_waiting(cast.ben))
    verdicts.apply([Looked(row.pk, Ready(urls=(f"demo:{row.vendor_task_id}",)))])
    Generation.objects.filter(pk=row.pk).update(arrived=[{"index": 0, "file": "as it was noted before"}])
    collecting.collect(generation=str(row.pk))

    row.refresh_from_db()
    assert row.state == State.SUCCEEDED


def test_what_only_a_retired_key_could_do_ends_at_once(cast: Cast) -> None:
    row = make_waiting(cast.ben)
    Generation.objects.filter(pk=row.pk).update(credential=Credential.objects.get(team=cast.team))
    Credential.objects.filter(team=cast.team).update(state="retired")
    sweeping.sweep()

    row.refresh_from_db()
    assert (row.state, row.reason) == (State.FAILED, Reason.PROVIDER_GONE)


def test_what_nobody_sells_any_more_ends_at_once(cast: Cast) -> None:
    row = make_waiting(cast.ben)
    Generation.objects.filter(pk=row.pk).update(offer_key="no longer sold")
    sweeping.sweep()

    row.refresh_from_db()
    assert row.state == State.FAILED


def test_a_late_picture_that_kills_its_worker_is_given_up(cast: Cast, pass_time: Callable[[float], None]) -> None:
    row = hand_over(make_waiting(cast.ben))
    for seconds in (946, 346):  # nobody asks the vendor, and not for a while longer either
        pass_time(seconds)
        sweeping.sweep()
    verdicts.apply([Looked(row.pk, Ready(urls=("demo:x",)))])
    for number in range(3):
        row = Generation.objects.get(pk=row.pk)
        assert row.take(token=str(number), lease=timedelta(seconds=60))
        pass_time(61)
    sweeping.sweep()

    row.refresh_from_db()
    assert (row.state, row.reason) == (State.FAILED, Reason.TIMEOUT)


class TestTheLastLook:
    """Whether somebody asked at the deadline decides between the end and a while longer."""

    def test_that_got_no_usable_answer_is_the_end(self, cast: Cast, pass_time: Callable[[float], None]) -> None:
        row = hand_over(make_waiting(cast.ben))
        pass_time(901)
        verdicts.apply([Looked(row.pk, Unreachable("no"))])
        assert "lapsed" not in sweeping.sweep(), "there is time for one more"
        pass_time(45)

        assert sweeping.sweep()["lapsed"] == 1

    def test_that_nobody_made_gives_it_a_while_once(self, cast: Cast, pass_time: Callable[[float], None]) -> None:
        hand_over(make_waiting(cast.ben))
        pass_time(946)
        assert sweeping.sweep()["respited"] == 1
        pass_time(300)
        assert not {"lapsed", "respited"} & set(sweeping.sweep())
        pass_time(46)

        assert sweeping.sweep()["lapsed"] == 1

    @pytest.mark.parametrize("says", [Working(), Unreachable("no"), NotFound("no"), KeyRefused("no")])
    def test_is_not_one_that_was_made_before(
        self, cast: Cast, pass_time: Callable[[float], None], says: Working | CheckError
    ) -> None:
        """Asked in time and heard long after it, as by a machine that slept: it is asked again at once."""
        row = hand_over(make_waiting(cast.ben))
        asked = clock.now()
        pass_time(4000)
        verdicts.apply([Looked(row.pk, says, asked=asked)])

        row.refresh_from_db()
        assert (row.state, row.next_at) == (State.RUNNING, row.deadline_at)
        assert sweeping.sweep()["respited"] == 1

    def test_that_comes_hours_late_and_fails_is_followed_by_others(
        self, cast: Cast, pass_time: Callable[[float], None]
    ) -> None:
        """The studio is on again, and its line is not yet: that look may well come before any sweep."""
        row = hand_over(make_waiting(cast.ben))
        pass_time(4000)
        verdicts.apply([Looked(row.pk, Unreachable("no"))])
        assert not {"lapsed", "respited"} & set(sweeping.sweep())
        pass_time(299)
        verdicts.apply([Looked(row.pk, Unreachable("no"))])
        assert not {"lapsed", "respited"} & set(sweeping.sweep())
        pass_time(2)
        verdicts.apply([Looked(row.pk, Unreachable("no"))])
        pass_time(45)

        assert sweeping.sweep()["lapsed"] == 1

    def test_is_not_made_by_a_callback(self, cast: Cast, pass_time: Callable[[float], None]) -> None:
        row = hand_over(make_waiting(cast.ben))
        pass_time(946)
        CallbackHint.objects.create(attempt=row.attempts.get(), body_hash="0" * 64)
        announcing.follow()

        assert sweeping.sweep()["respited"] == 1

    def test_whose_answer_cannot_be_written_is_made_at_the_deadline(
        self, cast: Cast, pass_time: Callable[[float], None]
    ) -> None:
        row = hand_over(make_waiting(cast.ben))
        pass_time(870)
        with without_vendor("demo"):
            verdicts.apply([Looked(row.pk, Working())])

        row.refresh_from_db()
        assert row.next_at == row.deadline_at


def test_two_sweeps_do_not_run_at_once(cast: Cast) -> None:
    assert Lease.objects.take("sweep", seconds=30)
    assert sweeping.sweep() == {}


def order(member: Member, count: int) -> list[Generation]:
    return rows.order(member, *[5] * count)


def let_expire(*kept: Generation) -> None:
    """All that wait have waited too long, but for these."""
    Generation.objects.exclude(pk__in=[row.pk for row in kept]).update(deadline_at=clock.now() - timedelta(seconds=1))


def left() -> Counter[str]:
    """How many rows still wait, by the name of who ordered them."""
    waiting = Generation.objects.filter(state=State.QUEUED)
    return Counter(row.member.person.name for row in waiting.select_related("member__person") if row.member.person)


class TestASweepWithMuchToDo:
    @pytest.fixture(autouse=True)
    def small_batches(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sweeping, "ROWS_MAX", 4)

    @pytest.fixture
    def short_of_time(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """It ends after one batch of each kind of work."""
        monkeypatch.setattr(sweeping, "BUDGET_SECONDS", 0)

    def test_goes_on_batch_after_batch(self, cast: Cast) -> None:
        order(cast.ben, 7), order(cast.ada, 4)
        let_expire()

        assert sweeping.sweep()["failed"] == 11
        assert not left()
        assert Lease.objects.is_stale("sweep")

    @pytest.mark.usefixtures("short_of_time")
    def test_gives_each_member_a_turn_before_anybody_has_a_second(self, cast: Cast) -> None:
        order(cast.ben, 9), order(cast.ada, 2), order(cast.mallory, 3)
        let_expire()
        gone = []
        for _ in range(3):
            before = left()
            sweeping.sweep()
            gone.append(before - left())

        assert gone == [
            {"Ben": 2, "Ada": 1, "Mallory": 1},
            {"Ben": 2, "Ada": 1, "Mallory": 1},
            {"Ben": 3, "Mallory": 1},
        ]

    @pytest.mark.usefixtures("short_of_time")
    def test_gives_each_kind_of_work_a_batch_however_short_the_time(self, cast: Cast) -> None:
        flood, [late] = order(cast.ben, 9), order(cast.ada, 1)
        let_expire(late)
        Generation.objects.filter(pk=late.pk).update(offer_key="no longer sold")
        sweeping.sweep()

        late.refresh_from_db()
        assert (late.state, late.reason) == (State.FAILED, Reason.PROVIDER_GONE)
        assert left() == {"Ben": len(flood) - 4}

    def test_meets_a_row_it_cannot_deal_with_once_and_gets_past_any_number(self, cast: Cast) -> None:
        for row in order(cast.ben, 6):
            lose_hold(row)
        order(cast.ben, 3)
        let_expire()

        assert sweeping.sweep() == {"kicked": 1, "troubled": 6, "failed": 3}

    def test_gives_up_on_a_kind_of_work_that_only_makes_trouble(
        self, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sweeping, "STAYED_MAX", 5)
        for row in order(cast.ben, 17):
            lose_hold(row)
        let_expire()

        assert sweeping.sweep()["troubled"] == 12

    def test_ends_at_the_next_row_when_asked_to_stop(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        order(cast.ben, 9)
        let_expire()
        monkeypatch.setattr(queue, "is_stopping", lambda: left()["Ben"] <= 3)
        sweeping.sweep()

        assert left() == {"Ben": 3}
        assert Lease.objects.is_stale("sweep")

    def test_ends_with_its_batch_when_another_sweep_took_over(
        self, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        order(cast.ben, 9)
        let_expire()

        def take_over() -> bool:
            Lease.objects.filter(name="sweep").update(token="of another sweep")
            return False

        monkeypatch.setattr(queue, "is_stopping", take_over)
        sweeping.sweep()

        assert left() == {"Ben": 5}
        assert not Lease.objects.is_stale("sweep")

    def test_follows_every_callback(self, cast: Cast) -> None:
        row = hand_over(make_waiting(cast.ben))
        attempt = row.attempts.get()
        CallbackHint.objects.bulk_create(
            CallbackHint(attempt=attempt, body_hash=f"{number:064}") for number in range(9)
        )

        assert sweeping.sweep()["hints"] == 9


class TestASweepOfManyPicturesToFetch:
    @pytest.fixture(autouse=True)
    def short_line(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sweeping, "ROWS_MAX", 4)
        monkeypatch.setattr(sweeping, "WAITING_MAX", 6)

    def to_fetch(self, member: Member, count: int) -> None:
        for row in order(member, count):
            with transaction.atomic():
                row.move(State.SUBMITTING, actor="test")
                row.move(State.RUNNING, actor="test")
                row.move(State.FETCHING, actor="test", result_urls=["demo:x"])
        Generation.objects.filter(member=member).update(
            deadline_at=F("deadline_at") + timedelta(hours=1), next_at=clock.now()
        )

    def asked_for(self) -> Counter[str]:
        """Of whom pictures were asked for since the last time, which are now no longer waited for."""
        OrmQ.objects.all().delete()
        asked = Generation.objects.filter(next_at__gt=clock.now())
        names = Counter(row.member.person.name for row in asked.select_related("member__person") if row.member.person)
        asked.update(next_at=clock.now() + timedelta(days=1), state=State.SUCCEEDED, finished_at=clock.now())
        return names

    def test_asks_for_no_more_than_the_queue_can_hold_and_for_the_rest_later(self, cast: Cast) -> None:
        self.to_fetch(cast.ben, 9)
        queue.later("beat")
        assert sweeping.sweep()["collected"] == 5
        assert queue.waiting() == 6
        assert "collected" not in sweeping.sweep()

        OrmQ.objects.all().delete()
        assert sweeping.sweep()["collected"] == 4
        assert queue.waiting() == 4

    def test_asks_for_some_of_everybodys(self, cast: Cast) -> None:
        self.to_fetch(cast.ben, 9)
        self.to_fetch(cast.ada, 2)
        sweeping.sweep()
        assert self.asked_for() == {"Ben": 4, "Ada": 2}


class TestASweepWithNothingToDo:
    def test_asks_once_for_each_kind_of_work(self, cast: Cast, django_assert_num_queries: Any) -> None:
        sweeping.sweep()
        with django_assert_num_queries(26):
            sweeping.sweep()
