"""Whoever left a team and came back is one person: what they made before goes, or comes along, too (S66)."""

import pytest
from django.contrib.admin.models import CHANGE, LogEntry

from generations.models import Image, Member, Person, Role
from generations.queries import own_data
from generations.services import asking, closing, teams
from tests.conftest import Cast
from tests.making import finish_one
from tests.services.teams.people import link


@pytest.fixture
def ben(cast: Cast) -> Person:
    assert cast.ben.person is not None
    return cast.ben.person


def come_back(cast: Cast, ben: Person, *, heir: Member | None = None) -> Member:
    teams.remove(by=cast.ada, member=cast.ben, heir=heir)
    return teams.join(invitation=link(cast.ada, Role.CREATOR), person=ben)


def test_all_of_it_is_exported_and_taken_down(cast: Cast, ben: Person) -> None:
    early = finish_one(cast.ben, "a canary on a lamp")
    late = finish_one(come_back(cast, ben), "another lamp")
    others = finish_one(cast.ada, "a quiet lamp")
    assert list(own_data.pictures(ben)) == [early, late]
    assert {fact["prompt"] for fact in own_data.orders(ben)} == {"a canary on a lamp", "another lamp"}
    closing.close(ben, fates={cast.team.pk: closing.Fate(takes_down=True)})

    assert list(Image.objects.with_file()) == [others]
    early.generation.refresh_from_db()
    assert early.generation.prompt == ""


def test_what_somebody_else_was_given_is_theirs(cast: Cast, ben: Person) -> None:
    given = finish_one(cast.ben)
    come_back(cast, ben, heir=cast.ada)
    assert list(own_data.pictures(ben)) == []
    closing.close(ben, fates={cast.team.pk: closing.Fate(takes_down=True)})
    teams.take_down_late()
    assert list(Image.objects.with_file()) == [given]


def test_the_words_of_a_request_go_and_the_work_at_the_desk_stays(cast: Cast, ben: Person) -> None:
    ask = asking.ask(member=cast.ben, amount=5, reason="For a secret poster")
    done = LogEntry.objects.create(user=ben, object_id="1", object_repr="a key", action_flag=CHANGE)
    closing.close(ben)

    ask.refresh_from_db()
    assert ask.reason == ""
    done.refresh_from_db()
    assert (done.user.name, done.user.is_active, done.user.has_usable_password()) == ("Former staff", False, False)
