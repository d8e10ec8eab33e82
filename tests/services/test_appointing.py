"""Roles at the desk are given by superusers, change what they should, and are written down."""

import pytest
from django.urls import reverse

from generations.models import AuditEntry, Person
from generations.models.person import DeskRole
from generations.services import appointing, reviewing
from tests.conftest import Cast
from tests.desk import seated


@pytest.fixture
def root(cast: Cast) -> Person:
    return Person.objects.create_superuser("root@studio.test", "a lamp beside the window", name="Root")


@pytest.fixture
def vera(cast: Cast) -> Person:
    assert cast.vera.person is not None
    return cast.vera.person


def test_a_moderator_is_on_the_staff_until_the_role_is_taken(root: Person, vera: Person) -> None:
    assert appointing.appoint(people=[vera], role=DeskRole.MODERATOR, by=root) == 1
    vera.refresh_from_db()
    assert (vera.is_staff, vera.may_moderate) == (True, True)
    assert appointing.appoint(people=[vera], role=DeskRole.MODERATOR, by=root) == 0

    assert appointing.appoint(people=[vera], role=DeskRole.NONE, by=root) == 1
    vera.refresh_from_db()
    assert (vera.is_staff, vera.may_moderate) == (False, False)
    lines = AuditEntry.objects.filter(action="desk_role_changed", target=f"person:{vera.pk}").order_by("pk")
    assert [(line.person, line.before, line.after) for line in lines] == [
        (root, {"role": ""}, {"role": "moderator"}),
        (root, {"role": "moderator"}, {"role": ""}),
    ]


def test_superusers_stay_on_the_staff_without_a_role(root: Person) -> None:
    appointing.appoint(people=[root], role=DeskRole.MODERATOR, by=root)
    appointing.appoint(people=[root], role=DeskRole.NONE, by=root)
    root.refresh_from_db()
    assert (root.is_staff, root.may_moderate) == (True, True)


def test_nobody_else_gives_roles(vera: Person, cast: Cast) -> None:
    assert cast.ada.person is not None
    with pytest.raises(appointing.NotSuperuser):
        appointing.appoint(people=[vera], role=DeskRole.MODERATOR, by=cast.ada.person)
    vera.refresh_from_db()
    assert not vera.is_staff


def test_who_is_suspended_gets_no_role_until_that_is_over(root: Person, vera: Person, cast: Cast) -> None:
    assert cast.ben.person is not None
    made = reviewing.suspend_person(person=vera, by=root, reason="Insulting pictures", until=None)
    with pytest.raises(appointing.Unfit, match=r"Vera is suspended until the studio’s staff lift it\."):
        appointing.appoint(people=[cast.ben.person, vera], role=DeskRole.MODERATOR, by=root)
    assert not Person.objects.filter(desk_role=DeskRole.MODERATOR).exists()

    reviewing.lift(suspension=made, by=root)
    assert appointing.appoint(people=[vera], role=DeskRole.MODERATOR, by=root) == 1


def test_the_desk_says_so(root: Person, vera: Person) -> None:
    reviewing.suspend_person(person=vera, by=root, reason="Insulting pictures", until=None)
    facts = {"action": "make_moderators", "_selected_action": [vera.pk], "confirmed": "1"}
    answer = seated(root).post(reverse("admin:generations_person_changelist"), facts, follow=True)

    assert "Vera is suspended until the studio’s staff lift it." in answer.content.decode()
    vera.refresh_from_db()
    assert not vera.is_staff
