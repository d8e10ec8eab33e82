"""What hangs over every page: maintenance, before and while it lasts, and words that staff hung there.

One statement for a page, none for an answer that swaps a piece of one: nothing is asked before a template writes it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import CharField, Q, Value
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from generations.models import Banner, Closure, Mood, clock
from generations.models.closure import STUDIO
from generations.queries.suspensions import sentence_of

PUT_AWAY = "banners_put_away"
"""What the session calls the banners its person has read."""
PUT_AWAY_MAX = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class Hanging:
    """One of them. `begins_at` is set while it is still to come, `ends_at` where an end is known.

    Only what closes nothing and warns of nothing can be put away by who read it.
    """

    pk: int
    words: str
    mood: str
    icon: str
    is_maintenance: bool
    begins_at: datetime | None
    ends_at: datetime | None

    @property
    def may_put_away(self) -> bool:
        return not self.is_maintenance and self.mood == Mood.INFO


def banners(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `banners`, found when a page writes them. Strangers read of maintenance, not why it is."""
    return {"banners": SimpleLazyObject(lambda: _banners(request))}


def hanging(moment: datetime, *, put_away: Sequence[int] = ()) -> list[Hanging]:
    """What closes the studio comes first, then warnings, then the rest. One query."""
    columns = ("what", "pk", "words", "begins_at", "ends_at")
    closures = Closure.objects.standing().filter(Q(ends_at=None) | Q(ends_at__gt=moment), provider=STUDIO)
    told = closures.filter(told_at__lte=moment).annotate(what=Value("", CharField())).order_by()
    hung = Banner.objects.live(moment).exclude(mood=Mood.INFO, pk__in=put_away).order_by()
    rows = told.values_list("what", "pk", "reason", "begins_at", "ends_at").union(
        hung.values_list("mood", "pk", "words", "begins_at", "ends_at"), all=True
    )
    found = [_hanging(dict(zip(columns, row, strict=True)), moment) for row in rows]
    return sorted(found, key=lambda one: (not one.is_maintenance, one.mood != Mood.WARNING, -one.pk))


def _hanging(row: dict[str, Any], moment: datetime) -> Hanging:
    is_maintenance = not row["what"]
    is_warning = is_maintenance or row["what"] == Mood.WARNING
    return Hanging(
        pk=row["pk"],
        words=sentence_of(row["words"]),
        mood=Mood.WARNING if is_warning else Mood.INFO,
        icon="clock" if is_maintenance else "warning" if is_warning else "info",
        is_maintenance=is_maintenance,
        begins_at=row["begins_at"] if row["begins_at"] > moment else None,
        ends_at=row["ends_at"],
    )


def _banners(request: HttpRequest) -> list[Hanging]:
    person = getattr(request, "user", None)
    if person is None or not person.is_authenticated:
        return [replace(one, words="") for one in hanging(clock.now()) if one.is_maintenance]
    return hanging(clock.now(), put_away=put_away_by(request))


def put_away_by(request: HttpRequest) -> list[int]:
    """The banners this session was told not to show again."""
    return [int(one) for one in request.session.get(PUT_AWAY, [])]
