"""Signing in: an address, a password, and whether this device may remember."""

from typing import Any

from allauth.account.forms import LoginForm, ReauthenticateForm
from django import forms
from django.core.exceptions import ValidationError


class Login(LoginForm):  # type: ignore[misc]  # the library ships no types
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["login"].label = "Email"
        self.fields["login"].widget.attrs["autocomplete"] = "username webauthn"
        self.fields["password"].label = "Password"
        self.fields["password"].help_text = ""  # the page has its own way to a new password
        self.fields["remember"] = forms.BooleanField(label="Stay signed in for 14 days", required=False, initial=True)

    def clean(self) -> Any:
        """Tell somebody who knows the password, and nobody else, that the account was switched off."""
        facts = super().clean()
        if self.user is not None and not self.user.is_active:
            raise ValidationError("This account was switched off. Ask whoever runs this studio to let you in again.")
        return facts


class Again(ReauthenticateForm):  # type: ignore[misc]  # the library ships no types
    """The password once more, before something that matters."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["password"].help_text = ""
        self.fields["password"].widget.attrs["autofocus"] = True
