"""Rows as a file for spreadsheets: comma-separated values after RFC 4180, with nothing in them that would be run."""

import csv
from collections.abc import Iterable, Iterator, Sequence

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
ROWS_AT_ONCE = 200


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


def csv_of(rows: Iterable[Sequence[str | int]]) -> Iterator[str]:
    """The file in pieces. Numbers stay numbers; words a spreadsheet would take for a formula get an apostrophe."""
    writer = csv.writer(_Echo(), lineterminator="\r\n")
    piece: list[str] = []
    for row in rows:
        piece.append(writer.writerow([safe(cell) for cell in row]))
        if len(piece) == ROWS_AT_ONCE:
            yield "".join(piece)
            piece = []
    yield "".join(piece)


def safe(cell: str | int) -> str | int:
    """The cell, harmless."""
    if isinstance(cell, str) and cell.lstrip(" ").startswith(FORMULA_STARTS):
        return f"'{cell}"
    return cell
