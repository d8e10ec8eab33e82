"""The list of keys names every key that does something, nothing else, and each person can do without all of them."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

from generations.models import Member
from generations.queries.rail import PLACES
from tests.conftest import Cast

SignIn = Callable[[Member], Client]

ROOT = Path(__file__).resolve().parent.parent
CALLED = {"←": "arrowleft", "→": "arrowright", "↑": "arrowup", "↓": "arrowdown", "esc": "escape"}
BY_SCRIPT = {"?", "arrowup", "arrowdown", "ctrl ↵", "⌘ ↵", "alt ←", "alt →", "alt home", "alt end"}
"""What scripts listen to without an element that carries the key."""
NUMBERED = {"1", "5", "9"}
"""As far as stars, and reasons of a review, are counted; templates number them."""


def carried() -> set[str]:
    """Every key some element of a template is pressed by."""
    every = {key for *_, key in PLACES}
    for path in (ROOT / "templates").rglob("*.html"):
        for keys in re.findall(r'(?:data-(?:review-)?key|[^-]\bkey)="([^"{]+)"', path.read_text(encoding="utf-8")):
            every |= set(keys.lower().split())
    return every


def listed() -> set[str]:
    sheet = (ROOT / "templates" / "_keys_list.html").read_text(encoding="utf-8")
    signs = [sign.lower() for sign in re.findall(r"<kbd>(.+?)</kbd>", sheet)]
    return {CALLED.get(sign, sign) for sign in signs}


def test_the_list_is_complete_and_true() -> None:
    assert listed() - BY_SCRIPT - NUMBERED == carried()


def test_a_person_does_without_all_of_them(cast: Cast, signed_in: SignIn) -> None:
    client = signed_in(cast.vera)
    assert "data-keys=" not in client.get("/library/").content.decode()
    for sent, said in (({}, True), ({"uses_keys": "on"}, False)):
        assert client.post("/account/keys/", sent).status_code == 302
        assert ('<body class="shell" data-keys="off"' in client.get("/library/").content.decode()) is said
        assert ("data-keys-switch" in client.get("/account/").content.decode()) is True


@pytest.mark.parametrize("script", ["keys", "review", "zoom"])
def test_each_script_that_listens_to_keys_asks_whether_it_may(script: str) -> None:
    text = (ROOT / "static" / "js" / f"{script}.js").read_text(encoding="utf-8")
    assert 'dataset.keys === "off"' in text
