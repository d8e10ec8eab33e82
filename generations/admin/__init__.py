"""The desk of the site's staff, in the Django admin."""

from typing import Any

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from generations.admin import (
    audit,
    boards,
    cases,
    closures,
    credentials,
    grants,
    operations,
    people,
    pictures,
    prices,
    prompting,
    proofs,
    sales,
    suspensions,
    words,
    work,
)


def _password_change(request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
    """At the account, where tries are limited, other sessions end and the person is told."""
    return redirect("account_change_password")


_end_session = admin.site.logout


def _logout(request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
    """As at the studio's own way out, the browser forgets what it kept of our pages (S11)."""
    response: HttpResponse = _end_session(request, extra_context)
    response["Clear-Site-Data"] = '"cache", "storage"'
    return response


# Staff sign in by the same door as everyone, with its limits (S18), and change their passwords where everyone does.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
admin.site.password_change = _password_change  # type: ignore[assignment,method-assign]
admin.site.logout = _logout  # type: ignore[assignment,method-assign]
admin.site.site_header = admin.site.site_title = "Imagine Studio"

# What libraries put there goes past our services: rows with secrets of people's sign-ins, groups that grant nothing,
# and the queue's, where a schedule can name any function and a stored job is a pickle (Q7, Q8).
for model in list(admin.site._registry):
    if model._meta.app_label != "generations":
        admin.site.unregister(model)

__all__ = [
    "audit",
    "boards",
    "cases",
    "closures",
    "credentials",
    "grants",
    "operations",
    "people",
    "pictures",
    "prices",
    "prompting",
    "proofs",
    "sales",
    "suspensions",
    "words",
    "work",
]
