"""One walk past every address by everybody: each answers as the table says, carries what it must, and asking writes
nothing (S1 to S3, S6, S9, S10, S22)."""

from collections import Counter, defaultdict

import pytest
from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.test import Client
from django.urls import resolve, reverse

from generations.models import (
    Alert,
    AuditEntry,
    AuditRun,
    Banner,
    Closure,
    CreditAccount,
    Generation,
    Heartbeat,
    Image,
    ImageReport,
    OfferSwitch,
    PromptRule,
    ReviewCase,
    State,
    Suspension,
    clock,
)
from tests.addresses.routes import routes
from tests.addresses.table import AT_THE_DESK, DESK, FEDERATED, LOOKED_AT, MADE_THERE, SENT, TABLE, VISITORS, Row
from tests.addresses.visitors import address, person_of, visitor
from tests.addresses.walking import Step, ask, walk
from tests.conftest import Cast
from tests.headers.rules import broken_by
from tests.simulators.oidc import Organization
from tests.test_accounts_organization import organization

__all__ = ["address", "organization"]

KINDS = ("changelist", "add", "change", "history", "delete")
ASKING = {
    # Whoever looks at a page with work under way looks after the pumps, too.
    "feed": {"generations_lease", "django_q_ormq"},
    # What the browser is to sign, and the secret that is shown, wait in the session for the answer.
    "authenticator_new": {"django_session"},
    "passkey_new": {"django_session"},
    "mfa_login_webauthn": {"django_session"},
    "mfa_reauthenticate_webauthn": {"django_session"},
    # Why the way back did not lead in is told on the next page, and in the audit log a few times an hour.
    "openid_connect_callback": {"django_session", "generations_auditentry"},
}
"""What a GET may write: nothing that is anybody's."""
NAMELESS = ("<path:object_id>/", "(?P<url>.*)$")
OF_ONE = (
    "generation_opening", "image_thumbnail", "creditentry_adjustment", "creditentry_refund", "suspension_person",
    "suspension_team", "suspension_lift", "generation_review", "image_review",
)  # fmt: skip
"""Pages of the desk about one row: the generation, the picture, the account, the person, the team, the suspension; and
to take up the first two in review."""
OF_PRICES = ("price_vendors", "price_vendors_file")
OF_MACHINES = {"csp_report", "callback", "source"}


def desk_row(name: str) -> Row:
    """The row of a page of one model is its own, or that of its kind; so is that of one without a name."""
    if nameless := [kind for kind in NAMELESS if name.endswith(kind)]:
        return DESK[nameless[0]]
    _, _, page = name.partition("generations_")
    return DESK.get(page) or DESK[page.rpartition("_")[2] or name]


@pytest.fixture
def desk(cast: Cast, address: dict[str, str]) -> dict[str, str]:
    """Every address of the desk, about a row of each model."""
    PromptRule.objects.update(team=None)  # a team's own is only looked at there
    OfferSwitch.objects.create(provider="demo", offer_key="painter", because="resting", changed_by="test")
    Alert.objects.tell("test", subject="A lamp", words="It went out.")
    AuditRun.objects.create()
    Heartbeat.objects.stamp("worker")
    Banner.objects.create(words="A lamp is being mended.")
    closure = Closure.objects.create(kind="paused", provider="apixo", reason="A lamp is out.", actor="test")
    Suspension.objects.create(person=cast.vera.person, reason="A test.", lifted_at=clock.now())
    ImageReport.objects.create(case=ReviewCase.objects.all()[0], member=cast.vera, reason="hateful")
    AuditEntry.note("tested", by=cast.ada)
    row = Generation.objects.all()[0]
    root = reverse("admin:index")
    kind = ContentType.objects.get_for_model(Generation)
    found = {name: reverse(f"admin:{name}") for name in DESK if name in {"index", "login", "logout", "jsi18n"}}
    found |= {name: reverse(f"admin:{name}") for name in ("password_change", "password_change_done", "autocomplete")}
    found["view_on_site"] = reverse("admin:view_on_site", args=[kind.pk, row.pk])
    found["app_list"] = reverse("admin:app_list", args=["generations"])
    found["admin/(?P<url>.*)$"] = f"{root}nothing/here/"
    found |= {f"generations_{name}": reverse(f"admin:generations_{name}") for name in OF_PRICES}
    found["generations_closure_beginning"] = reverse("admin:generations_closure_beginning", args=["apikley", "paused"])
    found["generations_closure_ending"] = reverse("admin:generations_closure_ending", args=[closure.pk])
    about = [
        row.pk,
        Image.objects.filter(deleted_at=None).order_by("pk")[0].pk,
        CreditAccount.objects.all()[0].pk,
        row.pk,
        cast.vera.person_id,
        row.team_id,
        Suspension.objects.all()[0].pk,
        row.pk,
        Image.objects.filter(deleted_at=None).order_by("pk")[0].pk,
    ]
    found |= {
        f"generations_{name}": reverse(f"admin:generations_{name}", args=[pk])
        for name, pk in zip(OF_ONE, about, strict=True)
    }
    for model in admin.site._registry:
        label, first = f"{model._meta.app_label}_{model._meta.model_name}", model._default_manager.first()
        assert first is not None, label
        for page in KINDS:
            whose = [] if page in {"changelist", "add"} else [first.pk]
            found[f"{label}_{page}"] = reverse(f"admin:{label}_{page}", args=whose)
        place = f"generations/{model._meta.model_name}"
        found[f"admin/{place}/<path:object_id>/"] = f"{root}{place}/{first.pk}/"
    return found


def test_every_address_is_in_the_table(cast: Cast, desk: dict[str, str]) -> None:
    """Each once: a second route under a name that is known there would go unseen."""
    assert Counter(one.name for one in routes() if not one.desk) == Counter([*TABLE])
    assert Counter(one.name for one in routes() if one.desk) == Counter([*desk])


def test_the_desk_is_about_nothing_but_what_the_table_says() -> None:
    """Rows of the libraries hold secrets of people's sign-ins; pages for them would go past our services."""
    models = {f"{model._meta.app_label}.{model._meta.model_name}" for model in admin.site._registry}
    assert models == {f"generations.{name}" for name in (*LOOKED_AT, *MADE_THERE)}


def steps_past(addresses: dict[str, str]) -> list[Step]:
    return [Step(name, place, method) for name, place in addresses.items() for method in ("GET", "POST")]


def faults(client: Client, steps: list[Step], expected: dict[tuple[str, str], str]) -> dict[str, list[str]]:
    """What is wrong about each answer."""
    wrong: dict[str, list[str]] = defaultdict(list)
    for seen in walk(client, steps):
        wanted = expected[seen.step.name, seen.step.method]
        said = [f"{seen.outcome} instead of {wanted}"] if seen.outcome != wanted else []
        said += broken_by(seen)
        written = seen.wrote - ASKING.get(seen.step.name, set()) if seen.step.method == "GET" else frozenset()
        said += [f"a GET wrote to {table}" for table in written]
        if said:
            wrong[str(seen.step)] = said
    return dict(wrong)


def arrived(cast: Cast, who: str) -> Client:
    """The first page of a session notes where it is used; the walk begins after it."""
    client = visitor(cast, who)
    ask(client, Step("account", reverse("account")))
    return client


@pytest.mark.parametrize("who", VISITORS)
def test_every_address_answers_as_the_table_says(cast: Cast, address: dict[str, str], who: str) -> None:
    """Asked for, sent nothing, and sent what a page would send: then it is done only for those the table names."""
    place, client = VISITORS.index(who), arrived(cast, who)
    expected = {(name, "GET"): row.get[place] for name, row in TABLE.items()}
    expected |= {(name, "POST"): row.post[place] for name, row in TABLE.items()}
    assert faults(client, steps_past(address), expected) == {}

    steps = [Step(name, address[name], "POST", body) for name, (body, _) in SENT.items()]
    expected = {(name, "POST"): outcomes[place] for name, (_, outcomes) in SENT.items()}
    assert faults(client, steps, expected) == {}


@pytest.mark.parametrize("who", VISITORS)
def test_the_way_by_an_organization_answers_as_its_table_says(
    cast: Cast, organization: Organization, address: dict[str, str], who: str
) -> None:
    """Its own addresses, where one is set up. The page on the way there names it, and is no other exception."""
    place, client = VISITORS.index(who), arrived(cast, who)
    expected = {(name, "GET"): row.get[place] for name, row in FEDERATED.items()}
    expected |= {(name, "POST"): row.post[place] for name, row in FEDERATED.items()}
    steps = steps_past({name: address[name] for name in FEDERATED})

    there = [organization.url.removeprefix("http://").encode()]
    assert faults(client, steps, expected) == {"POST organization_login": [f"another origin: {there}"]}


@pytest.mark.parametrize("who", VISITORS)
def test_the_desk_answers_as_its_table_says(cast: Cast, desk: dict[str, str], who: str) -> None:
    place = AT_THE_DESK.index(who if who in AT_THE_DESK else "ada")
    expected = {(name, "GET"): desk_row(name).get[place] for name in desk}
    expected |= {(name, "POST"): desk_row(name).post[place] for name in desk}

    assert faults(arrived(cast, who), steps_past(desk), expected) == {}


def callback_of(name: str, address: dict[str, str]) -> object:
    return resolve(address[name]).func


def test_only_what_machines_send_needs_no_secret(cast: Cast, address: dict[str, str]) -> None:
    """S9: of the views without the form's secret one stores nothing, one has its own, and one takes no post at all."""
    exempt = {name for name in TABLE if getattr(callback_of(name, address), "csrf_exempt", False)}
    assert exempt == OF_MACHINES


def test_a_post_without_the_secret_is_refused(cast: Cast, address: dict[str, str], desk: dict[str, str]) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(person_of(cast.ben))
    places = {name: place for name, place in (address | desk).items() if name not in OF_MACHINES}

    statuses = {name: client.post(place).status_code for name, place in places.items()}
    assert {name: status for name, status in statuses.items() if status != 403} == {}
    assert Generation.objects.filter(state=State.QUEUED).count() == 1
