"""Another address for a vendor is taken only where a key may travel (S38)."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from generations import outgoing
from generations.forms.credential import BaseUrl

PUBLIC, PRIVATE = "93.184.215.14", "10.0.0.7"


@pytest.fixture(autouse=True)
def names(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name server of our own."""
    known = {"api.example.org": [PUBLIC], "inside.example.org": [PRIVATE], "both.example.org": [PUBLIC, PRIVATE]}

    def look_up(host: str, port: int) -> list[str]:
        if host not in known:
            raise OSError("no such host")
        return known[host]

    monkeypatch.setattr(outgoing, "look_up", look_up)


@pytest.mark.parametrize(
    ("typed", "taken"),
    [
        ("", ""),
        ("https://api.example.org/v1/", "https://api.example.org/v1"),
        ("https://api.example.org:8443", "https://api.example.org:8443"),
    ],
)
def test_a_public_address_is_taken(typed: str, taken: str) -> None:
    assert BaseUrl().clean(typed) == taken


@pytest.mark.parametrize(
    "typed",
    [
        "http://api.example.org",
        "ftp://api.example.org",
        "api.example.org",
        "https://",
        "https://user@api.example.org",
        "https://api.example.org?x=1",
        "https://api.example.org#x",
        "https://api.example.org:port",
        "https://[::1",
        "https://inside.example.org",
        "https://both.example.org",
        "https://nobody.example.org",
        f"https://{'x' * 200}.example.org",
    ],
)
def test_anything_else_is_refused(typed: str) -> None:
    with pytest.raises(ValidationError):
        BaseUrl().clean(typed)


@pytest.mark.parametrize("typed", ["http://127.0.0.1:8900", "https://inside.example.org"])
def test_a_private_host_is_taken_where_the_environment_lists_it(typed: str, settings: Any) -> None:
    settings.ALLOW_PRIVATE_HOSTS = frozenset({"127.0.0.1", "inside.example.org"})
    assert BaseUrl().clean(typed) == typed
