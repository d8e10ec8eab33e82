"""One job's work on one generation: fetches what is not on the shelf yet, checks it, keeps it, and notes the trouble.

Nothing is decided here. What arrived is noted in the generation's row, so that the next try goes on from there.
"""

import logging
import time
from dataclasses import asdict, dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any

from django.conf import settings

from generations import connections, downloads, pictures, providers, storage
from generations.models import Generation
from generations.models.generation.states import FETCH_LEASE
from generations.providers.base import Offer, ResultGone

log = logging.getLogger(__name__)

TRANSFERS_END_SECONDS = 78
"""No transfer goes on longer into a job: the queue ends every job after 90 s."""
DECODE_WITHIN_SECONDS = 40
"""What came later in a job than this is decoded and stored by the next one; later addresses wait for that one too."""
TRANSFER_SECONDS_MIN = 45
SLOWEST_BYTES_PER_SECOND = 2_500_000
"""At this pace even the largest result an offer may have arrives in one job."""


class LeaseLost(Exception):
    """Someone else fetches this picture now."""


class Trouble(Enum):
    """Why a picture is not here, by what helps."""

    OURS = "our own disk did not take it: no fault of the picture, so it uses up no try"
    REFUSED = "its address led nowhere, which may pass; or the vendor names another"
    GONE = "only the vendor can help, with another address"
    BLOCKED = "its address is one we do not follow"
    INVALID = "what came is no picture"
    BROKEN = "the transfer broke off"


@dataclass(frozen=True)
class Kept:
    """A picture on the shelf that no image row speaks of yet, the `index`th `of` those the vendor named."""

    index: int
    of: int
    sha256: str
    format: str
    width: int
    height: int
    size_bytes: int
    tone: str
    renditions: list[dict[str, int]]

    def names(self) -> list[str]:
        """Its files on the shelf."""
        copies = [storage.rendition_name(sha256=self.sha256, width=one["width"]) for one in self.renditions]
        return [storage.original_name(sha256=self.sha256, format=self.format), *copies]


@dataclass
class Try:
    """One job's work on one generation."""

    row: Generation
    offer: Offer
    token: str
    kept: list[Kept]
    troubles: set[Trouble] = field(default_factory=set)
    went_on: bool = False
    """Whether this job brought it any further."""
    is_cut_short: bool = False
    """Whether something is left for which this job has no time."""
    started: float = field(default_factory=time.monotonic)

    def seconds(self) -> float:
        return time.monotonic() - self.started

    def missing(self) -> list[int]:
        """The places of those not on the shelf: first what was fetched already, and each try begins with another."""
        row, number = self.row, len(self.row.result_urls)
        missing = set(range(number)) - {one.index for one in self.kept}
        return sorted(
            missing,
            key=lambda index: (not storage.is_aside(work=row.pk, index=index), (index - row.fetches + 1) % number),
        )

    def renew(self, **changes: Any) -> None:
        if not self.row.keep(token=self.token, lease=FETCH_LEASE, **changes):
            raise LeaseLost


def on_shelf(row: Generation) -> list[Kept]:
    """What earlier tries brought home, as long as the vendor names as many pictures and their files are there."""
    noted = [one for facts in row.arrived if (one := _noted(row, facts)) is not None]
    named = len(row.result_urls)  # none at all while the vendor is asked for other addresses
    return [one for one in noted if one.of == (named or one.of) and storage.hold(*one.names())]


def _noted(row: Generation, facts: dict[str, Any]) -> Kept | None:
    """None for a note in another version's words: then that picture is fetched anew."""
    try:
        one = Kept(**facts)
        one.names()
    except (TypeError, ValueError, LookupError):
        log.warning("generation %s: what it notes of a picture on the shelf cannot be read", row.pk)
        return None
    return one


def fetch_missing(work: Try) -> None:
    try:
        with storage.workspace() as folder:
            for number, index in enumerate(work.missing()):
                if number and work.seconds() > DECODE_WITHIN_SECONDS:
                    work.is_cut_short = True
                    return
                _fetch_one(work, index, folder)
                if Trouble.OURS in work.troubles:
                    return
    except OSError as error:
        _note(work, error)


def _fetch_one(work: Try, index: int, folder: Path) -> None:
    file = folder / f"{index}.result"
    try:
        is_here = storage.take_aside(work=work.row.pk, index=index, to=file)
        if not is_here:
            _transfer(work, work.row.result_urls[index], to=file)
        work.renew()
        if not is_here and work.seconds() > DECODE_WITHIN_SECONDS:
            storage.set_aside(file, work=work.row.pk, index=index)
            work.is_cut_short = True
        else:
            work.kept.append(_keep(work, index, file, folder))
            if len(work.row.result_urls) > 1:
                work.renew(arrived=[asdict(one) for one in work.kept])
        work.went_on = True
    except (downloads.DownloadError, ResultGone, pictures.NotAPicture, OSError) as error:
        _note(work, error)


def _transfer(work: Try, url: str, *, to: Path) -> None:
    """The bytes behind one address: by the provider if it reads its own results, else by the pinned client."""
    credential = work.row.credential
    if credential is None:
        raise ResultGone("no credential")
    cap = work.offer.result_bytes_max
    if providers.get(work.row.provider).reads_own_results:
        with to.open("wb") as file:
            connections.provider_of(credential).fetch(url, to=file)
        if to.stat().st_size > cap:
            raise downloads.TooLarge(f"over {cap} bytes")
        return
    seconds = max(TRANSFER_SECONDS_MIN, cap / SLOWEST_BYTES_PER_SECOND)
    downloads.download(
        url,
        to=to,
        bytes_max=cap,
        origin=connections.origin_of(credential),
        allow_private_hosts=settings.ALLOW_PRIVATE_HOSTS,
        seconds_max=max(1.0, min(seconds, TRANSFERS_END_SECONDS - work.seconds())),
        on_chunk=lambda: work.row.keep(token=work.token, lease=FETCH_LEASE),
    )


def _keep(work: Try, index: int, file: Path, folder: Path) -> Kept:
    processed = pictures.process(file, to_folder=folder)
    renditions = storage.keep_picture(file, processed)
    facts = processed.facts
    return Kept(
        index=index,
        of=len(work.row.result_urls),
        sha256=facts.sha256,
        format=facts.format,
        width=facts.width,
        height=facts.height,
        size_bytes=facts.size_bytes,
        tone=facts.tone,
        renditions=renditions,
    )


def _note(work: Try, error: Exception) -> None:
    log.warning("generation %s: fetch %s failed: %s", work.row.pk, work.row.fetches, type(error).__name__)
    match error:
        case OSError() | downloads.NotWritten():
            work.troubles.add(Trouble.OURS)
        case downloads.Blocked():
            work.troubles.add(Trouble.BLOCKED)
        case downloads.Gone():
            work.troubles.add(Trouble.REFUSED)
        case ResultGone():
            work.troubles.add(Trouble.GONE)
        case pictures.NotAPicture() | downloads.TooLarge():
            work.troubles.add(Trouble.INVALID)
        case _:
            work.troubles.add(Trouble.BROKEN)
