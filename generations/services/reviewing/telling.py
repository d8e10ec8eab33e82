"""What moderation tells people, in plain words: reporters, makers, reviewers, and who may not act for a while."""

from collections.abc import Iterable
from dataclasses import replace
from uuid import UUID

from django.db.models import Q
from django.urls import reverse

from generations.models import (
    Concern,
    DeskRole,
    Generation,
    Level,
    Member,
    Person,
    ReviewCase,
    ReviewDecision,
    Role,
    Suspension,
    clock,
)
from generations.queries.removals import ask_words, money_words
from generations.queries.suspensions import STILL, headline_of, sentence_of
from generations.queries.words import summary
from generations.services import notifying
from generations.services.notifying import Word


def tell_reviewers(case: ReviewCase) -> None:
    """Whoever decides the case now hears once that it waits, but for its maker."""
    mine = {case.generation.member.person, case.generation.kept_by.person if case.generation.kept_by else None}
    word = Word(
        kind="picture_reported",
        subject="A reported picture waits for a decision",
        words=f"{_named(case)}, in the team {case.team}.",
        path=reverse("review_case", args=[case.pk]),
    )
    for person in _reviewers(case):
        if person not in mine:
            team = case.team if case.level == Level.TEAM else None  # a moderator need not be in it
            notifying.tell_once(person, word, key=f"case:{case.pk}:{case.level}", team=team)


def _named(case: ReviewCase) -> str:
    """Its prompt, unless its maker keeps that to themselves: the case shows it, and writes down who looked."""
    return "A private picture" if case.generation.is_private else f"“{summary(case.generation.prompt)}”"


def tell_hidden(case: ReviewCase, decision: ReviewDecision) -> None:
    """Reporters are answered; the maker hears what was hidden, why, what becomes of the credits, and whom to ask."""
    label = Concern(case.reason).label.lower()
    _answer(case, "The picture you reported was hidden", f"A moderator agreed: {label}. Thank you for telling us.")
    said = f" “{case.words}”" if case.words else ""
    why = f"“{summary(case.generation.prompt)}”. Why: {label}.{said}"
    word = Word(
        kind="picture_hidden",
        subject="A moderator hid a picture of yours",
        words=f"{why} {money_words(case.generation)} {ask_words(decision)}",
        path=reverse("generation", args=[case.generation_id]),
    )
    _tell_maker(case, word)


def tell_kept(case: ReviewCase) -> None:
    words = "A moderator looked at it and found nothing against the rules. Thank you for telling us."
    _answer(case, "The picture you reported stays", words)


def tell_restored(case: ReviewCase) -> None:
    """Whoever was told that it was hidden hears that it is not any more."""
    words = "A moderator looked at it again and found nothing against the rules."
    for member in _present(case.reports.values_list("member", flat=True)):
        _tell(member, case, Word(kind="report_answered", subject="A picture you reported is shown again", words=words))
    word = Word(
        kind="picture_restored",
        subject="A picture of yours is shown again",
        words=f"“{summary(case.generation.prompt)}”. {words} It is where it was.",
        path=reverse("generation", args=[case.generation_id]),
    )
    _tell_maker(case, word)


def tell_purged(case: ReviewCase) -> None:
    word = Word(
        kind="picture_purged",
        subject="A hidden picture of yours was removed for good",
        words=f"“{summary(case.generation.prompt)}”. Two moderators agreed, and its file is gone. "
        "This changes no credits.",
        path=reverse("generation", args=[case.generation_id]),
    )
    _tell_maker(case, word)


def enlargement_hidden(case: ReviewCase, decision: ReviewDecision) -> Word:
    """Its words are those of whoever wrote them, and so is what the moderator wrote to them."""
    return Word(
        kind="picture_hidden",
        subject="An enlargement of yours was hidden with its picture",
        words=f"A moderator hid the picture it was made from. Why: {Concern(case.reason).label.lower()}. What had not "
        f"been sent ends, and its credits are back; else this changes no credits. {ask_words(decision)}",
    )


ENLARGEMENT_SHOWN = Word(
    kind="picture_restored",
    subject="An enlargement of yours is shown again",
    words="A moderator looked again at the picture it was made from. Both are where they were.",
)
ENLARGEMENT_PURGED = Word(
    kind="picture_purged",
    subject="An enlargement of yours was removed for good",
    words="It was made from a hidden picture that two moderators removed. This changes no credits.",
)


def tell_enlargers(case: ReviewCase, generations: Iterable[UUID], word: Word) -> None:
    """Others who made something of the picture, each once however much it was."""
    made = Generation.objects.filter(pk__in=set(generations)).exclude(pk=case.generation_id)
    owner = case.generation.kept_by or case.generation.member
    told = {owner.pk}
    for row in made.select_related("member__person", "kept_by__person").order_by("pk"):
        whose = row.kept_by or row.member
        if whose.pk not in told and whose.left_at is None:
            told.add(whose.pk)
            _tell(whose, case, replace(word, path=reverse("generation", args=[row.pk])))


def tell_suspended(suspension: Suspension) -> None:
    words = (
        f"{sentence_of(suspension.reason)} {STILL} What had not been sent was cancelled, and its credits are back; "
        "what a vendor has already is still finished. If you disagree, ask the studio’s staff."
    )
    _tell_suspension(suspension, headline_of(suspension), words)


def tell_lifted(suspension: Suspension) -> None:
    whom = f"The team {suspension.team}" if suspension.team else "Your account"
    _tell_suspension(suspension, f"{whom} is no longer suspended", "Everything can be done again as before.")


def _tell_suspension(suspension: Suspension, subject: str, words: str) -> None:
    word = Word(kind="suspended", subject=subject, words=words)
    if suspension.person:
        notifying.tell(suspension.person, word)
        return
    present = Member.objects.present().filter(team=suspension.team)
    for member in present.select_related("person"):
        if member.person:
            notifying.tell(member.person, word, team=suspension.team)


def _reviewers(case: ReviewCase) -> Iterable[Person]:
    if case.level == Level.STAFF:
        may = Q(is_superuser=True) | Q(desk_role=DeskRole.MODERATOR)
        return Person.objects.filter(may, is_active=True, is_staff=True)
    managers = Member.objects.present().filter(team=case.team_id, role__in=[Role.OWNER, Role.ADMIN])
    return [one.person for one in managers.select_related("person") if one.person]


def _answer(case: ReviewCase, subject: str, words: str) -> None:
    """Each reporter who was not answered yet."""
    waiting = case.reports.unanswered()
    members = list(_present(waiting.values_list("member", flat=True)))
    waiting.update(answered_at=clock.now())
    for member in members:
        _tell(member, case, Word(kind="report_answered", subject=subject, words=words))


def _present(members: Iterable[int]) -> Iterable[Member]:
    return Member.objects.present().filter(pk__in=members).select_related("person")


def _tell(member: Member, case: ReviewCase, word: Word) -> None:
    if member.person:
        notifying.tell(member.person, word, team=case.team)


def _tell_maker(case: ReviewCase, word: Word) -> None:
    """Who made it, or has it since its maker left."""
    owner = case.generation.kept_by or case.generation.member
    if owner.left_at is None:
        _tell(owner, case, word)
