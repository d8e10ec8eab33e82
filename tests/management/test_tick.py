"""`manage.py tick` does what the worker does, and keeps still where the worker may not start."""

import io

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from generations.models import Generation, clock
from generations.services.backups.marks import MARK
from tests.conftest import Cast
from tests.making import make_waiting


def tick() -> str:
    call_command("tick", stdout=(said := io.StringIO()))
    return said.getvalue().strip()


def test_it_says_what_it_did(cast: Cast) -> None:
    row = make_waiting(cast.ben)
    assert "failed" not in tick()
    Generation.objects.filter(pk=row.pk).update(deadline_at=clock.now(), next_at=clock.now())

    assert "1 failed" in tick()
    assert tick() == "nothing was due"


def test_after_a_restore_that_was_cut_short_it_sends_nothing(cast: Cast) -> None:
    make_waiting(cast.ben)
    (settings.MEDIA_ROOT / MARK).write_text("")

    with pytest.raises(CommandError, match="A restore was cut short"):
        tick()
