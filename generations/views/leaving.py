"""Signing out. The library ends the session; what the browser kept of our pages goes too (S11)."""

from allauth.account import views as account_views
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse


@login_not_required  # also out of a sign-in that stopped at its second step
def logout(request: HttpRequest) -> HttpResponse:
    """Ask first, then sign out; the browser forgets what it stored of this site."""
    response: HttpResponse = account_views.logout(request)
    if request.method == "POST":
        response["Clear-Site-Data"] = '"cache", "storage"'
    return response
