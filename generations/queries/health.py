"""What the database says of itself: are the rules it should enforce really there?"""

from django.apps import apps
from django.db import connection


def missing_constraints() -> list[str]:
    """The names of constraints and unique indexes our models declare and the database does not have (I16)."""
    missing = []
    with connection.cursor() as cursor:
        for model in apps.get_app_config("generations").get_models():
            there = set(connection.introspection.get_constraints(cursor, model._meta.db_table))
            missing += [rule.name for rule in model._meta.constraints if rule.name not in there]
    return sorted(missing)
