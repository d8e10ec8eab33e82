"""Filters of long lists. None asks the table which values it holds: that would read all of it."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from generations import providers
from generations.models import Image, Member, Suspension, Team, clock
from generations.providers.base import Operation
from generations.queries.vendor_lines import ended_lately

KEY_DIGITS_MAX = 18
Rows = QuerySet[Any]
Choices = list[tuple[str, str]]


class ByVendor(admin.SimpleListFilter):
    title = "vendor"
    parameter_name = "provider__exact"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return [(key, vendor.label) for key, vendor in providers.PROVIDERS.items()]

    def queryset(self, request: HttpRequest, queryset: Rows) -> Rows:
        return queryset.filter(provider=self.value()) if self.value() else queryset


class ByOperation(admin.SimpleListFilter):
    title = "operation"
    parameter_name = "operation__exact"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return [(Operation.DRAW.value, "Draw"), (Operation.UPSCALE.value, "Upscale")]

    def queryset(self, request: HttpRequest, queryset: Rows) -> Rows:
        return queryset.filter(operation=self.value()) if self.value() else queryset


class ByTeam(admin.SimpleListFilter):
    """Chosen by a link from the team's page, or by searching its name: nobody reads a list of ten thousand teams."""

    title = "team"
    parameter_name = "team__exact"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        key = self._key()
        return [] if key is None else [(str(row.pk), str(row)) for row in self._rows().filter(pk=key)]

    def queryset(self, request: HttpRequest, queryset: Rows) -> Rows:
        if self.value() is None:
            return queryset
        key = self._key()
        return queryset.none() if key is None else queryset.filter(**{str(self.title): key})

    def has_output(self) -> bool:
        """Also where it names nobody: then there is nothing to show, and not everything."""
        return self.value() is not None

    def _rows(self) -> Rows:
        return Team.objects.all()

    def _key(self) -> int | None:
        """A number that a key can be; anything else names no row."""
        text = self.value() or ""
        return int(text) if text.isascii() and text.isdigit() and len(text) <= KEY_DIGITS_MAX else None


class ByMember(ByTeam):
    title = "member"
    parameter_name = "member__exact"

    def _rows(self) -> Rows:
        return Member.objects.select_related("person", "team")


class ByStanding(admin.SimpleListFilter):
    """Pictures that are there for their team, and those that are not."""

    title = "standing"
    parameter_name = "standing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return [("hidden", "Hidden by moderators"), ("deleted", "Deleted")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Image]) -> Rows:
        match self.value():
            case "hidden":
                return queryset.filter(hidden_at__isnull=False)
            case "deleted":
                return queryset.filter(deleted_at__isnull=False)
        return queryset


class ByHold(admin.SimpleListFilter):
    """Suspensions that hold now, and those that are over, by their end or because somebody lifted them."""

    title = "state"
    parameter_name = "holds"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return [("yes", "Holds"), ("no", "Over or lifted")]

    def queryset(self, request: HttpRequest, queryset: Rows) -> Rows:
        live = Suspension.objects.live()
        match self.value():
            case "yes":
                return queryset.filter(pk__in=live)
            case "no":
                return queryset.exclude(pk__in=live)
        return queryset


class ByEnd(admin.SimpleListFilter):
    """What ended within a day: the work that the board counts."""

    title = "end"
    parameter_name = "ended"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return [("day", "Within 24 hours")]

    def queryset(self, request: HttpRequest, queryset: Rows) -> Rows:
        return ended_lately(queryset, clock.now()) if self.value() == "day" else queryset
