"""What a picture's file is called where somebody saves it: a pattern of words, filled in so that every disk takes it.

A name is never a path, never one that Windows keeps for itself, and never longer than a disk allows; what people typed
comes into it only as letters, digits and hyphens. The extension follows the picture, not the pattern.
"""

import re
import unicodedata
from collections.abc import Callable
from uuid import UUID

from django.utils.http import content_disposition_header
from django.utils.text import slugify

from generations import storage
from generations.models import Generation, Image, Member, Person, clock
from generations.queries.making import model_of, vendor_of

USUAL = "{prompt}-{id}"
PATTERN_CHARACTERS_MAX = 120
NAME_BYTES_MAX = 200
"""Disks take 255; the extension and a number for who comes second need some of it."""
WORD_CHARACTERS_MAX = 60
UNNAMED = "picture"
ID_CHARACTERS = 8

Filling = Callable[[Image, int], str]

WORDS: dict[str, tuple[str, Filling]] = {
    "prompt": ("the first words of the prompt", lambda image, index: _slug(image.title) or UNNAMED),
    "id": ("the end of the studio’s number for it", lambda image, index: str(image.pk)[-ID_CHARACTERS:]),
    "date": ("the day it was ordered", lambda image, index: f"{image.generation.created_at:%Y-%m-%d}"),
    "maker": ("who made it", lambda image, index: _slug(image.generation.member.called)),
    "model": ("the model", lambda image, index: _slug(model_of(image))),
    "vendor": ("the vendor", lambda image, index: _slug(vendor_of(image))),
    "width": ("its width in pixels", lambda image, index: str(image.width)),
    "height": ("its height in pixels", lambda image, index: str(image.height)),
    "index": ("its place in the order, or in the ZIP file", lambda image, index: f"{index:03d}"),
}
"""Every word a pattern may have in braces: what it stands for, and how it is filled in."""

IN_BRACES = re.compile(r"\{([^{}]*)\}")
PLAIN = set(" -_.,()+")
"""What may stand between the words, beside letters and digits."""
RESERVED = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])(\..*)?", re.IGNORECASE)


class UnusablePattern(Exception):
    """No file could be called that; the message says what to change."""


def check(pattern: str) -> None:
    """Raises UnusablePattern."""
    known = ", ".join(f"{{{name}}}" for name in WORDS)
    for name in IN_BRACES.findall(pattern):
        if name not in WORDS:
            raise UnusablePattern(f"There is no {{{name}}}. Known are {known}.")
    between = IN_BRACES.sub("", pattern)
    if "{" in between or "}" in between:
        raise UnusablePattern(f"A brace stands alone. Words in braces are {known}.")
    strange = next((one for one in between if not (one.isalnum() or one in PLAIN)), "")
    if strange:
        shown = strange if strange.isprintable() else "invisible character"
        raise UnusablePattern(f"A file name cannot have “{shown}”. Use letters, digits, blanks and - _ . , ( ) +")


def name_of(image: Image, *, pattern: str = "", index: int | None = None) -> str:
    """What the picture's file is called, with its extension. `index` is its place, by default that in its order."""
    place = index if index is not None else image.generation.position + image.index + 1

    def filled(found: re.Match[str]) -> str:
        return WORDS[found[1]][1](image, place) if found[1] in WORDS else ""

    return f"{_stem(IN_BRACES.sub(filled, pattern or USUAL))}.{storage.EXTENSIONS[image.format]}"


def name_for(image: Image, person: Person, *, extension: str = "") -> str:
    """The same by this person's own pattern; with an extension, of a file beside the picture."""
    name = name_of(image, pattern=person.file_pattern)
    return f"{name.rpartition('.')[0]}.{extension}" if extension else name


def sample_of(person: Person, pattern: str) -> str:
    """What a picture of theirs would be called, whether there is one or not."""
    made = Generation(
        prompt="A lighthouse in fog", provider="demo", offer_key="painter", created_at=clock.now(),
        member=Member(person=person), operation="draw",
    )  # fmt: skip
    image = Image(
        id=UUID("0191d0aa-77aa-7aaa-8aaa-5f2ac31be07d"), generation=made, width=1536, height=1024, format="PNG"
    )
    return name_of(image, pattern=pattern)


def attachment(name: str) -> str:
    """The header that has a browser save an answer under that name."""
    return content_disposition_header(as_attachment=True, filename=name) or ""


def distinct(name: str, taken: set[str]) -> str:
    """The name, or with a number where another file is called that, on disks that know no capitals, too."""
    stem, _, extension = name.rpartition(".")
    number = 1
    while sameness(name) in taken:
        number += 1
        name = f"{stem}-{number}.{extension}"
    return name


def sameness(name: str) -> str:
    """Equal for names that are one on some disk."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _stem(words: str) -> str:
    """Without what some disk refuses: at the ends, by its length, or for what it is."""
    kept = "".join(one for one in unicodedata.normalize("NFC", words) if one.isalnum() or one in PLAIN)
    stem = " ".join(kept.split()).encode()[:NAME_BYTES_MAX].decode(errors="ignore").strip(" .-_")
    if not stem:
        return UNNAMED
    return f"{UNNAMED}-{stem}" if RESERVED.fullmatch(stem) else stem


def _slug(words: str) -> str:
    """Plain letters where there are any, else those of whatever script it is in."""
    plain = slugify(words)[:WORD_CHARACTERS_MAX].strip("-_")
    return plain or slugify(words, allow_unicode=True)[:WORD_CHARACTERS_MAX].strip("-_")
