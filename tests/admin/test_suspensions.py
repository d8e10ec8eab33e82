"""Suspensions are lifted at the desk in one click; and there it is said who may moderate."""

import pytest
from django.test import Client
from django.urls import reverse

from generations.models import Person, Suspension
from generations.services import reviewing
from tests.conftest import Cast
from tests.desk import seated

PEOPLE = "/admin/generations/person/"


@pytest.fixture
def root(cast: Cast) -> Person:
    return Person.objects.create_superuser("root@studio.test", "a lamp beside the window", name="Root")


def act(desk: Client, page: str, action: str, *rows: object) -> str:
    chosen = {"action": action, "_selected_action": [getattr(row, "pk", None) for row in rows]}
    return desk.post(page, data=chosen, follow=True).content.decode()


def test_a_suspension_is_lifted_in_one_click(root: Person, cast: Cast) -> None:
    assert cast.ben.person is not None
    made = reviewing.suspend_person(person=cast.ben.person, by=root, reason="Too much.", until=None)
    page = reverse("admin:generations_suspension_changelist")
    assert "1 lifted. They were told." in act(seated(root), page, "lift", made)
    assert not Suspension.objects.live().exists()


def test_a_superuser_makes_and_unmakes_moderators(root: Person, cast: Cast) -> None:
    vera = cast.vera.person
    assert vera is not None
    desk = seated(root)
    assert "1 changed." in act(desk, PEOPLE, "make_moderators", vera)
    vera.refresh_from_db()
    assert vera.may_moderate
    assert "1 changed." in act(desk, PEOPLE, "take_the_role", vera)
    vera.refresh_from_db()
    assert not vera.is_staff
