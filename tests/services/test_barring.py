"""Who is shut out is out at once, everywhere, and their work and books end in order (F64)."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from generations import ledger
from generations.models import AuditEntry, Member, Person, State
from generations.services import barring
from generations.services.auditing import audit
from tests.conftest import Cast
from tests.desk import person_of, seated
from tests.making import finish, hand_over, make_waiting

pytestmark = pytest.mark.django_db
SignIn = Callable[[Member], Client]
PEOPLE = reverse("admin:generations_person_changelist")


@pytest.fixture
def root(cast: Cast) -> Person:
    return Person.objects.create_superuser("root@studio.test", "a lamp beside the window", name="Root")


def person(member: object) -> Person:
    found = getattr(member, "person", None)
    assert isinstance(found, Person)
    return found


def test_sessions_end_and_what_waits_goes_back(cast: Cast, root: Person, signed_in: SignIn) -> None:
    client = signed_in(cast.ben)
    running = hand_over(make_waiting(cast.ben))
    waiting = make_waiting(cast.ben)
    assert client.get(reverse("studio")).status_code == 200

    assert barring.shut_out(people=[person(cast.ben)], by=root) == 1
    waiting.refresh_from_db()
    assert client.get(reverse("studio")).status_code == 302
    assert waiting.state == State.CANCELED
    finish(running)
    assert ledger.account_of(cast.ben).held == 0
    assert audit() == []
    line = AuditEntry.objects.get(action="account_shut_out")
    assert (line.actor, line.target) == (f"person:{root.pk}", f"person:{cast.ben.person_id}")


def test_again_changes_nothing_and_they_are_let_in_again(cast: Cast, root: Person) -> None:
    assert [barring.shut_out(people=[person(cast.ben)], by=root) for _ in range(2)] == [1, 0]
    assert [barring.let_in(people=[person(cast.ben)], by=root) for _ in range(2)] == [1, 0]
    assert Person.objects.get(pk=person(cast.ben).pk).is_active
    assert AuditEntry.objects.filter(action__in=["account_shut_out", "account_let_in"]).count() == 2


def test_nobody_shuts_out_themselves_or_the_last_superuser(cast: Cast, root: Person) -> None:
    other = Person.objects.create_superuser("other@studio.test", "a lamp beside the window")
    with pytest.raises(barring.NeededHere, match="your own"):
        barring.shut_out(people=[root], by=root)
    assert barring.shut_out(people=[other], by=root) == 1
    with pytest.raises(barring.NeededHere, match="run the studio"):
        barring.shut_out(people=[root], by=other)
    assert Person.objects.get(pk=root.pk).is_active


def test_only_superusers(cast: Cast, root: Person) -> None:
    with pytest.raises(barring.NotSuperuser):
        barring.shut_out(people=[person(cast.ben)], by=person_of("operator"))
    with pytest.raises(barring.NotSuperuser):
        barring.let_in(people=[person(cast.ben)], by=person(cast.ada))


def test_the_desk_asks_first(cast: Cast, root: Person) -> None:
    desk = seated(root)
    facts = {"action": "shut_out", "_selected_action": [cast.ben.person_id]}
    assert "Every session of theirs ends at once" in desk.post(PEOPLE, facts).content.decode()
    assert Person.objects.get(pk=person(cast.ben).pk).is_active
    assert "1 changed." in desk.post(PEOPLE, {**facts, "confirmed": "1"}, follow=True).content.decode()
    assert not Person.objects.get(pk=person(cast.ben).pk).is_active
    own = {"action": "shut_out", "_selected_action": [root.pk], "confirmed": "1"}
    assert "You cannot close your own" in desk.post(PEOPLE, own, follow=True).content.decode()


def test_a_stranger_finds_no_such_page(cast: Cast, client: Client) -> None:
    assert client.post(PEOPLE, {"action": "shut_out", "_selected_action": [cast.ben.person_id]}).status_code == 302
    assert Person.objects.get(pk=person(cast.ben).pk).is_active
