"""The page behind the one-time set-up link."""

from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from generations.forms.setup import Setup
from generations.queries.reach import losses, unseen_address
from generations.services import setup as setups


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
def setup(request: HttpRequest, token: str) -> HttpResponse:
    """Make the owner and the team. A link that was used, replaced or invented shows nothing."""
    if not setups.is_open(token=token):
        raise Http404
    form = Setup(request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid():
        status = 422 if form.is_bound else 200
        context = {"form": form, "token": token, "losses": losses(), "unseen_address": unseen_address()}
        return render(request, "generations/setup.html", context, status=status)
    facts = form.cleaned_data
    try:
        person = setups.set_up(
            token=token, team=facts["team"], name=facts["name"], email=facts["email"], password=facts["password"]
        )
    except setups.SetupClosed:
        raise Http404 from None
    login(request, person, backend="allauth.account.auth_backends.AuthenticationBackend")
    return redirect("studio")
