"""Whether the database's own catalogue has every constraint that truth here rests on (I16).

A restore by hand, a repair or a half-done migration may lose one, and nothing would look different until it is needed.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import connection, models
from django.db.backends.utils import CursorWrapper

Found = Mapping[str, Mapping[str, Any]]
PARTIAL = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'index' AND sql LIKE '% WHERE %'",
    "postgresql": "SELECT relname FROM pg_index JOIN pg_class ON oid = indexrelid WHERE indpred IS NOT NULL",
}
"""Unique indexes that hold for some rows only."""
CATALOGUE = {
    "sqlite": ("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name",),
    "postgresql": (
        "SELECT conrelid::regclass::text, conname, contype, convalidated, pg_get_constraintdef(oid) "
        "FROM pg_constraint WHERE connamespace = current_schema()::regnamespace ORDER BY 1, 2",
        "SELECT indexrelid::regclass::text, indisunique, indisvalid, pg_get_indexdef(indexrelid) FROM pg_index "
        "JOIN pg_class ON oid = indexrelid WHERE relnamespace = current_schema()::regnamespace ORDER BY 1",
        "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1",
    ),
}
INVALID = {
    "postgresql": (
        "SELECT conname FROM pg_constraint WHERE NOT convalidated UNION "
        "SELECT relname FROM pg_index JOIN pg_class ON oid = indexrelid WHERE NOT indisvalid"
    )
}
"""Those the database has and does not vouch for."""


@dataclass(frozen=True)
class Lack:
    """`subject` is a table or a constraint, `name` which one, `words` what is wrong with it."""

    subject: str
    name: str
    words: str


_seen: dict[str, list[Lack]] = {}
"""What was wrong with the catalogue of this print: reading it table by table takes long, and it hardly changes."""


def lacking() -> list[Lack]:
    """What is not as the models declare it: tables with their keys, unique indexes and checks. At most three statements
    while the catalogue stays as it was.
    """
    with connection.cursor() as cursor:
        print_of_it = _print(cursor)
        if print_of_it not in _seen:
            lacks = [Lack(*one) for one in _faults(cursor)]
            _seen.clear()
            _seen[print_of_it] = lacks
    return _seen[print_of_it]


def _print(cursor: CursorWrapper) -> str:
    """Everything the catalogue says of tables, indexes and constraints, as one short text."""
    digest = hashlib.sha256(connection.vendor.encode())
    for question in CATALOGUE[connection.vendor]:
        cursor.execute(question)
        digest.update(repr(cursor.fetchall()).encode())
    return digest.hexdigest()


def _faults(cursor: CursorWrapper) -> Iterator[tuple[str, str, str]]:
    tables = set(connection.introspection.table_names(cursor))
    partial, invalid = _names(cursor, PARTIAL), _names(cursor, INVALID)
    for model in apps.get_models(include_auto_created=True):
        meta = model._meta
        if not meta.managed or meta.proxy:
            continue
        if meta.db_table not in tables:
            yield "table", meta.db_table, "is missing"
            continue
        found = connection.introspection.get_constraints(cursor, meta.db_table)
        for name, words in _missing(model, found, partial, invalid):
            yield "constraint", f"{meta.db_table}.{name}", words


def _missing(
    model: type[models.Model], found: Found, partial: set[str], invalid: set[str]
) -> Iterator[tuple[str, str]]:
    named = _columns(model)
    for field in model._meta.local_concrete_fields:
        yield from ((named[field.name], words) for words in _of_field(field, found))
    for names in model._meta.unique_together:
        columns = [named[name] for name in names]
        if not any(one["unique"] and one["columns"] == columns for one in found.values()):
            yield "+".join(names), "is not unique"
    for constraint in model._meta.constraints:
        fault = _fault_of(constraint, model, found.get(constraint.name), partial)
        if constraint.name in invalid:
            fault = "is there, and the database does not vouch for it"
        if fault:
            yield constraint.name, fault


def _columns(model: type[models.Model]) -> dict[str, str]:
    """What the database calls each field."""
    return {field.name: str(field.column) for field in model._meta.concrete_fields}


def _of_field(field: "models.Field[Any, Any]", found: Found) -> Iterator[str]:
    here = [one for one in found.values() if one["columns"] == [field.column]]
    if field.primary_key:
        if not any(one["primary_key"] for one in here):
            yield "is no primary key"
    elif field.unique and not any(one["unique"] for one in here):
        yield "is not unique"
    if isinstance(field, models.ForeignKey) and getattr(field, "db_constraint", True):
        target = (field.related_model._meta.db_table, field.target_field.column)
        if not any(one["foreign_key"] == target for one in here):
            yield "may point at a row that is not there"


def _fault_of(
    constraint: models.BaseConstraint, model: type[models.Model], found: Mapping[str, Any] | None, partial: set[str]
) -> str:
    """What is wrong with a constraint the model names; nothing when it is right."""
    if found is None:
        return "is missing"
    if isinstance(constraint, models.CheckConstraint):
        return "" if found["check"] else "is no check"
    if isinstance(constraint, models.UniqueConstraint):
        columns = [_columns(model)[name] for name in constraint.fields]
        if not found["unique"] or (columns and found["columns"] != columns):
            return "is not unique, or is about other columns"
        if (constraint.condition is not None) != (constraint.name in partial):
            return "holds for other rows than it should"
    return ""


def _names(cursor: CursorWrapper, questions: Mapping[str, str]) -> set[str]:
    question = questions.get(connection.vendor)
    if question is None:
        return set()
    cursor.execute(question)
    return {row[0] for row in cursor.fetchall()}
