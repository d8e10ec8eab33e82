"""The words for what a person may choose beside an offer: its size, its file format. Names and values are vendors'."""

from collections.abc import Mapping

from generations.providers.base import Offer
from generations.providers.catalogue import COPY

SIZE, FILE_FORMAT = "resolution", "output_format"
LABELS = {SIZE: "Size", FILE_FORMAT: "File format"}
VALUES = {"webp": "WebP"}


def label_of(name: str) -> str:
    """What people call this choice."""
    return LABELS.get(name) or name.replace("_", " ").capitalize()


def value_of(value: str) -> str:
    """A value in words: 4K, PNG, WebP."""
    return VALUES.get(value) or (value.upper() if len(value) <= 4 else value.replace("_", " ").capitalize())


def usual_of(offer: Offer, name: str) -> str:
    """The value of a choice nobody made."""
    return offer.defaults.get(name, offer.choices[name][0])


def in_words(choices: Mapping[str, str]) -> str:
    """What was chosen, as one line: 4K, PNG. Whether a copy was sent is no part of what was made."""
    return ", ".join(value_of(value) for name, value in choices.items() if name != COPY)
