"""The second step: codes that work once, recovery codes, passkeys, and the desk that opens only with one of them."""

import html
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from cryptography.fernet import Fernet
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from generations.models import Person, clock
from generations.services import factors
from tests.conftest import PASSWORD, Cast
from tests.desk import equip, seated
from tests.passkeys import PaperKey

OPTIONS = re.compile(r'data-options="([^"]+)"')
SECRET = re.compile(r'data-copy="([A-Z2-7]{32})"')
CODE = re.compile(r"<code class=\"mono\">(\d{5})\N{NO-BREAK SPACE}(\d{5})</code>")
TYPE = Authenticator.Type
HALF_MINUTE = 30
HOLLOW = {"id": "eA", "rawId": "eA", "type": "public-key", "clientExtensionResults": {}}
NONSENSE = [
    *("", "{}", "[]", "7", '{"id": "x"}', "null", '"text"', "not json"),
    json.dumps(HOLLOW | {"response": {}}),
    json.dumps(HOLLOW | {"response": {"clientDataJSON": "e30", "attestationObject": "e30", "userHandle": "eA"}}),
    json.dumps(HOLLOW | {"response": {"clientDataJSON": "e30", "authenticatorData": "e30", "signature": "e30"}}),
    json.dumps(HOLLOW | {"response": {"clientDataJSON": 7, "authenticatorData": [], "userHandle": {}}}),
]
Forward = Callable[[float], None]
AT = {"Host": "localhost"}


@pytest.fixture(autouse=True)
def _fresh_limits(db: None) -> None:
    cache.clear()


def at(client: Client, address: str, **facts: str) -> Any:
    """That page under the name passkeys are for; with facts, sent there."""
    return client.post(address, facts, headers=AT) if facts else client.get(address, headers=AT)


def halfway(email: str = "ada@studio.test") -> Client:
    """Past the password."""
    client = Client()
    client.post("/login/", {"login": email, "password": PASSWORD})
    return client


def code_of(secret: str, periods: int = 0) -> str:
    """What the app shows now, or so many half minutes later."""
    return str(format_hotp_value(hotp_value(secret, int(clock.now().timestamp()) // HALF_MINUTE + periods)))


def enrolled(client: Client) -> str:
    """Set up an app by the page; returns its secret."""
    page = client.get(reverse("authenticator_new")).content.decode()
    secret = SECRET.findall(page)[0]
    assert client.post(reverse("authenticator_new"), {"code": code_of(secret)}).status_code == 302
    return str(secret)


def is_in(client: Client) -> bool:
    return client.get(reverse("account")).status_code == 200


def options_of(page: Any) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(html.unescape(OPTIONS.findall(page.content.decode())[0]))
    return told


def with_passkey(client: Client) -> PaperKey:
    key = PaperKey()
    made = key.made(options_of(at(client, reverse("passkey_new"))))
    answer = at(client, reverse("passkey_new"), name="Paper", credential=json.dumps(made))
    assert answer.status_code == 302, answer.content.decode()
    return key


class TestTheApp:
    def test_is_asked_for_after_the_password(self, cast: Cast) -> None:
        secret = enrolled(halfway())
        client = halfway()
        assert not is_in(client)
        assert client.get("/login/")["Location"] == "/login/code/"
        client.post("/login/code/", {"code": "000000"})
        assert not is_in(client)
        client.post("/login/code/", {"code": code_of(secret, 1)})
        assert is_in(client)

    def test_shows_codes_that_work_once(self, cast: Cast, pass_time: Forward) -> None:
        """S26: not again, not an older one after a newer one, and not the one it was set up with."""
        secret = enrolled(halfway())
        used = code_of(secret)
        client = halfway()
        client.post("/login/code/", {"code": used})
        assert not is_in(client)
        pass_time(2 * HALF_MINUTE)
        code = code_of(secret)
        client.post("/login/code/", {"code": f"{code[:3]} {code[3:]}"})
        assert is_in(client)
        for spent in (code, code_of(secret, -1)):
            again = halfway()
            again.post("/login/code/", {"code": spent})
            assert not is_in(again)

    def test_may_go_a_little_wrong(self, cast: Cast, pass_time: Forward) -> None:
        secret = enrolled(halfway())
        pass_time(3 * HALF_MINUTE)
        late = halfway()
        late.post("/login/code/", {"code": code_of(secret, -1)})
        assert is_in(late)
        early = halfway()
        early.post("/login/code/", {"code": code_of(secret, 2)})
        assert not is_in(early)

    def test_has_its_secret_sealed_for_its_person(self, cast: Cast) -> None:
        """S26, S29: neither in the row nor in the session of who sets it up; and it opens in no other row."""
        client = halfway()
        page = client.get(reverse("authenticator_new")).content.decode()
        secret = SECRET.findall(page)[0]
        assert secret not in str(client.session.items())
        client.post(reverse("authenticator_new"), {"code": code_of(secret)})
        row = Authenticator.objects.get(type=TYPE.TOTP)
        assert secret not in str(row.data)
        assert factors.open_sealed(row.data["secret"]) == secret

        Authenticator.objects.filter(pk=row.pk).update(user=Person.objects.get(email="ben@studio.test"))
        bens = halfway("ben@studio.test")
        page = bens.post("/login/code/", {"code": code_of(secret, 1)}).content.decode()
        assert "cannot be checked" in page
        assert not is_in(bens)

    def test_is_refused_when_its_first_code_is_wrong(self, cast: Cast) -> None:
        client = halfway()
        client.get(reverse("authenticator_new"))

        assert client.post(reverse("authenticator_new"), {"code": "123456"}).status_code == 422
        assert not Authenticator.objects.exists()

    def test_may_be_guessed_at_five_times(self, cast: Cast) -> None:
        secret = enrolled(halfway())
        client = halfway()
        for _ in range(5):
            client.post("/login/code/", {"code": "000000"})
        page = client.post("/login/code/", {"code": code_of(secret, 1)}).content.decode()

        assert "Too many tries" in page
        assert not is_in(client)

    def test_is_turned_off_with_its_recovery_codes(self, cast: Cast) -> None:
        client = halfway()
        enrolled(client)
        client.post(reverse("authenticator_removal"))

        assert not Authenticator.objects.exists()
        assert is_in(halfway())

    def test_stays_readable_when_the_sealing_key_is_rotated(self, cast: Cast, settings: Any) -> None:
        """S28."""
        secret = enrolled(halfway())
        settings.FIELD_KEYS = [Fernet.generate_key().decode(), *settings.FIELD_KEYS]
        call_command("rotate_keys")
        settings.FIELD_KEYS = settings.FIELD_KEYS[:1]
        client = halfway()
        client.post("/login/code/", {"code": code_of(secret, 1)})

        assert is_in(client)


class TestWithoutASealingKey:
    def test_nothing_is_set_up_and_the_page_says_why(self, cast: Cast, settings: Any) -> None:
        settings.FIELD_KEYS = []
        client = halfway()
        for name in ("authenticator_new", "passkey_new"):
            assert "has no key to seal" in client.get(reverse(name), follow=True).content.decode()
        assert not Authenticator.objects.exists()

    def test_a_code_cannot_be_checked_and_the_page_says_so(self, cast: Cast, settings: Any) -> None:
        """S30: whoever has a passkey still comes in."""
        secret = enrolled(halfway())
        settings.FIELD_KEYS = [Fernet.generate_key().decode()]
        client = halfway()
        page = client.post("/login/code/", {"code": code_of(secret, 1)}).content.decode()

        assert "cannot be checked" in page
        assert not is_in(client)


class TestRecoveryCodes:
    def test_stand_in_for_the_app_once_each(self, cast: Cast) -> None:
        client = halfway()
        enrolled(client)
        codes = ["".join(pair) for pair in CODE.findall(client.get(reverse("recovery_codes")).content.decode())]
        assert len(codes) == 10
        lost = halfway()
        lost.post("/login/code/", {"code": f"{codes[3][:5]} {codes[3][5:]}"})
        assert is_in(lost)
        again = halfway()
        again.post("/login/code/", {"code": codes[3]})
        assert not is_in(again)
        assert "9 of 10 left" in client.get(reverse("account")).content.decode()
        assert codes[0] not in str(list(Authenticator.objects.values()))

    def test_end_when_new_ones_are_made(self, cast: Cast) -> None:
        client = halfway()
        enrolled(client)
        old = "".join(CODE.findall(client.get(reverse("recovery_codes")).content.decode())[0])
        new = "".join(CODE.findall(client.post(reverse("recovery_codes"), follow=True).content.decode())[0])
        for code, works in ((old, False), (new, True)):
            lost = halfway()
            lost.post("/login/code/", {"code": code})
            assert is_in(lost) is works


class TestPasskeys:
    def test_sign_in_by_themselves(self, cast: Cast) -> None:
        key = with_passkey(halfway())
        before = Authenticator.objects.get(type=TYPE.WEBAUTHN)
        client = Client()
        told = client.get("/login/passkey/", headers={"Host": "localhost", "X-Requested-With": "XMLHttpRequest"}).json()
        shown = json.dumps(key.shown(told["request_options"]))
        answer = at(client, "/login/passkey/?next=/library/", credential=shown)

        assert answer["Location"] == "/library/"
        assert is_in(client)
        assert Authenticator.objects.get(pk=before.pk).last_used_at is not None
        stranger = Client()
        stranger.get("/login/passkey/", headers={"Host": "localhost", "X-Requested-With": "XMLHttpRequest"})
        at(stranger, "/login/passkey/", credential=shown)
        assert not is_in(stranger)

    def test_are_the_second_step_too(self, cast: Cast) -> None:
        key = with_passkey(halfway())
        client = halfway()
        assert not is_in(client)
        at(client, "/login/code/", credential=json.dumps(key.shown(options_of(at(client, "/login/code/")))))

        assert is_in(client)

    def test_of_another_key_or_site_open_nothing(self, cast: Cast) -> None:
        key = with_passkey(halfway())
        for other in (PaperKey(), PaperKey(origin="http://evil.localhost.test")):
            other.user, other.id = key.user, key.id
            client = halfway()
            at(client, "/login/code/", credential=json.dumps(other.shown(options_of(at(client, "/login/code/")))))
            assert not is_in(client)

    @pytest.mark.parametrize("nonsense", NONSENSE)
    def test_that_are_nonsense_are_refused(self, cast: Cast, nonsense: str) -> None:
        client = halfway()
        at(client, reverse("passkey_new"))
        assert at(client, reverse("passkey_new"), name="x", credential=nonsense).status_code == 422
        assert at(Client(), "/login/passkey/", credential=nonsense).status_code == 302

    def test_of_a_person_who_was_switched_off_stay_outside(self, cast: Cast) -> None:
        key = with_passkey(halfway())
        Person.objects.filter(email="ada@studio.test").update(is_active=False)
        client = Client()
        told = client.get("/login/passkey/", headers={"Host": "localhost", "X-Requested-With": "XMLHttpRequest"}).json()
        at(client, "/login/passkey/", credential=json.dumps(key.shown(told["request_options"])))

        assert not is_in(client)
        assert "switched off" in client.get("/login/").content.decode()

    def test_are_taken_away_by_their_owner_alone(self, cast: Cast) -> None:
        ada = halfway()
        with_passkey(ada)
        pk = Authenticator.objects.get(type=TYPE.WEBAUTHN).pk
        assert halfway("ben@studio.test").post(reverse("passkey_removal", args=[pk])).status_code == 404
        assert ada.post(reverse("passkey_removal", args=[pk])).status_code == 302
        assert not Authenticator.objects.exists()

    def test_answer_when_somebody_is_asked_again(self, cast: Cast, pass_time: Forward) -> None:
        """S25: by a passkey instead of the password."""
        client = halfway()
        key = with_passkey(client)
        pass_time(301)
        question = "/login/again/passkey/?next=/account/address/"
        shown = json.dumps(key.shown(options_of(at(client, question))))
        assert at(client, question, credential="{}")["Location"] == question
        shown = json.dumps(key.shown(options_of(at(client, question))))

        assert at(client, question, credential=shown)["Location"] == "/account/address/"
        assert client.get(reverse("address")).status_code == 200


class TestTheDesk:
    @pytest.fixture
    def clerk(self, cast: Cast) -> Person:
        return Person.objects.create_superuser("clerk@studio.test", PASSWORD)

    def test_leads_who_has_no_factor_to_setting_one_up(self, clerk: Person) -> None:
        """S17; the studio itself stays open to a password."""
        client = halfway("clerk@studio.test")
        for address in ("/admin/", reverse("admin:generations_person_changelist")):
            answer = client.get(address, follow=True)
            assert answer.redirect_chain[-1][0] == "/account/factors/"
            assert "The desk opens with a second way" in answer.content.decode()
        assert client.post(reverse("admin:generations_person_add"), {"email": "x@y.test"}).status_code == 302
        assert is_in(client)

    def test_opens_once_one_is_set_up(self, clerk: Person) -> None:
        client = halfway("clerk@studio.test")
        enrolled(client)

        assert client.get("/admin/").status_code == 200

    def test_asks_a_session_from_before_for_the_factor_and_takes_no_password(self, clerk: Person) -> None:
        client = halfway("clerk@studio.test")
        secret = equip(clerk)
        question = client.get("/admin/")["Location"]
        assert question == "/login/again/code/?next=%2Fadmin%2F"
        assert "password" not in client.get(question).content.decode().partition("<form")[2]
        assert client.post(question, {"code": code_of(secret)})["Location"] == "/admin/"
        assert client.get("/admin/").status_code == 200

    def test_shuts_when_the_factor_is_gone(self, clerk: Person) -> None:
        client = seated(clerk)
        assert client.get("/admin/").status_code == 200
        factors.forget(clerk)

        assert client.get("/admin/")["Location"] == "/account/factors/"

    def test_is_reached_by_the_same_login_as_everything(self, clerk: Person) -> None:
        """S18: guesses at the admin's own login count nowhere, because there is none."""
        answer = Client().post("/admin/login/", {"username": "clerk@studio.test", "password": PASSWORD})

        assert answer["Location"].startswith("/login/?next=")
        assert Session.objects.count() == 0

    def test_is_not_for_who_is_no_staff(self, cast: Cast) -> None:
        client = halfway()
        enrolled(client)

        assert client.get("/admin/", follow=True).status_code == 403

    def test_shows_no_seed_and_no_session(self, clerk: Person) -> None:
        client = seated(clerk)
        page = client.get("/admin/").content.decode()

        for word in ("mfa", "usersessions", "socialaccount", "emailaddress"):
            assert f"/admin/{word}" not in page
            assert f"/{word}/" not in page
