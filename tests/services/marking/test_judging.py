"""Hearts and stars are each member's own, picks are the team's, and the library finds pictures by all three."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from generations.models import Image, Mark
from generations.services import marking
from tests.conftest import Cast
from tests.making import finish_many, finish_one
from tests.services.marking.finding import found

pytestmark = pytest.mark.django_db


class TestHearts:
    def test_are_seen_and_found_by_their_owner_alone(self, cast: Cast) -> None:
        lamp, _ = finish_one(cast.ben, "a lamp"), finish_one(cast.ben, "a window")

        assert marking.favor(member=cast.vera, images=[lamp], is_favorite=True) == [lamp.pk]
        assert found(cast.vera, favorite="yes") == ["a lamp"]
        assert found(cast.ada, favorite="yes") == found(cast.mallory, favorite="yes") == []

    def test_twice_is_once_and_taken_back_leaves_nothing(self, cast: Cast) -> None:
        lamp = finish_one(cast.ben)
        everything = Image.objects.all()
        assert [marking.favor(member=cast.ada, images=everything, is_favorite=True) for _ in range(2)] == [
            [lamp.pk],
            [],
        ]
        assert [marking.favor(member=cast.ada, images=[lamp], is_favorite=False) for _ in range(2)] == [[lamp.pk], []]

        assert not Mark.objects.exists()
        assert found(cast.ada, favorite="yes") == []

    def test_stay_where_stars_come_and_go(self, cast: Cast) -> None:
        lamp = finish_one(cast.ben, "a lamp")
        marking.favor(member=cast.ada, images=[lamp], is_favorite=True)
        for rating in (3, 5, None):
            marking.rate(member=cast.ada, images=[lamp], rating=rating)

        assert found(cast.ada, favorite="yes") == ["a lamp"]
        marking.rate(member=cast.ada, images=[lamp], rating=2)
        marking.favor(member=cast.ada, images=[lamp], is_favorite=False)
        assert (Mark.objects.get().rating, found(cast.ada, rating="2")) == (2, ["a lamp"])


class TestStars:
    def test_are_found_by_how_many_they_are(self, cast: Cast) -> None:
        lamp = finish_one(cast.ben, "a lamp")
        assert marking.rate(member=cast.vera, images=[lamp], rating=4) == [lamp.pk]
        assert marking.rate(member=cast.vera, images=[lamp], rating=4) == []
        assert (found(cast.vera, rating="4"), found(cast.ben, rating="4")) == (["a lamp"], [])

        assert marking.rate(member=cast.vera, images=[lamp], rating=5) == [lamp.pk]
        assert (found(cast.vera, rating="4"), found(cast.vera, rating="5")) == ([], ["a lamp"])
        assert marking.rate(member=cast.vera, images=[lamp], rating=None) == [lamp.pk]
        assert (Mark.objects.count(), found(cast.vera, rating="5")) == (0, [])

    @pytest.mark.parametrize("rating", [0, 6, -1])
    def test_are_one_to_five(self, cast: Cast, rating: int) -> None:
        with pytest.raises(marking.WrongWords, match="one to 5 stars"):
            marking.rate(member=cast.ben, images=[finish_one(cast.ben)], rating=rating)

    @pytest.mark.parametrize("facts", [{"rating": 6}, {"rating": 0}, {}])
    def test_that_make_no_sense_are_refused_by_the_database(self, cast: Cast, facts: dict[str, int]) -> None:
        lamp = finish_one(cast.ben)
        with pytest.raises(IntegrityError), transaction.atomic():
            Mark.objects.create(member=cast.ben, image=lamp, **facts)


class TestPicks:
    def test_are_for_everybody_by_creators_and_up(self, cast: Cast) -> None:
        lamp = finish_one(cast.ada, "a lamp")
        with pytest.raises(marking.NotAllowed, match="Viewers only look"):
            marking.pick(member=cast.vera, images=[lamp], is_picked=True)
        assert marking.pick(member=cast.ben, images=[lamp], is_picked=True) == [lamp.pk]
        assert marking.pick(member=cast.ada, images=[lamp], is_picked=True) == []

        lamp.refresh_from_db()
        assert lamp.picked_by == cast.ben
        assert found(cast.vera, pick="yes") == ["a lamp"]
        assert marking.pick(member=cast.ada, images=[lamp], is_picked=False) == [lamp.pk]
        assert found(cast.vera, pick="yes") == []


def test_what_a_member_does_not_see_is_left_as_it_is(cast: Cast) -> None:
    own, private, deleted = (finish_one(cast.ben) for _ in range(3))
    private.generation.share(private=True)
    Image.objects.filter(pk=deleted.pk).update(deleted_at=deleted.created_at)

    for member in (cast.ada, cast.mallory):
        changed = [
            marking.favor(member=member, images=Image.objects.all(), is_favorite=True),
            marking.rate(member=member, images=list(Image.objects.all()), rating=3),
            marking.pick(member=member, images=Image.objects.all(), is_picked=True),
            marking.tag(member=member, images=list(Image.objects.all()), names=["lamps"]),
        ]
        assert changed == ([[own.pk]] * 4 if member == cast.ada else [[]] * 4)


def test_many_take_as_many_statements_as_one(cast: Cast) -> None:
    counts = []
    for number in (1, 6):
        images = finish_many(cast.ben, number)
        with CaptureQueriesContext(connection) as queries:
            marking.favor(member=cast.ada, images=images, is_favorite=True)
            marking.tag(member=cast.ada, images=images, names=["brass", "hall"])
        counts.append(len(queries))

    assert counts[1] <= counts[0] + 2 * 5  # of the index each picture is written by a line of its own
