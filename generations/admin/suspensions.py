"""Who may not act for a while, the pages that begin it, and the way to end it."""

from typing import Any, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path
from django.utils.decorators import method_decorator
from django.utils.safestring import SafeString
from django.views.decorators.http import require_http_methods, require_POST

from generations.admin import looks, rights, suspending
from generations.admin.filters import ByHold
from generations.admin.records import ReadOnly
from generations.models import Person, Suspension, Team
from generations.services import reviewing

ASKED = ("GET", "HEAD", "POST")


@admin.register(Suspension)
class SuspensionDesk(ReadOnly):
    list_display = ("__str__", "standing", "reason", "at", "until", "by", "lifted_at", "lifted_by")
    list_filter = (ByHold,)
    list_select_related = ("person", "team", "by", "lifted_by")
    search_fields = ("person__email", "person__name", "team__name", "reason")
    date_hierarchy = "at"
    ordering = ("-pk",)
    actions = ("lift",)
    change_form_template = "admin/suspension_page.html"

    def has_lift_permission(self, request: HttpRequest) -> bool:
        return self.may(request, rights.LIFT)

    def get_urls(self) -> list[Any]:
        person, team = self.admin_site.admin_view(self.of_person), self.admin_site.admin_view(self.of_team)
        lifting = self.admin_site.admin_view(self.lifting)
        return [
            path("<int:pk>/lift/", lifting, name="generations_suspension_lift"),
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
        lifted = sum(self._lift(request, one) for one in rows.filter(lifted_at=None))
        if lifted:
            self.message_user(request, f"{lifted} lifted. They were told.")

    @method_decorator(require_POST)
    def lifting(self, request: HttpRequest, pk: int) -> HttpResponse:
        """In one click, from its own page or from that of whom it is about."""
        if not self.has_lift_permission(request):
            raise PermissionDenied
        one = get_object_or_404(Suspension, pk=pk)
        if one.lifted_at is not None:
            self.message_user(request, "That was lifted before.")
        elif self._lift(request, one):
            self.message_user(request, "Lifted: they may act again, and were told.")
        return redirect("admin:generations_suspension_change", one.pk)

    def _lift(self, request: HttpRequest, one: Suspension) -> bool:
        try:
            reviewing.lift(suspension=one, by=cast(Person, request.user))
        except reviewing.SuspensionRefused as refusal:
            self.message_user(request, f"{one}: {refusal}", messages.ERROR)
            return False
        return True

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **how: Any) -> HttpResponse:
        one = how.get("obj")
        context["may_lift"] = one is not None and one.lifted_at is None and self.has_lift_permission(request)
        answer: HttpResponse = super().render_change_form(request, context, *args, **how)
        return answer

    @admin.display(description="State")
    def standing(self, one: Suspension) -> SafeString:
        if one.lifted_at:
            return looks.chip("kept", "Lifted")
        return looks.chip("hidden", "Holds") if one.holds else looks.chip("kept", "Over")
