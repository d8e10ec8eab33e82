"""What the desk's staff look for, by one whole word. Each way has an index: a million rows are not read for one."""

from collections.abc import Sequence
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Model, Q, QuerySet

from generations.models import CreditEntry, Generation, Image, Member, RuleHit, Team
from generations.models.prompting.rule import NAME_CHARACTERS_MAX

SAME_MAX = 20
"""So many members of one person, or teams of one name, are followed."""
Row = TypeVar("Row", bound=Model)


def work_about(word: str, among: QuerySet[Generation]) -> QuerySet[Generation]:
    """That generation or batch, the one with that task at its vendor, or those of an address or a team's name."""
    if key := _key(word):
        return among.filter(Q(pk=key) | Q(batch=key) | Q(vendor_task_id=word))  # some vendors name tasks like that
    if "@" in word and (members := _members(word)):
        return _of(among, "member", members)
    if teams := _teams(word):
        return _of(among, "team", teams)
    return among.filter(vendor_task_id=word[:255])


def pictures_about(word: str, among: QuerySet[Image]) -> QuerySet[Image]:
    """That picture, those of that generation, or those with that file."""
    if key := _key(word):
        return among.filter(Q(pk=key) | Q(generation=key))
    return among.filter(sha256=word[:64].lower()) if word else among


def entries_about(word: str, among: QuerySet[CreditEntry]) -> QuerySet[CreditEntry]:
    """Those of that generation, of a member's address or a team's name, or the one with that key."""
    if key := _key(word):
        return among.filter(Q(hold__generation=key) | Q(transfer=key) | Q(idempotency_key=word))
    if "@" in word and (members := _members(word)):
        return among.filter(account__member__in=members)
    if teams := _teams(word):
        return among.filter(account__team__in=teams)
    return among.filter(idempotency_key=word[:200])


def hits_about(word: str, among: QuerySet[RuleHit]) -> QuerySet[RuleHit]:
    """Those of an address, or else those of a team's name, or else those of a rule's."""
    if not word:
        return among
    if "@" in word and (members := _members(word)):
        return _of(among, "member", members)
    if teams := _teams(word):
        return _of(among, "team", teams)
    return among.filter(rule_name=word[:NAME_CHARACTERS_MAX])


def _key(word: str) -> UUID | None:
    try:
        return UUID(word)
    except ValueError:
        return None


def _members(word: str) -> list[Any]:
    found = Member.objects.filter(person__email=word.lower()).order_by("pk")
    return list(found.values_list("pk", flat=True)[:SAME_MAX])


def _teams(word: str) -> list[Any]:
    return list(Team.objects.filter(name__iexact=word).order_by("pk").values_list("pk", flat=True)[:SAME_MAX])


def _of(among: QuerySet[Row], name: str, keys: Sequence[Any]) -> QuerySet[Row]:
    """One is asked for as one: then its index gives the newest first, and nothing is sorted."""
    return among.filter(**({name: keys[0]} if len(keys) == 1 else {f"{name}__in": keys}))
