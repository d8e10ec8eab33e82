"""What is left at a vendor is read every night, once for each account; it is no test, and nothing else comes of it."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django_q.models import OrmQ

from generations import jobs
from generations.models import Alert, BalanceReading, Credential, Lease, clock
from generations.providers.base import Fault
from generations.services import credentials
from generations.services.credentials import proving
from generations.services.pumping.verdicts import ends
from tests.conftest import Cast
from tests.keys import OTHER_KEY, add, bank, keyed, now
from tests.simulators.raw import answer

__all__ = ["keyed"]

pytestmark = pytest.mark.usefixtures("keyed")

RICH = answer(body=b'{"left": 1240.50}')
REFUSED = answer("401 Unauthorized", b"{}")
ILL = ("troubles", "paused_until", "paused_because", "last_error", "offers_off", "proved", "proved_words", "proved_at")


def night() -> list[str]:
    """Ask as every night, and do the jobs that were asked for; says which they were."""
    OrmQ.objects.all().delete()
    credentials.ask_balances()
    asked = [(message.func(), message.task["kwargs"]) for message in OrmQ.objects.order_by("pk")]
    for name, ids in asked:
        getattr(jobs, name.rsplit(".", 1)[1])(**{key: str(value) for key, value in ids.items()})
    return [name for name, _ in asked]


def ill(key: Credential) -> dict[str, Any]:
    facts: dict[str, Any] = Credential.objects.filter(pk=key.pk).values(*ILL)[0]
    return facts


class TestANight:
    def test_reads_and_changes_nothing_else(self, cast: Cast) -> None:
        key = add(cast.team)
        key.rest(seconds=3000, because="The vendor asked us to wait.")
        key.turn_off("any", because="The vendor answered 403.")
        key.keep_proof(works=False, words="Keyed does not accept this key.", balance=None)
        Alert.objects.tell("credential", subject=f"credential:{key.pk}", words="It rests.")
        before = ill(key)
        with bank(RICH) as raw:
            Credential.objects.filter(pk=key.pk).update(key_host="")
            assert night() == ["generations.jobs.read_balance"]

        assert len(raw.requests) == 1
        assert ill(key) == before
        assert now(key).balance == BalanceReading.objects.get(credential=key).amount == Decimal("1240.5")
        assert now(key).balance_at is not None
        assert Alert.objects.filter(resolved_at=None).count() == 1

    def test_makes_no_key_rest_that_is_refused(self, cast: Cast) -> None:
        key = add(cast.team)
        before = ill(key)
        with bank(REFUSED):
            Credential.objects.filter(pk=key.pk).update(key_host="")
            night()

        assert ill(key) == before
        assert not BalanceReading.objects.exists()
        assert not Alert.objects.exists()

    def test_asks_once_for_each_account_and_writes_for_all_its_rows(self, cast: Cast) -> None:
        first, twin, other = add(cast.team), add(cast.team, "Twin"), add(cast.team, "Other", key=OTHER_KEY)
        with bank(RICH) as raw:
            Credential.objects.update(key_host="")
            assert len(night()) == 2

        assert len(raw.requests) == 2
        read = BalanceReading.objects.order_by("credential").values_list("credential", flat=True)
        assert list(read) == [first.pk, twin.pk, other.pk]

    def test_tells_what_left_the_account_without_work_of_ours(
        self, cast: Cast, pass_time: Callable[[float], None]
    ) -> None:
        key = add(cast.team)
        for left in (RICH, answer(body=b'{"left": 1240.50}'), answer(body=b'{"left": 900}')):
            assert not Alert.objects.filter(kind="bill").exists()
            with bank(left):
                Credential.objects.filter(pk=key.pk).update(key_host="")
                night()
            pass_time(24 * 3600)

        alert = Alert.objects.get(kind="bill")
        assert (alert.subject, "340.5 are not explained" in alert.words) == (f"credential:{key.pk}", True)


class TestATestNobodyAskedFor:
    def test_that_gets_no_turn_proves_nothing_and_comes_again(
        self, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(proving, "TURN_SECONDS_MAX", 0.0)
        key = add(cast.team)
        key.keep_proof(works=True, words="As it was.", balance=None)
        assert Lease.objects.take(f"test:{key.pk}", seconds=60)
        with bank(RICH) as raw:
            Credential.objects.filter(pk=key.pk).update(key_host="")
            before = ill(key)
            jobs.prove(credential=str(key.pk), unasked="1")

        assert raw.requests == []
        assert ill(key) == before
        assert credentials.ask_for_proof(key), "the next one may come"

    @pytest.mark.parametrize(("seconds", "asked"), [(None, 1), (600.0, 0)], ids=["empty", "capped"])
    def test_is_for_an_empty_account_not_for_a_key_with_a_limit_of_its_own(
        self, cast: Cast, pass_time: Callable[[float], None], seconds: float | None, asked: int
    ) -> None:
        """No balance shows that a key's own limit is over: an order finds out."""
        key = add(cast.team)
        Credential.objects.filter(pk=key.pk).update(proved_at=clock.now() - timedelta(days=1))
        ends.rest(now(key), Fault.OUT_OF_FUNDS, seconds=seconds)
        pass_time(560)

        assert credentials.ask_the_empty() == asked
