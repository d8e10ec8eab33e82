"""Signing in: an address, a password, and whether this device may remember."""

from typing import Any

from allauth.account.forms import LoginForm
from django import forms


class Login(LoginForm):  # type: ignore[misc]  # the library ships no types
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["login"].label = "Email"
        self.fields["password"].label = "Password"
        self.fields["remember"] = forms.BooleanField(label="Stay signed in for 14 days", required=False, initial=True)
