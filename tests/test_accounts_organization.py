"""Signing in with the account of one's organization: only with a verified address of its domain (OpenID Connect)."""

import html
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from generations.models import AuditEntry, Person
from generations.services import factors
from tests.conftest import Cast
from tests.desk import equip
from tests.services.teams.people import link, newcomer
from tests.simulators.oidc import CLIENT, SECRET, Organization

ROOT = Path(__file__).resolve().parent.parent
ADA = {"sub": "u-1", "email": "Ada@studio.test", "email_verified": True, "name": "Ada Lovelace"}
NEWCOMER = {"sub": "u-2", "email": "grace@studio.test", "email_verified": True, "name": "Grace"}


@pytest.fixture
def organization(db: None, settings: Any) -> Iterator[Organization]:
    cache.clear()
    organization = Organization().start()
    app = {"provider_id": "organization", "name": "Northlight", "client_id": CLIENT, "secret": SECRET}
    settings.OIDC_ON, settings.OIDC_NAME, settings.OIDC_DOMAIN = True, "Northlight", "studio.test"
    settings.SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {
            "OAUTH_PKCE_ENABLED": True,
            "APPS": [app | {"settings": {"server_url": organization.url}}],
        }
    }
    yield organization
    organization.stop()


def sent_to(client: Client, **facts: str) -> str:
    """Where the page behind the button sends the browser."""
    page = client.post("/login/organization/", facts).content.decode()
    return html.unescape(re.findall(r'http-equiv="refresh" content="0;url=([^"]+)"', page)[0])


def come_back(organization: Organization, claims: dict[str, Any], client: Client | None = None, **facts: str) -> Any:
    """Press the button, say yes there, follow the way back."""
    client = client or Client()
    organization.claims = claims
    back = organization.approve(sent_to(client, **facts))
    return client.get(back.removeprefix("http://testserver"), follow=True)


def test_the_button_is_there_only_when_set(cast: Cast, organization: Organization, settings: Any) -> None:
    assert "Continue with Northlight" in Client().get("/login/").content.decode()
    assert organization.asked == []
    settings.OIDC_ON = False
    assert "Continue with" not in Client().get("/login/").content.decode()
    assert Client().post("/login/organization/").status_code == 404


def test_a_person_who_is_known_comes_in_as_themselves(cast: Cast, organization: Organization) -> None:
    answer = come_back(organization, ADA, next="/library/")

    assert answer.redirect_chain[-1][0] == "/library/"
    assert answer.wsgi_request.user == cast.ada.person
    assert Person.objects.count() == 4
    assert come_back(organization, ADA).wsgi_request.user == cast.ada.person


def test_somebody_new_gets_an_account_without_a_team(cast: Cast, organization: Organization) -> None:
    client = Client()
    answer = come_back(organization, NEWCOMER, client)
    grace = Person.objects.get(email="grace@studio.test")

    assert answer.status_code == 403
    assert "not in a team" in answer.content.decode()
    assert (grace.name, grace.is_staff, grace.has_usable_password()) == ("Grace", False, False)
    assert client.get(reverse("account")).status_code == 200


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"email_verified": False}, "did not say"),
        ({"email_verified": "false"}, "did not say"),
        ({"email_verified": None}, "did not say"),
        ({"email": "ada@studio.test.evil.test"}, "addresses of studio.test only"),
        ({"email": "ada@evilstudio.test"}, "addresses of studio.test only"),
        ({"email": "studio.test"}, "addresses of studio.test only"),
        ({"email": None}, "addresses of studio.test only"),
    ],
)
def test_others_are_turned_away_with_a_sentence(
    cast: Cast, organization: Organization, change: dict[str, Any], words: str
) -> None:
    client = Client()
    answer = come_back(organization, ADA | change, client)

    assert words in answer.content.decode()
    assert client.get(reverse("account")).status_code == 302
    assert Person.objects.count() == 4
    [line] = AuditEntry.objects.filter(action="organization_refused")
    assert line.target in {"", f"person:{cast.ada.person_id}"}
    assert (line.target != "") is (change.get("email", ADA["email"]) == ADA["email"])
    assert line.after["because"] in {"unverified", "other_domain"}
    assert "evil" not in str(vars(line))


def test_each_time_the_address_is_looked_at_anew(cast: Cast, organization: Organization) -> None:
    come_back(organization, ADA)
    answer = come_back(organization, ADA | {"email": "ada@gone.test"})

    assert "addresses of studio.test only" in answer.content.decode()


def test_the_second_step_is_asked_for_here_too(cast: Cast, organization: Organization) -> None:
    assert cast.ada.person is not None
    equip(cast.ada.person)

    assert come_back(organization, ADA).redirect_chain[-1][0] == "/login/code/"


def test_who_was_switched_off_stays_outside(cast: Cast, organization: Organization) -> None:
    Person.objects.filter(email="ada@studio.test").update(is_active=False)
    client = Client()

    assert "switched off" in come_back(organization, ADA, client).content.decode()
    assert client.get(reverse("account")).status_code == 302


def test_a_way_back_works_once_and_in_the_browser_it_was_made_for(cast: Cast, organization: Organization) -> None:
    organization.claims = ADA
    mine, other = Client(), Client()
    back = organization.approve(sent_to(mine)).removeprefix("http://testserver")
    assert "did not confirm" in other.get(back, follow=True).content.decode()
    assert other.get(reverse("account")).status_code == 302
    mine.get(back)
    assert mine.get(reverse("account")).status_code == 200
    again = Client()
    again.get(back)
    assert again.get(reverse("account")).status_code == 302


def test_saying_no_there_and_silence_there_lead_back_with_a_sentence(cast: Cast, organization: Organization) -> None:
    client = Client()
    state = re.findall(r"state=([^&]+)", sent_to(client))[0]
    no = client.get(f"/login/organization/back/?error=access_denied&state={state}", follow=True)
    assert "did not confirm who you are" in no.content.decode()
    organization.broken = True
    assert Client().post("/login/organization/").status_code == 502


def test_whoever_has_neither_password_nor_factor_is_asked_there_again(
    cast: Cast, organization: Organization, pass_time: Any
) -> None:
    """S25."""
    client = Client()
    come_back(organization, NEWCOMER, client)
    pass_time(301)
    question = client.get(reverse("passkey_new"))["Location"]
    assert question == "/login/organization/?next=%2Faccount%2Fpasskeys%2Fnew%2F"
    assert "Continue with Northlight" in client.get(question).content.decode()
    answer = come_back(organization, NEWCOMER, client, next=reverse("passkey_new"))

    assert (answer.redirect_chain[-1][0], answer.status_code) == (reverse("passkey_new"), 200)


def test_an_organization_that_did_not_ask_anew_proves_nothing(
    cast: Cast, organization: Organization, pass_time: Any
) -> None:
    """S25."""
    client = Client()
    come_back(organization, NEWCOMER, client)
    assert "prompt=login&max_age=0" in sent_to(client)
    organization.knows_since = 3600
    answer = come_back(organization, NEWCOMER, client, next=reverse("passkey_new"))
    assert answer.redirect_chain[-1][0].startswith("/login/organization/")
    organization.knows_since = 0
    assert come_back(organization, NEWCOMER, client, next=reverse("passkey_new")).status_code == 200


def test_a_stranger_who_typed_the_address_is_shut_out_when_its_owner_comes(
    cast: Cast, organization: Organization
) -> None:
    stranger = newcomer(link(cast.ada), "Grace")
    equip(stranger)
    held = Client()
    held.force_login(stranger)
    assert held.get(reverse("account")).status_code == 200
    answer = come_back(organization, NEWCOMER)
    stranger.refresh_from_db()

    assert answer.wsgi_request.user == stranger
    assert (stranger.has_usable_password(), factors.has_factor(stranger)) == (False, False)
    assert held.get(reverse("account")).status_code == 302
    assert AuditEntry.objects.filter(action="account_claimed", target=f"person:{stranger.pk}").count() == 1
    assert stranger.notices.filter(subject__contains="for the first time").exists()

    equip(stranger)
    come_back(organization, NEWCOMER)
    assert factors.has_factor(stranger)  # once is enough


def test_the_page_on_the_way_names_no_other_origin_in_its_policy(cast: Cast, organization: Organization) -> None:
    answer = Client().post("/login/organization/")

    assert "form-action 'self'" in answer["Content-Security-Policy"]
    assert urlsplit(organization.url).netloc not in answer["Content-Security-Policy"]


@pytest.mark.parametrize(
    "variables",
    [
        {"OIDC_ISSUER": "https://id.example.org"},
        {"OIDC_ISSUER": "https://id.example.org", "OIDC_CLIENT_ID": "x"},
        {"OIDC_ISSUER": "http://id.example.org", "OIDC_CLIENT_ID": "x", "OIDC_DOMAIN": "example.org"},
    ],
)
def test_half_of_the_settings_stop_the_start(variables: dict[str, str], tmp_path: Path) -> None:
    told = subprocess.run(
        [sys.executable, "-c", "import imagine_site.settings"],
        env={"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path), **variables},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert told.returncode != 0
    assert "OIDC_" in told.stderr
