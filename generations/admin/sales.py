"""What is on sale, and what staff must hear of: the switches of the vendors' offers, and the alerts."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import F, QuerySet
from django.db.models.expressions import Combinable
from django.http import HttpRequest

from generations import providers
from generations.admin import rights
from generations.admin.records import Desk, ReadOnly
from generations.models import Alert, OfferSwitch, clock
from generations.providers.base import Offer
from generations.services import credentials


def offers() -> list[tuple[str, str]]:
    """Everything any vendor sells, as a choice."""
    return [
        (f"{vendor.key}:{offer.key}", f"{vendor.label}: {offer.label}")
        for vendor in providers.PROVIDERS.values()
        for offer in vendor.offers
    ]


def shapes() -> list[tuple[str, str]]:
    """Every shape that is off until it is switched on, at whatever offer."""
    found = {shape for vendor in providers.PROVIDERS.values() for offer in vendor.offers for shape in offer.shapes_off}
    return [(shape, shape) for shape in sorted(found)]


class Switch(forms.ModelForm):  # type: ignore[type-arg]  # Django's own class takes no type at run time
    offer = forms.ChoiceField(choices=offers)
    shapes_on = forms.MultipleChoiceField(
        choices=shapes,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        label="Further shapes",
        help_text="Shapes the vendor draws, and that are off until you switch them on here.",
    )

    class Meta:
        model = OfferSwitch
        fields = ("is_on", "shapes_on", "because")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if self.instance.pk:
            field = self.fields["offer"]
            field.disabled, field.initial = True, f"{self.instance.provider}:{self.instance.offer_key}"

    def clean(self) -> dict[str, Any]:
        facts = super().clean() or {}
        if "offer" not in facts:
            return facts
        provider, _, key = facts["offer"].partition(":")
        offer = _offer(provider, key)
        odd = set(facts.get("shapes_on", [])) - set(offer.shapes_off if offer else ())
        if odd:
            self.add_error("shapes_on", f"This offer does not draw {', '.join(sorted(odd))}.")
        known = OfferSwitch.objects.filter(provider=provider, offer_key=key).exclude(pk=self.instance.pk)
        if known.exists():
            raise ValidationError("This offer has a switch already: change that one.")
        self.instance.provider, self.instance.offer_key = provider, key
        return facts


def _offer(provider: str, key: str) -> Offer | None:
    try:
        return providers.offer(provider, key)
    except (providers.UnknownProvider, providers.UnknownOffer):
        return None  # no longer sold


@admin.register(OfferSwitch)
class OfferSwitchDesk(Desk):
    """An offer without a row here is on sale as its vendor's module declares it."""

    form = Switch
    fields = ("offer", "is_on", "shapes_on", "because", "changed_by", "changed_at")
    readonly_fields = ("changed_by", "changed_at")
    list_display = ("provider", "offer_key", "is_on", "shapes_on", "because", "changed_by", "changed_at")
    list_filter = ("is_on", "provider")
    ordering = ("provider", "offer_key")

    def save_model(self, request: HttpRequest, obj: OfferSwitch, form: Any, change: bool) -> None:
        """Write down who it was; an offer that is on sale again is tried again on the keys it was refused on."""
        obj.changed_by, obj.changed_at = f"person:{request.user.pk}", clock.now()
        super().save_model(request, obj, form, change)
        if obj.is_on and "is_on" in form.changed_data:
            credentials.try_again(provider=obj.provider, offer=obj.offer_key)


@admin.register(Alert)
class AlertDesk(ReadOnly):
    """Told once while it lasts; most are over by themselves."""

    list_display = ("kind", "subject", "words", "count", "first_at", "last_at", "resolved_at")
    date_hierarchy = "first_at"
    list_filter = ("kind", ("resolved_at", admin.EmptyFieldListFilter))
    search_fields = ("subject", "words")
    actions = ("resolve",)

    def get_ordering(self, request: HttpRequest) -> list[str | Combinable]:
        return [F("resolved_at").desc(nulls_first=True), F("last_at").desc()]

    def has_resolve_permission(self, request: HttpRequest) -> bool:
        return self.may(request, rights.RESOLVE)

    @admin.action(description="It is over", permissions=["resolve"])
    def resolve(self, request: HttpRequest, rows: QuerySet[Alert]) -> None:
        for row in rows:
            Alert.objects.resolve(row.kind, subject=row.subject)
