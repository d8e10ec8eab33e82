"""What was chosen is what somebody saw when they chose: nothing newer, nothing unticked, nothing they may not see."""

import pytest

from generations.models import Image
from generations.queries import selection
from generations.queries.search import EVERYTHING, Wanted
from tests.conftest import Cast
from tests.making import finish_one

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("wanted", [EVERYTHING, Wanted(words="lamp")], ids=["everything", "found"])
def test_all_that_match_are_those_that_were_there(cast: Cast, wanted: Wanted) -> None:
    first, hidden, second = (finish_one(cast.ben, "a lamp") for _ in range(3))
    private, foreign = finish_one(cast.ada, "a lamp"), finish_one(cast.mallory, "a lamp")
    private.generation.share(private=True)
    Image.objects.filter(pk=hidden.pk).update(hidden_at=hidden.created_at)
    third = finish_one(cast.ben, "a lamp")
    finish_one(cast.ben, "a lamp")
    keys = selection.all_matching(cast.ben, wanted, upto=third.pk, without=[second.pk])

    assert keys == [third.pk, first.pk]
    assert selection.all_matching(cast.mallory, wanted, upto=third.pk) == [foreign.pk]


def test_found_by_words_means_by_words(cast: Cast) -> None:
    lamp, window = finish_one(cast.ben, "a lamp"), finish_one(cast.ben, "a window")
    assert selection.all_matching(cast.ben, Wanted(words="lamp"), upto=window.pk) == [lamp.pk]
    assert selection.all_matching(cast.ben, Wanted(words="..."), upto=window.pk) == []


def test_ticked_ones_are_those_they_see_each_once(cast: Cast) -> None:
    mine, foreign = finish_one(cast.ben), finish_one(cast.mallory)
    assert selection.chosen(cast.ben, [mine.pk, foreign.pk, mine.pk]) == [mine.pk]


def test_more_than_one_act_takes_is_refused(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selection, "CHOSEN_MAX", 2)
    images = [finish_one(cast.ben) for _ in range(3)]
    with pytest.raises(selection.TooMany):
        selection.all_matching(cast.ben, EVERYTHING, upto=images[-1].pk)
    assert len(selection.all_matching(cast.ben, EVERYTHING, upto=images[-1].pk, without=[images[0].pk])) == 2
