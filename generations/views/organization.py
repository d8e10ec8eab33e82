"""Signing in with the account of one's organization. The browser is sent there by a page, not by a redirect: the
policy of our pages lets a form lead nowhere else."""

from allauth.decorators import rate_limit
from allauth.socialaccount.providers.openid_connect import views as openid
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from requests import RequestException

from generations.services import witnessing

ORGANIZATION = "organization"
ANEW = "&prompt=login&max_age=0"
"""For who is signed in already: they are to show there who they are, not only that they did so some time (S25)."""


@login_not_required
@rate_limit(action="login")  # type: ignore[untyped-decorator]  # the library ships no types
def organization(request: HttpRequest) -> HttpResponse:
    """With a post, on the way there; before, ask."""
    if not settings.OIDC_ON:
        raise Http404
    if request.method != "POST":
        return render(request, "socialaccount/login.html", {"name": settings.OIDC_NAME})
    try:
        away: HttpResponse = openid.login(request, ORGANIZATION)
    except (RequestException, KeyError, ValueError):
        return render(request, "socialaccount/authentication_error.html", {"name": settings.OIDC_NAME}, status=502)
    if "Location" not in away.headers:
        return away
    url = away["Location"] + (ANEW if request.user.is_authenticated else "")
    return render(request, "socialaccount/login_redirect.html", {"url": url, "name": settings.OIDC_NAME})


@login_not_required
def organization_back(request: HttpRequest, provider_id: str = ORGANIZATION) -> HttpResponse:
    """Where they send people back, with their word for who it is."""
    if not settings.OIDC_ON:
        raise Http404
    if request.method not in {"GET", "HEAD"}:
        return redirect("account_login")
    try:
        response: HttpResponse = openid.callback(request, provider_id)
    except (KeyError, ValueError):  # an answer without what the standard demands
        witnessing.was_turned_away(None, because="unreadable")
        messages.error(request, "The answer of your organization could not be read. Sign in another way.")
        return redirect("account_login")
    return response
