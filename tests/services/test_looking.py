"""A manager opens a private picture: written down once a visit for good, and told to whom it belongs."""

from collections.abc import Callable

import pytest
from django.test import Client

from generations.models import AuditEntry, Image, Member
from generations.models.written_once import Unchangeable
from generations.services import looking, teams
from tests.conftest import Cast
from tests.making import finish_one
from tests.services.teams.people import kinds


@pytest.fixture
def private(cast: Cast) -> Image:
    image = finish_one(cast.ben)
    image.generation.share(private=True)
    return image


def openings() -> int:
    return AuditEntry.objects.filter(action="private_picture_opened").count()


def look(client: Client, place: str) -> int:
    """The status of that address, read to its end."""
    answer = client.get(place)
    answer.getvalue()
    return answer.status_code


def test_a_page_and_its_files_are_one_opening(
    cast: Cast, private: Image, signed_in: Callable[[Member], Client], pass_time: Callable[[float], None]
) -> None:
    client = signed_in(cast.ada)
    places = (f"/images/{private.pk}/", f"/images/{private.pk}/original/", f"/images/{private.pk}/files/384/")
    for place in places:
        assert look(client, place) == 200
    assert (openings(), kinds(cast.ben)) == (1, ["private_picture_opened"])

    pass_time(3601)
    look(client, places[1])
    assert (openings(), kinds(cast.ben)) == (2, ["private_picture_opened"] * 2)


def test_the_file_alone_counts_too(cast: Cast, private: Image, signed_in: Callable[[Member], Client]) -> None:
    look(signed_in(cast.ada), f"/images/{private.pk}/original/")
    assert openings() == 1


def test_the_maker_and_a_shared_picture_leave_no_line(cast: Cast, private: Image) -> None:
    looking.note(by=cast.ben, image=private)
    looking.note(by=cast.ada, image=finish_one(cast.ben))
    assert openings() == 0


def test_who_does_not_manage_finds_nothing(cast: Cast, private: Image, signed_in: Callable[[Member], Client]) -> None:
    for member in (cast.vera, cast.mallory):
        for place in (f"/images/{private.pk}/", f"/images/{private.pk}/original/"):
            assert look(signed_in(member), place) == 404
    assert openings() == 0


def test_an_heir_is_told_instead_of_who_left(cast: Cast, private: Image) -> None:
    teams.leave(member=cast.ben, heir=cast.vera)
    image = Image.objects.select_related("generation__kept_by__person", "generation__member__person").get()
    looking.note(by=cast.ada, image=image)
    assert (kinds(cast.vera)[-1], kinds(cast.ben)) == ("private_picture_opened", [])


def test_a_line_is_never_changed_or_removed(cast: Cast, private: Image) -> None:
    looking.note(by=cast.ada, image=private)
    line = AuditEntry.objects.get()
    line.actor = "nobody"
    for change in (
        line.save,
        line.delete,
        AuditEntry.objects.all().delete,
        lambda: AuditEntry.objects.update(actor="nobody"),
    ):
        with pytest.raises(Unchangeable):
            change()
    assert AuditEntry.objects.get().actor == f"member:{cast.ada.pk}"
