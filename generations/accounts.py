"""What the account library asks us: nobody registers by themselves, and people are found by their address."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]  # the library ships no types
    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": "This email and password do not belong together. Check both and try again.",
        "too_many_login_attempts": "Too many tries for this address. Wait five minutes and try again.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Accounts are made by an owner, never by a passer-by."""
        return False
