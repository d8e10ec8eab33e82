"""Why no archive is packed, in words for the person who asked for one."""

from generations.queries.image_page import file_size

PICTURES_MAX = 10_000
BYTES_MAX = 8 * 1024**3
"""As much as one job can take the print of, on a slow disk, too."""
AT_ONCE_MAX = 5
"""Archives of one member that are packed or wait to be fetched."""


class ArchiveRefused(Exception):
    """There will be no archive; the message says why, and what to do."""


class NothingToPack(ArchiveRefused):
    def __init__(self) -> None:
        super().__init__("There is no picture to pack: choose at least one that is still there.")


class TooManyPictures(ArchiveRefused):
    def __init__(self) -> None:
        super().__init__(
            f"One archive takes {PICTURES_MAX:,} pictures. Choose fewer, and pack the rest in another one."
        )


class TooManyBytes(ArchiveRefused):
    def __init__(self, size_bytes: int) -> None:
        super().__init__(
            f"These pictures are {file_size(size_bytes)}, and one archive takes {file_size(BYTES_MAX)}. Choose fewer, "
            "and pack the rest in another one."
        )


class TooManyArchives(ArchiveRefused):
    def __init__(self) -> None:
        super().__init__(
            f"You have {AT_ONCE_MAX} archives that are being packed or wait to be fetched. Remove one of them first."
        )


class NotOver(ArchiveRefused):
    def __init__(self) -> None:
        super().__init__("This archive is being packed, or is there to be fetched.")
