"""What became of the files somebody brought."""

import uuid
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings

from generations.models import Member, Trouble, Upload, UploadState, clock
from generations.queries.cards import Picture, picture_of
from generations.queries.space import standing_of

SHOWN = 40
SHOWN_FOR = timedelta(hours=1)
FILES_AT_ONCE = settings.DATA_UPLOAD_MAX_NUMBER_FILES


@dataclass(frozen=True, kw_only=True, slots=True)
class Brought:
    """One file. `mood` is that of a notice."""

    id: uuid.UUID
    name: str
    state: str
    label: str
    detail: str
    mood: str
    picture: Picture | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Uploads:
    """`request_key` is for the next files."""

    files: list[Brought]
    is_live: bool
    request_key: str
    warning: str
    summary: str
    megabytes: int
    files_at_once: int

    @property
    def bytes_max(self) -> int:
        return self.megabytes * 1_000_000


def uploads_of(member: Member) -> Uploads:
    """This member's files of the last hour and those that still wait, the newest first."""
    rows = Upload.objects.filter(member=member, created_at__gt=clock.now() - SHOWN_FOR)
    found = list(rows.select_related("image__generation").order_by("-pk")[:SHOWN])
    files = [_brought(row) for row in found]
    return Uploads(
        files=files,
        is_live=any(row.state == UploadState.WAITING for row in found),
        request_key=uuid.uuid4().hex,
        warning=standing_of(member).warning,
        summary=_summary(files),
        megabytes=settings.UPLOAD_MB,
        files_at_once=FILES_AT_ONCE,
    )


def _brought(row: Upload) -> Brought:
    image = row.image if row.image and row.image.deleted_at is None and row.image.hidden_at is None else None
    detail = Trouble(row.trouble).label if row.trouble else ""
    if row.trouble == Trouble.TOO_HEAVY:
        detail = f"The file is larger than {settings.UPLOAD_MB} MB. Make it smaller and try again."
    return Brought(
        id=row.pk,
        name=row.name,
        state=row.state,
        label=UploadState(row.state).label,
        detail=detail,
        mood={UploadState.STORED: "good", UploadState.REFUSED: "danger"}.get(UploadState(row.state), ""),
        picture=picture_of(image, prompt=image.generation.prompt) if image else None,
    )


def _summary(files: list[Brought]) -> str:
    """One line for eyes and screen readers."""
    words = (
        (UploadState.WAITING, "being checked"),
        (UploadState.STORED, "in your library"),
        (UploadState.KNOWN, "there already"),
        (UploadState.REFUSED, "not taken"),
    )
    counted = ((sum(one.state == state for one in files), word) for state, word in words)
    return ", ".join(f"{number} {word}" for number, word in counted if number)
