"""Who may not act for a while, and the way to end it."""

from typing import cast

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from generations.admin import rights
from generations.admin.records import ReadOnly
from generations.models import Person, Suspension
from generations.services import reviewing


@admin.register(Suspension)
class SuspensionDesk(ReadOnly):
    list_display = ("__str__", "reason", "at", "until", "by", "lifted_at", "lifted_by")
    list_filter = (("lifted_at", admin.EmptyFieldListFilter),)
    list_select_related = ("person", "team", "by", "lifted_by")
    search_fields = ("person__email", "person__name", "team__name", "reason")
    date_hierarchy = "at"
    ordering = ("-pk",)
    actions = ("lift",)

    def has_lift_permission(self, request: HttpRequest) -> bool:
        return self.may(request, rights.LIFT)

    @admin.action(description="Lift: they may act again", permissions=["lift"])
    def lift(self, request: HttpRequest, rows: QuerySet[Suspension]) -> None:
        standing = list(rows.filter(lifted_at=None))
        for one in standing:
            reviewing.lift(suspension=one, by=cast(Person, request.user))
        self.message_user(request, f"{len(standing)} lifted. They were told.")
