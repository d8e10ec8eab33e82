"""Who may not act for a while, the pages that begin it, and the way to end it."""

from typing import Any, cast

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_http_methods

from generations.admin import rights, suspending
from generations.admin.records import ReadOnly
from generations.models import Person, Suspension, Team
from generations.services import reviewing

ASKED = ("GET", "HEAD", "POST")


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

    def get_urls(self) -> list[Any]:
        person, team = self.admin_site.admin_view(self.of_person), self.admin_site.admin_view(self.of_team)
        return [
            path("person/<int:pk>/", person, name="generations_suspension_person"),
            path("team/<int:pk>/", team, name="generations_suspension_team"),
            *super().get_urls(),
        ]

    @method_decorator(require_http_methods(ASKED))
    def of_person(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Asks why and for how long, says what it will touch, and suspends them."""
        self._expect_right(request)
        return suspending.suspend_person(request, get_object_or_404(Person, pk=pk))

    @method_decorator(require_http_methods(ASKED))
    def of_team(self, request: HttpRequest, pk: int) -> HttpResponse:
        self._expect_right(request)
        return suspending.suspend_team(request, get_object_or_404(Team, pk=pk))

    def _expect_right(self, request: HttpRequest) -> None:
        if not self.may(request, rights.SUSPEND):
            raise PermissionDenied

    @admin.action(description="Lift: they may act again", permissions=["lift"])
    def lift(self, request: HttpRequest, rows: QuerySet[Suspension]) -> None:
        standing = list(rows.filter(lifted_at=None))
        for one in standing:
            reviewing.lift(suspension=one, by=cast(Person, request.user))
        self.message_user(request, f"{len(standing)} lifted. They were told.")
