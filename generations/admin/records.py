"""What every page of the desk has in common: the table of rights, and lists that cost the same at any length."""

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import FieldDoesNotExist, PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from generations.admin import rights
from generations.admin.lists import Uncounted, period_of

if TYPE_CHECKING:
    Stock = admin.ModelAdmin[Any]
    Inline = admin.TabularInline[Any, Any]
else:  # Django's own classes take no type
    Stock, Inline = admin.ModelAdmin, admin.TabularInline


class Desk(Stock):
    """A page of the desk. Rows are narrowed by what is named here only: anything else could be guessed by its letters,
    a column of another table too.
    """

    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50
    looked_up: ClassVar[tuple[str, ...]] = ()
    """Columns that addresses of the desk narrow by, beside its filters and its calendar."""

    def may(self, request: HttpRequest, right: str) -> bool:
        return rights.may(request.user, self.model._meta.model_name or "", right)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.may(request, rights.LOOK)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, rights.LOOK)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.may(request, rights.ADD)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, rights.CHANGE)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, rights.DELETE)

    def history_view(self, request: HttpRequest, *args: Any, **how: Any) -> HttpResponse:
        """Who may not look is refused before a row is looked for."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        answer: HttpResponse = super().history_view(request, *args, **how)
        return answer

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """A day that no calendar has shows all days."""
        asked = f"{self.date_hierarchy}__year" in request.GET
        if self.date_hierarchy and asked and period_of(request.GET, self.date_hierarchy) is None:
            return redirect(request.path)
        answer: HttpResponse = super().changelist_view(request, extra_context)
        return answer

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """What is no column leads to nothing, as everywhere in the admin."""
        name = lookup.partition("__")[0]
        try:
            self.model._meta.get_field(name)
        except FieldDoesNotExist:
            return True
        named = {*self.looked_up, self.date_hierarchy, *(_looked_up_by(one) for one in self.list_filter)}
        is_named = name in {one.partition("__")[0] for one in named if one}
        return is_named and request is not None and bool(super().lookup_allowed(lookup, value, request))


def _looked_up_by(one: Any) -> str:
    """The column of a filter: named, with a filter of its own, or by the parameter of one of ours."""
    if isinstance(one, type):
        return str(getattr(one, "parameter_name", ""))
    return str(one[0] if isinstance(one, tuple) else one)


class ReadOnly(Desk):
    """Rows that services write. They are looked at here, never edited: a state or a balance has its own moves."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class Steady(ChangeList):
    """A list in one order, whatever its address asks for: any other would sort a million rows."""

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any]) -> list[Any]:
        """As its page names it, which ends with the key."""
        return list(self.model_admin.get_ordering(request))

    def get_results(self, request: HttpRequest) -> None:
        """The keys of a page are read first, and what stands beside its rows for those alone: with the joins in the
        same question SQLite begins with the shortest table, a team of a million rows say, and sorts them all.
        """
        super().get_results(request)
        page: Any = self.result_list
        self.result_list = self.queryset.filter(pk__in=list(page.values_list("pk", flat=True)))


class Long(ReadOnly):
    """A list of a million rows: one order, pages that are counted no further than people turn them."""

    paginator = Uncounted
    sortable_by = ()

    def get_changelist(self, request: HttpRequest, **how: Any) -> type[ChangeList]:
        return Steady


class Trail(Inline):
    """Rows that tell what happened to the one above them; who may look at that one may read them."""

    can_delete = False
    extra = 0
    template = "admin/trail.html"

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
