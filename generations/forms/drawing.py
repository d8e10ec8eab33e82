"""An order for new pictures, checked against the offer it names. Refuses; never saves."""

import hashlib
import uuid
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from generations import providers
from generations.providers.base import Offer, Operation
from generations.services.ordering import COUNT_MAX

REQUEST_KEY_MAX = 64


class Prompt(forms.CharField):
    """Words as they were written, with line ends as one character each, so that every count agrees."""

    def to_python(self, value: Any) -> str:
        text = super().to_python(value) or ""
        return text.replace("\r\n", "\n").strip()


def request_key(word: str) -> str:
    """The key a page sent, as long as our column; a new one when it sent none."""
    if len(word) > REQUEST_KEY_MAX:
        return hashlib.sha256(word.encode()).hexdigest()
    return word or uuid.uuid4().hex


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
    request_key = forms.CharField(required=False)

    provider: str
    offer: Offer

    def clean_request_key(self) -> str:
        """A page sends the key it was rendered with; without one every submit is its own."""
        return request_key(self.cleaned_data["request_key"])

    def clean_model(self) -> str:
        word: str = self.cleaned_data["model"]
        self.provider, _, offer_key = word.partition(":")
        try:
            self.offer = providers.offer(self.provider, offer_key)
        except (providers.UnknownProvider, providers.UnknownOffer):
            raise ValidationError("This model is not set up here. Choose another one.") from None
        if self.offer.operation is not Operation.DRAW:
            raise ValidationError("This model enlarges pictures. Choose one that draws.")
        return word

    def clean(self) -> dict[str, Any]:
        facts = super().clean() or {}
        if "model" not in facts:
            return facts
        if "shape" in facts and facts["shape"] not in self.offer.shapes:
            self.add_error("shape", f"{self.offer.label} does not draw this shape. Choose another one.")
        over = len(facts.get("prompt", "")) - self.offer.prompt_max
        if over > 0:
            most = f"{self.offer.prompt_max:,}"
            plural = "character" if over == 1 else "characters"
            self.add_error("prompt", f"{over:,} {plural} too many. {self.offer.label} reads {most} at most.")
        return facts
