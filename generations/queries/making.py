"""How a picture was made, as plain facts: for a file beside it, for the list in an archive, for its own file."""

from typing import Any

from generations import providers
from generations.models import Image
from generations.queries.cards import offer_of
from generations.queries.choices import in_words

Facts = dict[str, Any]


def making_of(image: Image, *, with_credits: bool) -> Facts:
    """Everything a team knows of it, for a file of its own."""
    generation = image.generation
    facts = {
        "id": image.pk,
        "prompt": generation.prompt,
        "operation": generation.operation,
        "model": model_of(image),
        "vendor": vendor_of(image),
        "choices": generation.choices,
        "shape": generation.shape,
        "width": image.width,
        "height": image.height,
        "format": image.format,
        "maker": generation.member.called,
        "ordered_at": generation.created_at,
        "sha256": image.sha256,
        "size_bytes": image.size_bytes,
    }
    return facts | ({"credits": generation.charged} if with_credits else {})


def settings_of(image: Image, *, with_credits: bool) -> dict[str, str]:
    """What is written into a copy of its file: how it was made, and by nobody's name."""
    generation = image.generation
    facts = {
        "prompt": generation.prompt,
        "model": model_of(image),
        "vendor": vendor_of(image),
        "options": in_words(generation.choices),
        "size": f"{image.width}x{image.height}",
        "created": generation.created_at.isoformat(timespec="seconds"),
        "id": str(image.pk),
        "credits": str(generation.charged) if with_credits else "",
    }
    return {name: words for name, words in facts.items() if words}


def model_of(image: Image) -> str:
    """As people call it."""
    offer = offer_of(image.generation)
    return offer.label if offer else image.generation.offer_key


def vendor_of(image: Image) -> str:
    """Likewise; never whose key it was."""
    try:
        return providers.get(image.generation.provider).label
    except providers.UnknownProvider:
        return image.generation.provider
