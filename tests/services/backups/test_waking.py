"""After a restore nothing that was under way is ordered a second time, and every credit has its place."""

from collections.abc import Callable

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.test import Client

from generations import ledger, queue
from generations.models import Attempt, AuditEntry, Credential, Generation, GenerationEvent, Outcome, State
from generations.providers.base import Ready
from generations.services import auditing, backups, devices, sweeping
from generations.services.pumping import verdicts
from generations.services.pumping.claims import claim
from generations.services.pumping.talk import Looked
from tests.conftest import Cast
from tests.making import finish, hand_over, make_waiting

A_DAY = 86400.0


def send(row: Generation) -> Generation:
    """To `submitting`: claimed, and nobody ever hears what became of it."""
    claim(credentials=list(Credential.objects.filter(team=row.team)), slots=16)
    row.refresh_from_db()
    return row


@pytest.fixture
def rows(cast: Cast) -> dict[str, Generation]:
    """One in each state that a backup may be made in."""
    running = hand_over(make_waiting(cast.ben, "a street"))
    fetching = hand_over(make_waiting(cast.ben, "a boat"))
    verdicts.apply([Looked(fetching.pk, Ready(urls=(f"demo:{fetching.vendor_task_id}",)))])
    sending = send(make_waiting(cast.ben, "a lake"))
    return {"running": running, "fetching": fetching, "sending": sending, "queued": make_waiting(cast.ben, "a tree")}


def states(rows: dict[str, Generation]) -> dict[str, str]:
    for row in rows.values():
        row.refresh_from_db()
    return {name: row.state for name, row in rows.items()}


def test_what_waited_is_released_and_what_was_being_sent_is_in_doubt(
    rows: dict[str, Generation], pass_time: Callable[[float], None]
) -> None:
    pass_time(A_DAY / 2)
    woken = backups.wake(made_at="yesterday")
    assert (woken.released, woken.doubted, woken.asked) == (1, 1, 2)
    assert states(rows) == {"running": "running", "fetching": "fetching", "sending": "in_doubt", "queued": "canceled"}
    assert auditing.audit() == []
    assert Attempt.objects.get(generation=rows["sending"]).outcome == Outcome.UNKNOWN
    assert GenerationEvent.objects.filter(actor="restore").count() == 2
    assert AuditEntry.objects.filter(action="studio_restored").count() == 1


def test_nothing_is_sent_a_second_time(
    cast: Cast, rows: dict[str, Generation], pass_time: Callable[[float], None]
) -> None:
    tries = Attempt.objects.count()
    backups.wake(made_at="yesterday")
    for _ in range(3):
        sweeping.sweep()
        assert claim(credentials=list(Credential.objects.all()), slots=16) == []
        pass_time(601)
    assert Attempt.objects.count() == tries
    assert states(rows)["sending"] == State.LAPSED
    account = ledger.account_of(cast.ben)
    account.refresh_from_db()
    held = sum(row.price for name, row in rows.items() if name in {"running", "fetching"} and row.is_open)
    assert account.held == held


def test_what_a_vendor_has_still_arrives(
    cast: Cast, rows: dict[str, Generation], pass_time: Callable[[float], None]
) -> None:
    """However long ago its time ran out, it is asked about once more."""
    pass_time(A_DAY / 2)
    backups.wake(made_at="yesterday")
    sweeping.sweep()
    assert states(rows)["running"] == State.RUNNING
    finish(rows["running"])
    assert states(rows)["running"] == State.SUCCEEDED
    assert auditing.audit() == []


def test_messages_of_then_are_forgotten(rows: dict[str, Generation]) -> None:
    assert queue.waiting() > 0
    backups.wake(made_at="yesterday")
    assert queue.waiting() == 0


def test_twice_is_like_once(rows: dict[str, Generation]) -> None:
    backups.wake(made_at="yesterday")
    before = states(rows)
    woken = backups.wake(made_at="yesterday")
    assert (woken.released, states(rows)) == (0, before)
    assert auditing.audit() == []


def test_nobody_is_signed_in_any_more(cast: Cast, signed_in: Callable[..., Client]) -> None:
    """Who was signed out after the backup would be back in."""
    assert cast.ben.person is not None
    client = signed_in(cast.ben)
    key = client.session.session_key or ""
    devices.note(person=cast.ben.person, session_key=key, address="192.0.2.1", agent="a browser")
    assert client.get("/").status_code == 200
    assert backups.wake(made_at="yesterday").sessions == 1
    assert not Session.objects.exists()
    assert not UserSession.objects.exists()
    assert client.get("/").status_code == 302
