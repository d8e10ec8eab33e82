"""People and teams are suspended at the desk, which asks first; and there it is said who may moderate."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from generations.models import AuditEntry, Member, Person, State, Suspension, clock
from generations.services import reviewing
from tests.conftest import Cast
from tests.desk import person_of, seated
from tests.making import hand_over, make_waiting

PEOPLE = "/admin/generations/person/"


@pytest.fixture
def root(cast: Cast) -> Person:
    return Person.objects.create_superuser("root@studio.test", "a lamp beside the window", name="Root")


def act(desk: Client, page: str, action: str, *rows: object, **more: str) -> str:
    chosen = {"action": action, "_selected_action": [getattr(row, "pk", None) for row in rows], **more}
    return desk.post(page, data=chosen, follow=True).content.decode()


def test_a_suspension_is_lifted_in_one_click(root: Person, cast: Cast) -> None:
    assert cast.ben.person is not None
    made = reviewing.suspend_person(person=cast.ben.person, by=root, reason="Too much.", until=None)
    desk, lifting = seated(root), reverse("admin:generations_suspension_lift", args=[made.pk])
    for page in ("person_change", "suspension_change"):
        key = made.person_id if page == "person_change" else made.pk
        told = desk.get(reverse(f"admin:generations_{page}", args=[key])).content.decode()
        assert f'action="{lifting}"' in told
        assert "Suspend…" not in told
    assert "Lifted: they may act again" in desk.post(lifting, follow=True).content.decode()
    assert not Suspension.objects.live().exists()
    assert "That was lifted before" in desk.post(lifting, follow=True).content.decode()
    told = desk.get(reverse("admin:generations_person_change", args=[made.person_id])).content.decode()
    assert "Suspend…" in told
    assert lifting not in told


def test_several_are_lifted_from_the_list(root: Person, cast: Cast) -> None:
    assert cast.ben.person is not None
    made = reviewing.suspend_person(person=cast.ben.person, by=root, reason="Too much.", until=None)
    page = reverse("admin:generations_suspension_changelist")
    assert "1 lifted. They were told." in act(seated(root), page, "lift", made)
    assert not Suspension.objects.live().exists()


def test_nobody_lifts_their_own(cast: Cast) -> None:
    desk = seated(person_of("moderator"))
    mona = Person.objects.get(pk=desk.session["_auth_user_id"])
    made = Suspension.objects.create(person=mona, reason="Before they joined the staff.", until=clock.now())
    told = desk.post(reverse("admin:generations_suspension_lift", args=[made.pk]), follow=True)
    assert told.status_code == 200
    assert "Nobody lifts their own suspension" in told.content.decode()
    made.refresh_from_db()
    assert made.lifted_at is None


def test_a_list_of_suspensions_says_which_hold(root: Person, cast: Cast) -> None:
    assert cast.ben.person is not None
    assert cast.ada.person is not None
    Suspension.objects.create(person=cast.ben.person, reason="Too much.")
    Suspension.objects.create(person=cast.ada.person, reason="Too much.", until=clock.now())
    desk, page = seated(root), reverse("admin:generations_suspension_changelist")
    rows = {asked: desk.get(page, {"holds": asked}).context["cl"].result_list for asked in ("yes", "no")}
    assert [row.person_id for row in rows["yes"]] == [cast.ben.person_id]
    assert [row.person_id for row in rows["no"]] == [cast.ada.person_id]


def test_a_superuser_makes_and_unmakes_moderators(root: Person, cast: Cast) -> None:
    vera = cast.vera.person
    assert vera is not None
    desk = seated(root)
    asked = act(desk, PEOPLE, "make_moderators", vera)
    assert "Make them moderators?" in asked
    assert "They join the staff" in asked
    assert not Person.objects.filter(pk=vera.pk, is_staff=True).exists()
    assert "1 changed." in act(desk, PEOPLE, "make_moderators", vera, confirmed="1")
    vera.refresh_from_db()
    assert vera.may_moderate
    assert "1 changed." in act(desk, PEOPLE, "take_the_role", vera, confirmed="1")
    vera.refresh_from_db()
    assert not vera.is_staff


class TestSuspending:
    def test_a_person_takes_a_reason_a_page_that_asks_and_the_act(self, root: Person, cast: Cast) -> None:
        running = hand_over(make_waiting(cast.ben))
        waiting = make_waiting(cast.ben)
        desk, place = seated(root), of_person(cast.ben)
        listed = desk.get(reverse("admin:generations_person_change", args=[cast.ben.person_id])).content.decode()
        assert f'href="{place}"' in listed
        assert "in 1 team; 1 waiting, 1 running" in desk.get(place).content.decode()
        asked = desk.post(place, {"reason": "Insulting <b>", "until": typed(24)}).content.decode()
        assert "They read “Insulting &lt;b&gt;”" in asked
        assert not Suspension.objects.exists()
        sent = {"reason": "Insulting <b>", "until": typed(24), "confirmed": "1"}
        assert desk.post(place, sent).status_code == 302
        made = Suspension.objects.live().get()
        assert (made.person, made.by, made.reason, made.until is not None) == (
            cast.ben.person,
            root,
            "Insulting <b>",
            True,
        )
        for row in (waiting, running):
            row.refresh_from_db()
        assert (waiting.state, running.state) == (State.CANCELED, State.RUNNING)
        line = AuditEntry.objects.get(action="person_suspended")
        assert (line.person, line.target) == (root, f"person:{cast.ben.person_id}")

    def test_a_team_takes_the_same(self, cast: Cast) -> None:
        moderator = person_of("moderator")
        desk = seated(moderator)
        place = reverse("admin:generations_suspension_team", args=[cast.team.pk])
        team_page = reverse("admin:generations_team_change", args=[cast.team.pk])
        assert f'href="{place}"' in desk.get(team_page).content.decode()
        desk.post(place, {"reason": "Spam", "until": "", "confirmed": "1"})
        made = Suspension.objects.live().get()
        assert (made.team, made.by, made.until) == (cast.team, moderator, None)
        assert AuditEntry.objects.get(action="team_suspended").person == moderator

    def test_change_something_leads_back_to_the_form_with_what_was_typed(self, root: Person, cast: Cast) -> None:
        page = seated(root).post(of_person(cast.ben), {"reason": "Too much.", "again": "1"}).content.decode()
        assert "Too much.</textarea>" in page
        assert 'name="confirmed"' not in page

    @pytest.mark.parametrize(
        ("facts", "words"),
        [
            ({"reason": " "}, "Write why"),
            ({"reason": "x\ufffd"}, "could not be read"),
            ({"reason": "x\0"}, "Null characters"),
            ({"reason": "x" * 10_000}, "at most 300"),
            ({"reason": "x", "until": "tomorrow"}, "Write a day and a time"),
            ({"reason": "x", "until": "2020-01-01T10:00"}, "passed already"),
        ],
    )
    def test_says_at_the_field_what_is_wrong(self, root: Person, cast: Cast, facts: dict[str, str], words: str) -> None:
        answer = seated(root).post(of_person(cast.ben), {**facts, "confirmed": "1"})
        assert answer.status_code == 422
        assert words in answer.content.decode()
        assert not Suspension.objects.exists()

    def test_twice_or_of_the_staff_is_refused_at_the_field(self, root: Person, cast: Cast) -> None:
        desk, sent = seated(root), {"reason": "Too much.", "confirmed": "1"}
        desk.post(of_person(cast.ben), sent)
        again = desk.post(of_person(cast.ben), sent)
        assert again.status_code == 422
        assert "is suspended already. Lift that first" in again.content.decode()
        assert "Suspended already until it is lifted: “Too much.”" in desk.get(of_person(cast.ben)).content.decode()
        own = desk.post(reverse("admin:generations_suspension_person", args=[root.pk]), sent)
        assert "cannot be suspended" in own.content.decode()
        assert Suspension.objects.count() == 1

    @pytest.mark.parametrize("role", ["operator", "staff"])
    def test_is_for_nobody_else(self, cast: Cast, role: str) -> None:
        desk, sent = seated(person_of(role)), {"reason": "Too much.", "confirmed": "1"}
        team = reverse("admin:generations_suspension_team", args=[cast.team.pk])
        assert [desk.post(place, sent).status_code for place in (of_person(cast.ben), team)] == [403, 403]
        assert not Suspension.objects.exists()
        page = desk.get(reverse("admin:generations_person_change", args=[cast.ben.person_id])).content.decode()
        assert "Suspend…" not in page

    def test_of_nobody_is_not_there(self, root: Person) -> None:
        assert seated(root).get(reverse("admin:generations_suspension_person", args=[987654321])).status_code == 404


def of_person(member: Member) -> str:
    return reverse("admin:generations_suspension_person", args=[member.person_id])


def typed(hours: float) -> str:
    return f"{clock.now() + timedelta(hours=hours):%Y-%m-%dT%H:%M}"
