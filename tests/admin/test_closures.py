"""The desk: operators close and open on pages that ask first and say what they touch; nobody else does."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from generations.models import AuditEntry, Banner, Closure, DeskRole, Member, Person, Shut, clock
from generations.services import posting, shutting
from tests.conftest import PASSWORD, Cast
from tests.desk import seated
from tests.making import hand_over, make_waiting

HOME = "admin:index"


def at_the_desk(role: DeskRole, *, is_superuser: bool = False) -> Client:
    facts = {"is_staff": True, "desk_role": role, "is_superuser": is_superuser}
    name = role or ("root" if is_superuser else "clerk")
    return seated(Person.objects.create_user(f"{name}@studio.test", PASSWORD, name=str(name), **facts))


@pytest.fixture
def desk(cast: Cast) -> Client:
    return at_the_desk(DeskRole.OPERATOR)


def beginning(target: str = "demo", kind: str = "paused") -> str:
    return reverse("admin:generations_closure_beginning", args=[target, kind])


def ending(closure: Closure) -> str:
    return reverse("admin:generations_closure_ending", args=[closure.pk])


def pause(**facts: object) -> Closure:
    return shutting.shut(kind=Shut.PAUSED, provider="demo", reason="A lamp is out", by=None, **facts)  # type: ignore[arg-type]  # by name


def typed(hours: float) -> str:
    return f"{clock.now() + timedelta(hours=hours):%Y-%m-%dT%H:%M}"


class TestTheBoard:
    def test_says_for_each_vendor_how_it_stands_and_leads_to_what_can_be_done(self, cast: Cast, desk: Client) -> None:
        hand_over(make_waiting(cast.ben))
        make_waiting(cast.ben)
        page = desk.get(reverse(HOME)).content.decode()
        assert "Open and closed" in page
        for label in ("Maintenance: The studio", "Pause: Demo", "Drain: Demo"):
            assert f'aria-label="{label}' in page
        pause()
        page = desk.get(reverse(HOME)).content.decode()
        assert "“A lamp is out”" in page
        assert 'aria-label="Open again: Demo' in page
        assert 'aria-label="Pause: Demo' not in page

    def test_costs_the_same_however_much_waits_and_is_closed(self, cast: Cast, desk: Client) -> None:
        counts = []
        for provider in ("demo", "apixo"):
            make_waiting(cast.ben)
            with CaptureQueriesContext(connection) as queries:
                desk.get(reverse(HOME))
            counts.append(len(queries))
            shutting.shut(kind=Shut.PAUSED, provider="apikley" if provider == "demo" else provider, reason="x", by=None)
        assert counts[0] == counts[1]


class TestClosing:
    def test_asks_why_says_what_it_touches_and_does_it(self, cast: Cast, desk: Client) -> None:
        hand_over(make_waiting(cast.ben))
        make_waiting(cast.ben, count=2)
        page = desk.get(beginning()).content.decode()
        assert "2 waiting, 1 running" in page
        assert "What waits keeps waiting" in page
        answer = desk.post(beginning(), {"reason": "It answers nonsense", "ends_at": typed(2)})
        assert answer.headers["Location"] == reverse(HOME)
        closure = Closure.objects.standing().get()
        assert (closure.kind, closure.provider, closure.reason) == ("paused", "demo", "It answers nonsense")
        assert closure.by is not None
        assert closure.by.email == "operator@studio.test"
        assert AuditEntry.objects.get(action="vendor_paused").person == closure.by

    @pytest.mark.parametrize(
        ("facts", "words"),
        [
            ({}, "Write why"),
            ({"reason": "x\ufffd"}, "could not be read"),
            ({"reason": "x" * 10_000}, "at most 300"),
            ({"reason": "x", "ends_at": "tomorrow"}, "Write a day and a time"),
            ({"reason": "x", "ends_at": "2020-01-01T10:00"}, "passed already"),
        ],
    )
    def test_says_at_the_field_what_is_wrong_and_keeps_what_was_typed(
        self, desk: Client, facts: dict[str, str], words: str
    ) -> None:
        answer = desk.post(beginning(), facts)
        page = answer.content.decode()
        assert answer.status_code == 422
        assert words in page
        assert facts.get("reason", "")[:300] in page
        assert not Closure.objects.exists()

    def test_a_second_press_finds_that_somebody_was_first(self, desk: Client) -> None:
        body = {"reason": "A lamp is out"}
        desk.post(beginning(), body)
        answer = desk.post(beginning(), body)
        assert answer.status_code == 422
        assert "Somebody else changed this" in answer.content.decode()
        assert Closure.objects.count() == 1

    def test_from_paused_to_draining_takes_the_place_of_what_stood(self, desk: Client) -> None:
        first = pause()
        page = desk.get(beginning(kind="draining")).content.decode()
        assert f'name="instead_of" value="{first.pk}"' in page
        desk.post(beginning(kind="draining"), {"reason": "Emptying", "instead_of": str(first.pk)})
        assert Closure.objects.standing().get().kind == Shut.DRAINING

    def test_maintenance_can_be_planned_and_announced(self, desk: Client) -> None:
        times = {"begins_at": typed(5), "ends_at": typed(6), "told_at": typed(4)}
        desk.post(beginning("studio", "maintenance"), {"reason": "A new version", **times})
        closure = Closure.objects.standing().get()
        assert closure.told_at < closure.begins_at
        page = desk.get(reverse(HOME)).content.decode()
        assert "Maintenance planned" in page
        assert 'aria-label="Give up the plan: The studio"' in page

    def test_what_is_announced_after_it_begins_is_refused(self, desk: Client) -> None:
        times = {"begins_at": typed(5), "told_at": typed(7)}
        answer = desk.post(beginning("studio", "maintenance"), {"reason": "x", **times})
        assert "announced only after" in answer.content.decode()

    @pytest.mark.parametrize(
        "address", [("demo", "maintenance"), ("studio", "paused"), ("nobody", "paused"), ("demo", "ajar")]
    )
    def test_an_address_that_makes_no_sense_is_not_there(self, desk: Client, address: tuple[str, str]) -> None:
        assert desk.get(beginning(*address)).status_code == 404


class TestOpening:
    def test_asks_once_more_and_opens(self, cast: Cast, desk: Client) -> None:
        make_waiting(cast.ben)
        closure = pause()
        assert "1 waiting, 0 running" in desk.get(ending(closure)).content.decode()
        assert Closure.objects.standing().exists()
        desk.post(ending(closure))
        assert not Closure.objects.standing().exists()

    def test_twice_does_nothing_more_and_says_so(self, cast: Cast, desk: Client) -> None:
        closure = pause()
        desk.post(ending(closure))
        page = desk.post(ending(closure), follow=True).content.decode()
        assert "That was over already" in page
        assert "nothing left to open" in desk.get(ending(closure)).content.decode()
        assert AuditEntry.objects.filter(action="vendor_opened").count() == 1


class TestEverybodyElse:
    @pytest.mark.parametrize("role", [DeskRole.MODERATOR, DeskRole.NONE])
    def test_on_the_staff_is_refused_and_reads_no_board(self, cast: Cast, role: DeskRole) -> None:
        closure, client = pause(), at_the_desk(role)
        banner = Banner.objects.create(words="x")
        assert "Open and closed" not in client.get(reverse(HOME)).content.decode()
        for place in (
            beginning(),
            ending(closure),
            reverse("admin:generations_banner_add"),
            reverse("admin:generations_banner_change", args=[banner.pk]),
            reverse("admin:generations_closure_changelist"),
        ):
            assert client.get(place).status_code == 403, place
            assert client.post(place, {"reason": "x", "words": "y", "mood": "info"}).status_code == 403, place
        assert list(Closure.objects.standing()) == [closure]
        banner.refresh_from_db()
        assert banner.words == "x"

    def test_in_a_team_is_turned_away(self, cast: Cast, signed_in: Callable[[Member], Client]) -> None:
        for member in (cast.ada, cast.ben, cast.mallory):
            assert signed_in(member).post(beginning(), {"reason": "x"}).status_code == 302
        assert not Closure.objects.exists()

    def test_a_superuser_may(self, cast: Cast) -> None:
        at_the_desk(DeskRole.NONE, is_superuser=True).post(beginning(), {"reason": "A lamp is out"})
        assert Closure.objects.standing().exists()


class TestBanners:
    def test_are_hung_changed_and_taken_down(self, desk: Client) -> None:
        add, listed = reverse("admin:generations_banner_add"), reverse("admin:generations_banner_changelist")
        desk.post(add, {"words": "New <b>brushes</b>", "mood": "info"})
        banner = Banner.objects.get()
        assert "New &lt;b&gt;brushes&lt;/b&gt;." in desk.get(reverse(HOME)).content.decode()
        change = reverse("admin:generations_banner_change", args=[banner.pk])
        assert "New &lt;b&gt;" in desk.get(change).content.decode()
        desk.post(change, {"words": "Newer", "mood": "caution", "ends_at": typed(3), "seen": posting.print_of(banner)})
        banner.refresh_from_db()
        assert (banner.words, banner.mood) == ("Newer", "caution")
        desk.post(listed, {"action": "take_down", "_selected_action": [banner.pk]})
        assert "Newer." not in desk.get(reverse("admin:generations_person_changelist")).content.decode()

    def test_that_were_taken_down_are_not_hung_again_by_a_page_left_open(self, desk: Client) -> None:
        banner = Banner.objects.create(words="New brushes")
        change = reverse("admin:generations_banner_change", args=[banner.pk])
        sent = {"words": "Newer", "mood": "info", "seen": posting.print_of(banner)}
        assert f'name="seen" value="{sent["seen"]}"' in desk.get(change).content.decode()
        assert banner.take_down()
        answer = desk.post(change, sent)
        assert answer.status_code == 422
        assert "hangs no more" in answer.content.decode()
        assert "Newer</textarea>" in answer.content.decode()
        banner.refresh_from_db()
        assert (banner.words, banner.ends_at is not None) == ("New brushes", True)

    def test_that_somebody_changed_meanwhile_stay_as_they_are(self, desk: Client) -> None:
        banner = Banner.objects.create(words="New brushes")
        change = reverse("admin:generations_banner_change", args=[banner.pk])
        sent = {"words": "Mine", "mood": "info", "seen": posting.print_of(banner)}
        Banner.objects.update(words="Theirs")
        for seen in (sent["seen"], ""):
            answer = desk.post(change, {**sent, "seen": seen})
            assert "changed this banner meanwhile" in answer.content.decode()
        banner.refresh_from_db()
        assert banner.words == "Theirs"

    def test_without_words_or_with_an_odd_kind_none_is_hung(self, desk: Client) -> None:
        add = reverse("admin:generations_banner_add")
        for body in (
            {},
            {"words": "x", "mood": "angry"},
            {"words": "x", "mood": "info", "ends_at": "2020-01-01T00:00"},
        ):
            assert desk.post(add, body).status_code == 422
        assert not Banner.objects.exists()
