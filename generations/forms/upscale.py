"""An order for a larger copy of a picture, checked against the offer it names. Refuses; never saves."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from generations import providers
from generations.forms.drawing import Moment, request_key
from generations.models import Sales
from generations.providers.base import Offer, Operation
from generations.providers.catalogue import COPY, COPY_JPEG
from generations.queries import choices as words


class Upscale(forms.Form):
    """`choice` names the offer. What may be chosen beside it has fields of its own, named after it and the choice:
    "apixo:image-upscaler:resolution". The plain name of a choice will do as well.
    """

    choice = forms.CharField(error_messages={"required": "Choose how to enlarge the picture."})
    request_key = forms.CharField(required=False)
    priced_at = Moment(required=False)

    provider: str
    offer: Offer

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.picked: dict[str, str] = {}

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
        if not Sales.read().is_on(self.provider, self.offer):
            raise ValidationError(f"{self.offer.label} is switched off here. Choose another one. Nothing was charged.")
        return word

    def clean(self) -> dict[str, Any]:
        """Read what was chosen beside the offer: the usual value where nothing was, a refusal where it is not sold."""
        facts = super().clean() or {}
        if "choice" not in facts:
            return facts
        for name, values in self.offer.choices.items():
            value = self._typed(name) or words.usual_of(self.offer, name)
            if value in values:
                self.picked[name] = value
            else:
                sold = ", ".join(words.value_of(one) for one in values)
                self.add_error("choice", f"{words.label_of(name)}: choose one of {sold}. Nothing was charged.")
        if self._typed(COPY) == COPY_JPEG:
            self.picked[COPY] = COPY_JPEG
        return facts

    def _typed(self, name: str) -> str:
        return str(self.data.get(f"{self.provider}:{self.offer.key}:{name}") or self.data.get(name) or "")
