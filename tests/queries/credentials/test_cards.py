"""A card says in a word and a sentence how a key is doing, and nothing of the key but its end."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from generations.models import Attempt, Credential, CredentialState, Generation, OfferSwitch, Outcome, State, clock
from generations.providers.base import Fault
from generations.queries import credentials as shown
from generations.queries.credentials.cards import ago
from generations.services import credentials
from generations.services.pumping.verdicts import ends
from tests.conftest import Cast
from tests.keys import ACTOR, KEY, OTHER_KEY, WEBHOOK_KEY, add, keyed, now, occupy

__all__ = ["keyed"]

pytestmark = pytest.mark.usefixtures("keyed")


def page(cast: Cast) -> shown.Page:
    moment, rows = clock.now(), shown.rows_for(cast.team)
    standings = credentials.standing_of(rows.all, moment=moment)
    return shown.page_of(rows, viewer=cast.ada, standings=standings, now=moment)


def card(cast: Cast, credential: Credential, **facts: Any) -> shown.Card:
    if facts:
        Credential.objects.filter(pk=credential.pk).update(**facts)
    found = page(cast).card(credential.pk)
    assert found is not None
    return found


class TestTheBadge:
    def test_of_a_key_nothing_is_known_of_says_not_tested(self, cast: Cast) -> None:
        """Neither before its first test, nor after one that showed nothing."""
        credential = add(cast.team)
        assert (card(cast, credential).badge.words, card(cast, credential).badge.mood) == ("Not tested", "")
        credential.keep_proof(works=None, words="Keyed could not be reached.", balance=None)
        assert card(cast, credential).badge.words == "Not tested"

    def test_of_a_key_that_made_a_picture_says_working(self, cast: Cast) -> None:
        """Where the vendor has no question that costs nothing."""
        credential = add(cast.team)
        row = occupy(credential, cast.ben)
        type(row).objects.filter(pk=row.pk).update(state=State.SUCCEEDED, finished_at=clock.now())
        assert card(cast, credential).badge.words == "Working"

    def test_of_what_needs_no_key_says_working(self, cast: Cast) -> None:
        demo = page(cast).cards[0]
        assert (demo.vendor, demo.badge.words, demo.checked) == ("Demo", "Working", "")

    def test_of_a_key_without_trouble_says_working(self, cast: Cast) -> None:
        credential = add(cast.team)
        credential.keep_proof(works=True, words="Keyed accepts the key.", balance=None)
        found = card(cast, credential)
        assert (found.badge.words, found.badge.mood, found.health) == ("Working", "good", "ok")
        assert found.notice is None

    def test_of_a_refused_key_says_resting_since_and_until(self, cast: Cast) -> None:
        since, until = clock.now() - timedelta(minutes=3), clock.now() + timedelta(minutes=7)
        facts = {"troubles": 1, "paused_because": "The vendor refused this key.", "last_error": "The same."}
        found = card(cast, add(cast.team), paused_until=until, last_error_at=since, **facts)

        assert (found.badge.words, found.health) == ("Resting", "failing")
        assert found.notice is not None
        assert (found.notice.headline, found.notice.since, found.notice.until) == (
            "The vendor refused this key.",
            since,
            until,
        )
        assert found.notice.asks_for_key
        assert found.error == ""  # the notice says it already

    def test_of_a_key_without_money_says_so_and_asks_for_money(self, cast: Cast) -> None:
        """It is skipped, and another key would not help: nobody is asked for one."""
        until = clock.now() + timedelta(minutes=7)
        because = ends.REST_BECAUSE[Fault.OUT_OF_FUNDS]
        found = card(cast, add(cast.team), troubles=1, paused_until=until, paused_because=because)

        assert (found.badge.words, found.badge.mood, found.health) == ("Out of money", "danger", "failing")
        assert found.notice is not None
        assert (found.notice.headline, found.notice.until) == (because, until)
        assert "Fill it up at keyed.test" in found.notice.detail
        assert not found.notice.asks_for_key

    def test_of_a_refused_key_says_the_code_and_how_many_orders_went_elsewhere(self, cast: Cast) -> None:
        credential, spare = add(cast.team), add(cast.team, "Spare", OTHER_KEY)
        for number, (goes_on, minutes) in enumerate([(True, 1), (True, 2), (False, 1), (True, 90)]):
            row = occupy(spare if goes_on else credential, cast.ben)
            attempt, _ = Attempt.open_for(row, credential=credential, limit_group="pen")
            attempt.started_at = clock.now() - timedelta(minutes=minutes)
            attempt.save()
            attempt.end(Outcome.REFUSED, detail=f"{401 if number else 403} what the vendor wrote")
        credential.rest(seconds=600, because=ends.REST_BECAUSE[Fault.CREDENTIALS])
        found = card(cast, credential)

        assert found.notice is not None
        assert found.notice.headline == "The vendor refused this key (401)."
        assert "2 of the last hour went to other keys; nobody lost credits." in found.notice.detail
        assert "what the vendor wrote" not in repr(found)

    def test_of_a_key_that_is_held_back_blames_nobody(self, cast: Cast) -> None:
        until = clock.now() + timedelta(seconds=40)
        found = card(cast, add(cast.team), paused_until=until, paused_because="The vendor asked us to wait.")
        assert (found.badge.words, found.badge.mood) == ("Waiting", "caution")
        assert found.notice is not None
        assert not found.notice.asks_for_key

    def test_of_a_key_after_its_rest_says_being_tried(self, cast: Cast) -> None:
        facts = {"last_error": "The vendor refused this key.", "last_error_at": clock.now() - timedelta(hours=2)}
        found = card(cast, add(cast.team), troubles=1, **facts)
        assert found.badge.words == "Being tried"
        assert found.error == "The vendor refused this key, 2 h ago."

    @pytest.mark.parametrize(("most", "words"), [(3, "Working"), (2, "Full"), (0, "Full")])
    def test_of_a_full_key_says_so(self, cast: Cast, most: int, words: str) -> None:
        credential = add(cast.team, running_max=most)
        credential.keep_proof(works=True, words="Keyed accepts the key.", balance=None)
        for _ in range(2):
            row = occupy(credential, cast.ben)
            type(row).objects.filter(pk=row.pk).update(offer_key="pen")
        found = card(cast, credential)
        assert found.badge.words == words
        assert [(one.name, one.gauges[0].value, one.gauges[0].most) for one in found.groups] == [
            ("Keyed pen", 2, most),
            ("Keyed ink", 0, most),
        ]

    def test_of_a_key_that_is_switched_off_says_so(self, cast: Cast) -> None:
        found = card(cast, add(cast.team), state=CredentialState.PAUSED)
        assert (found.badge.words, found.health, found.is_paused) == ("Switched off", "disabled", True)

    def test_of_a_key_that_drains_says_what_still_needs_it(self, cast: Cast) -> None:
        credential = add(cast.team)
        occupy(credential, cast.ben)
        occupy(credential, cast.ben, State.LAPSED)
        credentials.replace(credential=credential, key=OTHER_KEY, actor=ACTOR)
        found = card(cast, credential)

        assert found.badge.words == "Finishing"
        assert found.notice is not None
        assert found.notice.headline == "2 pictures still run or are watched on it."
        assert not found.takes_work
        assert page(cast).cards[-1].pk == credential.pk

    def test_of_a_key_nothing_opens_says_unreadable(self, cast: Cast, settings: Any) -> None:
        """S30: no page breaks."""
        credential = add(cast.team)
        settings.FIELD_KEYS = []
        found = card(cast, credential)
        assert (found.badge.words, found.health) == ("Key unreadable", "failing")
        assert found.notice is not None
        assert found.notice.asks_for_key

    def test_of_a_key_for_another_host_says_why(self, cast: Cast) -> None:
        found = card(cast, add(cast.team), base_url="https://elsewhere.test")
        assert found.notice is not None
        assert "address was changed" in found.notice.headline
        assert "elsewhere" not in repr(found)

    def test_of_a_vendor_this_version_lost_says_so(self, cast: Cast) -> None:
        found = card(cast, add(cast.team), provider="gone")
        assert (found.vendor, found.badge.words, found.models) == ("gone", "Not known here", [])


class TestTheLastTest:
    def test_is_told_in_words(self, cast: Cast) -> None:
        credential = add(cast.team)
        assert card(cast, credential).is_tested
        credential.keep_proof(works=None, words="Keyed could not be reached.", balance=None)
        found = card(cast, credential)
        assert found.proof == "Keyed could not be reached."
        assert found.checked.startswith("Checked 0 s ago") or found.checked.startswith("Checked 1 s ago")

    def test_of_an_accepted_key_shows_what_is_left(self, cast: Cast) -> None:
        credential = add(cast.team)
        words = "Keyed accepts the key. 1,240 coins are left."
        credential.keep_proof(works=True, words=words, balance=Decimal("1240.0000"), answered_ms=210)
        found = card(cast, credential)
        assert (found.balance, found.proof) == ("1,240 coins", "")
        assert found.checked.endswith(" ago, answered in 210 ms: key accepted, balance read; no picture was tried.")

    @pytest.mark.parametrize(("took", "words"), [(None, " ago."), (999, "in 999 ms."), (1260, "in 1.3 s.")])
    def test_says_how_long_the_vendor_took(self, cast: Cast, took: int | None, words: str) -> None:
        credential = add(cast.team)
        credential.keep_proof(works=None, words="Busy.", balance=None, answered_ms=took)
        assert card(cast, credential).checked.endswith(words)

    def test_is_not_told_twice(self, cast: Cast, settings: Any) -> None:
        """A refused key, and one that cannot be opened, have a notice that says it."""
        credential = add(cast.team)
        credential.keep_proof(works=False, words="Keyed does not accept this key.", balance=None)
        assert card(cast, credential).proof == "Keyed does not accept this key."
        credential.rest(seconds=600, because=ends.REST_BECAUSE[Fault.CREDENTIALS], grows=False)
        assert card(cast, credential).proof == ""
        settings.FIELD_KEYS = []
        assert card(cast, credential, paused_until=None, troubles=0).proof == ""

    def test_that_no_worker_took_says_so(self, cast: Cast, pass_time: Any) -> None:
        credential = add(cast.team)
        pass_time(31)
        found = card(cast, credential)
        assert not found.is_tested
        assert "Is the worker running?" in found.proof


def test_nothing_of_a_key_is_on_its_card_but_the_end(cast: Cast) -> None:
    credential = add(cast.team, webhook_key=WEBHOOK_KEY)
    text = repr(page(cast))
    assert card(cast, credential).key == "7f~c"
    for secret in (KEY, WEBHOOK_KEY, now(credential).sealed_key, now(credential).sealed_webhook_key):
        assert secret not in text


def test_a_shared_key_tells_its_health_and_no_figures(cast: Cast) -> None:
    """One team must not read from it what another does."""
    shared = add(None, "Of everybody", running_max=2)
    shared.keep_proof(works=True, words="Keyed accepts the key. 77 coins are left.", balance=Decimal(77))
    occupy(shared, cast.mallory)
    occupy(shared, cast.mallory)
    found = page(cast).shared[0]

    assert (found.vendor, found.badge.words) == ("Keyed", "Working")
    assert (found.label, found.key, found.groups, found.balance, found.proof) == ("", "", [], "", "")


def test_the_same_key_in_another_team_shows_nothing_of_what_that_does(cast: Cast) -> None:
    mine, theirs = add(cast.team), add(cast.mallory.team)
    assert now(mine).key_print == now(theirs).key_print
    occupy(mine, cast.ben)
    for _ in range(2):
        occupy(theirs, cast.mallory)
    Generation.objects.update(offer_key="pen")

    pen = card(cast, mine).groups[0]
    assert [(gauge.label, gauge.value) for gauge in pen.gauges] == [("Running", 1), ("This hour", 0)]


def test_the_keys_of_other_teams_are_not_there(cast: Cast) -> None:
    other = add(cast.mallory.team)
    assert page(cast).card(other.pk) is None
    assert [one.vendor for one in page(cast).cards] == ["Demo"]


def test_what_an_admin_took_out_of_sale_is_marked(cast: Cast) -> None:
    OfferSwitch.objects.create(provider="keyed", offer_key="ink", is_on=False, because="gone")
    found = card(cast, add(cast.team))
    assert [(one.label, one.is_on) for one in found.models] == [("Keyed pen", True), ("Keyed ink", False)]


def test_the_page_costs_the_same_however_many_keys_there_are(cast: Cast) -> None:
    counts = []
    for number in range(2):
        occupy(add(cast.team, f"Key {number}"), cast.ben)
        add(None, f"Key {number}")
        Credential.objects.filter(label=f"Key {number}").update(
            troubles=1, paused_until=clock.now() + timedelta(minutes=5), paused_because="The vendor refused this key."
        )
        with CaptureQueriesContext(connection) as queries:
            page(cast)
        counts.append(len(queries))
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s ago"), (89, "89 s ago"), (120, "2 min ago"), (5 * 3600, "5 h ago"), (3 * 86400, "3 days ago")],
)
def test_ages_are_written_as_people_say_them(seconds: int, words: str) -> None:
    then = datetime(2026, 11, 21, tzinfo=clock.now().tzinfo)
    assert ago(then, then + timedelta(seconds=seconds)) == words


class TestWhatWaits:
    def test_is_counted_where_no_other_key_could_take_it(self, cast: Cast) -> None:
        credential = add(cast.team)
        row = occupy(credential, cast.ben, State.QUEUED)
        type(row).objects.filter(pk=row.pk).update(credential=None)
        assert shown.waiting_for(credential) == 1
        add(cast.team, "Backup", OTHER_KEY)
        assert shown.waiting_for(credential) == 0
