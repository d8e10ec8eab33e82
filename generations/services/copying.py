"""Makes the smaller copy of a picture that a person agreed to send, before its order goes out.

It runs in the background only: a decode takes longer than a request or the pump may wait. It decides nothing; an order
whose copy cannot be made ends, and its credits go back; while our own disk does not take it, it waits.
"""

import logging
import secrets
from datetime import timedelta

from django.db import transaction

from generations import ledger, nudge, pictures, providers, storage
from generations.models import Generation, Image, Reason, State, clock
from generations.models.generation.states import STARTS_WITHOUT_END_MAX
from generations.providers import catalogue

log = logging.getLogger(__name__)

ACTOR = "copy"
LEASE = timedelta(seconds=90)
"""As long as a job may run: two workers never decode the same picture for one order."""
LOCAL_TROUBLE_WAIT = timedelta(seconds=60)


def copy(*, generation: str) -> None:
    """Have the copy ready that this order sends, if it waits for one. Safe to call again."""
    row = Generation.objects.select_related("source").filter(pk=generation, state=State.QUEUED).first()
    if row is None:
        return
    bytes_max = _bytes_max(row)
    if bytes_max is None or row.source is None:
        return
    if storage.copy_path(row.source, bytes_max):
        if row.postpone(clock.now()):  # made for another order: no need to wait any longer
            nudge.kick()
        return
    if row.starts >= STARTS_WITHOUT_END_MAX:
        _give_up(row, Reason.WORKER_CRASH)  # every start killed its worker
        return
    token = secrets.token_hex(16)
    if not row.take(token=token, lease=LEASE):
        return
    try:
        _make(row.source, bytes_max)
    except (pictures.NotAPicture, FileNotFoundError) as error:
        log.warning("generation %s: its source cannot be copied: %s", row.pk, type(error).__name__)
        _give_up(row, Reason.REFUSED_INPUT)
    except OSError as error:
        # Our own disk is full or away: no fault of the order, so it uses up no try.
        log.warning("generation %s: no copy can be stored now: %s", row.pk, type(error).__name__)
        row.put_back(token=token, next_at=clock.now() + LOCAL_TROUBLE_WAIT, counted=False)
    else:
        row.put_back(token=token, next_at=clock.now(), counted=False)
        nudge.kick()
        log.info("generation %s: its source is copied", row.pk)


def _bytes_max(row: Generation) -> int | None:
    try:
        return catalogue.copy_bytes_max(row.offer(), row.choices)
    except (providers.UnknownOffer, providers.UnknownProvider):
        return None  # the sweep ends it


def _make(image: Image, bytes_max: int) -> None:
    with storage.workspace() as folder:
        file = folder / "copy.jpg"
        pictures.make_copy(storage.original_path(image), to=file, bytes_max=bytes_max)
        storage.keep(file, name=storage.copy_name(sha256=image.sha256, bytes_max=bytes_max))


def _give_up(row: Generation, reason: Reason) -> None:
    """T9: it will never be sent."""
    with transaction.atomic():
        if row.move(State.FAILED, actor=ACTOR, reason=reason, lease_token="", lease_until=None):
            ledger.release(generation=row, actor=ACTOR, reason=reason)
