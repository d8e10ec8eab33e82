"""How much a key still takes, counted from rows: what is at the vendor, what was created lately, what is in hand."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from generations import limits
from generations.limits import Loads, loads_of
from generations.models import AT_VENDOR, OPEN, Attempt, Credential, CredentialState, Generation, Outcome, State, clock
from generations.providers.apikley import CRISP, DRAW, Apikley
from generations.providers.apixo import GROK, UPSCALER
from generations.providers.base import Offer
from tests.conftest import Cast
from tests.making import PAINTER, make_waiting, without_vendor


@pytest.mark.parametrize(
    ("own", "free"),
    [
        ({}, min(PAINTER.running_max, PAINTER.hourly_max)),
        ({"running_max": 0}, 0),
        ({"hourly_max": 0}, 0),
        ({"running_max": 1}, 1),
    ],
)
def test_own_limits_come_first(own: dict[str, int], free: int) -> None:
    assert Loads(moment=clock.now()).free(Credential(pk=1, provider="demo", **own), PAINTER) == free


@pytest.fixture
def key(cast: Cast) -> Credential:
    made: Credential = Credential.objects.create(team=cast.team, provider="apikley", label="Main")
    return made


@pytest.fixture
def occupy(cast: Cast, key: Credential) -> Callable[..., Attempt]:
    """Something of this key's, in this state, tried so long ago."""

    def make(
        state: State = State.SUCCEEDED, *, ago: float = 0, outcome: Outcome = Outcome.ACCEPTED, offer: Offer = DRAW
    ) -> Attempt:
        row = make_waiting(cast.ben)
        ended = None if state in OPEN else row.created_at
        facts = {"provider": key.provider, "offer_key": offer.key, "credential": key, "finished_at": ended}
        Generation.objects.filter(pk=row.pk).update(state=state, **facts)
        attempt, _ = Attempt.open_for(row, credential=key, limit_group=offer.limit_group)
        attempt.started_at, attempt.outcome = clock.now() - timedelta(seconds=ago), outcome
        attempt.save()
        return attempt

    return make


def free(key: Credential, offer: Offer = DRAW) -> int:
    return loads_of([key], moment=clock.now()).free(key, offer)


class TestPlaces:
    @pytest.fixture(autouse=True)
    def _patient(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(Apikley, "creates_max", None)

    @pytest.mark.parametrize("state", list(State))
    def test_are_taken_by_what_is_at_the_vendor_and_by_nothing_else(
        self, key: Credential, occupy: Callable[..., Attempt], state: State
    ) -> None:
        """What was given up a moment ago is most likely there still."""
        occupy(state)
        assert DRAW.running_max - free(key) == (1 if state in (*AT_VENDOR, State.LAPSED) else 0)

    @pytest.mark.parametrize(
        "facts", [{"result_urls": ["https://files.test/1.jpg"]}, {"changed_at": clock.now() - limits.LATE}]
    )
    def test_are_given_back_by_what_is_ready_and_by_what_was_given_up_long_ago(
        self, key: Credential, occupy: Callable[..., Attempt], facts: dict[str, Any]
    ) -> None:
        row = occupy(State.LAPSED).generation
        Generation.objects.filter(pk=row.pk).update(**facts)
        assert free(key) == DRAW.running_max

    def test_of_one_offer_are_not_those_of_another(self, key: Credential, occupy: Callable[..., Attempt]) -> None:
        occupy(State.RUNNING)
        assert free(key, CRISP) == CRISP.running_max

    def test_are_shared_by_offers_that_share_a_limit(self, key: Credential, occupy: Callable[..., Attempt]) -> None:
        Credential.objects.filter(pk=key.pk).update(provider="apixo")
        key.refresh_from_db()
        occupy(State.RUNNING, offer=GROK)
        assert free(key, UPSCALER) == UPSCALER.running_max - 1

    def test_of_what_is_no_longer_sold_are_nobodys(
        self, key: Credential, occupy: Callable[..., Attempt], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        occupy(State.RUNNING)
        monkeypatch.setattr(Apikley, "offers", (CRISP,))
        assert free(key, CRISP) == CRISP.running_max

    def test_are_no_more_than_the_hands_of_whoever_sends(self, key: Credential) -> None:
        loads = Loads(moment=clock.now(), slots=16, in_hand=Counter({key.pk: 15}))
        assert loads.free(key, DRAW) == 1
        loads.use(key, DRAW)
        assert loads.free(key, DRAW) == 0


class TestTheHour:
    @pytest.fixture(autouse=True)
    def _patient(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(Apikley, "creates_max", None)

    @pytest.mark.parametrize("outcome", list(Outcome))
    def test_counts_what_the_vendor_may_have_counted(
        self, key: Credential, occupy: Callable[..., Attempt], outcome: Outcome
    ) -> None:
        """A request that never left, or that the vendor was too busy for, used nothing up."""
        key.running_max, key.hourly_max = 1000, 10
        occupy(outcome=outcome)
        assert free(key) == (10 if outcome in {Outcome.NOT_SENT, Outcome.BUSY} else 9)

    def test_is_a_little_longer_than_the_vendors(self, key: Credential, occupy: Callable[..., Attempt]) -> None:
        """It counts from when an order arrives, and one may be longer on its way than another."""
        key.running_max, key.hourly_max = 1000, 10
        hour = limits.WINDOW.total_seconds()
        assert hour > 3600
        occupy(ago=hour - 5)
        occupy(ago=hour + 5)
        assert free(key) == 9


class TestTheShortWindow:
    @pytest.mark.parametrize("outcome", list(Outcome))
    def test_counts_every_try_that_left(
        self, key: Credential, occupy: Callable[..., Attempt], outcome: Outcome
    ) -> None:
        occupy(outcome=outcome)
        assert free(key) == (18 if outcome == Outcome.NOT_SENT else 17)

    def test_is_shared_by_all_offers(self, key: Credential, occupy: Callable[..., Attempt]) -> None:
        occupy()
        assert free(key, CRISP) == 17

    def test_ends(self, key: Credential, occupy: Callable[..., Attempt]) -> None:
        window = 10 + limits.BURST_SLACK_SECONDS
        occupy(ago=window - 0.5)
        occupy(ago=window + 0.5)
        assert free(key) == 17


class TestAReplacedKey:
    """Old and new are two keys to one account, as far as anybody can tell."""

    @pytest.fixture
    def newer(self, key: Credential) -> Credential:
        Credential.objects.filter(pk=key.pk).update(state=CredentialState.DRAINING, label="Main (replaced)")
        made: Credential = Credential.objects.create(team=key.team, provider="apikley", label="Main", replaces=key)
        return made

    def test_leaves_its_places_taken_until_its_pictures_end(
        self, key: Credential, newer: Credential, occupy: Callable[..., Attempt], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(Apikley, "creates_max", None)
        attempt = occupy(State.RUNNING)
        assert free(newer) == DRAW.running_max - 1
        assert free(newer, CRISP) == CRISP.running_max
        Generation.objects.filter(pk=attempt.generation_id).update(state=State.SUCCEEDED, finished_at=clock.now())
        assert free(newer) == DRAW.running_max

    def test_leaves_its_hour_used_up_even_when_it_is_erased(
        self, key: Credential, newer: Credential, occupy: Callable[..., Attempt], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(Apikley, "creates_max", None)
        newer.running_max, newer.hourly_max = 1000, 10
        occupy(ago=1800)
        occupy(ago=limits.WINDOW.total_seconds() + 5)
        key.retire(label="Main (gone)")
        assert free(newer) == 9

    def test_shares_the_short_window(self, newer: Credential, occupy: Callable[..., Attempt]) -> None:
        occupy()
        assert free(newer) == 17

    def test_counts_what_the_new_one_does_while_it_drains(
        self, key: Credential, newer: Credential, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(Apikley, "creates_max", None)
        loads = loads_of([key, newer], moment=clock.now())
        loads.use(newer, DRAW)
        assert loads.free(key, DRAW) == loads.free(newer, DRAW) == DRAW.running_max - 1

    def test_is_remembered_however_often_it_happens(
        self, key: Credential, newer: Credential, occupy: Callable[..., Attempt], cast: Cast
    ) -> None:
        """And a key of its own, or of another team, shares nothing."""
        newest = Credential.objects.create(team=cast.team, provider="apikley", label="Third", replaces=newer)
        alone = Credential.objects.create(team=cast.team, provider="apikley", label="Alone")
        occupy(State.RUNNING)
        assert [free(one) for one in (newest, alone)] == [17, 18]


class TestOneKeyInSeveralRows:
    def test_is_one_account_with_all_they_replaced(self, key: Credential, cast: Cast) -> None:
        """A key, the one it replaced, that same one in another team, and what came after it there."""
        facts = {"provider": "apikley", "team": cast.mallory.team}
        Credential.objects.filter(pk=key.pk).update(key_print="a")
        newer = Credential.objects.create(team=key.team, provider="apikley", label="New", replaces=key, key_print="b")
        twin = Credential.objects.create(label="Twin", key_print="a", **facts)
        after = Credential.objects.create(label="After", key_print="c", replaces=twin, **facts)
        alone = [
            Credential.objects.create(label=name, key_print=told, **facts) for name, told in (("X", ""), ("Y", ""))
        ]
        elsewhere = Credential.objects.create(label="Z", key_print="a", provider="apixo", team=key.team)

        number = min(key.pk, newer.pk, twin.pk, after.pk)
        together = [key, newer, twin, after]
        assert limits.account_numbers(together) == {one.pk: number for one in together}
        assert limits.account_numbers([newer]) == {newer.pk: number}
        assert limits.account_numbers([*alone, elsewhere]) == {one.pk: one.pk for one in [*alone, elsewhere]}

    def test_takes_nothing_of_an_offer_its_vendor_refuses(self, key: Credential) -> None:
        key.turn_off(DRAW.key, because="no")
        assert (free(key), free(key, CRISP)) == (0, 18)


class TestAKeyThatIsBeingTried:
    @pytest.fixture
    def tried(self, key: Credential) -> Credential:
        key.rest(seconds=-1, because="The vendor refused this key.")
        return key

    def test_takes_one(self, tried: Credential) -> None:
        assert free(tried) == 1

    def test_takes_no_second_before_the_first_is_answered(
        self, tried: Credential, occupy: Callable[..., Attempt]
    ) -> None:
        occupy(State.SUBMITTING, outcome=Outcome.OPEN)
        assert free(tried) == 0

    def test_takes_the_next_when_the_first_was_taken(self, tried: Credential, occupy: Callable[..., Attempt]) -> None:
        occupy(State.RUNNING)
        assert free(tried) == 1


def test_a_key_of_a_vendor_that_is_gone_can_still_be_counted(key: Credential, occupy: Callable[..., Attempt]) -> None:
    occupy(State.RUNNING)
    with without_vendor("apikley"):
        assert loads_of([key], moment=clock.now()).running == Counter({(key.pk, ""): 1})
