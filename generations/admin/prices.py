"""The price book: superusers write what an offer costs from a moment on. What has begun is only looked at."""

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.decorators import method_decorator
from django.utils.html import format_html, format_html_join
from django.views.decorators.http import require_GET

from generations import providers
from generations.admin import rights
from generations.admin.records import Desk
from generations.admin.sales import offers
from generations.models import AuditEntry, Person, Price, clock
from generations.models.price import CREDITS_MAX
from generations.queries.reports import PERIODS
from generations.queries.sheets import csv_of
from generations.queries.vendor_costs import vendor_cost_rows, vendor_costs
from generations.services import pricing

NAMES = {pricing.SET: "set", pricing.CHANGED: "changed", pricing.WITHDRAWN: "withdrawn"}
MOMENT = "%d %b %Y %H:%M UTC"


def choices() -> list[tuple[str, str]]:
    """Every choice of any offer, besides the price for all of them."""
    found = {
        f"{name}={value}"
        for vendor in providers.PROVIDERS.values()
        for offer in vendor.offers
        for name, values in offer.choices.items()
        for value in values
    }
    return [("", "Any, unless it has a price of its own"), *((one, one) for one in sorted(found))]


class PriceLine(forms.ModelForm):  # type: ignore[type-arg]  # Django's own class takes no type at run time
    offer = forms.ChoiceField(choices=offers)
    choice = forms.ChoiceField(choices=choices, required=False)
    credits = forms.IntegerField(
        min_value=0, max_value=CREDITS_MAX, help_text="What one order costs people. Work under way keeps its price."
    )
    vendor_cost = forms.DecimalField(
        required=False,
        min_value=0,
        max_digits=12,
        decimal_places=4,
        label="Cost at the vendor",
        help_text="What the vendor is believed to take for it, in its own unit. You are told when it says another "
        "number. Without one, what the studio knows of this vendor.",
    )

    class Meta:
        model = Price
        fields = ("credits", "vendor_cost", "starts_at")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if "starts_at" not in self.fields:
            return  # a price that is only looked at
        moment = self.fields["starts_at"]
        moment.help_text = "In UTC. Left empty, a new price holds at once: in 10 seconds."
        moment.required = False
        if isinstance(moment.widget, forms.MultiWidget):  # the desk's: two fields, and one label for neither
            for widget, part in zip(moment.widget.widgets, ("date", "time"), strict=True):
                widget.attrs["aria-label"] = f"Starts at, {part}"
        if self.instance.pk is None:
            self.initial["starts_at"] = None
            return
        for name, value in (("offer", f"{self.instance.provider}:{self.instance.offer_key}"), ("choice", None)):
            self.fields[name].disabled = True
            self.fields[name].initial = self.instance.choice if value is None else value

    def clean(self) -> dict[str, Any]:
        facts: dict[str, Any] = super().clean() or {}
        if not self.errors:
            try:
                pricing.check(self.line(), price=self.instance if self.instance.pk else None)
            except pricing.PriceRefused as refusal:
                raise ValidationError(str(refusal)) from refusal
        return facts

    def line(self) -> pricing.Line:
        """What was asked for."""
        facts = self.cleaned_data
        provider, _, key = facts["offer"].partition(":")
        return pricing.Line(
            provider=provider,
            offer=key,
            choice=facts.get("choice") or "",
            credits=facts["credits"],
            vendor_cost=facts.get("vendor_cost"),
            starts_at=facts.get("starts_at"),
        )


@admin.register(Price)
class PriceDesk(Desk):
    """A line that has begun stays for good, because pictures were sold at it: add a later one."""

    form = PriceLine
    fields = ("offer", "choice", "credits", "vendor_cost", "starts_at", "history")
    readonly_fields = ("history",)
    list_display = ("provider", "offer_key", "choice", "credits", "vendor_cost", "starts_at", "holds")
    list_filter = ("provider",)
    search_fields = ("offer_key", "choice")
    date_hierarchy = "starts_at"
    ordering = ("provider", "offer_key", "choice", "-starts_at")
    actions = None
    change_list_template = "admin/price_list.html"

    def has_change_permission(self, request: HttpRequest, obj: Price | None = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or obj.is_loose)

    def has_delete_permission(self, request: HttpRequest, obj: Price | None = None) -> bool:
        return super().has_delete_permission(request, obj) and obj is not None and obj.is_loose

    def get_fields(self, request: HttpRequest, obj: Price | None = None) -> tuple[str, ...]:
        if obj is None:
            return ("offer", "choice", "credits", "vendor_cost", "starts_at")
        if self.has_change_permission(request, obj):
            return ("offer", "choice", "credits", "vendor_cost", "starts_at", "history")
        return ("provider", "offer_key", "choice", "credits", "vendor_cost", "starts_at", "history")

    @admin.display(description="Stands")
    def holds(self, price: Price) -> str:
        return "begins later" if price.starts_at > clock.now() else "has begun"

    @admin.display(description="Who changed this offer’s prices")
    def history(self, price: Price) -> str:
        """Everything ever done to the prices of the same offer."""
        lines = [
            (f"{line.at:{MOMENT}}", _who(line), NAMES[line.action], _words(line)) for line in pricing.history_of(price)
        ]
        if not lines:
            return "Nobody: it is the price the studio began with."
        return format_html("<ul>{}</ul>", format_html_join("", "<li>{}: {} has {} {}</li>", lines))

    def get_urls(self) -> list[Any]:
        """And what vendors took on the installation's keys, which only operators and superusers may know."""
        seen, sheet = self.admin_site.admin_view(self.vendors), self.admin_site.admin_view(self.vendors_file)
        return [
            path("vendors/", seen, name="generations_price_vendors"),
            path("vendors.csv", sheet, name="generations_price_vendors_file"),
            *super().get_urls(),
        ]

    @method_decorator(require_GET)
    def vendors(self, request: HttpRequest) -> HttpResponse:
        self._expect_a_reporter(request)
        page = {
            **self.admin_site.each_context(request),
            "title": "Cost at vendors, on the installation’s keys",
            "costs": vendor_costs(None, period=_period(request)),
            "periods": PERIODS,
            "opts": self.model._meta,
        }
        return render(request, "admin/vendor_report.html", page)

    @method_decorator(require_GET)
    def vendors_file(self, request: HttpRequest) -> HttpResponse:
        self._expect_a_reporter(request)
        rows = vendor_cost_rows(None, period=_period(request))
        answer = StreamingHttpResponse(csv_of(rows), content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = 'attachment; filename="costs-at-vendors.csv"'
        return answer  # type: ignore[return-value]  # streamed, and an answer all the same

    def _expect_a_reporter(self, request: HttpRequest) -> None:
        if not self.may(request, rights.REPORT):
            raise PermissionDenied

    def changeform_view(self, request: HttpRequest, *args: Any, **more: Any) -> HttpResponse:
        return self._told(request, super().changeform_view, *args, **more)

    def delete_view(self, request: HttpRequest, *args: Any, **more: Any) -> HttpResponse:
        return self._told(request, super().delete_view, *args, **more)

    def _told(self, request: HttpRequest, view: Any, *args: Any, **more: Any) -> HttpResponse:
        """A price that began while somebody edited it stays, and they read why."""
        try:
            answer: HttpResponse = view(request, *args, **more)
        except pricing.PriceRefused as refusal:
            messages.error(request, str(refusal))
            return redirect("admin:generations_price_changelist")
        return answer

    def save_model(self, request: HttpRequest, obj: Price, form: Any, change: bool) -> None:
        """By the service, which notes who it was."""
        if change:
            pricing.change(Price.objects.get(pk=obj.pk), form.line(), by=cast(Person, request.user))
        else:
            obj.pk = pricing.add(form.line(), by=cast(Person, request.user)).pk

    def delete_model(self, request: HttpRequest, obj: Price) -> None:
        pricing.withdraw(obj, by=cast(Person, request.user))


def _period(request: HttpRequest) -> int:
    return next((one for one in PERIODS if str(one) == request.GET.get("days", "")), PERIODS[1])


def _who(line: AuditEntry) -> str:
    return line.person.email if line.person else line.actor


def _words(line: AuditEntry) -> str:
    """What it said before and after, as far as there is both."""
    said = [_said(facts) for facts in (line.before, line.after) if facts]
    return " to ".join(said)


def _said(facts: dict[str, Any]) -> str:
    cost = "" if facts.get("vendor_cost") is None else f", at a cost of {facts['vendor_cost']}"
    return f"{facts['credits']} credits for {facts.get('choice') or 'any choice'}{cost} from {facts['starts_at'][:16]}"
