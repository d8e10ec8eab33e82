"""Whoever manages a team opens what somebody keeps to themselves: it is written down, and the maker is told."""

from datetime import timedelta

from django.db import transaction
from django.urls import reverse

from generations.models import AuditEntry, Generation, Image, Member, Person, ReviewCase, Reviewer, clock
from generations.queries.privacy import OPENED, is_own, target_of, target_of_work
from generations.services import notifying

ONE_VISIT = timedelta(hours=1)
"""A page and its files, looked at for so long, are one opening."""


def note(*, by: Member, image: Image) -> None:
    """Write it down when this member looks at a private picture of somebody else; otherwise nothing."""
    if not image.generation.is_private or is_own(image, by) or by.person is None:
        return
    with transaction.atomic():
        Member.objects.select_for_update(no_key=True).get(pk=by.pk)  # a page and its files ask at the same moment
        _note(by.person, image, actor=f"member:{by.pk}", words="Owners and admins of the team may")


def note_review(*, by: Reviewer, case: ReviewCase) -> None:
    """The same when a reviewer uncovers a case: its words, and the pictures it is about."""
    if not case.generation.is_private:
        return
    with transaction.atomic():
        Person.objects.select_for_update(no_key=True).get(pk=by.person.pk)
        words = "The studio’s moderators may when it is in review" if by.is_staff else "Reviewers of the team may"
        if case.image is not None:
            _note(by.person, case.image, actor=by.actor, words=words)
        elif not may_review(by=by, case=case):
            target, path = target_of_work(case.generation), reverse("generation", args=[case.generation_id])
            _write(by.person, case.generation, target=target, actor=by.actor, words=words, path=path)


def may_review(*, by: Reviewer, case: ReviewCase) -> bool:
    """Whether nobody keeps to themselves what the case is about, or this reviewer uncovered it in this visit."""
    target = target_of(case.image) if case.image else target_of_work(case.generation)
    return not case.generation.is_private or _looked_lately(by.person, target)


def note_at_desk(*, by: Person, generation: Generation) -> None:
    """The same when somebody of the staff opens a private order at the desk: its words, and the pictures it brought."""
    if not generation.is_private or is_theirs(by, generation):
        return
    with transaction.atomic():
        Person.objects.select_for_update(no_key=True).get(pk=by.pk)
        if not has_opened(by, generation):
            words = "The studio’s staff may"
            _write(by, generation, target=target_of_work(generation), actor=f"person:{by.pk}", words=words, path="")


def has_opened(by: Person, generation: Generation) -> bool:
    """Whether they opened it at the desk in this visit, so that its page shows what is in it."""
    return _looked_lately(by, target_of_work(generation))


def is_theirs(by: Person, generation: Generation) -> bool:
    """Whether they made it, or have it since its maker left."""
    owners = [generation.member, generation.kept_by]
    return any(owner is not None and owner.person_id == by.pk for owner in owners)


def _note(person: Person, image: Image, *, actor: str, words: str) -> None:
    target = target_of(image)
    if not _looked_lately(person, target):
        path = "" if image.hidden_at else reverse("image", args=[image.pk])
        _write(person, image.generation, target=target, actor=actor, words=words, path=path)


def _looked_lately(person: Person, target: str) -> bool:
    lately = AuditEntry.objects.filter(target=target, action=OPENED, person=person)
    return lately.filter(at__gt=clock.now() - ONE_VISIT).exists()


def _write(person: Person, generation: Generation, *, target: str, actor: str, words: str, path: str) -> None:
    AuditEntry(action=OPENED, actor=actor, person=person, team=generation.team, target=target).save()
    owner = generation.kept_by or generation.member
    if owner.person and owner.left_at is None:
        word = notifying.Word(
            kind="private_picture_opened",
            subject=f"{person.called} opened a private picture of yours",
            words=f"{words}; each time is written down.",
            path=path,
        )
        notifying.tell(owner.person, word, team=generation.team)
