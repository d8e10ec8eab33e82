"""Keys at the desk: superusers look after those of the whole installation, and alone may send any key elsewhere.
Operators test them and switch them off and on.

The secrets are not among the fields: a key typed here goes through the same service as a team's, and none is shown.
"""

from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.utils.safestring import SafeString
from django.views.decorators.debug import sensitive_post_parameters

from generations import connections, providers
from generations.admin import asking, looks, rights
from generations.admin.records import Desk
from generations.forms.credential import BaseUrl, Key, Limit
from generations.models import Credential
from generations.services import credentials

ADDED = ("provider", "label", "key", "webhook_key", "base_url", "running_max", "hourly_max")
CHANGED = ("label", "key", "webhook_key", "base_url", "running_max", "hourly_max", "position")
SHOWN = (
    "team", "provider", "last_four", "key_host", "state", "paused_until", "paused_because", "troubles", "last_error",
    "last_error_at", "offers_off", "proved", "proved_words", "proved_at", "answered_ms", "balance", "balance_at",
    "created_at",
)  # fmt: skip


SWITCH_OFF = asking.Question(
    name="switch_off",
    title="Switch off?",
    lede="Nothing more is sent with it until somebody switches it on. What runs on it is finished.",
    button="Switch off",
    foretell=lambda row: _whose(row),
)
REMOVE = asking.Question(
    name="remove",
    title="Remove for good?",
    lede="Nothing more is sent with it. It is erased when nothing runs on it any more, and cannot be brought back.",
    button="Remove",
    foretell=lambda row: _whose(row),
    is_final=True,
)


def _whose(row: Credential) -> str:
    whose = f"Of the team {row.team}" if row.team else "Everybody’s"
    return f"{whose}; {row.get_state_display().lower()}."


class InstallationKey(forms.ModelForm):  # type: ignore[type-arg]  # Django's own class takes no type at run time
    """A key everybody's work may use."""

    key = Key(label="Key", help_text="Never shown again. Empty: the one stored now stays.")
    webhook_key = Key(label="Webhook key", help_text="Empty: the one stored now, if any, stays.")
    base_url = BaseUrl()
    running_max = Limit(label="At most running at once")
    hourly_max = Limit(label="At most started in an hour")

    class Meta:
        model = Credential
        fields = ("provider", "label", "position")

    def clean(self) -> dict[str, Any]:
        facts = super().clean() or {}
        vendor = providers.PROVIDERS.get(facts.get("provider") or self.instance.provider)
        if self.instance.pk is None and vendor and vendor.needs_key and facts.get("key") == "":
            self.add_error("key", f"Enter the key you got from {vendor.label}.")
        if facts.get("key") or facts.get("webhook_key"):
            try:
                connections.vault()
            except ValueError:
                raise ValidationError("There is no usable sealing key. Set FIELD_KEYS.") from None
        self._expect_free_label(facts)
        return facts

    def _expect_free_label(self, facts: dict[str, Any]) -> None:
        provider = facts.get("provider") or self.instance.provider
        same = Credential.objects.filter(team=self.instance.team, provider=provider, label=facts.get("label"))
        if same.exclude(pk=self.instance.pk).exists():
            self.add_error("label", "Another key of this vendor has this name.")


class TeamKey(forms.ModelForm):  # type: ignore[type-arg]  # likewise
    """Of a team's key only the address may be changed here; everything else is the team's."""

    base_url = BaseUrl()

    class Meta:
        model = Credential
        fields = ()


@admin.register(Credential)
class CredentialDesk(Desk):
    list_display = ("provider", "label", "team", "standing", "last_four", "paused_until", "paused_because", "key_host")
    list_filter = ("provider", "state", ("team", admin.EmptyFieldListFilter))
    list_select_related = ("team",)
    search_fields = ("label", "team__name")
    search_help_text = "A part of the name, or of the team’s. Keys themselves are kept sealed."
    date_hierarchy = "created_at"
    ordering = ("provider", "position", "pk")
    actions = ("test", "switch_off", "switch_on", "remove")

    def has_change_permission(self, request: HttpRequest, obj: Credential | None = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or obj.takes_work)

    def has_steer_permission(self, request: HttpRequest) -> bool:
        return self.may(request, rights.STEER)

    def has_remove_permission(self, request: HttpRequest) -> bool:
        return self.may(request, rights.REMOVE)

    def get_fields(self, request: HttpRequest, obj: Credential | None = None) -> tuple[str, ...]:
        if obj is None:
            return ADDED
        if not self.has_change_permission(request, obj):
            return (*SHOWN, "label", "base_url", "running_max", "hourly_max", "position")
        return (*(CHANGED if obj.team_id is None else ("base_url",)), *SHOWN)

    def get_readonly_fields(self, request: HttpRequest, obj: Credential | None = None) -> tuple[str, ...]:
        return () if obj is None else SHOWN

    def get_form(self, request: HttpRequest, obj: Credential | None = None, change: bool = False, **more: Any) -> Any:
        form = InstallationKey if obj is None or obj.team_id is None else TeamKey
        return super().get_form(request, obj, change=change, **{**more, "form": form})

    @method_decorator(sensitive_post_parameters("key", "webhook_key"))
    def changeform_view(self, request: HttpRequest, *args: Any, **more: Any) -> HttpResponse:
        answer: HttpResponse = super().changeform_view(request, *args, **more)
        return answer

    def save_model(self, request: HttpRequest, obj: Credential, form: Any, change: bool) -> None:
        """By the services, each part that was changed."""
        actor, facts = f"person:{request.user.pk}", dict(form.cleaned_data)
        if not change:
            facts.pop("position", None)
            obj.pk = credentials.add(team=None, actor=actor, **facts).pk
            return
        if "base_url" in form.changed_data:
            credentials.readdress(credential=obj, base_url=facts["base_url"], actor=actor)
        if obj.team_id is None:
            self._change(request, obj, facts, actor)

    def _change(self, request: HttpRequest, obj: Credential, facts: dict[str, Any], actor: str) -> None:
        key, webhook_key = facts["key"], facts["webhook_key"]
        Credential.objects.filter(pk=obj.pk).update(position=facts["position"])
        words = {"label": facts["label"], "running_max": facts["running_max"], "hourly_max": facts["hourly_max"]}
        try:
            credentials.change(credential=obj, webhook_key="" if key else webhook_key, actor=actor, **words)
            if key:
                credentials.replace(credential=obj, key=key, webhook_key=webhook_key, actor=actor)
        except credentials.CredentialRefused as refusal:
            messages.warning(request, str(refusal))

    @admin.display(description="State", ordering="state")
    def standing(self, row: Credential) -> SafeString:
        return looks.chip(row.state, row.get_state_display())

    @admin.action(description="Test", permissions=["steer"])
    def test(self, request: HttpRequest, rows: QuerySet[Credential]) -> None:
        asked = sum(credentials.ask_for_proof(row) for row in rows)
        messages.info(request, f"{asked} being tested. Reload in a few seconds.")

    @admin.action(description="Switch off", permissions=["steer"])
    def switch_off(self, request: HttpRequest, rows: QuerySet[Credential]) -> HttpResponse | None:
        return self._ask(request, rows, SWITCH_OFF, credentials.pause)

    @admin.action(description="Switch on", permissions=["steer"])
    def switch_on(self, request: HttpRequest, rows: QuerySet[Credential]) -> None:
        self._act(request, rows, credentials.resume)

    @admin.action(description="Remove: erased when nothing runs on it", permissions=["remove"])
    def remove(self, request: HttpRequest, rows: QuerySet[Credential]) -> HttpResponse | None:
        return self._ask(request, rows, REMOVE, credentials.remove)

    def _ask(
        self,
        request: HttpRequest,
        rows: QuerySet[Credential],
        question: asking.Question,
        act: Callable[..., object],
    ) -> HttpResponse | None:
        answer = asking.ask(self, request, rows.select_related("team"), question)
        if answer.rows is not None:
            self._act(request, answer.rows, act)
        return answer.page

    def _act(self, request: HttpRequest, rows: Iterable[Credential], act: Callable[..., object]) -> None:
        for row in rows:
            try:
                act(credential=row, actor=f"person:{request.user.pk}")
                self.log_change(request, row, act.__name__)
            except credentials.CredentialRefused as refusal:
                messages.warning(request, f"{row}: {refusal}")
        messages.info(request, "Done.")
