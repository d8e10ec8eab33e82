"""Drops constraints one by one, asks /readyz and puts each back, on the database of the environment; prints JSON."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "imagine_site.settings")
django.setup()

from django.apps import apps  # noqa: E402
from django.db import connection, models  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import setup_test_environment  # noqa: E402


def ready() -> list[Any]:
    """The status, and what is said about constraints: no worker runs here."""
    answer = Client().get("/readyz")
    return [answer.status_code, [words for words in answer.json()["troubles"] if words.startswith("In the database")]]


def without(model_name: str, name: str) -> dict[str, Any]:
    """What is said before that constraint is dropped, while it is gone and after it is back."""
    model = apps.get_model("generations", model_name)
    told = {"before": ready()}
    rule = next((rule for rule in model._meta.constraints if rule.name == name), None)
    with _dropped(model, rule) if rule else _no_longer_unique(model, name):
        told["without"] = ready()
    return told | {"after": ready()}


@contextmanager
def _dropped(model: type[models.Model], rule: models.BaseConstraint) -> Iterator[None]:
    declared = model._meta.constraints
    model._meta.constraints = [
        other for other in declared if other is not rule
    ]  # SQLite makes the table anew from them
    with connection.schema_editor() as editor:
        editor.remove_constraint(model, rule)
    model._meta.constraints = declared
    try:
        yield
    finally:
        with connection.schema_editor() as editor:
            editor.add_constraint(model, rule)


@contextmanager
def _no_longer_unique(model: type[models.Model], name: str) -> Iterator[None]:
    declared = next(field for field in model._meta.concrete_fields if field.name == name)
    loose = copy(declared)
    loose._unique = False  # type: ignore[attr-defined]  # what `unique` is read from, and then kept
    loose.__dict__.pop("unique", None)
    with connection.schema_editor() as editor:
        editor.alter_field(model, declared, loose)
    try:
        yield
    finally:
        with connection.schema_editor() as editor:
            editor.alter_field(model, loose, declared)


if __name__ == "__main__":
    setup_test_environment()
    asked = [word.split(".") for word in sys.argv[1:]]
    print(json.dumps({name: without(model, name) for model, name in asked}))  # noqa: T201  # the answer
