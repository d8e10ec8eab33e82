"""Archives for tests: packed in the test's own process."""

from collections.abc import Sequence

from generations.models import Archive, Image, Member
from generations.services import archiving


def pack(member: Member, images: Sequence[Image]) -> Archive:
    """An archive of these, as far as it gets: every slice of it is packed now."""
    row = archiving.order_archive(member=member, images=images)
    return go_on(row)


def go_on(row: Archive) -> Archive:
    """Pack what is left of it, as the queue would."""
    row.refresh_from_db()
    while row.is_under_way:
        archiving.go_on(archive=row.token)
        row.refresh_from_db()
    return row
