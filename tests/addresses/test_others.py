"""What is somebody else's cannot be told from what does not exist, and a guess finds nothing (S22, F59)."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from generations.forms.drawing import REQUEST_KEY_MAX, request_key
from generations.models import Credential, Generation, Image
from tests.addresses.routes import BY_NUMBER, BY_UUID, routes
from tests.addresses.table import SENT, TABLE
from tests.addresses.visitors import address, visitor
from tests.addresses.walking import Seen, Step, walk
from tests.conftest import Cast

__all__ = ["address"]

ENDED_ANYWAY = "session_end"
"""Says that it had ended already, whosever it was."""
NUMBERS = (0, 999_999_999, 2**31, 2**63 - 1, 2**63, 10**40)
UUIDS = (uuid.UUID(int=0), uuid.UUID(int=2**128 - 1), uuid.UUID(int=1, version=4))
WRONG = (
    "-1", "1 OR 1=1", "1%20OR%201=1", "1;DROP", "1'--", "%00", "null", "nan", "0x1", "1e3", "..", "%2e%2e", "1.0", "+1",
    "00000000-0000-0000-0000-00000000000g", "00000000000000000000000000000000", "{}", "*", "a" * 2000,
)  # fmt: skip
PLACES = (
    "http://[", "http://[::1", "javascript:alert(1)", "//evil.test/", "https://evil.test/images/", "/images/", "\\",
    "http://testserver/images/00000000-0000-0000-0000-000000000000/", "http://testserver:port/", "é" * 3000, "%",
)  # fmt: skip
ACTS = ("generation_cancellation", "generation_retry", "image_privacy")
CURSORS = ("-1", "9" * 18, "9" * 30, "1 OR 1=1", "\0", "0x1", "null", "9.9.9", "0.0.0", str(uuid.UUID(int=0)), "é" * 99)


def method_of(name: str) -> str:
    """The one that does something at this address."""
    return "GET" if TABLE[name].post[-1] == "405" else "POST"


def asked(client: Client, name: str, place: str) -> tuple[Seen, int]:
    """What an address answers, and how many statements it took to find out."""
    with CaptureQueriesContext(connection) as queries:
        (seen,) = walk(client, [Step(name, place, method_of(name))])
    return seen, len(queries)


def place_of(name: str, pk: object) -> str:
    more = {"image_file": {"width": 384}, "review_picture": {"index": 7}}
    return reverse(name, kwargs={"pk": pk} | more.get(name, {}))


def missing(name: str) -> str:
    return place_of(name, uuid.uuid4() if name in BY_UUID else 10**9)


@pytest.mark.parametrize("who", ["mallory", "zoe"])
def test_what_is_anothers_looks_like_what_does_not_exist(cast: Cast, address: dict[str, str], who: str) -> None:
    """The same words, the same headers, and as much work: neither says that there is something."""
    client = visitor(cast, who)
    client.get(reverse("account"))
    for name in (*BY_UUID, *BY_NUMBER):
        if who == "zoe" and name == "team_choice":
            continue  # she may go there
        (foreign, work), (nothing, effort) = (asked(client, name, place) for place in (address[name], missing(name)))

        status = 302 if name == ENDED_ANYWAY else 404
        assert (foreign.status, foreign.plain) == (status, nothing.plain), name
        assert (nothing.status, work) == (status, effort), name
        assert foreign.plain_headers == nothing.plain_headers, name


def guesses(name: str, *, words: tuple[str, ...]) -> Iterator[str]:
    """The address with something else in place of the id."""
    of_none: tuple[object, ...] = UUIDS if name in BY_UUID else NUMBERS
    yield from (place_of(name, pk) for pk in of_none)
    shape = place_of(name, of_none[0]).replace(f"/{of_none[0]}/", "/{}/")
    yield from (shape.format(word) for word in words)


def test_a_guess_finds_nothing(cast: Cast, address: dict[str, str]) -> None:
    """What is no id at all is turned away before anybody asks who is there: one visitor is enough for it."""
    for who, words in (("ada", WRONG), ("mallory", ())):
        client = visitor(cast, who)
        (page,) = walk(client, [Step("image", "/nothing/like/this/")])
        for name in (*BY_UUID, *BY_NUMBER):
            steps = [Step(name, place, method_of(name)) for place in guesses(name, words=words)]
            nothing = {page.plain, b""} if name == ENDED_ANYWAY else {page.plain}
            found = [seen for seen in walk(client, steps) if seen.plain not in nothing or "+" in seen.outcome]
            odd = {seen.step.address: seen.outcome for seen in found}
            assert odd == {}, (who, name)


def test_a_width_nobody_made_is_no_file(cast: Cast, address: dict[str, str]) -> None:
    pk = Image.objects.filter(deleted_at=None)[0].pk
    steps = [Step("image_file", reverse("image_file", args=[pk, width])) for width in (0, 1, 385, 2**63, 10**40)]

    assert {seen.status for seen in walk(visitor(cast, "ada"), steps)} == {404}


@pytest.mark.parametrize("token", ["x", "x" * 4000, "1 OR 1=1", "%00", "é", "..;", "a:b:c"])
def test_a_token_nobody_gave_out_opens_nothing(db: None, token: str) -> None:
    client = Client()
    for one in (one for one in routes() if "token" in one.ids):
        facts = {"token": "mark"} | ({"provider": "demo"} if "provider" in one.ids else {})
        place = reverse(one.name, kwargs=facts).replace("mark", token)
        outcomes = {seen.outcome for seen in walk(client, [Step(one.name, place, how) for how in ("GET", "POST")])}

        assert outcomes <= {"403", "404", "405"}, one.name
        assert outcomes != {"405"}, one.name


def test_odd_words_in_the_question_are_as_none(cast: Cast, address: dict[str, str]) -> None:
    client = visitor(cast, "ada")
    keys = {"studio": ("from", "whose"), "library": ("before",), "credits": ("before",), "inbox": ("before",)}
    keys |= dict.fromkeys(("feed", "image", "image_upscale"), ("cursor", "whose"))
    for word in CURSORS:
        for name, asked_for in keys.items():
            answer = client.get(address[name], dict.fromkeys(asked_for, word))
            assert answer.status_code in {200, 204}, (name, word)


def test_odd_words_in_the_headers_of_htmx_break_nothing(cast: Cast, address: dict[str, str]) -> None:
    client = visitor(cast, "ben")
    for place in PLACES:
        words = dict.fromkeys(("HX-Current-URL", "HX-Target", "HX-Trigger", "HX-Prompt"), place)
        words["HX-Request"] = "true"
        orders = [Step(name, address[name], "POST", SENT[name][0], words) for name in ("batches", "image_upscale")]
        acts = [Step(name, address[name], "POST", {"private": "1"}, words) for name in ACTS]
        looks = [Step(name, address[name], "GET", {}, words) for name in ("feed", "library", "studio")]
        for seen in walk(client, [*orders, *acts, *looks]):
            assert seen.status in {200, 204, 404, 422}, (str(seen.step), place)
        for seen in walk(Client(), looks):
            assert seen.status == 200
            assert "evil" not in seen.headers["HX-Redirect"]


def test_a_key_of_a_form_may_hold_anything(cast: Cast, address: dict[str, str]) -> None:
    """PostgreSQL keeps no text with a zero in it, and no column keeps one of any length."""
    for word in ("\0", "a\0b", "k" * 5000, "1 OR 1=1"):
        (seen,) = walk(
            visitor(cast, "ben"), [Step("retry", address["generation_retry"], "POST", {"request_key": word})]
        )
        assert seen.outcome == "302+"
        assert "\0" not in request_key(word)
        assert len(request_key(word)) <= REQUEST_KEY_MAX


def test_an_outsider_changes_nothing(cast: Cast, address: dict[str, str]) -> None:
    before = facts_of(cast)
    client = visitor(cast, "mallory")
    for name in TABLE.keys() - {"account_logout", "account_deletion", "sessions_end"}:
        client.post(address[name], {"choice": "demo:enlarge-2x", "theme": "dark", "key": "k", "label": "Mine"})

    assert facts_of(cast) == before


def facts_of(cast: Cast) -> list[Any]:
    generations = Generation.objects.filter(team=cast.team).order_by("pk").values_list("pk", "state", "version")
    return [*generations, *Credential.objects.filter(team=cast.team).order_by("pk").values()]


def test_a_member_who_left_sees_nothing(cast: Cast, address: dict[str, str]) -> None:
    cast.ben.left_at = cast.ben.joined_at
    cast.ben.save()
    client = visitor(cast, "ben")
    for name in ("studio", "feed", "library", "image", "image_file", "image_original", "credits", "team"):
        assert client.get(address[name]).status_code == 403, name
