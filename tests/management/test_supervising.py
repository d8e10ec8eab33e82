"""When a cluster counts as alive, as silent and as dead, what one pass does, and what becomes of one that hangs."""

import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connections

from generations import nudge, queue
from generations.management import processes, supervising
from generations.management.commands import run_worker
from generations.management.supervising import AWAKE_SECONDS, DOUBTS_MIN, PASS_SECONDS, Pass, Pulse, Verdict
from generations.models import Heartbeat, clock, worker_stamp
from generations.queue import broker
from generations.services import sweeping
from tests.late import until

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
OURS, THEIRS = "ours", "theirs"
MINUTE = 60


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


class TestPulse:
    def judge(
        self,
        pulse: Pulse,
        moment: float,
        stamped: float | None = None,
        due: float | None = None,
        awake: float | None = None,
    ) -> Verdict:
        return pulse.judge(
            moment=at(moment),
            stamped_at=None if stamped is None else at(stamped),
            due_since=None if due is None else at(due),
            awake=moment if awake is None else awake,
        )

    def verdicts(self, pulse: Pulse, *, first: float, number: int, awake: float | None = None) -> list[Verdict]:
        """Of so many looks in a row from that second on; the machine may have been awake for less time than passed."""
        awake = first if awake is None else awake
        seconds = [PASS_SECONDS * look for look in range(number)]
        return [self.judge(pulse, first + more, due=100, awake=awake + more) for more in seconds]

    def test_a_recent_stamp_is_well(self) -> None:
        assert self.judge(Pulse(START), 1000, stamped=971) is Verdict.WELL

    def test_a_cluster_just_started_is_given_time(self) -> None:
        assert self.judge(Pulse(START), 29, stamped=-5000) is Verdict.WELL

    def test_thirty_silent_seconds_ask_for_a_sign_once(self) -> None:
        pulse = Pulse(START)
        assert self.judge(pulse, 30) is Verdict.ASK
        assert self.judge(pulse, 40) is Verdict.WELL
        assert self.judge(pulse, 60) is Verdict.ASK

    def test_a_waiting_message_is_sign_enough_to_wait_for(self) -> None:
        assert self.judge(Pulse(START), 149, due=10) is Verdict.WELL

    def test_silence_with_work_due_is_death_after_150_seconds_and_some_looks(self) -> None:
        well = [Verdict.WELL] * (DOUBTS_MIN - 1)
        assert self.verdicts(Pulse(START, heard=0), first=150, number=DOUBTS_MIN) == [*well, Verdict.DEAD]

    def test_a_machine_that_slept_gives_its_cluster_the_time_of_a_job(self) -> None:
        """An hour went by on the clock and hardly any for the jobs; what they do is not cut off."""
        looks = int(AWAKE_SECONDS / PASS_SECONDS)
        verdicts = self.verdicts(Pulse(START, heard=5), first=3600, number=looks + 2, awake=10)
        assert verdicts == [Verdict.WELL] * looks + [Verdict.DEAD] * 2

    def test_one_stamp_in_the_middle_of_doubts_ends_them(self) -> None:
        pulse = Pulse(START, heard=0)
        self.verdicts(pulse, first=3600, number=DOUBTS_MIN - 1)
        assert self.judge(pulse, 3640, stamped=3635, due=100) is Verdict.WELL
        assert self.judge(pulse, 3650, stamped=3635, due=100) is Verdict.WELL

    def test_a_new_cluster_begins_without_the_doubts_about_the_last(self) -> None:
        pulse = Pulse(START, heard=0)
        assert Verdict.DEAD in self.verdicts(pulse, first=150, number=DOUBTS_MIN)
        pulse.begin_again()
        pulse.since = at(200)
        assert Verdict.DEAD not in self.verdicts(pulse, first=210, number=DOUBTS_MIN)

    def test_silence_without_work_due_is_never_death(self) -> None:
        assert self.judge(Pulse(START), 100_000) is Verdict.ASK

    def test_a_stamp_starts_the_wait_again(self) -> None:
        assert self.judge(Pulse(START), 300, stamped=200, due=180) is Verdict.WELL


@pytest.mark.django_db
class TestPass:
    @pytest.fixture(autouse=True)
    def keep_connection(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The pass runs in this thread here, whose connection the test still needs."""
        monkeypatch.setattr(type(connections), "close_all", lambda self: None)

    def look(self, pulse: Pulse, *, number: int = 1) -> Verdict:
        for _ in range(number):
            last = Pass(pulse)
            last.run()
        return last.verdict

    def silent(self, *, since: timedelta, supervisor: str = OURS) -> Pulse:
        heard = time.monotonic() - since.total_seconds()
        return Pulse(clock.now() - since, supervisor=supervisor, heard=heard, heard_at=self.last(supervisor))

    def last(self, supervisor: str) -> datetime | None:
        last: datetime | None = Heartbeat.objects.last(worker_stamp(supervisor))
        return last

    def asked(self, supervisor: str) -> int:
        return broker.asked_for_signs().filter(key=broker.lane_of(supervisor)).count()

    def test_a_silent_cluster_is_asked_for_a_beat_and_no_other_one(self) -> None:
        self.look(self.silent(since=supervising.SILENT_AFTER))
        assert (self.asked(OURS), self.asked(THEIRS), queue.waiting()) == (1, 0, 0)
        assert queue.oldest_due(supervisor=OURS) is not None
        assert queue.oldest_due(supervisor=THEIRS) is None

    def test_a_cluster_that_gave_a_sign_is_left_alone(self) -> None:
        pulse = self.silent(since=supervising.DEAD_AFTER)
        Heartbeat.objects.stamp(worker_stamp(OURS))
        assert self.look(pulse, number=DOUBTS_MIN) is Verdict.WELL
        assert self.asked(OURS) == 0

    def test_a_message_nobody_takes_ends_in_the_verdict_dead(self) -> None:
        queue.later("beat")
        assert self.look(self.silent(since=supervising.DEAD_AFTER), number=DOUBTS_MIN) is Verdict.DEAD
        assert queue.waiting() == 1

    def test_a_wedged_cluster_beside_a_busy_one_is_found(self) -> None:
        """The other one takes every message and stamps; the sign asked for is one only ours could give."""
        ours, theirs = self.silent(since=supervising.DEAD_AFTER), Pulse(clock.now(), supervisor=THEIRS)
        verdicts = []
        for _ in range(1 + DOUBTS_MIN):
            Heartbeat.objects.stamp(worker_stamp(THEIRS))
            verdicts.append((self.look(ours), self.look(theirs)))

        assert [look for look, _ in verdicts] == [Verdict.ASK, *[Verdict.WELL] * (DOUBTS_MIN - 1), Verdict.DEAD]
        assert {look for _, look in verdicts} == {Verdict.WELL}


class TestALookThatHangs:
    """A database that does not answer, or a sweep that does not end: the watch over the processes goes on."""

    @pytest.fixture(autouse=True)
    def hanging(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[threading.Thread]]:
        """Every sweep hangs until the test is over; gives the threads that do."""
        over, begun = threading.Event(), []

        def sweep() -> None:
            begun.append(threading.current_thread())
            over.wait(MINUTE)

        monkeypatch.setattr(sweeping, "sweep", sweep)
        monkeypatch.setattr(nudge, "kick", lambda: None)
        monkeypatch.setattr(supervising, "PASS_SECONDS", 0.05)
        yield begun
        over.set()
        for thread in begun:
            thread.join()

    @pytest.fixture
    def cluster(self) -> Iterator[processes.Child]:
        child = processes.Child("cluster", [sys.executable, "-c", f"import time; time.sleep({MINUTE})"])
        yield child
        child.kill_group()

    watches: list[threading.Thread]

    @pytest.fixture
    def stop(self, cluster: processes.Child, hanging: list[threading.Thread]) -> Iterator["Stop"]:
        """Whoever is watching ends with the test, before what it watches."""
        stop, self.watches = Stop(), []
        yield stop
        stop.came = True
        for watch in self.watches:
            watch.join()

    def keep(self, cluster: processes.Child, stop: "Stop") -> None:
        crew = processes.Crew([cluster])
        watch = threading.Thread(target=supervising._keep, args=(cluster, crew, stop), kwargs={"supervisor": OURS})
        self.watches.append(watch)
        watch.start()

    def test_keeps_no_dead_cluster_alive(
        self, cluster: processes.Child, stop: "Stop", monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(Pass, "_read_pulse", lambda self: Verdict.DEAD)
        self.keep(cluster, stop)
        assert until(lambda: cluster.pid is not None)
        first = cluster.pid
        assert until(lambda: cluster.pid not in {None, first})

    def test_is_told_and_followed_by_another(
        self,
        cluster: processes.Child,
        stop: "Stop",
        hanging: list[threading.Thread],
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        monkeypatch.setattr(Pass, "_read_pulse", lambda self: Verdict.WELL)
        monkeypatch.setattr(supervising, "PASS_SECONDS_MAX", 1.0)
        self.keep(cluster, stop)
        assert until(lambda: len(hanging) == 1)
        time.sleep(0.2)
        assert len(hanging) == 1
        assert until(lambda: len(hanging) == 3)
        assert "hangs" in caplog.text


class Stop:
    """Asked to stop by the test, and by no signal."""

    came = False
    insist = False


class TestAStopByDefault:
    """F70: asked to stop, a worker is gone within a minute, also one whose jobs would go on."""

    def test_ends_before_the_minute_that_it_is_given(self) -> None:
        parser = run_worker.Command().create_parser("manage.py", "run_worker")
        seconds = parser.parse_args([]).stop_seconds
        noticing_and_ending = 2
        assert seconds + supervising.STOP_SLACK_SECONDS + noticing_and_ending < MINUTE
        assert f"default: {seconds:g})" in " ".join(parser.format_help().split())

    def test_leaves_an_order_under_way_nearly_all_the_time_its_answer_may_take(self) -> None:
        assert run_worker.STOP_SECONDS >= 50
