"""The first owner and their studio. Refuses weak passwords; never saves."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from generations.forms.names import NameField
from generations.models import Person


class Setup(forms.Form):
    team = NameField(label="Studio name", max_length=80)
    name = NameField(label="Your name", max_length=120, widget=forms.TextInput({"autocomplete": "name"}))
    email = forms.EmailField(label="Email", max_length=254, widget=forms.EmailInput({"autocomplete": "email"}))
    password = forms.CharField(
        label="Password",
        strip=False,
        max_length=128,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )
    vendor = forms.ChoiceField(label="Vendor", choices=[("demo", "Demo")], initial="demo")

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"].lower()
        if Person.objects.filter(email=email).exists():
            raise ValidationError("Somebody uses this address already.")
        return email

    def clean(self) -> dict[str, Any]:
        facts = super().clean() or {}
        if "password" in facts:
            person = Person(email=facts.get("email", ""), name=facts.get("name", ""))
            try:
                validate_password(facts["password"], person)
            except ValidationError as error:
                self.add_error("password", error)
        return facts
