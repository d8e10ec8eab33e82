"""What staff may look at: everything the studio wrote down, nothing that bypasses its services."""

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from generations.models import (
    Attempt,
    Credential,
    CreditAccount,
    CreditEntry,
    Generation,
    GenerationEvent,
    Image,
    Member,
    Person,
    Price,
    Team,
)

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
    list_display = ("email", "name", "is_active", "is_staff", "is_superuser", "joined_at")
    list_filter = ("is_active", "is_staff", "is_superuser")
    search_fields = ("email", "name")
    exclude = ("password",)
    ordering = ("email",)


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


@admin.register(Credential)
class CredentialRecords(ReadOnly):
    list_display = ("provider", "label", "team", "state", "last_four", "paused_until", "paused_because")
    list_filter = ("provider", "state")
    list_select_related = ("team",)
    exclude = ("sealed_key",)
    ordering = ("provider", "position", "pk")


@admin.register(CreditAccount)
class CreditAccountRecords(ReadOnly):
    list_display = ("id", "team", "member", "posted", "held", "seq")
    list_select_related = ("team", "member__person", "member__team")
    search_fields = ("team__name", "member__person__email")
    ordering = ("team", "pk")


@admin.register(CreditEntry)
class CreditEntryRecords(ReadOnly):
    list_display = (
        "account",
        "seq",
        "kind",
        "d_posted",
        "d_held",
        "posted_after",
        "held_after",
        "reason",
        "created_at",
    )
    list_filter = ("kind",)
    list_select_related = ("account",)
    search_fields = ("idempotency_key", "reason", "actor")
    ordering = ("-pk",)


@admin.register(Price)
class PriceRecords(ReadOnly):
    list_display = ("provider", "offer_key", "choice", "credits", "starts_at")
    list_filter = ("provider",)
    ordering = ("provider", "offer_key", "-starts_at")
