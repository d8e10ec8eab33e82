"""Mass assignment (S23): a form takes what it shows and nothing else, whatever more is sent with it.

Each form is sent twice, once as its page sends it and once with every field somebody might try; both must leave the
database the same, but for what is new each time: ids, moments, secrets.
"""

import re
import uuid
from collections import Counter
from copy import copy
from typing import Any

from django.apps import apps
from django.db import models, transaction
from django.test import Client

from generations.models import Credential, Member, Person
from tests.addresses.table import SENT
from tests.addresses.visitors import address, person_of, visitor
from tests.conftest import PASSWORD, Cast

__all__ = ["address"]

FORMS: dict[str, tuple[str, dict[str, str]]] = {
    "batches": ("ben", SENT["batches"][0]),
    "image_upscale": ("ben", SENT["image_upscale"][0]),
    "image_privacy": ("ben", {"private": "1"}),
    "generation_cancellation": ("ben", {}),
    "generation_retry": ("ben", {}),
    "account": ("ben", {"theme": "dark"}),
    "account profile": ("ben", {"name": "Benno", "time_zone": "", "notify_by_mail": "on"}),
    "account_change_password": ("ben", SENT["account_change_password"][0]),
    "inbox_reading": ("ben", {}),
    "recovery_codes": ("ben", {}),
    "sessions_end": ("ben", {}),
    "session_end": ("ben", {}),
    "passkey_removal": ("ben", {}),
    "invitation": ("anonymous", {"name": "Gus", "email": "gus@elsewhere.test", "password": PASSWORD}),
    "invitation by a member": ("mallory", {}),
    "account_login": ("anonymous", {"login": "vera@studio.test", "password": PASSWORD}),
    "team_settings": ("otto", SENT["team_settings"][0]),
    "invitations": ("otto", {"emails": "friend@studio.test", "role": "viewer"}),
    "invitations by link": ("otto", {"emails": "", "role": "viewer"}),
    "invitation_renewal": ("otto", {}),
    "invitation_removal": ("otto", {}),
    "brake": ("ben", SENT["brake"][0]),
    "asks": ("otto", SENT["asks"][0]),
    "ask": ("otto", SENT["ask"][0]),
    "member_credits": ("otto", SENT["member_credits"][0]),
    "member_allowance": ("otto", SENT["member_allowance"][0]),
    "member_storage": ("otto", SENT["member_storage"][0]),
    "books_proof": ("otto", {}),
    "review_claim": ("otto", {"on": "1"}),
    "review_opening": ("otto", {}),
    "review_decision": ("otto", SENT["review_decision"][0]),
    "review_purge": ("otto", {"words": "twice"}),
    "review_reversal": ("otto", {"words": "a mistake"}),
    "member_role": ("otto", {"role": "viewer"}),
    "member_removal": ("otto", {"heir": ""}),
    "member_password": ("ada", {}),
    "account_deletion": ("ben", {"password": PASSWORD}),
    "team_choice": ("ben", {"place": "library"}),
    "credential_new": ("otto", {"provider": "demo", "label": "Second", "running_max": "", "hourly_max": ""}),
    "credential_details": ("otto", {"label": "Renamed", "running_max": "", "hourly_max": ""}),
    "credential_replacement": ("otto", {"key": "a-key-that-is-long-enough"}),
    "credential_pause": ("otto", {}),
    "credential_place": ("otto", {}),
    "credential_proof": ("otto", {}),
    "credential_removal": ("otto", {}),
}
"""Who sends it, and what its page would send. After the name of the address may stand which of its forms it is."""
NEW_EACH_TIME = (
    "token", "hash", "seal", "password", "idempotency", "transfer", "request_key", "session", "secret", "data",
    "request_id",
)  # fmt: skip
UNTOLD = {"django_session", "studio_cache", "django_q_ormq", "generations_lease", "generations_heartbeat"}
"""What a request may note about itself."""
MENTION, IN_A_PATH = re.compile(r"\b([a-z]+):(\d+)\b"), re.compile(r"/\d+/")
"""A row named in words or in an address. What is undone gives its number back on SQLite alone."""


def extras(cast: Cast) -> dict[str, str]:
    """Every name of a column, with a value that would be a prize."""
    other, owner = cast.mallory, cast.ada
    prizes: dict[str, object] = dict.fromkeys(("user", "person"), other.person_id)
    prizes |= dict.fromkeys(("member", "kept_by", "invited_by"), other.pk)
    prizes |= dict.fromkeys(("id", "pk", "accepted_by"), owner.pk)
    prizes |= dict.fromkeys(("amount", "posted", "balance", "credits"), 10**6)
    prizes |= dict.fromkeys(("price", "held", "position"), 0)
    prizes |= dict.fromkeys(("groups", "user_permissions", "account"), 1)
    prizes |= dict.fromkeys(("retry_of", "source", "parent", "batch"), uuid.UUID(int=0))
    prizes |= dict.fromkeys(("is_staff", "is_superuser", "is_private", "owner", "verified", "primary"), "on")
    prizes |= dict.fromkeys(("is_active", "left_at", "deleted_at", "paused_until", "webhook_key"), "")
    prizes |= dict.fromkeys(("ends_at", "expires_at", "joined_at", "last_login", "created_at"), "2099-01-01")
    prizes |= {"team": other.team_id, "state": "succeeded", "operation": "upscale", "offer_key": "sketcher"}
    prizes |= {
        "credential": Credential.objects.filter(team=other.team).order_by("pk")[0].pk,
        "base_url": "https://evil.test",
    }
    prizes |= {"vendor_task_id": "mine", "lease_token": "x", "sealed_key": "x", "last_four": "0000", "proved": "ok"}
    by_role = {
        "role": "owner",
        "email": "taken@evil.test",
        "private": "0",
        "heir": cast.ben.pk,
        "starting_credits": 10**6,
    }
    return {name: str(value) for name, value in (prizes | by_role).items()}


def legitimate(name: str, extra: dict[str, str]) -> dict[str, str]:
    """Without the fields that this form shows, which its own body leaves empty on purpose."""
    own = {"webhook_key"} if name.startswith("credential_") else set()
    return {key: value for key, value in extra.items() if key not in own}


def database(known: dict[Any, set[Any]]) -> Counter[Any]:
    """Every row of every table without what is new each time; of a row it belongs to only whether that is a new one."""
    rows: Counter[Any] = Counter()
    for model in known:
        fields = [one for one in model._meta.concrete_fields if not is_new(one)]
        names = [one.attname for one in fields] or ["pk"]
        for values in model._default_manager.values_list(*names):
            facts = (told(field, value, known) for field, value in zip(fields, values, strict=False))
            rows[model._meta.db_table, tuple(facts)] += 1
    return rows


def is_new(field: Any) -> bool:
    by_kind = field.primary_key or isinstance(field, models.DateTimeField)
    return by_kind or any(word in field.name for word in NEW_EACH_TIME)


def told(field: Any, value: Any, known: dict[Any, set[Any]]) -> str:
    if field.is_relation and value is not None and value not in known.get(field.related_model, set()):
        return "a new one"
    numbers = {model._meta.model_name: rows for model, rows in known.items()}
    text = IN_A_PATH.sub("/n/", repr(value))
    return MENTION.sub(lambda one: one[0] if int(one[2]) in numbers.get(one[1], {int(one[2])}) else one[1], text)


def sent(client: Client, place: str, body: dict[str, str]) -> tuple[int, Counter[Any], Counter[Any]]:
    """The status, and which rows are there afterwards that were not, and the other way round; then all is undone."""
    kept, cookies = transaction.savepoint(), copy(client.cookies)
    tables = [one for one in apps.get_models(include_auto_created=True) if one._meta.db_table not in UNTOLD]
    known = {model: set(model._default_manager.values_list("pk", flat=True)) for model in tables}
    before = database(known)
    status = client.post(place, body).status_code
    after = database(known)
    transaction.savepoint_rollback(kept)
    client.cookies = cookies
    return status, after - before, before - after


def test_a_form_takes_nothing_but_its_own_fields(cast: Cast, address: dict[str, str]) -> None:
    clients = {who: visitor(cast, who) for who in ("anonymous", "ben", "otto", "ada", "mallory")}
    for who in clients.keys() - {"anonymous"}:
        clients[who].get("/account/")
    for form, (who, body) in FORMS.items():
        name = form.partition(" ")[0]
        plainly = sent(clients[who], address[name], body)
        stuffed = sent(clients[who], address[name], legitimate(name, extras(cast)) | body)

        assert plainly[0] in {200, 302}, form
        assert stuffed[0] == plainly[0], form
        for there, here in zip(stuffed[1:], plainly[1:], strict=True):
            assert [*(there - here), *(here - there)] == [], form


def test_nobody_rises_by_a_form(cast: Cast, address: dict[str, str]) -> None:
    """All of them, one after the other, by everybody, for good: no one is staff, no one changed team or rank."""
    ranks = dict(Member.objects.values_list("pk", "role"))
    for form, (_, body) in FORMS.items():
        name = form.partition(" ")[0]
        if name not in {
            "member_role",
            "member_removal",
            "invitation",
            "sessions_end",
            "account_change_password",
            "account_deletion",
        }:
            for who in ("vera", "ben", "mallory"):
                visitor(cast, who).post(address[name], extras(cast) | body)

    assert not Person.objects.filter(is_staff=True).exists()
    assert not Person.objects.filter(is_superuser=True).exists()
    assert dict(Member.objects.filter(pk__in=ranks).values_list("pk", "role")) == ranks
    assert {person_of(one).email for one in (cast.ada, cast.ben)} == {"ada@studio.test", "ben@studio.test"}
