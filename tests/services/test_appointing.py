"""Roles at the desk are given by superusers, change what they should, and are written down."""

import pytest

from generations.models import AuditEntry, Person
from generations.models.person import DeskRole
from generations.services import appointing
from tests.conftest import Cast


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
