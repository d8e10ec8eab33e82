"""`manage.py maintenance`: for scripts around a deploy, so it may be run twice."""

import io
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from generations.models import AuditEntry, Closure, Shut, clock
from generations.services import shutting
from tests.conftest import Cast
from tests.making import make_waiting


def run(*words: str) -> str:
    out = io.StringIO()
    call_command("maintenance", *words, stdout=out)
    return out.getvalue()


def test_on_status_off(cast: Cast) -> None:
    make_waiting(cast.ben)
    assert run("status").startswith("off: new orders are taken. 1 waiting, 0 running")
    assert run("on", "--reason", "A new version").startswith("on: A new version.")
    assert run("status").startswith("on: A new version. 1 waiting, 0 running")
    assert run("off").startswith("off")
    assert [line.actor for line in AuditEntry.objects.order_by("pk")][-2:] == ["command", "command"]


def test_twice_it_is_done_once(cast: Cast) -> None:
    for _ in range(2):
        run("on", "--reason", "A new version")
    assert Closure.objects.count() == 1
    for _ in range(2):
        run("off")
    assert AuditEntry.objects.filter(action="maintenance_ended").count() == 1


def test_another_end_takes_the_place_of_the_first_and_keeps_its_words(cast: Cast) -> None:
    run("on", "--reason", "A new version", "--until", "30")
    run("on", "--until", "60")
    closure = Closure.objects.standing().get()
    assert closure.reason == "A new version"
    assert closure.ends_at is not None
    assert timedelta(minutes=59) < closure.ends_at - clock.now() <= timedelta(minutes=60)


def test_an_end_is_a_moment_or_minutes(cast: Cast) -> None:
    run("on", "--until", "2099-03-01T14:30")
    ends_at = Closure.objects.standing().get().ends_at
    assert ends_at is not None
    assert ends_at.isoformat() == "2099-03-01T14:30:00+00:00"
    for wrong in ("soon", "2099-13-01T14:30", "2020-01-01T00:00", "0", "-5", "9" * 40):
        with pytest.raises(CommandError):
            call_command("maintenance", "on", f"--until={wrong}")


def test_what_is_only_planned_begins_now_or_is_given_up(cast: Cast) -> None:
    begins = clock.now() + timedelta(hours=5)
    shutting.shut(kind=Shut.MAINTENANCE, reason="Later", by=None, begins_at=begins)
    assert run("status").startswith("planned for")
    assert run("on").startswith("on")
    run("off")
    shutting.shut(kind=Shut.MAINTENANCE, reason="Later", by=None, begins_at=begins)
    assert run("off").startswith("off")
