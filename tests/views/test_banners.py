"""What hangs over every page, for whom, how it is put away, and what it costs."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from generations.models import Banner, Member, Mood, Shut, clock
from generations.services import shutting
from tests.conftest import Cast
from tests.making import finish_one, make_waiting

SignIn = Callable[[Member], Client]
PAGES = ("studio", "library", "credits", "team", "inbox", "account")


def hang(words: str, mood: Mood = Mood.INFO) -> Banner:
    return Banner.objects.create(words=words, mood=mood, begins_at=clock.now() - timedelta(minutes=1))


def maintain(*, begins: float = 0, ends: float | None = 2) -> None:
    moment = clock.now()
    shutting.shut(
        kind=Shut.MAINTENANCE,
        reason="A new version",
        by=None,
        begins_at=moment + timedelta(hours=begins),
        ends_at=moment + timedelta(hours=ends) if ends else None,
    )


@pytest.mark.parametrize("who", ["ada", "vera", "mallory"])
def test_planned_maintenance_is_announced_on_every_page_with_its_times(cast: Cast, signed_in: SignIn, who: str) -> None:
    maintain(begins=1)
    client = signed_in(getattr(cast, who))
    for name in PAGES:
        page = client.get(reverse(name)).content.decode()
        assert "Maintenance begins at about <time" in page
        assert "What runs will finish; new pictures can be ordered again at about <time" in " ".join(page.split())


def test_without_an_end_it_says_when_it_is_over(cast: Cast, signed_in: SignIn) -> None:
    maintain(ends=None)
    page = " ".join(signed_in(cast.ben).get(reverse("library")).content.decode().split())
    assert "The studio is in maintenance." in page
    assert "new pictures can be ordered again when it is over." in page


def test_it_is_announced_from_its_time_on_and_gone_after_its_end(
    cast: Cast, signed_in: SignIn, pass_time: Callable[[float], None]
) -> None:
    maintain(begins=30, ends=31)
    client = signed_in(cast.ben)
    seen = []
    for hours in (0, 7, 23.5, 1):
        pass_time(hours * 3600)
        seen.append('class="banners"' in client.get(reverse("library")).content.decode())
    assert seen == [False, True, True, False]


def test_strangers_read_nothing_of_it(cast: Cast) -> None:
    hang("For members")
    assert "For members" not in Client().get(reverse("account_login")).content.decode()


class TestPuttingAway:
    def test_is_for_this_session_alone_and_only_for_what_informs(self, cast: Cast, signed_in: SignIn) -> None:
        info, warning = hang("New brushes"), hang("Slow today", Mood.WARNING)
        client, other = signed_in(cast.ben), signed_in(cast.ben)
        page = client.get(reverse("library")).content.decode()
        assert f'name="banner" value="{info.pk}"' in page
        assert f'name="banner" value="{warning.pk}"' not in page
        answer = client.post(reverse("banner_dismissal"), {"banner": info.pk, "back": "/library/?x=1"})
        assert answer.headers["Location"] == "/library/?x=1"
        page = client.get(reverse("library")).content.decode()
        assert "New brushes" not in page
        assert "Slow today" in page
        assert "New brushes" in other.get(reverse("library")).content.decode()

    def test_a_warning_stays_whatever_is_sent(self, cast: Cast, signed_in: SignIn) -> None:
        warning, client = hang("Slow today", Mood.WARNING), signed_in(cast.ben)
        client.post(reverse("banner_dismissal"), {"banner": warning.pk})
        assert "Slow today" in client.get(reverse("library")).content.decode()

    def test_by_script_answers_with_nothing_to_show(self, cast: Cast, signed_in: SignIn) -> None:
        answer = signed_in(cast.ben).post(
            reverse("banner_dismissal"), {"banner": hang("x").pk}, headers={"HX-Request": "true"}
        )
        assert (answer.status_code, answer.content) == (200, b"")

    @pytest.mark.parametrize("word", ["", "x", "-1", "\0", "9" * 5000, "١", "1.5"])
    def test_of_what_is_no_banner_changes_nothing(self, cast: Cast, signed_in: SignIn, word: str) -> None:
        hang("New brushes")
        client = signed_in(cast.ben)
        assert client.post(reverse("banner_dismissal"), {"banner": word}).status_code == 302
        assert "New brushes" in client.get(reverse("library")).content.decode()

    @pytest.mark.parametrize("back", ["https://evil.test/", "//evil.test/", "/\\evil.test", "javascript:1", "\0"])
    def test_leads_nowhere_else(self, cast: Cast, signed_in: SignIn, back: str) -> None:
        answer = signed_in(cast.ben).post(reverse("banner_dismissal"), {"banner": "1", "back": back})
        assert answer.headers["Location"] == reverse("studio")

    def test_of_a_hundred_keeps_the_session_small(self, cast: Cast, signed_in: SignIn) -> None:
        client = signed_in(cast.ben)
        for pk in range(100):
            client.post(reverse("banner_dismissal"), {"banner": pk})
        assert len(client.session["banners_put_away"]) == 50


class TestWhatItCosts:
    def test_is_one_statement_for_a_page_however_much_hangs(self, cast: Cast, signed_in: SignIn) -> None:
        client = signed_in(cast.ben)
        client.get(reverse("library"))
        counts = []
        for number in (0, 1, 7):
            for _ in range(number):
                hang("x")
            with CaptureQueriesContext(connection) as queries:
                client.get(reverse("library"))
            about = [query for query in queries if "generations_banner" in query["sql"]]
            counts.append((len(queries), len(about)))
        assert len(set(counts)) == 1
        assert counts[0][1] == 1

    def test_is_nothing_for_a_poll(self, cast: Cast, signed_in: SignIn) -> None:
        hang("x")
        maintain()
        client = signed_in(cast.ben)
        for cursor in ("", "1.0.0"):
            with CaptureQueriesContext(connection) as queries:
                client.get(reverse("feed"), {"cursor": cursor}, headers={"HX-Request": "true"})
            said = [query["sql"] for query in queries]
            assert not [sql for sql in said if "generations_banner" in sql or "generations_closure" in sql]


class TestTheComposer:
    def test_says_before_anything_is_sent_that_the_studio_is_closed(self, cast: Cast, signed_in: SignIn) -> None:
        maintain()
        page = signed_in(cast.ben).get(reverse("studio")).content.decode()
        button = page.split('id="generate"')[1].split(">")[0]
        assert "disabled" in button
        assert "The studio is in maintenance. A new version. Your words stay here, and nothing is charged." in page
        assert "Come back at about <time" in page

    def test_keeps_what_was_typed_when_it_closed_meanwhile(self, cast: Cast, signed_in: SignIn) -> None:
        client = signed_in(cast.ben)
        client.get(reverse("studio"))
        maintain()
        body = {"prompt": "a lamp I typed", "model": "demo:painter", "shape": "3:2", "count": "2"}
        answer = client.post(reverse("batches"), body, headers={"HX-Request": "true"})
        page = answer.content.decode()
        assert answer.status_code == 422
        assert "a lamp I typed" in page
        assert "Nothing was ordered, and nothing was charged. Come back at about" in page

    @pytest.mark.parametrize("kind", [Shut.PAUSED, Shut.DRAINING])
    def test_lists_a_closed_vendor_as_such_and_leaves_the_others(
        self, cast: Cast, signed_in: SignIn, kind: Shut, vendor: object
    ) -> None:
        shutting.shut(kind=kind, provider="invented", reason="A lamp is out", by=None)
        page = signed_in(cast.ben).get(reverse("studio")).content.decode()
        option = page.split('value="invented:')[1].split("</label>")[0]
        assert "disabled" in option.split(">")[0]
        assert "by the studio’s staff" in option or "the studio’s staff are emptying its line" in option
        assert "disabled" not in page.split('id="generate"')[1].split(">")[0]

    def test_the_sheet_of_ways_to_enlarge_says_so_too(self, cast: Cast, signed_in: SignIn) -> None:
        image = finish_one(cast.ben)
        maintain()
        client = signed_in(cast.ben)
        page = client.get(reverse("image_upscale", args=[image.pk])).content.decode()
        assert "The studio is in maintenance. A new version." in page
        answer = client.post(reverse("image_upscale", args=[image.pk]), {"choice": "demo:enlarge-2x"})
        assert answer.status_code == 422
        assert "nothing was charged" in answer.content.decode().lower()


def test_a_waiting_card_says_who_paused_it_why_and_until_when(cast: Cast, signed_in: SignIn) -> None:
    make_waiting(cast.ben)
    ends = clock.now() + timedelta(hours=1)
    shutting.shut(kind=Shut.PAUSED, provider="demo", reason="It answers nonsense", by=None, ends_at=ends)
    page = signed_in(cast.ben).get(reverse("studio")).content.decode()
    assert "Paused by the studio’s staff" in page
    assert "It answers nonsense. It goes on by itself then. After a day in line its credits come back." in page
