"""Ordering an upscale through its address: what is refused says why, and with which status."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from generations.models import Credential, CreditHold, Generation, Image, Member, OfferSwitch, clock
from generations.providers.base import Operation
from tests.bureau import BYTES_MAX, drawn_there, open_bureau, weigh
from tests.conftest import Cast
from tests.making import fail_one, finish_many, finish_one, set_price

HTMX = {"HX-Request": "true"}
SignIn = Callable[[Member], Client]


@pytest.fixture
def image(cast: Cast) -> Image:
    return finish_one(cast.ada)


def upscales() -> int:
    return Generation.objects.filter(operation=Operation.UPSCALE).count()


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_an_upscale_that_does_not_fit_is_refused_in_the_sheets_words(
    cast: Cast, image: Image, signed_in: SignIn, headers: dict[str, str]
) -> None:
    Image.objects.filter(pk=image.pk).update(width=9000, height=8000)
    address = reverse("image_upscale", args=[image.pk])
    answer = signed_in(cast.ada).post(address, {"choice": "demo:enlarge-4x", "request_key": "k"}, headers=headers)

    assert (answer.status_code, upscales()) == (422, 0)
    assert "is not possible. The result would be 36,000 × 32,000 px" in answer.content.decode()


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_key_used_for_another_order_is_a_conflict(
    cast: Cast, image: Image, signed_in: SignIn, headers: dict[str, str]
) -> None:
    client, address = signed_in(cast.ada), reverse("image_upscale", args=[image.pk])
    client.post(address, {"choice": "demo:enlarge-2x", "request_key": "k"}, headers=headers)
    answer = client.post(address, {"choice": "demo:enlarge-4x", "request_key": "k"}, headers=headers)

    assert (answer.status_code, upscales()) == (409, 1)
    assert "already sent with another order" in answer.content.decode()


def test_a_viewer_is_told_to_ask(cast: Cast, image: Image, signed_in: SignIn) -> None:
    address = reverse("image_upscale", args=[image.pk])
    assert "Your role here is Viewer" in signed_in(cast.vera).get(address).content.decode()
    answer = signed_in(cast.vera).post(address, {"choice": "demo:enlarge-2x", "request_key": "k"})

    assert (answer.status_code, upscales()) == (422, 0)
    assert "Your role here is Viewer" in answer.content.decode()


@pytest.fixture
def bureau(cast: Cast, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Credential:
    settings.PUBLIC_URL = "https://studio.example.org"
    return open_bureau(cast.team, monkeypatch)


class Sheet:
    """One picture's sheet, in Ada's hands."""

    def __init__(self, client: Client, image: Image) -> None:
        self.client, self.address = client, reverse("image_upscale", args=[image.pk])

    def read(self) -> str:
        return self.client.get(self.address, headers=HTMX).content.decode()

    def order(self, choice: str, **typed: str) -> tuple[int, str]:
        """Status and words of the answer."""
        facts = {"choice": choice, "request_key": str(typed)} | typed
        answer = self.client.post(self.address, facts, headers=HTMX)
        return answer.status_code, answer.content.decode()


@pytest.fixture
def sheet(cast: Cast, bureau: Credential, image: Image, signed_in: SignIn) -> Sheet:
    return Sheet(signed_in(cast.ada), weigh(drawn_there(image, bureau), BYTES_MAX))


def only() -> Generation:
    return Generation.objects.get(operation=Operation.UPSCALE)


class TestTheChoicesOfAnOffer:
    def test_are_kept_with_the_order_and_told_on_the_page_of_the_picture(
        self, cast: Cast, sheet: Sheet, image: Image
    ) -> None:
        status, _ = sheet.order(
            "bureau:large", **{"bureau:large:resolution": "8k", "bureau:large:output_format": "png"}
        )

        assert status == 200
        assert only().choices == {"resolution": "8k", "output_format": "png"}
        Generation.objects.filter(pk=image.generation_id).update(choices=only().choices)
        page = sheet.client.get(reverse("image", args=[image.pk])).content.decode()
        assert re.search(r"<dt>Asked for</dt>\s*<dd>8K, PNG</dd>", page)

    def test_may_be_named_plainly(self, sheet: Sheet) -> None:
        assert sheet.order("bureau:large", resolution="2k")[0] == 200
        assert only().choices == {"resolution": "2k", "output_format": "jpg"}

    def test_left_out_are_the_usual_ones(self, sheet: Sheet) -> None:
        assert sheet.order("bureau:large")[0] == 200
        assert only().choices == {"resolution": "4k", "output_format": "jpg"}

    def test_of_another_offer_are_not_asked(self, sheet: Sheet) -> None:
        assert sheet.order("demo:enlarge-2x", **{"bureau:large:resolution": "16k"})[0] == 200
        assert only().choices == {}

    def test_that_are_not_sold_are_refused_and_nothing_is_charged(self, sheet: Sheet) -> None:
        status, words = sheet.order("bureau:large", **{"bureau:large:resolution": "16k", "output_format": "png"})

        assert (status, upscales(), CreditHold.objects.count()) == (422, 0, 1)  # that of the drawing
        assert "Size: choose one of 2K, 4K, 8K. Nothing was charged." in words
        assert re.search(r'value="png" checked', words)

    def test_with_a_price_of_their_own_cost_it(self, sheet: Sheet) -> None:
        set_price("bureau", "large", 20, choice="resolution=8k")

        assert sheet.order("bureau:large", resolution="8k")[0] == 200
        assert only().price == 20

    def test_stay_with_a_retry(self, cast: Cast, sheet: Sheet) -> None:
        sheet.order("bureau:large", resolution="8k")
        sheet.client.post(reverse("generation_cancellation", args=[only().pk]))
        sheet.client.post(reverse("generation_retry", args=[only().pk]))

        again = Generation.objects.exclude(retry_of=None).get()
        assert again.choices == {"resolution": "8k", "output_format": "jpg"}


class TestAFileThatIsTooLarge:
    @pytest.fixture(autouse=True)
    def _heavy(self, sheet: Sheet, image: Image) -> None:
        weigh(image, 12_400_000)

    def test_is_not_sent_without_agreement(self, sheet: Sheet) -> None:
        status, words = sheet.order("bureau:large")

        assert (status, upscales()) == (422, 0)
        assert "not possible without a smaller copy. The file is 12.4 MB" in words
        assert "Send a smaller JPEG copy (about " in words

    def test_is_sent_as_a_copy_with_it(self, sheet: Sheet, image: Image) -> None:
        assert sheet.order("bureau:large", **{"bureau:large:copy": "jpeg"})[0] == 200
        assert only().choices == {"resolution": "4k", "output_format": "jpg", "copy": "jpeg"}

        Generation.objects.filter(pk=image.generation_id).update(choices=only().choices)
        page = sheet.client.get(reverse("image", args=[image.pk])).content.decode()
        assert re.search(r"<dt>Sent as</dt>\s*<dd>A smaller JPEG copy</dd>", page)
        assert "4K, JPG<" in page

    def test_goes_as_it_is_where_there_is_no_limit(self, sheet: Sheet) -> None:
        assert sheet.order("demo:enlarge-2x", copy="jpeg")[0] == 200
        assert only().choices == {}

    def test_is_refused_where_a_copy_could_not_be_fetched(self, sheet: Sheet, settings: Any) -> None:
        settings.PUBLIC_URL = ""
        status, words = sheet.order("bureau:large", copy="jpeg")

        assert (status, upscales()) == (422, 0)
        assert "A smaller copy would have to be fetched from the web" in words


class TestWhatAnAdminSwitchedOff:
    @pytest.fixture(autouse=True)
    def _off(self, sheet: Sheet) -> None:
        OfferSwitch.objects.create(provider="bureau", offer_key="again", is_on=False)

    def test_is_closed_and_says_so(self, sheet: Sheet) -> None:
        text = sheet.read()
        assert re.search(r'value="bureau:again"[^>]* disabled', text)
        assert "Switched off here. Whoever runs the studio can switch it on." in text
        assert not re.search(r'value="bureau:large"[^>]* disabled', text)

    def test_is_refused_when_it_is_ordered_all_the_same(self, sheet: Sheet) -> None:
        status, words = sheet.order("bureau:again")

        assert (status, upscales()) == (422, 0)
        assert "Bureau again is switched off here. Choose another one. Nothing was charged." in words


class TestTheSheet:
    """F60: what cannot be upscaled says why, holds nothing, and leaves the other ways open."""

    def test_counts_down_what_ends_and_so_does_the_page_of_the_picture(self, sheet: Sheet, image: Image) -> None:
        page = sheet.client.get(reverse("image", args=[image.pk])).content.decode()
        for text in (sheet.read(), page):
            assert re.search(r'data-countdown="8\d{4}">22 h 59 min left|data-countdown="82800">23 h 0 min left', text)

    def test_works_without_a_script(self, sheet: Sheet) -> None:
        page = sheet.client.get(sheet.address).content.decode()

        assert '<form id="upscale-sheet" method="post"' in page
        assert 'name="bureau:large:resolution"' in page

    @pytest.mark.parametrize(
        ("hours", "index", "provider", "words"),
        [
            (25, 0, "bureau", "keeps a drawing for 24 hours, and this one is older"),
            (1, 1, "bureau", "Only for the first picture of its drawing"),
            (1, 0, "demo", "Only for pictures drawn by Bureau"),
        ],
    )
    def test_refuses_a_task_that_will_not_do_and_names_what_will(
        self, sheet: Sheet, image: Image, bureau: Credential, hours: float, index: int, provider: str, words: str
    ) -> None:
        drawn_there(image, bureau, hours=hours)
        Image.objects.filter(pk=image.pk).update(index=index)
        Generation.objects.filter(pk=image.generation_id).update(provider=provider)

        text = sheet.read()
        assert words in text
        assert "Bureau large takes this picture." in text
        assert re.search(r'value="bureau:large"[^>]*>', text)
        assert not re.search(r'value="bureau:large"[^>]* disabled', text)
        assert re.search(r'value="bureau:again"[^>]* disabled', text)
        status, said = sheet.order("bureau:again")
        assert (status, upscales(), words in said) == (422, 0, True)
        assert sheet.order("bureau:large")[0] == 200

    @pytest.mark.parametrize("mark", ["deleted_at", "hidden_at"])
    def test_of_a_picture_that_was_removed_is_not_there(self, sheet: Sheet, image: Image, mark: str) -> None:
        Image.objects.filter(pk=image.pk).update(**{mark: clock.now()})

        assert sheet.order("bureau:large")[0] == 404
        assert upscales() == 0

    def test_of_a_failed_or_foreign_picture_is_not_there(
        self, cast: Cast, sheet: Sheet, image: Image, signed_in: SignIn
    ) -> None:
        failed = fail_one(cast.ada)
        assert Sheet(sheet.client, Image(pk=failed.pk)).order("bureau:large")[0] == 404
        assert Sheet(signed_in(cast.mallory), image).order("demo:enlarge-2x")[0] == 404
        assert upscales() == 0

    def test_without_a_public_address_says_so_and_keeps_the_rest(
        self, sheet: Sheet, image: Image, bureau: Credential, settings: Any
    ) -> None:
        settings.PUBLIC_URL = ""
        text = sheet.read()
        assert "Whoever runs the studio can add one (PUBLIC_URL). Bureau again takes this picture." in text
        assert sheet.order("bureau:large")[0] == 422

        drawn_there(image, bureau, links=True)
        assert sheet.order("bureau:large")[0] == 200

    def test_says_that_a_paused_vendor_is_paused(self, sheet: Sheet) -> None:
        Credential.objects.filter(provider="bureau").update(state="paused")
        status, words = sheet.order("bureau:large")

        assert (status, upscales()) == (422, 0)
        assert "Bureau is paused for this team. Your owner can resume it." in words


class TestSeveralPicturesOfOneOrder:
    def test_have_a_page_and_a_sheet_each_and_were_paid_once(self, cast: Cast, signed_in: SignIn) -> None:
        client, images = signed_in(cast.ada), finish_many(cast.ada, 6)
        for number, one in enumerate(images, start=1):
            page = client.get(reverse("image", args=[one.pk])).content.decode()
            assert f">{number} of 6</span> a lamp on a table" in page
            assert all(reverse("image", args=[other.pk]) in page for other in images)
            assert "5 credits, for all 6 pictures" in page
            assert client.get(reverse("image_upscale", args=[one.pk])).status_code == 200

        assert CreditHold.objects.count() == 1

    def test_are_enlarged_one_by_one(self, cast: Cast, signed_in: SignIn) -> None:
        client, images = signed_in(cast.ada), finish_many(cast.ada, 3)
        address = reverse("image_upscale", args=[images[2].pk])

        assert client.post(address, {"choice": "demo:enlarge-2x"}).status_code == 302
        assert only().source == images[2]


class TestOpenedFromAWall:
    def test_it_leads_along_that_wall_and_back_to_it(self, cast: Cast, signed_in: SignIn) -> None:
        old, _, here = (finish_one(cast.ben, words) for words in ("a lamp", "a window", "two lamps"))
        client = signed_in(cast.vera)
        wall = client.get("/library/", {"q": "lamp"}).content.decode()
        assert f'href="/images/{here.pk}/?q=lamp"' in wall
        page = client.get(f"/images/{here.pk}/?q=lamp").content.decode()
        assert f'href="/images/{old.pk}/?q=lamp" rel="next"' in page
        assert f'href="/library/?q=lamp#image-{here.pk}"' in page
        assert ">1 of 2</span>" in page

    def test_an_arrow_brings_the_viewer_alone_with_its_title_and_says_which_it_is(
        self, cast: Cast, signed_in: SignIn
    ) -> None:
        image = finish_one(cast.ben, "a lamp")
        part = signed_in(cast.vera).get(f"/images/{image.pk}/", headers=HTMX | {"HX-Target": "viewer"}).content.decode()
        assert part.startswith("<title>a lamp · Imagine Studio</title>")
        assert '<div class="viewer" id="viewer">' in part
        assert '<p id="viewer-news" hx-swap-oob="innerHTML">Picture 1 of 1: a lamp</p>' in part
        assert "<main" not in part

    def test_the_drawer_is_as_the_browser_left_it(self, cast: Cast, signed_in: SignIn) -> None:
        image, client = finish_one(cast.ben), signed_in(cast.vera)
        for kept, written in (("closed", ' data-drawer="closed"'), ('"><script>', "")):
            client.cookies["drawer"] = kept
            assert f'id="viewer"{written}>' in client.get(f"/images/{image.pk}/").content.decode()

    def test_a_picture_removed_meanwhile_is_a_page_of_its_own(self, cast: Cast, signed_in: SignIn) -> None:
        image = finish_one(cast.ben)
        Image.objects.filter(pk=image.pk).update(hidden_at=clock.now())
        answer = signed_in(cast.ben).get(f"/images/{image.pk}/?q=lamp", headers=HTMX | {"HX-Target": "viewer"})
        assert answer["HX-Redirect"] == f"/images/{image.pk}/?q=lamp"
