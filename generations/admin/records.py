"""What staff may look at: everything the studio wrote down, nothing that bypasses its services."""

from typing import TYPE_CHECKING, Any, ClassVar, cast

from django.contrib import admin, messages
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest

from generations.models import (
    Attempt,
    CreditAccount,
    Generation,
    GenerationEvent,
    Image,
    Member,
    Person,
    Team,
)
from generations.models.person import DeskRole
from generations.services import appointing

if TYPE_CHECKING:
    Desk = admin.ModelAdmin[Any]
    Inline = admin.TabularInline[Any, Any]
else:  # Django's own classes take no type
    Desk, Inline = admin.ModelAdmin, admin.TabularInline


class ReadOnly(Desk):
    """Rows that services write. They are looked at here, never edited: a state or a balance has its own moves."""

    show_full_result_count = False
    list_per_page = 50

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


class Trail(Inline):
    can_delete = False
    extra = 0

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


class Events(Trail):
    model = GenerationEvent
    exclude = ("team",)
    ordering = ("seq",)


class Attempts(Trail):
    model = Attempt
    exclude = ("token_hash",)
    ordering = ("number",)


@admin.register(Generation)
class GenerationRecords(ReadOnly):
    list_display = ("id", "state", "operation", "provider", "offer_key", "team", "member", "price", "created_at")
    list_filter = ("state", "operation", "provider", "reason")
    list_select_related = ("team", "member__person", "member__team")
    search_fields = ("id", "prompt", "vendor_task_id")
    inlines: ClassVar = [Events, Attempts]
    ordering = ("-id",)


@admin.register(Image)
class ImageRecords(ReadOnly):
    list_display = ("id", "team", "width", "height", "format", "size_bytes", "created_at")
    list_filter = ("format",)
    list_select_related = ("team",)
    search_fields = ("id", "generation__prompt")
    ordering = ("-id",)


@admin.register(Person)
class PersonRecords(ReadOnly):
    list_display = ("email", "name", "is_active", "is_staff", "desk_role", "is_superuser", "joined_at")
    list_filter = ("is_active", "is_staff", "desk_role", "is_superuser")
    search_fields = ("email", "name")
    exclude = ("password",)
    ordering = ("email",)
    actions = ("make_moderators", "take_the_role")

    def has_appoint_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser)

    @admin.action(description="Make them moderators", permissions=["appoint"])
    def make_moderators(self, request: HttpRequest, people: QuerySet[Person]) -> None:
        self._appoint(request, people, DeskRole.MODERATOR)

    @admin.action(description="Take the moderator’s role away", permissions=["appoint"])
    def take_the_role(self, request: HttpRequest, people: QuerySet[Person]) -> None:
        self._appoint(request, people, DeskRole.NONE)

    def _appoint(self, request: HttpRequest, people: QuerySet[Person], role: DeskRole) -> None:
        try:
            number = appointing.appoint(people=list(people), role=role, by=cast(Person, request.user))
        except appointing.Unfit as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return
        self.message_user(request, f"{number} changed. It is in the audit log.")


@admin.register(Team)
class TeamRecords(ReadOnly):
    list_display = ("name", "starting_credits", "created_at")
    search_fields = ("name",)
    ordering = ("name",)


@admin.register(Member)
class MemberRecords(ReadOnly):
    list_display = ("person", "team", "role", "joined_at", "left_at")
    list_filter = ("role",)
    list_select_related = ("person", "team")
    search_fields = ("person__email", "person__name", "team__name")
    ordering = ("team", "pk")


@admin.register(CreditAccount)
class CreditAccountRecords(ReadOnly):
    list_display = ("id", "team", "member", "posted", "held", "seq")
    list_select_related = ("team", "member__person", "member__team")
    search_fields = ("team__name", "member__person__email")
    ordering = ("team", "pk")
