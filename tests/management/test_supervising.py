"""When a cluster counts as alive, as silent and as dead, and what one pass does."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connections

from generations import queue
from generations.management import supervising
from generations.management.supervising import Pass, Pulse, Verdict
from generations.models import Heartbeat, clock

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


class TestPulse:
    def judge(self, pulse: Pulse, moment: float, stamped: float | None = None, due: float | None = None) -> Verdict:
        return pulse.judge(
            moment=at(moment),
            stamped_at=None if stamped is None else at(stamped),
            due_since=None if due is None else at(due),
        )

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

    def test_silence_with_work_due_is_death_after_150_seconds(self) -> None:
        assert self.judge(Pulse(START), 150, due=100) is Verdict.DEAD

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

    def test_a_silent_cluster_is_asked_for_a_beat(self) -> None:
        Pass(Pulse(clock.now() - supervising.SILENT_AFTER)).run()
        assert queue.waiting() == 1

    def test_a_cluster_that_gave_a_sign_is_left_alone(self) -> None:
        Heartbeat.objects.stamp(supervising.HEARTBEAT)
        Pass(Pulse(clock.now() - supervising.DEAD_AFTER)).run()
        assert queue.waiting() == 0

    def test_a_message_nobody_takes_ends_in_the_verdict_dead(self) -> None:
        queue.later("beat")
        look = Pass(Pulse(clock.now() - supervising.DEAD_AFTER))
        look.run()
        assert look.verdict is Verdict.DEAD
        assert queue.waiting() == 1
