"""The process of the bench about the library: it has a million pictures made, and looks at them."""

import logging
import sys
import time
from typing import Any

import django

django.setup()

from django.db import connection  # noqa: E402  # everything below needs the loaded apps
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.urls import reverse  # noqa: E402

from generations.management import preparing  # noqa: E402
from generations.models import Image, Member, Role  # noqa: E402
from generations.queries.facets import facets  # noqa: E402
from generations.queries.library import PAGE  # noqa: E402
from generations.services import benchmarking  # noqa: E402
from generations.services.benchmarking.decks import RARE  # noqa: E402
from tests.faults import hands  # noqa: E402

Asked = dict[str, Any]
DISJOINT: Asked = {"vendor": "apixo", "kind": "draw", "shape": "16:9"}
"""Each of them common, and no picture has all three: APIXO draws no such shape."""
SEARCHES: dict[str, Asked] = {
    "a common word": {"q": "photograph"},
    "a rare word": {"q": RARE},
    "three words": {"q": "fox rain film"},
    "the beginning of many words": {"q": "st"},
    "a maker and a word": {"q": "chidi lighthouse"},
    "a word nobody wrote": {"q": "xylophone"},
    "facts that exclude each other": DISJOINT,
    "mine": {"whose": "mine"},
    "mine, a rare word": {"whose": "mine", "q": RARE},
}
COUNTED = (
    "a common word",
    "a rare word",
    "three words",
    "a word nobody wrote",
    "facts that exclude each other",
    "mine",
)


def fill(*, number: int) -> dict[str, float]:
    """A team with so many pictures, as the command makes it; after how many seconds each part was done."""
    preparing.collect_static_files()
    begun = time.perf_counter()
    members = benchmarking.seat(name="Bench")
    took = {what: time.perf_counter() - begun for what, _ in benchmarking.fill(members=members, number=number)}
    return took | {"ready": time.perf_counter() - begun}


def read(*, times: int) -> dict[str, tuple[int, list[float]]]:
    """Statements and seconds of each look, by turns. The first of each is not counted: it fills what is kept."""
    client, looks = _visit()
    counts: dict[str, int] = {}
    for name, (place, asked) in looks.items():
        _page(client, place, asked)
        with CaptureQueriesContext(connection) as queries:
            _page(client, place, asked)
        counts[name] = len(queries)
    seconds: dict[str, list[float]] = {name: [] for name in looks}
    for _ in range(times):
        for name, (place, asked) in looks.items():
            begun = time.perf_counter()
            _page(client, place, asked)
            seconds[name].append(time.perf_counter() - begun)
    return {name: (counts[name], seconds[name]) for name in looks}


def plans() -> str:
    """What the database says it does for each different statement of each look."""
    client, looks = _visit()
    how = "EXPLAIN QUERY PLAN" if connection.vendor == "sqlite" else "EXPLAIN (ANALYZE, BUFFERS)"
    told = []
    for name, (place, asked) in looks.items():
        told.append(f"=== {name}")
        with CaptureQueriesContext(connection) as queries:
            _page(client, place, asked)
        for statement in dict.fromkeys(query["sql"] for query in queries if query["sql"].startswith("SELECT")):
            with connection.cursor() as cursor:
                cursor.execute(f"{how} {statement}")
                told += [statement, *(f"    {line[-1]}" for line in cursor.fetchall())]
    return "\n".join([*told, ""])


def _visit() -> tuple[Client, dict[str, tuple[str, Asked]]]:
    """Somebody of that team at the door, and where they look."""
    logging.getLogger("django.request").setLevel(logging.ERROR)
    # Not the owner: most who look neither made most of it nor manage anything.
    member = Member.objects.filter(role=Role.CREATOR).select_related("person").order_by("-pk")[2]
    assert member.person is not None
    client = Client()
    client.force_login(member.person)
    pictures = Image.objects.visible_to(member).order_by("-pk").values_list("pk", "created_at")
    deep, middle = pictures[PAGE * 149], pictures[pictures.count() // 2]
    searches = SEARCHES | {
        f"{one.name} {next(iter(one.options))}": {one.name: next(iter(one.options))} for one in facets(member)
    }
    wall, numbers = reverse("library"), reverse("library_facets")
    looks: dict[str, tuple[str, Asked]] = {
        "first page": (wall, {}),
        "page 150": (wall, {"before": deep[0]}),
        "jump to a month": (wall, {"from": f"{middle[1]:%Y-%m}"}),
        "jump to a month of a search": (wall, {"from": f"{middle[1]:%Y-%m}", "q": "photograph"}),
    }
    looks |= {f"search, {name}": (wall, asked) for name, asked in searches.items()}
    looks |= {"counts of everything": (numbers, {})}
    return client, looks | {f"counts of {name}": (numbers, searches[name]) for name in COUNTED}


def _page(client: Client, place: str, asked: Asked) -> None:
    answer = client.get(place, asked)
    assert answer.status_code == 200, answer.content[:2000]


if __name__ == "__main__":
    logging.getLogger("generations").setLevel(logging.WARNING)
    hands.serve(sys.modules[__name__])
