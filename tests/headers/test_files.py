"""Every file, served as in production: sealed off like a page, kept for good under its hashed name (S6, S10)."""

import json
import runpy
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from tests.headers.rules import EVERYWHERE, POLICY, TELLING, parts_of
from tests.headers.shipped import SETTINGS

KINDS = {".css", ".js", ".svg", ".png", ".webp"}


@pytest.fixture
def hashed(db: None, settings: Any, tmp_path: Path) -> dict[str, str]:
    """All files, collected as in production; the address of each under its hashed name, by its name."""
    said = runpy.run_path(str(SETTINGS))
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES, settings.WHITENOISE_AUTOREFRESH = said["STORAGES"], False
    call_command("collectstatic", verbosity=0, interactive=False)
    names = json.loads((tmp_path / "staticfiles.json").read_text())["paths"]
    return {name: f"/static/{target}" for name, target in names.items()}


def broken_by(answer: Any) -> list[str]:
    headers = answer.headers
    wrong = [f"{name}: {headers.get(name)}" for name, value in EVERYWHERE.items() if headers.get(name) != value]
    wrong += [f"tells {name}" for name in TELLING if name in headers]
    wrong += [] if parts_of(headers.get("Content-Security-Policy", "")) == POLICY else ["no policy"]
    wrong += [] if "camera=()" in headers.get("Permissions-Policy", "") else ["no Permissions-Policy"]
    return wrong + (["a cookie"] if answer.cookies else [])


def got(place: str, method: str = "get", **headers: str) -> tuple[Any, bytes]:
    """The answer, and what came with it."""
    answer = getattr(Client(), method)(place, headers={name.replace("_", "-"): told for name, told in headers.items()})
    body = b"".join(answer)
    answer.close()
    return answer, body


def test_a_file_carries_what_a_page_carries_and_is_kept_for_good(hashed: dict[str, str]) -> None:
    named = {name: place for name, place in hashed.items() if "." in name}  # a license in the admin's has no ending
    assert {Path(name).suffix for name in named} >= KINDS
    assert {name.partition("/")[0] for name in named} >= {"css", "js", "images", "admin"}
    for name, place in named.items():
        answer, body = got(place)
        assert (answer.status_code, broken_by(answer), bool(body)) == (200, [], True), name
        kept = {word.strip() for word in answer.headers["Cache-Control"].split(",")}
        assert kept == {"public", "immutable", "max-age=315360000"}, name


def test_so_does_every_other_answer_about_one(hashed: dict[str, str]) -> None:
    """One the browser has, a part of one, one that is sent to, packed ones, and one that is not there."""
    place = hashed["images/mark.svg"]
    tag = got(place)[0].headers["ETag"]
    found = {
        304: got(place, If_None_Match=tag),
        206: got(place, Range="bytes=0-9"),
        405: got(place, "post"),
        200: got(hashed["css/tokens.css"], Accept_Encoding="gzip"),
        404: got("/static/css/tokens.css"),  # without its hash it is not there
    }
    for status, (answer, _) in found.items():
        assert (answer.status_code, broken_by(answer)) == (status, []), status
    assert len(found[206][1]) == 10
    assert found[200][0].headers["Content-Encoding"] == "gzip"
    assert "immutable" in found[304][0].headers["Cache-Control"]
