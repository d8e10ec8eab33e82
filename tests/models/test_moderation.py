"""What the database itself keeps of moderation, whoever writes to it."""

from datetime import timedelta

import pytest
from django.db import IntegrityError

from generations.models import DeskRole, Image, ImageReport, Person, ReviewCase, Reviewer, Suspension, clock
from tests.conftest import Cast
from tests.making import finish_one


@pytest.fixture
def image(cast: Cast) -> Image:
    return finish_one(cast.ben)


def begin(image: Image, /, **facts: object) -> ReviewCase:
    return ReviewCase.objects.create(**({"team": image.team, "generation": image.generation, "image": image} | facts))


class TestACase:
    def test_is_open_once_about_a_picture(self, image: Image) -> None:
        begin(image, state="kept", decided_at=clock.now())
        begin(image)
        with pytest.raises(IntegrityError):
            begin(image)

    def test_is_open_once_about_what_is_still_on_its_way(self, image: Image) -> None:
        begin(image)
        begin(image, image=None)
        with pytest.raises(IntegrityError):
            begin(image, image=None)

    @pytest.mark.parametrize(
        "facts", [{"state": "kept"}, {"decided_at": clock.now()}, {"state": "odd"}, {"level": "odd"}]
    )
    def test_is_decided_at_some_time_or_open(self, image: Image, facts: dict[str, object]) -> None:
        with pytest.raises(IntegrityError):
            begin(image, **facts)

    def test_is_reported_once_by_each_and_for_a_reason(self, cast: Cast, image: Image) -> None:
        case = begin(image)
        ImageReport.objects.create(case=case, member=cast.vera, reason="other")
        with pytest.raises(IntegrityError):
            ImageReport.objects.create(case=case, member=cast.vera, reason="violent")

    def test_hides_a_picture_since_some_moment(self, image: Image) -> None:
        with pytest.raises(IntegrityError):
            Image.objects.filter(pk=image.pk).update(hidden_by=begin(image))


class TestASuspension:
    def test_is_of_a_person_or_of_a_team(self, cast: Cast) -> None:
        with pytest.raises(IntegrityError):
            Suspension.objects.create(reason="x")

    def test_is_not_of_both(self, cast: Cast) -> None:
        with pytest.raises(IntegrityError):
            Suspension.objects.create(reason="x", person=cast.ben.person, team=cast.team)

    def test_stands_once(self, cast: Cast) -> None:
        first = Suspension.objects.create(reason="x", person=cast.ben.person)
        assert (first.lift(by=None), first.lift(by=None)) == (True, False)
        Suspension.objects.create(reason="x", person=cast.ben.person)
        with pytest.raises(IntegrityError):
            Suspension.objects.create(reason="x", person=cast.ben.person)

    def test_is_over_at_its_end(self, cast: Cast) -> None:
        for until, number in ((clock.now() - timedelta(seconds=1), 0), (clock.now() + timedelta(hours=1), 1)):
            Suspension.objects.all().delete()
            Suspension.objects.create(reason="x", team=cast.team, until=until)
            assert Suspension.objects.live().count() == number


class TestWhoModerates:
    @pytest.mark.parametrize(
        ("facts", "may"),
        [
            ({"is_staff": True, "desk_role": DeskRole.MODERATOR}, True),
            ({"is_staff": True, "is_superuser": True}, True),
            ({"is_staff": True, "desk_role": DeskRole.OPERATOR}, False),
            ({"is_staff": True}, False),
            ({"desk_role": DeskRole.MODERATOR}, False),
            ({"is_staff": True, "desk_role": DeskRole.MODERATOR, "is_active": False}, False),
        ],
    )
    def test_is_on_the_staff_with_that_role(self, db: None, facts: dict[str, object], may: bool) -> None:
        person = Person.objects.create_user("mona@studio.test", None, **facts)

        assert person.may_moderate is may
        assert (Reviewer.of_staff(person) is not None) is may

    def test_is_in_a_team_who_manages_it(self, cast: Cast) -> None:
        found = [Reviewer.of_member(member) is not None for member in (cast.ada, cast.ben, cast.vera)]

        assert found == [True, False, False]
