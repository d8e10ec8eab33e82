"""Adds up again what everybody's pictures take on the shelf, and writes it down where it was wrong.

Each member in a transaction of their own, under the lock that whoever stores a picture waits at.
"""

import logging

from django.db import transaction
from django.db.models import Count, F, Sum

from generations.models import Image, Member, Space

log = logging.getLogger(__name__)


def recount() -> int:
    """Correct every member's sums; says how many were wrong."""
    return sum(_recount(member) for member in Member.objects.order_by("pk").iterator())


def _recount(member: Member) -> bool:
    with transaction.atomic():
        said = Space.objects.filter(pk=member.pk).first() or Space.objects.of(member)
        said = Space.objects.select_for_update(no_key=True).get(pk=said.pk)
        rows = Image.objects.with_file().filter(generation__member=member)
        found = rows.aggregate(size=Sum(F("size_bytes") + F("copies_bytes"), default=0), number=Count("pk"))
        if (said.size_bytes, said.pictures) == (found["size"], found["number"]):
            return False
        Space.objects.filter(pk=member.pk).update(size_bytes=found["size"], pictures=found["number"])
    log.warning("member %s: storage was counted wrong, and is right again", member.pk)
    return True
