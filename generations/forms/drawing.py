"""An order for new pictures, checked against the offer it names. Refuses; never saves."""

import hashlib
import re
import uuid
from datetime import UTC, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from generations import providers
from generations.models import Sales, clock
from generations.providers.base import Offer, Operation
from generations.services.ordering import COUNT_MAX

REQUEST_KEY_MAX = 64
UNREADABLE = "\ufffd"
"""What stands for bytes that are no character; browsers send it for half of one."""


class Prompt(forms.CharField):
    """Words as they were written, with line ends as one character each, so that every count agrees.

    What did not arrive as characters could not be kept as it was typed, so it is refused.
    """

    def to_python(self, value: Any) -> str:
        text = super().to_python(value) or ""
        if UNREADABLE in text:
            words = f"Some of this could not be read: write anew what stands at {UNREADABLE}. Nothing was charged."
            raise ValidationError(words)
        return text.replace("\r\n", "\n").strip()


def request_key(word: str) -> str:
    """The key a page sent, as our column takes it; a new one when it sent none."""
    if len(word) > REQUEST_KEY_MAX or "\0" in word:
        return hashlib.sha256(word.encode()).hexdigest()
    return word or uuid.uuid4().hex


def moment_of(word: str) -> datetime | None:
    """When the page with the price was made, in seconds since 1970; None for anything no page of ours sends."""
    if not re.fullmatch(r"\d{1,10}(\.\d{1,6})?", word, re.ASCII):
        return None
    return min(datetime.fromtimestamp(float(word), UTC), clock.now())


class Moment(forms.CharField):
    """The same as a field."""

    widget = forms.HiddenInput

    def to_python(self, value: Any) -> datetime | None:  # type: ignore[override]  # a moment, read from text
        return moment_of(str(value or ""))


class Drawing(forms.Form):
    prompt = Prompt(
        strip=False, error_messages={"required": "Write what the picture should show. Nothing was charged."}
    )
    shape = forms.CharField(error_messages={"required": "Choose a shape."})
    model = forms.CharField(error_messages={"required": "Choose a model."})
    count = forms.IntegerField(
        min_value=1,
        max_value=COUNT_MAX,
        error_messages={
            "required": "Say how many pictures: 1 to 8.",
            "invalid": "Write a number from 1 to 8.",
            "min_value": "Make at least 1 picture.",
            "max_value": "Make at most 8 pictures at a time.",
        },
    )
    privacy = forms.ChoiceField(choices=[("team", "Team"), ("private", "Only me")], required=False)
    request_key = forms.CharField(required=False)
    priced_at = Moment(required=False)
    # Which warnings were read about this prompt; anything else warns again.
    agreed = forms.CharField(required=False)

    provider: str
    offer: Offer
    sales: Sales

    def clean_request_key(self) -> str:
        """A page sends the key it was rendered with; without one every submit is its own."""
        return request_key(self.cleaned_data["request_key"])

    def clean_privacy(self) -> bool | None:
        """Whether only its maker sees it; None where the page said nothing and the team decides."""
        word = self.cleaned_data["privacy"]
        return word == "private" if word else None

    def clean_model(self) -> str:
        word: str = self.cleaned_data["model"]
        self.provider, _, offer_key = word.partition(":")
        try:
            self.offer = providers.offer(self.provider, offer_key)
        except (providers.UnknownProvider, providers.UnknownOffer):
            raise ValidationError("This model is not set up here. Choose another one.") from None
        if self.offer.operation is not Operation.DRAW:
            raise ValidationError("This model enlarges pictures. Choose one that draws.")
        self.sales = Sales.read()
        if not self.sales.is_on(self.provider, self.offer):
            raise ValidationError(f"{self.offer.label} is switched off here. Choose another one. Nothing was charged.")
        return word

    def clean(self) -> dict[str, Any]:
        facts = super().clean() or {}
        if "model" not in facts:
            return facts
        if "shape" in facts and facts["shape"] not in self.sales.shapes(self.provider, self.offer):
            self.add_error("shape", f"{self.offer.label} does not draw this shape. Choose another one.")
        over = len(facts.get("prompt", "")) - self.offer.prompt_max
        if over > 0:
            most = f"{self.offer.prompt_max:,}"
            plural = "character" if over == 1 else "characters"
            self.add_error("prompt", f"{over:,} {plural} too many. {self.offer.label} reads {most} at most.")
        return facts
