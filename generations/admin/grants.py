"""The ledger at the desk: every line to look at, and credits added to a team's pool or, through it, to a member.

Lines are made here and nowhere else at the desk: grants, corrections of a balance, and refunds of a picture.
"""

import uuid
from typing import Any, cast
from urllib.parse import urlencode

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import ForeignKeyRawIdWidget
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.safestring import SafeString

from generations import ledger
from generations.admin import corrections, looks, rights
from generations.admin.lists import Calendar
from generations.admin.records import Long
from generations.models import CreditAccount, CreditEntry, Generation, Member, Person, Team
from generations.queries.finding import entries_about
from generations.services import operating

AMOUNT_MAX = 1_000_000_000
KEY_MAX = 120
REASON_MAX = operating.REASON_CHARACTERS_MAX


class TeamNumber(ForeignKeyRawIdWidget):
    """A number and a way to look it up, instead of a list of all teams."""

    def __init__(self) -> None:
        super().__init__(CreditAccount._meta.get_field("team").remote_field, admin.site)


class Grant(forms.ModelForm):  # type: ignore[type-arg]  # Django's own class takes no type at run time
    """The key names the grant: sent again it adds nothing, so a page sent twice grants once."""

    team = forms.ModelChoiceField(
        Team.objects.all(), widget=TeamNumber, help_text="Whose pool gets them: the team’s number."
    )
    to = forms.EmailField(
        required=False, label="Member", help_text="The address of who gets them; empty leaves them in the pool."
    )
    amount = forms.IntegerField(min_value=1, max_value=AMOUNT_MAX, label="Credits")
    reason = forms.CharField(max_length=REASON_MAX, help_text="What for. People read it in their statement.")
    key = forms.CharField(max_length=KEY_MAX, help_text="An invoice’s number, say. The same key grants once.")

    member: Member | None = None

    class Meta:
        model = CreditEntry
        fields = ()

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["key"].initial = f"desk:{uuid.uuid4().hex}"

    def clean(self) -> dict[str, Any]:
        facts = super().clean() or {}
        if facts.get("to") and facts.get("team"):
            present = Member.objects.present().filter(team=facts["team"])
            self.member = present.filter(person__email__iexact=facts["to"]).select_related("team", "person").first()
            if self.member is None:
                self.add_error("to", "Nobody in that team has this address.")
        return facts


@admin.register(CreditEntry)
class GrantDesk(Long):
    list_display = ("created_at", "whose", "team", "kind", "posted", "held", "posted_after", "reason", "actor")
    list_display_links = ("created_at",)
    list_filter = ("kind",)
    list_select_related = ("account__team", "account__member__person")
    search_fields = ("idempotency_key",)
    search_help_text = "One whole id of a generation, a member’s address, a team’s name, or the key of a line."
    date_hierarchy = "created_at"
    ordering = ("-created_at", "-pk")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.may(request, rights.ADD)

    # --- The list ---

    def get_queryset(self, request: HttpRequest) -> QuerySet[CreditEntry]:
        return Calendar(CreditEntry)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[CreditEntry], search_term: str
    ) -> tuple[QuerySet[CreditEntry], bool]:
        word = search_term.strip()
        return (entries_about(word, queryset) if word else queryset), False

    @admin.display(description="Whose")
    def whose(self, entry: CreditEntry) -> str:
        return entry.account.member.called if entry.account.member else "Pool"

    @admin.display(description="Team")
    def team(self, entry: CreditEntry) -> str:
        return str(entry.account.team)

    @admin.display(description="Paid or added")
    def posted(self, entry: CreditEntry) -> str:
        return looks.signed(entry.d_posted)

    @admin.display(description="Held")
    def held(self, entry: CreditEntry) -> str:
        return looks.signed(entry.d_held)

    @admin.display(description="Account")
    def account_page(self, entry: CreditEntry) -> SafeString:
        return looks.page_of(entry.account, f"{self.whose(entry)}, {entry.account.team}")

    # --- A grant ---

    def get_form(
        self, request: HttpRequest, obj: CreditEntry | None = None, change: bool = False, **options: Any
    ) -> Any:
        return super().get_form(request, obj, change, **options) if obj else Grant

    def get_fields(self, request: HttpRequest, obj: CreditEntry | None = None) -> Any:
        if obj is None:
            return ("team", "to", "amount", "reason", "key")
        facts = ("seq", "kind", "d_posted", "d_held", "posted_after", "held_after", "hold", "transfer", "floor")
        return ("created_at", "account_page", *facts, "reason", "actor", "idempotency_key")

    def get_readonly_fields(self, request: HttpRequest, obj: CreditEntry | None = None) -> Any:
        return ("account_page",) if obj else ()

    def changeform_view(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
        """Asks before it grants. A key that was used for something else grants nothing, and says so."""
        if question := self._question(request):
            return question
        try:
            return super().changeform_view(request, *args, **options)
        except ledger.KeyReused as refusal:
            self.message_user(request, f"{refusal} Nothing was granted.", messages.ERROR)
            return redirect(request.path)

    def _question(self, request: HttpRequest) -> HttpResponse | None:
        """The page that says what a form would grant; None where there is nothing to ask."""
        is_new = request.method == "POST" and request.path == reverse("admin:generations_creditentry_add")
        if not is_new or request.POST.get("confirmed") or not self.has_add_permission(request):
            return None
        form = Grant(request.POST)
        if not form.is_valid():
            return None
        typed = {name: request.POST.get(name, "") for name in form.fields}
        facts = {"form": form, "to": form.member, "opts": self.opts, "title": "Add credits?"}
        again = f"{request.path}?{urlencode(typed)}"
        return render(request, "admin/grant.html", {**self.admin_site.each_context(request), **facts, "again": again})

    def save_model(self, request: HttpRequest, obj: CreditEntry, form: Any, change: bool) -> None:
        """Grant, and go on with the line that this wrote, now or the first time."""
        facts = {key: form.cleaned_data[key] for key in ("team", "amount", "reason", "key")}
        entry = operating.grant(member=form.member, by=cast(Person, request.user), **facts)
        obj.__dict__.update(entry.__dict__)
        if entry.is_repeat:
            self.message_user(request, "This key was used before for the same: nothing more was added.", messages.INFO)

    # --- Corrections ---

    def get_urls(self) -> list[Any]:
        adjusted, refunded = self.admin_site.admin_view(self.adjustment), self.admin_site.admin_view(self.refund)
        return [
            path("<int:pk>/adjustment/", adjusted, name="generations_creditentry_adjustment"),
            path("<uuid:pk>/refund/", refunded, name="generations_creditentry_refund"),
            *super().get_urls(),
        ]

    def adjustment(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Of the account with this number."""
        self._expect_corrector(request)
        rows = CreditAccount.objects.select_related("team", "member__person", "member__team")
        return corrections.adjustment(request, get_object_or_404(rows, pk=pk))

    def refund(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Of the generation with this id."""
        self._expect_corrector(request)
        rows = Generation.objects.select_related("team", "member__person", "member__team")
        return corrections.refund(request, get_object_or_404(rows, pk=pk))

    def _expect_corrector(self, request: HttpRequest) -> None:
        if not self.may(request, rights.CORRECT):
            raise PermissionDenied
