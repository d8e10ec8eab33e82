"""`python -m tests.services.marking <race>`: people say something about one picture at the same moment.

The last line printed is what became of it, as JSON.
"""

import itertools
import json
import secrets
import sys
import time
from collections.abc import Callable
from typing import Any

import django
import pytest

django.setup()

from generations import search  # noqa: E402  # the models are there only after set-up
from generations.models import Image, Mark, Member, Price, Role, SearchEntry, Tag, Tagging  # noqa: E402
from generations.providers.demo import Demo  # noqa: E402
from generations.queries.search import Wanted, query_for  # noqa: E402
from generations.services import marking  # noqa: E402
from tests.conftest import found, join  # noqa: E402
from tests.making import finish_one  # noqa: E402
from tests.services.teams.__main__ import race  # noqa: E402

PEOPLE = 4


def stage() -> tuple[list[Member], Image]:
    Price.seed()
    asked = itertools.count()  # whenever the demo vendor looks at its clock, it has long been done
    pytest.MonkeyPatch().setattr(Demo, "clock", staticmethod(lambda: time.time() + 100 * next(asked)))
    team = found("raced")
    people = [join(team, secrets.token_hex(4), Role.ADMIN) for _ in range(PEOPLE)]
    return people, finish_one(people[0], "a lamp")


def finds(member: Member, image: Image, **wanted: Any) -> bool:
    number = SearchEntry.objects.get(image=image).pk
    return number in search.find(query_for(member, Wanted(**wanted)), limit=50)


def hearts() -> dict[str, Any]:
    """Everybody likes and rates it at once: each finds it among their own."""
    people, image = stage()

    def like(member: Member) -> Callable[[], object]:
        def act() -> None:
            marking.favor(member=member, images=[image], is_favorite=True)
            marking.rate(member=member, images=[image], rating=5)

        return act

    seen = race(*map(like, people), *map(like, people))
    facts = {"favorite": ("yes",), "rating": ("5",)}
    return {
        "seen": seen,
        "rows": Mark.objects.filter(image=image).count(),
        "found": sum(finds(one, image, picked=facts) for one in people),
    }


def one_name() -> dict[str, Any]:
    """Everybody tags it with the same new name: there is one tag, once on the picture."""
    people, image = stage()
    seen = race(*[lambda one=one: bool(marking.tag(member=one, images=[image], names=["Brass"])) for one in people])
    tag = Tag.objects.get(team=image.team)
    return {"seen": seen, "uses": tag.uses, "worn": Tagging.objects.filter(image=image).count()}


def merged_meanwhile() -> dict[str, Any]:
    """Two tags become one while people put them on pictures: nothing is lost, and the numbers are right."""
    people, image = stage()
    others = [finish_one(people[0], "a lamp") for _ in range(PEOPLE)]
    marking.tag(member=people[0], images=[image], names=["brass", "bronze"])
    bronze = Tag.objects.get(team=image.team, folded="bronze")
    acts = [
        lambda one=one: bool(marking.tag(member=people[1], images=[one], names=["bronze", "brass"])) for one in others
    ]
    seen = race(lambda: str(marking.rename_tag(by=people[0], tag=bronze, name="Brass")), *acts)
    rows = Tag.objects.filter(team=image.team)
    return {
        "seen": seen,
        "brass": Tagging.objects.filter(tag__in=rows, tag__folded="brass").count(),
        "right": all(Tagging.objects.filter(tag=one).count() == one.uses for one in rows),
        "found": sum(finds(people[2], one, words="brass") for one in (image, *others)),
    }


RACES = {act.__name__: act for act in (hearts, one_name, merged_meanwhile)}

if __name__ == "__main__":
    sys.stdout.write(json.dumps(RACES[sys.argv[1]]()) + "\n")
