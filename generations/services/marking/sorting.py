"""Who manages a team renames its tags, makes one of two, or removes one from every picture. Pictures stay."""

from typing import Any

from django.db import IntegrityError, transaction

from generations.models import AuditEntry, Member, Person, Tag, Tagging
from generations.services import indexing
from generations.services.marking.refusals import WrongWords, check_may_manage
from generations.services.marking.tagging import by_words


def rename_tag(*, by: Member, tag: Tag, name: str) -> Tag:
    """Call a tag something else. A name that another tag of the team has makes one of the two, which is returned.

    Raises NotAllowed, WrongWords.
    """
    check_may_manage(by)
    folded, written = _one(name)
    with transaction.atomic():
        other = Tag.objects.filter(team=by.team_id, folded=folded).exclude(pk=tag.pk).first()
        if other is not None:
            return merge_tag(by=by, tag=tag, into=other)
        row = Tag.objects.select_for_update().filter(pk=tag.pk, team=by.team_id).first()
        if row is None:
            raise WrongWords("This tag is gone. Somebody removed or merged it.")
        before = row.name
        if (row.name, row.folded) == (written, folded):
            return row
        try:
            with transaction.atomic():
                row.rename(name=written, folded=folded)
        except IntegrityError:
            raise WrongWords("Somebody made a tag of this name just now. Try again, and the two become one.") from None
        _note("tag_renamed", row, by, before={"name": before}, after={"name": written})
        indexing.index_soon(Tagging.objects.filter(tag=row).values_list("image", flat=True))
    return row


def merge_tag(*, by: Member, tag: Tag, into: Tag) -> Tag:
    """What had the one tag has the other; the one is gone. Raises NotAllowed, WrongWords."""
    check_may_manage(by)
    with transaction.atomic():
        both = Tag.objects.select_for_update().filter(pk__in=[tag.pk, into.pk], team=by.team_id).order_by("pk")
        rows = {row.pk: row for row in both}
        if tag.pk == into.pk or len(rows) < 2:
            raise WrongWords("One of the two tags is gone. Somebody removed or merged it.")
        touched = list(Tagging.objects.filter(tag=tag).values_list("image", flat=True))
        there = Tagging.objects.filter(tag=into).values("image")
        Tagging.objects.filter(tag=tag).exclude(image__in=there).update(tag=into)
        _note("tags_merged", rows[into.pk], by, before={"name": rows[tag.pk].name}, after={"name": rows[into.pk].name})
        rows[tag.pk].delete()
        Tag.objects.filter(pk=into.pk).count_anew()
        indexing.index_soon(touched)
    return rows[into.pk]


def remove_tag(*, by: Member, tag: Tag) -> bool:
    """Take a tag off every picture; False when it is gone already. Raises NotAllowed."""
    check_may_manage(by)
    with transaction.atomic():
        gone = _remove(tag)
        if gone:
            _note("tag_removed", tag, by, before={"name": tag.name})
    return gone


def remove_tag_at_desk(*, by: Person, tag: Tag) -> bool:
    """The same by the studio's staff."""
    with transaction.atomic():
        gone = _remove(tag)
        if gone:
            who = f"person:{by.pk}"
            AuditEntry.note("tag_removed", by=None, actor=who, person=by, team=tag.team, target=f"tag:{tag.pk}")
    return gone


def _remove(tag: Tag) -> bool:
    row = Tag.objects.select_for_update().filter(pk=tag.pk).first()
    if row is None:
        return False
    touched = list(Tagging.objects.filter(tag=row).values_list("image", flat=True))
    row.delete()
    indexing.index_soon(touched)
    return True


def _one(name: str) -> tuple[str, str]:
    """Its words, and as it is written."""
    found = [*by_words([name]).items()]
    if len(found) > 1:
        raise WrongWords("A tag has one name: leave the comma out.")
    return found[0]


def _note(action: str, tag: Tag, by: Member, **values: Any) -> None:
    AuditEntry.note(action, by=by, target=f"tag:{tag.pk}", **values)
