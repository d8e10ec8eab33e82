"""Many pictures, some at a time: those a member sees are held, changed and written to the index in one transaction."""

from collections.abc import Callable, Collection, Sequence
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from generations.models import Image, Member
from generations.services import indexing

AT_ONCE = 500
Pictures = QuerySet[Image] | Sequence[Image]


def change(member: Member, images: Pictures, act: Callable[[list[UUID]], Collection[UUID]]) -> list[UUID]:
    """Let `act` change those that are there for the member, and say which it changed. Oldest first, as all who lock."""
    keys = images.values_list("pk", flat=True) if isinstance(images, QuerySet) else (image.pk for image in images)
    every, changed = sorted(set(keys)), []
    for begin in range(0, len(every), AT_ONCE):
        with transaction.atomic():
            done = sorted(act(_held(member, every[begin : begin + AT_ONCE])))
            if done:
                indexing.index(Image.objects.filter(pk__in=done))
        changed += done
    return changed


def _held(member: Member, keys: list[UUID]) -> list[UUID]:
    """Those of them the member sees now. Nobody else changes, hides or marks them until the transaction ends."""
    seen = Image.objects.visible_to(member).filter(pk__in=keys).order_by("pk").only("pk")
    return [image.pk for image in seen.select_for_update(of=("self",), no_key=True)]
