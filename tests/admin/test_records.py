"""The desk of the staff: everything to look at, nothing that bypasses the services, no way to name code."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django_q.models import Failure, OrmQ, Schedule, Success

from generations.models import Person, State
from tests.conftest import Cast
from tests.desk import seated
from tests.making import fail_one, finish_one

OURS = sorted(model._meta.model_name or "" for model in admin.site._registry if model._meta.app_label == "generations")
ADDED_THERE = {"banner", "credential", "creditentry", "offerswitch", "price", "promptrule"}
"""What superusers make at the desk, by services."""


@pytest.fixture
def staff(cast: Cast) -> Client:
    return seated(Person.objects.create_superuser("staff@studio.test", "a lamp beside the window"))


def test_no_page_of_the_queue_is_there() -> None:
    """S62: a schedule could name any function, a stored job is a pickle."""
    for model in (Failure, OrmQ, Schedule, Success):
        assert not admin.site.is_registered(model)


@pytest.mark.parametrize("model", OURS)
def test_a_list_shows_rows_and_costs_the_same_however_many(cast: Cast, staff: Client, model: str) -> None:
    counts = []
    for _ in range(2):
        finish_one(cast.ben)
        fail_one(cast.ben)
        with CaptureQueriesContext(connection) as queries:
            page = staff.get(reverse(f"admin:generations_{model}_changelist"))
        assert page.status_code == 200
        counts.append(len(queries))

    assert counts[0] == counts[1]


@pytest.mark.parametrize("model", sorted(set(OURS) - ADDED_THERE))
def test_nothing_else_is_added_there(cast: Cast, staff: Client, model: str) -> None:
    assert staff.get(reverse(f"admin:generations_{model}_add")).status_code == 403


def test_a_line_of_the_ledger_is_added_by_the_grant_form_alone(cast: Cast, staff: Client) -> None:
    page = staff.get(reverse("admin:generations_creditentry_add"))
    fields = set(page.context["adminform"].form.fields)

    assert (page.status_code, fields) == (200, {"team", "to", "amount", "reason", "key"})


@pytest.mark.parametrize("model", OURS)
def test_staff_without_all_rights_add_nothing(cast: Cast, model: str) -> None:
    """Not even with the permission that Django has for it."""
    person = Person.objects.create_user("desk@studio.test", "a lamp beside the window", is_staff=True)
    person.user_permissions.set(Permission.objects.filter(content_type__app_label="generations"))

    assert seated(person).get(reverse(f"admin:generations_{model}_add")).status_code == 403


def test_one_generation_shows_its_moves_and_cannot_be_edited(cast: Cast, staff: Client) -> None:
    row = finish_one(cast.ben).generation
    address = reverse("admin:generations_generation_change", args=[row.pk])
    page = staff.get(address).content.decode()

    for event in row.events.all():
        assert State(event.to_state).label in page
    assert row.attempts.get().token_hash not in page
    assert staff.post(address, {"state": "failed"}).status_code == 403


def test_people_without_a_badge_are_sent_away(cast: Cast) -> None:
    client = Client()
    answer = client.get("/admin/", follow=True)
    assert answer.redirect_chain[-1][0].startswith(reverse("account_login"))
    assert cast.ada.person is not None
    client.force_login(cast.ada.person)
    assert client.get(reverse("admin:generations_person_changelist")).status_code in {302, 403}


def test_the_stock_sign_in_is_not_there(cast: Cast) -> None:
    """S18: it would skip the limits of ours."""
    answer = Client().post("/admin/login/", {"username": "staff@studio.test", "password": "a lamp beside the window"})

    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(reverse("account_login"))
