"""Reports and the cases they opened, as lists. They are judged on the pages of review, and nowhere at the desk."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from generations.admin import looks
from generations.admin.filters import KEY_DIGITS_MAX
from generations.admin.lists import ById
from generations.admin.records import Long, Trail
from generations.models import ImageReport, Person, ReviewCase, ReviewDecision, Reviewer


class Decisions(Trail):
    model = ReviewDecision
    fields = ("at", "action", "reason", "words", "by", "role")
    ordering = ("pk",)
    verbose_name_plural = "What was decided"


def _within(request: HttpRequest) -> QuerySet[ReviewCase]:
    """Nobody reads about a picture of their own, nor who reported it."""
    person = request.user
    reviewer = Reviewer.of_staff(person) if isinstance(person, Person) else None
    return ReviewCase.objects.within(reviewer) if reviewer else ReviewCase.objects.none()


@admin.register(ReviewCase)
class CaseDesk(Long):
    list_display = ("id", "standing", "level", "reason", "team", "opened_at", "decided_at", "review")
    list_filter = ("state", "level", "reason")
    list_select_related = ("team",)
    date_hierarchy = "opened_at"
    ordering = ("-pk",)
    search_fields = ("id",)
    search_help_text = "The number of a case."
    fields = ("standing", "level", "reason", "words", "team", "opened_at", "decided_at", "purged_at", "review")
    readonly_fields = ("standing", "review")
    inlines = (Decisions,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ReviewCase]:
        return ById.over(_within(request))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[ReviewCase], search_term: str
    ) -> tuple[QuerySet[ReviewCase], bool]:
        word = search_term.strip()
        if not word:
            return queryset, False
        is_number = word.isascii() and word.isdigit() and len(word) <= KEY_DIGITS_MAX
        return (queryset.filter(pk=int(word)) if is_number else queryset.none()), False

    @admin.display(description="State")
    def standing(self, case: ReviewCase) -> SafeString:
        return looks.chip(case.state, case.get_state_display())

    @admin.display(description="Review")
    def review(self, case: ReviewCase) -> SafeString:
        return format_html('<a href="{}">Open in review</a>', reverse("review_case", args=[case.pk]))


@admin.register(ImageReport)
class ReportDesk(Long):
    list_display = ("id", "reason", "told", "at", "answered_at", "review")
    list_filter = ("reason", ("answered_at", admin.EmptyFieldListFilter))
    list_select_related = ("case",)
    date_hierarchy = "at"
    ordering = ("-pk",)
    fields = ("reason", "words", "at", "answered_at", "review")
    readonly_fields = ("review",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ImageReport]:
        return ById.over(ImageReport.objects.filter(case__in=_within(request)))

    @admin.display(description="Words")
    def told(self, report: ImageReport) -> str:
        return " ".join(report.words.split()[:12]) or "–"

    @admin.display(description="Review")
    def review(self, report: ImageReport) -> SafeString:
        return format_html('<a href="{}">Open in review</a>', reverse("review_case", args=[report.case_id]))
