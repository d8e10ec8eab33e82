"""What people said goes with them, or with the picture it was said about."""

from django.db.models import Q, QuerySet

from generations.models import Image, Mark, Member, Note, Tag, Tagging
from generations.services import indexing


def forget_member(member: Member) -> None:
    """Who leaves takes their hearts and stars along. What they gave the team, picks, tags and notes, stays with it."""
    marks = Mark.objects.filter(member=member)
    images = list(marks.values_list("image", flat=True))
    marks.delete()
    indexing.index_soon(images)


def forget_words(whose: Q) -> None:
    """Delete the notes of these members: words they typed."""
    notes = Note.objects.filter(whose)
    images = list(notes.values_list("image", flat=True))
    notes.delete()
    indexing.index_soon(images)


def forget_pictures(images: QuerySet[Image]) -> None:
    """Nothing is left of what was said about pictures that were taken down. Who calls it writes the index."""
    gone = images.order_by().values("pk")
    worn = Tagging.objects.filter(image__in=gone)
    tags = list(Tag.objects.filter(pk__in=worn.values("tag")).order_by("pk").select_for_update(no_key=True))
    worn.delete()
    Mark.objects.filter(image__in=gone).delete()
    Note.objects.filter(image__in=gone).delete()
    Image.objects.filter(pk__in=gone).unpick()
    Tag.objects.filter(pk__in=[tag.pk for tag in tags]).count_anew()
