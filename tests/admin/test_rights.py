"""The matrix of roles at the desk: every page and every act, by everybody (S58). What is new there needs a row here."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.db import models
from django.test import Client, RequestFactory
from django.urls import reverse

from generations.admin import rights
from generations.admin.records import Desk
from generations.models import (
    Alert,
    AuditEntry,
    AuditRun,
    Banner,
    Closure,
    Heartbeat,
    OfferSwitch,
    Person,
    Price,
    Shut,
    Suspension,
    clock,
)
from generations.services import boards, marking, reviewing
from tests.conftest import Cast
from tests.desk import person_of, seated
from tests.making import finish_one, make_waiting
from tests.prompts import block, make_rule

VISITORS = ("superuser", "operator", "moderator", "staff", "member", "anonymous")
"""The last three: on the staff without a role, an owner of a team, and nobody."""

# S: superusers, O: operators, M: moderators. Where nobody is named, the page is there and is nobody's.
MATRIX = """
generation    list SOM | change SOM | add - | delete - | look_again SO | stop SO | retry SO
image         list SOM | change SOM | add - | delete -
person        list SOM | change SOM | add - | delete - | make_moderators S | make_operators S | take_the_role S \
              | shut_out S | let_in S
team          list SOM | change SOM | add - | delete -
member        list SOM | change SOM | add - | delete -
creditaccount list SO  | change SO  | add - | delete -
creditentry   list SO  | change SO  | add SO | delete -
price         list SO  | change SO  | add S | delete S
offerswitch   list SO  | change SO  | add SO | delete -
credential    list SO  | change SO  | add S | delete - | test SO | switch_off SO | switch_on SO | remove S
alert         list SO  | change SO  | add - | delete - | resolve SO
auditentry    list SO  | change SO  | add - | delete - | export S
auditrun      list SO  | change SO  | add - | delete -
heartbeat     list SO  | change SO  | add - | delete -
suspension    list SOM | change SOM | add - | delete - | lift SM
board         list SM  | change SM  | add - | delete - | remove SM
reviewcase    list SM  | change SM  | add - | delete -
imagereport   list SM  | change SM  | add - | delete -
promptrule    list SM  | change SM  | add SM | delete SM
rulehit       list SM  | change SM  | add - | delete -
note          list SM  | change SM  | add - | delete SM
tag           list SM  | change SM  | add - | delete SM
closure       list SO  | change SO  | add - | delete -
banner        list SO  | change SO  | add SO | delete - | take_down SO
"""
# Pages that are no list, and no row's own; a POST is marked.
VIEWS = {
    "index": "SOM+",
    "app_list": "SOM",
    "generations_price_vendors": "SO",
    "generations_price_vendors_file": "SO",
    "generations_generation_opening": "SOM",
    "generations_image_thumbnail": "SOM",
    "generations_generation_review": "SM",
    "generations_image_review": "SM",
    "generations_creditentry_adjustment": "SO",
    "generations_creditentry_refund": "SO",
    "generations_suspension_person": "SM",
    "generations_suspension_team": "SM",
    "generations_suspension_lift": "SM",
    "generations_closure_beginning": "SO",
    "generations_closure_ending": "SO",
}
POSTED = {
    "generations_generation_opening",
    "generations_suspension_lift",
    "generations_generation_review",
    "generations_image_review",
}
LETTERS = {"superuser": "S", "operator": "O", "moderator": "M", "staff": "+"}
PAGES = ("list", "change", "add", "delete")


def expected() -> dict[str, dict[str, str]]:
    """By model and page or act, the letters of who may."""
    rows: dict[str, dict[str, str]] = {}
    for line in MATRIX.strip().splitlines():
        name, _, rest = line.partition(" ")
        cells = (cell.split() for cell in rest.split("|"))
        rows[name] = {what: "" if who == "-" else who for what, who in cells}
    return rows


@pytest.fixture
def rows(cast: Cast) -> dict[str, Any]:
    """One row of every model."""
    image = finish_one(cast.ben)
    boards.make(member=cast.ben, name="Ceramics", is_private=False)
    reviewing.report(member=cast.vera, image=image, reason="hateful")
    OfferSwitch.objects.create(provider="demo", offer_key="painter", because="resting", changed_by="test")
    Alert.objects.tell("test", subject="A lamp", words="It went out.")
    AuditRun.objects.create()
    Heartbeat.objects.stamp("worker")
    Suspension.objects.create(person=cast.vera.person, reason="A test.", lifted_at=clock.now())
    AuditEntry.note("tested", by=cast.ada)
    make_rule(Person.objects.create_superuser("author@studio.test", "a lamp beside the window"))
    block(cast.mallory, "an emblem")
    Closure.objects.create(kind=Shut.DRAINING, provider="apixo", reason="A test.", actor="test")
    Banner.objects.create(words="A test.")
    marking.tag(member=cast.ben, images=[image], names=["lamps"])
    marking.note(member=cast.ben, image=image, text="For the hallway")
    soon = clock.now() + timedelta(days=1)
    later = Price.objects.create(provider="demo", offer_key="painter", credits=5, choice="", starts_at=soon)
    found = {desk.opts.model_name or "": model._default_manager.order_by("-pk").first() for model, desk in desks()}
    return found | {"price": later, "generation": make_waiting(cast.ben), "image": image}


def desks() -> Iterator[tuple[type[models.Model], Any]]:
    yield from admin.site._registry.items()


def visitor(cast: Cast, who: str) -> Client:
    client = Client()
    if who == "anonymous":
        return client
    if who == "member":
        assert cast.ada.person is not None
        return seated(cast.ada.person)
    person = person_of(who)
    person.user_permissions.set(Permission.objects.all())  # Django's own give nothing here
    return seated(person)


def is_let(client: Client, address: str, *, post: bool = False, **body: Any) -> bool:
    """Whether the answer is the page: others are refused, or led to the login or away from the desk."""
    answer = client.post(address, body) if post else client.get(address)
    answer.close()  # a picture is a file
    if answer.status_code == 302 and post:
        return answer.headers["Location"].startswith(("/admin/generations/", "/review/"))
    assert answer.status_code in {200, 302, 403, 404}, (address, answer.status_code)
    return answer.status_code == 200


def place(model: str, page: str, row: Any) -> str:
    name = f"admin:generations_{model}_{'changelist' if page == 'list' else page}"
    return reverse(name, args=[] if page in {"list", "add"} else [row.pk])


@pytest.mark.parametrize("who", VISITORS)
def test_every_page_opens_for_whom_the_matrix_names(cast: Cast, rows: dict[str, Any], who: str) -> None:
    client, letter, wrong = visitor(cast, who), LETTERS.get(who, "?"), []
    for model, cells in expected().items():
        for page in PAGES:
            let = is_let(client, place(model, page, rows[model]))
            if let != (letter in cells[page]):
                wrong.append((model, page, let))
    assert wrong == []


@pytest.mark.parametrize("who", VISITORS)
def test_every_act_is_offered_to_whom_the_matrix_names(cast: Cast, rows: dict[str, Any], who: str) -> None:
    """Whoever is not offered it is not heard when they send it all the same: the admin asks the same question."""
    client, letter, wrong = visitor(cast, who), LETTERS.get(who, "?"), []
    for model, cells in expected().items():
        answer = client.get(place(model, "list", rows[model]))
        page = answer.content.decode() if answer.status_code == 200 else ""
        for act in cells.keys() - set(PAGES):
            offered = f'<option value="{act}">' in page
            if offered != (letter in cells[act]):
                wrong.append((model, act, offered))
    assert wrong == []


@pytest.mark.parametrize("who", VISITORS)
def test_every_other_page_opens_for_whom_it_is(cast: Cast, rows: dict[str, Any], who: str) -> None:
    client, letter, wrong = visitor(cast, who), LETTERS.get(who, "?"), []
    about = {
        "app_list": ["generations"],
        "generations_generation_opening": [rows["generation"].pk],
        "generations_image_thumbnail": [rows["image"].pk],
        "generations_generation_review": [rows["generation"].pk],
        "generations_image_review": [rows["image"].pk],
        "generations_creditentry_adjustment": [rows["creditaccount"].pk],
        "generations_creditentry_refund": [rows["image"].generation_id],
        "generations_suspension_person": [rows["suspension"].person_id],
        "generations_suspension_team": [rows["team"].pk],
        "generations_suspension_lift": [rows["suspension"].pk],
        "generations_closure_beginning": ["demo", "paused"],
        "generations_closure_ending": [rows["closure"].pk],
    }
    for name, letters in VIEWS.items():
        let = is_let(client, reverse(f"admin:{name}", args=about.get(name, [])), post=name in POSTED)
        if let != (letter in letters):
            wrong.append((name, let))
    assert wrong == []


def test_the_matrix_names_every_page_and_act_there_is() -> None:
    found = {desk.opts.model_name: {*PAGES, *(name for name in desk.actions or ())} for _, desk in desks()}
    assert found == {model: set(cells) for model, cells in expected().items()}


def test_what_is_registered_has_a_row_of_rights_and_obeys_it() -> None:
    for model, desk in desks():
        assert model._meta.model_name in rights.RIGHTS, f"{model} needs a row in admin/rights.py"
        assert isinstance(desk, Desk), f"{model} must be shown by a Desk"


@pytest.mark.django_db
def test_what_has_no_row_is_nobodys() -> None:
    class Unlisted(Desk):
        pass

    desk = Unlisted(Permission, admin.AdminSite())
    request = RequestFactory().get("/")
    request.user = person_of("superuser")
    asked = (desk.has_view_permission, desk.has_change_permission, desk.has_add_permission, desk.has_module_permission)
    assert [ask(request) for ask in asked] == [False] * 4


@pytest.mark.django_db
def test_who_left_the_staff_or_the_studio_has_no_role() -> None:
    person = person_of("operator")
    assert rights.may(person, "generation", rights.STEER)
    for change in ({"is_staff": False, "is_active": True}, {"is_staff": True, "is_active": False}):
        Person.objects.filter(pk=person.pk).update(**change)
        person.refresh_from_db()
        assert (rights.role_of(person), person.may_operate) == ("", False)
        assert not rights.may(person, "generation", rights.LOOK)
