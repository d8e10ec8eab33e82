"""Who sees a picture, as its page says it, and the switch that changes it."""

from collections.abc import Callable

from django.test import Client

from generations.models import Image, Member
from generations.queries.privacy import privacy_of
from generations.services import looking
from tests.conftest import Cast
from tests.making import finish_one

HTMX = {"HX-Request": "true"}


def fresh(image: Image) -> Image:
    return Image.objects.select_related("generation__member__person", "generation__kept_by").get(pk=image.pk)


def test_its_maker_reads_who_looked_and_nobody_else_does(cast: Cast) -> None:
    image = finish_one(cast.ben)
    image.generation.share(private=True)
    looking.note(by=cast.ada, image=fresh(image))

    mine = privacy_of(fresh(image), viewer=cast.ben)
    assert (mine.is_own, mine.is_private, [one.name for one in mine.openings]) == (True, True, ["Ada"])
    theirs = privacy_of(fresh(image), viewer=cast.ada)
    assert (theirs.is_own, theirs.is_private, theirs.maker, theirs.openings) == (False, True, "Ben", [])


def test_the_switch_is_its_makers(cast: Cast, signed_in: Callable[[Member], Client]) -> None:
    image = finish_one(cast.ben)
    address = f"/images/{image.pk}/privacy/"
    answer = signed_in(cast.ben).post(address, {"private": "1"}, headers=HTMX)
    assert "Only you see it" in answer.content.decode()
    assert fresh(image).generation.is_private

    for member, status in ((cast.ada, 404), (cast.vera, 404), (cast.mallory, 404)):
        assert signed_in(member).post(address, {}).status_code == status
    assert fresh(image).generation.is_private
    signed_in(cast.ben).post(address, {})
    assert not fresh(image).generation.is_private

    answer = signed_in(cast.ada).post(address, {"private": "1"}, follow=True)
    assert "Only who made a picture decides" in answer.content.decode()
    assert not fresh(image).generation.is_private
