"""What people write about pictures, as lists: moderators and superusers read it, and delete what must go."""

from collections.abc import Iterable
from typing import Any, cast

from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from generations.admin import looks
from generations.admin.lists import Calendar
from generations.admin.records import Desk, Long
from generations.models import Note, Person, Tag, Tagging
from generations.services import marking

TEXT_SHOWN = 300
PRIVATE = "Under a private picture"


class Words(Long):
    """Rows that are read, or deleted by the service, one at a time."""

    actions = None
    has_delete_permission = Desk.has_delete_permission

    def get_deleted_objects(
        self, objs: Iterable[Any], request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """The row alone: of what goes with it there may be a hundred thousand."""
        return [str(one) for one in objs], {}, set(), []


@admin.register(Note)
class NoteDesk(Words):
    list_display = ("at", "says", "member", "picture", "standing")
    list_select_related = ("member__person", "member__team", "image__generation")
    date_hierarchy = "at"
    ordering = ("-at", "-pk")
    fields = ("at", "edited_at", "says", "member", "picture", "standing")
    readonly_fields = ("says", "picture", "standing")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Note]:
        return Calendar(Note)

    def delete_model(self, request: HttpRequest, obj: Note) -> None:
        marking.unnote_at_desk(by=cast(Person, request.user), note=obj)

    @admin.display(description="Note")
    def says(self, note: Note) -> str:
        """What somebody keeps to themselves is read by nobody here."""
        if note.image.generation.is_private:
            return PRIVATE
        return note.text if len(note.text) <= TEXT_SHOWN else f"{note.text[:TEXT_SHOWN]}…"

    @admin.display(description="Picture")
    def picture(self, note: Note) -> SafeString:
        return looks.page_of(note.image, "Its picture")

    @admin.display(description="Standing")
    def standing(self, note: Note) -> SafeString:
        why = looks.why_not_shown(note.image, is_open=not note.image.generation.is_private)
        return looks.chip(why.lower() or "shown", why or "Shown")


@admin.register(Tag)
class TagDesk(Words):
    list_display = ("id", "name", "team", "uses", "created_at")
    list_select_related = ("team",)
    ordering = ("-pk",)
    fields = ("name", "team", "uses", "created_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Tag]:
        """What is only on pictures somebody keeps to themselves is read by nobody here."""
        worn = Tagging.objects.filter(tag=OuterRef("pk"), image__generation__is_private=False)
        return Tag.objects.filter(Exists(worn))

    def delete_model(self, request: HttpRequest, obj: Tag) -> None:
        marking.remove_tag_at_desk(by=cast(Person, request.user), tag=obj)
