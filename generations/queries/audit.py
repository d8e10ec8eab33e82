"""The audit log as the desk reads it: which actions there are, lines about something exactly named, a file of them."""

import json
from collections.abc import Iterator
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from generations.models import AuditEntry, Person, Team

ACTIONS = f"""
WITH RECURSIVE known(action) AS (
    SELECT MIN(action) FROM {AuditEntry._meta.db_table}
    UNION ALL
    SELECT (SELECT MIN(line.action) FROM {AuditEntry._meta.db_table} line WHERE line.action > known.action)
    FROM known WHERE known.action IS NOT NULL
)
SELECT action FROM known WHERE action IS NOT NULL
"""  # noqa: S608  # nothing in it comes from outside
"""From each action to the next in the index, instead of reading every line."""
TEAMS_MAX = 20
ROWS_AT_ONCE = 500
HEADINGS = ("at", "action", "actor", "person", "team", "target", "before", "after", "address", "request")


def known_actions() -> list[str]:
    """Every action there is a line of, in order. One query; its work grows with the actions and not with the lines."""
    with connection.cursor() as cursor:
        cursor.execute(ACTIONS)
        return [action for (action,) in cursor.fetchall()]


def lines_about(word: str, among: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
    """Those with exactly this target, actor, action, address or request, or about this person's e-mail or team's name.

    Each has an index, so that a log of a million lines is not read through for one.
    """
    exact = Q(target=word) | Q(actor=word) | Q(action=word) | Q(address=word) | Q(request_id=word)
    for pk in Person.objects.filter(email=word.lower()).values_list("pk", flat=True):
        exact |= Q(person=pk) | Q(actor=f"person:{pk}") | Q(target=f"person:{pk}")
    teams = list(Team.objects.filter(name__iexact=word).values_list("pk", flat=True)[:TEAMS_MAX])
    return among.filter(exact | Q(team__in=teams) if teams else exact)


def file_of(lines: QuerySet[AuditEntry]) -> Iterator[tuple[str, ...]]:
    """A row of headings and one for each line, newest first, read piece by piece; no cursor stays open meanwhile."""
    yield HEADINGS
    ordered = lines.order_by("-pk").select_related("person", "team")
    piece = list(ordered[:ROWS_AT_ONCE])
    while piece:
        yield from (_row(line) for line in piece)
        piece = list(ordered.filter(pk__lt=piece[-1].pk)[:ROWS_AT_ONCE])


def _row(line: AuditEntry) -> tuple[str, ...]:
    return (
        line.at.isoformat(timespec="seconds"),
        line.action,
        line.actor,
        line.person.email if line.person else "",
        line.team.name if line.team else "",
        line.target,
        _said(line.before),
        _said(line.after),
        line.address,
        line.request_id,
    )


def _said(facts: dict[str, Any]) -> str:
    return json.dumps(facts, ensure_ascii=False, sort_keys=True) if facts else ""
