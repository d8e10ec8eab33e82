"""What the account library asks us: nobody registers by themselves, and people are found by their address."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]  # the library ships no types
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Accounts are made by an owner, never by a passer-by."""
        return False
