"""How things look in lists of the desk: a small picture, a state, an amount, a link to another list."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from generations.models import Generation, Image, clock
from generations.queries.credentials.cards import ago

THUMB_PIXELS = 72


def chip(state: str, words: object) -> SafeString:
    """A state, in words and a colour of its own."""
    return format_html('<span class="state" data-state="{}">{}</span>', state, words)


def thumbnail(image: Image | None, *, why_not: str = "") -> SafeString:
    """The smallest copy, in its own proportions, fetched when it comes into view; or a word for why there is none."""
    copy = image.renditions[0] if image is not None and image.renditions else None
    if why_not or image is None or copy is None:
        return format_html('<span class="thumb thumb--none">{}</span>', why_not or "–")
    width, height = _fitting(copy["width"], copy["height"])
    return format_html(
        '<img class="thumb" src="{}" width="{}" height="{}" alt="" loading="lazy" decoding="async">',
        reverse("admin:generations_image_thumbnail", args=[image.pk]),
        width,
        height,
    )


def why_not_shown(image: Image, *, is_open: bool) -> str:
    """Why a list of the desk does not show it; empty where it does. `is_open`: nobody keeps it from the reader."""
    if image.deleted_at is not None or not image.sha256:
        return "Deleted"
    if image.hidden_at is not None:
        return "Hidden"
    return "" if is_open else "Private"


def first_of(row: Generation, images: Sequence[Image], *, is_open: bool) -> SafeString:
    """The first picture of a generation."""
    if not images:
        return thumbnail(None)
    return thumbnail(images[0], why_not=why_not_shown(images[0], is_open=is_open))


def side_by_side(parts: Sequence[SafeString]) -> SafeString:
    return (
        format_html('<span class="thumbs">{}</span>', format_html_join("", "{}", ((one,) for one in parts)))
        if parts
        else thumbnail(None)
    )


def age(at: datetime) -> SafeString:
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', at.isoformat(), f"{at:%d %b %Y %H:%M:%S} UTC", ago(at, clock.now())
    )


def listed(model: str, words: object, **narrowed: Any) -> SafeString:
    """A link to the list of that model, narrowed."""
    query = "&".join(f"{name}={value}" for name, value in narrowed.items())
    return format_html('<a href="{}?{}">{}</a>', reverse(f"admin:generations_{model}_changelist"), query, words)


def page_of(row: Any, words: object = "") -> SafeString:
    """A link to its page at the desk."""
    place = reverse(f"admin:generations_{row._meta.model_name}_change", args=[row.pk])
    return format_html('<a href="{}">{}</a>', place, words or row)


def signed(amount: int) -> str:
    return f"{amount:+,}" if amount else "0"


def _fitting(width: int, height: int) -> tuple[int, int]:
    part = THUMB_PIXELS / max(width, height)
    return max(1, round(width * part)), max(1, round(height * part))
