"""Who gets what at every address. The table is whole: an address that is missing here fails the suite."""

import uuid
from copy import copy
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, resolve, reverse

from generations.models import Generation, Person, SetupLink, State
from tests.conftest import Cast
from tests.making import finish_one, make_waiting

OK, MOVED, FORBIDDEN, NOT_FOUND, WRONG_METHOD, UNPROCESSABLE = 200, 302, 403, 404, 405, 422
VISITORS = ("anonymous", "vera", "ben", "ada", "mallory", "staff")


@dataclass(frozen=True)
class Row:
    """Expected statuses in the order of VISITORS, for a GET and for a POST with nothing in it."""

    get: tuple[int, ...]
    post: tuple[int, ...]


def every(status: int, *, anonymous: int = MOVED, staff: int = FORBIDDEN) -> tuple[int, ...]:
    return (anonymous, *([status] * 4), staff)


def ours(status: int, *, vera: int | None = None) -> tuple[int, ...]:
    """For things of Ada's team: Mallory must not learn that they exist."""
    return (MOVED, vera or status, status, status, NOT_FOUND, FORBIDDEN)


NO_GET = (MOVED, *([WRONG_METHOD] * 5))
NO_POST = (MOVED, *([WRONG_METHOD] * 5))

TABLE = {
    "studio": Row(every(OK), NO_POST),
    "feed": Row(every(OK), NO_POST),
    "batches": Row(NO_GET, every(UNPROCESSABLE)),
    # Ben's own, which Ada manages; for Vera and Mallory there is nothing to act on.
    "generation_cancellation": Row(NO_GET, (MOVED, NOT_FOUND, MOVED, MOVED, NOT_FOUND, FORBIDDEN)),
    "generation_retry": Row(NO_GET, (MOVED, NOT_FOUND, MOVED, MOVED, NOT_FOUND, FORBIDDEN)),
    "image": Row(ours(OK), NO_POST),
    "image_upscale": Row(ours(OK), ours(UNPROCESSABLE)),
    "image_file": Row(ours(OK), NO_POST),
    "image_original": Row(ours(OK), NO_POST),
    "library": Row(every(OK), NO_POST),
    "credits": Row(every(OK), NO_POST),
    "account": Row(every(OK), every(UNPROCESSABLE)),
    "account_login": Row((OK, *([MOVED] * 5)), (OK, *([MOVED] * 5))),
    "account_logout": Row((MOVED, *([OK] * 5)), (MOVED, *([MOVED] * 5))),
    "setup": Row(*([(NOT_FOUND,) * 6] * 2)),
    "csp_report": Row((WRONG_METHOD,) * 6, (204,) * 6),
    "healthz": Row((OK,) * 6, (WRONG_METHOD,) * 6),
    "readyz": Row((503,) * 6, (WRONG_METHOD,) * 6),
}  # a fresh test database has no worker, so it is not ready


def names_in(patterns: list[URLPattern | URLResolver], inside: str = "") -> set[str]:
    found: set[str] = set()
    for one in patterns:
        if isinstance(one, URLResolver):
            if one.app_name != "admin":
                found |= names_in(one.url_patterns)
        else:
            found.add(one.name or str(one.pattern))
    return found


def test_every_address_is_in_the_table() -> None:
    assert names_in(get_resolver().url_patterns) == set(TABLE)


def callback_of(name: str) -> object:
    found = get_resolver().reverse_dict.getlist(name)
    assert found, name
    facts = {"pk": uuid.uuid4(), "width": 1, "token": "x"}
    wanted = {word: facts[word] for word in found[0][0][0][1]}
    return resolve(reverse(name, kwargs=wanted)).func


@pytest.fixture
def address(cast: Cast) -> dict[str, str]:
    image = finish_one(cast.ben)
    waiting = make_waiting(cast.ben)
    token = SetupLink.make()
    facts: dict[str, dict[str, Any]] = {
        "generation_cancellation": {"pk": waiting.pk},
        "generation_retry": {"pk": waiting.pk},
        "image": {"pk": image.pk},
        "image_upscale": {"pk": image.pk},
        "image_file": {"pk": image.pk, "width": image.widths[0]},
        "image_original": {"pk": image.pk},
        "setup": {"token": token},
    }
    return {name: reverse(name, kwargs=facts.get(name)) for name in TABLE}


def visitor(cast: Cast, who: str) -> Client:
    client = Client()
    if who == "staff":
        client.force_login(Person.objects.create_superuser("staff@studio.test", "a lamp beside the window"))
    elif who != "anonymous":
        client.force_login(getattr(cast, who).person)
    return client


@pytest.mark.parametrize("who", VISITORS)
def test_every_address_answers_as_the_table_says(cast: Cast, address: dict[str, str], who: str) -> None:
    place, client = VISITORS.index(who), visitor(cast, who)
    wrong = {}
    for name, row in TABLE.items():
        for method, expected in (("get", row.get[place]), ("post", row.post[place])):
            kept = transaction.savepoint()
            session = copy(client.cookies)
            response = getattr(client, method)(address[name])
            response.close()
            transaction.savepoint_rollback(kept)
            client.cookies = session
            if response.status_code != expected:
                wrong[f"{method} {name}"] = f"{response.status_code} instead of {expected}"

    assert wrong == {}


def test_an_outsider_changes_nothing(cast: Cast, address: dict[str, str]) -> None:
    before = list(Generation.objects.order_by("pk").values_list("pk", "state", "version"))
    client = visitor(cast, "mallory")
    for name in TABLE.keys() - {"account_logout"}:
        client.post(address[name], {"choice": "demo:enlarge-2x", "theme": "dark"})

    assert list(Generation.objects.order_by("pk").values_list("pk", "state", "version")) == before


def test_what_is_anothers_looks_like_what_does_not_exist(cast: Cast, address: dict[str, str]) -> None:
    mallory = visitor(cast, "mallory")
    for name in ("image", "image_upscale", "image_original"):
        missing = mallory.get(reverse(name, kwargs={"pk": uuid.uuid4()}))
        foreign = mallory.get(address[name])

        assert (missing.status_code, missing.content) == (foreign.status_code, foreign.content)


def test_a_member_who_left_sees_nothing(cast: Cast, address: dict[str, str]) -> None:
    cast.ben.left_at = cast.ben.joined_at
    cast.ben.save()
    client = visitor(cast, "ben")

    assert client.get(address["image"]).status_code == FORBIDDEN
    assert client.get(address["image_original"]).status_code == FORBIDDEN
    assert client.get(address["studio"]).status_code == FORBIDDEN


def test_only_the_reports_of_browsers_need_no_secret() -> None:
    """S9: one view may be posted to without the form's secret; it stores nothing."""
    exempt = {name for name in TABLE if getattr(callback_of(name), "csrf_exempt", False)}
    assert exempt == {"csp_report"}


def test_a_post_without_the_secret_is_refused(cast: Cast, address: dict[str, str]) -> None:
    client = Client(enforce_csrf_checks=True)
    assert cast.ben.person is not None
    client.force_login(cast.ben.person)

    statuses = {name: client.post(address[name]).status_code for name in TABLE.keys() - {"csp_report"}}
    assert set(statuses.values()) == {FORBIDDEN}
    assert Generation.objects.filter(state=State.QUEUED).count() == 1
