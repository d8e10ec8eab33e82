"""The readers of the environment: absent is the default, malformed names the variable."""

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from imagine_site import env

NAME = "STUDIO_TEST_VALUE"


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.delenv(NAME, raising=False)
    return monkeypatch


@pytest.mark.parametrize(("word", "meant"), [("1", True), ("YES", True), ("on", True), ("0", False), (" no ", False)])
def test_a_flag_knows_yes_and_no(said: pytest.MonkeyPatch, word: str, meant: bool) -> None:
    said.setenv(NAME, word)
    assert env.flag(NAME, default=not meant) is meant


def test_absent_and_empty_give_the_default(said: pytest.MonkeyPatch) -> None:
    for empty in (None, "", "   "):
        if empty is not None:
            said.setenv(NAME, empty)
        assert env.flag(NAME, default=True) is True
        assert env.whole(NAME, 7) == 7
        assert env.words(NAME) == []
        assert env.address(NAME) == ""
        assert env.folder(NAME, Path("/there")) == Path("/there")
        assert env.database(NAME, Path("/there/x.sqlite3"))["NAME"] == "/there/x.sqlite3"


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("", {"EMAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend"}),
        ("console:", {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}),
        ("file:///var/letters", {"EMAIL_FILE_PATH": "/var/letters"}),
        ("smtp://mail.example.org", {"EMAIL_PORT": 25, "EMAIL_USE_TLS": False, "EMAIL_USE_SSL": False}),
        ("smtps://mail.example.org", {"EMAIL_PORT": 465, "EMAIL_USE_TLS": False, "EMAIL_USE_SSL": True}),
        (
            "smtp+tls://ada%40example.org:p%3Aw@mail.example.org:2525",
            {"EMAIL_HOST_USER": "ada@example.org", "EMAIL_HOST_PASSWORD": "p:w", "EMAIL_PORT": 2525},
        ),
    ],
)
def test_a_mail_server_is_read_from_its_address(said: pytest.MonkeyPatch, word: str, meant: dict[str, object]) -> None:
    said.setenv(NAME, word)
    assert env.mail(NAME).items() >= meant.items()


@pytest.mark.parametrize(
    ("read", "word"),
    [
        (lambda: env.flag(NAME), "maybe"),
        (lambda: env.mail(NAME), "mail.example.org"),
        (lambda: env.mail(NAME), "smtp://"),
        (lambda: env.mail(NAME), "smtp://mail.example.org:many"),
        (lambda: env.mail(NAME), "https://mail.example.org"),
        (lambda: env.mail(NAME), "file:"),
        (lambda: env.whole(NAME, 1), "many"),
        (lambda: env.whole(NAME, 3, at_least=2), "1"),
        (lambda: env.address(NAME), "studio.example.org"),
        (lambda: env.address(NAME), "ftp://studio.example.org"),
        (lambda: env.address(NAME), "https://user@studio.example.org"),
        (lambda: env.address(NAME), "https://studio.example.org:port"),
        (lambda: env.address(NAME), "https://studio.example.org:0"),
        (lambda: env.database(NAME, Path("x")), "mysql://there/name"),
        (lambda: env.database(NAME, Path("x")), "postgresql://there"),
        (lambda: env.database(NAME, Path("x")), "postgresql://there:port/name"),
    ],
)
def test_a_malformed_value_names_the_variable(said: pytest.MonkeyPatch, read: object, word: str) -> None:
    said.setenv(NAME, word)
    with pytest.raises(ImproperlyConfigured, match=NAME):
        read()  # type: ignore[operator]  # one of the readers above


def test_a_database_address_is_taken_apart(said: pytest.MonkeyPatch) -> None:
    said.setenv(NAME, "postgresql://ada:p%40ss@db.test:5433/studio?sslmode=verify-full")
    assert env.database(NAME, Path("x")) | {"OPTIONS": {}} == {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "studio",
        "USER": "ada",
        "PASSWORD": "p@ss",
        "HOST": "db.test",
        "PORT": "5433",
        "OPTIONS": {},
    }


def test_a_database_that_is_gone_without_a_word_is_not_waited_for(said: pytest.MonkeyPatch) -> None:
    """Unless the address says for how long; other engines have no such options."""
    said.setenv(NAME, "postgresql://db.test/studio?sslmode=verify-full&connect_timeout=3")
    options = env.database(NAME, Path("x"))["OPTIONS"]
    assert options == {**env.POSTGRES_PATIENCE, "sslmode": "verify-full", "connect_timeout": "3"}
    assert env.POSTGRES_PATIENCE["connect_timeout"] == 10
    said.setenv(NAME, "sqlite:///x.sqlite3")
    assert "OPTIONS" not in env.database(NAME, Path("x"))


def test_an_address_loses_its_last_slash(said: pytest.MonkeyPatch) -> None:
    said.setenv(NAME, "https://studio.example.org/")
    assert env.address(NAME) == "https://studio.example.org"


def test_a_choice_is_one_of_a_few_words(said: pytest.MonkeyPatch) -> None:
    assert env.choice(NAME, ("line", "json"), "line") == "line"
    said.setenv(NAME, "JSON")
    assert env.choice(NAME, ("line", "json"), "line") == "json"
    said.setenv(NAME, "xml")
    with pytest.raises(ImproperlyConfigured, match=f"{NAME} is 'xml': write line or json"):
        env.choice(NAME, ("line", "json"), "line")
