"""Which pictures go into an archive: those that are named, or those of one order."""

from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from generations.forms.drawing import request_key
from generations.models import Image, Member


class Ids(forms.Field):
    """One field for each picture, all of one name; each counts once, in the order they come."""

    widget = forms.MultipleHiddenInput

    def to_python(self, value: Any) -> list[UUID]:
        try:
            return list(dict.fromkeys(UUID(word) for word in value or []))
        except ValueError:
            raise ValidationError("One of these is no picture. Choose again.") from None


class Packing(forms.Form):
    image = Ids(required=False)
    batch = forms.UUIDField(required=False)
    request_key = forms.CharField(required=False, strip=False)

    def clean_request_key(self) -> str:
        """Empty where the page sent none: then the same pictures are the same order."""
        word: str = self.cleaned_data["request_key"]
        return request_key(word) if word else ""

    def chosen(self, member: Member) -> QuerySet[Image]:
        """Those of them the member sees."""
        visible: QuerySet[Image] = Image.objects.visible_to(member)
        if batch := self.cleaned_data["batch"]:
            return visible.filter(generation__batch=batch).order_by("generation__position", "index")
        return visible.filter(pk__in=self.cleaned_data["image"]).order_by("pk")
