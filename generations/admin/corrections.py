"""Corrections and refunds at the desk: a form with a reason, a page that says what it does, and then one line of the
ledger. The form's key makes pressing twice one."""

import uuid
from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from generations import ledger
from generations.models import CreditAccount, CreditEntry, CreditHold, Generation, Person
from generations.services import operating

AMOUNT_MAX = 1_000_000_000
KEY_MAX = 60


class Correction(forms.Form):
    amount = forms.IntegerField(
        min_value=-AMOUNT_MAX,
        max_value=AMOUNT_MAX,
        label="Credits",
        help_text="Below zero takes them away; never more than are free.",
    )
    reason = forms.CharField(max_length=operating.REASON_CHARACTERS_MAX, help_text="People read it in their statement.")
    key = forms.CharField(max_length=KEY_MAX, widget=forms.HiddenInput)


class Refund(Correction):
    amount = forms.IntegerField(min_value=1, max_value=AMOUNT_MAX, label="Credits", help_text="At most what was paid.")


@dataclass(frozen=True, kw_only=True)
class Errand:
    """What is corrected: its words, the way back to it, and what makes the line of the ledger."""

    title: str
    about: str
    foretold: str
    back: Any
    form: type[Correction]
    initial: dict[str, Any]


def adjustment(request: HttpRequest, account: CreditAccount) -> HttpResponse:
    whose = str(account.member) if account.member else f"the pool of {account.team}"
    errand = Errand(
        title="Correct a balance",
        about=f"{account.available:,} credits are free on the account of {whose}, and {account.held:,} are held.",
        foretold=f"{{amount}} credits on the account of {whose}, for good. They read in their statement: “Correction: "
        "{reason}”.",
        back=("admin:generations_creditaccount_change", account.pk),
        form=Correction,
        initial={},
    )

    def write(facts: dict[str, Any]) -> CreditEntry:
        return operating.adjust(account=account, by=cast(Person, request.user), **facts)

    return _run(request, errand, write)


def refund(request: HttpRequest, row: Generation) -> HttpResponse:
    paid = CreditHold.objects.filter(generation=row).values_list("settled", flat=True).first() or 0
    errand = Errand(
        title="Give credits back",
        about=f"{paid:,} credits were paid for it. A picture is refunded once.",
        foretold=f"{{amount}} credits go back to {row.member}, who keeps the picture. They read in their statement: "
        "“Given back for this picture: {reason}”.",
        back=("admin:generations_generation_change", row.pk),
        form=Refund,
        initial={"amount": paid or None},
    )

    def write(facts: dict[str, Any]) -> CreditEntry:
        return operating.refund(generation=row, by=cast(Person, request.user), **facts)

    return _run(request, errand, write)


def _run(request: HttpRequest, errand: Errand, write: Any) -> HttpResponse:
    """The form, or with what it was sent the page that asks, or after that the line of the ledger."""
    initial = {**errand.initial, "key": f"desk:{uuid.uuid4().hex}"}
    form = errand.form(request.POST if request.method == "POST" else None, initial=initial)
    if not form.is_valid():
        return _page(request, errand, form, is_asked=False)
    if not request.POST.get("confirmed"):
        return _page(request, errand, form, is_asked=not request.POST.get("again"))
    try:
        entry = write(form.cleaned_data)
    except (ledger.LedgerRefusal, operating.OperatingRefused) as refusal:
        form.add_error("amount", f"{refusal} Nothing was changed.")
        return _page(request, errand, form, is_asked=False)
    known = "This was done before with the same form: nothing was added." if entry.is_repeat else ""
    messages.success(request, known or "Done. It stands in the ledger and in the audit log.")
    return redirect(errand.back[0], errand.back[1])


def _page(request: HttpRequest, errand: Errand, form: Correction, *, is_asked: bool) -> HttpResponse:
    facts = form.cleaned_data if is_asked else {}
    page = {
        **admin.site.each_context(request),
        "title": errand.title,
        "errand": errand,
        "form": form,
        "is_asked": is_asked,
        "foretold": errand.foretold.replace("{amount}", f"{facts['amount']:+,}").replace("{reason}", facts["reason"])
        if is_asked
        else "",
        "opts": CreditEntry._meta,
    }
    return render(request, "admin/correction.html", page)
