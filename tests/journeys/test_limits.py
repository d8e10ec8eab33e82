"""Limits are the vendor's, and its own counters say whether they were kept. Time passes at both ends alike."""

from collections import Counter, defaultdict

import pytest

from generations.models import Attempt, Credential, Generation, Member, Role, State
from generations.providers.apikley import DRAW, Apikley
from tests.conftest import join
from tests.journeys.street import Street
from tests.simulators.standin import Task

LOOKS_PER_TASK_MAX = 8


@pytest.fixture
def gaps(street: Street, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds between two looks at one task of Apikley's."""
    looked, moments, found = street.apikley.looked, defaultdict[str, list[float]](list), list[float]()

    def note(task: Task) -> None:
        looked(task)
        moments[task.task_id].append(street.apikley.clock.now())
        if len(moments[task.task_id]) > 1:
            found.append(moments[task.task_id][-1] - moments[task.task_id][-2])

    monkeypatch.setattr(street.apikley, "looked", note)
    return found


def all_states() -> set[str]:
    return set(Generation.objects.values_list("state", flat=True))


class TestAHundredAndTwentyOrders:
    @pytest.fixture(autouse=True)
    def _ordered(self, street: Street, gaps: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
        self.members = [street.cast.ben, street.cast.ada, join(street.cast.team, "Cyril", Role.CREATOR)]
        for member, batches in zip(self.members, (8, 4, 2), strict=True):
            for _ in range(batches):
                street.order("apikley", f"of {member.pk}", count=8, member=member)
        self.late = join(street.cast.team, "Dora", Role.CREATOR)
        street.order("apikley", "Dora's", count=8, member=self.late)
        street.go()

    def test_keep_every_limit_and_lose_nothing(self, street: Street, gaps: list[float]) -> None:
        counts = street.apikley.counts
        assert all_states() == {State.SUCCEEDED}
        assert sum(counts.creates.values()) == len(street.calls("apikley")) == 120
        assert counts.turned_away == 0
        assert counts.creates_window_peak["kie-1"] <= 18
        assert counts.creates_hour_peak["kie-1"] <= DRAW.hourly_max
        assert counts.running_peak[f"kie-1 {'grok-imagine/text-to-image'}"] <= DRAW.running_max
        assert {street.balance(member) for member in self.members} == {(180, 0), (340, 0), (420, 0)}
        assert street.alerts() == set()

        # No storm of looks: few for each task, and never sooner than the vendor wants.
        assert max(counts.looks.values()) <= LOOKS_PER_TASK_MAX
        assert counts.calls["look"] <= 5 * 120
        assert min(gaps) >= DRAW.look_seconds

        # The first places went round the members: the last in line did not wait for the first one's sixty-four.
        firsts = Attempt.objects.order_by("pk").values_list("generation__member", flat=True)[:16]
        assert Counter(firsts) == dict.fromkeys([member.pk for member in (*self.members, self.late)], 4)


class TestAKeysOwnLimits:
    def test_of_running_work_are_kept(self, street: Street, monkeypatch: pytest.MonkeyPatch) -> None:
        Credential.objects.filter(provider="apikley").update(running_max=3)
        street.order("apikley", count=8)
        street.go()

        assert all_states() == {State.SUCCEEDED}
        assert max(street.apikley.counts.running_peak.values()) == 3
        assert street.apikley.counts.turned_away == 0

    def test_of_an_hour_are_kept_and_what_waits_is_sent_in_the_next(
        self, street: Street, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        Credential.objects.filter(provider="apikley").update(hourly_max=10)
        for _ in range(2):
            street.order("apikley", count=8)
        street.go(1800)
        assert Generation.objects.filter(state=State.QUEUED).count() == 6
        assert street.balance() == (450, 30)

        street.go(2400)
        assert all_states() == {State.SUCCEEDED}
        assert street.apikley.counts.creates_hour_peak["kie-1"] <= 10
        assert street.balance() == (420, 0)

    def test_of_none_at_all_send_nothing(self, street: Street) -> None:
        Credential.objects.filter(provider="apikley").update(running_max=0)
        street.order("apikley")
        street.go(60)

        assert all_states() == {State.QUEUED}
        assert street.calls("apikley") == []

    @pytest.mark.parametrize(("vendor", "most"), [("apixo", 5), ("apiinone", 5)])
    def test_are_the_vendors_where_it_has_none_and_shared_by_its_offers(
        self, street: Street, vendor: str, most: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        street.apixo.knobs.running_max = street.apiinone.knobs.running_max = 5
        offer = "image-upscaler" if vendor == "apixo" else "grok-upscale"
        image = street.draw(vendor).images.get()
        street.order(vendor, count=8)
        for _ in range(4):
            street.enlarge(image, vendor, offer)
        street.go()

        counts = street.vendors[vendor].counts
        assert all_states() == {State.SUCCEEDED}
        assert max(counts.running_peak.values()) == most
        assert counts.turned_away == 0


class TestLooks:
    def test_at_many_tasks_at_once_are_spread_over_the_seconds(
        self, street: Street, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Twice as many as a second may hold are due in the same moment. This takes real seconds.

        The stand-in counts arrivals: one read may be held up on its way into the next second.
        """
        monkeypatch.setattr(Apikley, "reads_per_second_max", 5.0)
        for _ in range(2):
            street.order("apikley", count=6)
        street.go(0)
        street.pass_time(30)
        street.go()

        assert all_states() == {State.SUCCEEDED}
        assert len(street.calls("apikley", "look")) == 12
        assert street.apikley.counts.looks_second_peak["kie-1"] <= 5 + 1


class TestTwoKeys:
    def shares(self) -> list[int]:
        attempts = Attempt.objects.filter(credential__provider="apikley")
        keys = Credential.objects.filter(provider="apikley").order_by("pk")
        return [attempts.filter(credential=key).count() for key in keys]

    def test_in_one_place_share_by_who_is_less_busy(self, street: Street) -> None:
        street.add_key("apikley", "Second", key="kie-2", position=0)
        street.order("apikley", count=8)
        street.go()

        assert all_states() == {State.SUCCEEDED}
        assert self.shares() == [4, 4]

    def test_in_order_are_filled_in_that_order(self, street: Street) -> None:
        """The second takes what the first has no place for."""
        street.add_key("apikley", "Second", key="kie-2")
        Credential.objects.filter(provider="apikley").update(running_max=5)
        street.order("apikley", count=8)
        street.go(0)

        assert self.shares() == [5, 3]
        street.go()

    def test_are_the_teams_own_before_the_installations(self, street: Street) -> None:
        street.add_key("apikley", "Shared", key="kie-2", team=None, position=0)
        street.keys["apikley"].hold_back(seconds=0, because="nothing")
        Credential.objects.filter(label="Main").update(running_max=7)
        street.order("apikley", count=8)
        street.go(0)

        assert self.shares() == [7, 1]
        street.go()


class TestWhatNobodyWaitsForAnyMore:
    def allow(self, street: Street, number: int) -> None:
        """So many may run, as the vendor has it and as the key knows."""
        street.apixo.knobs.running_max = number
        Credential.objects.filter(provider="apixo").update(running_max=number)

    def test_keeps_its_place_for_as_long_as_the_vendor_may_be_at_it(self, street: Street) -> None:
        """Two are given up after ten minutes, and APIXO works on: a third one would be turned away."""
        self.allow(street, 2)
        late = street.order("apixo", count=2)
        street.go(1)
        for task in street.apixo.tasks.values():
            task.ends_at += 900
        street.go(700)
        assert all_states() == {State.LAPSED}

        (row,) = street.order("apixo")
        street.go(60)
        assert street.now(row).state == State.QUEUED
        street.go()
        assert street.now(row).state == State.SUCCEEDED
        assert {street.now(one).state for one in late} == {State.RECOVERED}
        assert street.apixo.counts.turned_away == 0

    def test_gives_it_back_after_half_an_hour(self, street: Street) -> None:
        self.allow(street, 1)
        street.apixo.knobs.outcome = "never"
        street.order("apixo")
        street.go(700)
        street.apixo.knobs.outcome, street.apixo.knobs.running_max = "", 2
        (row,) = street.order("apixo")
        street.go(1600)
        assert street.now(row).state == State.QUEUED
        street.pass_time(200)
        street.go()
        assert street.now(row).state == State.SUCCEEDED


class TestAPausedVendor:
    def test_loses_nothing_and_goes_on_where_it_was(self, street: Street) -> None:
        Credential.objects.filter(provider="apikley").update(running_max=2)
        running = street.order("apikley", count=4)
        street.go(0)
        street.keys["apikley"].pause()
        street.go(600)

        states = [street.now(row).state for row in running]
        assert states == [State.SUCCEEDED, State.SUCCEEDED, State.QUEUED, State.QUEUED]
        street.keys["apikley"].resume()
        street.go()
        assert all_states() == {State.SUCCEEDED}


def test_a_team_uses_no_other_teams_key(street: Street) -> None:
    mallory: Member = street.cast.mallory
    street.add_key("apikley", "South's", key="kie-south", team=mallory.team)
    street.keys["apikley"].pause()
    street.order("apikley", member=mallory)
    (mine,) = street.order("apixo")
    street.go()

    assert {request.key for request in street.calls("apikley")} == {"kie-south"}
    assert street.now(mine).state == State.SUCCEEDED
