"""The search index: numbers with the tokens they are found by, largest number first, alike on SQLite and PostgreSQL.

A token is a word or a term. Words are cut and folded here and nowhere else, so both engines find the same: case and
accents do not count, and every word finds what begins with it. A term says a fact, `_vendor_demo`; it begins with an
underscore, which no word holds, so that nobody finds a fact by typing it. The index lies in a table of its own, FTS5 or
a `tsvector` under GIN; no trigger fills it: whoever changes what a picture is found by writes it in its transaction.
"""

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
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
SPELLED_FROM = 4
"""SQLite keeps lists of what begins with two or three characters, and gathers those of longer ones each time."""
SPELLED_MAX = 64
"""A beginning of more words than these stays one."""
WINDOWS = (20_000, 100_000)
"""So many numbers near the edge are read before PostgreSQL is made to go by what is rare."""
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
    "SELECT rowid FROM generations_search WHERE generations_search MATCH %s AND rowid >= %s AND rowid < %s"
    " ORDER BY rowid {order} LIMIT %s"
)
WORDS_SQLITE = "SELECT term FROM generations_search_words WHERE term >= %s AND term < %s LIMIT %s"
READ = {
    "sqlite": "SELECT rowid, tokens FROM generations_search WHERE rowid IN (SELECT value FROM json_each(%s))",
    "postgresql": (
        "SELECT id, array_to_string(tsvector_to_array(tokens), ' ') FROM generations_search"
        " WHERE id IN (SELECT value::bigint FROM json_array_elements_text(%s::json))"
    ),
}
NEWEST_POSTGRESQL = "SELECT max(id) FROM generations_search"
FIND_NEAR_POSTGRESQL = (
    "SELECT id FROM generations_search WHERE tokens @@ %s::tsquery AND id >= %s AND id < %s"
    " ORDER BY id {order} LIMIT %s"
)
FIND_RARE_POSTGRESQL = FIND_NEAR_POSTGRESQL.replace("ORDER BY id", "ORDER BY id + 0")
PLAIN_WORD = re.compile(r"[a-z0-9]+")
UNSORTED = "DROP INDEX generations_search_tokens"
SORTED = "CREATE INDEX generations_search_tokens ON generations_search USING gin (tokens) WITH (fastupdate = off)"
ACCENTS = re.compile("[\u0300-\u036f]")
NOT_IN_TERMS = re.compile(r"[^a-z0-9]+")
Token = str


@dataclass(frozen=True, kw_only=True)
class Query:
    """What an entry must have: of each group one token at least, and none of `without`. No group, no entry.

    A token that ends in `*` stands for all that begin so. Entries with numbers below `since` do not count.
    """

    groups: tuple[tuple[Token, ...], ...]
    without: tuple[Token, ...] = ()
    since: int = 0


def words_of(text: str) -> list[Token]:
    """The words of a text, each once, in order. Letters of scripts that part no words stand alone."""
    return list(dict.fromkeys(_cut(text)))[:TOKENS_MAX]


def folded(text: str) -> str:
    """All its words in their order: two texts that nobody could tell apart by searching are folded to the same."""
    return " ".join(_cut(text))


def _cut(text: str) -> Iterator[Token]:
    if text.isascii():  # most are, and all that follows changes nothing about them
        yield from (word[:TOKEN_CHARACTERS_MAX] for word in PLAIN_WORD.findall(text.lower()))
        return
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
    low = query.since if after is None else max(query.since, after + 1)
    span = _Span(low=low, high=before, is_upward=after is not None)
    with connection.cursor() as cursor:
        find_here = _find_sqlite if connection.vendor == "sqlite" else _find_postgresql
        return find_here(cursor, query, limit, span)


def spelled(groups: Iterable[tuple[Token, ...]]) -> list[tuple[Token, ...]]:
    """The same groups for this database, to be asked many times: beginnings of words as the words there are."""
    if connection.vendor != "sqlite":
        return list(groups)
    with connection.cursor() as cursor:
        return [tuple(word for token in group for word in _spelled(cursor, token)) for group in groups]


def _spelled(cursor: CursorWrapper, token: Token) -> list[Token]:
    begin = token.removesuffix("*")
    if begin == token or len(begin) < SPELLED_FROM:
        return [token]
    cursor.execute(WORDS_SQLITE, [begin, begin + "\U0010ffff", SPELLED_MAX + 1])
    words = [word for (word,) in cursor.fetchall()]
    return words if 0 < len(words) <= SPELLED_MAX else [token]


def read(numbers: Iterable[int]) -> Iterator[tuple[int, list[Token]]]:
    """The entries with these numbers, each with its tokens."""
    with connection.cursor() as cursor:
        cursor.execute(READ[connection.vendor], [json.dumps(list(numbers))])
        for number, tokens in cursor.fetchall():
            yield number, tokens.split()


@dataclass(frozen=True, kw_only=True)
class _Span:
    """From which number to below which one is looked, and whether from the smallest."""

    low: int
    high: int | None
    is_upward: bool

    @property
    def order(self) -> str:
        return "ASC" if self.is_upward else "DESC"


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


@contextmanager
def sorted_at_the_end() -> Iterator[None]:
    """For a great many writes at once: PostgreSQL sorts them when they are all there. Nobody may search meanwhile."""
    is_late = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        if is_late:
            cursor.execute(UNSORTED)
        try:
            yield
        finally:
            if is_late:
                cursor.execute(SORTED)


# --- SQLite -----------------------------------------------------------------------------------------------------------


def _find_sqlite(cursor: CursorWrapper, query: Query, limit: int, span: _Span) -> list[int]:
    """FTS5 walks its lists from either end and stops when it has enough."""
    high = NUMBER_MAX if span.high is None else span.high
    cursor.execute(FIND_SQLITE.format(order=span.order), [_for_sqlite(query), span.low, high, limit])
    return [number for (number,) in cursor.fetchall()]


def _for_sqlite(query: Query) -> str:
    """FTS5's language; every token is quoted, so nothing in it is a word of that language."""

    def quoted(token: Token) -> str:
        return f'"{token[:-1]}" *' if token.endswith("*") else f'"{token}"'

    asked = " AND ".join(f"({' OR '.join(map(quoted, group))})" for group in query.groups)
    return f"({asked}) NOT ({' OR '.join(map(quoted, query.without))})" if query.without else asked


# --- PostgreSQL -------------------------------------------------------------------------------------------------------


def _find_postgresql(cursor: CursorWrapper, query: Query, limit: int, span: _Span) -> list[int]:
    """What is common is found among the nearest numbers, one after the other; what is rare by the lists of its tokens.

    Which of the two the planner guesses from each token alone, and is wrong by a factor of a hundred where two of them
    exclude each other. So the nearest are read first, and where those are not enough it is kept from going by number.
    """
    asked, low, high = _for_postgresql(query), span.low, span.high
    if high is None:
        cursor.execute(NEWEST_POSTGRESQL)
        high = (cursor.fetchone()[0] or 0) + 1
    for window in WINDOWS:
        near = (low, min(high, low + window)) if span.is_upward else (max(low, high - window), high)
        cursor.execute(FIND_NEAR_POSTGRESQL.format(order=span.order), [asked, *near, limit])
        found = [number for (number,) in cursor.fetchall()]
        if len(found) == limit or near == (low, high):
            return found
    cursor.execute(FIND_RARE_POSTGRESQL.format(order=span.order), [asked, low, high, limit])
    return [number for (number,) in cursor.fetchall()]


def _for_postgresql(query: Query) -> str:
    """The language of `tsquery`; every token is quoted."""

    def quoted(token: Token) -> str:
        return f"'{token[:-1]}':*" if token.endswith("*") else f"'{token}'"

    asked = " & ".join(f"({' | '.join(map(quoted, group))})" for group in query.groups)
    return f"{asked} & !({' | '.join(map(quoted, query.without))})" if query.without else asked
