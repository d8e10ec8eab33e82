"""I20: what each member's pictures are said to take on the shelf is what their rows add up to."""

from collections.abc import Iterator

from django.db.models import Count, F, Sum

from generations.models import Image, Space
from generations.services.auditing.findings import Finding


def sums(rule: str) -> Iterator[Finding]:
    """I20: bytes and pictures of every member, those in the trash among them."""
    counted = counts()
    for row in Space.objects.order_by("pk"):
        said, found = (row.size_bytes, row.pictures), counted.pop(row.pk, (0, 0))
        if said != found:
            words = f"has {said[0]} bytes in {said[1]} pictures where its pictures make {found[0]} in {found[1]}"
            yield Finding(rule=rule, subject="member", id=str(row.pk), words=words)
    for member, found in sorted(counted.items()):
        words = f"has no storage counted where its pictures make {found[0]} bytes in {found[1]}"
        yield Finding(rule=rule, subject="member", id=str(member), words=words)


def counts() -> dict[int, tuple[int, int]]:
    """The bytes and the number of the pictures of each member, added up from their rows."""
    rows = Image.objects.with_file().order_by().values("generation__member")
    summed = rows.annotate(size=Sum(F("size_bytes") + F("copies_bytes")), number=Count("pk"))
    return {row["generation__member"]: (row["size"], row["number"]) for row in summed}
