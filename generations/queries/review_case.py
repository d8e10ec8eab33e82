"""One case for review: why it is here, what it shows, who made it, who sees it, and what was done about it so far."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch, QuerySet
from django.urls import reverse

from generations import providers
from generations.models import (
    LIVE,
    Action,
    CaseState,
    Generation,
    Image,
    ImageReport,
    Level,
    Note,
    Person,
    ReviewCase,
    ReviewDecision,
    Reviewer,
    Tagging,
)
from generations.queries.cards import offer_of
from generations.queries.review_maker import record_of, ways_to

HIDING = (Action.HIDE, Action.SUSPEND)
NOTES_SHOWN = 20
SETTLING = (Action.HIDE, Action.KEEP, Action.SUSPEND, Action.RESTORE)
"""What says whether others see a picture: the last of these is what can be reversed."""
VERBS = {
    Action.HIDE: "hid {}",
    Action.KEEP: "kept {}",
    Action.ESCALATE: "passed {} on to staff",
    Action.SUSPEND: "hid {} and suspended its maker",
    Action.RESTORE: "showed {} again",
    Action.ASK_PURGE: "asked to remove {} for good",
    Action.PURGE: "removed {} for good",
}
OUTCOMES = {CaseState.HIDDEN: "Hidden", CaseState.KEPT: "Kept", CaseState.OPEN: "Waiting"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """What one person reported."""

    reason: str
    words: str
    by: str
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One line of the history, newest first; `words` are what was written with it."""

    by: str
    what: str
    words: str
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    name: str
    until: datetime | None
    is_mine: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Purge:
    """Removing for good: whoever asked cannot be the one who does it. `asked_by` is empty while nobody asked."""

    url: str
    asked_by: str
    is_mine: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """One picture of the case; `name` is read out in its place."""

    url: str
    name: str
    width: int
    height: int


@dataclass(frozen=True, kw_only=True, slots=True)
class CasePage:
    """`pictures` is empty where there is nothing to show, and `absence` then says why.

    `opening_url` is there for what its maker keeps to themselves: it is uncovered on purpose, which is written down.
    `ways` lead to what else of its maker's is or was in review.
    """

    id: int
    version: int
    url: str
    title: str
    who: str
    outcome: str
    is_open: bool
    tone: str
    pictures: list[Shown]
    absence: str
    opening_url: str
    is_shown: bool
    reports: list[Told]
    prompt: str
    facts: list[tuple[str, str]]
    ways: list[tuple[str, str]]
    steps: list[Step]
    maker: str
    claim: Claim | None
    may_escalate: bool
    may_suspend: bool
    reversal_url: str
    purge: Purge | None

    @property
    def last_word(self) -> str:
        """What was done last, and by whom."""
        return f"{self.steps[0].by} {self.steps[0].what}." if self.steps else ""

    @property
    def is_locked(self) -> bool:
        """Somebody else is at it."""
        return self.claim is not None and not self.claim.is_mine


def case_page(pk: int, *, reviewer: Reviewer, is_shown: bool = False) -> CasePage | None:
    """Everything about one of the cases this reviewer may see; None where it was passed on just now.

    `is_shown` uncovers it; whoever says so for something private has had that written down.
    """
    case = _rows(reviewer).filter(pk=pk).first()
    if case is None:
        return None
    reports = list(case.reports.all())
    decisions = list(case.decisions.all())
    images = pictures_of(case)
    pictures = _shown(case, images)
    return CasePage(
        id=case.pk,
        version=case.version,
        url=reverse("review_case", args=[case.pk]),
        title=heading_of(reports),
        who=about(case, reports, reviewer),
        outcome="Removed for good" if case.purged_at else OUTCOMES[CaseState(case.state)],
        is_open=case.is_open,
        tone=images[0].tone if images else "",
        pictures=pictures,
        absence="" if pictures else _absence(case, images),
        opening_url=reverse("review_opening", args=[case.pk]) if case.generation.is_private else "",
        is_shown=is_shown,
        reports=[_told(one) for one in reports],
        prompt=_prompt(case, is_shown=is_shown),
        facts=[*_facts(case, images, reviewer), *_said(case, images, is_shown=is_shown)],
        ways=ways_to(case, reviewer),
        steps=_steps(case, reports, decisions),
        maker=case.generation.member.called,
        claim=_claim(case, reviewer),
        may_escalate=not reviewer.is_staff,
        may_suspend=reviewer.is_staff,
        reversal_url=_reversal(case, reviewer, decisions),
        purge=_purge(case, reviewer),
    )


def heading_of(reports: Sequence[ImageReport]) -> str:
    """Why a case is there, in a line."""
    if not reports:
        return "Taken up by a reviewer"
    return f"Reported: {reports[0].get_reason_display().lower()}"


def about(case: ReviewCase, reports: Sequence[ImageReport], reviewer: Reviewer) -> str:
    """Whose picture it is, to staff also in which team, and by how many it was reported."""
    team = f" in {case.team.name}" if reviewer.is_staff else ""
    people = {0: "", 1: ", by 1 person"}.get(len(reports), f", by {len(reports)} people")
    return f"{case.generation.member.called}’s picture{team}{people}"


def pictures_of(case: ReviewCase) -> list[Image]:
    """What it is about, as far as it has arrived: one picture, or all that its generation brought, in their order."""
    if case.image is not None:
        return [case.image]
    return list(case.generation.images.order_by("index"))


def others_hold(case: ReviewCase, reviewer: Reviewer) -> str:
    """The name of somebody else who has claimed it, or nothing."""
    holder = case.holder
    return holder.called if holder and holder.pk != reviewer.person.pk else ""


def name_of(person: Person | None) -> str:
    """Of a reviewer, who may be gone since."""
    return person.called if person else "Somebody who left"


def verb_of(decision: ReviewDecision) -> str:
    """What was done, as it follows a name; {} stands for the picture."""
    after_all = decision.reverses_id is not None and decision.action == Action.HIDE
    return f"{VERBS[Action(decision.action)]}{' after all' if after_all else ''}"


def _rows(reviewer: Reviewer) -> QuerySet[ReviewCase]:
    found: QuerySet[ReviewCase] = ReviewCase.objects.within(reviewer).select_related(
        "team", "image", "generation__member__person", "claimed_by", "purge_asked_by"
    )
    told = ImageReport.objects.select_related("member__person").order_by("pk")
    done = ReviewDecision.objects.select_related("by", "suspension").order_by("-pk")
    return found.prefetch_related(Prefetch("reports", told), Prefetch("decisions", done))


def reversal_url(last: ReviewDecision, case: ReviewCase, reviewer: Reviewer) -> str:
    """Where the last decision that settled a case is taken back; a moderator's by moderators only."""
    if case.is_open or case.purged_at or (last.role == Level.STAFF and not reviewer.is_staff):
        return ""
    return reverse("review_reversal", args=[last.pk])


def _shown(case: ReviewCase, images: Sequence[Image]) -> list[Shown]:
    """Those that have a file; who looks at several hears which one."""
    here = [one for one in images if one.sha256] if case.purged_at is None else []
    several = f" {{}} of {len(here)}" if len(here) > 1 else ""
    return [
        Shown(
            url=reverse("review_picture", args=[case.pk, one.index]),
            name=f"The picture{several.format(number)} of this case",
            width=one.width,
            height=one.height,
        )
        for number, one in enumerate(here, 1)
    ]


def _absence(case: ReviewCase, images: Sequence[Image]) -> str:
    if case.purged_at:
        return "Removed for good. There is no file any more."
    if images:
        return "Its maker deleted it. There is no file any more."
    if case.generation.state in LIVE:
        return "Still being made. What you decide holds from the moment it arrives."
    return "Nothing came of it. There is no picture to look at."


def _told(report: ImageReport) -> Told:
    return Told(reason=report.get_reason_display(), words=report.words, by=report.member.called, at=report.at)


def _claim(case: ReviewCase, reviewer: Reviewer) -> Claim | None:
    holder = case.holder
    if holder is None or not case.is_open:
        return None
    return Claim(name=holder.called, until=case.claimed_until, is_mine=holder.pk == reviewer.person.pk)


def _facts(case: ReviewCase, images: Sequence[Image], reviewer: Reviewer) -> list[tuple[str, str]]:
    generation: Generation = case.generation
    offer = offer_of(generation)
    vendor = providers.PROVIDERS.get(generation.provider)
    made_by = f"{vendor.label if vendor else generation.provider}, {offer.label if offer else generation.offer_key}"
    return [
        ("Maker", f"{generation.member.called}, {generation.member.get_role_display().lower()} in {case.team.name}"),
        ("So far", ", ".join(record_of(case, reviewer))),
        ("Vendor", made_by),
        ("Seen by", _seen_by(case, images)),
    ]


def _seen_by(case: ReviewCase, images: Sequence[Image]) -> str:
    there = [one for one in images if not one.deleted_at]
    seen = [one for one in there if not one.hidden_at]
    if not images:
        return "Nobody yet" if case.generation.state in LIVE else "Nobody: nothing came of it"
    if case.purged_at or not there:
        return "Nobody: it is deleted"
    if not seen:
        return "Nobody, since it is hidden"
    part = f"; {len(seen)} of {len(images)} pictures" if len(seen) < len(images) else ""
    if case.generation.is_private:
        return f"{case.generation.member.called} only{part}. You are seen opening it: their maker is told."
    return f"Everybody in {case.team.name}{part}"


def _steps(case: ReviewCase, reports: list[ImageReport], decisions: list[ReviewDecision]) -> list[Step]:
    steps = [Step(by=name_of(row.by), what=_done(row), words=row.words, at=row.at) for row in decisions]
    steps += [
        Step(by=one.member.called, what=f"reported it: {one.get_reason_display().lower()}", words="", at=one.at)
        for one in reports
    ]
    made = case.generation
    steps.append(Step(by=made.member.called, what="ordered it", words="", at=made.created_at))
    return sorted(steps, key=lambda step: step.at, reverse=True)


def _done(decision: ReviewDecision) -> str:
    """What somebody did, and why."""
    done = verb_of(decision).format("it")
    return f"{done}: {decision.get_reason_display().lower()}" if decision.reason else done


def _reversal(case: ReviewCase, reviewer: Reviewer, decisions: list[ReviewDecision]) -> str:
    """Where the last word about it is taken back."""
    last = next((row for row in decisions if row.action in SETTLING), None)
    return reversal_url(last, case, reviewer) if last else ""


def _prompt(case: ReviewCase, *, is_shown: bool) -> str:
    """What somebody keeps to themselves is read with its picture, once it is written down who did."""
    is_veiled = case.generation.is_private and not is_shown
    return "Private. Uncover the case to read it." if is_veiled else case.generation.prompt


def _said(case: ReviewCase, images: Sequence[Image], *, is_shown: bool) -> list[tuple[str, str]]:
    """What people say about it, which may be why it was reported; read where its prompt is."""
    if not images or (case.generation.is_private and not is_shown):
        return []
    tags = dict.fromkeys(Tagging.objects.filter(image__in=images).order_by("pk").values_list("tag__name", flat=True))
    notes = Note.objects.filter(image__in=images).select_related("member__person").order_by("-pk")[:NOTES_SHOWN]
    said = [("Tags", ", ".join(tags))] if tags else []
    return said + [(f"Note of {one.member.called}", one.text) for one in notes]


def may_remove(case: ReviewCase, reviewer: Reviewer) -> bool:
    """What the studio's moderators hid, only they remove: it may be evidence, and they may still show it again."""
    hidden = ReviewDecision.objects.filter(case=case, action__in=HIDING).order_by("-pk").first()
    return reviewer.is_staff or hidden is None or hidden.role != Level.STAFF


def _purge(case: ReviewCase, reviewer: Reviewer) -> Purge | None:
    if case.state != CaseState.HIDDEN or case.purged_at or not may_remove(case, reviewer):
        return None
    asked = case.purge_asked_by
    return Purge(
        url=reverse("review_purge", args=[case.pk]),
        asked_by=asked.called if asked else "",
        is_mine=asked is not None and asked.pk == reviewer.person.pk,
    )
