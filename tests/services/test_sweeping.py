"""The sweep: one row it cannot deal with keeps nobody else waiting, and rows nobody can serve end."""

from collections.abc import Callable
from datetime import timedelta

from django.db import connection

from generations.models import Credential, Generation, Lease, Reason, State
from generations.providers.base import Ready
from generations.services import sweeping
from generations.services.pumping import verdicts
from generations.services.pumping.talk import Looked
from tests.conftest import Cast
from tests.making import hand_over, make_waiting


def test_a_row_without_its_hold_stops_nobody_else(cast: Cast, pass_time: Callable[[float], None]) -> None:
    broken, well = make_waiting(cast.ben), make_waiting(cast.ben)
    with connection.cursor() as cursor:  # no code of ours can do this damage
        for table, column in (("creditentry", "hold_id"), ("credithold", "id")):
            chosen = "SELECT id FROM generations_credithold WHERE generation_id = %s"
            cursor.execute(f"DELETE FROM generations_{table} WHERE {column} IN ({chosen})", [broken.pk.hex])
    pass_time(24 * 3600 + 1)
    done = sweeping.sweep()

    well.refresh_from_db()
    assert (well.state, well.reason) == (State.FAILED, Reason.WAITED_TOO_LONG)
    assert done["troubled"] == 1
    assert Lease.objects.is_stale("sweep")


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
    pass_time(901)
    sweeping.sweep()
    verdicts.apply([Looked(row.pk, Ready(urls=("demo:x",)))])
    for number in range(3):
        row = Generation.objects.get(pk=row.pk)
        assert row.take(token=str(number), lease=timedelta(seconds=60))
        pass_time(61)
    sweeping.sweep()

    row.refresh_from_db()
    assert (row.state, row.reason) == (State.FAILED, Reason.TIMEOUT)


def test_two_sweeps_do_not_run_at_once(cast: Cast) -> None:
    assert Lease.objects.take("sweep", seconds=30)
    assert sweeping.sweep() == {}
