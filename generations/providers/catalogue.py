"""Which upscales fit a picture, and in plain words why the others do not and what would help.

It answers from what it is handed. It does not know whose picture it is, what the member may spend, or whether the
vendor is awake.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from .base import Offer, Provider, SourceBy

TASK_AGE_SECONDS_MAX = 24 * 3600
FORMAT_NAMES = {"JPEG": "JPEG", "PNG": "PNG", "WEBP": "WebP"}
COPY, COPY_JPEG = "copy", "jpeg"
"""The choice by which a person agrees that a smaller copy is sent, and its only value."""
COPY_BYTES_PER_PIXEL = 0.4
"""Of a photograph saved with care: good enough to say beforehand about how large a copy will be."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """A finished picture, as far as upscaling cares.

    ``drawn_by`` is the key of the provider whose drawing it is, None for anything else (an upscale, say); the
    ``task_…`` fields, ``image_index`` and the ``account_…`` ones are about that drawing. ``has_link`` says whether the
    vendor that made it still shows it at an address of its own, ``has_public_address`` whether the studio could,
    and ``reached_by`` names vendors that can read what is at the studio in any case.
    """

    width: int
    height: int
    format: str
    size_bytes: int
    drawn_by: str | None = None
    task_id: str | None = None
    task_age_seconds: float | None = None
    image_index: int = 0
    account_is_in_use: bool = True
    account_is_paused: bool = False
    has_link: bool = False
    has_public_address: bool = False
    reached_by: frozenset[str] = frozenset()

    def has_url(self, provider: type[Provider], *, copied: bool = False) -> bool:
        """Whether this vendor can be given an address to read it at; a copy is at none but ours or the vendor's own."""
        ours = self.has_public_address or provider.key in self.reached_by
        return (self.has_link and not copied) or ours or provider.takes_uploads

    @property
    def copy_bytes(self) -> float:
        """About how large a careful JPEG of it is."""
        return self.width * self.height * COPY_BYTES_PER_PIXEL


@dataclass(frozen=True, kw_only=True, slots=True)
class Fit:
    """One offer held against one picture.

    ``width`` and ``height`` are the result's, where they can be known. ``copy_because`` says why only a smaller copy
    can be sent, "" where the picture itself goes; ``copy_bytes`` is about how large that will be. ``seconds_left`` is
    how long it will go on fitting, where that ends.
    """

    provider: type[Provider]
    offer: Offer
    possible: bool
    reason: str
    width: int | None
    height: int | None
    copy_because: str = ""
    copy_bytes: int = 0
    seconds_left: float | None = None

    @property
    def needs_copy(self) -> bool:
        return bool(self.copy_because)


def fits(subject: Subject, offers: Iterable[tuple[type[Provider], Offer]]) -> list[Fit]:
    """Each of these upscale offers with whether it fits, in the order given.

    ``reason`` is "" when it fits, otherwise a few sentences: what is in the way, and what would help.
    """
    judged = [_fit(subject, provider, offer) for provider, offer in offers]
    return [_with_help(subject, fit, judged) for fit in judged]


def copy_bytes_max(offer: Offer, choices: Mapping[str, str]) -> int | None:
    """How large the copy may be that goes in place of the picture, or None where the picture itself goes."""
    return offer.source_bytes_max if choices.get(COPY) == COPY_JPEG else None


def megabytes(size_bytes: float) -> str:
    """Rounded up, so that a file just over a limit never reads as exactly the limit."""
    return f"{-(-size_bytes // 100_000) / 10:g} MB"


def _fit(subject: Subject, provider: type[Provider], offer: Offer) -> Fit:
    width = subject.width * offer.scale if offer.scale else None
    height = subject.height * offer.scale if offer.scale else None
    over = _weight_trouble(subject, provider, offer)
    reason = _source_trouble(subject, provider, offer, over=over) or _size_trouble(offer, width, height)
    by_task = offer.source_by is SourceBy.TASK_ID and not reason and subject.task_age_seconds is not None
    return Fit(
        provider=provider,
        offer=offer,
        possible=not reason,
        reason=reason,
        width=width,
        height=height,
        copy_because="" if reason else over,
        copy_bytes=int(min(subject.copy_bytes, offer.source_bytes_max or 0)) if over and not reason else 0,
        seconds_left=TASK_AGE_SECONDS_MAX - (subject.task_age_seconds or 0.0) if by_task else None,
    )


def _source_trouble(subject: Subject, provider: type[Provider], offer: Offer, *, over: str) -> str:
    if offer.source_by is SourceBy.TASK_ID:
        return _task_trouble(subject, provider)
    if subject.format not in offer.source_types:
        wanted = _listed([FORMAT_NAMES.get(name, name) for name in offer.source_types])
        here = FORMAT_NAMES.get(subject.format, subject.format)
        return f"{provider.label} reads {wanted} here, and this picture is {here}."
    if offer.source_by is SourceBy.URL and not subject.has_url(provider, copied=bool(over)):
        way = f"{over} A smaller copy would have to be fetched" if over else f"{provider.label} must fetch the picture"
        return (
            f"{way} from the web, and this studio has no public address. "
            "Whoever runs the studio can add one (PUBLIC_URL)."
        )
    return ""


def _weight_trouble(subject: Subject, provider: type[Provider], offer: Offer) -> str:
    if offer.source_by is SourceBy.TASK_ID or offer.source_bytes_max is None:
        return ""
    if subject.size_bytes <= offer.source_bytes_max:
        return ""
    limit = f"{offer.source_bytes_max / 1_000_000:g} MB"
    return f"The file is {megabytes(subject.size_bytes)}; {provider.label} reads up to {limit}."


def _task_trouble(subject: Subject, provider: type[Provider]) -> str:
    if subject.drawn_by != provider.key or not subject.task_id:
        return f"Only for pictures drawn by {provider.label}."
    if subject.account_is_paused:
        return f"Only with the {provider.label} key that drew this picture, and that one is paused."
    if not subject.account_is_in_use:
        return f"Only with the {provider.label} key that drew this picture, and that one is not in use."
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


def _with_help(subject: Subject, fit: Fit, judged: list[Fit]) -> Fit:
    """A refusal also says what would help: for size a smaller step, for anything else another way, or how to get one.

    A key that is paused can be resumed, whatever else takes the picture.
    """
    if fit.possible:
        return fit
    if fit.reason == _size_trouble(fit.offer, fit.width, fit.height):
        scales = [other.offer.scale for other in judged if other.possible and other.offer.scale]
        smaller = [scale for scale in scales if fit.offer.scale and scale < fit.offer.scale]
        aid = f"{max(smaller)}× fits." if smaller else "No smaller step fits either. A smaller version can be enlarged."
        return replace(fit, reason=f"{fit.reason} {aid}")
    others = [other for other in judged if other.possible]
    if not others or subject.account_is_paused:
        fit = replace(fit, reason=f"{fit.reason} {_remedy(subject, fit)}".rstrip())
    if not others:
        return fit
    # A vendor that needs no key is a demo: it helps out where there is nobody else.
    best = min(
        others,
        key=lambda other: (other.provider is not fit.provider, other.needs_copy, not other.provider.needs_key),
    )
    name = best.offer.label if best.provider is fit.provider else f"{best.offer.label} ({best.provider.label})"
    return replace(fit, reason=f"{fit.reason} {name} takes this picture.")


def _remedy(subject: Subject, fit: Fit) -> str:
    """What a person can do so that this way is open, "" where the reason says it already."""
    vendor = fit.provider.label
    if fit.offer.source_by is not SourceBy.TASK_ID:
        return "" if subject.format in fit.offer.source_types else "Your owner can add a key of a vendor that reads it."
    if subject.drawn_by != fit.provider.key or not subject.task_id:
        return f"Draw it again with {vendor}, and it can be enlarged this way."
    if subject.account_is_paused:
        return "Your owner can resume it."
    if not subject.account_is_in_use:
        return "Draw it again with a key in use, and enlarge that one."
    if subject.image_index != 0:
        return "Choose that one, or draw again."
    return "Draw it again, and enlarge it within 24 hours."


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
