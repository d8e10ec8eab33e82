"""What a case shows once its pictures are there, and how what somebody keeps to themselves is uncovered in review."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from generations.models import AuditEntry, Generation, Image, Notice, ReviewCase, Role
from generations.services import reviewing
from tests.cases import decide, enter, make_moderator, openings, report, reviewer_of
from tests.conftest import Cast, join
from tests.making import fail_one, finish, finish_many, finish_one, make_waiting
from tests.views.test_review import HTMX, SignIn, file_of, words_of

CANARY = "heron-among-reeds"
VEILED = "Private. Uncover the case to read it."


@pytest.fixture
def private(cast: Cast) -> Image:
    image = finish_one(cast.ben, CANARY)
    image.generation.share(private=True)
    return image


@pytest.fixture
def case(cast: Cast, private: Image) -> ReviewCase:
    """Of a picture that its maker keeps to themselves since it was reported."""
    private.generation.share(private=False)
    made = report(cast.vera, private)
    private.generation.share(private=True)
    return made


def taken_up(cast: Cast, row: Generation) -> ReviewCase:
    return reviewing.open_on(generation=row, reviewer=reviewer_of(cast.ada))


def page_of(client: Client, case: ReviewCase, query: str = "") -> str:
    return words_of(client.get(f"{reverse('review_case', args=[case.pk])}{query}"))


def open_case(client: Client, case: ReviewCase, *, htmx: bool = True) -> str:
    place = reverse("review_opening", args=[case.pk])
    return words_of(client.post(place, headers=HTMX if htmx else {}, follow=True))


def look(client: Client, place: str) -> bytes:
    """The file, read to its end."""
    return b"".join(client.get(place))


class TestWhatWasTakenUpOnItsWay:
    """F63: the case was there before the picture."""

    def test_has_nothing_to_show_before(self, cast: Cast, signed_in: SignIn) -> None:
        case, ada = taken_up(cast, make_waiting(cast.ben)), signed_in(cast.ada)
        page = page_of(ada, case)
        assert "Still being made" in page
        assert "Nobody yet" in page
        assert ada.get(file_of(case)).status_code == 404

    def test_is_seen_before_it_is_decided(self, cast: Cast, signed_in: SignIn) -> None:
        row = make_waiting(cast.ben)
        case, ada = taken_up(cast, row), signed_in(cast.ada)
        image = finish(row)

        covered = page_of(ada, case)
        assert "Show picture" in covered
        assert "Everybody in North" in covered
        assert f'data-tone="{image.tone}"' in covered
        assert "<img" not in covered
        assert f'src="{file_of(case)}"' in page_of(ada, case, "?shown=1")
        assert look(ada, file_of(case))[8:12] == b"WEBP"

    def test_is_seen_while_it_is_hidden_and_not_once_it_is_gone(self, cast: Cast, signed_in: SignIn) -> None:
        row = make_waiting(cast.ben)
        case, ada = taken_up(cast, row), signed_in(cast.ada)
        decide(case, cast.ada)
        finish(row)
        page = page_of(ada, case, "?shown=1")
        assert f'src="{file_of(case)}"' in page
        assert "Nobody, since it is hidden" in page
        assert look(ada, file_of(case))

        Image.objects.all().take_down()
        assert "Its maker deleted it" in page_of(ada, case)
        assert ada.get(file_of(case)).status_code == 404

    def test_shows_every_picture_it_brought(self, cast: Cast, signed_in: SignIn) -> None:
        images = finish_many(cast.ben, 3)
        case, ada = taken_up(cast, images[0].generation), signed_in(cast.ada)
        page = page_of(ada, case, "?shown=1")
        for number, image in enumerate(images, 1):
            place = reverse("review_picture", args=[case.pk, image.index])
            assert f'src="{place}" alt="The picture {number} of 3 of this case"' in page
            assert look(ada, place)
        assert ada.get(reverse("review_picture", args=[case.pk, 3])).status_code == 404
        assert ada.get(reverse("review_picture", args=[case.pk, 10**30])).status_code == 404

        Image.objects.filter(pk=images[1].pk).update(hidden_at=case.opened_at)
        assert "Everybody in North; 2 of 3 pictures" in page_of(ada, case)

    def test_that_came_to_nothing_says_so(self, cast: Cast, signed_in: SignIn) -> None:
        case = ReviewCase.objects.create(team=cast.team, generation=fail_one(cast.ben))
        assert "Nothing came of it." in page_of(signed_in(cast.ada), case)

    def test_costs_as_much_for_many_pictures_as_for_one(self, cast: Cast, signed_in: SignIn) -> None:
        ada, counts = signed_in(cast.ada), []
        for number in (1, 1, 4):
            case = taken_up(cast, finish_many(cast.ben, number)[0].generation)
            with CaptureQueriesContext(connection) as queries:
                page_of(ada, case, "?shown=1")
            counts.append(len(queries))
            decide(case, cast.ada, "keep", reason="fine")
        assert counts[1] == counts[2]


class TestWhatIsPrivate:
    @pytest.mark.parametrize("query", ["", "?shown=1"])
    def test_is_read_by_no_address_alone(
        self, cast: Cast, case: ReviewCase, private: Image, signed_in: SignIn, query: str
    ) -> None:
        """Neither its prompt nor its picture, and nothing is written down, for nothing was seen."""
        for client in (signed_in(cast.ada), enter(make_moderator())):
            page = page_of(client, case, query)
            assert CANARY not in page
            assert VEILED in page
            assert "That you look is written down, and its maker is told." in page
            assert client.get(file_of(case)).status_code == 404
        assert openings(private) == []

    def test_is_opened_under_its_makers_eyes(
        self, cast: Cast, case: ReviewCase, private: Image, signed_in: SignIn
    ) -> None:
        """One line and one word for each who looks, however often within an hour."""
        moderator = make_moderator()
        clients = (signed_in(cast.ada), enter(moderator))
        for client in clients * 2:
            assert CANARY in open_case(client, case, htmx=False)
            assert look(client, file_of(case))
            assert CANARY in page_of(client, case, "?shown=1")

        assert [line.person for line in openings(private)] == [cast.ada.person, moderator]
        told = Notice.objects.filter(person=cast.ben.person, kind="private_picture_opened").order_by("pk")
        assert [word.subject.split()[0] for word in told] == ["Ada", "Mo"]

    def test_is_covered_again_after_an_hour(
        self, cast: Cast, case: ReviewCase, private: Image, signed_in: SignIn, pass_time: Callable[[float], None]
    ) -> None:
        ada = signed_in(cast.ada)
        open_case(ada, case)
        pass_time(3601)
        assert CANARY not in page_of(ada, case, "?shown=1")
        assert ada.get(file_of(case)).status_code == 404
        assert CANARY in open_case(ada, case)
        assert len(openings(private)) == 2

    def test_stays_covered_where_a_form_says_it_was_shown(
        self, cast: Cast, case: ReviewCase, signed_in: SignIn
    ) -> None:
        ada = signed_in(cast.ada)
        sent = {"action": "hide", "reason": "", "version": "1", "shown": "1"}
        refused = ada.post(reverse("review_decision", args=[case.pk]), sent, headers=HTMX)
        claimed = ada.post(reverse("review_claim", args=[case.pk]), {"on": "1", "shown": "1"}, headers=HTMX)
        assert refused.status_code == 422
        for answer in (refused, claimed):
            assert CANARY not in words_of(answer)

    def test_is_opened_by_its_reviewers_alone(
        self, cast: Cast, case: ReviewCase, private: Image, signed_in: SignIn
    ) -> None:
        place = reverse("review_opening", args=[case.pk])
        for member, status in ((cast.ben, 403), (cast.vera, 403), (cast.mallory, 404)):
            assert signed_in(member).post(place).status_code == status
        assert openings(private) == []

    def test_changes_its_prompt_with_its_picture_and_back(
        self, cast: Cast, case: ReviewCase, signed_in: SignIn
    ) -> None:
        """The page swaps the picture, and takes the prompt from the same answer by its id."""
        ada = signed_in(cast.ada)
        covered = page_of(ada, case)
        assert f'hx-post="{reverse("review_opening", args=[case.pk])}"' in covered
        for page in (covered, open_case(ada, case)):
            asked = page.partition('id="review-picture"')[2].partition("review__form")[0]
            assert 'hx-select="#review-picture" hx-select-oob="#review-prompt"' in asked
            assert page.count('id="review-prompt"') == 1
        assert f'<dd id="review-prompt">{CANARY}</dd>' in page

    def test_keeps_its_words_covered_also_while_nothing_has_arrived(self, cast: Cast, signed_in: SignIn) -> None:
        row = make_waiting(cast.ben, CANARY)
        case, ada = taken_up(cast, row), signed_in(cast.ada)
        row.share(private=True)
        assert CANARY not in page_of(ada, case, "?shown=1")
        assert "Read the prompt" in page_of(ada, case)
        for _ in range(2):
            assert CANARY in open_case(ada, case)
        line = AuditEntry.objects.get(action="private_picture_opened")
        assert (line.person, line.target) == (cast.ada.person, f"generation:{row.pk}")


def test_what_is_shared_is_opened_without_a_line(cast: Cast, signed_in: SignIn) -> None:
    image = finish_one(cast.ben, CANARY)
    case, ada = report(cast.vera, image), signed_in(cast.ada)
    assert CANARY in page_of(ada, case)
    assert look(ada, file_of(case))
    assert CANARY in open_case(ada, case, htmx=False)
    assert openings(image) == []


class TestTheirOtherCases:
    def test_are_a_click_away_and_no_others(self, cast: Cast, signed_in: SignIn) -> None:
        ada = signed_in(cast.ada)
        alone = report(cast.vera, finish_one(cast.ben, "the first"))
        assert "maker=" not in page_of(ada, alone)
        hidden, waiting = (report(cast.vera, finish_one(cast.ben, words)) for words in ("a second", "a third"))
        decide(hidden, cast.ada)
        veras = report(cast.ben, finish_one(join(cast.team, "Nina", Role.CREATOR)), reason="copied")
        decide(veras, cast.ada, reason="copied")
        page = page_of(ada, alone)

        def leads_to(which: str, words: str) -> str:
            place = f"{reverse('review')}?{which}maker={cast.ben.pk}"
            assert f'href="{place.replace("&", "&amp;")}">{words}</a>' in page
            return words_of(ada.get(place))

        assert reverse("review_case", args=[waiting.pk]) in leads_to("", "What else waits")
        there = leads_to("which=hidden&", "What else is hidden")
        assert reverse("review_case", args=[hidden.pk]) in there
        assert reverse("review_case", args=[veras.pk]) not in there
        log = leads_to("which=decided&", "What was decided before")
        assert reverse("review_case", args=[hidden.pk]) in log
        assert reverse("review_case", args=[veras.pk]) not in log
        assert f'<option value="{cast.ben.pk}" selected>Ben</option>' in log

    def test_of_another_team_are_for_the_studios_moderators(self, cast: Cast, signed_in: SignIn) -> None:
        case = report(cast.vera, finish_one(cast.ben))
        place = f"{reverse('review')}?maker={cast.ben.pk}"
        page = words_of(signed_in(cast.mallory).get(place))
        assert "Ben" not in page
        assert reverse("review_case", args=[case.pk]) in words_of(enter(make_moderator()).get(place))
