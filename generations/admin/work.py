"""Generations at the desk: found among a million, looked at with all that happened to them, and put right.

Nothing is edited here. What an operator does goes through `services.operating`, after a page that says what becomes of
the credits. What somebody keeps to themselves is opened on purpose, which is written down and told to them.
"""

import uuid
from typing import Any, ClassVar, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path
from django.utils.decorators import method_decorator
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from generations.admin import looks, rights, steps
from generations.admin.filters import ByEnd, ByMember, ByOperation, ByTeam, ByVendor
from generations.admin.lists import ById, period_of
from generations.admin.records import Long, Trail
from generations.admin.taking_up import take_up
from generations.models import LIVE, WITH_IMAGES, Attempt, Generation, GenerationEvent, Person, State
from generations.queries.finding import work_about
from generations.services import looking, reviewing

PRIVATE = "Private: only its maker reads it."
NARROWED_MAX = 50_000
"""Where no index serves what the list is narrowed by, so many of the newest are looked through."""
UNSERVED = frozenset({"operation__exact", "reason__exact"})
SERVED = frozenset({"state__exact", "state__in", "provider__exact", "team__exact", "member__exact"})


class Events(Trail):
    model = GenerationEvent
    fields = ("at", "words", "actor", "reason")
    readonly_fields = ("words",)
    ordering = ("seq",)
    verbose_name_plural = "What happened"

    @admin.display(description="Move")
    def words(self, event: GenerationEvent) -> str:
        return (
            f"{_label(event.from_state)} → {_label(event.to_state)}"
            if event.from_state
            else f"Ordered → {_label(event.to_state)}"
        )


class Attempts(Trail):
    model = Attempt
    ordering = ("number",)
    verbose_name_plural = "Tries at the vendor"

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """The vendor's words may quote the prompt; the key it went out on is for who may see keys."""
        detail = ("detail",) if obj is None or is_open_to(request, obj) else ()
        key = ("credential",) if rights.may(request.user, "credential", rights.LOOK) else ()
        return ("number", "started_at", "ended_at", "outcome", *key, *detail, "vendor_cost", "calls")


@admin.register(Generation)
class GenerationDesk(Long):
    list_display = ("picture", "standing", "what", "vendor", "whose", "team", "price", "age")
    list_display_links = ("what",)
    list_filter = ("state", ByEnd, ByVendor, ByOperation, "reason", ByTeam, ByMember)
    list_select_related = ("team", "member__person", "kept_by")
    looked_up = ("state",)
    search_fields = ("id",)
    search_help_text = "One whole id, a vendor’s task, a member’s address or a team’s name."
    date_hierarchy = "created_at"
    ordering = ("-id",)
    inlines: ClassVar = [Events, Attempts]
    actions = ("look_again", "stop", "retry")
    change_list_template = "admin/work_list.html"
    change_form_template = "admin/work_page.html"

    def has_steer_permission(self, request: HttpRequest) -> bool:
        return self.may(request, rights.STEER)

    # --- The list ---

    def get_queryset(self, request: HttpRequest) -> QuerySet[Generation]:
        rows: ById[Generation] = ById(Generation).within(period_of(request.GET, "created_at"))
        rows = rows.newest(NARROWED_MAX) if _is_narrowed(request) else rows
        return rows.prefetch_related("images")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Generation], search_term: str
    ) -> tuple[QuerySet[Generation], bool]:
        word = search_term.strip()
        return (work_about(word, queryset) if word else queryset), False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        within = NARROWED_MAX if _is_narrowed(request) else 0
        return super().changelist_view(request, {**(extra_context or {}), "within": within})

    @admin.display(description="Picture")
    def picture(self, row: Generation) -> SafeString:
        return looks.first_of(row, list(row.images.all()), is_open=not row.is_private)

    @admin.display(description="State")
    def standing(self, row: Generation) -> SafeString:
        return looks.chip(row.state, row.get_state_display())

    @admin.display(description="Prompt")
    def what(self, row: Generation) -> str:
        if row.is_private:
            return "Private prompt"
        return " ".join(row.prompt.split()[:8]) or str(row.pk)

    @admin.display(description="Vendor")
    def vendor(self, row: Generation) -> str:
        return f"{row.provider} · {row.offer_key}"

    @admin.display(description="Member")
    def whose(self, row: Generation) -> str:
        return row.member.person.email if row.member.person else "Former member"

    @admin.display(description="Age")
    def age(self, row: Generation) -> SafeString:
        return looks.age(row.created_at)

    # --- One of them ---

    def get_fieldsets(self, request: HttpRequest, obj: Generation | None = None) -> Any:
        keys = ("credential",) if rights.may(request.user, "credential", rights.LOOK) else ()
        said = ("vendor_text",) if obj is None or is_open_to(request, obj) else ()
        return (
            (None, {"fields": ("standing", "reason", "prompt_words", "pictures", "who", "team", "retry_of")}),
            ("Credits", {"fields": ("price", "money")}),
            ("Order", {"fields": ("operation", "provider", "offer_key", "choices", "shape", "source", *keys)}),
            (
                "Times",
                {"fields": ("created_at", "accepted_at", "next_at", "deadline_at", "watch_until", "finished_at")},
            ),
            ("Vendor", {"fields": ("vendor_task_id", "vendor_code", *said, "vendor_cost", "tries")}),
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Generation | None = None) -> list[str]:
        return [name for _, part in self.get_fieldsets(request, obj) for name in part["fields"]]

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Generation | None:
        """What its page shows of its words depends on who looks."""
        row: Generation | None = super().get_object(request, object_id, from_field)
        if row is not None:
            row.opened = is_open_to(request, row)  # type: ignore[attr-defined]  # for the page alone
        return row

    @admin.display(description="Prompt")
    def prompt_words(self, row: Generation) -> str:
        return row.prompt or "None" if getattr(row, "opened", False) else PRIVATE

    @admin.display(description="Pictures")
    def pictures(self, row: Generation) -> SafeString:
        opened = getattr(row, "opened", False)
        shown = [looks.thumbnail(one, why_not=looks.why_not_shown(one, is_open=opened)) for one in row.images.all()]
        return looks.side_by_side(shown)

    @admin.display(description="Member")
    def who(self, row: Generation) -> SafeString:
        return looks.page_of(row.member)

    @admin.display(description="What became of them")
    def money(self, row: Generation) -> str:
        return steps.money_of(row)

    @admin.display(description="Tries")
    def tries(self, row: Generation) -> str:
        return f"sent {row.submits} times, looked at {row.looks} times, fetched {row.fetches} times"

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **how: Any) -> HttpResponse:
        row = context.get("original")
        if row is not None:
            context["is_closed"] = not is_open_to(request, row)
            context["steps"] = self._steps(request, row)
            context["may_review"] = self.may(request, rights.REVIEW) and row.state in {*LIVE, *WITH_IMAGES}
            may_correct = rights.may(request.user, "creditentry", rights.CORRECT)
            context["may_refund"] = may_correct and steps.is_refundable(row)
        answer: HttpResponse = super().render_change_form(request, context, *args, **how)
        return answer

    def _steps(self, request: HttpRequest, row: Generation) -> list[tuple[str, str]]:
        """What makes sense for it now, and may be done by who looks: the name of an action, and its words."""
        if not self.has_steer_permission(request):
            return []
        found = [("look_again", "Look again")] if row.is_open or row.state == State.LAPSED else []
        found += [("stop", "Stop and release")] if row.is_open else []
        return [*found, ("retry", "Order again")] if row.may_retry else found

    # --- Ways that lead further ---

    def get_urls(self) -> list[Any]:
        opening, review = self.admin_site.admin_view(self.opening), self.admin_site.admin_view(self.review)
        return [
            path("<uuid:pk>/opening/", opening, name="generations_generation_opening"),
            path("<uuid:pk>/review/", review, name="generations_generation_review"),
            *super().get_urls(),
        ]

    @method_decorator(require_POST)
    def opening(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Show who asks what its maker keeps to themselves; it is written down, and the maker is told."""
        if not self.may(request, rights.OPEN):
            raise PermissionDenied
        rows = Generation.objects.select_related("team", "member__person", "kept_by__person")
        looking.note_at_desk(by=cast(Person, request.user), generation=get_object_or_404(rows, pk=pk))
        messages.info(request, "You see it for an hour. This was written down, and its maker was told.")
        return redirect("admin:generations_generation_change", pk)

    @method_decorator(require_POST)
    def review(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Take up all it brings, also what is still on its way."""
        if not self.may(request, rights.REVIEW):
            raise PermissionDenied
        row = get_object_or_404(Generation.objects.select_related("team"), pk=pk)
        return take_up(request, row, lambda reviewer: reviewing.open_on(generation=row, reviewer=reviewer))

    @admin.action(description="Look again now", permissions=["steer"])
    def look_again(self, request: HttpRequest, rows: QuerySet[Generation]) -> HttpResponse | None:
        return steps.take(self, request, rows, steps.LOOK_AGAIN)

    @admin.action(description="Stop and give the credits back", permissions=["steer"])
    def stop(self, request: HttpRequest, rows: QuerySet[Generation]) -> HttpResponse | None:
        return steps.take(self, request, rows, steps.STOP)

    @admin.action(description="Order again for its member", permissions=["steer"])
    def retry(self, request: HttpRequest, rows: QuerySet[Generation]) -> HttpResponse | None:
        return steps.take(self, request, rows, steps.RETRY)


def is_open_to(request: HttpRequest, row: Generation) -> bool:
    """Whether nobody keeps it from who looks, or they opened it on purpose."""
    if not row.is_private:
        return True
    person = request.user
    return isinstance(person, Person) and (looking.is_theirs(person, row) or looking.has_opened(person, row))


def _is_narrowed(request: HttpRequest) -> bool:
    asked = request.GET.keys()
    return bool(UNSERVED & asked) or len(SERVED & asked) > 1


def _label(state: str) -> str:
    return State(state).label if state in State.values else state
