"""Drops constraints one by one, asks /readyz and puts each back, on the database of the environment; prints JSON."""

import json
import os
import sys
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "imagine_site.settings")
django.setup()

from django.apps import apps  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import setup_test_environment  # noqa: E402


def ready() -> list[Any]:
    """The status, and what is said about constraints: no worker runs here."""
    answer = Client().get("/readyz")
    return [answer.status_code, [words for words in answer.json()["troubles"] if "constraint" in words]]


def without(model_name: str, name: str) -> dict[str, Any]:
    """What is said before that constraint is dropped, while it is gone and after it is back."""
    model = apps.get_model("generations", model_name)
    declared = model._meta.constraints
    rule = next(rule for rule in declared if rule.name == name)
    told = {"before": ready()}
    model._meta.constraints = [
        other for other in declared if other is not rule
    ]  # SQLite makes the table anew from them
    with connection.schema_editor() as editor:
        editor.remove_constraint(model, rule)
    model._meta.constraints = declared
    try:
        told["without"] = ready()
    finally:
        with connection.schema_editor() as editor:
            editor.add_constraint(model, rule)
    return told | {"after": ready()}


if __name__ == "__main__":
    setup_test_environment()
    asked = [word.split(".") for word in sys.argv[1:]]
    print(json.dumps({name: without(model, name) for model, name in asked}))  # noqa: T201  # the answer
