"""A new address to sign in with. Whether somebody has it already is not said here."""

from django import forms
from django.core.exceptions import ValidationError

from generations.models import Person


class NewAddress(forms.Form):
    email = forms.EmailField(label="New email", max_length=254, widget=forms.EmailInput({"autocomplete": "email"}))

    def __init__(self, *args: object, person: Person, **options: object) -> None:
        super().__init__(*args, **options)  # type: ignore[arg-type]  # handed on as they came
        self.person = person

    def clean_email(self) -> str:
        email = str(self.cleaned_data["email"]).lower()
        if email == self.person.email:
            raise ValidationError("This is your address already.")
        return email
