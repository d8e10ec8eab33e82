"""`manage.py rebuild_search` makes the index as the rows are."""

import io

from django.core.management import call_command

from generations import search
from generations.models import Generation, Member, SearchEntry
from generations.queries.library import wall_for
from generations.queries.search import Wanted
from tests.conftest import Cast
from tests.making import finish_many


def found(member: Member, words: str) -> str:
    return wall_for(member, Wanted(words=words)).count_text


def test_everything_is_found_by_what_it_is_now(cast: Cast) -> None:
    finish_many(cast.ben, 3)
    search.write([(number, ["stale"]) for number in SearchEntry.objects.values_list("pk", flat=True)])
    Generation.objects.update(prompt="a heron")
    assert found(cast.ada, "heron") == "0 pictures"
    call_command("rebuild_search", stdout=(said := io.StringIO()))

    assert "3 pictures" in said.getvalue()
    assert found(cast.ada, "heron") == "3 pictures"
