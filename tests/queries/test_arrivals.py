"""What came since a wall was hung is counted, as far as the wall is about it."""

from generations.queries.arrivals import arrivals_for
from generations.queries.library import wall_for
from generations.queries.search import EVERYTHING, Wanted
from tests.conftest import Cast
from tests.making import finish_many, finish_one


def test_what_is_newer_and_looked_for_counts(cast: Cast) -> None:
    nothing = wall_for(cast.vera).seen
    assert nothing is None
    finish_one(cast.ben, "a red lamp")
    seen = wall_for(cast.vera).seen
    lamps = Wanted(words="lamp")
    assert arrivals_for(cast.vera, EVERYTHING, seen).text == arrivals_for(cast.vera, lamps, seen).text == ""
    finish_many(cast.ben, 2, "a lamp of glass")
    finish_one(cast.ben, "a window")

    assert arrivals_for(cast.vera, EVERYTHING, seen).text == "3 new"
    assert arrivals_for(cast.vera, lamps, seen).text == "2 new"
    assert arrivals_for(cast.vera, lamps, seen).url == "/library/?q=lamp"
    assert arrivals_for(cast.vera, EVERYTHING, nothing).text == "4 new"
    assert arrivals_for(cast.vera, lamps, nothing).text == "3 new"
    assert arrivals_for(cast.mallory, EVERYTHING, nothing).text == ""
