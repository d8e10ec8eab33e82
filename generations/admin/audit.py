"""The audit log at the desk: read and searched by superusers and operators, taken as a file by superusers alone."""

from typing import Any, cast

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse

from generations.admin import rights
from generations.admin.lists import Calendar
from generations.admin.records import Long
from generations.models import AuditEntry, Person
from generations.queries.audit import file_of, known_actions, lines_about
from generations.queries.sheets import csv_of
from generations.services import witnessing


class ByAction(admin.SimpleListFilter):
    title = "action"
    parameter_name = "action"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(action, action.replace("_", " ").capitalize()) for action in known_actions()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(action=self.value()) if self.value() else queryset


@admin.register(AuditEntry)
class AuditDesk(Long):
    list_display = ("at", "action", "target", "who", "team", "address", "request_id")
    list_filter = (ByAction,)
    list_select_related = ("person", "team")
    fields = ("at", "action", "target", "actor", "person", "team", "before", "after", "address", "request_id")
    date_hierarchy = "at"
    ordering = ("-at", "-pk")
    search_fields = ("target",)
    search_help_text = "One whole target, actor, e-mail of a person, name of a team, request or address."
    actions = ("export",)

    def has_export_permission(self, request: HttpRequest) -> bool:
        return self.may(request, rights.EXPORT)

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuditEntry]:
        return Calendar(AuditEntry)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[AuditEntry], search_term: str
    ) -> tuple[QuerySet[AuditEntry], bool]:
        word = search_term.strip()
        return (lines_about(word, queryset) if word else queryset), False

    @admin.display(description="Who")
    def who(self, line: AuditEntry) -> str:
        return line.person.email if line.person else line.actor

    @admin.action(description="Export as a file", permissions=["export"])
    def export(self, request: HttpRequest, rows: QuerySet[AuditEntry]) -> HttpResponseBase:
        """The chosen lines, or all that the filters leave; that it was done becomes a line itself."""
        witnessing.took_the_log(cast(Person, request.user), asked_for=request.GET.urlencode())
        answer = StreamingHttpResponse(csv_of(file_of(rows)), content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = 'attachment; filename="audit-log.csv"'
        return answer
