"""Where a hidden picture was stands why, for those it concerns; its words go with it, also where a page is open."""

import uuid
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from generations import providers
from generations.models import Image, Member, ReviewCase, Role
from generations.queries import feed as feeds
from generations.services import auditing, ordering, reviewing
from tests.cases import decide, report, reviewer_of
from tests.conftest import Cast, join
from tests.making import finish, finish_many, finish_one, make_waiting
from tests.services.reviewing.bench import Bench, seat

SignIn = Callable[[Member], Client]
WORDS = "quokka under seven moons"
TWICE = providers.offer("demo", "enlarge-2x")


@pytest.fixture
def bench(cast: Cast) -> Bench:
    return seat(cast)


class TestACard:
    @pytest.mark.parametrize(("who", "words"), [("ada", True), ("ben", True), ("vera", False)])
    def test_says_why_to_its_maker_and_to_managers(
        self, bench: Bench, signed_in: SignIn, who: str, words: bool
    ) -> None:
        bench.hide(bench.report())
        page = signed_in(getattr(bench.cast, who)).get(reverse("studio")).content.decode()

        assert ("Removed by a moderator: hateful" in page) is words
        assert ("This picture was removed" in page) is not words

    def test_shows_the_others_of_several(self, bench: Bench, signed_in: SignIn) -> None:
        first, second = finish_many(bench.cast.ben, 2)
        bench.hide(reviewing.open_case(image=first, reviewer=bench.ada))
        page = signed_in(bench.cast.ben).get(reverse("studio")).content.decode()

        assert "Removed by a moderator" not in page
        assert str(second.pk) in page
        assert str(first.pk) not in page


class TestThePage:
    @pytest.mark.parametrize(("who", "status"), [("ada", 200), ("ben", 200), ("vera", 404), ("mallory", 404)])
    def test_tells_why_to_those_it_concerns(self, bench: Bench, signed_in: SignIn, who: str, status: int) -> None:
        case = bench.report(words="look at the flag")
        bench.hide(case)
        answer = signed_in(getattr(bench.cast, who)).get(reverse("image", args=[bench.picture.pk]))

        assert answer.status_code == status
        if status == 200:
            page = answer.content.decode()
            for words in ("Removed by a moderator", "Hateful", "do not come back", "ask Ada"):
                assert words in page
            assert "look at the flag" not in page
            assert "<img" not in page

    def test_tells_that_it_is_gone_for_good(self, bench: Bench, signed_in: SignIn) -> None:
        case = bench.report()
        bench.hide(case)
        reviewing.ask_purge(case=case, reviewer=bench.ada)
        reviewing.purge(case=case, reviewer=bench.otto)
        page = signed_in(bench.cast.ben).get(reverse("image", args=[bench.picture.pk])).content.decode()

        assert "removed for good" in page


@pytest.fixture
def image(cast: Cast) -> Image:
    return finish_one(cast.ben, WORDS)


@pytest.fixture
def cleo(cast: Cast) -> Member:
    return join(cast.team, "Cleo", Role.CREATOR)


def enlarged(member: Member, image: Image) -> Image:
    batch = ordering.order_upscale(
        member=member, image=image, provider="demo", offer=TWICE, request_key=uuid.uuid4().hex
    )
    return finish(batch.generations.get())


def hide_one(cast: Cast, image: Image) -> ReviewCase:
    case = report(cast.vera, image)
    decide(case, cast.ada)
    return case


def show(cast: Cast, case: ReviewCase) -> None:
    last = case.decisions.order_by("-pk")[0]
    reviewing.reverse(decision=last, reviewer=reviewer_of(cast.ada))


def read(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def places(image: Image) -> list[str]:
    """Everywhere a prompt of the team is read."""
    order = image.generation_id
    studio = reverse("studio")
    return [
        studio,
        f"{studio}?from={order}",
        reverse("generation", args=[order]),
        reverse("library"),
        reverse("image", args=[image.pk]),
    ]


class TestItsWords:
    def test_are_gone_for_who_neither_wrote_nor_judges_them(
        self, cast: Cast, cleo: Member, image: Image, signed_in: SignIn
    ) -> None:
        assert WORDS in read(signed_in(cleo), places(image)[0])
        hide_one(cast, image)

        for member in (cast.vera, cleo, cast.mallory):
            for address in places(image):
                assert WORDS not in read(signed_in(member), address), (member, address)
        assert "Removed by a moderator" in read(signed_in(cleo), reverse("studio"))

    @pytest.mark.parametrize("who", ["ben", "ada"])
    def test_stay_for_their_author_and_who_manages_the_team(
        self, cast: Cast, image: Image, signed_in: SignIn, who: str
    ) -> None:
        hide_one(cast, image)
        client = signed_in(getattr(cast, who))

        for address in places(image)[:3]:
            assert WORDS in read(client, address), address

    def test_offer_nothing_to_reuse(self, cast: Cast, cleo: Member, image: Image, signed_in: SignIn) -> None:
        reuse = f"?from={image.generation_id}"
        assert reuse in read(signed_in(cleo), reverse("studio"))
        hide_one(cast, image)

        assert reuse not in read(signed_in(cleo), reverse("studio"))
        assert reuse in read(signed_in(cast.ben), reverse("studio"))

    def test_are_gone_from_what_others_made_of_it(
        self, cast: Cast, cleo: Member, image: Image, signed_in: SignIn
    ) -> None:
        larger = enlarged(cleo, image)
        hide_one(cast, image)

        for address in places(larger):
            assert WORDS not in read(signed_in(cleo), address), address
        for address in (reverse("credits"), reverse("statement_file")):
            assert WORDS not in b"".join(signed_in(cleo).get(address)).decode(), address

    def test_stay_where_another_picture_of_the_order_does(self, cast: Cast, signed_in: SignIn) -> None:
        first, _ = finish_many(cast.ben, 2, WORDS)
        hide_one(cast, first)

        assert WORDS in read(signed_in(cast.vera), reverse("studio"))

    def test_of_an_order_hidden_ahead_are_gone_while_it_is_made(
        self, cast: Cast, cleo: Member, signed_in: SignIn
    ) -> None:
        row = make_waiting(cast.ben, WORDS)
        case = reviewing.open_on(generation=row, reviewer=reviewer_of(cast.ada))
        decide(case, cast.ada)

        assert WORDS not in read(signed_in(cleo), reverse("studio"))

    def test_are_back_with_it(self, cast: Cast, image: Image, signed_in: SignIn) -> None:
        case = hide_one(cast, image)
        show(cast, case)

        assert WORDS in read(signed_in(cast.vera), reverse("studio"))


class TestAnOpenPage:
    def test_drops_it_with_its_next_poll_and_has_it_again(self, cast: Cast, image: Image, signed_in: SignIn) -> None:
        client = signed_in(cast.vera)
        case = report(cast.vera, image)
        before = self._poll(cast.vera)
        decide(case, cast.ada)
        answer = read(client, before)

        assert f'id="generation-{image.generation_id}"' in answer
        assert "This picture was removed" in answer
        assert f'id="run-caption-{image.generation.batch_id}"' in answer
        assert WORDS not in answer
        assert str(image.pk) not in answer

        hidden = self._poll(cast.vera)
        show(cast, case)
        answer = read(client, hidden)
        assert WORDS in answer
        assert str(image.pk) in answer

    def test_of_what_was_made_of_it_drops_that_too(
        self, cast: Cast, cleo: Member, image: Image, signed_in: SignIn
    ) -> None:
        larger = enlarged(cleo, image)
        before = self._poll(cast.vera)
        hide_one(cast, image)
        answer = read(signed_in(cast.vera), before)

        for one in (image, larger):
            assert f'id="generation-{one.generation_id}"' in answer
            assert str(one.pk) not in answer

    def test_about_it_loads_itself_anew(self, cast: Cast, image: Image, signed_in: SignIn) -> None:
        before = self._poll(cast.vera)
        page = "http://testserver" + reverse("image", args=[image.pk])
        headers = {"HX-Request": "true", "HX-Current-URL": page}
        hide_one(cast, image)
        answer = signed_in(cast.vera).get(before, headers=headers)

        assert answer.headers["HX-Refresh"] == "true"

    def test_is_told_once_and_the_books_agree(self, cast: Cast, image: Image, signed_in: SignIn) -> None:
        show(cast, hide_one(cast, image))

        assert signed_in(cast.vera).get(self._poll(cast.vera)).status_code == 204
        assert not auditing.audit()

    def _poll(self, member: Member) -> str:
        """The address an open page of this member asks next."""
        assert member.person is not None
        standing = feeds.standing(member.person)
        assert standing is not None
        return feeds.poll_of(standing, "team").url
