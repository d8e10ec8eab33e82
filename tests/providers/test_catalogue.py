"""Which upscales fit a picture, and the sentence beside each that does not."""

from dataclasses import replace

import pytest

from generations import providers
from generations.providers.base import Offer, Operation, Provider, SourceBy
from generations.providers.catalogue import Fit, Subject, fits
from generations.providers.demo import Demo

DRAWING = Subject(width=1248, height=832, format="JPEG", size_bytes=400_000, drawn_by="demo", task_id="t1")


def offer(key: str, source_by: SourceBy, **changes: object) -> Offer:
    plain = Offer(
        key=key,
        label=key,
        operation=Operation.UPSCALE,
        credits=5,
        usual_seconds=(8, 12),
        source_by=source_by,
        result_bytes_max=1,
        limit_group="upscale",
        running_max=1,
        hourly_max=1,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


BY_TASK = offer("by-task", SourceBy.TASK_ID)
BY_URL = offer("by-url", SourceBy.URL, source_types=("JPEG", "PNG"), source_bytes_max=10_000_000)


class Elsewhere(Provider):
    key = "elsewhere"
    label = "Elsewhere"
    offers = (BY_TASK, BY_URL)


def demo_fits(subject: Subject) -> dict[str, Fit]:
    return {fit.offer.key: fit for fit in fits(subject, providers.offers(Operation.UPSCALE)) if fit.provider is Demo}


def by_task(**changes: object) -> Fit:
    subject = replace(DRAWING, drawn_by="elsewhere", task_age_seconds=3600.0, **changes)  # type: ignore[arg-type]
    return fits(subject, [(Elsewhere, BY_TASK)])[0]


def by_url(**changes: object) -> Fit:
    subject = replace(DRAWING, has_url=True)
    return fits(replace(subject, **changes), [(Elsewhere, BY_URL)])[0]  # type: ignore[arg-type]


def test_a_drawing_can_be_enlarged_twice_and_four_times() -> None:
    found = demo_fits(DRAWING)
    assert [(fit.possible, fit.reason, fit.width, fit.height) for fit in found.values()] == [
        (True, "", 2496, 1664),
        (True, "", 4992, 3328),
    ]


def test_beyond_the_pixel_limit_it_says_why_and_what_fits() -> None:
    found = demo_fits(replace(DRAWING, width=4096, height=4096))
    assert found["enlarge-2x"].possible
    refused = found["enlarge-4x"]
    assert not refused.possible
    assert refused.reason == ("The result would be 16,384 × 16,384 px, 268 megapixels; the limit is 80. 2× fits.")


def test_beyond_the_longest_side_it_says_why() -> None:
    found = demo_fits(replace(DRAWING, width=8193, height=1000))
    assert "no side may be longer than 16,384 px. No smaller step fits either." in found["enlarge-2x"].reason
    assert not found["enlarge-4x"].possible


@pytest.mark.parametrize(
    ("width", "height", "possible"), [(8192, 2441, True), (8192, 2442, False), (4472, 4472, True), (4473, 4473, False)]
)
def test_the_limits_are_exact(width: int, height: int, possible: bool) -> None:
    assert demo_fits(replace(DRAWING, width=width, height=height))["enlarge-2x"].possible is possible


def test_a_vendor_that_wants_its_own_task_gets_its_own_drawings() -> None:
    assert by_task().possible
    assert by_task().width is None


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"drawn_by": "demo"}, "Only for pictures drawn by Elsewhere."),
        ({"drawn_by": None}, "Only for pictures drawn by Elsewhere."),
        ({"task_id": None}, "Only for pictures drawn by Elsewhere."),
        ({"image_index": 1}, "Only for the first picture of its drawing."),
        ({"task_age_seconds": 86_400.0}, "keeps a drawing for 24 hours"),
        ({"task_age_seconds": None}, "keeps a drawing for 24 hours"),
    ],
)
def test_a_vendor_that_wants_its_own_task_refuses_others(changes: dict[str, object], words: str) -> None:
    subject = replace(DRAWING, drawn_by="elsewhere", task_age_seconds=3600.0)
    fit = fits(replace(subject, **changes), [(Elsewhere, BY_TASK)])[0]  # type: ignore[arg-type]
    assert not fit.possible
    assert words in fit.reason


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"has_url": False}, "this studio has no public address"),
        ({"format": "WEBP"}, "Elsewhere reads JPEG and PNG here"),
        ({"size_bytes": 10_000_001}, "The file is 10.1 MB; Elsewhere reads up to 10 MB."),
    ],
)
def test_a_vendor_that_fetches_the_picture_says_what_is_in_the_way(changes: dict[str, object], words: str) -> None:
    fit = by_url(**changes)
    assert not fit.possible
    assert words in fit.reason


def test_a_picture_it_can_fetch_fits() -> None:
    assert by_url(size_bytes=10_000_000).possible


def test_offers_come_back_in_the_order_given() -> None:
    pairs: list[tuple[type[Provider], Offer]] = [(Elsewhere, BY_URL), (Demo, Demo.offers[2]), (Elsewhere, BY_TASK)]
    assert [fit.offer for fit in fits(DRAWING, pairs)] == [BY_URL, Demo.offers[2], BY_TASK]


def test_the_table_names_every_provider_and_offer() -> None:
    assert ("demo", "Demo") in providers.choices()
    assert providers.get("demo") is Demo
    assert providers.offer("demo", "painter") is Demo.offers[0]
    assert [pair for pair in providers.offers(Operation.DRAW) if pair[0] is Demo] == [(Demo, Demo.offers[0])]
    with pytest.raises(providers.UnknownProvider):
        providers.get("nobody")
    with pytest.raises(providers.UnknownOffer):
        providers.offer("demo", "nothing")
