"""The second step and what is set up for it. A code is good once; what is being set up waits in the session, sealed."""

import struct
from typing import Any

from allauth.core import context
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.base.internal.flows import check_rate_limit
from allauth.mfa.totp.internal.auth import generate_totp_secret
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django import forms
from django.core.exceptions import ValidationError

from generations import connections
from generations.models import Person
from generations.services import factors
from generations.vault import Unreadable

WAITING = "new_authenticator"
UNREADABLE = (AttributeError, IndexError, KeyError, TypeError, ValueError, struct.error)
"""What the library and its decoder raise over an answer that no browser gives."""
CODE = {"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True, "spellcheck": "false"}


def spent(user: Person, code: str) -> Any:
    """The row this code belonged to; a wrong one counts against the limit of wrong logins."""
    forgive = check_rate_limit(user)
    try:
        row = factors.spend(user, code)
    except Unreadable:
        raise ValidationError("This code cannot be checked: the studio lost its key. Use a passkey.") from None
    if row is None:
        raise get_adapter().validation_error("incorrect_code")
    row.user = user
    forgive()
    return row


class SecondStep(AuthenticateForm):  # type: ignore[misc]  # the library ships no types
    """After the password, before anything else."""

    code = forms.CharField(label="Code", max_length=20, widget=forms.TextInput(CODE))

    def clean_code(self) -> str:
        self.authenticator = spent(self.user, self.cleaned_data["code"])
        return str(self.cleaned_data["code"])


class CodeAgain(ReauthenticateForm):  # type: ignore[misc]  # the library ships no types
    """Before something that matters, for somebody who is in already."""

    code = forms.CharField(label="Code", max_length=20, widget=forms.TextInput(CODE))

    def clean_code(self) -> str:
        self.authenticator = spent(self.user, self.cleaned_data["code"])
        return str(self.cleaned_data["code"])


class NewAuthenticator(forms.Form):
    """The first code of an app that just read the secret. The secret is new with every fresh page."""

    code = forms.CharField(label="Code from the app", max_length=20, widget=forms.TextInput(CODE))

    def __init__(self, *args: Any, user: Person, **options: Any) -> None:
        super().__init__(*args, **options)
        self.user = user
        self.period = 0
        self.secret = self._waiting() if self.is_bound else self._new()

    def clean_code(self) -> str:
        forgive = check_rate_limit(self.user, error_key="rate_limited")
        code: str = self.cleaned_data["code"]
        period = factors.code_fits(self.secret, code) if self.secret else None
        if period is None:
            raise ValidationError("The app shows another code now, or this is not the right entry. Try the next one.")
        self.period = period
        forgive()
        return code

    def _place(self) -> str:
        return f"person:{self.user.pk}:waiting"

    def _new(self) -> str:
        secret: str = generate_totp_secret()
        context.request.session[WAITING] = connections.vault().seal(secret, binding=self._place())
        return secret

    def _waiting(self) -> str:
        try:
            return connections.vault().open(context.request.session.get(WAITING, ""), binding=self._place())
        except Unreadable:
            return ""


class NewPasskey(AddWebAuthnForm):  # type: ignore[misc]  # the library ships no types
    """A name for it, and what the browser answered. Always one that can sign in by itself."""

    name = forms.CharField(label="Name", max_length=60, required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        del self.fields["passwordless"]

    def clean(self) -> dict[str, Any]:
        try:
            facts: dict[str, Any] = super().clean()
        except UNREADABLE:
            raise get_adapter().validation_error("incorrect_code") from None
        return facts


class _Shown:
    """A passkey's answer; one that nobody can read is a wrong one."""

    def clean_credential(self) -> Any:
        try:
            return super().clean_credential()  # type: ignore[misc]  # the library's form is beside it
        except UNREADABLE:
            raise get_adapter().validation_error("incorrect_code") from None


class PasskeyLogin(_Shown, LoginWebAuthnForm):  # type: ignore[misc]  # the library ships no types
    pass


class PasskeySecondStep(_Shown, AuthenticateWebAuthnForm):  # type: ignore[misc]  # the library ships no types
    pass


class PasskeyAgain(_Shown, ReauthenticateWebAuthnForm):  # type: ignore[misc]  # the library ships no types
    pass
