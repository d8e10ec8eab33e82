"""Which upscales fit a picture, and in plain words why the others do not.

It answers from what it is handed. It does not know whose picture it is, what the member may spend, or whether the
vendor is awake.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from .base import Offer, Provider, SourceBy

TASK_AGE_SECONDS_MAX = 24 * 3600
FORMAT_NAMES = {"JPEG": "JPEG", "PNG": "PNG", "WEBP": "WebP"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """A finished picture, as far as upscaling cares.

    ``drawn_by`` is the key of the provider whose drawing it is, None for anything else (an upscale, say); the
    ``task_…`` fields and ``image_index`` are about that drawing's task. ``has_url`` says whether an address can be
    given that a vendor is able to read.
    """

    width: int
    height: int
    format: str
    size_bytes: int
    drawn_by: str | None = None
    task_id: str | None = None
    task_age_seconds: float | None = None
    image_index: int = 0
    has_url: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Fit:
    """One offer held against one picture. ``width`` and ``height`` are the result's, where they can be known."""

    provider: type[Provider]
    offer: Offer
    possible: bool
    reason: str
    width: int | None
    height: int | None


def fits(subject: Subject, offers: Iterable[tuple[type[Provider], Offer]]) -> list[Fit]:
    """Each of these upscale offers with whether it fits, in the order given.

    ``reason`` is "" when it fits, otherwise a sentence or two: what is in the way, and what would help.
    """
    pairs = list(offers)
    judged = [_fit(subject, provider, offer) for provider, offer in pairs]
    return [_with_help(fit, judged) for fit in judged]


def _fit(subject: Subject, provider: type[Provider], offer: Offer) -> Fit:
    width = subject.width * offer.scale if offer.scale else None
    height = subject.height * offer.scale if offer.scale else None
    reason = _source_trouble(subject, provider, offer) or _size_trouble(offer, width, height)
    return Fit(provider=provider, offer=offer, possible=not reason, reason=reason, width=width, height=height)


def _source_trouble(subject: Subject, provider: type[Provider], offer: Offer) -> str:
    if offer.source_by is SourceBy.TASK_ID:
        return _task_trouble(subject, provider)
    if subject.format not in offer.source_types:
        wanted = _listed([FORMAT_NAMES.get(name, name) for name in offer.source_types])
        return f"{provider.label} reads {wanted} here, and this picture is {subject.format}."
    if offer.source_bytes_max is not None and subject.size_bytes > offer.source_bytes_max:
        limit = f"{offer.source_bytes_max / 1_000_000:g}"
        return f"The file is {_megabytes(subject.size_bytes)} MB; {provider.label} reads up to {limit} MB."
    if offer.source_by is SourceBy.URL and not subject.has_url:
        return f"{provider.label} must fetch the picture from the web, and this studio has no public address."
    return ""


def _task_trouble(subject: Subject, provider: type[Provider]) -> str:
    if subject.drawn_by != provider.key or not subject.task_id:
        return f"Only for pictures drawn by {provider.label}."
    if subject.image_index != 0:
        return "Only for the first picture of its drawing."
    if subject.task_age_seconds is None or subject.task_age_seconds >= TASK_AGE_SECONDS_MAX:
        return f"{provider.label} keeps a drawing for 24 hours, and this one is older."
    return ""


def _size_trouble(offer: Offer, width: int | None, height: int | None) -> str:
    if width is None or height is None:
        return ""
    if offer.side_max is not None and max(width, height) > offer.side_max:
        return f"The result would be {width:,} × {height:,} px, and no side may be longer than {offer.side_max:,} px."
    if offer.pixels_max is not None and width * height > offer.pixels_max:
        megapixels, limit = width * height / 1_000_000, offer.pixels_max / 1_000_000
        return f"The result would be {width:,} × {height:,} px, {megapixels:.0f} megapixels; the limit is {limit:.0f}."
    return ""


def _with_help(fit: Fit, judged: list[Fit]) -> Fit:
    """A refusal for size also says which smaller step still fits."""
    if fit.possible or fit.reason != _size_trouble(fit.offer, fit.width, fit.height):
        return fit
    scales = [other.offer.scale for other in judged if other.possible and other.offer.scale]
    smaller = [scale for scale in scales if fit.offer.scale and scale < fit.offer.scale]
    aid = f"{max(smaller)}× fits." if smaller else "No smaller step fits either."
    return replace(fit, reason=f"{fit.reason} {aid}")


def _megabytes(size_bytes: int) -> str:
    """Rounded up, so that a file just over a limit never reads as exactly the limit."""
    return f"{-(-size_bytes // 100_000) / 10:g}"


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
