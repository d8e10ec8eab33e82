"""What a reviewer looks for in the queue: of one reason, level, team or maker, or reported by several people."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.utils.http import urlencode

from generations.models import CaseState, Concern, ImageReport, Level, Member, ReviewCase, Reviewer, Team

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
    """Empty where it is not narrowed. What makes no sense, or is not theirs to choose, narrows nothing.

    `maker` is a member; `in_all_teams` means that person wherever they are.
    """

    reason: str = ""
    people: str = ""
    level: str = ""
    team: str = ""
    maker: str = ""
    in_all_teams: bool = False

    @classmethod
    def parse(cls, asked: Mapping[str, str], reviewer: Reviewer) -> Self:
        reason, people = asked.get("reason", ""), asked.get("people", "")
        level, team, maker = asked.get("level", ""), asked.get("team", ""), asked.get("maker", "")
        return cls(
            reason=reason if reason in dict(Concern.reportable()) else "",
            people=people if people in PEOPLE else "",
            level=level if reviewer.is_staff and level in Level.values else "",
            team=team if reviewer.is_staff and _is_number(team) else "",
            maker=maker if _is_number(maker) else "",
            in_all_teams=reviewer.is_staff,
        )

    @property
    def query(self) -> str:
        """As an address has it, without a mark before it."""
        facts = {"reason": self.reason, "people": self.people, "level": self.level, "team": self.team}
        return urlencode({name: value for name, value in (facts | {"maker": self.maker}).items() if value})

    @property
    def of_maker_alone(self) -> "Narrow":
        """As narrow as the log can be."""
        return replace(ANY, maker=self.maker, in_all_teams=self.in_all_teams)

    def of(self, rows: QuerySet[ReviewCase]) -> QuerySet[ReviewCase]:
        told = ImageReport.objects.filter(case=OuterRef("pk"))
        if self.reason:
            rows = rows.filter(Q(reason=self.reason) | Exists(told.filter(reason=self.reason)))
        if self.people:
            number = told.order_by().values("case").annotate(number=Count("pk")).values("number")
            rows = rows.annotate(people=Subquery(number)).filter(people__gte=int(self.people))
        if self.level:
            rows = rows.filter(level=self.level)
        if self.maker:
            rows = rows.filter(self._by_maker())
        return rows.filter(team=int(self.team)) if self.team else rows

    def _by_maker(self) -> Q:
        by = Q(generation__member=int(self.maker))
        if not self.in_all_teams:
            return by
        known = Member.objects.filter(pk=int(self.maker), person__isnull=False)
        return by | Q(generation__member__person__in=known.values("person"))

    def choices(self, reviewer: Reviewer) -> list[Choice]:
        """What it may be narrowed by, with what it is narrowed by now."""
        found = [
            _choice("reason", "Reason", "Every reason", self.reason, Concern.reportable()),
            _choice("people", "Reported by", "By anybody", self.people, PEOPLE.items()),
        ]
        if reviewer.is_staff:
            found.append(_choice("level", "Who decides", "Teams and studio", self.level, Level.choices))
            found.append(_choice("team", "Team", "Every team", self.team, _teams()))
        return [*found, *self.makers(reviewer)]

    def makers(self, reviewer: Reviewer) -> list[Choice]:
        """The one it is narrowed by, to widen it again; nobody is chosen from all there are."""
        if not self.maker:
            return []
        known = Member.objects.select_related("person").filter(pk=int(self.maker))
        maker = (known if reviewer.is_staff else known.filter(team=reviewer.team)).first()
        options = [(self.maker, maker.called if maker else "Somebody")]
        return [_choice("maker", "Maker", "Every maker", self.maker, options)]


ANY = Narrow()


def _choice(name: str, label: str, every: str, chosen: str, options: Any) -> Choice:
    listed = [("", every), *options]
    return Choice(
        name=name,
        label=label,
        options=[Option(value=value, words=words, is_chosen=value == chosen) for value, words in listed],
    )


def _is_number(asked: str) -> bool:
    return asked.isascii() and asked.isdigit() and len(asked) <= NUMBER_CHARACTERS_MAX


def _teams() -> list[tuple[str, str]]:
    """Those with something to decide or to show again."""
    cases = ReviewCase.objects.filter(team=OuterRef("pk"), state__in=[CaseState.OPEN, CaseState.HIDDEN])
    named = Team.objects.filter(Exists(cases)).order_by("name", "pk").values_list("pk", "name")
    return [(str(pk), name) for pk, name in named[:TEAMS_MAX]]
