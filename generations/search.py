"""The search index: numbers with the tokens they are found by, largest number first, alike on SQLite and PostgreSQL.

A token is a word or a term. Words are cut and folded here and nowhere else, so both engines find the same: case and
accents do not count, and every word finds what begins with it. A term says a fact, `_vendor_demo`; it begins with an
underscore, which no word holds, so that nobody finds a fact by typing it. The index lies in a table of its own, FTS5 or
a `tsvector` under GIN; no trigger fills it: whoever changes what a picture is found by writes it in its transaction.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db import connection
from django.db.backends.utils import CursorWrapper

TOKEN_CHARACTERS_MAX = 40
TOKENS_MAX = 600
"""What stands later in a text finds nothing: prompts of vendors end far earlier."""
ASKED_MAX = 12
"""So many words of a question count."""
PREFIX_CHARACTERS_MIN = 2
"""A shorter word is looked for as it is: too much begins with one letter."""
WINDOWS = (20_000, 100_000)
"""So many of the newest numbers are read before PostgreSQL is made to go by what is rare."""
NUMBER_MAX = 2**63 - 1
WRITE = {
    "sqlite": "INSERT OR REPLACE INTO generations_search (rowid, tokens) VALUES (%s, %s)",
    "postgresql": (
        "INSERT INTO generations_search (id, tokens) VALUES (%s, array_to_tsvector(string_to_array(%s, ' ')))"
        " ON CONFLICT (id) DO UPDATE SET tokens = excluded.tokens"
    ),
}
ERASE = {
    "sqlite": "DELETE FROM generations_search WHERE rowid = %s",
    "postgresql": "DELETE FROM generations_search WHERE id = %s",
}
FIND_SQLITE = (
    "SELECT rowid FROM generations_search WHERE generations_search MATCH %s AND rowid < %s ORDER BY rowid DESC LIMIT %s"
)
FIND_AFTER_SQLITE = (
    "SELECT rowid FROM generations_search WHERE generations_search MATCH %s AND rowid > %s ORDER BY rowid LIMIT %s"
)
NEWEST_POSTGRESQL = "SELECT max(id) FROM generations_search"
FIND_NEW_POSTGRESQL = (
    "SELECT id FROM generations_search WHERE tokens @@ %s::tsquery AND id < %s AND id >= %s ORDER BY id DESC LIMIT %s"
)
FIND_RARE_POSTGRESQL = (
    "SELECT id FROM generations_search WHERE tokens @@ %s::tsquery AND id < %s ORDER BY id + 0 DESC LIMIT %s"
)
FIND_AFTER_POSTGRESQL = (
    "SELECT id FROM generations_search WHERE tokens @@ %s::tsquery AND id > %s AND id <= %s ORDER BY id LIMIT %s"
)
FIND_RARE_AFTER_POSTGRESQL = (
    "SELECT id FROM generations_search WHERE tokens @@ %s::tsquery AND id > %s ORDER BY id + 0 LIMIT %s"
)
ACCENTS = re.compile("[\u0300-\u036f]")
NOT_IN_TERMS = re.compile(r"[^a-z0-9]+")
Token = str


@dataclass(frozen=True, kw_only=True)
class Query:
    """What an entry must have: of each group one token at least, and none of `without`. No group, no entry.

    A token that ends in `*` stands for all that begin so.
    """

    groups: tuple[tuple[Token, ...], ...]
    without: tuple[Token, ...] = ()


def words_of(text: str) -> list[Token]:
    """The words of a text, each once, in order. Letters of scripts that part no words stand alone."""
    return list(dict.fromkeys(_cut(text)))[:TOKENS_MAX]


def folded(text: str) -> str:
    """All its words in their order: two texts that nobody could tell apart by searching are folded to the same."""
    return " ".join(_cut(text))


def _cut(text: str) -> Iterator[Token]:
    folded = unicodedata.normalize("NFKC", text).casefold()
    plain = unicodedata.normalize("NFC", ACCENTS.sub("", unicodedata.normalize("NFD", folded)))
    word = ""
    for character in plain:
        is_part = unicodedata.category(character)[0] in "LNM"
        if word and not (is_part and not _stands_alone(character)):
            yield word
            word = ""
        if is_part and _stands_alone(character):
            yield character
        elif is_part:
            word = (word + character)[:TOKEN_CHARACTERS_MAX]
    if word:
        yield word


def _stands_alone(character: str) -> bool:
    """Chinese and Japanese: kana, ideographs and what is compatible with them."""
    return "\u3040" <= character <= "\u30ff" or "\u3400" <= character <= "\u9fff" or character >= "\U00020000"


def term(fact: str, *values: object) -> Token:
    """The token of a fact with its values: `term("by", 7)` is `_by_7`."""
    parts = [NOT_IN_TERMS.sub("_", str(value).lower()).strip("_") for value in values]
    return "_".join(["", fact, *parts])


def asked(text: str) -> list[Token]:
    """What somebody types, as tokens of a query: every word of some length stands for all that begin with it."""
    return [f"{word}*" if len(word) >= PREFIX_CHARACTERS_MIN else word for word in words_of(text)[:ASKED_MAX]]


def find(query: Query, *, limit: int, before: int | None = None, after: int | None = None) -> list[int]:
    """The largest numbers that fit, below `before`; or the smallest above `after`, these first."""
    if not query.groups:
        return []
    with connection.cursor() as cursor:
        if after is not None:
            find_after = _find_after_sqlite if connection.vendor == "sqlite" else _find_after_postgresql
            return find_after(cursor, query, limit, after)
        find_here = _find_sqlite if connection.vendor == "sqlite" else _find_postgresql
        return find_here(cursor, query, limit, before)


def count(query: Query, *, most: int) -> int:
    """How many fit, counted to `most` and no further."""
    return len(find(query, limit=most))


def write(entries: Iterable[tuple[int, Iterable[Token]]]) -> None:
    """From now on these numbers are found by these tokens, and by none they had before."""
    rows = [(number, " ".join(dict.fromkeys(tokens))) for number, tokens in entries]
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(WRITE[connection.vendor], rows)


def erase(numbers: Iterable[int]) -> None:
    """From now on these are found by nothing."""
    rows = [(number,) for number in numbers]
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(ERASE[connection.vendor], rows)


# --- SQLite -----------------------------------------------------------------------------------------------------------


def _find_sqlite(cursor: CursorWrapper, query: Query, limit: int, before: int | None) -> list[int]:
    """FTS5 walks its lists from the end and stops when it has enough."""
    cursor.execute(FIND_SQLITE, [_for_sqlite(query), NUMBER_MAX if before is None else before, limit])
    return [number for (number,) in cursor.fetchall()]


def _find_after_sqlite(cursor: CursorWrapper, query: Query, limit: int, after: int) -> list[int]:
    cursor.execute(FIND_AFTER_SQLITE, [_for_sqlite(query), after, limit])
    return [number for (number,) in cursor.fetchall()]


def _for_sqlite(query: Query) -> str:
    """FTS5's language; every token is quoted, so nothing in it is a word of that language."""

    def quoted(token: Token) -> str:
        return f'"{token[:-1]}" *' if token.endswith("*") else f'"{token}"'

    asked = " AND ".join(f"({' OR '.join(map(quoted, group))})" for group in query.groups)
    return f"({asked}) NOT ({' OR '.join(map(quoted, query.without))})" if query.without else asked


# --- PostgreSQL -------------------------------------------------------------------------------------------------------


def _find_postgresql(cursor: CursorWrapper, query: Query, limit: int, before: int | None) -> list[int]:
    """What is common is found among the newest numbers, one after the other; what is rare by the lists of its tokens.

    Which of the two the planner guesses from each token alone, and is wrong by a factor of a hundred where two of them
    exclude each other. So the newest are read first, and where those are not enough it is kept from going by number.
    """
    asked = _for_postgresql(query)
    if before is None:
        cursor.execute(NEWEST_POSTGRESQL)
        before = (cursor.fetchone()[0] or 0) + 1
    for window in WINDOWS:
        cursor.execute(FIND_NEW_POSTGRESQL, [asked, before, before - window, limit])
        found = [number for (number,) in cursor.fetchall()]
        if len(found) == limit or before <= window:
            return found
    cursor.execute(FIND_RARE_POSTGRESQL, [asked, before, limit])
    return [number for (number,) in cursor.fetchall()]


def _find_after_postgresql(cursor: CursorWrapper, query: Query, limit: int, after: int) -> list[int]:
    """The same the other way: what is common among the next numbers, what is rare by the lists of its tokens."""
    asked = _for_postgresql(query)
    cursor.execute(NEWEST_POSTGRESQL)
    newest = cursor.fetchone()[0] or 0
    for window in WINDOWS:
        cursor.execute(FIND_AFTER_POSTGRESQL, [asked, after, after + window, limit])
        found = [number for (number,) in cursor.fetchall()]
        if len(found) == limit or after + window >= newest:
            return found
    cursor.execute(FIND_RARE_AFTER_POSTGRESQL, [asked, after, limit])
    return [number for (number,) in cursor.fetchall()]


def _for_postgresql(query: Query) -> str:
    """The language of `tsquery`; every token is quoted."""

    def quoted(token: Token) -> str:
        return f"'{token[:-1]}':*" if token.endswith("*") else f"'{token}'"

    asked = " & ".join(f"({' | '.join(map(quoted, group))})" for group in query.groups)
    return f"{asked} & !({' | '.join(map(quoted, query.without))})" if query.without else asked
