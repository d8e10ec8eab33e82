"""Which upscales fit a picture, and the sentence beside each that does not."""

from dataclasses import replace

import pytest

from generations import providers
from generations.providers.base import Offer, Operation, Provider, SourceBy
from generations.providers.catalogue import Fit, Subject, copy_bytes_max, fits, megabytes
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
    subject = replace(DRAWING, has_public_address=True)
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
        ({"account_is_in_use": False}, "Only with the Elsewhere key that drew this picture, and that one is not in"),
        ({"account_is_in_use": False, "account_is_paused": True}, "that one is paused. Your owner can resume it."),
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
        ({"has_public_address": False}, "this studio has no public address. Whoever runs the studio can add one"),
        ({"format": "WEBP"}, "Elsewhere reads JPEG and PNG here, and this picture is WebP."),
    ],
)
def test_a_vendor_that_fetches_the_picture_says_what_is_in_the_way(changes: dict[str, object], words: str) -> None:
    fit = by_url(**changes)
    assert not fit.possible
    assert words in fit.reason


def test_a_picture_it_can_fetch_fits() -> None:
    fit = by_url(size_bytes=10_000_000)
    assert (fit.possible, fit.needs_copy) == (True, False)


class TestAnAddress:
    """The vendor's own link while it lasts, ours if there is one, else the vendor's upload call."""

    @pytest.mark.parametrize(
        ("subject", "takes_uploads", "whole", "copied"),
        [
            (replace(DRAWING), False, False, False),
            (replace(DRAWING, has_link=True), False, True, False),
            (replace(DRAWING, has_public_address=True), False, True, True),
            (replace(DRAWING), True, True, True),
        ],
    )
    def test_can_be_given(
        self, subject: Subject, takes_uploads: bool, whole: bool, copied: bool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(Elsewhere, "takes_uploads", takes_uploads)

        assert subject.has_url(Elsewhere) is whole
        assert subject.has_url(Elsewhere, copied=True) is copied
        assert fits(subject, [(Elsewhere, BY_URL)])[0].possible is whole


class TestAFileThatIsTooLarge:
    def test_goes_as_a_copy_and_says_why_and_how_large(self) -> None:
        fit = by_url(size_bytes=12_400_000)

        assert (fit.possible, fit.needs_copy, fit.reason) == (True, True, "")
        assert fit.copy_because == "The file is 12.4 MB; Elsewhere reads up to 10 MB."
        assert megabytes(fit.copy_bytes) == "0.5 MB"

    def test_is_copied_to_the_limit_at_most(self) -> None:
        assert by_url(size_bytes=90_000_000, width=8000, height=8000).copy_bytes == 10_000_000

    def test_is_refused_where_no_copy_could_be_fetched(self) -> None:
        fit = by_url(size_bytes=10_000_001, has_link=True, has_public_address=False)

        assert not fit.possible
        assert "The file is 10.1 MB; Elsewhere reads up to 10 MB. A smaller copy" in fit.reason
        assert "(PUBLIC_URL)" in fit.reason

    @pytest.mark.parametrize(("choices", "most"), [({"copy": "jpeg"}, 10_000_000), ({"copy": "no"}, None), ({}, None)])
    def test_goes_as_a_copy_only_with_agreement(self, choices: dict[str, str], most: int | None) -> None:
        assert copy_bytes_max(BY_URL, choices) == most


class TestHelp:
    """A refusal names another way, the same vendor's first, and one that sends the picture as it is before a copy.

    Where nothing else takes the picture either, it says what a person can do about it.
    """

    def refused(self, subject: Subject, *others: tuple[type[Provider], Offer]) -> str:
        return fits(subject, [(Elsewhere, BY_TASK), *others])[0].reason

    def test_names_what_takes_the_picture(self) -> None:
        subject = replace(DRAWING, has_public_address=True)
        demo = (Demo, Demo.offers[1])

        assert self.refused(subject, demo, (Elsewhere, BY_URL)).endswith("by Elsewhere. by-url takes this picture.")
        assert self.refused(subject, demo).endswith("Demo enlarge 2× (Demo) takes this picture.")
        assert self.refused(replace(subject, size_bytes=11_000_000), (Elsewhere, BY_URL), demo).endswith(
            "by-url takes this picture."
        )

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"drawn_by": "demo"}, "Draw it again with Elsewhere, and it can be enlarged this way."),
            ({"account_is_in_use": False}, "Draw it again with a key in use, and enlarge that one."),
            ({"account_is_in_use": False, "account_is_paused": True}, "Your owner can resume it."),
            ({"image_index": 1}, "Choose that one, or draw again."),
            ({"task_age_seconds": 86_400.0}, "Draw it again, and enlarge it within 24 hours."),
        ],
    )
    def test_where_nothing_fits_says_what_a_person_can_do(self, changes: dict[str, object], words: str) -> None:
        subject = replace(DRAWING, drawn_by="elsewhere", task_age_seconds=3600.0)
        assert self.refused(replace(subject, **changes), (Elsewhere, BY_URL)).endswith(f". {words}")  # type: ignore[arg-type]

    def test_of_a_paused_key_says_both_who_can_resume_it_and_what_fits(self) -> None:
        subject = replace(DRAWING, drawn_by="elsewhere", task_age_seconds=60.0, has_public_address=True)
        words = self.refused(replace(subject, account_is_paused=True), (Elsewhere, BY_URL))
        assert words.endswith("that one is paused. Your owner can resume it. by-url takes this picture.")

    @pytest.mark.parametrize(
        ("pair", "changes", "words"),
        [
            ((Elsewhere, BY_URL), {"format": "WEBP"}, "Your owner can add a key of a vendor that reads it."),
            ((Elsewhere, BY_URL), {}, "Whoever runs the studio can add one (PUBLIC_URL)."),
            ((Elsewhere, BY_URL), {"size_bytes": 11_000_000}, "Whoever runs the studio can add one (PUBLIC_URL)."),
            ((Demo, Demo.offers[1]), {"width": 90_000}, "A smaller version can be enlarged."),
        ],
    )
    def test_of_any_other_reason_ends_with_what_would_help(
        self, pair: tuple[type[Provider], Offer], changes: dict[str, object], words: str
    ) -> None:
        assert fits(replace(DRAWING, **changes), [pair])[0].reason.endswith(f". {words}")  # type: ignore[arg-type]


def test_what_ends_says_how_long_it_lasts() -> None:
    assert by_task().seconds_left == 23 * 3600
    assert by_url().seconds_left is None
    assert by_task(image_index=2).seconds_left is None


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
