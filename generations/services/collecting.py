"""Fetches a finished picture, checks what it really is, keeps it, and settles the credits.

Files are durable before any row speaks of them; the rows, the settlement and the last move share one transaction.
Running it twice, or in two places, has the effect of running it once.
"""

import logging
import secrets
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction

from generations import connections, downloads, ledger, nudge, pictures, providers, storage
from generations.models import Generation, Image, Reason, State, clock
from generations.models.generation.states import (
    FETCH_AGAIN_MAX,
    FETCH_LEASE,
    FETCH_TRIES_MAX,
    STARTS_WITHOUT_END_MAX,
)
from generations.providers.base import Offer, ResultGone

log = logging.getLogger(__name__)

ACTOR = "collect"
DOWNLOAD_SECONDS_MAX = 45
"""For all addresses of one generation together: leaves the job's 90 s enough for decoding and storing."""
RETRY_SECONDS = (5, 15, 600, 3600, 10800)
"""Before the second try, the third, and so on: together under the six hours a fetch may take."""
INVALID_TRIES_MAX = 3
"""What was no picture three times will not become one."""
LOCAL_TROUBLE_SECONDS = 60


class LeaseLost(Exception):
    """Someone else fetches this picture now."""


@dataclass(frozen=True)
class Kept:
    """A picture on the shelf that no row speaks of yet."""

    index: int
    facts: pictures.Facts
    renditions: list[dict[str, int]]


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
        _fetch_and_store(row, token)
    except LeaseLost:
        log.warning("generation %s: the lease ran out while fetching", row.pk)
    except (downloads.Gone, ResultGone):
        _gone(row, token)
    except (downloads.DownloadError, pictures.NotAPicture, OSError) as error:
        _try_again(row, token, error)


def _fetch_and_store(row: Generation, token: str) -> None:
    end = time.monotonic() + DOWNLOAD_SECONDS_MAX
    with storage.workspace() as folder:
        kept = [
            _keep(row, url, index=index, folder=folder, token=token, seconds_max=max(1.0, end - time.monotonic()))
            for index, url in enumerate(row.result_urls)
        ]
    with transaction.atomic():
        if not _finish(row, token):
            raise LeaseLost
        Image.objects.bulk_create(_images(row, kept))
        if row.state == State.SUCCEEDED:
            ledger.settle(generation=row, actor=ACTOR)
    log.info("generation %s %s with %s", row.pk, row.state, len(kept))


def _finish(row: Generation, token: str) -> bool:
    """T13 for a picture in time, T16 for one whose credits are back already."""
    to = State.RECOVERED if row.state == State.LAPSED else State.SUCCEEDED
    return row.move(to, actor=ACTOR, lease=token, lease_token="", lease_until=None, starts=0)


def _keep(row: Generation, url: str, *, index: int, folder: Path, token: str, seconds_max: float) -> Kept:
    file = folder / f"{index}.result"
    _fetch(row, url, to=file, token=token, seconds_max=seconds_max)
    if not row.keep(token=token, lease=FETCH_LEASE):
        raise LeaseLost
    processed = pictures.process(file, to_folder=folder)
    facts = processed.facts
    storage.keep(file, name=storage.original_name(sha256=facts.sha256, format=facts.format))
    for rendition in processed.renditions:
        storage.keep(rendition.path, name=storage.rendition_name(sha256=facts.sha256, width=rendition.width))
    sizes = [
        {"width": rendition.width, "height": rendition.height, "size_bytes": rendition.size_bytes}
        for rendition in sorted(processed.renditions, key=lambda rendition: rendition.width)
    ]
    return Kept(index=index, facts=facts, renditions=sizes)


def _fetch(row: Generation, url: str, *, to: Path, token: str, seconds_max: float) -> None:
    """The bytes behind one address: by the provider if it reads its own results, else by the pinned client."""
    credential = row.credential
    if credential is None:
        raise downloads.Gone("no credential")
    cap = _offer(row).result_bytes_max
    provider = providers.get(row.provider)
    if provider.reads_own_results:
        with to.open("wb") as file:
            connections.provider_of(credential).fetch(url, to=file)
        if to.stat().st_size > cap:
            raise downloads.TooLarge(f"over {cap} bytes")
        return
    downloads.download(
        url,
        to=to,
        bytes_max=cap,
        origin=connections.origin_of(credential),
        allow_private_hosts=settings.ALLOW_PRIVATE_HOSTS,
        seconds_max=seconds_max,
        on_chunk=lambda: row.keep(token=token, lease=FETCH_LEASE),
    )


def _offer(row: Generation) -> Offer:
    try:
        return row.offer()
    except (providers.UnknownOffer, providers.UnknownProvider) as error:
        raise downloads.Gone("the provider is gone") from error


def _images(row: Generation, kept: list[Kept]) -> list[Image]:
    return [
        Image(
            team=row.team,
            generation=row,
            index=one.index,
            parent_id=row.source_id,
            sha256=one.facts.sha256,
            format=one.facts.format,
            width=one.facts.width,
            height=one.facts.height,
            size_bytes=one.facts.size_bytes,
            tone=one.facts.tone,
            renditions=one.renditions,
        )
        for one in kept
    ]


def _gone(row: Generation, token: str) -> None:
    """The address is dead: the vendor may name a new one (T15), else the picture is lost (T14)."""
    if row.state == State.LAPSED or row.fetched_again >= FETCH_AGAIN_MAX:
        _give_up(row, token, Reason.RESULT_LOST)
        return
    moment = clock.now()
    with transaction.atomic():
        row.move(
            State.RUNNING,
            actor=ACTOR,
            lease=token,
            result_urls=[],
            fetched_again=row.fetched_again + 1,
            lease_token="",
            lease_until=None,
            starts=0,
            next_at=moment + timedelta(seconds=2),
            deadline_at=moment + timedelta(seconds=_offer(row).deadline_seconds),
        )
        nudge.kick()


def _try_again(row: Generation, token: str, error: Exception) -> None:
    """Not this time. After the last try the credits go back (T14)."""
    log.warning("generation %s: fetch %s failed: %s", row.pk, row.fetches, type(error).__name__)
    if isinstance(error, OSError):  # our own disk: no fault of the picture, so it uses up no try
        later = clock.now() + timedelta(seconds=LOCAL_TROUBLE_SECONDS)
        row.put_back(token=token, next_at=later, counted=False)
    elif isinstance(error, pictures.NotAPicture | downloads.TooLarge) and row.fetches >= INVALID_TRIES_MAX:
        _give_up(row, token, Reason.RESULT_INVALID)
    elif row.fetches >= FETCH_TRIES_MAX:
        _give_up(row, token, Reason.RESULT_LOST)
    else:
        row.put_back(token=token, next_at=_next_try(row))


def _next_try(row: Generation) -> datetime:
    return clock.now() + timedelta(seconds=RETRY_SECONDS[min(row.fetches, len(RETRY_SECONDS)) - 1])


def _give_up(row: Generation, token: str, reason: Reason) -> None:
    with transaction.atomic():
        held = row.state == State.FETCHING
        changes = {"lease_token": "", "lease_until": None}
        if row.move(State.FAILED, actor=ACTOR, lease=token, reason=reason, **changes) and held:
            ledger.release(generation=row, actor=ACTOR, reason=reason)
