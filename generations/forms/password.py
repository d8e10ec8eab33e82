"""New passwords: chosen by the person, checked against the rules, never cut and never shown."""

from typing import Any

from allauth.account.forms import ResetPasswordKeyForm
from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from generations.models import Person

CHARACTERS_MAX = 128
RULE = "At least 12 characters. A sentence is fine."


def new_password_field(label: str = "New password") -> forms.CharField:
    return forms.CharField(
        label=label,
        strip=False,
        max_length=CHARACTERS_MAX,
        help_text=RULE,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )


class NewPassword(ResetPasswordKeyForm):  # type: ignore[misc]  # the library ships no types
    """By the link of who forgot theirs."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        del self.fields["password2"]
        self.fields["password1"] = new_password_field()

    def clean_password1(self) -> str:
        password: str = self.cleaned_data["password1"]
        validate_password(password, self.user)
        return password


class ChangedPassword(forms.Form):
    """By somebody who knows the old one, which is proof enough of who they are."""

    current = forms.CharField(
        label="Current password",
        strip=False,
        max_length=CHARACTERS_MAX,
        widget=forms.PasswordInput({"autocomplete": "current-password"}),
    )
    password = new_password_field()

    def __init__(self, *args: Any, person: Person, **options: Any) -> None:
        super().__init__(*args, **options)
        self.person = person

    def clean_current(self) -> str:
        current: str = self.cleaned_data["current"]
        if not self.person.check_password(current):
            raise ValidationError("That is not your current password.")
        return current

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        validate_password(password, self.person)
        return password


class Forgotten(forms.Form):
    """Whose password was forgotten. Whether anybody has this address is not looked up here."""

    email = forms.EmailField(label="Email", max_length=254, widget=forms.EmailInput({"autocomplete": "email"}))

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()
