"""An order for a larger copy of a picture. Refuses; never saves."""

from django import forms
from django.core.exceptions import ValidationError

from generations import providers
from generations.forms.drawing import request_key
from generations.providers.base import Offer, Operation


class Upscale(forms.Form):
    choice = forms.CharField(error_messages={"required": "Choose how to enlarge the picture."})
    request_key = forms.CharField(required=False)

    provider: str
    offer: Offer

    def clean_request_key(self) -> str:
        return request_key(self.cleaned_data["request_key"])

    def clean_choice(self) -> str:
        word: str = self.cleaned_data["choice"]
        self.provider, _, offer_key = word.partition(":")
        try:
            self.offer = providers.offer(self.provider, offer_key)
        except (providers.UnknownProvider, providers.UnknownOffer):
            raise ValidationError("This way to enlarge is not set up here. Choose another one.") from None
        if self.offer.operation is not Operation.UPSCALE:
            raise ValidationError("This model draws new pictures. Choose one that enlarges.")
        return word
