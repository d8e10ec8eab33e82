"""Pictures as one ZIP file: ordered by a member, packed by the queue, fetched for a day by who ordered it alone.

An archive is whole or there is none: a file that is missing, short or damaged refuses all of it, and its page says
which pictures those are. What its member may not see any more is left out, and both the page and the archive say so.
"""

from generations.services.archiving.keeping import file_of, forget, keep_house, wake, withdraw
from generations.services.archiving.ordering import order_again, order_archive, remove
from generations.services.archiving.refusals import (
    ArchiveRefused,
    NothingToPack,
    NotOver,
    TooManyArchives,
    TooManyBytes,
    TooManyPictures,
)
from generations.services.archiving.slices import go_on

__all__ = [
    "ArchiveRefused",
    "NotOver",
    "NothingToPack",
    "TooManyArchives",
    "TooManyBytes",
    "TooManyPictures",
    "file_of",
    "forget",
    "go_on",
    "keep_house",
    "order_again",
    "order_archive",
    "remove",
    "wake",
    "withdraw",
]
