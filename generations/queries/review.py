"""The review queue as its page shows it: what waits, what is hidden, what was decided, and one case at a time.

The number of queries does not grow with the cases, their reports or their decisions.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Prefetch, QuerySet, Subquery
from django.urls import reverse
from django.utils.http import urlencode

from generations.models import Action, CaseState, Image, ImageReport, Level, ReviewCase, ReviewDecision, Reviewer, clock
from generations.queries.counting import COUNTED_MAX, count_text, counted
from generations.queries.prompt_pages import prompts_waiting
from generations.queries.review_case import (
    SETTLING,
    CasePage,
    about,
    case_page,
    heading_of,
    name_of,
    others_hold,
    reversal_url,
    verb_of,
)
from generations.queries.review_narrow import ANY, Choice, Narrow

SHOWN = 40
"""Cases or decisions of one page; what waits moves up as the first are decided."""
WAITING, HIDDEN, DECIDED = "waiting", "hidden", "decided"
TABS = {WAITING: "Waiting", HIDDEN: "Hidden", DECIDED: "Decided"}
MOODS = {Action.HIDE: "caution", Action.SUSPEND: "danger", Action.PURGE: "danger", Action.ASK_PURGE: "danger"}
ICONS = {
    Action.HIDE: "eye-off",
    Action.KEEP: "check",
    Action.ESCALATE: "arrow-right",
    Action.SUSPEND: "cancel",
    Action.RESTORE: "reuse",
    Action.ASK_PURGE: "trash",
    Action.PURGE: "trash",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Tab:
    name: str
    url: str
    count: int
    is_current: bool

    @property
    def count_text(self) -> str:
        return count_text(self.count)


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One case in the list. `holder` is who else has claimed it now."""

    id: int
    url: str
    title: str
    who: str
    at: datetime
    age: str
    tone: str
    holder: str
    for_staff: bool
    is_current: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Decided:
    """One line of the log: `what` stands before whose picture it was, `what_then` after it.

    `reversal_url` is empty where there is nothing to reverse any more.
    """

    id: int
    url: str
    what: str
    what_then: str
    by: str
    whose: str
    at: datetime
    reason: str
    words: str
    tone: str
    icon: str
    mood: str
    reversal_url: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Desk:
    """The page. `log` is filled where decisions are shown, `lines` where cases are; `case` is the one that is open.

    `prompts` says how many orders and appeals wait on the page of prompts; empty for none.
    """

    where: str
    which: str
    tabs: list[Tab]
    lines: list[Line]
    more: str
    log: list[Decided]
    older_url: str
    case: CasePage | None
    narrowed: str = ""
    choices: list[Choice] = field(default_factory=list)
    prompts: str = ""

    @property
    def query(self) -> str:
        """What the addresses of cases end with, so that the list stays as narrow as it is."""
        return f"?{self.narrowed}" if self.narrowed else ""

    @property
    def more_query(self) -> str:
        """The same behind another question."""
        return f"&{self.narrowed}" if self.narrowed else ""

    @property
    def poll_url(self) -> str:
        """Where the page asks how the list stands now, with the case that is open in it."""
        at = f"&at={self.case.id}" if self.case else ""
        return f"{reverse('review')}?which={self.which}{at}{self.more_query}"

    @property
    def is_read_only(self) -> bool:
        """Whether nothing is typed here, so that all of it may be brought up to date."""
        return self.case is None or self.case.is_locked

    @property
    def waiting(self) -> str:
        return self.tabs[0].count_text

    @property
    def next_url(self) -> str:
        """The case after the open one; after the last there is none."""
        return self._beside(1)

    @property
    def previous_url(self) -> str:
        return self._beside(-1)

    def _beside(self, step: int) -> str:
        place = next((number for number, line in enumerate(self.lines) if line.is_current), None)
        if place is None:
            return self.lines[0].url if self.lines and step > 0 else ""
        place += step
        return self.lines[place].url if 0 <= place < len(self.lines) else ""


def desk_of(reviewer: Reviewer, *, which: str = WAITING, before: str = "", narrow: Narrow = ANY, at: str = "") -> Desk:
    """The list of that name with the case `at` open, or its first; the log for `decided`, from before that decision."""
    which = which if which in TABS else WAITING
    if which == DECIDED:
        log, older = _log(reviewer, before, narrow)
        return replace(_empty(reviewer, which, narrow), log=log, older_url=older)
    desk = _with_lines(_empty(reviewer, which, narrow), reviewer, narrow)
    named = next((line for line in desk.lines if str(line.id) == at), None)
    first = named or next((line for line in desk.lines if not line.holder), desk.lines[0] if desk.lines else None)
    return _opened(desk, reviewer, first.id) if first else desk


def desk_with(case: ReviewCase, *, reviewer: Reviewer, is_shown: bool = False, narrow: Narrow = ANY) -> Desk:
    """The list this case stands in now, with the case open; `is_shown` shows its picture."""
    which = WAITING if case.is_open else HIDDEN if _is_hidden(case) else DECIDED
    desk = _empty(reviewer, which, narrow)
    if which != DECIDED:
        desk = _with_lines(desk, reviewer, narrow)
    return _opened(desk, reviewer, case.pk, is_shown=is_shown)


def next_after(case: ReviewCase, *, reviewer: Reviewer, narrow: Narrow = ANY) -> ReviewCase | None:
    """Which one to open once this one is decided: the next in line that nobody else holds, or the first."""
    waiting = [
        row
        for row in _with_parts(narrow.of(_waiting(reviewer)))[:SHOWN]
        if row.pk == case.pk or not others_hold(row, reviewer)
    ]
    places = [number for number, row in enumerate(waiting) if row.pk == case.pk]
    following = waiting[places[0] + 1 :] + waiting[: places[0]] if places else waiting
    return following[0] if following else None


def _empty(reviewer: Reviewer, which: str, narrow: Narrow) -> Desk:
    mine = ReviewCase.objects.within(reviewer)
    kinds = {
        WAITING: narrow.of(mine.open()),
        HIDDEN: narrow.of(_hidden(reviewer)),
        DECIDED: _decisions(reviewer, narrow),
    }
    counts = {key: counted(rows) for key, rows in kinds.items()}
    tabs = [
        Tab(name=name, url=_url(key, narrow), count=counts[key], is_current=key == which) for key, name in TABS.items()
    ]
    choices = narrow.choices(reviewer) if which != DECIDED else narrow.of_maker_alone.makers(reviewer)
    where, prompts = reviewer.team.name if reviewer.team else "The whole studio", prompts_waiting(reviewer)
    return Desk(
        where=where,
        which=which,
        tabs=tabs,
        lines=[],
        more="",
        log=[],
        older_url="",
        case=None,
        narrowed=narrow.query,
        choices=choices,
        prompts=count_text(prompts) if prompts else "",
    )


def _with_lines(desk: Desk, reviewer: Reviewer, narrow: Narrow) -> Desk:
    rows = _waiting(reviewer) if desk.which == WAITING else _hidden(reviewer).order_by("-decided_at", "-pk")
    total = next(tab.count for tab in desk.tabs if tab.is_current)
    more = count_text(total - SHOWN, most=COUNTED_MAX - SHOWN) if total > SHOWN else ""
    now = clock.now()
    found = [_line(row, reviewer, now) for row in _with_parts(narrow.of(rows))[:SHOWN]]
    lines = [replace(line, url=f"{line.url}{desk.query}") for line in found]
    return replace(desk, lines=lines, more=more)


def _opened(desk: Desk, reviewer: Reviewer, pk: int, *, is_shown: bool = False) -> Desk:
    lines = [replace(line, is_current=line.id == pk) for line in desk.lines]
    return replace(desk, lines=lines, case=case_page(pk, reviewer=reviewer, is_shown=is_shown))


def _waiting(reviewer: Reviewer) -> QuerySet[ReviewCase]:
    """The longest waiting first; to staff what only staff may decide comes before all."""
    rows = ReviewCase.objects.within(reviewer).open()
    return rows.order_by("level", "pk") if reviewer.is_staff else rows.order_by("pk")


def _hidden(reviewer: Reviewer) -> QuerySet[ReviewCase]:
    """What is hidden and could come back."""
    return ReviewCase.objects.within(reviewer).hidden().filter(purged_at=None)


def _is_hidden(case: ReviewCase) -> bool:
    return case.state == CaseState.HIDDEN and case.purged_at is None


def _with_parts(rows: QuerySet[ReviewCase]) -> QuerySet[ReviewCase]:
    told = Prefetch("reports", ImageReport.objects.order_by("pk"))
    first = Image.objects.filter(generation=OuterRef("generation")).order_by("index").values("tone")[:1]
    parts = ("team", "image", "generation__member__person", "claimed_by")
    return rows.select_related(*parts).prefetch_related(told).annotate(tone_ahead=Subquery(first))


def _line(case: ReviewCase, reviewer: Reviewer, now: datetime) -> Line:
    reports = list(case.reports.all())
    at = case.decided_at or case.opened_at
    return Line(
        id=case.pk,
        url=reverse("review_case", args=[case.pk]),
        title=heading_of(reports),
        who=about(case, reports, reviewer),
        at=at,
        age=age(now - at),
        tone=case.image.tone if case.image else case.tone_ahead or "",  # type: ignore[attr-defined]  # annotated
        holder=others_hold(case, reviewer),
        for_staff=case.is_open and reviewer.is_staff and case.level == Level.STAFF,
        is_current=False,
    )


def age(span: timedelta) -> str:
    """How long ago, as short as can be: now, 4 min, 2 h, 3 days."""
    minutes = int(span.total_seconds() // 60)
    if minutes < 1:
        return "now"
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 24 * 60:
        return f"{minutes // 60} h"
    days = minutes // (24 * 60)
    return "1 day" if days == 1 else f"{days} days"


def _decisions(reviewer: Reviewer, narrow: Narrow) -> QuerySet[ReviewDecision]:
    """The log is narrowed by whose pictures they were alone."""
    cases = narrow.of_maker_alone.of(ReviewCase.objects.within(reviewer))
    return ReviewDecision.objects.filter(case__in=cases)


def _log(reviewer: Reviewer, before: str, narrow: Narrow) -> tuple[list[Decided], str]:
    """The newest decisions first, and the address of the page before these."""
    later = ReviewDecision.objects.filter(case=OuterRef("case"), pk__gt=OuterRef("pk"), action__in=SETTLING)
    parts = ("by", "case__team", "case__image", "case__generation__member__person")
    rows = _decisions(reviewer, narrow).select_related(*parts).annotate(is_over=Exists(later)).order_by("-pk")
    if before.isascii() and before.isdigit() and len(before) < 19:
        rows = rows.filter(pk__lt=int(before))
    found = list(rows[: SHOWN + 1])
    older = f"{_url(DECIDED, narrow)}&before={found[SHOWN - 1].pk}" if len(found) > SHOWN else ""
    return [_decided(row, reviewer) for row in found[:SHOWN]], older


def _decided(row: ReviewDecision, reviewer: Reviewer) -> Decided:
    case, action = row.case, Action(row.action)
    before, _, after = verb_of(row).partition("{}")
    is_last = action in SETTLING and not row.is_over  # type: ignore[attr-defined]  # annotated
    return Decided(
        id=row.pk,
        url=reverse("review_case", args=[case.pk]),
        what=before,
        what_then=after,
        by=name_of(row.by),
        whose=about(case, (), reviewer),
        at=row.at,
        reason=row.get_reason_display() if row.reason else "",
        words=row.words,
        tone=case.image.tone if case.image else "",
        icon=ICONS[action],
        mood=MOODS.get(action, ""),
        reversal_url=reversal_url(row, case, reviewer) if is_last else "",
    )


def _url(which: str, narrow: Narrow = ANY) -> str:
    facts = [] if which == WAITING else [urlencode({"which": which})]
    asked = narrow.of_maker_alone.query if which == DECIDED else narrow.query
    query = "&".join([*facts, *([asked] if asked else [])])
    return f"{reverse('review')}?{query}" if query else reverse("review")
