"""Credits given, asked for, and the answer. Never saves."""

import uuid
from typing import Any

from django import forms

from generations.models.allowance import Period
from generations.services.asking import AMOUNT_MAX

REASON_MAX = 150


def _amount(label: str) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        min_value=1,
        max_value=AMOUNT_MAX,
        widget=forms.NumberInput({"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={
            "required": "Say how many credits.",
            "invalid": "Write a whole number of credits.",
            "min_value": "At least 1 credit.",
            "max_value": f"At most {AMOUNT_MAX:,} credits at a time.",
        },
    )


class Give(forms.Form):
    amount = _amount("Credits")
    reason = forms.CharField(
        label="What for",
        max_length=REASON_MAX,
        error_messages={"required": "Say what for: it stands on both accounts."},
    )
    request_key = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)

    def __init__(self, *args: Any, **options: Any) -> None:
        options["initial"] = {"request_key": uuid.uuid4().hex} | options.get("initial", {})
        super().__init__(*args, **options)

    def clean_request_key(self) -> str:
        """A form sent twice gives once; one without a key is its own."""
        return self.cleaned_data["request_key"] or uuid.uuid4().hex


class Ask(forms.Form):
    amount = _amount("Credits")
    reason = forms.CharField(
        label="What for", max_length=REASON_MAX, error_messages={"required": "Say what for, so that it can be decided."}
    )


class Reply(forms.Form):
    """Approve with an amount, or decline with a word why."""

    amount = _amount("Credits")
    words = forms.CharField(label="A word to go with it", max_length=REASON_MAX, required=False)
    decision = forms.ChoiceField(choices=[("approve", "Approve"), ("decline", "Decline")])

    def clean(self) -> dict[str, Any]:
        """An amount is not needed to decline."""
        facts = super().clean() or {}
        if facts.get("decision") == "decline":
            self.errors.pop("amount", None)
        return facts


class Monthly(forms.Form):
    amount = forms.IntegerField(
        label="Credits a month", min_value=0, max_value=AMOUNT_MAX, help_text="0 for none.", initial=500
    )
    rollover = forms.IntegerField(
        label="May be carried over",
        min_value=0,
        max_value=AMOUNT_MAX,
        initial=0,
        help_text="What is left at the end of a month stays, and the next one fills the account up to both together.",
    )


class BrakeForm(forms.Form):
    amount = forms.IntegerField(label="Stop me at", min_value=0, max_value=AMOUNT_MAX, help_text="0 for no brake.")
    period = forms.ChoiceField(label="Credits", choices=Period.choices, initial=Period.WEEK)
