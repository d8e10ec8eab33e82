"""Keys are stored sealed, replaced without a pause, and given up when nothing needs them."""

from collections.abc import Callable
from typing import Any, ClassVar

import pytest
from django.db import connection
from django_q.models import OrmQ

from generations import connections, limits, queue
from generations.models import Alert, Credential, CredentialState, Generation, State, clock
from generations.services import credentials
from generations.services.credentials import keeping
from generations.vault import Unreadable
from tests.conftest import Cast
from tests.keys import ACTOR, KEY, OTHER_KEY, WEBHOOK_KEY, Keyed, add, keyed, now, occupy, opened

__all__ = ["keyed"]

pytestmark = pytest.mark.usefixtures("keyed")


def raw(credential: Credential) -> str:
    """The row as a thief of the database would read it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM generations_credential WHERE id = %s", [credential.pk])
        return repr(cursor.fetchall())


class TestAKeyThatIsAdded:
    def test_is_sealed_and_shows_its_end_only(self, cast: Cast) -> None:
        credential = add(cast.team, webhook_key=WEBHOOK_KEY)

        assert KEY not in raw(credential)
        assert WEBHOOK_KEY not in raw(credential)
        assert now(credential).last_four == "7f~c"
        account = connections.account_of(now(credential))
        assert (account.secret, account.webhook_secret) == (KEY, WEBHOOK_KEY)

    def test_is_for_the_host_the_vendor_has_now(self, cast: Cast, settings: Any) -> None:
        assert now(add(cast.team)).key_host == "api.keyed.test"
        settings.PROVIDER_BASE_URLS = {"keyed": "http://127.0.0.1:8900"}
        assert now(add(cast.team, "Second")).key_host == "127.0.0.1:8900"

    def test_that_is_very_short_shows_nothing(self, cast: Cast) -> None:
        assert now(add(cast.team, key="abcdefg")).last_four == ""

    def test_outlives_another_signing_key(self, cast: Cast, settings: Any) -> None:
        """S27."""
        credential = add(cast.team)
        settings.SECRET_KEY = "quite another one"
        assert opened(credential) == KEY

    def test_is_tested_by_a_worker(self, cast: Cast) -> None:
        before = queue.waiting()
        add(cast.team)
        assert queue.waiting() == before + 1

    def test_never_travels_in_a_message(self, cast: Cast) -> None:
        add(cast.team)
        assert all(KEY not in str(message.task) for message in OrmQ.objects.all())

    def test_has_a_name_of_its_own(self, cast: Cast) -> None:
        add(cast.team)
        with pytest.raises(credentials.LabelTaken, match="Keyed is called “Main” already"):
            add(cast.team, key=OTHER_KEY)
        add(cast.mallory.team)
        add(None)
        with pytest.raises(credentials.LabelTaken):
            add(None, key=OTHER_KEY)

    def test_needs_something_to_seal_it_with(self, cast: Cast, settings: Any) -> None:
        settings.FIELD_KEYS = []
        with pytest.raises(credentials.CannotSeal):
            add(cast.team)
        assert not Credential.objects.filter(provider="keyed").exists()


class TestReplacing:
    def test_leaves_the_old_key_to_what_runs_on_it(self, cast: Cast) -> None:
        old = add(cast.team, running_max=3, webhook_key=WEBHOOK_KEY)
        occupy(old, cast.ben)
        new = credentials.replace(credential=old, key=OTHER_KEY, actor=ACTOR)

        assert new.pk != old.pk
        assert (new.label, new.position, new.running_max) == ("Main", old.position, 3)
        assert connections.account_of(now(new)).secret == OTHER_KEY
        assert connections.account_of(now(new)).webhook_secret == WEBHOOK_KEY
        assert now(new).state == CredentialState.ACTIVE
        assert now(old).state == CredentialState.DRAINING
        assert now(old).label.startswith("Main (replaced ")
        assert connections.account_of(now(old)).secret == KEY

    def test_gives_the_new_key_no_places_that_the_old_one_holds(self, cast: Cast) -> None:
        """They are two keys to one account, as far as anybody can tell."""
        old = add(cast.team, running_max=3)
        row = occupy(old, cast.ben)
        Generation.objects.filter(pk=row.pk).update(offer_key="pen")
        new = credentials.replace(credential=old, key=OTHER_KEY, actor=ACTOR)
        loads = limits.loads_of([new], moment=clock.now())
        assert [loads.free(new, offer) for offer in Keyed.offers] == [2, 3]
        assert credentials.standing_of([new], moment=clock.now())[new.pk].uses[0].running == 1

    def test_erases_the_old_key_at_once_where_nothing_needs_it(self, cast: Cast) -> None:
        old = add(cast.team, webhook_key=WEBHOOK_KEY)
        credentials.replace(credential=old, key=OTHER_KEY, actor=ACTOR)

        assert now(old).state == CredentialState.RETIRED
        assert (now(old).sealed_key, now(old).sealed_webhook_key) == ("", "")

    def test_twice_within_a_minute_gives_two_old_names(self, cast: Cast) -> None:
        first = add(cast.team)
        second = credentials.replace(credential=first, key=OTHER_KEY, actor=ACTOR)
        credentials.replace(credential=second, key="a-third-key-of-it", actor=ACTOR)

        assert now(second).label == now(first).label[:-1] + ", 2)"

    def test_by_the_same_key_changes_nothing(self, cast: Cast) -> None:
        credential = add(cast.team)
        before = raw(credential)
        with pytest.raises(credentials.SameKey):
            credentials.replace(credential=credential, key=KEY, actor=ACTOR)
        assert raw(credential) == before

    def test_by_the_same_key_may_bring_a_webhook_key(self, cast: Cast) -> None:
        credential = add(cast.team)
        same = credentials.replace(credential=credential, key=KEY, webhook_key=WEBHOOK_KEY, actor=ACTOR)

        assert same.pk == credential.pk
        assert connections.account_of(now(credential)).webhook_secret == WEBHOOK_KEY

    def test_puts_a_key_where_one_could_not_be_opened(self, cast: Cast) -> None:
        """S30: what runs is watched again, on the row that started it."""
        credential = add(cast.team, webhook_key=WEBHOOK_KEY)
        occupy(credential, cast.ben)
        Credential.objects.filter(pk=credential.pk).update(sealed_key="broken", troubles=2)
        Alert.objects.tell("credential", subject=f"credential:{credential.pk}", words="unreadable")
        same = credentials.replace(credential=credential, key=OTHER_KEY, actor=ACTOR)

        assert same.pk == credential.pk
        account = connections.account_of(now(credential))
        assert (account.secret, account.webhook_secret) == (OTHER_KEY, WEBHOOK_KEY)
        assert now(credential).troubles == 0
        assert not Alert.objects.filter(resolved_at=None).exists()

    def test_lets_the_key_go_to_a_changed_host(self, cast: Cast) -> None:
        """S38."""
        credential = add(cast.team)
        credentials.readdress(credential=credential, base_url="https://elsewhere.test", actor=ACTOR)
        with pytest.raises(connections.KeyForAnotherHost):
            connections.account_of(now(credential))
        credentials.replace(credential=credential, key=KEY, actor=ACTOR)

        assert connections.account_of(now(credential)).base_url == "https://elsewhere.test"
        assert now(credential).key_host == "elsewhere.test"

    def test_what_was_removed_is_refused(self, cast: Cast) -> None:
        credential = add(cast.team)
        credentials.remove(credential=credential, actor=ACTOR)
        with pytest.raises(credentials.KeyGone):
            credentials.replace(credential=credential, key=OTHER_KEY, actor=ACTOR)

    def test_a_key_that_is_switched_off_does_not_switch_it_on(self, cast: Cast) -> None:
        credential = add(cast.team)
        credentials.pause(credential=credential, actor=ACTOR)
        new = credentials.replace(credential=credential, key=OTHER_KEY, actor=ACTOR)
        assert now(new).state == CredentialState.PAUSED


class TestHavingAKey:
    def ensure(self, cast: Cast, key: str = KEY) -> credentials.Stored:
        return credentials.ensure(team=cast.team, provider="keyed", label="Main", key=key, actor=ACTOR)

    def test_again_and_again_changes_nothing(self, cast: Cast) -> None:
        assert [self.ensure(cast).value for _ in range(3)] == ["added", "unchanged", "unchanged"]
        assert self.ensure(cast, OTHER_KEY) is credentials.Stored.REPLACED

    def test_that_somebody_stored_a_moment_ago_is_no_trouble(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        def late(**facts: Any) -> None:
            add(cast.team)
            raise credentials.LabelTaken

        monkeypatch.setattr(keeping, "add", late)
        assert self.ensure(cast) is credentials.Stored.UNCHANGED


class TestRemoving:
    def test_is_done_at_once_where_nothing_needs_the_key(self, cast: Cast) -> None:
        credential = add(cast.team)
        assert credentials.remove(credential=credential, actor=ACTOR)
        assert now(credential).state == CredentialState.RETIRED
        assert now(credential).sealed_key == ""
        add(cast.team)  # the name is free again

    @pytest.mark.parametrize("state", [State.QUEUED, State.RUNNING, State.FETCHING, State.LAPSED])
    def test_waits_for_what_needs_the_key(self, cast: Cast, state: State) -> None:
        credential = add(cast.team)
        occupy(credential, cast.ben, state)

        assert not credentials.remove(credential=credential, actor=ACTOR)
        assert now(credential).state == CredentialState.DRAINING
        assert opened(credential) == KEY


class TestSwitchingOffAndOn:
    def test_changes_who_serves(self, cast: Cast) -> None:
        credential = add(cast.team)
        credentials.pause(credential=credential, actor=ACTOR)
        assert credential not in Credential.objects.serving(cast.team)
        credentials.resume(credential=credential, actor=ACTOR)
        assert credential in Credential.objects.serving(cast.team)

    @pytest.mark.parametrize("act", [credentials.pause, credentials.resume])
    def test_a_removed_key_is_refused(self, cast: Cast, act: Callable[..., None]) -> None:
        credential = add(cast.team)
        credentials.remove(credential=credential, actor=ACTOR)
        with pytest.raises(credentials.KeyGone):
            act(credential=credential, actor=ACTOR)
        assert now(credential).state == CredentialState.RETIRED


class TestChanging:
    FACTS: ClassVar[dict[str, Any]] = {"running_max": None, "hourly_max": 7, "actor": ACTOR}

    def test_gives_another_name_and_limits(self, cast: Cast) -> None:
        credential = add(cast.team, running_max=3)
        credentials.change(credential=credential, label="Backup", **self.FACTS)

        row = now(credential)
        assert (row.label, row.running_max, row.hourly_max) == ("Backup", None, 7)
        assert opened(credential) == KEY

    def test_does_not_take_the_name_of_another(self, cast: Cast) -> None:
        add(cast.team, "Backup", OTHER_KEY)
        with pytest.raises(credentials.LabelTaken):
            credentials.change(credential=add(cast.team), label="Backup", **self.FACTS)

    def test_brings_a_webhook_key(self, cast: Cast) -> None:
        credential = add(cast.team)
        credentials.change(credential=credential, label="Main", webhook_key=WEBHOOK_KEY, **self.FACTS)
        account = connections.account_of(now(credential))
        assert (account.secret, account.webhook_secret) == (KEY, WEBHOOK_KEY)

    def test_brings_none_beside_a_key_that_cannot_be_used(self, cast: Cast) -> None:
        credential = add(cast.team)
        Credential.objects.filter(pk=credential.pk).update(sealed_key="broken")
        with pytest.raises(credentials.KeyUnusable):
            credentials.change(credential=credential, label="Other", webhook_key=WEBHOOK_KEY, **self.FACTS)
        assert now(credential).label == "Main"


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("two words", "no blanks"),
        ("schlüssel", "plain"),
        ("a\x07b", "plain"),
        ("x" * 501, "500"),
    ],
)
def test_what_no_request_could_carry_is_no_key(typed: str, why: str) -> None:
    with pytest.raises(credentials.UnusableKey, match=why) as refusal:
        credentials.checked_key(typed)
    assert not typed.strip() or typed not in str(refusal.value)


def test_a_key_is_taken_without_the_blanks_around_it() -> None:
    assert credentials.checked_key(f"  {KEY}\r\n") == KEY


def test_swapped_secrets_open_nowhere(cast: Cast, keyed: type[Keyed]) -> None:
    """S29: between rows, and between the columns of one row."""
    one, other = add(cast.team, webhook_key=WEBHOOK_KEY), add(cast.mallory.team, key=OTHER_KEY)
    Credential.objects.filter(pk=other.pk).update(sealed_key=now(one).sealed_key)
    with pytest.raises(Unreadable):
        connections.account_of(now(other))
    Credential.objects.filter(pk=one.pk).update(
        sealed_key=now(one).sealed_webhook_key, sealed_webhook_key=now(one).sealed_key
    )
    with pytest.raises(Unreadable):
        connections.account_of(now(one))
