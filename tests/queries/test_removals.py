"""Where a hidden picture was stands why, for those it concerns."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from generations.models import Member
from generations.services import reviewing
from tests.conftest import Cast
from tests.making import finish_many
from tests.services.reviewing.bench import Bench, seat

SignIn = Callable[[Member], Client]


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
