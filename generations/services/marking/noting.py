"""Notes under a picture: who sees it reads them, who wrote one changes it, who manages the team may delete it."""

from uuid import UUID

from django.db import transaction

from generations.models import NOTE_CHARACTERS_MAX, AuditEntry, Image, Member, Note, Person
from generations.services import indexing
from generations.services.marking.batches import change
from generations.services.marking.refusals import NotAllowed, TooMany, WrongWords, check_may_add

NOTES_PER_PICTURE_MAX = 200


def note(*, member: Member, image: Image, text: str) -> Note | None:
    """Write something under a picture; None where the member does not see it any more.

    Raises NotAllowed, WrongWords, TooMany.
    """
    check_may_add(member)
    words = _clean(text)
    made: list[Note] = []

    def act(keys: list[UUID]) -> list[UUID]:
        if keys and Note.objects.filter(image=image).count() >= NOTES_PER_PICTURE_MAX:
            raise TooMany(f"A picture has {NOTES_PER_PICTURE_MAX} notes at most. Delete one first.")
        made.extend(Note.objects.create(member=member, image_id=key, text=words) for key in keys)
        return keys

    change(member, [image], act)
    return made[0] if made else None


def edit_note(*, member: Member, note: Note, text: str) -> bool:
    """Have a note say something else; False when it says so already. Raises NotAllowed, WrongWords."""
    check_may_add(member)
    if note.member_id != member.pk:
        raise NotAllowed("Only who wrote a note changes it.")
    words = _clean(text)
    with transaction.atomic():
        changed = note.edit(words)
        if changed:
            indexing.index(Image.objects.filter(pk=note.image_id))
    return changed


def unnote(*, member: Member, note: Note) -> bool:
    """Delete a note; False when it is gone already. Raises NotAllowed."""
    if note.member_id != member.pk and not member.may_manage:
        raise NotAllowed("Only who wrote a note, or an owner or admin, deletes it.")
    with transaction.atomic():
        return _delete(note)


def unnote_at_desk(*, by: Person, note: Note) -> bool:
    """The same by the studio's staff, which is written down."""
    with transaction.atomic():
        gone = _delete(note)
        if gone:
            team = note.member.team
            AuditEntry.note(
                "note_deleted", by=None, actor=f"person:{by.pk}", person=by, team=team, target=f"image:{note.image_id}"
            )
    return gone


def _delete(note: Note) -> bool:
    number, _ = Note.objects.filter(pk=note.pk).delete()
    if number:
        indexing.index(Image.objects.filter(pk=note.image_id))
    return bool(number)


def _clean(text: str) -> str:
    """Lines as they were written, without what is no character."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "").split("\n")
    words = "\n".join(line.rstrip() for line in lines).strip()
    if not words:
        raise WrongWords("Write something first.")
    if len(words) > NOTE_CHARACTERS_MAX:
        raise WrongWords(f"A note has {NOTE_CHARACTERS_MAX:,} characters at most; this has {len(words):,}.")
    return words
