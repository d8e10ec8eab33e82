"""Whether a prompt holds one of some words, or fits a pattern: in time that grows with the prompt alone.

Words are compared without case and accents, and as whole words: "rat" is not in "decorate", and "Élan" is "elan". A
line may be several words that stand beside each other. Patterns are RE2's, which has no way to run away: teams write
them, and no prompt may keep a worker busy. They are tried on the prompt as it was typed and without case and accents.
"""

import unicodedata
from collections.abc import Iterable, Iterator
from functools import cached_property, lru_cache
from typing import Any

import re2

LINES_MAX = 200
"""Words and phrases of one rule."""
LINE_CHARACTERS_MAX = 80
PATTERN_CHARACTERS_MAX = 300
PATTERN_BYTES_MAX = 1 << 20
"""Memory a pattern may need once it is understood: thousands of times what a useful one does."""
WITHOUT_BLANKS = ("CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO", "KHMER", "MYANMAR")
"""Scripts that put no blanks between words: there, each character is taken for one, and a word is a row of them."""
ACCENTS = ((0x0300, 0x036F), (0x1AB0, 0x1AFF), (0x1DC0, 0x1DFF), (0x20D0, 0x20FF), (0xFE20, 0xFE2F))
LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "ı": "i"})
"""Letters that nobody types where they are not on the keyboard, and that are not made of a letter and an accent."""


class Unusable(ValueError):
    """These words or this pattern cannot be a rule; the message is for who wrote them."""


class Folded:
    """A prompt that many rules are tried on: made ready once for all of them."""

    def __init__(self, prompt: str) -> None:
        self.known = _known(prompt)

    @classmethod
    def of(cls, prompt: "str | Folded") -> "Folded":
        return prompt if isinstance(prompt, Folded) else cls(prompt)

    @cached_property
    def plain(self) -> str:
        return fold(self.known)

    @cached_property
    def words(self) -> list[str]:
        return list(_cut(self.plain))

    @cached_property
    def row(self) -> str:
        """Its words with one blank around each, where phrases are looked for."""
        return f" {' '.join(self.words)} "


def fold(text: str) -> str:
    """Without case and accents, and without what nobody sees."""
    known = _known(text)
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", known).casefold())
    seen = "".join(one for one in plain if not _is_accent(one) and unicodedata.category(one) != "Cf")
    return unicodedata.normalize("NFKC", seen.translate(LETTERS))


def read_lines(text: str) -> list[str]:
    """One word or phrase a line, each once. Raises Unusable."""
    lines = list(dict.fromkeys(" ".join(line.split()) for line in text.splitlines() if line.strip()))
    if not lines:
        raise Unusable("Write at least one word.")
    if len(lines) > LINES_MAX:
        raise Unusable(f"That is {len(lines):,} lines; a rule has {LINES_MAX} at most. Make two rules of it.")
    for line in lines:
        if len(line) > LINE_CHARACTERS_MAX:
            raise Unusable(f"“{line[:30]}…” is too long: a line has {LINE_CHARACTERS_MAX} characters at most.")
        if not _words(line):
            raise Unusable(f"“{line}” has no letter and no digit, so it is no word.")
    return lines


def check_pattern(pattern: str) -> str:
    """The pattern as it will be kept. Raises Unusable for one that cannot be read, or that every prompt fits."""
    wanted = pattern.strip()
    if not wanted:
        raise Unusable("Write the pattern.")
    if len(wanted) > PATTERN_CHARACTERS_MAX:
        raise Unusable(f"A pattern has {PATTERN_CHARACTERS_MAX} characters at most.")
    try:
        fits_nothing = _compiled(wanted).search("") is None
    except re2.error as error:
        said = error.args[0].decode(errors="replace") if isinstance(error.args[0], bytes) else str(error)
        raise Unusable(f"This pattern cannot be read: {said}.") from None
    if not fits_nothing:
        raise Unusable("This pattern fits every prompt. Say what it has to find.")
    return wanted


def has_words(lines: str, prompt: str | Folded) -> bool:
    """Whether one of these lines is in the prompt."""
    single, phrases = _group(lines)
    folded = Folded.of(prompt)
    return not single.isdisjoint(folded.words) or any(phrase in folded.row for phrase in phrases)


def fits(pattern: str, prompt: str | Folded) -> bool:
    found, folded = _compiled(pattern), Folded.of(prompt)
    return found.search(folded.known) is not None or found.search(folded.plain) is not None


@lru_cache(maxsize=512)
def _group(lines: str) -> tuple[frozenset[str], tuple[str, ...]]:
    """What stands alone, and what is several words."""
    read = [_words(line) for line in lines.splitlines()]
    phrases = tuple(f" {' '.join(words)} " for words in read if len(words) > 1)
    return frozenset(words[0] for words in read if len(words) == 1), phrases


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> Any:
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    options.max_mem = PATTERN_BYTES_MAX
    return re2.compile(pattern, options)


def _known(text: str) -> str:
    """Without halves of characters."""
    return text.encode("utf-8", "replace").decode()


def _words(text: str) -> list[str]:
    return list(_cut(fold(text)))


def _cut(text: str) -> Iterator[str]:
    """Rows of letters, digits and the marks that belong to them."""
    word: list[str] = []
    for one in text:
        is_part = one.isalnum() or unicodedata.category(one)[0] == "M"
        if is_part and not _is_word_alone(one):
            word.append(one)
            continue
        if word:
            yield "".join(word)
            word = []
        if is_part:
            yield one
    if word:
        yield "".join(word)


@lru_cache(maxsize=4096)
def _is_word_alone(one: str) -> bool:
    return one > "\u0e00" and unicodedata.name(one, "").startswith(WITHOUT_BLANKS)


def _is_accent(one: str) -> bool:
    return one > "\u02ff" and _is_within(ord(one), ACCENTS)


def _is_within(number: int, spans: Iterable[tuple[int, int]]) -> bool:
    return any(first <= number <= last for first, last in spans)
