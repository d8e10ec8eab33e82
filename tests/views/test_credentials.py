"""Owners and admins look after keys here: every form is refused in words, keeps what was typed, and keeps no key."""

import itertools
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from generations import connections
from generations.models import Attempt, Credential, CredentialState, Generation, Lease, Outcome, State
from generations.services import credentials
from tests.conftest import Cast
from tests.keys import KEY, OTHER_KEY, WEBHOOK_KEY, add, bank, keyed, now, occupy, opened
from tests.simulators.raw import answer

__all__ = ["keyed"]

pytestmark = pytest.mark.usefixtures("keyed")

HTMX = {"HX-Request": "true"}
FORM = {"provider": "keyed", "label": "Main", "key": KEY, "webhook_key": "", "running_max": "", "hourly_max": ""}


@pytest.fixture
def ada(cast: Cast, signed_in: Callable[..., Client]) -> Client:
    return signed_in(cast.ada)


def at(name: str, credential: Credential | None = None) -> str:
    return reverse(name, args=[credential.pk] if credential else [])


class Answering:
    """Has the key tested just before a page's next statement but so many."""

    def __init__(self, credential: Credential, *, after: int) -> None:
        self.credential, self.left = credential, after

    def __call__(self, execute: Callable[..., Any], *statement: Any) -> Any:
        self.left -= 1
        if self.left == -1:
            credentials.prove(credential=self.credential.pk)
        return execute(*statement)


def toasts(client: Client) -> str:
    return client.get(at("credentials")).content.decode()


class TestThePage:
    def test_shows_a_card_for_each_key(self, cast: Cast, ada: Client) -> None:
        add(cast.team, "Studio main")
        add(None, "Not to be read by teams")
        page = ada.get(at("credentials")).content.decode()

        assert "Studio main" in page
        assert "••••••••7f~c" in page
        assert "Shared by the installation" in page
        assert "Not to be read by teams" not in page

    def test_is_on_the_team_page_of_those_who_manage(self, cast: Cast, signed_in: Callable[..., Client]) -> None:
        assert "Vendors" in signed_in(cast.ada).get(reverse("team")).content.decode()
        assert "Vendors" not in signed_in(cast.ben).get(reverse("team")).content.decode()

    def test_tells_others_that_it_is_not_theirs(self, cast: Cast, signed_in: Callable[..., Client]) -> None:
        answer = signed_in(cast.ben).get(at("credentials"))
        assert answer.status_code == 403
        assert "Your role does not allow this" in answer.content.decode()

    def test_asks_for_the_password_again_after_twelve_hours(
        self, cast: Cast, ada: Client, pass_time: Callable[[float], None]
    ) -> None:
        pass_time(12 * 3600 + 1)
        assert ada.get("/").status_code == 200
        answer = ada.get(at("credential_new"))
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith(reverse("account_login"))


class TestAdding:
    def test_stores_the_key_and_has_it_tested(self, cast: Cast, ada: Client) -> None:
        answer = ada.post(at("credential_new"), {**FORM, "webhook_key": WEBHOOK_KEY, "running_max": "3"})
        assert answer.status_code == 302
        credential = Credential.objects.get(team=cast.team, provider="keyed")

        assert opened(credential) == KEY
        assert connections.account_of(credential).webhook_secret == WEBHOOK_KEY
        assert (credential.running_max, credential.hourly_max) == (3, None)
        assert "Keyed is set up. Its key is being tested." in toasts(ada)

    def test_from_the_sheet_reads_the_page_anew(self, cast: Cast, ada: Client) -> None:
        answer = ada.post(at("credential_new"), FORM, headers=HTMX)
        assert (answer.status_code, answer.headers["HX-Refresh"]) == (200, "true")

    def test_of_a_form_with_a_mistake_keeps_all_but_the_keys(self, cast: Cast, ada: Client) -> None:
        typed = {**FORM, "label": "Studio main", "running_max": "minus one", "webhook_key": WEBHOOK_KEY}
        answer = ada.post(at("credential_new"), typed, headers=HTMX)
        page = answer.content.decode()

        assert (answer.status_code, answer.headers["HX-Retarget"]) == (422, "#dialog")
        assert "Write a whole number" in page
        assert 'value="Studio main"' in page
        assert 'value="minus one"' in page
        assert 'value="keyed" required data-announces checked' in page
        assert KEY not in page
        assert WEBHOOK_KEY not in page
        assert page.count("does not keep keys: enter it again") == 2

    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({"provider": ""}, "Choose a vendor."),
            ({"provider": "nobody"}, "not known here"),
            ({"label": " "}, "Give the key a name."),
            ({"label": "x" * 81}, "80 characters at most"),
            ({"key": ""}, "Enter the key you got from Keyed."),
            ({"key": "two words"}, "A key has no blanks"),
            ({"hourly_max": "-1"}, "Write 0 or more"),
        ],
    )
    def test_of_what_makes_no_sense_is_refused(
        self, cast: Cast, ada: Client, changes: dict[str, str], said: str
    ) -> None:
        answer = ada.post(at("credential_new"), {**FORM, **changes})
        assert answer.status_code == 422
        assert said in answer.content.decode()
        assert not Credential.objects.filter(provider="keyed").exists()

    def test_under_a_name_that_is_taken_is_refused_at_the_name(self, cast: Cast, ada: Client) -> None:
        add(cast.team)
        answer = ada.post(at("credential_new"), {**FORM, "key": OTHER_KEY})
        assert answer.status_code == 422
        assert "called “Main” already" in answer.content.decode()

    def test_without_a_sealing_key_says_who_can_help(self, cast: Cast, ada: Client, settings: Any) -> None:
        settings.FIELD_KEYS = []
        answer = ada.post(at("credential_new"), FORM)
        assert answer.status_code == 422
        assert "its operator sets FIELD_KEYS" in answer.content.decode()

    def test_takes_no_more_than_the_form_asks_for(self, cast: Cast, ada: Client) -> None:
        """S23, S38."""
        more = {"team": cast.mallory.team_id, "base_url": "https://evil.test", "state": "paused", "key_host": "x"}
        ada.post(at("credential_new"), {**FORM, **more})
        credential = Credential.objects.get(provider="keyed")

        assert (credential.team, credential.base_url, credential.state) == (cast.team, "", CredentialState.ACTIVE)
        assert credential.key_host == "api.keyed.test"

    def test_leaves_out_what_the_vendor_has_no_use_for(self, cast: Cast, ada: Client) -> None:
        ada.post(at("credential_new"), {**FORM, "provider": "mute", "webhook_key": WEBHOOK_KEY})
        assert Credential.objects.get(provider="mute").sealed_webhook_key == ""
        ada.post(at("credential_new"), {**FORM, "provider": "demo", "label": "Second"})
        assert Credential.objects.get(label="Second").sealed_key == ""

    def test_says_where_keys_come_from(self, cast: Cast, ada: Client) -> None:
        page = ada.get(at("credential_new")).content.decode()
        assert 'href="https://keyed.test/keys" target="_blank" rel="noopener noreferrer"' in page
        assert page.count('type="password"') == 2
        assert page.count('autocomplete="off"') >= 3


class TestReplacing:
    def test_puts_the_new_key_in_use(self, cast: Cast, ada: Client) -> None:
        old = add(cast.team)
        occupy(old, cast.ben)
        ada.post(at("credential_replacement", old), {"key": OTHER_KEY})
        new = Credential.objects.get(team=cast.team, provider="keyed", state=CredentialState.ACTIVE)

        assert opened(new) == OTHER_KEY
        assert now(old).state == CredentialState.DRAINING
        assert "is in use, and is being tested" in toasts(ada)

    @pytest.mark.parametrize(("key", "said"), [(KEY, "the key in use already"), ("", "Enter the new key.")])
    def test_by_nothing_new_is_refused(self, cast: Cast, ada: Client, key: str, said: str) -> None:
        answer = ada.post(at("credential_replacement", add(cast.team)), {"key": key})
        assert answer.status_code == 422
        assert said in answer.content.decode()
        assert KEY not in answer.content.decode()

    def test_asks_for_a_webhook_key_only_where_there_is_one(self, cast: Cast, ada: Client) -> None:
        assert b"Webhook key" in ada.get(at("credential_replacement", add(cast.team))).content
        mute = add(cast.team, provider="mute")
        assert b"Webhook key" not in ada.get(at("credential_replacement", mute)).content


class TestTheDetails:
    def test_are_shown_and_changed(self, cast: Cast, ada: Client) -> None:
        credential = add(cast.team, running_max=7)
        page = ada.get(at("credential_details", credential)).content.decode()
        assert 'value="7"' in page
        ada.post(at("credential_details", credential), {"label": "Backup", "running_max": "", "hourly_max": "9"})

        row = now(credential)
        assert (row.label, row.running_max, row.hourly_max) == ("Backup", None, 9)
        assert opened(credential) == KEY

    def test_that_are_wrong_are_refused(self, cast: Cast, ada: Client) -> None:
        credential = add(cast.team)
        add(cast.team, "Backup", OTHER_KEY)
        for typed, said in (({"label": ""}, "Give the key a name"), ({"label": "Backup"}, "already")):
            answer = ada.post(at("credential_details", credential), typed)
            assert answer.status_code == 422
            assert said in answer.content.decode()

    def test_bring_no_webhook_key_beside_a_broken_key(self, cast: Cast, ada: Client) -> None:
        credential = add(cast.team)
        Credential.objects.filter(pk=credential.pk).update(sealed_key="broken")
        answer = ada.post(at("credential_details", credential), {"label": "Main", "webhook_key": WEBHOOK_KEY})
        assert answer.status_code == 422
        assert "Replace it first" in answer.content.decode()


class TestRemoving:
    def test_is_asked_for_first(self, cast: Cast, ada: Client) -> None:
        credential = add(cast.team)
        assert "Remove Keyed, Main?" in ada.get(at("credential_removal", credential)).content.decode()
        assert now(credential).state == CredentialState.ACTIVE
        ada.post(at("credential_removal", credential))
        assert now(credential).state == CredentialState.RETIRED
        assert "is removed and its key erased" in toasts(ada)

    def test_of_a_key_that_works_lets_it_finish_and_says_so(self, cast: Cast, ada: Client) -> None:
        credential = add(cast.team)
        occupy(credential, cast.ben)
        ada.post(at("credential_removal", credential))
        assert "takes nothing new" in toasts(ada)

    def test_warns_of_what_would_wait_in_vain(self, cast: Cast, ada: Client) -> None:
        credential = add(cast.team)
        row = occupy(credential, cast.ben, State.QUEUED)
        type(row).objects.filter(pk=row.pk).update(credential=None)
        assert "1 picture waits" in ada.get(at("credential_removal", credential)).content.decode()

    def test_of_a_key_that_drains_already_says_so(self, cast: Cast, ada: Client) -> None:
        credential = add(cast.team)
        occupy(credential, cast.ben)
        for _ in range(2):
            ada.post(at("credential_removal", credential))
        assert "removed or replaced meanwhile" in toasts(ada)


@pytest.mark.parametrize("drains", [False, True])
class TestAKeyThatIsGone:
    """Whoever presses twice, or on a page of yesterday, comes back to the list and reads what happened."""

    GONE = "removed or replaced meanwhile. Nothing was changed."

    @pytest.fixture
    def gone(self, cast: Cast, drains: bool) -> Credential:
        credential = add(cast.team)
        if drains:
            occupy(credential, cast.ben)
        return credential

    def test_is_not_replaced_twice(self, cast: Cast, ada: Client, gone: Credential) -> None:
        for _ in range(2):
            told = ada.post(at("credential_replacement", gone), {"key": OTHER_KEY})
            assert (told.status_code, told.headers["Location"]) == (302, at("credentials"))
        assert self.GONE in toasts(ada)
        assert Credential.objects.kept_by(cast.team).filter(label="Main").count() == 1

    def test_is_not_removed_twice(self, ada: Client, gone: Credential) -> None:
        ada.post(at("credential_removal", gone))
        assert ada.post(at("credential_removal", gone)).headers["Location"] == at("credentials")
        assert self.GONE in toasts(ada)

    @pytest.mark.parametrize("name", ["credential_details", "credential_replacement", "credential_removal"])
    def test_has_no_forms(self, ada: Client, gone: Credential, name: str) -> None:
        ada.post(at("credential_removal", gone))
        assert ada.get(at(name, gone)).headers["Location"] == at("credentials")
        assert self.GONE in toasts(ada)
        assert ada.get(at(name, gone), headers=HTMX).headers["HX-Refresh"] == "true"

    @pytest.mark.parametrize("name", ["credential_pause", "credential_proof"])
    def test_is_not_switched_or_tested(self, ada: Client, gone: Credential, name: str) -> None:
        ada.post(at("credential_removal", gone))
        Lease.objects.all().delete()
        assert self.GONE in ada.post(at(name, gone), headers=HTMX).content.decode()
        assert not Lease.objects.exists()


class TestTheSwitch:
    def test_pauses_and_resumes(self, cast: Cast, ada: Client) -> None:
        credential = add(cast.team)
        page = ada.post(at("credential_pause", credential), headers=HTMX).content.decode()
        assert "Switched off" in page
        assert "Resume" in page
        assert now(credential).state == CredentialState.PAUSED
        assert ada.post(at("credential_pause", credential), {"on": "1"}).status_code == 302
        assert now(credential).state == CredentialState.ACTIVE

    @pytest.mark.parametrize("facts", [{}, {"on": "1"}])
    def test_pressed_twice_is_no_trouble(self, cast: Cast, ada: Client, facts: dict[str, str]) -> None:
        credential = add(cast.team)
        for _ in range(2):
            ada.post(at("credential_pause", credential), facts)
        assert "meanwhile" not in toasts(ada)
        assert now(credential).state == (CredentialState.ACTIVE if facts else CredentialState.PAUSED)

    def test_of_a_key_that_drains_does_nothing(self, cast: Cast, ada: Client) -> None:
        credential = add(cast.team)
        occupy(credential, cast.ben)
        ada.post(at("credential_removal", credential))
        page = ada.post(at("credential_pause", credential), headers=HTMX).content.decode()
        assert "removed or replaced meanwhile" in page
        assert now(credential).state == CredentialState.DRAINING


def test_a_key_moves_down_and_up(cast: Cast, ada: Client) -> None:
    credential = add(cast.team)
    ada.post(at("credential_place", credential), {"direction": "down"}, headers=HTMX)
    assert now(credential).position == 1
    ada.post(at("credential_place", credential), {"direction": "up"})
    assert now(credential).position == 0


class TestTesting:
    def test_is_waited_for_and_told(self, cast: Cast, ada: Client) -> None:
        with bank(answer(body=b'{"left": 12}')):
            credential = add(cast.team)
            assert ada.get(at("credential", credential), headers=HTMX).status_code == 204
            credentials.prove(credential=credential.pk)
            told = ada.get(at("credential", credential), headers=HTMX).content.decode()

        assert "Keyed accepts the key. 12 coins are left." in told
        assert "Checked" in told
        assert "every 1s" not in told

    @pytest.mark.parametrize("name", ["credentials", "credential"])
    def test_that_ends_while_the_page_is_read_is_not_missed(self, cast: Cast, ada: Client, name: str) -> None:
        """Whichever statement the answer comes before: the card tells it, or goes on asking."""
        headers = HTMX if name == "credential" else {}
        with bank(answer(body=b'{"left": 12}')):
            for after in itertools.count():
                credential = add(cast.team, f"Key {after}")
                answering = Answering(credential, after=after)
                with connection.execute_wrapper(answering):
                    told = ada.get(at(name, credential if name == "credential" else None), headers=headers)
                if answering.left >= 0:
                    break
                page = told.content.decode()
                card = page.partition(f'id="credential-{credential.pk}"')[2].partition("</li>")[0]
                assert told.status_code == 204 or "Testing…" in card or "12 coins" in card, (after, card)
                assert f"Key {after}: <" not in page, f"{after}: a toast without words"
        assert after > 5

    def test_is_asked_for_by_a_button(self, cast: Cast, ada: Client) -> None:
        credential = add(cast.team)
        Lease.objects.all().delete()
        page = ada.post(at("credential_proof", credential), headers=HTMX).content.decode()
        assert "Testing…" in page
        assert "every 1s" in page

    def test_without_script_says_to_come_back(self, cast: Cast, ada: Client) -> None:
        ada.post(at("credential_proof", add(cast.team)))
        assert "being tested. Reload the page" in toasts(ada)

    def test_without_a_worker_ends_with_a_word(
        self, cast: Cast, ada: Client, pass_time: Callable[[float], None]
    ) -> None:
        credential = add(cast.team)
        pass_time(31)
        told = ada.get(at("credential", credential), headers=HTMX).content.decode()
        assert "Is the worker running?" in told
        assert "every 1s" not in told

    def test_of_a_key_given_up_meanwhile_takes_its_card_away(self, cast: Cast, ada: Client) -> None:
        credential = add(cast.team)
        credentials.remove(credential=credential, actor="test")
        told = ada.get(at("credential", credential), headers=HTMX)
        assert (told.status_code, told.content) == (200, b"")

    def test_has_no_page_of_its_own(self, cast: Cast, ada: Client) -> None:
        assert ada.get(at("credential", add(cast.team))).headers["Location"] == at("credentials")


@pytest.mark.parametrize("number", [0, 10**6, 10**30])
def test_a_number_nobody_has_is_not_found(cast: Cast, ada: Client, number: int) -> None:
    """F59."""
    for name in ("credential", "credential_details", "credential_removal"):
        assert ada.get(reverse(name, args=[number])).status_code == 404
    assert ada.post(reverse("credential_proof", args=[number])).status_code == 404


def test_the_keys_of_everybody_cannot_be_touched_from_a_team(cast: Cast, ada: Client) -> None:
    shared = add(None)
    for name in ("credential_pause", "credential_removal", "credential_proof", "credential_place"):
        assert ada.post(at(name, shared)).status_code == 404
    assert ada.get(at("credential", shared)).status_code == 404
    assert now(shared).state == CredentialState.ACTIVE


class TestRecentCalls:
    """The last five orders sent on a key: when, what, what came of them, and how long that took."""

    @pytest.fixture
    def credential(self, cast: Cast) -> Credential:
        return add(cast.team)

    def tried(self, credential: Credential, cast: Cast, outcome: Outcome, detail: str = "") -> Attempt:
        row = occupy(credential, cast.ben)
        Generation.objects.filter(pk=row.pk).update(offer_key="pen")
        attempt, _ = Attempt.open_for(row, credential=credential, limit_group="pen")
        attempt.save()
        attempt.end(outcome, detail=detail)
        Attempt.objects.filter(pk=attempt.pk).update(ended_at=attempt.started_at + timedelta(seconds=1.2))
        return attempt

    def test_are_the_newest_five_without_the_vendors_words(
        self, cast: Cast, ada: Client, credential: Credential
    ) -> None:
        for _ in range(5):
            self.tried(credential, cast, Outcome.ACCEPTED)
        self.tried(credential, cast, Outcome.REFUSED, "401 secret words")
        sheet = ada.get(at("credential_calls", credential), headers=HTMX).content.decode()

        assert sheet.count("<dt>") == 5
        assert sheet.index("Keyed pen: Refused (401).") < sheet.index("Keyed pen: Accepted.")
        assert "1.2 s" in sheet
        assert "secret words" not in sheet

    def test_say_which_went_on_at_another_key(self, cast: Cast, ada: Client, credential: Credential) -> None:
        attempt = self.tried(credential, cast, Outcome.REFUSED, "402 no")
        other = add(cast.team, "Other", OTHER_KEY)
        Generation.objects.filter(pk=attempt.generation_id).update(credential=other)
        page = ada.get(at("credential_calls", credential)).content.decode()

        assert "Refused (402). It went to another key." in page
        assert "Back to the vendors" in page

    def test_may_be_none(self, ada: Client, credential: Credential) -> None:
        assert "Nothing was sent on it yet." in ada.get(at("credential_calls", credential)).content.decode()

    def test_of_a_key_of_others_are_not_there(self, cast: Cast, ada: Client) -> None:
        for whose in (cast.mallory.team, None):
            assert ada.get(at("credential_calls", add(whose, "Theirs", OTHER_KEY))).status_code == 404
