"""Credits added by the site's staff: to a team's pool or, through the pool, to one of its members.

A line of the ledger is made here and nowhere else at the desk; the others are looked at.
"""

import uuid
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from generations import ledger
from generations.admin.records import ReadOnly
from generations.models import CreditEntry, Member, Team
from generations.services import funding

AMOUNT_MAX = 1_000_000_000
KEY_MAX = 120
REASON_MAX = 150


class Grant(forms.ModelForm):  # type: ignore[type-arg]  # Django's own class takes no type at run time
    """The key names the grant: sent again it adds nothing, so a page sent twice grants once."""

    team = forms.ModelChoiceField(Team.objects.order_by("name", "pk"), help_text="Whose pool gets them.")
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
class GrantDesk(ReadOnly):
    """Every line of the ledger to look at, and a new grant to make."""

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

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser)

    def get_form(
        self, request: HttpRequest, obj: CreditEntry | None = None, change: bool = False, **options: Any
    ) -> Any:
        return super().get_form(request, obj, change, **options) if obj else Grant

    def get_fields(self, request: HttpRequest, obj: CreditEntry | None = None) -> Any:
        return super().get_fields(request, obj) if obj else ("team", "to", "amount", "reason", "key")

    def changeform_view(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
        """A key that was used for something else grants nothing, and says so."""
        try:
            return super().changeform_view(request, *args, **options)
        except ledger.KeyReused as refusal:
            self.message_user(request, f"{refusal} Nothing was granted.", messages.ERROR)
            return redirect(request.path)

    def save_model(self, request: HttpRequest, obj: CreditEntry, form: Any, change: bool) -> None:
        """Grant, and go on with the line that this wrote, now or the first time."""
        facts = form.cleaned_data
        grant = {key: facts[key] for key in ("amount", "reason", "key")}
        grant["actor"] = f"person:{request.user.pk}"
        if form.member:
            entry = funding.grant_to_member(member=form.member, **grant)
        else:
            entry = funding.grant_to_team(team=facts["team"], **grant)
        obj.__dict__.update(entry.__dict__)
        if entry.is_repeat:
            self.message_user(request, "This key was used before for the same: nothing more was added.", messages.INFO)
