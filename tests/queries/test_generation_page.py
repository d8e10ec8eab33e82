"""What became of an order: the page a line of the statement leads to while there is no picture."""

import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import strip_tags

from generations.models import Generation, Image, Member, clock
from tests.conftest import Cast
from tests.making import fail_one, finish, finish_one, make_waiting

SignIn = Callable[[Member], Client]


def read(client: Client, generation: Generation) -> str:
    answer = client.get(reverse("generation", args=[generation.pk]))
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", strip_tags(answer.content.decode()))


class TestThePage:
    def test_says_why_there_is_no_picture_and_what_it_cost(self, cast: Cast, signed_in: SignIn) -> None:
        failed = fail_one(cast.ben)
        text = read(signed_in(cast.ben), failed)

        assert "Price 5 credits Held 5 credits, while it was made Cost Nothing. 5 credits returned" in text
        assert "Price 5 credits · paid 0 · returned 5" in text
        assert "The fault is on the vendor’s side" in text
        assert "a lamp on a table" in text

    def test_says_what_is_held_while_it_waits(self, cast: Cast, signed_in: SignIn) -> None:
        text = read(signed_in(cast.ben), make_waiting(cast.ben))

        assert "Held 5 credits, until it is in your library" in text
        assert "Price 5 credits · held 5" in text

    def test_leads_on_to_the_picture_where_there_is_one(self, cast: Cast, signed_in: SignIn) -> None:
        image = finish_one(cast.ben)
        answer = signed_in(cast.ben).get(reverse("generation", args=[image.generation_id]))

        assert answer.headers["Location"] == reverse("image", args=[image.pk])

    def test_stays_when_the_picture_was_deleted(self, cast: Cast, signed_in: SignIn) -> None:
        image = finish_one(cast.ben)
        Image.objects.update(deleted_at=clock.now())

        assert "This picture was removed" in read(signed_in(cast.ben), image.generation)

    def test_of_another_team_or_of_what_is_private_is_not_there(self, cast: Cast, signed_in: SignIn) -> None:
        failed = fail_one(cast.ben)
        address = reverse("generation", args=[failed.pk])
        assert signed_in(cast.mallory).get(address).status_code == 404
        assert signed_in(cast.vera).get(address).status_code == 200

        failed.share(private=True)
        assert signed_in(cast.vera).get(address).status_code == 404
        assert signed_in(cast.ada).get(address).status_code == 404


class TestTheMoney:
    """Quote, hold and actual stand on the card, whatever its state."""

    @pytest.mark.parametrize(
        ("make", "said"),
        [
            (make_waiting, "Price 5 credits · held 5"),
            (lambda member: finish(make_waiting(member)).generation, "Price 5 credits · paid 5"),
            (fail_one, "Price 5 credits · paid 0 · returned 5"),
        ],
        ids=["waiting", "done", "failed"],
    )
    def test_is_on_the_wall(
        self, cast: Cast, signed_in: SignIn, make: Callable[[Member], Generation], said: str
    ) -> None:
        make(cast.ben)

        assert said in signed_in(cast.ben).get(reverse("studio")).content.decode()

    def test_of_several_is_added_up(self, cast: Cast, signed_in: SignIn) -> None:
        first = make_waiting(cast.ben, count=3)
        signed_in(cast.ben).post(reverse("generation_cancellation", args=[first.pk]))

        text = signed_in(cast.ben).get(reverse("studio")).content.decode()
        assert "Price 15 credits · held 10 · paid 0 · returned 5" in text

    def test_is_on_the_page_of_the_picture(self, cast: Cast, signed_in: SignIn) -> None:
        image = finish_one(cast.ben)
        text = strip_tags(signed_in(cast.ben).get(reverse("image", args=[image.pk])).content.decode())

        words = re.sub(r"\s+", " ", text)
        assert "Price 5 credits Held 5 credits, while it was made Cost 5 credits" in words

    def test_is_on_the_button_that_orders_it_again(self, cast: Cast, signed_in: SignIn) -> None:
        fail_one(cast.ben)

        assert "Retry · 5\xa0credits" in signed_in(cast.ben).get(reverse("studio")).content.decode()
