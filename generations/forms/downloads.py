"""How files are called that a person saves, and whether they say how they were made."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from generations.queries import file_names


class Downloads(forms.Form):
    file_pattern = forms.CharField(
        label="File names",
        required=False,
        max_length=file_names.PATTERN_CHARACTERS_MAX,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
    )
    writes_settings = forms.BooleanField(label="Write prompt, model and vendor into pictures I save", required=False)
    writes_credits = forms.BooleanField(label="And what they cost", required=False)

    def clean_file_pattern(self) -> str:
        pattern: Any = self.cleaned_data["file_pattern"]
        try:
            file_names.check(pattern)
        except file_names.UnusablePattern as refusal:
            raise ValidationError(str(refusal)) from None
        return "" if pattern == file_names.USUAL else str(pattern)
