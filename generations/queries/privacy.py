"""Who sees a picture: as its page says it, and who of the managers has looked in."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from generations.models import AuditEntry, Generation, Image, Member

OPENINGS_SHOWN = 20
OPENED = "private_picture_opened"


@dataclass(frozen=True)
class Opening:
    at: datetime
    name: str


@dataclass(frozen=True, kw_only=True)
class Privacy:
    """`is_own` means that the reader decides; `openings` only then says who else looked, newest first."""

    is_private: bool
    is_own: bool
    maker: str
    url: str
    openings: list[Opening]


def privacy_of(image: Image, *, viewer: Member) -> Privacy:
    generation = image.generation
    own = is_own(image, viewer)
    return Privacy(
        is_private=generation.is_private,
        is_own=own,
        maker=generation.member.called,
        url=reverse("image_privacy", args=[image.pk]),
        openings=_openings(image) if own else [],
    )


def is_own(image: Image, viewer: Member) -> bool:
    """Whether this member made the picture, or has it since its maker left."""
    return viewer.pk in {image.generation.member_id, image.generation.kept_by_id}


def target_of(image: Image) -> str:
    """How the audit log names a picture."""
    return f"image:{image.pk}"


def target_of_work(generation: Generation) -> str:
    """The same for all that one order brought, with its words."""
    return f"generation:{generation.pk}"


def _openings(image: Image) -> list[Opening]:
    targets = [target_of(image), target_of_work(image.generation)]
    lines = AuditEntry.objects.filter(target__in=targets, action=OPENED).select_related("person").order_by("-id")
    return [Opening(line.at, line.person.called if line.person else "Former member") for line in lines[:OPENINGS_SHOWN]]
