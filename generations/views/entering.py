"""The login page: what there is beside a password, besides what the library knows."""

from typing import Any

from allauth.account.views import LoginView
from django.conf import settings
from django.contrib.auth.decorators import login_not_required


class Login(LoginView):  # type: ignore[misc]  # the library ships no types
    def get_context_data(self, **facts: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**facts)
        return context | {"organization": settings.OIDC_NAME if settings.OIDC_ON else ""}


login = login_not_required(Login.as_view())
