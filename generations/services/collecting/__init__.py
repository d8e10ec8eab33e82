"""Fetches finished pictures, checks what they really are, keeps them, and settles the credits.

Files are durable before any row speaks of them; the rows, the settlement and the last move share one transaction.
Running it twice, or in two places, has the effect of running it once. What arrived is not fetched again: each try goes
on where the one before it ended. When some pictures of a generation never come, the others are kept and only their
part of the price is paid.
"""

import logging
import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction

from generations import ledger, nudge, providers, queue
from generations.failpoints import failpoint
from generations.models import Generation, Image, Reason, Space, State, clock
from generations.models.generation.states import (
    FETCH_AGAIN_MAX,
    FETCH_LEASE,
    FETCH_TRIES_MAX,
    STARTS_WITHOUT_END_MAX,
)
from generations.services import indexing
from generations.services.collecting.bringing import Kept, LeaseLost, Trouble, Try, fetch_missing, on_shelf

log = logging.getLogger(__name__)

ACTOR = "collect"
SPREAD_SECONDS = (5, 10, 20, 25)
"""A new file may not be known yet wherever its vendor shows it: the same address is tried again after these."""
ASK_AGAIN_SECONDS = (5, 30, 120)
"""Before the vendor is asked for another address, the first time, the second, the third."""
BLOCKED_AGAIN_MAX = 1
"""An address nobody may follow is no trouble that passes: the vendor is asked once for another."""
RETRY_SECONDS = (5, 15, 600, 3600, 10800)
"""Before the second try, the third, and so on: together under the six hours a fetch may take."""
INVALID_TRIES_MAX = 3
"""What was no picture three times will not become one."""
LOCAL_TROUBLE_SECONDS = 60
ASKED_FOR_SECONDS = 60
"""A row whose next job was just enqueued is asked for again only if that job never came."""


class NotNow(RuntimeError):
    """What is on the shelf cannot be told just now: no reason to keep less of it, or to give it up."""


def collect(*, generation: str) -> None:
    """Bring the result of this generation home, if that is what it waits for."""
    row = Generation.objects.select_related("credential", "team").filter(pk=generation).first()
    if row is None or row.state not in {State.FETCHING, State.LAPSED} or not row.result_urls:
        return
    if row.starts >= STARTS_WITHOUT_END_MAX:
        return  # every start killed its worker: the sweep ends it
    token = secrets.token_hex(16)
    if not row.take(token=token, lease=FETCH_LEASE):
        return
    try:
        kept = on_shelf(row)
    except OSError as error:
        log.warning("generation %s: its files cannot be read now: %s", row.pk, type(error).__name__)
        row.put_back(token=token, next_at=clock.now() + timedelta(seconds=LOCAL_TROUBLE_SECONDS), counted=False)
        return
    try:
        work = Try(row=row, offer=row.offer(), token=token, kept=kept)
    except (providers.UnknownOffer, providers.UnknownProvider):
        _end(row, kept, Reason.RESULT_LOST, lease=token)
        return
    try:
        fetch_missing(work)
        _decide(work)
    except LeaseLost:
        log.warning("generation %s: the lease ran out while fetching", row.pk)


def keep_arrived(row: Generation, *, actor: str) -> bool:
    """Have a generation that will bring no more end with what is on the shelf of it; False when that is nothing.

    Also one that is at the vendor again, who was asked for other addresses (T15): what came before is paid in part.
    Raises NotNow while our own disk does not answer: then nothing is decided, and it comes again.
    """
    try:
        kept = on_shelf(row)
    except OSError as error:
        raise NotNow(f"the shelf does not answer: {type(error).__name__}") from error
    if not kept:
        return False
    with transaction.atomic():
        if row.state == State.RUNNING and not row.move(State.FETCHING, actor=actor):
            return False
        return _finish(row, kept, actor=actor)


def _decide(work: Try) -> None:
    """What comes next: the end, or another try of whichever kind can still help."""
    row, troubles = work.row, work.troubles
    if len(work.kept) == len(row.result_urls):
        failpoint("after_store")
        if not _finish(row, work.kept, lease=work.token):
            raise LeaseLost
        failpoint("after_settle")
    elif Trouble.OURS in troubles:
        _put_back(work, LOCAL_TROUBLE_SECONDS)
    elif work.is_cut_short and work.went_on:
        with transaction.atomic():
            _put_back(work, ASKED_FOR_SECONDS)
            queue.later("collect", generation=row.pk)
    elif Trouble.BLOCKED in troubles and row.fetched_again < BLOCKED_AGAIN_MAX:
        _ask_again(work)
    elif Trouble.REFUSED in troubles and row.refused < len(SPREAD_SECONDS):
        _put_back(work, SPREAD_SECONDS[row.refused], refused=row.refused + 1)
    elif troubles & {Trouble.REFUSED, Trouble.GONE} and row.fetched_again < FETCH_AGAIN_MAX:
        _ask_again(work)
    elif _may_try_again(row, troubles):
        _put_back(work, RETRY_SECONDS[min(row.fetches, len(RETRY_SECONDS)) - 1], counted=True)
    else:
        invalid = troubles == {Trouble.INVALID}
        _end(row, work.kept, Reason.RESULT_INVALID if invalid else Reason.RESULT_LOST, lease=work.token)


def _may_try_again(row: Generation, troubles: set[Trouble]) -> bool:
    if Trouble.BROKEN in troubles:
        return row.fetches < FETCH_TRIES_MAX
    return Trouble.INVALID in troubles and row.fetches < INVALID_TRIES_MAX


def _put_back(work: Try, seconds: float, *, counted: bool = False, **changes: Any) -> None:
    next_at = clock.now() + timedelta(seconds=seconds)
    work.row.put_back(token=work.token, next_at=next_at, counted=counted, **changes)


def _ask_again(work: Try) -> None:
    """The addresses are dead: the vendor may name others (T15). A row whose credits are back stays where it is."""
    row = work.row
    seconds = ASK_AGAIN_SECONDS[min(row.fetched_again, len(ASK_AGAIN_SECONDS) - 1)]
    changes: dict[str, Any] = {"result_urls": [], "fetched_again": row.fetched_again + 1, "refused": 0}
    with transaction.atomic():
        if row.state == State.LAPSED:
            _put_back(work, seconds, **changes)
        else:
            moment = clock.now()
            next_at = moment + timedelta(seconds=seconds)
            row.move(
                State.RUNNING,
                actor=ACTOR,
                lease=work.token,
                lease_token="",
                lease_until=None,
                starts=0,
                fetches=row.fetches - 1,
                next_at=next_at,
                deadline_at=next_at + timedelta(seconds=work.offer.deadline_seconds),
                **changes,
            )
        nudge.kick()


def _end(row: Generation, kept: Sequence[Kept], reason: Reason, *, lease: str) -> None:
    """Nothing helps any more: what is here stays (T13, T16), and nothing else is paid for; or the end is T14, T17."""
    if kept:
        _finish(row, kept, lease=lease)
        return
    with transaction.atomic():
        held = row.state == State.FETCHING
        changes: dict[str, Any] = {"lease_token": "", "lease_until": None}
        if row.move(State.FAILED, actor=ACTOR, lease=lease, reason=reason, **changes) and held:
            ledger.release(generation=row, actor=ACTOR, reason=reason)


def _finish(row: Generation, kept: Sequence[Kept], *, actor: str = ACTOR, lease: str | None = None) -> bool:
    """T13 for pictures in time, T16 for those whose credits are back already; False when the row is somebody else's."""
    to = State.RECOVERED if row.state == State.LAPSED else State.SUCCEEDED
    named = kept[0].of
    changes: dict[str, Any] = {"lease_token": "", "lease_until": None, "starts": 0, "arrived": []}
    # Where the vendor was asked for other addresses and gave none, there are as many without a word.
    changes |= {"missing": named - len(kept), "result_urls": row.result_urls or [""] * named}
    with transaction.atomic():
        if not row.move(to, actor=actor, lease=lease, **changes):
            return False
        row.refresh_from_db(fields=["hidden_by"])  # a moderator may have hidden it while it was fetched
        if row.source_id and not row.hidden_by_id:  # or what it enlarges, while it was ordered
            row.hidden_by_id = Image.objects.filter(pk=row.source_id).values_list("hidden_by", flat=True).first()
        stored = Image.objects.bulk_create(_images(row, kept))
        indexing.index_stored(stored)
        if row.state == State.SUCCEEDED:
            ledger.settle(generation=row, amount=row.charged if row.missing else None, actor=actor)
        Space.objects.take(member=row.member_id, sizes=[image.stored_bytes for image in stored])
    log.info("generation %s %s with %s of %s", row.pk, row.state, len(kept), named)
    return True


def _images(row: Generation, kept: Sequence[Kept]) -> list[Image]:
    first_last = sorted(kept, key=lambda one: -one.index)
    hidden = {"hidden_by_id": row.hidden_by_id, "hidden_at": clock.now()} if row.hidden_by_id else {}
    return [
        Image(
            team=row.team,
            generation=row,
            index=one.index,
            parent_id=row.source_id,
            sha256=one.sha256,
            format=one.format,
            width=one.width,
            height=one.height,
            size_bytes=one.size_bytes,
            tone=one.tone,
            renditions=one.renditions,
            copies_bytes=sum(copy["size_bytes"] for copy in one.renditions),
            **hidden,
        )
        for one in first_last  # the first has the largest id, so it leads wherever the newest come first
    ]
