"""What a reviewer looks for in the queue: of one reason, of one level or team, or reported by several people."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.utils.http import urlencode

from generations.models import CaseState, Concern, ImageReport, Level, ReviewCase, Reviewer, Team

TEAMS_MAX = 100
"""Teams to choose from; a number in the address leads to any."""
PEOPLE = {"2": "By 2 people or more", "3": "By 3 people or more", "5": "By 5 people or more"}
NUMBER_CHARACTERS_MAX = 18


@dataclass(frozen=True, kw_only=True, slots=True)
class Option:
    value: str
    words: str
    is_chosen: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """One thing the queue is narrowed by."""

    name: str
    label: str
    options: list[Option]


@dataclass(frozen=True, kw_only=True, slots=True)
class Narrow:
    """Empty where it is not narrowed. What makes no sense, or is not theirs to choose, narrows nothing."""

    reason: str = ""
    people: str = ""
    level: str = ""
    team: str = ""

    @classmethod
    def parse(cls, asked: Mapping[str, str], reviewer: Reviewer) -> Self:
        reason, people = asked.get("reason", ""), asked.get("people", "")
        level, team = asked.get("level", ""), asked.get("team", "")
        is_number = team.isascii() and team.isdigit() and len(team) <= NUMBER_CHARACTERS_MAX
        return cls(
            reason=reason if reason in dict(Concern.reportable()) else "",
            people=people if people in PEOPLE else "",
            level=level if reviewer.is_staff and level in Level.values else "",
            team=team if reviewer.is_staff and is_number else "",
        )

    @property
    def query(self) -> str:
        """As an address has it, without a mark before it."""
        facts = {"reason": self.reason, "people": self.people, "level": self.level, "team": self.team}
        return urlencode({name: value for name, value in facts.items() if value})

    def of(self, rows: QuerySet[ReviewCase]) -> QuerySet[ReviewCase]:
        told = ImageReport.objects.filter(case=OuterRef("pk"))
        if self.reason:
            rows = rows.filter(Q(reason=self.reason) | Exists(told.filter(reason=self.reason)))
        if self.people:
            number = told.order_by().values("case").annotate(number=Count("pk")).values("number")
            rows = rows.annotate(people=Subquery(number)).filter(people__gte=int(self.people))
        if self.level:
            rows = rows.filter(level=self.level)
        return rows.filter(team=int(self.team)) if self.team else rows

    def choices(self, reviewer: Reviewer) -> list[Choice]:
        """What it may be narrowed by, with what it is narrowed by now."""
        found = [
            _choice("reason", "Reason", "Every reason", self.reason, Concern.reportable()),
            _choice("people", "Reported by", "By anybody", self.people, PEOPLE.items()),
        ]
        if reviewer.is_staff:
            found.append(_choice("level", "Who decides", "Teams and studio", self.level, Level.choices))
            found.append(_choice("team", "Team", "Every team", self.team, _teams()))
        return found


ANY = Narrow()


def _choice(name: str, label: str, every: str, chosen: str, options: Any) -> Choice:
    listed = [("", every), *options]
    return Choice(
        name=name,
        label=label,
        options=[Option(value=value, words=words, is_chosen=value == chosen) for value, words in listed],
    )


def _teams() -> list[tuple[str, str]]:
    """Those with something to decide or to show again."""
    cases = ReviewCase.objects.filter(team=OuterRef("pk"), state__in=[CaseState.OPEN, CaseState.HIDDEN])
    named = Team.objects.filter(Exists(cases)).order_by("name", "pk").values_list("pk", "name")
    return [(str(pk), name) for pk, name in named[:TEAMS_MAX]]
