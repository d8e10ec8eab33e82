"""I15: no text column anywhere holds a provider's secret in plain words.

Every secret that can be opened is looked for in every text column of every table, the libraries' tables included. What
is found is named by table, row and column; the secret itself is in no finding, no log and no query we write down.
"""

from collections.abc import Collection, Iterator
from functools import reduce
from operator import or_
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models.functions import Cast
from django.views.decorators.debug import sensitive_variables

from generations import connections
from generations.models import Credential
from generations.services.auditing.findings import Finding
from generations.vault import Unreadable, Vault

TEXT = (models.CharField, models.TextField, models.JSONField, models.FileField)
CHARACTERS_MIN = 8
"""A shorter one would be found in ordinary words, and is nothing a vendor gives out."""
AT_ONCE = 20


@sensitive_variables()
def plaintext(rule: str, *, tables: Collection[str] | None = None) -> Iterator[Finding]:
    """I15: a secret is nowhere but in its sealed column; in all tables, or in these alone."""
    known = sorted(_known())
    for model, columns in _searched():
        if tables is None or model._meta.db_table in tables:
            for some in _batches(known):
                yield from _hits(rule, model, columns, some)


def tables_with_words() -> list[str]:
    """The name of every table that is searched."""
    return [model._meta.db_table for model, _ in _searched()]


def _searched() -> Iterator[tuple[type[models.Model], list[str]]]:
    for model in apps.get_models(include_auto_created=True):
        columns = [one.name for one in model._meta.local_concrete_fields if isinstance(one, TEXT)]
        if columns and model._meta.managed and not model._meta.proxy:
            yield model, columns


@sensitive_variables()
def _hits(rule: str, model: type[models.Model], columns: list[str], secrets: list[str]) -> Iterator[Finding]:
    as_text: dict[str, Any] = {f"text_of_{name}": Cast(name, models.TextField()) for name in columns}
    wanted = [models.Q(**{f"{column}__contains": secret}) for column in as_text for secret in secrets]
    rows = models.QuerySet(model).annotate(**as_text).filter(reduce(or_, wanted)).order_by("pk")
    for pk, *texts in rows.values_list("pk", *as_text):
        for name, text in zip(columns, texts, strict=True):
            if text is not None and any(secret in text for secret in secrets):
                words = f"holds a vendor's secret in plain words in its column {name}"
                yield Finding(rule=rule, subject=model._meta.db_table, id=str(pk), words=words)


@sensitive_variables()
def _known() -> set[str]:
    """Every secret of a vendor we can open."""
    sealed = Credential.objects.exclude(sealed_key="", sealed_webhook_key="").order_by("pk")
    rows = list(sealed)
    if not rows:
        return set()
    try:
        opener = connections.vault()
    except ValueError:
        return set()
    found = set()
    for row in rows:
        found.add(_opened(opener, row.sealed_key, connections.key_place(row)))
        found.add(_opened(opener, row.sealed_webhook_key, connections.webhook_key_place(row)))
    return {secret for secret in found if len(secret) >= CHARACTERS_MIN}


@sensitive_variables()
def _opened(opener: Vault, sealed: str, place: str) -> str:
    """The secret, or nothing where there is none or it cannot be opened: then it is nobody's to leak."""
    try:
        return opener.open(sealed, binding=place) if sealed else ""
    except Unreadable:
        return ""


def _batches(secrets: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(secrets), AT_ONCE):
        yield secrets[start : start + AT_ONCE]
