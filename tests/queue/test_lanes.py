"""In which order messages are handed out, to whom, and how often; where the engine matters, on both."""

from datetime import timedelta
from itertools import chain
from typing import Any

import pytest
from django.utils import timezone
from django_q.brokers import get_broker

from generations import queue
from tests.engines import Engine
from tests.queue.scenes import MESSAGES, TAKERS


class TestACluster:
    def test_is_handed_the_pump_before_pictures_and_then_what_is_due_longest(self, engine: Engine) -> None:
        assert engine.ask("tests.queue", "order") == [
            "pump 0",
            "pump 1",
            "collect 1",
            "collect 0",
            "collect 2",
            "beat",
        ]

    def test_is_handed_again_what_nobody_acknowledged_in_time(self, engine: Engine) -> None:
        assert engine.ask("tests.queue", "again") == {
            "first": ["pump 0", "collect 1"],
            "before retry": ["collect 2"],
            "after retry": ["pump 0", "collect 1"],
            "all but the acknowledged": ["collect 2", "collect 1"],
        }

    def test_never_sees_what_was_rolled_back(self, engine: Engine) -> None:
        assert engine.ask("tests.queue", "transactions") == {"rolled back": [], "committed": ["collect 2"]}

    def test_looks_into_an_empty_queue_without_a_write(self, engine: Engine) -> None:
        assert engine.ask("tests.queue", "idle") == ["SELECT"]

    def test_goes_on_when_the_database_was_started_again(self, engine: Engine) -> None:
        if engine.name == "sqlite":
            pytest.skip("a file is not started again")
        assert engine.ask("tests.queue", "cut_off") == ["collect 2"]

    def test_knows_while_one_of_its_processes_waits_for_the_answer_to_an_order(self, engine: Engine) -> None:
        assert engine.ask("tests.queue", "sending") == {"silent": False, "said": True, "unsaid": False, "dead": False}

    def test_never_gets_what_another_one_has(self, engine: Engine) -> None:
        seen = engine.ask("tests.queue", "race")

        pictures = [f"collect {number}" for number in range(MESSAGES)]
        assert sorted(chain(*seen)) == sorted([*pictures, *(f"pump {number}" for number in range(TAKERS))])
        for taken in seen:
            places = [-1 if name.startswith("pump") else pictures.index(name) for name in taken]
            assert places == sorted(places)


@pytest.mark.django_db
class TestTheQueue:
    def test_says_how_many_wait_in_both_lanes(self) -> None:
        queue.later("collect", generation=1)
        queue.later("pump", shard=0)
        assert (queue.waiting(), get_broker().queue_size()) == (2, 2)
        get_broker().dequeue()
        assert (queue.waiting(), get_broker().queue_size()) == (1, 1)

    def test_says_since_when_the_oldest_waits_however_urgent(self) -> None:
        assert queue.oldest_due() is None
        before = timezone.now()
        queue.later("pump", shard=0)
        since = queue.oldest_due()
        assert since is not None
        assert before <= since <= before + timedelta(seconds=5)

    def test_hands_a_sign_asked_of_one_cluster_to_no_other(self, settings: Any) -> None:
        queue.ask_for_a_sign(supervisor="ours")
        settings.SUPERVISOR = "theirs"
        assert get_broker().dequeue() == []
        settings.SUPERVISOR = "ours"
        assert len(get_broker().dequeue()) == 1

    def test_forgets_the_signs_that_nobody_is_left_to_give(self) -> None:
        queue.ask_for_a_sign(supervisor="gone")
        queue.later("beat")
        assert queue.prune_signs(before=timezone.now() - timedelta(hours=1)) == 0
        assert queue.prune_signs(before=timezone.now() + timedelta(seconds=1)) == 1
        assert queue.waiting() == 1
