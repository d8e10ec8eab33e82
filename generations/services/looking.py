"""Whoever manages a team opens what somebody keeps to themselves: it is written down, and the maker is told."""

from datetime import timedelta

from django.db import transaction
from django.urls import reverse

from generations.models import AuditEntry, Image, Member, Person, Reviewer, clock
from generations.queries.privacy import OPENED, is_own, target_of
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


def note_review(*, by: Reviewer, image: Image) -> None:
    """The same when a reviewer uncovers it in a case; a moderator of the studio is of no team."""
    if not image.generation.is_private:
        return
    with transaction.atomic():
        Person.objects.select_for_update(no_key=True).get(pk=by.person.pk)
        words = "The studio’s moderators may when it is in review" if by.is_staff else "Reviewers of the team may"
        _note(by.person, image, actor=by.actor, words=words)


def _note(person: Person, image: Image, *, actor: str, words: str) -> None:
    target = target_of(image)
    lately = AuditEntry.objects.filter(target=target, action=OPENED, person=person)
    if lately.filter(at__gt=clock.now() - ONE_VISIT).exists():
        return
    AuditEntry(action=OPENED, actor=actor, person=person, team=image.team, target=target).save()
    generation = image.generation
    owner = generation.kept_by or generation.member
    if owner.person and owner.left_at is None:
        word = notifying.Word(
            kind="private_picture_opened",
            subject=f"{person.called} opened a private picture of yours",
            words=f"{words}; each time is written down.",
            path="" if image.hidden_at else reverse("image", args=[image.pk]),
        )
        notifying.tell(owner.person, word, team=image.team)
